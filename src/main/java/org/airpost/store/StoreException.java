package org.airpost.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** The store failed: which operation, on which key. Answered with 503; nothing was half written. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreException(String what, Throwable cause) {
        super(what, cause);
    }

    public StoreException(String what) {
        super(what);
    }

    /** What is wrong with a file: of the commonest of these errors Java's own message is the path, and nothing else. */
    public static String why(IOException e) {
        return switch (e) {
            case AccessDeniedException denied
            when denied.getReason() == null ->
                "%s: permission denied for the user %s".formatted(denied.getFile(), System.getProperty("user.name"));
            case NoSuchFileException missing
            when missing.getReason() == null -> "%s: there is no such file or directory".formatted(missing.getFile());
            default -> Optional.ofNullable(e.getMessage()).orElseGet(e::toString);
        };
    }
}
