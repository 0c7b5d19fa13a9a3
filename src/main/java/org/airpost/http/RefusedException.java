package org.airpost.http;

import java.util.Map;

/** A request is answered with an HTTP status that is not 200; the reason goes to the log and to the answer. */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Map<String, String> headers;

    RefusedException(int status, String why) {
        this(status, why, Map.of());
    }

    RefusedException(int status, String why, Map<String, String> headers) {
        super(LogText.of(why));
        this.status = status;
        this.headers = Map.copyOf(headers);
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** What, where and which value, cleaned. */
    String why() {
        return String.valueOf(getMessage());
    }
}
