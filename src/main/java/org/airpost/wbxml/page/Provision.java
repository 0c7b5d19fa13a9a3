package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 14, Provision. Source: MS-ASWBXML "Code Page 14: Provision". */
public enum Provision implements Tag {
    PROVISION(0x05, "Provision"),
    POLICIES(0x06, "Policies"),
    POLICY(0x07, "Policy"),
    POLICY_TYPE(0x08, "PolicyType"),
    POLICY_KEY(0x09, "PolicyKey"),
    DATA(0x0A, "Data"),
    STATUS(0x0B, "Status"),
    REMOTE_WIPE(0x0C, "RemoteWipe"),
    EAS_PROVISION_DOC(0x0D, "EASProvisionDoc"),
    DEVICE_PASSWORD_ENABLED(0x0E, "DevicePasswordEnabled"),
    ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED(0x0F, "AlphanumericDevicePasswordRequired"),
    REQUIRE_STORAGE_CARD_ENCRYPTION(0x10, "RequireStorageCardEncryption"),
    PASSWORD_RECOVERY_ENABLED(0x11, "PasswordRecoveryEnabled"),
    DOCUMENT_BROWSE_ENABLED(0x12, "DocumentBrowseEnabled"), // of old versions: read, never written
    ATTACHMENTS_ENABLED(0x13, "AttachmentsEnabled"),
    MIN_DEVICE_PASSWORD_LENGTH(0x14, "MinDevicePasswordLength"),
    MAX_INACTIVITY_TIME_DEVICE_LOCK(0x15, "MaxInactivityTimeDeviceLock"),
    MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS(0x16, "MaxDevicePasswordFailedAttempts"),
    MAX_ATTACHMENT_SIZE(0x17, "MaxAttachmentSize"),
    ALLOW_SIMPLE_DEVICE_PASSWORD(0x18, "AllowSimpleDevicePassword"),
    DEVICE_PASSWORD_EXPIRATION(0x19, "DevicePasswordExpiration"),
    DEVICE_PASSWORD_HISTORY(0x1A, "DevicePasswordHistory"),
    ALLOW_STORAGE_CARD(0x1B, "AllowStorageCard"),
    ALLOW_CAMERA(0x1C, "AllowCamera"),
    REQUIRE_DEVICE_ENCRYPTION(0x1D, "RequireDeviceEncryption"),
    ALLOW_UNSIGNED_APPLICATIONS(0x1E, "AllowUnsignedApplications"),
    ALLOW_UNSIGNED_INSTALLATION_PACKAGES(0x1F, "AllowUnsignedInstallationPackages"),
    MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS(0x20, "MinDevicePasswordComplexCharacters"),
    ALLOW_WI_FI(0x21, "AllowWiFi"),
    ALLOW_TEXT_MESSAGING(0x22, "AllowTextMessaging"),
    ALLOW_POPIMAP_EMAIL(0x23, "AllowPOPIMAPEmail"),
    ALLOW_BLUETOOTH(0x24, "AllowBluetooth"),
    ALLOW_IR_DA(0x25, "AllowIrDA"),
    REQUIRE_MANUAL_SYNC_WHEN_ROAMING(0x26, "RequireManualSyncWhenRoaming"),
    ALLOW_DESKTOP_SYNC(0x27, "AllowDesktopSync"),
    MAX_CALENDAR_AGE_FILTER(0x28, "MaxCalendarAgeFilter"),
    ALLOW_HTML_EMAIL(0x29, "AllowHTMLEmail"),
    MAX_EMAIL_AGE_FILTER(0x2A, "MaxEmailAgeFilter"),
    MAX_EMAIL_BODY_TRUNCATION_SIZE(0x2B, "MaxEmailBodyTruncationSize"),
    MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE(0x2C, "MaxEmailHTMLBodyTruncationSize"),
    REQUIRE_SIGNED_S_MIME_MESSAGES(0x2D, "RequireSignedSMIMEMessages"),
    REQUIRE_ENCRYPTED_S_MIME_MESSAGES(0x2E, "RequireEncryptedSMIMEMessages"),
    REQUIRE_SIGNED_S_MIME_ALGORITHM(0x2F, "RequireSignedSMIMEAlgorithm"),
    REQUIRE_ENCRYPTION_S_MIME_ALGORITHM(0x30, "RequireEncryptionSMIMEAlgorithm"),
    ALLOW_S_MIME_ENCRYPTION_ALGORITHM_NEGOTIATION(0x31, "AllowSMIMEEncryptionAlgorithmNegotiation"),
    ALLOW_S_MIME_SOFT_CERTS(0x32, "AllowSMIMESoftCerts"),
    ALLOW_BROWSER(0x33, "AllowBrowser"),
    ALLOW_CONSUMER_EMAIL(0x34, "AllowConsumerEmail"),
    ALLOW_REMOTE_DESKTOP(0x35, "AllowRemoteDesktop"),
    ALLOW_INTERNET_SHARING(0x36, "AllowInternetSharing"),
    UNAPPROVED_IN_ROM_APPLICATION_LIST(0x37, "UnapprovedInROMApplicationList"),
    APPLICATION_NAME(0x38, "ApplicationName"),
    APPROVED_APPLICATION_LIST(0x39, "ApprovedApplicationList"),
    HASH(0x3A, "Hash"),
    ACCOUNT_ONLY_REMOTE_WIPE(0x3B, "AccountOnlyRemoteWipe");

    private final int token;
    private final String tagName;

    Provision(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 14;
    }

    @Override
    public int token() {
        return token;
    }

    @Override
    public String tagName() {
        return tagName;
    }

    @Override
    public String namespace() {
        return "Provision";
    }
}
