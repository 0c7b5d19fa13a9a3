package org.airpost.backend.smtp;

import java.util.Optional;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Submission.Submitted;

/**
 * A reply of an SMTP server. Source: RFC 5321 §4.2; RFC 3463 for the enhanced code in the words.
 *
 * @param code three digits; -1 if the connection ended instead
 * @param words what the server said, code included
 */
record Reply(int code, String words) {

    private static final int ENDED = -1;

    /** A reply from its text; one that does not start with a code is taken as a permanent no. */
    static Reply ofText(String text) {
        return text.matches("(?s)[2-5][0-9]{2}\\b.*")
                ? new Reply(Integer.parseInt(text.substring(0, 3)), text.strip())
                : new Reply(550, text.strip());
    }

    static Reply ended(String words) {
        return new Reply(ENDED, words);
    }

    boolean isGood() {
        return code >= 200 && code < 400;
    }

    /** True if what was asked for is done, with nothing to follow. */
    boolean isDone() {
        return code >= 200 && code < 300;
    }

    /** True if this says that the server does not know a command, or not here. Source: RFC 5321 §4.2.2. */
    boolean isUnknownCommand() {
        return code == 500 || code == 502 || code == 503 || code == 504 || code == 555;
    }

    boolean isPermanent() {
        return code >= 500;
    }

    /** True if nothing more will be heard on this connection. Source: RFC 5321 §3.8 for 421. */
    boolean isLast() {
        return code == ENDED || code == 421;
    }

    /** How a submission ends that met this reply before the end of the message, or to it. */
    Submitted failure() {
        return isPermanent() ? new Submitted.Rejected(why(), words) : new Submitted.Deferred(words);
    }

    private Refusal why() {
        if ((code == 552 && enhanced().filter(e -> e.equals("5.2.2")).isEmpty())
                || enhanced()
                        .filter(e -> e.equals("5.3.4") || e.equals("5.2.3"))
                        .isPresent()) {
            return Refusal.TOO_LARGE;
        }
        if (enhanced().filter(e -> e.equals("5.2.2")).isPresent()) {
            return Refusal.OVER_QUOTA;
        }
        if (code == 530
                || code == 535
                || code == 553
                || enhanced().filter(e -> e.startsWith("5.7.")).isPresent()) {
            return Refusal.NO_PERMISSION;
        }
        return Refusal.OTHER;
    }

    private Optional<String> enhanced() {
        var fields = words.split("[\\s-]+", 3);
        return fields.length > 1 && fields[1].matches("[245]\\.[0-9]{1,3}\\.[0-9]{1,3}")
                ? Optional.of(fields[1])
                : Optional.empty();
    }
}
