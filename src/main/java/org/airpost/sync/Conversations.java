package org.airpost.sync;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.airpost.backend.Account;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which conversation each message of a folder belongs to: a note of eight bytes a message, made of its header once, where
 * somebody asks for conversations. It is kept in parts of {@value #PART} UIDs under {@code conversations/<user>/<folder>/<part>},
 * so that a new message costs one part and not the folder. It is a cache: what is missing is read again. Source: decision 021.
 */
public final class Conversations {

    private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);
    private static final int FORMAT = 1;

    /** UIDs of a part. */
    private static final int PART = 1_024;

    /** Parts are kept for so long after they were written last: those of folders that are gone go by themselves. */
    private static final Duration KEPT = Duration.ofDays(90);

    private static final UidSet EVERY_UID = UidSet.range(1, 0xFFFF_FFFFL);

    private static final long CACHE_BYTES = 64L << 20;
    private static final int BYTES_OF_PART = 100;
    private static final int BYTES_OF_MESSAGE = 10;

    private final Store store;
    private final InstantSource clock;
    private final List<String> fields;
    private final Function<byte[], OptionalLong> reader;
    private final Turns turns = new Turns();
    private final Cache<String, Part> parts = Caffeine.newBuilder()
            .maximumWeight(CACHE_BYTES)
            .weigher((String _, Part part) -> BYTES_OF_PART + BYTES_OF_MESSAGE * part.offsets.length)
            .build();

    /**
     * An index.
     *
     * @param fields the header fields that tell a conversation
     * @param reader reads its number of them; empty if a message is a conversation for itself
     */
    public Conversations(Store store, InstantSource clock, List<String> fields, Function<byte[], OptionalLong> reader) {
        this.store = store;
        this.clock = clock;
        this.fields = List.copyOf(fields);
        this.reader = reader;
    }

    /** Messages, and whether all that may be among them were looked at before the time was up. */
    public record Known(UidSet uids, boolean whole) {}

    /** What is noted of the messages of a part; immutable. The offsets ascend. */
    private static final class Part {
        private static final Part EMPTY = new Part(0, new char[0], new long[0]);

        private final long uidValidity;
        private final char[] offsets;
        private final long[] numbers;

        private Part(long uidValidity, char[] offsets, long[] numbers) {
            this.uidValidity = uidValidity;
            this.offsets = offsets;
            this.numbers = numbers;
        }

        boolean knows(long uid) {
            return Arrays.binarySearch(offsets, (char) (uid % PART)) >= 0;
        }

        /** The messages of these conversations. */
        void find(long first, LongPredicate wanted, UidSet.Builder found) {
            for (int i = 0; i < offsets.length; i++) {
                if (wanted.test(numbers[i])) {
                    found.add(first + offsets[i]);
                }
            }
        }

        Optional<Long> number(long uid) {
            int at = Arrays.binarySearch(offsets, (char) (uid % PART));
            return at < 0 ? Optional.empty() : Optional.of(numbers[at]);
        }

        /** The same with some more, and without those that are gone. */
        Part with(long first, UidSet present, Map<Long, Long> more) {
            var all = new TreeMap<Long, Long>(more);
            for (int i = 0; i < offsets.length; i++) {
                if (present.contains(first + offsets[i])) {
                    all.put(first + offsets[i], numbers[i]);
                }
            }
            var offsetsNow = new char[all.size()];
            var numbersNow = new long[all.size()];
            int at = 0;
            for (var entry : all.entrySet()) {
                offsetsNow[at] = (char) (entry.getKey() % PART);
                numbersNow[at++] = entry.getValue();
            }
            return new Part(uidValidity, offsetsNow, numbersNow);
        }
    }

    /**
     * A folder that is asked about.
     *
     * @param present messages of which something may be noted; what is noted of others is dropped
     */
    private record Place(Account account, Folder folder, long uidValidity, UidSet present) {

        static Place of(Account account, Folder folder, FolderView view) {
            return new Place(account, folder, view.uidValidity(), view.present());
        }

        String name() {
            return "conversations/" + account.user() + "/" + folder.id();
        }

        String key(long part) {
            return name() + "/" + part;
        }
    }

    /** The messages of a view that are in a conversation with some of them, and these. */
    public Known with(Account account, Folder folder, FolderView view, UidSet some, Duration limit) {
        var asked = some.and(view.present());
        if (asked.isEmpty()) {
            return new Known(asked, true);
        }
        var place = Place.of(account, folder, view);
        boolean whole = learn(place, view.present(), limit);
        return new Known(find(place, view.present(), numbers(place, asked)).or(asked), whole);
    }

    /** Those of some messages that are in a conversation. */
    public Known among(
            Account account, Folder folder, long uidValidity, UidSet some, long conversation, Duration limit) {
        var place = new Place(account, folder, uidValidity, EVERY_UID);
        boolean whole = learn(place, some, limit);
        return new Known(find(place, some, new long[] {conversation}), whole);
    }

    /** Messages of a conversation as far as they are known without asking the server. */
    public UidSet known(Account account, Folder folder, FolderView view, long conversation) {
        return find(Place.of(account, folder, view), view.present(), new long[] {conversation});
    }

    /** Looks for messages of a conversation, the newest first, until there are some; none if the time is up before. */
    public Known first(Account account, Folder folder, FolderView view, long conversation, Duration limit) {
        var place = Place.of(account, folder, view);
        var end = clock.instant().plus(limit);
        for (long part = number(view.present().greatest()); part >= 0; part = below(view.present(), part)) {
            var some = ofPart(view.present(), part);
            boolean whole = learn(place, some, Duration.between(clock.instant(), end));
            var found = find(place, some, new long[] {conversation});
            if (!found.isEmpty() || !whole) {
                return new Known(found, whole);
            }
        }
        return new Known(UidSet.EMPTY, true);
    }

    /** The number of the part that a UID is in; none of nothing. */
    private static long number(long uid) {
        return uid == 0 ? -1 : uid / PART;
    }

    /** The next part below that has messages; -1 if there is none. */
    private static long below(UidSet uids, long part) {
        return part == 0
                ? -1
                : number(uids.and(UidSet.range(1, part * PART - 1)).greatest());
    }

    private static UidSet ofPart(UidSet uids, long part) {
        return uids.and(UidSet.range(Math.max(1, part * PART), part * PART + PART - 1));
    }

    private UidSet find(Place place, UidSet among, long[] sorted) {
        var found = UidSet.builder();
        for (long part = number(among.greatest()); part >= 0; part = below(among, part)) {
            part(place, part).find(part * PART, number -> Arrays.binarySearch(sorted, number) >= 0, found);
        }
        return found.build().and(among);
    }

    private long[] numbers(Place place, UidSet uids) {
        var numbers = new ArrayList<Long>();
        uids.forEach(uid -> part(place, number(uid)).number(uid).ifPresent(numbers::add));
        return numbers.stream().mapToLong(Long::longValue).sorted().distinct().toArray();
    }

    /** Reads what is not noted yet, the newest first; false if the time was up before. */
    private boolean learn(Place place, UidSet uids, Duration limit) {
        var end = clock.instant().plus(limit);
        return turns.within(limit, place.name(), () -> {
                    for (long part = number(uids.greatest()); part >= 0; part = below(uids, part)) {
                        if (!learn(place, part, ofPart(uids, part), end)) {
                            return false;
                        }
                    }
                    return true;
                })
                .orElse(false);
    }

    private boolean learn(Place place, long part, UidSet uids, Instant end) {
        var before = part(place, part);
        var missing = new ArrayList<Long>();
        uids.forEach(uid -> {
            if (!before.knows(uid)) {
                missing.add(uid);
            }
        });
        if (missing.isEmpty()) {
            return true;
        }
        if (!clock.instant().isBefore(end)) {
            return false;
        }
        var more = new HashMap<Long, Long>();
        place.account()
                .mail()
                .fields(place.folder().mailbox(), place.uidValidity(), missing, fields)
                .forEach((uid, header) -> more.put(uid, number(uid, header)));
        var after = before.with(part * PART, place.present(), more);
        parts.put(place.key(part), after);
        save(place.key(part), after);
        return true;
    }

    /** A message whose header says nothing, or cannot be read, is a conversation for itself. */
    private long number(long uid, byte[] header) {
        try {
            return reader.apply(header).orElse(-uid);
        } catch (RuntimeException e) {
            // One message must not hide all of the others, whatever its header holds.
            LOG.warn(
                    "conversation unreadable uid={} problem={}",
                    uid,
                    e.getClass().getName());
            return -uid;
        }
    }

    private Part part(Place place, long part) {
        var there = parts.get(place.key(part), this::load);
        return there.uidValidity == place.uidValidity()
                ? there
                : new Part(place.uidValidity(), Part.EMPTY.offsets, Part.EMPTY.numbers);
    }

    private Part load(String key) {
        return store.get(key).map(stored -> decode(key, stored.value())).orElse(Part.EMPTY);
    }

    private void save(String key, Part part) {
        try {
            long version = store.get(key).map(Store.Versioned::version).orElse(Store.ABSENT);
            store.put(key, encode(part), version, Optional.of(clock.instant().plus(KEPT)));
        } catch (StoreException e) {
            // A cache: without it these headers are read once more after a restart, and nothing is lost.
            LOG.warn("conversations not written key={} reason={}", key, e.getMessage());
        }
    }

    private static byte[] encode(Part part) {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(part.uidValidity);
            out.writeShort(part.offsets.length);
            for (int i = 0; i < part.offsets.length; i++) {
                out.writeShort(part.offsets[i]);
                out.writeLong(part.numbers[i]);
            }
        });
    }

    private static Part decode(String key, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != FORMAT) {
                return Part.EMPTY;
            }
            long uidValidity = in.readLong();
            int count = in.readUnsignedShort();
            var offsets = new char[count];
            var numbers = new long[count];
            for (int i = 0; i < count; i++) {
                offsets[i] = (char) in.readUnsignedShort();
                numbers[i] = in.readLong();
            }
            return new Part(uidValidity, offsets, numbers);
        } catch (IOException e) {
            LOG.warn("conversations not readable, they are read anew key={} reason={}", key, e.getMessage());
            return Part.EMPTY;
        }
    }
}
