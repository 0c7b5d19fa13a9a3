package org.airpost.eas;

import java.util.Arrays;
import java.util.Optional;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.Provision;

/**
 * The settings of a policy, in the order of the schema: tag, type, bounds, and the value that asks for nothing. Each of
 * them is part of every version that Airpost offers, so a policy reads the same at 12.1 and at 16.1. Lists of applications
 * are not here, see {@link PolicyDocument}. Source: MS-ASPROV "EASProvisionDoc", "Protocol version 12.1 supports this".
 */
public enum PolicyElement {
    DEVICE_PASSWORD_ENABLED(
            Provision.DEVICE_PASSWORD_ENABLED,
            Type.NUMBER,
            0,
            1,
            "0",
            "the device must be locked with a password or PIN"),
    ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED(
            Provision.ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED,
            Type.PASSWORD_NUMBER,
            0,
            1,
            "0",
            "the password must have letters, not digits alone"),
    PASSWORD_RECOVERY_ENABLED(
            Provision.PASSWORD_RECOVERY_ENABLED,
            Type.PASSWORD_NUMBER,
            0,
            1,
            "0",
            "the device may keep a recovery password at the server"),
    REQUIRE_STORAGE_CARD_ENCRYPTION(
            Provision.REQUIRE_STORAGE_CARD_ENCRYPTION, Type.NUMBER, 0, 1, "0", "the storage card must be encrypted"),
    ATTACHMENTS_ENABLED(Provision.ATTACHMENTS_ENABLED, Type.NUMBER, 0, 1, "1", "attachments may be downloaded"),
    MIN_DEVICE_PASSWORD_LENGTH(
            Provision.MIN_DEVICE_PASSWORD_LENGTH,
            Type.PASSWORD_NUMBER_OR_EMPTY,
            1,
            16,
            "",
            "characters that a password has at least"),
    /** Seconds; 9,999 and more mean never. */
    MAX_INACTIVITY_TIME_DEVICE_LOCK(
            Provision.MAX_INACTIVITY_TIME_DEVICE_LOCK,
            Type.NUMBER_OR_EMPTY,
            0,
            Bounds.UNSIGNED_INT,
            "",
            "seconds without use after which the device locks itself"),
    MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS(
            Provision.MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS,
            Type.PASSWORD_NUMBER_OR_EMPTY,
            4,
            16,
            "",
            "wrong passwords after which the device wipes itself"),
    /** Bytes. */
    MAX_ATTACHMENT_SIZE(
            Provision.MAX_ATTACHMENT_SIZE,
            Type.NUMBER_OR_EMPTY,
            0,
            Bounds.UNSIGNED_INT,
            "",
            "bytes of an attachment at most"),
    ALLOW_SIMPLE_DEVICE_PASSWORD(
            Provision.ALLOW_SIMPLE_DEVICE_PASSWORD,
            Type.PASSWORD_NUMBER,
            0,
            1,
            "1",
            "passwords such as 1111 or 1234 are allowed"),
    /** Days. */
    DEVICE_PASSWORD_EXPIRATION(
            Provision.DEVICE_PASSWORD_EXPIRATION,
            Type.PASSWORD_NUMBER_OR_EMPTY,
            0,
            Bounds.UNSIGNED_INT,
            "",
            "days after which a password must be changed"),
    DEVICE_PASSWORD_HISTORY(
            Provision.DEVICE_PASSWORD_HISTORY,
            Type.PASSWORD_NUMBER,
            0,
            Bounds.UNSIGNED_INT,
            "0",
            "earlier passwords that may not be used again"),
    ALLOW_STORAGE_CARD(Provision.ALLOW_STORAGE_CARD, Type.NUMBER, 0, 1, "1", "the storage card may be used"),
    ALLOW_CAMERA(Provision.ALLOW_CAMERA, Type.NUMBER, 0, 1, "1", "the camera may be used"),
    REQUIRE_DEVICE_ENCRYPTION(
            Provision.REQUIRE_DEVICE_ENCRYPTION, Type.NUMBER, 0, 1, "0", "the device must be encrypted"),
    ALLOW_UNSIGNED_APPLICATIONS(
            Provision.ALLOW_UNSIGNED_APPLICATIONS, Type.NUMBER, 0, 1, "1", "unsigned applications may run"),
    ALLOW_UNSIGNED_INSTALLATION_PACKAGES(
            Provision.ALLOW_UNSIGNED_INSTALLATION_PACKAGES,
            Type.NUMBER,
            0,
            1,
            "1",
            "unsigned packages may be installed"),
    MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS(
            Provision.MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS,
            Type.PASSWORD_NUMBER,
            1,
            4,
            "1",
            "kinds of characters that a password has at least: small, capital, digit, sign"),
    ALLOW_WIFI(Provision.ALLOW_WI_FI, Type.NUMBER, 0, 1, "1", "Wi-Fi may be used"),
    ALLOW_TEXT_MESSAGING(Provision.ALLOW_TEXT_MESSAGING, Type.NUMBER, 0, 1, "1", "text messages may be sent"),
    ALLOW_POP_IMAP_EMAIL(
            Provision.ALLOW_POPIMAP_EMAIL, Type.NUMBER, 0, 1, "1", "the user may set up POP and IMAP accounts"),
    /** 0 off, 1 hands-free only, 2 on. */
    ALLOW_BLUETOOTH(Provision.ALLOW_BLUETOOTH, Type.NUMBER, 0, 2, "2", "Bluetooth: 0 off, 1 for hands-free only, 2 on"),
    ALLOW_IRDA(Provision.ALLOW_IR_DA, Type.NUMBER, 0, 1, "1", "infrared may be used"),
    REQUIRE_MANUAL_SYNC_WHEN_ROAMING(
            Provision.REQUIRE_MANUAL_SYNC_WHEN_ROAMING,
            Type.NUMBER,
            0,
            1,
            "0",
            "abroad the device syncs only when its user asks it to"),
    ALLOW_DESKTOP_SYNC(Provision.ALLOW_DESKTOP_SYNC, Type.NUMBER, 0, 1, "1", "the device may sync with a computer"),
    /** A FilterType: 0 all, else 4 to 7. */
    MAX_CALENDAR_AGE_FILTER(
            Provision.MAX_CALENDAR_AGE_FILTER,
            Type.NUMBER,
            0,
            7,
            "0",
            "the oldest events: 0 all, 4 two weeks, 5 a month, 6 three months, 7 half a year"),
    ALLOW_HTML_EMAIL(Provision.ALLOW_HTML_EMAIL, Type.NUMBER, 0, 1, "1", "mails may be HTML; otherwise they are text"),
    /** A FilterType: 0 all, else 1 to 5. */
    MAX_EMAIL_AGE_FILTER(
            Provision.MAX_EMAIL_AGE_FILTER,
            Type.NUMBER,
            0,
            5,
            "0",
            "the oldest mails: 0 all, 1 a day, 2 three days, 3 a week, 4 two weeks, 5 a month"),
    /** Bytes, -1 for all. */
    MAX_EMAIL_BODY_TRUNCATION_SIZE(
            Provision.MAX_EMAIL_BODY_TRUNCATION_SIZE,
            Type.NUMBER,
            -1,
            Integer.MAX_VALUE,
            "-1",
            "bytes of a text body at most; 0 none of it, -1 all"),
    /** Bytes, -1 for all. */
    MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE(
            Provision.MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE,
            Type.NUMBER,
            -1,
            Integer.MAX_VALUE,
            "-1",
            "bytes of an HTML body at most; 0 none of it, -1 all"),
    REQUIRE_SIGNED_SMIME_MESSAGES(
            Provision.REQUIRE_SIGNED_S_MIME_MESSAGES, Type.NUMBER, 0, 1, "0", "mails must be sent signed (S/MIME)"),
    REQUIRE_ENCRYPTED_SMIME_MESSAGES(
            Provision.REQUIRE_ENCRYPTED_S_MIME_MESSAGES,
            Type.NUMBER,
            0,
            1,
            "0",
            "mails must be sent encrypted (S/MIME)"),
    REQUIRE_SIGNED_SMIME_ALGORITHM(
            Provision.REQUIRE_SIGNED_S_MIME_ALGORITHM, Type.NUMBER, 0, 1, "0", "signed with: 0 SHA-1, 1 MD5"),
    REQUIRE_ENCRYPTION_SMIME_ALGORITHM(
            Provision.REQUIRE_ENCRYPTION_S_MIME_ALGORITHM,
            Type.NUMBER,
            0,
            4,
            "0",
            "encrypted with: 0 3DES, 1 DES, 2 RC2 128, 3 RC2 64, 4 RC2 40 bits"),
    ALLOW_SMIME_ENCRYPTION_ALGORITHM_NEGOTIATION(
            Provision.ALLOW_S_MIME_ENCRYPTION_ALGORITHM_NEGOTIATION,
            Type.NUMBER,
            0,
            2,
            "2",
            "another algorithm if the recipient has not that one: 0 none, 1 a strong one, 2 any"),
    ALLOW_SMIME_SOFT_CERTS(
            Provision.ALLOW_S_MIME_SOFT_CERTS, Type.NUMBER, 0, 1, "1", "certificates may be kept without a smart card"),
    ALLOW_BROWSER(Provision.ALLOW_BROWSER, Type.NUMBER, 0, 1, "1", "the browser may be used"),
    ALLOW_CONSUMER_EMAIL(
            Provision.ALLOW_CONSUMER_EMAIL, Type.NUMBER, 0, 1, "1", "the user may set up private mail accounts"),
    ALLOW_REMOTE_DESKTOP(Provision.ALLOW_REMOTE_DESKTOP, Type.NUMBER, 0, 1, "1", "remote desktops may be used"),
    ALLOW_INTERNET_SHARING(
            Provision.ALLOW_INTERNET_SHARING, Type.NUMBER, 0, 1, "1", "the device may share its connection");

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
    private final String meaning;

    PolicyElement(Provision tag, Type type, long least, long greatest, String asksNothing, String meaning) {
        this.tag = tag;
        this.type = type;
        this.least = least;
        this.greatest = greatest;
        this.asksNothing = asksNothing;
        this.meaning = meaning;
    }

    /** The setting of a name, such as {@code AllowCamera}, however its letters are written. */
    public static Optional<PolicyElement> ofName(String name) {
        return Arrays.stream(values())
                .filter(element -> element.elementName().equalsIgnoreCase(name))
                .findFirst();
    }

    /** As the specification calls it, such as {@code AllowCamera}. */
    public String elementName() {
        return tag.tagName();
    }

    /** What it says when it is 1, or what its number is, in a few words. */
    public String meaning() {
        return meaning;
    }

    /** The least number that it may be. */
    public long least() {
        return least;
    }

    /** The greatest number that it may be. */
    public long greatest() {
        return greatest;
    }

    /** True if it is 0 or 1. */
    public boolean isFlag() {
        return least == 0 && greatest == 1;
    }

    /** True if it may be empty, which says that nothing is asked. */
    public boolean mayBeEmpty() {
        return type == Type.NUMBER_OR_EMPTY || type == Type.PASSWORD_NUMBER_OR_EMPTY;
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

    /** Refuses a value that the schema does not allow, by an IllegalArgumentException that says which it does. */
    public void check(String value) {
        if (value.isEmpty() && mayBeEmpty()) {
            return;
        }
        // Source: MS-ASPROV_R245.
        boolean isGap = this == MAX_CALENDAR_AGE_FILTER && value.matches("[123]");
        if (isGap
                || !value.matches("-?[0-9]{1,10}")
                || Long.parseLong(value) < least
                || Long.parseLong(value) > greatest) {
            throw new IllegalArgumentException(
                    "policy %s must be %d to %d, not \"%s\"".formatted(tag.tagName(), least, greatest, value));
        }
    }
}
