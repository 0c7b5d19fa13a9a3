package org.airpost.eas;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Settings;

/**
 * What a device says about itself, each value at most 1,024 characters. Nothing of it is to be trusted. Source: MS-ASCMD
 * "DeviceInformation".
 */
public record DeviceInformation(Map<Field, String> values) {

    /** Nothing was said. */
    public static final DeviceInformation NONE = new DeviceInformation(Map.of());

    private static final int LONGEST = 1024;

    /** What can be said. */
    public enum Field {
        MODEL(Settings.MODEL),
        IMEI(Settings.IMEI),
        FRIENDLY_NAME(Settings.FRIENDLY_NAME),
        OS(Settings.OS),
        OS_LANGUAGE(Settings.OS_LANGUAGE),
        PHONE_NUMBER(Settings.PHONE_NUMBER),
        USER_AGENT(Settings.USER_AGENT),
        ENABLE_OUTBOUND_SMS(Settings.ENABLE_OUTBOUND_SMS),
        MOBILE_OPERATOR(Settings.MOBILE_OPERATOR);

        private final Settings tag;

        Field(Settings tag) {
            this.tag = tag;
        }

        private static Optional<Field> ofTag(Tag tag) {
            return Arrays.stream(values()).filter(f -> f.tag.equals(tag)).findFirst();
        }
    }

    public DeviceInformation {
        var kept = new EnumMap<Field, String>(Field.class);
        values.forEach((field, value) -> {
            if (!value.isEmpty()) {
                // A device is not refused for being verbose: a longer value is cut.
                kept.put(field, value.substring(0, Math.min(value.length(), LONGEST)));
            }
        });
        values = Collections.unmodifiableMap(kept);
    }

    /** A value, if it was said. */
    public Optional<String> get(Field field) {
        return Optional.ofNullable(values.get(field));
    }

    /** Reads the children of {@code Set}, in which the cursor stands, and steps out of it. Unknown ones are left out. */
    public static DeviceInformation readSet(WbxmlReader in) {
        var values = new EnumMap<Field, String>(Field.class);
        while (in.child()) {
            var field = Field.ofTag(in.tag());
            if (field.isPresent()) {
                values.put(field.get(), in.text());
            } else {
                in.skip();
            }
        }
        return new DeviceInformation(values);
    }
}
