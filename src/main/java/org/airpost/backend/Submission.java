package org.airpost.backend;

import java.util.List;
import java.util.OptionalLong;

/** Hands mail over to a server for delivery. Source: RFC 6409. */
public interface Submission {

    /**
     * Hands a message over. Blocks; ends in bounded time. That the server could not be reached, and nothing was handed over,
     * is {@link Submitted.Deferred}.
     */
    Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message);

    /**
     * The same, and {@code lastByte} is run when all is ready and only the end of the message must be sent: what ends before
     * that has handed nothing over, whatever happened. If it throws, the end is not sent.
     */
    default Submitted submit(
            Credentials credentials, String from, List<String> recipients, MessageSource message, Runnable lastByte) {
        lastByte.run();
        return submit(credentials, from, recipients, message);
    }

    /** Bytes of a message that the server takes at most, as it said the last time. Source: RFC 1870. */
    default OptionalLong mostBytes() {
        return OptionalLong.empty();
    }

    /** How it ended. */
    sealed interface Submitted {

        /** The server took it for at least one recipient; those it refused with its words. */
        record Taken(List<RefusedRecipient> refused) implements Submitted {}

        /** Not now (4xx, or no connection); the same message may be tried again. */
        record Deferred(String words) implements Submitted {}

        /** The server refused every recipient for good, each with its words; nothing was handed over. */
        record NoRecipient(List<RefusedRecipient> refused) implements Submitted {

            public NoRecipient {
                refused = List.copyOf(refused);
            }
        }

        /** Never (5xx), for what is not a recipient's fault. */
        record Rejected(Outcome.Refusal why, String words) implements Submitted {}

        /** The connection ended after the last byte and before the reply: it may or may not have been taken. */
        record Unknown(String words) implements Submitted {}
    }

    /** A recipient that the server refused. */
    record RefusedRecipient(String address, String words) {}
}
