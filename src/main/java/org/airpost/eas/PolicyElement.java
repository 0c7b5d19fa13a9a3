package org.airpost.eas;

import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.Provision;

/**
 * The settings of a policy, in the order of the schema: tag, type, bounds, and the value that asks for nothing. Each of
 * them is part of every version that Airpost offers, so a policy reads the same at 12.1 and at 16.1. Lists of applications
 * are not here, see {@link PolicyDocument}. Source: MS-ASPROV "EASProvisionDoc", "Protocol version 12.1 supports this".
 */
public enum PolicyElement {
    DEVICE_PASSWORD_ENABLED(Provision.DEVICE_PASSWORD_ENABLED, Type.NUMBER, 0, 1, "0"),
    ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED(
            Provision.ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED, Type.PASSWORD_NUMBER, 0, 1, "0"),
    PASSWORD_RECOVERY_ENABLED(Provision.PASSWORD_RECOVERY_ENABLED, Type.PASSWORD_NUMBER, 0, 1, "0"),
    REQUIRE_STORAGE_CARD_ENCRYPTION(Provision.REQUIRE_STORAGE_CARD_ENCRYPTION, Type.NUMBER, 0, 1, "0"),
    ATTACHMENTS_ENABLED(Provision.ATTACHMENTS_ENABLED, Type.NUMBER, 0, 1, "1"),
    MIN_DEVICE_PASSWORD_LENGTH(Provision.MIN_DEVICE_PASSWORD_LENGTH, Type.PASSWORD_NUMBER_OR_EMPTY, 1, 16, ""),
    /** Seconds; 9,999 and more mean never. */
    MAX_INACTIVITY_TIME_DEVICE_LOCK(
            Provision.MAX_INACTIVITY_TIME_DEVICE_LOCK, Type.NUMBER_OR_EMPTY, 0, Bounds.UNSIGNED_INT, ""),
    MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS(
            Provision.MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS, Type.PASSWORD_NUMBER_OR_EMPTY, 4, 16, ""),
    /** Bytes. */
    MAX_ATTACHMENT_SIZE(Provision.MAX_ATTACHMENT_SIZE, Type.NUMBER_OR_EMPTY, 0, Bounds.UNSIGNED_INT, ""),
    ALLOW_SIMPLE_DEVICE_PASSWORD(Provision.ALLOW_SIMPLE_DEVICE_PASSWORD, Type.PASSWORD_NUMBER, 0, 1, "1"),
    /** Days. */
    DEVICE_PASSWORD_EXPIRATION(
            Provision.DEVICE_PASSWORD_EXPIRATION, Type.PASSWORD_NUMBER_OR_EMPTY, 0, Bounds.UNSIGNED_INT, ""),
    DEVICE_PASSWORD_HISTORY(Provision.DEVICE_PASSWORD_HISTORY, Type.PASSWORD_NUMBER, 0, Bounds.UNSIGNED_INT, "0"),
    ALLOW_STORAGE_CARD(Provision.ALLOW_STORAGE_CARD, Type.NUMBER, 0, 1, "1"),
    ALLOW_CAMERA(Provision.ALLOW_CAMERA, Type.NUMBER, 0, 1, "1"),
    REQUIRE_DEVICE_ENCRYPTION(Provision.REQUIRE_DEVICE_ENCRYPTION, Type.NUMBER, 0, 1, "0"),
    ALLOW_UNSIGNED_APPLICATIONS(Provision.ALLOW_UNSIGNED_APPLICATIONS, Type.NUMBER, 0, 1, "1"),
    ALLOW_UNSIGNED_INSTALLATION_PACKAGES(Provision.ALLOW_UNSIGNED_INSTALLATION_PACKAGES, Type.NUMBER, 0, 1, "1"),
    MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS(
            Provision.MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS, Type.PASSWORD_NUMBER, 1, 4, "1"),
    ALLOW_WIFI(Provision.ALLOW_WI_FI, Type.NUMBER, 0, 1, "1"),
    ALLOW_TEXT_MESSAGING(Provision.ALLOW_TEXT_MESSAGING, Type.NUMBER, 0, 1, "1"),
    ALLOW_POP_IMAP_EMAIL(Provision.ALLOW_POPIMAP_EMAIL, Type.NUMBER, 0, 1, "1"),
    /** 0 off, 1 hands-free only, 2 on. */
    ALLOW_BLUETOOTH(Provision.ALLOW_BLUETOOTH, Type.NUMBER, 0, 2, "2"),
    ALLOW_IRDA(Provision.ALLOW_IR_DA, Type.NUMBER, 0, 1, "1"),
    REQUIRE_MANUAL_SYNC_WHEN_ROAMING(Provision.REQUIRE_MANUAL_SYNC_WHEN_ROAMING, Type.NUMBER, 0, 1, "0"),
    ALLOW_DESKTOP_SYNC(Provision.ALLOW_DESKTOP_SYNC, Type.NUMBER, 0, 1, "1"),
    /** A FilterType: 0 all, else 4 to 7. */
    MAX_CALENDAR_AGE_FILTER(Provision.MAX_CALENDAR_AGE_FILTER, Type.NUMBER, 0, 7, "0"),
    ALLOW_HTML_EMAIL(Provision.ALLOW_HTML_EMAIL, Type.NUMBER, 0, 1, "1"),
    /** A FilterType: 0 all, else 1 to 5. */
    MAX_EMAIL_AGE_FILTER(Provision.MAX_EMAIL_AGE_FILTER, Type.NUMBER, 0, 5, "0"),
    /** Bytes, -1 for all. */
    MAX_EMAIL_BODY_TRUNCATION_SIZE(Provision.MAX_EMAIL_BODY_TRUNCATION_SIZE, Type.NUMBER, -1, Integer.MAX_VALUE, "-1"),
    /** Bytes, -1 for all. */
    MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE(
            Provision.MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE, Type.NUMBER, -1, Integer.MAX_VALUE, "-1"),
    REQUIRE_SIGNED_SMIME_MESSAGES(Provision.REQUIRE_SIGNED_S_MIME_MESSAGES, Type.NUMBER, 0, 1, "0"),
    REQUIRE_ENCRYPTED_SMIME_MESSAGES(Provision.REQUIRE_ENCRYPTED_S_MIME_MESSAGES, Type.NUMBER, 0, 1, "0"),
    REQUIRE_SIGNED_SMIME_ALGORITHM(Provision.REQUIRE_SIGNED_S_MIME_ALGORITHM, Type.NUMBER, 0, 1, "0"),
    REQUIRE_ENCRYPTION_SMIME_ALGORITHM(Provision.REQUIRE_ENCRYPTION_S_MIME_ALGORITHM, Type.NUMBER, 0, 4, "0"),
    ALLOW_SMIME_ENCRYPTION_ALGORITHM_NEGOTIATION(
            Provision.ALLOW_S_MIME_ENCRYPTION_ALGORITHM_NEGOTIATION, Type.NUMBER, 0, 2, "2"),
    ALLOW_SMIME_SOFT_CERTS(Provision.ALLOW_S_MIME_SOFT_CERTS, Type.NUMBER, 0, 1, "1"),
    ALLOW_BROWSER(Provision.ALLOW_BROWSER, Type.NUMBER, 0, 1, "1"),
    ALLOW_CONSUMER_EMAIL(Provision.ALLOW_CONSUMER_EMAIL, Type.NUMBER, 0, 1, "1"),
    ALLOW_REMOTE_DESKTOP(Provision.ALLOW_REMOTE_DESKTOP, Type.NUMBER, 0, 1, "1"),
    ALLOW_INTERNET_SHARING(Provision.ALLOW_INTERNET_SHARING, Type.NUMBER, 0, 1, "1");

    /** What a value looks like, and whether it says anything where no password is asked for. */
    private enum Type {
        NUMBER,
        NUMBER_OR_EMPTY,
        PASSWORD_NUMBER,
        PASSWORD_NUMBER_OR_EMPTY
    }

    private static final class Bounds {
        private static final long UNSIGNED_INT = 0xFFFF_FFFFL;
    }

    private final Provision tag;
    private final Type type;
    private final long least;
    private final long greatest;
    private final String asksNothing;

    PolicyElement(Provision tag, Type type, long least, long greatest, String asksNothing) {
        this.tag = tag;
        this.type = type;
        this.least = least;
        this.greatest = greatest;
        this.asksNothing = asksNothing;
    }

    public Tag tag() {
        return tag;
    }

    /** The value that takes nothing away from the user; it also unsets what an earlier policy set (MS-ASPROV_R652). */
    public String asksNothing() {
        return asksNothing;
    }

    /** True if phones ignore it unless DevicePasswordEnabled is 1. Source: MS-ASPROV_R188, R254, R290 and the like. */
    public boolean concernsPassword() {
        return type == Type.PASSWORD_NUMBER || type == Type.PASSWORD_NUMBER_OR_EMPTY;
    }

    /** Refuses a value that the schema does not allow. */
    void check(String value) {
        boolean mayBeEmpty = type == Type.NUMBER_OR_EMPTY || type == Type.PASSWORD_NUMBER_OR_EMPTY;
        if (value.isEmpty() && mayBeEmpty) {
            return;
        }
        if (!value.matches("-?[0-9]{1,10}") || Long.parseLong(value) < least || Long.parseLong(value) > greatest) {
            throw new IllegalArgumentException(
                    "policy %s must be %d to %d, not \"%s\"".formatted(tag.tagName(), least, greatest, value));
        }
    }
}
