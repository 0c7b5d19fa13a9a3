package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;

class RtfTextTest {

    private static final String TEXT = "Grüße {an} \\alle\\ 😀\r\n\tund\r\nmehr";
    private static final Pattern DATA = Pattern.compile("AirSyncBase:Data = ([A-Za-z0-9+/=]+)");

    private static String read(String data) {
        return Rtf.unpacked(Base64.getDecoder().decode(data)).orElseThrow().text();
    }

    private static String dump(BodyPreference... preferences) {
        var mail = FakeMail.with(GoldenMailsTest.bytes("""
                From: a@example.org
                To: b@example.org
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8

                Words for an old phone.
                """));
        var options = new BodyOptions(List.of(preferences), Optional.empty(), 0, Optional.empty());
        return ItemDump.of(mail, options, ProtocolVersion.V12_1);
    }

    private static BodyPreference rich(Optional<Long> truncation, boolean allOrNone) {
        return new BodyPreference(BodyType.RTF, truncation, allOrNone, 0);
    }

    @Test
    void whatGoesInComesOutOfTheContainer() {
        assertThat(read(RtfText.of(TEXT)).strip()).isEqualTo(TEXT.strip());
        assertThat(read(RtfText.of("")).strip()).isEmpty();
    }

    @Test
    void aCutFitsAndIsWholeRichText() {
        for (long most = 0; most < 500; most++) {
            int end = RtfText.end(TEXT, most);
            if (end > 0) {
                var data = RtfText.of(TEXT.substring(0, end));
                assertThat(data.length()).isLessThanOrEqualTo((int) most);
                assertThat(TEXT).startsWith(read(data).strip());
            }
        }
        assertThat(RtfText.end(TEXT, 500)).isEqualTo(TEXT.length());
    }

    @Test
    void whoAsksForRichTextAloneGetsIt() {
        var dump = dump(rich(Optional.empty(), false));
        assertThat(dump).contains("Type = 3", "Truncated = 0");
        var data = DATA.matcher(dump);
        assertThat(data.find()).isTrue();
        assertThat(read(data.group(1)).strip()).isEqualTo("Words for an old phone.");
        assertThat(dump).contains("EstimatedDataSize = " + data.group(1).length());
    }

    @Test
    void whoTakesTextTooGetsText() {
        assertThat(dump(
                        rich(Optional.empty(), false),
                        new BodyPreference(BodyType.PLAIN_TEXT, Optional.empty(), false, 0)))
                .contains("Type = 1")
                .contains("Words for an old phone.");
    }

    @Test
    void allOrNoneIsNoneOfWhatDoesNotFit() {
        assertThat(dump(rich(Optional.of(150L), false))).contains("Truncated = 1", ":Data = ");
        assertThat(dump(rich(Optional.of(150L), true)))
                .contains("Type = 3", "Truncated = 1")
                .doesNotContain(":Data = ");
    }
}
