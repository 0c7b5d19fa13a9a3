package org.airpost.eas;

/** The command as a whole ends with this status, at the top of its answer. */
public final class StatusException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Status status;

    /** A status and why: what was asked, where and which value; for the log, not for the phone. */
    public StatusException(Status status, String why) {
        super("status %d (%s): %s".formatted(status.code(), status.meaning(), why));
        this.status = status;
    }

    public Status status() {
        return status;
    }
}
