package org.airpost.backend;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The mailboxes of one user who has signed in. Calls block and are safe for many threads; each ends in bounded time.
 *
 * <p>Mailboxes are named in full ({@link Mailbox#name}). An operation on messages takes the UIDVALIDITY that the caller
 * knows; if the mailbox has another one now, or is gone, the operation does nothing and throws {@link
 * BackendUnavailableException} with a short time to retry: the next {@link #refresh} tells what happened. The same
 * exception means that the server is away, slow, or ended the connection.
 */
public interface MailAccount extends AutoCloseable {

    /** All mailboxes, those above others first. */
    List<Mailbox> mailboxes();

    /** The present view of a mailbox, made from the one known before by the cheapest means that the server offers. */
    Refreshed refresh(String mailbox, FolderView known);

    /** True for a mailbox that is there, and that the settings keep from phones, as of the last {@link #mailboxes}. */
    default boolean isHidden(String mailbox) {
        return false;
    }

    /** What a refresh found. */
    sealed interface Refreshed {

        /** The view as it is now; the same object as before if nothing has changed. */
        record Current(FolderView view) implements Refreshed {}

        /** The server says that there is no such mailbox. */
        record Gone() implements Refreshed {}
    }

    /** UIDs of the messages received on a day (UTC) or later, by INTERNALDATE. Source: RFC 9051 "SEARCH SINCE". */
    UidSet receivedSince(String mailbox, long uidValidity, LocalDate day);

    /** UIDs of the messages that carry this Message-ID, angle brackets included. */
    UidSet withMessageId(String mailbox, long uidValidity, String messageId);

    /**
     * Searches mailboxes in this order until all are searched or the time is up, in each of them the newest messages first
     * where it takes long. A mailbox that cannot be searched keeps nobody from searching the others.
     */
    Searched search(List<String> mailboxes, MailQuery query, Duration limit);

    /**
     * What a search found.
     *
     * @param found by mailbox, those without a match left out
     * @param unfinished mailboxes that were not searched, or not to their oldest message
     */
    record Searched(Map<String, Matches> found, Set<String> unfinished) {

        public Searched {
            found = Map.copyOf(found);
            unfinished = Set.copyOf(unfinished);
        }
    }

    /** Messages of one mailbox, with the UIDVALIDITY that their UIDs are good for. */
    record Matches(long uidValidity, UidSet uids) {}

    /** When messages were received, by INTERNALDATE; without those that are gone. */
    Map<Long, Instant> received(String mailbox, long uidValidity, UidSet uids);

    /** Describes messages, in the order asked for, without those that are gone. At most 512 in one call. */
    List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids);

    /**
     * The same with the start of what is behind the header, where that costs no further question.
     *
     * @param start bytes of each message at most; their sum is for the caller to bound
     */
    default List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids, int start) {
        return describe(mailbox, uidValidity, uids);
    }

    /**
     * Some header fields of messages, or more of the header than those; without the messages that are gone. At most 1,024 in
     * one call.
     */
    default Map<Long, byte[]> fields(String mailbox, long uidValidity, List<Long> uids, List<String> names) {
        var found = new LinkedHashMap<Long, byte[]>();
        for (int from = 0; from < uids.size(); from += 64) {
            describe(mailbox, uidValidity, uids.subList(from, Math.min(uids.size(), from + 64)))
                    .forEach(message -> found.put(message.uid(), message.header()));
        }
        return found;
    }

    /** Reads parts of messages in few commands. What is gone is missing in the result. For small amounts: 4 MiB in all. */
    Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections);

    /**
     * Streams one section; the number of bytes written, or -1 if the message or the part is not there, or cannot be read to
     * its end: what was written is not all then.
     */
    long read(String mailbox, long uidValidity, Section section, OutputStream out) throws IOException;

    /** Adds and removes flags; the UIDs that were there and are now so. */
    Outcome<UidSet> store(String mailbox, long uidValidity, UidSet uids, Set<String> add, Set<String> remove);

    /** Moves messages; for each that was there the UID in the target. */
    Outcome<Map<Long, Long>> move(String mailbox, long uidValidity, UidSet uids, String target);

    /**
     * The same, so that it can be gone on with if its end stays unknown: what that takes is told before anything is changed.
     * A backend whose moves are never done by halves has nothing to tell.
     */
    default Outcome<Map<Long, Long>> move(
            String mailbox, long uidValidity, UidSet uids, String target, Consumer<MoveMark> begun) {
        return move(mailbox, uidValidity, uids, target);
    }

    /** Goes on with a move of some of these messages whose end is unknown; for each that is in the target its UID there. */
    default Outcome<Map<Long, Long>> resume(MoveMark mark, UidSet uids) {
        return move(mark.mailbox(), mark.uidValidity(), uids, mark.target());
    }

    /** Copies messages; for each that was there the UID in the target. */
    Outcome<Map<Long, Long>> copy(String mailbox, long uidValidity, UidSet uids, String target);

    /** Deletes messages for good, and no others that happen to be marked \Deleted. */
    Outcome<UidSet> expunge(String mailbox, long uidValidity, UidSet uids);

    /** Adds a message; its UID. */
    Outcome<Long> append(String mailbox, MessageSource message, Set<String> flags, Instant internalDate);

    /** Makes a mailbox below another (empty name: at the top); its full name. */
    Outcome<String> create(String parent, String displayName);

    /** Renames or moves a mailbox; its new full name. */
    Outcome<String> rename(String mailbox, String newParent, String newDisplayName);

    /**
     * Deletes a mailbox with its messages and the mailboxes below it; none of them if one is kept from phones, so that nobody
     * loses mail that they do not see.
     */
    Outcome<String> delete(String mailbox);

    /**
     * Watches mailboxes until closed: tells the name of each one in which something may have changed, and all of them after a
     * connection was lost and is there again. The listener is called on a thread of the watch, or on one that has just
     * changed the mailbox by this account, and must not block for long. An empty name says that the list of mailboxes may
     * have changed; it is told once at the beginning, too, since nobody knows what was before.
     */
    Watch watch(Set<String> mailboxes, Consumer<String> listener);

    /** A running watch. */
    interface Watch extends AutoCloseable {

        /** Watches these mailboxes from now on. */
        void retarget(Set<String> mailboxes);

        /**
         * True if the server tells this watch of each change in a mailbox when it happens, those of flags too, and the
         * listener has heard of all that it has told: since the last call for this mailbox nothing is known to have changed.
         */
        default boolean covers(String mailbox) {
            return false;
        }

        @Override
        void close();
    }

    /** True once the server has refused the credentials that it took before: the user must sign in anew. */
    default boolean isRefused() {
        return false;
    }

    /** Ends all connections of this account. */
    @Override
    void close();
}
