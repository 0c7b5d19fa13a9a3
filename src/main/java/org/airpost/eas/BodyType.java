package org.airpost.eas;

import java.util.Arrays;
import java.util.Optional;

/** Format of a body. Source: MS-ASAIRS "Type". */
public enum BodyType {
    PLAIN_TEXT(1),
    HTML(2),
    RTF(3),
    MIME(4);

    private final int code;

    BodyType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public static Optional<BodyType> ofCode(long code) {
        return Arrays.stream(values()).filter(t -> t.code == code).findFirst();
    }
}
