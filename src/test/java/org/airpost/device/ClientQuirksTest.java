package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.airpost.device.ClientQuirks.Quirk;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientQuirksTest {

    @TempDir
    Path directory;

    private Path file(String... rows) throws IOException {
        return Files.writeString(directory.resolve("quirks.tsv"), String.join("\n", rows));
    }

    @ParameterizedTest
    @CsvSource({
        "iPhone, Apple-iPhone14C2/2205.254, ios",
        "iPad, '', ios",
        "Outlook, Outlook-iOS-Android/1.0, outlook-mobile",
        "WindowsOutlook15, Microsoft.Outlook.15, outlook-desktop",
        "Android, Android-Mail/2024.1, gmail",
        "SAMSUNGSMG991B, SAMSUNG-SM-G991B/101.1, samsung",
        "Android, Android/11-EAS-2.0, android",
        "WindowsMail, MSFT-WIN-4/10.0, windows-mail",
        "Thunderbird, Thunderbird ActiveSync, thunderbird",
        "Toaster, Toast/1, other"
    })
    void aClientIsOfOneFamily(String deviceType, String userAgent, String family) {
        assertThat(ClientQuirks.builtIn().family(deviceType, userAgent)).isEqualTo(family);
        assertThat(ClientQuirks.builtIn().families()).contains(family);
    }

    @Test
    void rowsOfTheAdministratorComeFirst() throws IOException {
        var quirks = ClientQuirks.with(Optional.of(file(
                "# ours",
                "DeviceType\tWindowsOutlook\tNEVER_PROVISIONS=no\tthe new build does\tticket 17",
                "UserAgent\tCarKit/3\tOFFER_UP_TO=14.1\tloses drafts at 16\tticket 18",
                "UserAgent\tCarKit\tNO_GZIP\tshows rubbish\tticket 19",
                "UserAgent\tCarKit\tFAMILY=car\tcompany cars\tticket 19")));
        assertThat(quirks.has(Quirk.NEVER_PROVISIONS, "WindowsOutlook15", "")).isFalse();
        assertThat(quirks.offered("", "CarKit/3.1"))
                .containsExactly(ProtocolVersion.V12_1, ProtocolVersion.V14_0, ProtocolVersion.V14_1);
        assertThat(quirks.offered("", "CarKit/4")).containsExactly(ProtocolVersion.values());
        assertThat(quirks.has(Quirk.NO_GZIP, "", "CarKit/4")).isTrue();
        assertThat(quirks.family("iPhone", "CarKit/4")).isEqualTo("car");
        assertThat(quirks.family("iPhone", "")).isEqualTo("ios");
    }

    @Test
    void aWrongLineIsNamedAndTheOldTableStays() throws IOException {
        var quirks = ClientQuirks.with(Optional.of(file("UserAgent\tx\tFAMILY=car\twhy\twho")));
        for (var wrong : new String[] {
            "UserAgent\tx\tFAMILY=Two Words\twhy\twho",
            "UserAgent\tx\tOFFER_UP_TO=2.5\twhy\twho",
            "UserAgent\tx\tNO_GZIP=perhaps\twhy\twho",
            "Name\tx\tNO_GZIP\twhy\twho",
            "UserAgent\tx\tNO_GZIP\twhy"
        }) {
            var path = file("# ours", wrong);
            assertThatThrownBy(() -> quirks.reload(Optional.of(path)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(path + ", line 2");
        }
        assertThatThrownBy(() -> quirks.reload(Optional.of(directory.resolve("none"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
        assertThat(quirks.family("", "xy")).isEqualTo("car");
        quirks.reload(Optional.empty());
        assertThat(quirks.family("", "xy")).isEqualTo(ClientQuirks.OTHER);
    }

    @Test
    void familiesAreFew() throws IOException {
        var rows = new String[50];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = "UserAgent\tx" + i + "\tFAMILY=f" + i + "\twhy\twho";
        }
        var path = file(rows);
        assertThatThrownBy(() -> ClientQuirks.with(Optional.of(path))).hasMessageContaining("families");
    }
}
