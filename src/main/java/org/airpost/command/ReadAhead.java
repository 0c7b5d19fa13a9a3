package org.airpost.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.airpost.backend.MailAccount;
import org.airpost.convert.MailConverter;
import org.airpost.eas.Annotation;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;
import org.airpost.sync.Folder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a phone will ask for next, fetched and converted while it takes in the answer before: of a long first Sync the phone
 * then waits for the line alone. Only items are made ahead, which do not change as long as their message is there. Which of
 * them are told, with which flags and with what users have said of them, is found out when the phone asks. Nothing is owed to
 * anybody: what is not there is made then. Memory and threads are bounded; on a machine that is busy with it already, nothing
 * is done ahead. Decision 023.
 */
public final class ReadAhead {

    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    /** A phone that has not come by then waits for something else. */
    private static final Duration KEPT = Duration.ofMinutes(2);

    /** How long a request waits for what is being made; then it makes that and all that follows itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Memory of what is made for one answer: an item has its header beside what is told of it. */
    public static final int MEMORY_OF_BYTES = 2;

    private final Cache<Key, Ahead> kept;
    private final Semaphore threads;
    private final Executor executor;

    /**
     * Bounds.
     *
     * @param phones how many answers may be made ahead; each takes {@link #MEMORY_OF_BYTES} times its bytes
     * @param atOnce how many are made at the same time
     */
    public ReadAhead(int phones, int atOnce) {
        this(phones, atOnce, work -> Thread.ofVirtual().name("read-ahead").start(work));
    }

    /** The same on other threads; in the caller's, what is made ahead is ready when it has been begun. */
    public ReadAhead(int phones, int atOnce, Executor executor) {
        this.kept = Caffeine.newBuilder()
                .maximumSize(phones)
                .expireAfterWrite(KEPT)
                .scheduler(Scheduler.systemScheduler())
                .<Key, Ahead>evictionListener(
                        (_, ahead, _) -> Objects.requireNonNull(ahead).stop())
                .build();
        this.threads = new Semaphore(atOnce);
        this.executor = executor;
    }

    /**
     * Whose items they are, and what they look like: for another phone or other options they are made anew. The account is
     * that of a sign-in, and gone with it.
     */
    record Key(
            DeviceKey device,
            MailAccount mail,
            Folder folder,
            long uidValidity,
            BodyOptions bodies,
            ProtocolVersion version,
            MailLimits limits) {}

    /** What was made ahead, or is; from now on of nobody else. */
    Ahead take(Key key) {
        var ahead = Optional.ofNullable(kept.asMap().remove(key));
        return ahead.orElseGet(() -> new Ahead(List.of(), Map.of(), new LatestNotes()));
    }

    /**
     * Begins to make items of messages, up to so many bytes. What was made before and not told is among it.
     *
     * @param uids in the order in which they will be asked for
     */
    void begin(Key key, List<Long> uids, Ahead before, long bytes, Function<List<Long>, MailConverter.Fetched> fetch) {
        var madeBefore = before.stop();
        if (uids.isEmpty() || !threads.tryAcquire()) {
            return;
        }
        var ahead = new Ahead(uids, madeBefore, before.notes);
        kept.put(key, ahead);
        executor.execute(() -> {
            try {
                ahead.make(bytes, fetch);
            } finally {
                threads.release();
            }
        });
    }

    /** What users have done with messages, as it was found last: items made ahead ask for it when they are written. */
    static final class LatestNotes implements MailConverter.Notes {

        private volatile MailConverter.Notes latest = _ -> Optional.empty();

        void set(MailConverter.Notes now) {
            latest = now;
        }

        @Override
        public Optional<Annotation> of(long uid) {
            return latest.of(uid);
        }
    }

    /** Items made ahead: by one thread, and taken by another meanwhile. */
    static final class Ahead {

        private final List<Long> todo;
        private final LatestNotes notes;

        /** Guards what follows. */
        private final ReentrantLock lock = new ReentrantLock();

        private final Condition changed = lock.newCondition();
        private final Set<Long> expected;
        private final Map<Long, MailConverter.Item> made;
        private long bytes;
        private long memory;
        private boolean stopped;

        private Ahead(List<Long> planned, Map<Long, MailConverter.Item> madeBefore, LatestNotes notes) {
            this.notes = notes;
            made = new HashMap<>(madeBefore);
            made.keySet().retainAll(Set.copyOf(planned));
            todo = planned.stream().filter(uid -> !made.containsKey(uid)).toList();
            made.values().forEach(this::count);
            expected = new HashSet<>(todo);
        }

        /** To be set anew before items are written. */
        LatestNotes notes() {
            return notes;
        }

        /**
         * True if there is an item of this message; waits for it if it is being made. Who has waited in vain does not again:
         * nothing more is made.
         *
         * @param most what the request has left
         */
        boolean has(long uid, Duration most) {
            lock.lock();
            try {
                long left = Math.min(PATIENCE.toNanos(), most.toNanos());
                while (isComing(uid) && left > 0) {
                    left = changed.awaitNanos(left);
                }
                if (isComing(uid)) {
                    stop();
                }
                return made.containsKey(uid);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                lock.unlock();
            }
        }

        /** True if there is one or may be: without a wait. */
        boolean mayHave(long uid) {
            lock.lock();
            try {
                return made.containsKey(uid) || isComing(uid);
            } finally {
                lock.unlock();
            }
        }

        private boolean isComing(long uid) {
            return expected.contains(uid) && !stopped;
        }

        /** The item, of which {@link #has} is true; it is here no longer. */
        MailConverter.Item take(long uid) {
            lock.lock();
            try {
                var item = made.remove(uid);
                if (item == null) {
                    throw new IllegalStateException("no item of " + uid);
                }
                bytes -= item.approximateBytes();
                memory -= item.memoryBytes();
                return item;
            } finally {
                lock.unlock();
            }
        }

        /** Takes back what was made by whoever asked, and for which the answer had no room. */
        void giveBack(List<MailConverter.Item> items, long most) {
            lock.lock();
            try {
                items.forEach(item -> keep(item, most));
            } finally {
                lock.unlock();
            }
        }

        /** Makes no more, and gives what nobody has taken. */
        Map<Long, MailConverter.Item> stop() {
            lock.lock();
            try {
                stopped = true;
                changed.signalAll();
                return Map.copyOf(made);
            } finally {
                lock.unlock();
            }
        }

        private void make(long most, Function<List<Long>, MailConverter.Fetched> fetch) {
            try {
                var belt = new ItemBelt(fetch);
                for (int at = 0; at < todo.size() && room(most) > 0; ) {
                    var batch = belt.next(at, this::batch, room(most));
                    put(batch, most);
                    at += batch.uids().size();
                }
            } catch (RuntimeException e) {
                LOG.debug("nothing more is read ahead", e); // the request will find out by itself
            } finally {
                stop();
            }
        }

        private List<Long> batch(int from) {
            return todo.subList(from, Math.min(from + ItemBelt.BATCH, todo.size()));
        }

        /** Bytes that are wanted besides what is made. */
        private long room(long most) {
            lock.lock();
            try {
                return stopped ? 0 : Math.min(most - bytes, most * MEMORY_OF_BYTES - memory);
            } finally {
                lock.unlock();
            }
        }

        /**
         * Keeps what came, as far as there is room. A message that could not be read, or was not there, may be by the time
         * that it is asked for.
         */
        private void put(ItemBelt.Batch batch, long most) {
            lock.lock();
            try {
                batch.items().forEach(item -> keep(item, most));
                batch.uids().forEach(expected::remove);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void keep(MailConverter.Item item, long most) {
            boolean fits = bytes < most && memory < most * MEMORY_OF_BYTES;
            if (fits && !item.isPlaceholder()) {
                made.put(item.uid(), item);
                count(item);
            }
        }

        private void count(MailConverter.Item item) {
            bytes += item.approximateBytes();
            memory += item.memoryBytes();
        }
    }
}
