package org.airpost.backend;

import java.util.List;

/** Hands mail over to a server for delivery. Source: RFC 6409. */
public interface Submission {

    /**
     * Hands a message over. Blocks; ends in bounded time. That the server could not be reached, and nothing was handed over,
     * is {@link Submitted.Deferred}.
     */
    Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message);

    /** How it ended. */
    sealed interface Submitted {

        /** The server took it for at least one recipient; those it refused with its words. */
        record Taken(List<RefusedRecipient> refused) implements Submitted {}

        /** Not now (4xx, or no connection); the same message may be tried again. */
        record Deferred(String words) implements Submitted {}

        /** Never (5xx). */
        record Rejected(Outcome.Refusal why, String words) implements Submitted {}

        /** The connection ended after the last byte and before the reply: it may or may not have been taken. */
        record Unknown(String words) implements Submitted {}
    }

    /** A recipient that the server refused. */
    record RefusedRecipient(String address, String words) {}
}
