package org.airpost.cli;

/** A command did not work; the message says what, where and what to do, and is all that the user sees. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }

    Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
