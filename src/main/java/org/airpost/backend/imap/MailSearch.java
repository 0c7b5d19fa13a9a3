package org.airpost.backend.imap;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailQuery;
import org.airpost.backend.UidSet;
import org.eclipse.angus.mail.iap.Argument;
import org.eclipse.angus.mail.iap.ParsingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One search of several mailboxes, within a time: in all at once where the server can (RFC 7377), else in one after the
 * other. A server without an index opens each message to look for a text; there the newest are looked at first, some more
 * with each command, so that what was found when the time is up is what most people look for.
 */
final class MailSearch {

    /** Messages in the first command to a server that may have no index. */
    private static final int FIRST_STEP = 1_000;

    /** A command that takes less than this is followed by a larger one. */
    private static final Duration QUICK = Duration.ofMillis(500);

    /** Less time than this is not worth a command. */
    private static final Duration LEAST = Duration.ofMillis(50);

    /** Commands that may fail because the server cannot read a message: some dozen for each such message. */
    private static final int MOST_STUMBLES = 60;

    private static final Logger LOG = LoggerFactory.getLogger(MailSearch.class);

    private final InstantSource clock;
    private final MailQuery query;
    private final long end;
    private final Map<String, MailAccount.Matches> found = new LinkedHashMap<>();
    private final Set<String> unfinished;

    /** In which charsets the server may take texts, as far as it has taught us. */
    private List<Optional<Charset>> charsets;

    MailSearch(InstantSource clock, MailQuery query, List<String> mailboxes, Duration limit) {
        this.clock = clock;
        this.query = query;
        this.end = clock.millis() + limit.toMillis();
        this.unfinished = new LinkedHashSet<>(mailboxes);
        this.charsets = charsets(query);
    }

    MailAccount.Searched result() {
        return new MailAccount.Searched(found, unfinished);
    }

    Duration left() {
        return Duration.ofMillis(end - clock.millis());
    }

    boolean isOver() {
        return left().compareTo(LEAST) < 0 || unfinished.isEmpty();
    }

    List<String> unfinished() {
        return List.copyOf(unfinished);
    }

    /** Searches all mailboxes with one command, if the server can; nothing is lost if it cannot after all. */
    void all(ImapConnection connection, Names names) throws ConnectionLostException {
        if (!connection.can("MULTISEARCH") || unfinished.size() < 2) {
            return;
        }
        for (var charset : charsets) {
            var places = new StringBuilder("ESEARCH IN (mailboxes (");
            var byName = new LinkedHashMap<String, String>();
            for (String mailbox : unfinished) {
                places.append(byName.isEmpty() ? "" : " ").append(names.quoted(mailbox));
                byName.put(mailbox, mailbox);
            }
            var matches = new LinkedHashMap<String, MailAccount.Matches>();
            var reply = connection.command(
                    places.append(")) RETURN (ALL)").toString(),
                    keys(new SearchKeys(charset, false), Optional.empty()),
                    left().dividedBy(2),
                    line -> {
                        if (line.about().equals("ESEARCH")) {
                            ofOne(line, names, matches);
                        }
                    });
            if (reply.isOk()) {
                matches.forEach((mailbox, uids) -> {
                    if (byName.containsKey(mailbox)) {
                        found.put(mailbox, uids);
                    }
                });
                unfinished.clear();
                return;
            }
        }
    }

    private static void ofOne(ServerLine line, Names names, Map<String, MailAccount.Matches> matches) {
        try {
            var values = line.values();
            String mailbox = "";
            long uidValidity = 0;
            var correlator =
                    values.isEmpty() ? List.<Value>of() : values.getFirst().values();
            for (int i = 0; i + 1 < correlator.size(); i += 2) {
                switch (correlator.get(i).text().toUpperCase(Locale.ROOT)) {
                    case "MAILBOX" -> mailbox = names.decoded(correlator.get(i + 1));
                    case "UIDVALIDITY" -> uidValidity = correlator.get(i + 1).number();
                    default -> {}
                }
            }
            var uids = UidSet.builder();
            Searching.extended(line, uids);
            var set = uids.build();
            if (!mailbox.isEmpty() && uidValidity > 0 && !set.isEmpty()) {
                matches.put(mailbox, new MailAccount.Matches(uidValidity, set));
            }
        } catch (ParsingException e) {
            throw new java.io.UncheckedIOException(new java.io.IOException("ESEARCH response", e));
        }
    }

    /**
     * Searches the mailbox that is selected. An index answers at once, but it may lag behind, or be of another mailbox only
     * (Cyrus says FUZZY without any); so the newest messages are searched in any case, and all if the index knows of none.
     */
    void one(ImapConnection connection, String mailbox) throws ConnectionLostException {
        var selected = connection.selected().orElseThrow();
        long uidValidity = selected.uidValidity();
        connection.command("NOOP").orUnavailable("NOOP");
        var stepping = new Stepping(connection, uids -> note(mailbox, uidValidity, uids));
        if (!query.readsText() || selected.exists() <= FIRST_STEP) {
            stepping.all(selected.exists());
            stepping.requireAnswer();
            unfinished.remove(mailbox);
            return;
        }
        boolean isIndexed = false;
        if (connection.can("SEARCH=FUZZY")) {
            var uids = indexed(connection);
            note(mailbox, uidValidity, uids);
            isIndexed = !uids.isEmpty();
        }
        long high = selected.exists();
        long size = FIRST_STEP;
        while (high >= 1) {
            if (left().compareTo(LEAST) < 0) {
                return;
            }
            // Numbers of messages that go meanwhile move the others down, so none that is left to do is passed over.
            long low = Math.max(1, high - size + 1);
            long begun = clock.millis();
            stepping.from(low, high);
            if (isIndexed) {
                break;
            }
            long took = Math.max(1, clock.millis() - begun);
            high = low - 1;
            size = Math.clamp(size * QUICK.toMillis() / took, size / 2 + 1, size * 8);
        }
        stepping.requireAnswer();
        unfinished.remove(mailbox);
    }

    /** What the index of the server knows. Source: RFC 6203. */
    private UidSet indexed(ImapConnection connection) throws ConnectionLostException {
        var uids = UidSet.builder();
        for (var charset : charsets) {
            var keys = keys(new SearchKeys(charset, true), Optional.empty());
            if (connection
                    .command(command(connection), keys, left(), line -> Searching.take(line, uids))
                    .isOk()) {
                break;
            }
        }
        return uids.build();
    }

    private void note(String mailbox, long uidValidity, UidSet uids) {
        if (!uids.isEmpty()) {
            found.merge(
                    mailbox,
                    new MailAccount.Matches(uidValidity, uids),
                    (one, other) -> one.uidValidity() == other.uidValidity()
                            ? new MailAccount.Matches(uidValidity, one.uids().or(other.uids()))
                            : other);
        }
    }

    private static String command(ImapConnection connection) {
        return connection.can("ESEARCH") ? "UID SEARCH RETURN (ALL)" : "UID SEARCH";
    }

    /**
     * The search of one mailbox. If the server stumbles over a message, that is found by halves and left out, so that it does not
     * hide the others: Dovecot refuses the whole because of one that it cannot read.
     */
    private final class Stepping {

        private final ImapConnection connection;
        private final Consumer<UidSet> found;
        private int stumbles;
        private boolean isAnswered;

        Stepping(ImapConnection connection, Consumer<UidSet> found) {
            this.connection = connection;
            this.found = found;
        }

        void all(long exists) throws ConnectionLostException {
            if (!isDone(Optional.empty())) {
                halve(1, exists);
            }
        }

        void from(long low, long high) throws ConnectionLostException {
            if (!isDone(Optional.of("%d:%d".formatted(low, high)))) {
                halve(low, high);
            }
        }

        /** The newer half first, as numbers move down only. */
        private void halve(long low, long high) throws ConnectionLostException {
            if (++stumbles > MOST_STUMBLES || left().compareTo(LEAST) < 0) {
                throw failing();
            }
            if (low >= high) {
                LOG.warn("imap server cannot search a message number={}: it goes on without it", low);
                return;
            }
            long middle = low + (high - low) / 2;
            from(middle + 1, high);
            from(low, middle);
        }

        /** Throws if it is not a message over which the server stumbles: then it has answered nothing. */
        void requireAnswer() {
            if (!isAnswered) {
                throw failing();
            }
        }

        private static BackendUnavailableException failing() {
            return new BackendUnavailableException("imap SEARCH fails again and again", Duration.ofSeconds(30));
        }

        /** False if the server says that it is at fault itself. */
        private boolean isDone(Optional<String> numbers) throws ConnectionLostException {
            for (var charset : charsets) {
                var uids = UidSet.builder();
                var reply = connection.command(
                        command(connection),
                        keys(new SearchKeys(charset, false), numbers),
                        left(),
                        line -> Searching.take(line, uids));
                if (reply.isOk()) {
                    isAnswered = true;
                    found.accept(uids.build());
                    return true;
                }
                if (reply.hasCode("SERVERBUG")) {
                    return false;
                }
                if (reply.isForNow() || !learn(charset)) {
                    throw new BackendUnavailableException("imap SEARCH: " + reply.words(), Duration.ofSeconds(30));
                }
            }
            throw new IllegalStateException("a search without a charset");
        }
    }

    private Argument keys(SearchKeys way, Optional<String> numbers) {
        var keys = new Argument();
        if (SearchKeys.needsCharset(query) && way.charset().isPresent()) {
            keys.writeAtom("CHARSET");
            keys.writeAtom(way.charset().get().name());
        }
        numbers.ifPresent(keys::writeAtom);
        way.write(query, keys);
        return keys;
    }

    /** The server does not take this charset: it is not tried again; false if there is no other. */
    private boolean learn(Optional<Charset> refused) {
        var others =
                charsets.stream().filter(charset -> !charset.equals(refused)).toList();
        if (others.isEmpty()) {
            return false; // it is not the charset: the next mailbox is asked as this one was
        }
        charsets = others;
        return true;
    }

    /** What texts are sent in, the best first. What is not US-ASCII may still be refused (RFC 9051 §7.1 "BADCHARSET"). */
    private static List<Optional<Charset>> charsets(MailQuery query) {
        return SearchKeys.needsCharset(query)
                ? List.of(Optional.of(StandardCharsets.UTF_8), Optional.empty())
                : List.of(Optional.of(StandardCharsets.US_ASCII));
    }
}
