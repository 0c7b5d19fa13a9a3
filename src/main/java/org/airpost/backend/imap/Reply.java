package org.airpost.backend.imap;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;

/** How a command ended. */
record Reply(boolean isOk, boolean isBad, Optional<ServerLine.Code> code, String words) {

    static Reply of(ServerLine line) {
        return new Reply(line.isOK(), line.isBAD(), line.code(), line.words());
    }

    boolean hasCode(String name) {
        return code.isPresent() && code.get().name().equals(name);
    }

    /** Goes on if it was done; else the server did not do its part. */
    Reply orUnavailable(String what) {
        if (!isOk) {
            throw new BackendUnavailableException("imap " + what + ": " + words, Duration.ofSeconds(30));
        }
        return this;
    }

    /** True if the server says that another time it may do. Source: RFC 5530. */
    boolean isForNow() {
        return !isOk && (hasCode("UNAVAILABLE") || hasCode("INUSE"));
    }

    /** Why the server said no. Source: RFC 5530, RFC 7889, RFC 9051 §7.1. */
    <T> Outcome<T> refused() {
        String name = code.map(ServerLine.Code::name).orElse("");
        var why = switch (name) {
            case "OVERQUOTA" -> Refusal.OVER_QUOTA;
            case "NOPERM", "READ-ONLY" -> Refusal.NO_PERMISSION;
            case "ALREADYEXISTS" -> Refusal.EXISTS;
            case "NONEXISTENT", "TRYCREATE" -> Refusal.NOT_FOUND;
            case "TOOBIG", "LIMIT" -> Refusal.TOO_LARGE;
            case "UNAVAILABLE", "INUSE", "SERVERBUG" ->
                throw new BackendUnavailableException("imap: " + words, Duration.ofSeconds(30));
            default -> byWords();
        };
        return Outcome.refused(why, words);
    }

    /** Servers older than RFC 5530 say it in words only. */
    private Refusal byWords() {
        String said = words.toLowerCase(Locale.ROOT);
        if (said.contains("quota")) {
            return Refusal.OVER_QUOTA;
        }
        if (said.contains("already exists") || said.contains("mailbox exists")) {
            return Refusal.EXISTS;
        }
        if (said.contains("permission") || said.contains("not allowed") || said.contains("access denied")) {
            return Refusal.NO_PERMISSION;
        }
        return Refusal.OTHER;
    }
}
