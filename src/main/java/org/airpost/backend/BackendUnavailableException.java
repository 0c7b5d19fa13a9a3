package org.airpost.backend;

import java.time.Duration;

/** A server behind the gateway did not do its part. Answered with 503 and Retry-After, never as an empty mailbox. */
public final class BackendUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /** Which server, what was tried and how it ended; when the phone may come back. */
    public BackendUnavailableException(String what, Duration retryAfter, Throwable cause) {
        super(what, cause);
        this.retryAfter = retryAfter;
    }

    public BackendUnavailableException(String what, Duration retryAfter) {
        super(what);
        this.retryAfter = retryAfter;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
