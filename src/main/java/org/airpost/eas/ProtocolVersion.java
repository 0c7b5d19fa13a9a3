package org.airpost.eas;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The protocol versions that Airpost offers, ascending. Source: MS-ASHTTP "MS-ASProtocolVersions". */
public enum ProtocolVersion {
    V12_1(121, "12.1"),
    V14_0(140, "14.0"),
    V14_1(141, "14.1"),
    V16_0(160, "16.0"),
    V16_1(161, "16.1");

    private final int code;
    private final String text;

    ProtocolVersion(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** The version × 10, as the base64 query carries it. */
    public int code() {
        return code;
    }

    /** As headers carry it, such as {@code 16.1}. */
    public String text() {
        return text;
    }

    /** True if this version is the other one or a later one. */
    public boolean atLeast(ProtocolVersion other) {
        return compareTo(other) >= 0;
    }

    public static Optional<ProtocolVersion> ofText(String text) {
        return Arrays.stream(values()).filter(v -> v.text.equals(text.strip())).findFirst();
    }

    public static Optional<ProtocolVersion> ofCode(int code) {
        return Arrays.stream(values()).filter(v -> v.code == code).findFirst();
    }

    /** All of them, ascending, separated by commas: the value of MS-ASProtocolVersions. */
    public static String offered() {
        return Arrays.stream(values()).map(ProtocolVersion::text).collect(Collectors.joining(","));
    }
}
