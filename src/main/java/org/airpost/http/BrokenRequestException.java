package org.airpost.http;

import java.io.IOException;

/** A request's body does not arrive whole. */
final class BrokenRequestException extends IOException {

    private static final long serialVersionUID = 1L;

    /** How it broke. */
    enum Kind {
        /** The phone went away: nobody is left to answer. */
        GONE,
        /** It took longer than allowed. */
        SLOW,
        /** Its framing cannot be read. */
        MALFORMED
    }

    private final Kind kind;

    BrokenRequestException(Kind kind, String why) {
        super(why);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
