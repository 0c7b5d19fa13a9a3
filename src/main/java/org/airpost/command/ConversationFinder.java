package org.airpost.command;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailQuery;
import org.airpost.backend.UidSet;
import org.airpost.convert.ConversationKey;
import org.airpost.sync.Conversations;
import org.airpost.sync.Folder;
import org.airpost.sync.Views;

/**
 * Finds the messages of a conversation in all folders. A phone names it by its id, for which no server can be asked; so one of
 * its messages is looked for first, by what is noted of messages, and then the server for those that go back to the same one.
 * Source: MS-ASCON "Finding a Conversation"; decision 021.
 */
public final class ConversationFinder {

    /** Messages that are tried for what a conversation goes back to: notes may be of some that are gone. */
    private static final int MOST_TRIED = 8;

    private final Views views;
    private final Conversations conversations;
    private final InstantSource clock;

    public ConversationFinder(Views views, Conversations conversations, InstantSource clock) {
        this.views = views;
        this.conversations = conversations;
        this.clock = clock;
    }

    /**
     * What was found.
     *
     * @param isKnown false if no message of the conversation was found in any folder
     * @param found the messages, by folder, that the query holds for too
     * @param unfinished mailboxes that were not looked at to their end when the time was up
     */
    record Result(boolean isKnown, Map<Folder, MailAccount.Matches> found, Set<String> unfinished) {}

    /**
     * Looks in some folders, of all those that may hold mails of the conversation; the first ones first.
     *
     * @param also what must hold of the messages, too
     */
    Result find(Account account, byte[] id, MailQuery also, List<Folder> places, List<Folder> all, Duration limit) {
        var end = clock.instant().plus(limit);
        if (id.length < Long.BYTES) {
            return new Result(false, Map.of(), Set.of());
        }
        var unlearnt = new HashSet<String>();
        var key = key(account, id, all, end, unlearnt);
        if (key.isEmpty()) {
            return new Result(false, Map.of(), unlearnt);
        }
        var byMailbox = new LinkedHashMap<String, Folder>();
        places.forEach(folder -> byMailbox.put(folder.mailbox(), folder));
        var query = also instanceof MailQuery.All
                ? key.get().like()
                : new MailQuery.And(List.of(also, key.get().like()));
        var searched = account.mail().search(List.copyOf(byMailbox.keySet()), query, left(end));
        var found = new LinkedHashMap<Folder, MailAccount.Matches>();
        var unfinished = new HashSet<>(searched.unfinished());
        byMailbox.forEach((mailbox, folder) -> {
            var matches = Optional.ofNullable(searched.found().get(mailbox));
            if (matches.isEmpty()) {
                return;
            }
            long uidValidity = matches.get().uidValidity();
            try {
                var known = conversations.among(
                        account,
                        folder,
                        uidValidity,
                        matches.get().uids(),
                        key.get().number(),
                        left(end));
                if (!known.whole()) {
                    unfinished.add(mailbox);
                }
                if (!known.uids().isEmpty()) {
                    found.put(folder, new MailAccount.Matches(uidValidity, known.uids()));
                }
            } catch (BackendUnavailableException e) {
                unfinished.add(mailbox); // gone or renumbered in this moment; the others are there
            }
        });
        return new Result(true, found, unfinished);
    }

    private Duration left(Instant end) {
        var left = Duration.between(clock.instant(), end);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** What the conversation goes back to, by any message of it: one that is noted, else one that is looked for. */
    private Optional<ConversationKey> key(
            Account account, byte[] id, List<Folder> places, Instant end, Set<String> unlearnt) {
        long number = ConversationKey.numberOf(id);
        for (var folder : places) {
            var view = views.known(account, folder);
            var key = key(account, folder, view, id, conversations.known(account, folder, view, number));
            if (key.isPresent()) {
                return key;
            }
        }
        for (var folder : places) {
            var view = left(end).isZero() ? Optional.<FolderView>empty() : views.refresh(account, folder);
            var known = view.map(there -> conversations.first(account, folder, there, number, left(end)));
            var key = known.flatMap(some -> key(account, folder, view.orElseThrow(), id, some.uids()));
            if (key.isPresent()) {
                return key;
            }
            if (known.filter(Conversations.Known::whole).isEmpty()) {
                unlearnt.add(folder.mailbox());
            }
        }
        return Optional.empty();
    }

    private static Optional<ConversationKey> key(
            Account account, Folder folder, FolderView view, byte[] id, UidSet uids) {
        if (uids.isEmpty()) {
            return Optional.empty();
        }
        try {
            return account
                    .mail()
                    .fields(folder.mailbox(), view.uidValidity(), uids.newest(MOST_TRIED), ConversationKey.FIELDS)
                    .values()
                    .stream()
                    .flatMap(header -> ConversationKey.of(header).stream())
                    .filter(key -> Arrays.equals(key.id(), id))
                    .findFirst();
        } catch (BackendUnavailableException e) {
            return Optional
                    .empty(); // the notes are of a mailbox of before; if the server is away the next call says so
        }
    }
}
