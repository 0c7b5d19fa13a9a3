package org.airpost.device;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.ProtocolVersion;

/**
 * A rule of the gate: what becomes of devices for which all its conditions hold.
 *
 * @param id by which it is named, made when it is added
 * @param comment for people; the user of a quarantined device reads it, too
 */
public record GateRule(String id, Device.Access access, List<Condition> conditions, String comment) {

    private static final int MOST_CONDITIONS = 20;
    private static final int LONGEST = 500;

    /** Refuses what is no rule, by an IllegalArgumentException that says why. */
    public GateRule {
        conditions = List.copyOf(conditions);
        if (!id.matches("[a-z0-9-]{1,40}")) {
            throw new IllegalArgumentException("rule id \"%s\"".formatted(id));
        }
        if (conditions.isEmpty() || conditions.size() > MOST_CONDITIONS) {
            throw new IllegalArgumentException("a rule has 1 to %d conditions".formatted(MOST_CONDITIONS));
        }
        if (comment.length() > LONGEST) {
            throw new IllegalArgumentException("a comment has at most %d characters".formatted(LONGEST));
        }
    }

    /** What is looked at. */
    public enum Field {
        USER("user", "the user's name or mail address; * stands for any letters"),
        DOMAIN("domain", "the user's mail domain; * stands for any letters"),
        GROUP("group", "a group that the user is in"),
        DEVICE_TYPE("type", "the device type, such as iPhone; * stands for any letters"),
        MODEL("model", "the model that the device names; * stands for any letters"),
        OS("os", "the system that the device names; * stands for any letters"),
        USER_AGENT("agent", "the User-Agent; * stands for any letters"),
        VERSION_BELOW("version-below", "the request's protocol version is lower, such as 14.1"),
        VERSION_FROM("version-from", "the request's protocol version is this or higher, such as 16.0"),
        ADDRESS("address", "the request comes from this network, such as 10.0.0.0/8"),
        DEVICES_OVER("devices-over", "the user has so many other devices that came before this one");

        private final String text;
        private final String meaning;

        Field(String text, String meaning) {
            this.text = text;
            this.meaning = meaning;
        }

        /** As an administrator writes it. */
        public String text() {
            return text;
        }

        /** When a condition on it holds, for who writes rules. */
        public String meaning() {
            return meaning;
        }

        /** The field of a name; what is none is an IllegalArgumentException. */
        public static Field of(String text) {
            return Arrays.stream(values())
                    .filter(field -> field.text.equalsIgnoreCase(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("\"%s\" is not one of %s"
                            .formatted(
                                    text,
                                    Arrays.stream(values()).map(Field::text).toList())));
        }
    }

    /**
     * A condition.
     *
     * @param value of a text, patterns with commas between, of which one must fit
     */
    public record Condition(Field field, String value) {

        /** Refuses a value that means nothing for its field. */
        public Condition {
            value = value.strip();
            if (value.isEmpty() || value.length() > LONGEST) {
                throw new IllegalArgumentException("%s needs a value".formatted(field.text()));
            }
            switch (field) {
                case VERSION_BELOW, VERSION_FROM -> version(value);
                case ADDRESS -> alternatives(value).forEach(AddressRange::parse);
                case DEVICES_OVER -> count(value);
                default -> {}
            }
        }

        /** Reads {@code field=value}. */
        public static Condition parse(String text) {
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("\"%s\" is not field=value".formatted(text));
            }
            return new Condition(Field.of(text.substring(0, equals)), text.substring(equals + 1));
        }

        @Override
        public String toString() {
            return field.text() + "=" + value;
        }

        boolean fits(Candidate one) {
            return switch (field) {
                case USER -> isLike(one.device().key().user()) || isLike(one.mailAddress());
                case DOMAIN -> isLike(one.domain());
                case GROUP -> alternatives(value).stream().anyMatch(one.groups()::contains);
                case DEVICE_TYPE -> isLike(one.device().deviceType());
                case USER_AGENT -> isLike(one.device().userAgent());
                case MODEL -> isLike(one.said(DeviceInformation.Field.MODEL));
                case OS -> isLike(one.said(DeviceInformation.Field.OS));
                case VERSION_BELOW ->
                    one.version().map(v -> !v.atLeast(version(value))).orElse(false);
                case VERSION_FROM ->
                    one.version().map(v -> v.atLeast(version(value))).orElse(false);
                case ADDRESS ->
                    alternatives(value).stream()
                            .anyMatch(network -> AddressRange.parse(network).holds(one.address()));
                case DEVICES_OVER -> one.earlierDevices().getAsInt() >= count(value);
            };
        }

        /** What nobody has said fits no pattern. */
        private boolean isLike(String text) {
            return !text.isEmpty()
                    && alternatives(value).stream()
                            .anyMatch(pattern -> glob(pattern).matcher(text).matches());
        }

        private static Pattern glob(String pattern) {
            var parts =
                    Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).toList();
            return Pattern.compile(
                    String.join(".*", parts), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL);
        }

        private static List<String> alternatives(String value) {
            return Arrays.stream(value.split(",", -1))
                    .map(String::strip)
                    .filter(one -> !one.isEmpty())
                    .toList();
        }

        private static ProtocolVersion version(String value) {
            return Arrays.stream(ProtocolVersion.values())
                    .filter(version -> version.text().equals(value))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "\"%s\" is not among %s".formatted(value, ProtocolVersion.offered())));
        }

        private static int count(String value) {
            if (!value.matches("[0-9]{1,4}")) {
                throw new IllegalArgumentException("\"%s\" is no number of devices".formatted(value));
            }
            return Integer.parseInt(value);
        }
    }

    /**
     * A device that wants to come in.
     *
     * @param version of its request, or the latest that it has spoken
     * @param address where it comes from; empty if it is not known
     * @param earlierDevices how many others of its user may come in and came before it; asked only if a rule wants to know
     */
    record Candidate(
            Device device,
            String domain,
            Set<String> groups,
            Optional<ProtocolVersion> version,
            String address,
            IntSupplier earlierDevices) {

        /** The name alone is the address in the own domain, domain and colon come before it at a domain's own servers. */
        private String mailAddress() {
            var user = device.key().user();
            return user.contains("@") ? user : user.substring(user.indexOf(':') + 1) + "@" + domain;
        }

        private String said(DeviceInformation.Field field) {
            return device.information().get(field).orElse("");
        }
    }

    boolean fits(Candidate one) {
        return conditions.stream().allMatch(condition -> condition.fits(one));
    }

    /** True if it is about how many devices a user has. */
    boolean counts() {
        return conditions.stream().anyMatch(condition -> condition.field() == Field.DEVICES_OVER);
    }

    /** What it says, as an administrator writes it. */
    public String text() {
        var what = switch (access) {
            case ALLOWED -> "allow ";
            case BLOCKED -> "block ";
            case QUARANTINED -> "quarantine ";
        };
        return what
                + String.join(" ", conditions.stream().map(Condition::toString).toList());
    }
}
