package org.airpost.store.mapdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.store.StoreLimits;
import org.airpost.store.mapdb.Trees.Held;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in one file on the local disk, with a journal beside it ({@code airpost.db}, {@code airpost.db.journal}).
 *
 * <p>Flushing to the disk costs milliseconds, so one writer thread takes all writes that wait, judges them in the order in
 * which they came, and commits them together; each caller waits until the commit that holds its write is on the disk.
 *
 * <p>While a commit is under way, readers get the values from before it. So what they see is on the disk, and a writer who
 * has its answer sees its own write.
 *
 * <p>If a commit fails (disk full, input/output error), its callers get {@link StoreException}, and the file is opened
 * anew as after a crash: whether those writes count shows when the key is read again, as always with compare-and-set.
 */
public final class MapDbStore implements Store {

    /** Writes that may wait. As each waiting write is a waiting thread, this is more than there are requests. */
    private static final int QUEUE_WRITES = 10_000;

    /** Where a batch ends: so many writes, or so many bytes of values, old and new together. */
    private static final int BATCH_WRITES = 1_000;

    private static final long BATCH_BYTES = 32L * 1024 * 1024;

    /** Expired values removed in one batch. */
    private static final int SWEEP_STEP = 256;

    private static final Duration SWEEP_EVERY = Duration.ofSeconds(15);

    /** How long a writer waits for its commit. Past that the disk hangs, and the outcome is unknown. */
    private static final Duration WRITE_DEADLINE = Duration.ofSeconds(20);

    private static final Logger log = LoggerFactory.getLogger(MapDbStore.class);

    private final Path file;
    private final InstantSource clock;
    private final Duration writeDeadline;
    private final BlockingQueue<Write> queue = new ArrayBlockingQueue<>(QUEUE_WRITES);
    private final Thread writer;

    /** Held shared for reading, held alone while the trees change in memory; not held while a commit goes to the disk. */
    private final ReentrantReadWriteLock treesLock = new ReentrantReadWriteLock();

    /** Empty while the file cannot be opened after a failure. */
    private Optional<Trees> trees;

    /** While a commit is under way, what its keys had before it. Replaced as a whole, never changed. */
    private volatile NavigableMap<String, Optional<Held>> before = Collections.emptyNavigableMap();

    private volatile boolean closed;
    private long lastSweep = System.nanoTime();

    /** Opens the file, or makes it. {@link StoreException} if it is in use, damaged, or of a newer format. */
    public MapDbStore(Path file, InstantSource clock) {
        this(file, clock, WRITE_DEADLINE);
    }

    MapDbStore(Path file, InstantSource clock, Duration writeDeadline) {
        this.file = file.toAbsolutePath();
        this.clock = clock;
        this.writeDeadline = writeDeadline;
        this.trees = Optional.of(Trees.open(this.file));
        this.writer = Thread.ofPlatform().name("store-writer").daemon().unstarted(this::writeUntilClosed);
        this.writer.start();
    }

    // Reading

    @Override
    public Optional<Versioned> get(String key) {
        StoreLimits.checkKey(key);
        return reading("get " + key, found -> committed(found, key))
                .filter(held -> held.livesAt(clock.millis()))
                .map(MapDbStore::versioned);
    }

    @Override
    public List<Entry> scan(String prefix, String after, int limit) {
        StoreLimits.checkLimit(limit);
        return reading("scan " + prefix, found -> scan(found, prefix, after, limit));
    }

    private <T> T reading(String what, Function<Trees, T> read) {
        treesLock.readLock().lock();
        try {
            return read.apply(open());
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            // MapDB says "damaged" in many types.
            throw new StoreException(what + " failed: " + e, e);
        } finally {
            treesLock.readLock().unlock();
        }
    }

    private Trees open() {
        if (closed) {
            throw new StoreException("the store is closed: " + file);
        }
        return trees.orElseThrow(
                () -> new StoreException("the store failed and cannot be opened again yet, see the log: " + file));
    }

    private Optional<Held> committed(Trees found, String key) {
        var old = before.get(key);
        return old == null ? found.find(key) : old;
    }

    private List<Entry> scan(Trees found, String prefix, String after, int limit) {
        var now = clock.millis();
        var isFirst = after.compareTo(prefix) < 0;
        var from = isFirst ? prefix : after;
        // Keys that the commit under way removed are still there for a reader, so both orders are merged.
        var removed = before.tailMap(from, isFirst).keySet().iterator();
        var present = found.keys(from, isFirst);
        var keys = new MergedKeys(present, removed);
        var entries = new ArrayList<Entry>();
        while (entries.size() < limit && keys.hasNext()) {
            var key = keys.next();
            if (!key.startsWith(prefix)) {
                break;
            }
            committed(found, key)
                    .filter(held -> held.livesAt(now))
                    .ifPresent(held -> entries.add(new Entry(key, versioned(held))));
        }
        return List.copyOf(entries);
    }

    private static Versioned versioned(Held held) {
        return new Versioned(held.value(), held.version());
    }

    // Writing, at the caller

    @Override
    public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
        StoreLimits.checkKey(key);
        var copy = StoreLimits.checkValue(key, value).clone();
        var until = expiry.map(MapDbStore::millis).orElse(Trees.NEVER);
        var version = submit(new Write("put " + key, copy.length, batch -> batch.put(key, copy, expected, until)));
        return version == ABSENT ? OptionalLong.empty() : OptionalLong.of(version);
    }

    private static long millis(Instant moment) {
        try {
            return Math.max(0, moment.toEpochMilli());
        } catch (ArithmeticException e) {
            return moment.isAfter(Instant.EPOCH) ? Trees.NEVER : 0;
        }
    }

    @Override
    public boolean delete(String key, long expected) {
        StoreLimits.checkKey(key);
        return submit(new Write("delete " + key, 0, batch -> batch.delete(key, expected))) == 1;
    }

    /** Removes some of what has expired, now; gives how many. The writer does so by itself in the background. */
    int sweep() {
        return (int) submit(new Write("sweep", 0, Batch::sweep));
    }

    /**
     * Others are not kept waiting: what they write meanwhile is not in the copy. The file is opened and read to its end
     * before this returns, so a copy that is there is a good one.
     */
    @Override
    public long copyTo(Path target) {
        var whole = target.toAbsolutePath();
        var copy = new Copy(whole);
        try {
            submit(new Write("copy", 0, copy::begin));
        } catch (StoreException e) {
            copy.giveUp();
            throw e;
        }
        var volume = copy.volume();
        try {
            volume.finishCopy();
            return check(whole);
        } catch (RuntimeException e) {
            remove(whole);
            throw e;
        }
    }

    private static void remove(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException _) {
            log.warn("store copy not removed file={}", copy);
        }
    }

    /** A copy that the writer begins, unless nobody waits for it any more by then. */
    private static final class Copy {
        private final Path target;
        private Optional<JournaledVolume> begun = Optional.empty();
        private Optional<StoreException> refused = Optional.empty();
        private boolean isWanted = true;

        Copy(Path target) {
            this.target = target;
        }

        synchronized long begin(Batch batch) {
            if (isWanted) {
                try {
                    begun = Optional.of(batch.trees.beginCopy(target));
                } catch (StoreException e) {
                    // It is the copy's, and not that of those whose writes are in this batch.
                    refused = Optional.of(e);
                }
            }
            return 0;
        }

        synchronized JournaledVolume volume() {
            refused.ifPresent(e -> {
                throw e;
            });
            return begun.orElseThrow();
        }

        /** One that went on would keep all later ones from being made. */
        synchronized void giveUp() {
            isWanted = false;
            begun.ifPresent(volume -> {
                volume.endCopy();
                remove(target);
            });
        }
    }

    /** Reads a store that nobody has open from one end to the other; gives the number of its values. */
    public static long check(Path file) {
        var journal = file.resolveSibling(file.getFileName() + ".journal");
        if (!Files.exists(file)) {
            throw new StoreException("there is no " + file); // opened, it would be a new store, and a good one
        }
        try {
            var trees = Trees.open(file);
            long values = 0;
            try {
                for (var keys = trees.keys("", true); keys.hasNext(); values++) {
                    var key = keys.next();
                    if (trees.find(key).isEmpty()) {
                        throw new StoreException("a value is missing: key " + key);
                    }
                }
            } finally {
                trees.close();
            }
            Files.deleteIfExists(journal);
            return values;
        } catch (IOException e) {
            throw new StoreException("cannot read %s: %s".formatted(file, e), e);
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            // MapDB says "damaged" in many types.
            throw new StoreException("%s is damaged: %s".formatted(file, e), e);
        }
    }

    /** The open file, for tests that take it away. */
    Trees current() {
        return open();
    }

    private long submit(Write write) {
        if (closed || !queue.offer(write)) {
            throw new StoreException((closed ? "the store is closed: " : "too many writes wait: ") + write.what());
        }
        if (closed && queue.remove(write)) {
            throw new StoreException("the store is closed: " + write.what());
        }
        return write.await(writeDeadline);
    }

    // Writing, in the writer thread

    private void writeUntilClosed() {
        while (!closed || !queue.isEmpty()) {
            try {
                var first = Optional.ofNullable(queue.poll(SWEEP_EVERY.toMillis(), TimeUnit.MILLISECONDS));
                commitTogether(first.orElseGet(() -> new Write("sweep", 0, Batch::sweep)));
            } catch (InterruptedException e) {
                // Nobody has a reason to: an interrupt would close the journal's channel in the middle of a commit.
                log.warn("store interrupt=ignored file={}", file, e);
            }
        }
    }

    private void commitTogether(Write first) {
        var taken = new ArrayList<Write>();
        taken.add(first);
        try {
            var current = openAgainIfNeeded();
            var hasChanged = apply(current, taken);
            if (hasChanged) {
                current.commit();
            }
            before = Collections.emptyNavigableMap();
            taken.forEach(Write::succeed);
        } catch (Throwable e) {
            // Whatever it was: the callers must learn of it, and this thread must live on.
            log.error("store commit=failed file={} writes={} advice=\"is the disk full?\"", file, taken.size(), e);
            startOver();
            taken.forEach(write -> write.fail(e));
        }
    }

    /** Judges and applies the writes in memory, taking more of them as long as some wait and the batch is not full. */
    private boolean apply(Trees current, List<Write> taken) {
        treesLock.writeLock().lock();
        try {
            var batch = new Batch(current, clock.millis());
            var next = Optional.of(taken.getFirst());
            while (next.isPresent()) {
                batch.run(next.get());
                var isFull = taken.size() == BATCH_WRITES || batch.bytes > BATCH_BYTES;
                next = isFull ? Optional.empty() : Optional.ofNullable(queue.poll());
                next.ifPresent(taken::add);
            }
            if (System.nanoTime() - lastSweep > SWEEP_EVERY.toNanos()) {
                lastSweep = System.nanoTime();
                batch.sweep();
            }
            before = batch.old;
            return !batch.old.isEmpty();
        } finally {
            treesLock.writeLock().unlock();
        }
    }

    private Trees openAgainIfNeeded() {
        if (trees.isEmpty()) {
            var opened = Trees.open(file);
            treesLock.writeLock().lock();
            try {
                trees = Optional.of(opened);
            } finally {
                treesLock.writeLock().unlock();
            }
            log.info("store opened=again file={}", file);
        }
        return trees.orElseThrow();
    }

    /** After a failure nobody knows what MapDB holds in memory, so the file is opened as after a crash. */
    private void startOver() {
        treesLock.writeLock().lock();
        try {
            var failed = trees;
            trees = Optional.empty();
            before = Collections.emptyNavigableMap();
            failed.ifPresent(Trees::abandon);
            trees = Optional.of(Trees.open(file));
        } catch (RuntimeException e) {
            log.error("store open=failed file={} advice=\"tried again at the next write\"", file, e);
        } finally {
            treesLock.writeLock().unlock();
        }
    }

    /** Commits what waits, then closes. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // Wakes the writer if it has nothing to do; if the queue is full it is awake.
        var ignored = queue.offer(new Write("close", 0, batch -> 0));
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while closing the store: " + file, e);
        }
        treesLock.writeLock().lock();
        try {
            trees.ifPresent(Trees::close);
            trees = Optional.empty();
        } finally {
            treesLock.writeLock().unlock();
        }
    }

    /** The writes of one commit, judged one after the other against what the trees hold by then. */
    static final class Batch {

        private final Trees trees;
        private final long now;
        private final NavigableMap<String, Optional<Held>> old = new TreeMap<>();
        private long bytes;

        Batch(Trees trees, long now) {
            this.trees = trees;
            this.now = now;
        }

        void run(Write write) {
            bytes += write.bytes();
            write.judge(this);
        }

        /** The new version, or {@link Store#ABSENT} if the key had another one than expected. */
        long put(String key, byte[] value, long expected, long expiry) {
            var held = trees.find(key);
            if (version(held) != expected) {
                return ABSENT;
            }
            keep(key, held);
            return trees.write(key, held, value, expiry);
        }

        /** 1, or 0 if the key had another version than expected. */
        long delete(String key, long expected) {
            var held = trees.find(key);
            var version = version(held);
            if (version != ABSENT && version != expected) {
                return 0;
            }
            held.ifPresent(found -> remove(key, found));
            return 1;
        }

        long sweep() {
            var keys = trees.expired(now, SWEEP_STEP);
            for (var key : keys) {
                trees.find(key).ifPresent(found -> remove(key, found));
            }
            return keys.size();
        }

        private void remove(String key, Held found) {
            keep(key, Optional.of(found));
            trees.remove(key, found);
        }

        private long version(Optional<Held> held) {
            return held.filter(found -> found.livesAt(now)).map(Held::version).orElse(ABSENT);
        }

        private void keep(String key, Optional<Held> held) {
            old.putIfAbsent(key, held);
            bytes += held.map(found -> found.value().length).orElse(0);
        }
    }
}
