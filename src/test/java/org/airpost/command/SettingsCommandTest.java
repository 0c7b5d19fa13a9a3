package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.airpost.backend.Absences;
import org.airpost.backend.memory.MemoryDirectory;
import org.airpost.device.Devices;
import org.airpost.device.FakeStore;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceInformation.Field;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Settings;
import org.junit.jupiter.api.Test;

class SettingsCommandTest {

    private static final String HEAD = "<Settings><Status>1</Status>";

    private final Devices devices = new Devices(new FakeStore(), () -> Instant.EPOCH);
    private final MemoryDirectory directory = new MemoryDirectory();
    private final SettingsCommand command =
            new SettingsCommand(devices, directory, Absences.none(), _ -> List.of("friend@elsewhere.org"));

    @Test
    void allThatADeviceSaysAboutItselfIsStored() {
        assertThat(run(
                        ProtocolVersion.V14_1,
                        out -> out.start(Settings.DEVICE_INFORMATION)
                                .start(Settings.SET)
                                .text(Settings.MODEL, "Pixel")
                                .text(Settings.IMEI, "35")
                                .text(Settings.FRIENDLY_NAME, "Ann's")
                                .text(Settings.OS, "Android 17")
                                .text(Settings.OS_LANGUAGE, "de")
                                .text(Settings.PHONE_NUMBER, "+49")
                                .text(Settings.USER_AGENT, "Android-Mail/1")
                                .text(Settings.ENABLE_OUTBOUND_SMS, 1)
                                .text(Settings.MOBILE_OPERATOR, "x".repeat(5000))
                                .end()
                                .end()))
                .isEqualTo(HEAD + "<DeviceInformation><Status>1</Status></DeviceInformation></Settings>");
        assertThat(devices.find(new DeviceKey("ann@example.org", "ab12")))
                .get()
                .extracting(device -> device.information())
                .isEqualTo(new DeviceInformation(Map.of(
                        Field.MODEL, "Pixel",
                        Field.IMEI, "35",
                        Field.FRIENDLY_NAME, "Ann's",
                        Field.OS, "Android 17",
                        Field.OS_LANGUAGE, "de",
                        Field.PHONE_NUMBER, "+49",
                        Field.USER_AGENT, "Android-Mail/1",
                        Field.ENABLE_OUTBOUND_SMS, "1",
                        Field.MOBILE_OPERATOR, "x".repeat(1024))));
    }

    @Test
    void until14Dot0TheUserHasAddresses() {
        assertThat(run(ProtocolVersion.V14_0, SettingsCommandTest::getUser))
                .isEqualTo(HEAD + "<UserInformation><Status>1</Status><Get><EmailAddresses>"
                        + "<SMTPAddress>ann@example.org</SMTPAddress><SMTPAddress>a.nn@example.org</SMTPAddress>"
                        + "</EmailAddresses></Get></UserInformation></Settings>");
    }

    @Test
    void from14Dot1OnTheUserHasAnAccount() {
        assertThat(run(ProtocolVersion.V14_1, SettingsCommandTest::getUser))
                .isEqualTo(HEAD + "<UserInformation><Status>1</Status><Get><Accounts><Account>"
                        + "<UserDisplayName>Ann Example</UserDisplayName><SendDisabled>0</SendDisabled>"
                        + "<EmailAddresses><SMTPAddress>ann@example.org</SMTPAddress>"
                        + "<SMTPAddress>a.nn@example.org</SMTPAddress>"
                        + "<PrimarySmtpAddress>ann@example.org</PrimarySmtpAddress></EmailAddresses>"
                        + "</Account></Accounts></Get></UserInformation></Settings>");
    }

    @Test
    void whatIsNotOfferedSaysSoInTheOrderAsked() {
        assertThat(run(ProtocolVersion.V16_1, out -> {
                    out.start(Settings.RIGHTS_MANAGEMENT_INFORMATION)
                            .empty(Settings.GET)
                            .end();
                    out.start(Settings.DEVICE_PASSWORD)
                            .start(Settings.SET)
                            .text(Settings.PASSWORD, "p")
                            .end()
                            .end();
                    out.start(Settings.OOF)
                            .start(Settings.SET)
                            .text(Settings.OOF_STATE, 1)
                            .end()
                            .end();
                }))
                .isEqualTo(HEAD + "<RightsManagementInformation><Status>168</Status></RightsManagementInformation>"
                        + "<DevicePassword><Status>7</Status></DevicePassword>"
                        + "<Oof><Status>3</Status></Oof></Settings>");
    }

    @Test
    void rightsManagementIsUnknownBefore14Dot1() {
        assertThat(run(
                        ProtocolVersion.V12_1,
                        out -> out.start(Settings.RIGHTS_MANAGEMENT_INFORMATION)
                                .empty(Settings.GET)
                                .end()))
                .isEqualTo(HEAD + "</Settings>");
    }

    @Test
    void deviceInformationWithoutSetFailsAlone() {
        assertThat(run(ProtocolVersion.V14_0, out -> out.empty(Settings.DEVICE_INFORMATION)))
                .isEqualTo(HEAD + "<DeviceInformation><Status>2</Status></DeviceInformation></Settings>");
    }

    private static void getUser(WbxmlWriter out) {
        out.start(Settings.USER_INFORMATION).empty(Settings.GET).end();
    }

    private String run(ProtocolVersion version, Consumer<WbxmlWriter> children) {
        return Documents.text(
                command.run(Requests.of(CommandName.SETTINGS, version).body(out -> {
                    out.start(Settings.SETTINGS);
                    children.accept(out);
                    out.end();
                })));
    }
}
