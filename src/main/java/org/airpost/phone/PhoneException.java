package org.airpost.phone;

/**
 * There is no EAS answer: the server answered with another HTTP status than 200, could not be reached in time, or sent
 * something that is no WBXML. Says which command, which address and what came.
 */
public final class PhoneException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int httpStatus;

    PhoneException(int httpStatus, String what) {
        super(what);
        this.httpStatus = httpStatus;
    }

    PhoneException(String what, Throwable cause) {
        super(what, cause);
        this.httpStatus = 0;
    }

    /** The HTTP status; 0 if there was no answer at all, 200 if the answer could not be read. */
    public int httpStatus() {
        return httpStatus;
    }
}
