package org.airpost.sync;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.UidSet;
import org.airpost.eas.FilterType;
import org.airpost.eas.MailLimits;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The views of all users' folders: one for each folder, shared by the user's devices, kept over restarts. A view is a
 * cache: it is written when it has been quiet for a while and at the end, never in the way of a request.
 */
public final class Views implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Views.class);
    private static final int FORMAT = 1;

    /** Of the memory that Java may take at most, a fourth may go into views: those of 100,000 messages take 100 KiB. */
    private static final long MEMORY = Runtime.getRuntime().maxMemory() / 4;

    private static final int BYTES_OF_VIEW = 500;

    private static final int MOST_UNWRITTEN = 1_000;

    /** For learning of conversations in one look; what is left is learnt in the next. */
    private static final Duration LEARNING = Duration.ofSeconds(10);

    private static final Duration LEAST_LEARNING = Duration.ofSeconds(1);

    private static final Duration QUIET = Duration.ofSeconds(30);
    private static final Duration REFRESH_LIMIT = Duration.ofSeconds(60);

    /** A view is believed for this long at most: a server may have kept something to itself. */
    private static final Duration TRUST = Duration.ofMinutes(2);

    private final Store store;
    private final InstantSource clock;
    private final Annotations notes;
    private final Conversations conversations;
    private volatile Marks marks = (_, _) -> OptionalLong.empty();
    private volatile Arrivals arrivals = (_, _, view) -> view;
    private final Turns turns = new Turns();
    private final Cache<String, Entry> entries;

    /** Views that went while the store failed. */
    private final Map<String, Entry> unwritten = new ConcurrentHashMap<>();

    /** Views where nobody asks for conversations: each message is one for itself. */
    public Views(Store store, InstantSource clock) {
        this(store, clock, new Conversations(store, clock, List.of("Message-ID"), _ -> OptionalLong.empty()));
    }

    public Views(Store store, InstantSource clock, Conversations conversations) {
        this(store, clock, conversations, MEMORY);
    }

    Views(Store store, InstantSource clock, Conversations conversations, long mostBytes) {
        this.entries = Caffeine.newBuilder()
                .maximumWeight(mostBytes)
                .weigher((String key, Entry entry) -> key.length() + entry.weight)
                .evictionListener(this::evicted)
                .build();
        this.store = store;
        this.clock = clock;
        this.conversations = conversations;
        this.notes = new Annotations(store);
    }

    /** What users did that the mail server has no place for; views show it too. */
    public Annotations notes() {
        return notes;
    }

    /** What a live watch has heard of mailboxes. */
    interface Marks {

        /**
         * A number that changes whenever something is heard of a mailbox, and is never the same twice; empty if no watch
         * hears of each change at once.
         */
        OptionalLong of(MailAccount mail, String mailbox);
    }

    /** Looks at what has come before anybody is told of it. */
    public interface Arrivals {

        /** The view without what does not stay there. Called one at a time for each folder; blocks for a bounded time. */
        FolderView look(Account account, Folder folder, FolderView view);
    }

    /** Has somebody look at each view that the server was asked for. */
    public void look(Arrivals looking) {
        arrivals = looking;
    }

    /** Believes a view, without asking the server, as long as the mark of its mailbox is the one before it was refreshed. */
    void trust(Marks heard) {
        marks = heard;
    }

    /** Writes a view before it goes: who asks for it next gets it from the store, and must not get one of before. */
    private void evicted(@Nullable String key, @Nullable Entry entry, RemovalCause cause) {
        if (key != null && entry != null && !save(key, entry) && unwritten.size() < MOST_UNWRITTEN) {
            unwritten.put(key, entry);
        }
    }

    private static final class Entry {
        private volatile FolderView view = FolderView.UNKNOWN;
        private volatile FolderView saved = FolderView.UNKNOWN;
        private volatile Instant changed = Instant.MIN;
        private volatile Optional<Mark> mark = Optional.empty();
        private final Map<FilterType, Received> windows = new ConcurrentHashMap<>();
        private final Map<FilterType, Widened> widened = new ConcurrentHashMap<>();
        private volatile Optional<Annotated> annotated = Optional.empty();
        private volatile int weight = BYTES_OF_VIEW;
        private volatile boolean asked;

        /** Memory that it takes, about. */
        private int bytes() {
            long bytes = view.present().bytes();
            for (var carriers : view.flags().values()) {
                bytes += carriers.bytes();
            }
            for (var window : windows.values()) {
                bytes += window.uids.bytes();
            }
            for (var window : widened.values()) {
                bytes += window.uids.bytes();
            }
            return (int) Math.min(BYTES_OF_VIEW + bytes, Integer.MAX_VALUE / 2);
        }
    }

    /** Has an entry count for what it has come to be, and be there if it went meanwhile. */
    private void weigh(String key, Entry entry) {
        int bytes = entry.bytes();
        boolean isOther = Math.abs(bytes - entry.weight) > entry.weight / 4;
        if (isOther || entries.getIfPresent(key) != entry) {
            entry.weight = bytes;
            entries.put(key, entry);
        }
    }

    /** A view with the annotations of a version over it. */
    private record Annotated(FolderView plain, long version, FolderView view) {}

    /** The view of an entry as devices are to see it; the same object as long as nothing has changed. */
    @SuppressWarnings("ReferenceEquality") // views are large, and the same one comes again and again
    private FolderView annotated(Account account, Folder folder, Entry entry, FolderView view) {
        var noted = notes.load(account.user(), folder.id());
        var before = entry.annotated;
        if (before.isPresent() && before.get().plain() == view && before.get().version() == noted.storeVersion()) {
            return before.get().view();
        }
        var now = Annotations.over(view, noted);
        entry.annotated = Optional.of(new Annotated(view, noted.storeVersion(), now));
        return now;
    }

    /** Up to where a view holds, and when that was found. */
    private record Mark(MailAccount mail, long number, Instant found) {}

    /** What was received inside of a filter, as it was computed: for a day, and for the messages up to a UID. */
    private record Received(LocalDate since, long uidValidity, long greatest, UidSet uids) {

        boolean isOfSameDay(Received other) {
            return since.equals(other.since) && uidValidity == other.uidValidity;
        }
    }

    /** The same with whole conversations. */
    private record Widened(Received received, UidSet uids, boolean whole) {}

    /**
     * What of a folder a phone is to have; sets that may hold more than the view has.
     *
     * @param received what the filter itself lets through
     * @param whole false if conversations were not all looked at, so that there may be more with the next look
     */
    public record Window(UidSet uids, UidSet received, boolean whole) {}

    /**
     * The view as it is now; empty if the mailbox is gone. The server is asked, unless a watch would have heard of a change:
     * then the view is as late as the server's own events are, and what it does not show yet is still to be told.
     */
    public Optional<FolderView> refresh(Account account, Folder folder) {
        return refreshed(account, folder).map(view -> annotated(account, folder, entry(key(account, folder)), view));
    }

    private Optional<FolderView> refreshed(Account account, Folder folder) {
        var key = key(account, folder);
        var believed = believed(account, folder, entry(key));
        if (believed.isPresent()) {
            return believed;
        }
        return turns.within(REFRESH_LIMIT, key, () -> {
                    var entry = entry(key);
                    // Somebody may have asked meanwhile.
                    var known = believed(account, folder, entry);
                    return known.isPresent() ? known : ask(account, folder, key, entry);
                })
                .orElseThrow(() -> new BackendUnavailableException(
                        "refresh of folder %s of %s took longer than %s"
                                .formatted(folder.id(), account.user(), REFRESH_LIMIT),
                        Duration.ofSeconds(10)));
    }

    private Optional<FolderView> ask(Account account, Folder folder, String key, Entry entry) {
        // Before asking: what is heard meanwhile may or may not be in the answer.
        var mark = marks.of(account.mail(), folder.mailbox());
        entry.mark = Optional.empty();
        return switch (account.mail().refresh(folder.mailbox(), entry.view)) {
            case Refreshed.Current(var found) -> {
                var view = arrivals.look(account, folder, found);
                set(key, entry, view);
                entry.asked = true;
                if (mark.isPresent()) {
                    entry.mark = Optional.of(new Mark(account.mail(), mark.getAsLong(), clock.instant()));
                }
                yield Optional.of(view);
            }
            case Refreshed.Gone() -> {
                entries.invalidate(key);
                forget(key);
                yield Optional.empty();
            }
        };
    }

    private Optional<FolderView> believed(Account account, Folder folder, Entry entry) {
        var mark = entry.mark;
        if (mark.isEmpty()
                || !mark.get().mail().equals(account.mail())
                || !clock.instant().isBefore(mark.get().found().plus(TRUST))) {
            return Optional.empty();
        }
        var now = marks.of(account.mail(), folder.mailbox());
        return now.isPresent() && now.getAsLong() == mark.get().number() ? Optional.of(entry.view) : Optional.empty();
    }

    /**
     * The view as last seen; the server is asked only if it was not since the view is in memory, since what the store has of
     * it may be older. Empty if the mailbox is gone.
     */
    Optional<FolderView> seen(Account account, Folder folder) {
        var entry = entry(key(account, folder));
        return entry.asked ? Optional.of(annotated(account, folder, entry, entry.view)) : refresh(account, folder);
    }

    /** The view as last seen, without asking the server. */
    public FolderView known(Account account, Folder folder) {
        var entry = entry(key(account, folder));
        return annotated(account, folder, entry, entry.view);
    }

    /** Notes that the server has changed flags as it was told to; gives the view after that. */
    public FolderView flagged(Account account, Folder folder, UidSet uids, Set<String> add, Set<String> remove) {
        return change(account, folder, view -> {
            var flags = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
            flags.putAll(view.flags());
            var there = uids.and(view.present());
            add.forEach(flag -> flags.merge(flag, there, UidSet::or));
            remove.forEach(flag -> flags.computeIfPresent(flag, (_, carriers) -> carriers.minus(there)));
            return new FolderView(view.uidValidity(), view.uidNext(), view.highestModSeq(), view.present(), flags);
        });
    }

    /** Notes that the server has removed messages as it was told to; gives the view after that. */
    public FolderView removed(Account account, Folder folder, UidSet uids) {
        return change(account, folder, view -> {
            var flags = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
            view.flags().forEach((flag, carriers) -> flags.put(flag, carriers.minus(uids)));
            return new FolderView(
                    view.uidValidity(),
                    view.uidNext(),
                    view.highestModSeq(),
                    view.present().minus(uids),
                    flags);
        });
    }

    private FolderView change(Account account, Folder folder, UnaryOperator<FolderView> change) {
        var key = key(account, folder);
        var view = turns.within(REFRESH_LIMIT, key, () -> {
                    var entry = entry(key);
                    set(key, entry, change.apply(entry.view));
                    return entry.view;
                })
                .orElseGet(() -> change.apply(entry(key).view));
        return annotated(account, folder, entry(key), view);
    }

    /**
     * The messages of a view that a phone is to have: those inside of its filter, and if it wants conversations all that are
     * in one with them. What was in it once stays in it for the day, or who deletes the newest message of a conversation would
     * lose the others with it. Source: MS-ASCMD_R2107 to R2112; MS-ASCON_R223, R233.
     */
    public Window window(Account account, Folder folder, FolderView view, CollectionOptions options) {
        return window(account, folder, view, options, LEARNING);
    }

    private Window window(
            Account account, Folder folder, FolderView view, CollectionOptions options, Duration learning) {
        var filter = options.filter();
        if (filter.reach().isEmpty()) {
            return new Window(view.present(), view.present(), true);
        }
        var received = received(account, folder, view, filter);
        if (!options.conversations()) {
            return new Window(received.uids, received.uids, true);
        }
        var key = key(account, folder);
        var entry = entry(key);
        var widened = entry.widened.get(filter);
        if (widened == null || !widened.whole || !widened.received.equals(received)) {
            var known = conversations.with(account, folder, view, received.uids, learning);
            var uids = widened != null && widened.received.isOfSameDay(received)
                    ? widened.uids.or(known.uids())
                    : known.uids();
            widened = new Widened(received, uids, known.whole());
            entry.widened.put(filter, widened);
            weigh(key, entry);
        }
        return new Window(widened.uids, received.uids, widened.whole);
    }

    /**
     * The same within what a policy lets the phone have: of conversations too, nothing older.
     *
     * @param left time that is left for the answer; half of it may go into learning of conversations, or a second if there is
     *     less, so that each look brings it further
     */
    public Window window(
            Account account,
            Folder folder,
            FolderView view,
            CollectionOptions options,
            MailLimits limits,
            Duration left) {
        var half = left.dividedBy(2).compareTo(LEAST_LEARNING) > 0 ? left.dividedBy(2) : LEAST_LEARNING;
        var window = window(
                account,
                folder,
                view,
                options.with(limits.narrower(options.filter())),
                half.compareTo(LEARNING) < 0 ? half : LEARNING);
        if (!options.conversations() || limits.age().reach().isEmpty()) {
            return window;
        }
        var allowed = received(account, folder, view, limits.age()).uids;
        return new Window(window.uids.and(allowed), window.received, window.whole);
    }

    /**
     * What was received inside of a filter, by the day of the INTERNALDATE; asked of the server anew when the day has changed
     * or messages have come.
     */
    private Received received(Account account, Folder folder, FolderView view, FilterType filter) {
        var since = LocalDate.ofInstant(clock.instant().minus(filter.reach().orElseThrow()), ZoneOffset.UTC);
        var key = key(account, folder);
        var entry = entry(key);
        long greatest = view.present().greatest();
        var window = entry.windows.get(filter);
        if (window == null
                || !window.since.equals(since)
                || window.uidValidity != view.uidValidity()
                || window.greatest != greatest) {
            var uids = account.mail().receivedSince(folder.mailbox(), view.uidValidity(), since);
            window = new Received(since, view.uidValidity(), greatest, uids);
            entry.windows.put(filter, window);
            weigh(key, entry);
        }
        return window;
    }

    /** Writes the views that changed and have been quiet since; called from time to time. */
    public void saveQuiet() {
        var before = clock.instant().minus(QUIET);
        entries.asMap().forEach((key, entry) -> {
            if (entry.changed.isBefore(before)) {
                save(key, entry);
            }
        });
        unwritten.forEach((key, entry) -> {
            if (save(key, entry)) {
                unwritten.remove(key, entry);
            }
        });
    }

    @Override
    public void close() {
        entries.asMap().forEach(this::save);
        unwritten.forEach(this::save);
    }

    private void set(String key, Entry entry, FolderView view) {
        if (!view.equals(entry.view)) {
            entry.view = view;
            entry.changed = clock.instant();
            weigh(key, entry);
        }
    }

    private Entry entry(String key) {
        return entries.get(key, _ -> {
            var there = unwritten.remove(key);
            if (there != null) {
                return there;
            }
            var entry = new Entry();
            store.get(key).flatMap(stored -> decode(key, stored.value())).ifPresent(view -> {
                entry.view = view;
                entry.saved = view;
                entry.weight = entry.bytes();
            });
            return entry;
        });
    }

    /** False if the store failed. */
    private boolean save(String key, Entry entry) {
        var view = entry.view;
        if (view.equals(entry.saved) || view.uidValidity() == 0) {
            return true;
        }
        try {
            long version = store.get(key).map(Store.Versioned::version).orElse(Store.ABSENT);
            store.put(key, encode(view), version);
            entry.saved = view;
            return true;
        } catch (StoreException e) {
            // The view is a cache: without it the folder is listed once more after a restart, and nothing is lost.
            LOG.warn("view not written key={} reason={}", key, e.getMessage());
            return false;
        }
    }

    private void forget(String key) {
        store.get(key).ifPresent(stored -> store.delete(key, stored.version()));
    }

    private static byte[] encode(FolderView view) {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(view.uidValidity());
            out.writeLong(view.uidNext());
            out.writeLong(view.highestModSeq());
            new Ledger(view.present(), view.flags()).write(out);
        });
    }

    private static Optional<FolderView> decode(String key, byte[] value) {
        try (var in = new DataInputStream(new ByteArrayInputStream(value))) {
            if (in.readByte() != FORMAT) {
                return Optional.empty();
            }
            long uidValidity = in.readLong();
            long uidNext = in.readLong();
            long highestModSeq = in.readLong();
            var ledger = Ledger.read(in);
            return Optional.of(new FolderView(uidValidity, uidNext, highestModSeq, ledger.present(), ledger.flags()));
        } catch (IOException e) {
            LOG.warn("view not readable, the folder is listed anew key={} reason={}", key, e.getMessage());
            return Optional.empty();
        }
    }

    private static String key(Account account, Folder folder) {
        return "view/" + account.user() + "/" + folder.id();
    }
}
