package org.airpost.eas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.command.Documents;
import org.junit.jupiter.api.Test;

class PolicyDocumentTest {

    private static final Path SCHEMA = Path.of("/work/shared/eas/schemas/Provision.xsd");
    private static final Path POLICIES = Path.of("/work/shared/eas/policies.tsv");

    @Test
    void thePolicyThatAsksForNothingSaysSoAndLeavesPasswordsOut() {
        assertThat(text(PolicyDocument.PERMISSIVE)).isEqualTo("""
                <EASProvisionDoc>
                <DevicePasswordEnabled>0</DevicePasswordEnabled>
                <RequireStorageCardEncryption>0</RequireStorageCardEncryption>
                <AttachmentsEnabled>1</AttachmentsEnabled>
                <MaxInactivityTimeDeviceLock/>
                <MaxAttachmentSize/>
                <AllowStorageCard>1</AllowStorageCard>
                <AllowCamera>1</AllowCamera>
                <RequireDeviceEncryption>0</RequireDeviceEncryption>
                <AllowUnsignedApplications>1</AllowUnsignedApplications>
                <AllowUnsignedInstallationPackages>1</AllowUnsignedInstallationPackages>
                <AllowWiFi>1</AllowWiFi>
                <AllowTextMessaging>1</AllowTextMessaging>
                <AllowPOPIMAPEmail>1</AllowPOPIMAPEmail>
                <AllowBluetooth>2</AllowBluetooth>
                <AllowIrDA>1</AllowIrDA>
                <RequireManualSyncWhenRoaming>0</RequireManualSyncWhenRoaming>
                <AllowDesktopSync>1</AllowDesktopSync>
                <MaxCalendarAgeFilter>0</MaxCalendarAgeFilter>
                <AllowHTMLEmail>1</AllowHTMLEmail>
                <MaxEmailAgeFilter>0</MaxEmailAgeFilter>
                <MaxEmailBodyTruncationSize>-1</MaxEmailBodyTruncationSize>
                <MaxEmailHTMLBodyTruncationSize>-1</MaxEmailHTMLBodyTruncationSize>
                <RequireSignedSMIMEMessages>0</RequireSignedSMIMEMessages>
                <RequireEncryptedSMIMEMessages>0</RequireEncryptedSMIMEMessages>
                <RequireSignedSMIMEAlgorithm>0</RequireSignedSMIMEAlgorithm>
                <RequireEncryptionSMIMEAlgorithm>0</RequireEncryptionSMIMEAlgorithm>
                <AllowSMIMEEncryptionAlgorithmNegotiation>2</AllowSMIMEEncryptionAlgorithmNegotiation>
                <AllowSMIMESoftCerts>1</AllowSMIMESoftCerts>
                <AllowBrowser>1</AllowBrowser>
                <AllowConsumerEmail>1</AllowConsumerEmail>
                <AllowRemoteDesktop>1</AllowRemoteDesktop>
                <AllowInternetSharing>1</AllowInternetSharing>
                </EASProvisionDoc>""");
    }

    @Test
    void aPolicyThatAsksForAPasswordSaysAllAboutPasswords() {
        var policy = PolicyDocument.of(true, Optional.of(6), Optional.of(Duration.ofMinutes(5)));

        assertThat(text(policy))
                .startsWith("""
                        <EASProvisionDoc>
                        <DevicePasswordEnabled>1</DevicePasswordEnabled>
                        <AlphanumericDevicePasswordRequired>0</AlphanumericDevicePasswordRequired>
                        <PasswordRecoveryEnabled>0</PasswordRecoveryEnabled>
                        <RequireStorageCardEncryption>0</RequireStorageCardEncryption>
                        <AttachmentsEnabled>1</AttachmentsEnabled>
                        <MinDevicePasswordLength>6</MinDevicePasswordLength>
                        <MaxInactivityTimeDeviceLock>300</MaxInactivityTimeDeviceLock>
                        <MaxDevicePasswordFailedAttempts/>
                        <MaxAttachmentSize/>
                        <AllowSimpleDevicePassword>1</AllowSimpleDevicePassword>
                        <DevicePasswordExpiration/>
                        <DevicePasswordHistory>0</DevicePasswordHistory>
                        <AllowStorageCard>1</AllowStorageCard>
                        """)
                .contains("<MinDevicePasswordComplexCharacters>1</MinDevicePasswordComplexCharacters>");
    }

    @Test
    void anEmptyListOfApprovedApplicationsWouldForbidAllOfThemSoItIsNotWritten() {
        assertThat(text(PolicyDocument.PERMISSIVE)).doesNotContain("ApplicationList");
        assertThat(text(new PolicyDocument(Map.of(), List.of("game.exe"), List.of("AbC="))))
                .contains("<UnapprovedInROMApplicationList>\n<ApplicationName>game.exe</ApplicationName>")
                .contains("<ApprovedApplicationList>\n<Hash>AbC=</Hash>");
    }

    @Test
    void theHashChangesExactlyWithWhatIsSent() {
        var plain = PolicyDocument.PERMISSIVE;
        var length = plain.with(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, "8");
        var camera = plain.with(PolicyElement.ALLOW_CAMERA, "0");

        assertThat(plain.with(PolicyElement.ALLOW_CAMERA, "1")).isEqualTo(plain);
        assertThat(length.hash()).as("not sent without a password").isEqualTo(plain.hash());
        assertThat(camera.hash()).isNotEqualTo(plain.hash());
        assertThat(camera.asksNothing()).isFalse();
        assertThat(PolicyDocument.of(false, Optional.empty(), Optional.empty()).asksNothing())
                .isTrue();
    }

    @Test
    void aValueOutOfBoundsIsRefusedByName() {
        assertThatThrownBy(() -> PolicyDocument.PERMISSIVE.with(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, "17"))
                .hasMessageContaining("MinDevicePasswordLength")
                .hasMessageContaining("17");
        assertThatThrownBy(() -> PolicyDocument.PERMISSIVE.with(PolicyElement.ALLOW_CAMERA, ""))
                .hasMessageContaining("AllowCamera");
    }

    @Test
    void theElementsStandInTheOrderOfTheSchema() throws IOException {
        assumeThat(SCHEMA).exists();
        var names = Pattern.compile("element name=\"(\\w+)\"")
                .matcher(Files.readString(SCHEMA))
                .results()
                .map(match -> match.group(1))
                .toList();
        var ours = Arrays.stream(PolicyElement.values())
                .map(element -> element.tag().tagName())
                .toList();

        assertThat(names.stream().filter(ours::contains).toList()).isEqualTo(ours);
    }

    @Test
    void theTableHasEveryElementThatTheSpecificationHas() throws IOException {
        assumeThat(POLICIES).exists();
        var theirs = Files.readAllLines(POLICIES).stream()
                .skip(1)
                .map(line -> line.split("\t"))
                .filter(row -> Arrays.asList(row[3].split(" ")).contains("12.1"))
                .map(row -> row[1])
                .filter(name -> !List.of(
                                "UnapprovedInROMApplicationList", "ApplicationName", "ApprovedApplicationList", "Hash")
                        .contains(name));

        assertThat(Arrays.stream(PolicyElement.values())
                        .map(element -> element.tag().tagName()))
                .containsExactlyInAnyOrderElementsOf(theirs.toList());
    }

    private static String text(PolicyDocument policy) {
        return Documents.text(Documents.bytes(policy::write)).replace("><", ">\n<");
    }
}
