package org.airpost.store;

/** The store failed: which operation, on which key. Answered with 503; nothing was half written. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreException(String what, Throwable cause) {
        super(what, cause);
    }

    public StoreException(String what) {
        super(what);
    }
}
