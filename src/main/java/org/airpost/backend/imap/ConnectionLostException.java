package org.airpost.backend.imap;

/** A connection ended, or can no longer be used; never leaves this room. */
final class ConnectionLostException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean late;

    private ConnectionLostException(String what, boolean late, Throwable cause) {
        super(what, cause);
        this.late = late;
    }

    ConnectionLostException(String what) {
        super(what);
        this.late = false;
    }

    static ConnectionLostException because(Throwable cause) {
        boolean late = cause instanceof java.net.SocketTimeoutException;
        String words = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new ConnectionLostException(words, late, cause);
    }

    /** True if the server was silent or slow for too long: then another try would only double the wait. */
    boolean isLate() {
        return late;
    }
}
