package org.airpost.backend.imap;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailQuery;
import org.airpost.backend.Mailbox;
import org.airpost.backend.MessageData;
import org.airpost.backend.MessageSource;
import org.airpost.backend.MoveMark;
import org.airpost.backend.Outcome;
import org.airpost.backend.Section;
import org.airpost.backend.UidSet;

/** The mailboxes of one user on an IMAP server. Safe for many threads; each call takes a connection of a small pool. */
final class ImapAccount implements MailAccount {

    /** Bytes that are in memory while a part is streamed. */
    private static final int CHUNK = 256 << 10;

    /** A connection that was unused for this long is asked whether it lives before something is sent that must not be repeated. */
    private static final Duration DOUBTFUL = Duration.ofSeconds(5);

    private static final byte[] NOTHING = {};

    /** Bytes of another message that show that the server reads messages. */
    private static final int WITNESS = 16 << 10;

    private final ImapBackend backend;
    private final Credentials credentials;
    private final Names names = new Names();
    private final Pool pool;
    private final Set<Watching> watches = ConcurrentHashMap.newKeySet();
    private final HangUps hangUps = new HangUps();

    /** True if the server can expunge some messages and leave others that are marked (RFC 4315). */
    private final boolean expungesByUid;

    private volatile boolean closed;
    private volatile Set<String> hidden = Set.of();
    private volatile boolean refused;

    ImapAccount(ImapBackend backend, Credentials credentials, ImapConnection first) {
        this.backend = backend;
        this.credentials = credentials;
        this.pool = new Pool(backend.settings(), backend.clock(), this::open, credentials.user());
        this.expungesByUid = first.can("UIDPLUS");
        pool.seed(first);
        backend.sweeper().add(pool);
    }

    private ImapConnection open() {
        if (refused) {
            throw ImapBackend.noMore(backend.settings(), "as it said before");
        }
        return backend.open(credentials, () -> refused = true);
    }

    private ImapConnection open(Budget.Place place) {
        if (refused) {
            throw ImapBackend.noMore(backend.settings(), "as it said before");
        }
        return backend.open(credentials, place, () -> refused = true);
    }

    @Override
    public boolean isRefused() {
        return refused;
    }

    /** What is done on a connection. It may be run twice: the second time on another one, when the first was lost. */
    private interface Work<T> {
        T on(ImapConnection connection) throws ConnectionLostException;
    }

    private <T> T with(String mailbox, boolean repeatable, Work<T> work) {
        for (boolean again = false; ; again = true) {
            var taken = pool.take(mailbox);
            var connection = taken.connection();
            boolean whole = false;
            try {
                if (!repeatable && taken.idle().compareTo(DOUBTFUL) > 0) {
                    connection.command("NOOP");
                }
                T result = work.on(connection);
                whole = true;
                return result;
            } catch (ConnectionLostException e) {
                // If the server is gone, the watch is to find out now and not at its next renewal.
                watches.forEach(Watching::doubt);
                if (again || e.isLate() || closed) {
                    throw ImapConnection.unavailable(backend.settings(), e);
                }
            } finally {
                if (whole) {
                    pool.give(connection);
                } else {
                    pool.drop(connection);
                }
            }
        }
    }

    /** The same with a mailbox selected that has this UIDVALIDITY. */
    private <T> T in(String mailbox, long uidValidity, boolean repeatable, Work<T> work) {
        return with(mailbox, repeatable, connection -> {
            select(connection, mailbox, uidValidity);
            return work.on(connection);
        });
    }

    private void select(ImapConnection connection, String mailbox, long uidValidity) throws ConnectionLostException {
        // One of another UIDVALIDITY may be a mailbox of that name that is gone: what is there now tells.
        if (!connection.hasSelected(mailbox)
                || connection.selected().orElseThrow().uidValidity() != uidValidity) {
            var reply = connection.select(mailbox, names.quoted(mailbox));
            if (!reply.isOk()) {
                throw new BackendUnavailableException(
                        "imap: " + mailbox + " cannot be selected: " + reply.words(), Duration.ofSeconds(1));
            }
        }
        long now = connection.selected().orElseThrow().uidValidity();
        if (now != uidValidity) {
            throw new BackendUnavailableException(
                    "imap: " + mailbox + " has UIDVALIDITY " + now + ", not " + uidValidity, Duration.ofSeconds(1));
        }
    }

    /** A change of a mailbox; what is known of it is not believed after that, however it ended. */
    private <T> T changing(String mailbox, Supplier<T> work) {
        try {
            return work.get();
        } finally {
            watches.forEach(watch -> watch.written(mailbox));
        }
    }

    @Override
    public List<Mailbox> mailboxes() {
        var settings = backend.settings();
        var listing = with(
                "",
                true,
                connection ->
                        new MailboxList(connection, names).mailboxes(settings.subscribedOnly(), settings.sharedToo()));
        hidden = listing.hidden();
        return listing.shown();
    }

    @Override
    public boolean isHidden(String mailbox) {
        return hidden.contains(mailbox);
    }

    @Override
    public Refreshed refresh(String mailbox, FolderView known) {
        return with(mailbox, true, connection -> new Refreshing(connection, names).refresh(mailbox, known));
    }

    @Override
    public UidSet receivedSince(String mailbox, long uidValidity, LocalDate day) {
        return in(mailbox, uidValidity, true, connection -> new Searching(connection).since(day));
    }

    @Override
    public UidSet withMessageId(String mailbox, long uidValidity, String messageId) {
        return in(mailbox, uidValidity, true, connection -> new Searching(connection).withMessageId(messageId));
    }

    @Override
    public Searched search(List<String> mailboxes, MailQuery query, Duration limit) {
        var search = new MailSearch(backend.clock(), query, mailboxes, limit);
        Optional<BackendUnavailableException> failure = Optional.empty();
        try {
            with("", true, connection -> {
                search.all(connection, names);
                return true;
            });
        } catch (BackendUnavailableException e) {
            failure = Optional.of(e); // it took too long, say: one after the other then, as far as the time goes
        }
        for (var mailbox : search.unfinished()) {
            if (search.isOver()) {
                break;
            }
            try {
                with(mailbox, true, connection -> {
                    if (connection.hasSelected(mailbox)
                            || connection.select(mailbox, names.quoted(mailbox)).isOk()) {
                        search.one(connection, mailbox);
                    }
                    return true;
                });
            } catch (BackendUnavailableException e) {
                failure = Optional.of(e); // the others may do
            }
        }
        var result = search.result();
        if (failure.isPresent()
                && result.found().isEmpty()
                && result.unfinished().size() == mailboxes.size()
                && search.left().isPositive()) {
            throw failure.get();
        }
        return result;
    }

    @Override
    public Map<Long, Instant> received(String mailbox, long uidValidity, UidSet uids) {
        return in(mailbox, uidValidity, true, connection -> new Reading(connection).received(uids));
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
        return describe(mailbox, uidValidity, uids, 0);
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids, int start) {
        if (uids.size() > 512) {
            throw new IllegalArgumentException(uids.size() + " messages to describe in one call");
        }
        var described = new HashMap<Long, MessageData>();
        ask(
                mailbox,
                uidValidity,
                start > 0 ? HangUps.Question.DESCRIPTION_WITH_START : HangUps.Question.DESCRIPTION,
                uid -> uid,
                uids,
                some -> {
                    var told =
                            in(mailbox, uidValidity, true, connection -> new Reading(connection).describe(some, start));
                    told.forEach(message -> described.put(message.uid(), message));
                    return told.stream().anyMatch(MessageData::readable);
                },
                uid -> in(
                                mailbox,
                                uidValidity,
                                true,
                                connection -> new Reading(connection).describe(List.of(uid), start))
                        .stream()
                        .anyMatch(MessageData::readable),
                uid -> (start > 0
                                ? describe(mailbox, uidValidity, List.of(uid)).stream()
                                        .findFirst()
                                : outline(mailbox, uidValidity, uid))
                        .ifPresent(message -> described.put(uid, message)));
        return uids.stream().map(described::get).filter(Objects::nonNull).toList();
    }

    @Override
    public Map<Long, byte[]> fields(String mailbox, long uidValidity, List<Long> uids, List<String> names) {
        var found = new LinkedHashMap<Long, byte[]>();
        ask(
                mailbox,
                uidValidity,
                HangUps.Question.FIELDS,
                uid -> uid,
                uids,
                some -> {
                    var told =
                            in(mailbox, uidValidity, true, connection -> new Reading(connection).fields(some, names));
                    found.putAll(told);
                    return !told.isEmpty();
                },
                uid -> !in(
                                mailbox,
                                uidValidity,
                                true,
                                connection -> new Reading(connection).fields(List.of(uid), names))
                        .isEmpty(),
                uid -> found.put(uid, NOTHING));
        return found;
    }

    @Override
    public Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections) {
        var read = new LinkedHashMap<Section, byte[]>();
        ask(
                mailbox,
                uidValidity,
                HangUps.Question.PARTS,
                Section::uid,
                sections,
                some -> {
                    var told = in(mailbox, uidValidity, true, connection -> new Reading(connection).read(some));
                    read.putAll(told);
                    return !told.isEmpty();
                },
                uid -> !in(
                                mailbox,
                                uidValidity,
                                true,
                                connection ->
                                        new Reading(connection).read(List.of(new Section(uid, "TEXT", 0, WITNESS))))
                        .isEmpty(),
                _ -> {});
        return read;
    }

    private <T> void ask(
            String mailbox,
            long uidValidity,
            HangUps.Question question,
            ToLongFunction<T> uid,
            List<T> things,
            Predicate<List<T>> ask,
            LongPredicate reads,
            Consumer<T> givenUp) {
        hangUps.ask(
                new HangUps.Asking<>(
                        mailbox,
                        uidValidity,
                        question,
                        uid,
                        ask,
                        one -> outline(mailbox, uidValidity, one).isPresent(),
                        () -> in(mailbox, uidValidity, true, connection -> new Reading(connection).some()),
                        reads),
                things,
                givenUp);
    }

    private Optional<MessageData> outline(String mailbox, long uidValidity, long uid) {
        return in(mailbox, uidValidity, true, connection -> new Reading(connection).outline(uid));
    }

    @Override
    public long read(String mailbox, long uidValidity, Section section, OutputStream out) throws IOException {
        long written = 0;
        while (true) {
            // The connection goes back between two chunks: whoever takes the bytes may be slow.
            long wanted = Math.min(CHUNK, section.length() - written);
            if (wanted == 0 && written > 0) {
                return written;
            }
            var chunk = new Section(section.uid(), section.section(), section.offset() + written, wanted);
            byte[] bytes = read(mailbox, uidValidity, List.of(chunk)).get(chunk);
            if (bytes == null) {
                return chunk.offset() > 0 && endsAt(mailbox, uidValidity, chunk, written > 0) ? written : -1;
            }
            out.write(bytes);
            written += bytes.length;
            if (bytes.length < CHUNK) {
                return written;
            }
        }
    }

    /**
     * True if a part ends where nothing came: past the end some servers say NIL, as if there were no such part. What is not
     * there, or refused or expunged half way, has not ended.
     */
    private boolean endsAt(String mailbox, long uidValidity, Section chunk, boolean begun) {
        var last = new Section(chunk.uid(), chunk.section(), chunk.offset() - 1, 2);
        byte[] bytes = read(mailbox, uidValidity, List.of(last)).get(last);
        if (bytes == null && !begun) {
            var start = new Section(chunk.uid(), chunk.section(), 0, 1);
            return read(mailbox, uidValidity, List.of(start)).containsKey(start);
        }
        return bytes != null && bytes.length <= 1;
    }

    @Override
    public Outcome<UidSet> store(String mailbox, long uidValidity, UidSet uids, Set<String> add, Set<String> remove) {
        return changing(
                mailbox,
                () -> in(
                        mailbox, uidValidity, true, connection -> new Changing().store(connection, uids, add, remove)));
    }

    @Override
    public Outcome<Map<Long, Long>> move(String mailbox, long uidValidity, UidSet uids, String target) {
        return transfer(mailbox, uidValidity, uids, target, true, _ -> {});
    }

    @Override
    public Outcome<Map<Long, Long>> move(
            String mailbox, long uidValidity, UidSet uids, String target, Consumer<MoveMark> begun) {
        return transfer(mailbox, uidValidity, uids, target, true, begun);
    }

    @Override
    public Outcome<Map<Long, Long>> resume(MoveMark mark, UidSet uids) {
        var moving = Moving.resuming(names, mark, uids);
        return changing(
                mark.target(),
                () -> changing(
                        mark.mailbox(),
                        () -> inTurn(
                                mark.mailbox(), () -> in(mark.mailbox(), mark.uidValidity(), false, moving::run))));
    }

    @Override
    public Outcome<Map<Long, Long>> copy(String mailbox, long uidValidity, UidSet uids, String target) {
        return transfer(mailbox, uidValidity, uids, target, false, _ -> {});
    }

    private Outcome<Map<Long, Long>> transfer(
            String mailbox, long uidValidity, UidSet uids, String target, boolean move, Consumer<MoveMark> begun) {
        if (uids.isEmpty()) {
            return Outcome.done(Map.of());
        }
        var moving = new Moving(names, mailbox, uidValidity, uids, target, move, begun);
        Supplier<Outcome<Map<Long, Long>>> work = () -> in(mailbox, uidValidity, false, moving::run);
        return changing(target, () -> changing(mailbox, () -> move ? inTurn(mailbox, work) : work.get()));
    }

    /** Before a connection is taken, so that nobody who waits for a turn has one. */
    private <T> T inTurn(String mailbox, Supplier<T> work) {
        return backend.turns().within(backend.settings().readTimeout(), credentials.user(), mailbox, work);
    }

    @Override
    public Outcome<UidSet> expunge(String mailbox, long uidValidity, UidSet uids) {
        var changing = new Changing();
        Supplier<Outcome<UidSet>> work =
                () -> in(mailbox, uidValidity, false, connection -> changing.expunge(connection, uids));
        return changing(mailbox, () -> expungesByUid ? work.get() : inTurn(mailbox, work));
    }

    @Override
    public Outcome<Long> append(String mailbox, MessageSource message, Set<String> flags, Instant internalDate) {
        var appending = new Changing.Appending(names, mailbox, message, flags, internalDate);
        return changing(mailbox, () -> with(mailbox, false, appending::run));
    }

    @Override
    public Outcome<String> create(String parent, String displayName) {
        var tries = new MailboxChanging.Tries();
        return with("", true, connection -> new MailboxChanging(connection, names, tries).create(parent, displayName));
    }

    @Override
    public Outcome<String> rename(String mailbox, String newParent, String newDisplayName) {
        pool.forget(mailbox);
        var tries = new MailboxChanging.Tries();
        return changing(
                mailbox,
                () -> with(
                        "",
                        false,
                        connection -> new MailboxChanging(connection, names, tries)
                                .rename(mailbox, newParent, newDisplayName)));
    }

    @Override
    public Outcome<String> delete(String mailbox) {
        pool.forget(mailbox);
        var settings = backend.settings();
        return changing(
                mailbox,
                () -> with(
                        "",
                        false,
                        connection -> new MailboxChanging(connection, names, new MailboxChanging.Tries())
                                .delete(mailbox, settings.subscribedOnly(), settings.sharedToo())));
    }

    @Override
    public Watch watch(Set<String> mailboxes, Consumer<String> listener) {
        var watching = new Watching(backend, this::open, this::isRefused, names, mailboxes, listener, watches::remove);
        watches.add(watching);
        watching.start();
        if (closed) {
            watching.close();
        }
        return watching;
    }

    @Override
    public void close() {
        closed = true;
        watches.forEach(Watching::close);
        pool.close();
        backend.sweeper().remove(pool);
    }
}
