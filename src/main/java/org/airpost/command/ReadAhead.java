package org.airpost.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
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
 * them are told, with which flags and with what users have said of them, is found out when the phone asks. Nothing is owed to anybody: what is not there is
 * made then. Memory and threads are bounded; on a machine that is busy with it already, nothing is done ahead. Decision 023.
 */
public final class ReadAhead {

    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    /** A phone that has not come by then waits for something else. */
    private static final Duration KEPT = Duration.ofMinutes(2);

    /** How long a request waits for what is being made; then it makes it itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Cache<Key, Ahead> kept;
    private final Semaphore threads;
    private final Executor executor;

    /**
     * Bounds.
     *
     * @param phones how many may have an answer made ahead; each takes the bytes of one
     * @param atOnce how many are made at the same time
     */
    public ReadAhead(int phones, int atOnce) {
        this(phones, atOnce, work -> Thread.ofVirtual().name("read-ahead").start(work));
    }

    /** The same on other threads; in the caller's, what is made ahead is ready when it has been begun. */
    public ReadAhead(int phones, int atOnce, Executor executor) {
        this.kept =
                Caffeine.newBuilder().maximumSize(phones).expireAfterWrite(KEPT).build();
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
        return ahead.orElseGet(() -> new Ahead(List.of(), new LatestNotes()));
    }

    /**
     * Begins to make items of messages, up to so many bytes. What was made before and not told is among it.
     *
     * @param uids in the order in which they will be asked for
     */
    void begin(Key key, List<Long> uids, Ahead before, long bytes, Function<List<Long>, MailConverter.Fetched> fetch) {
        before.stop();
        if (uids.isEmpty() || !threads.tryAcquire()) {
            return;
        }
        var ahead = new Ahead(uids, before.notes);
        ahead.takeOver(before);
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

        private final List<Long> planned;
        private final Set<Long> expected;
        private final Map<Long, Optional<MailConverter.Item>> made = new HashMap<>();
        private final LatestNotes notes;
        private boolean stopped;

        private Ahead(List<Long> planned, LatestNotes notes) {
            this.planned = List.copyOf(planned);
            this.expected = new HashSet<>(planned);
            this.notes = notes;
        }

        /** To be set anew before items are written. */
        LatestNotes notes() {
            return notes;
        }

        /** True if there is something of this message; waits for it if it is being made. */
        synchronized boolean has(long uid) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!made.containsKey(uid) && expected.contains(uid) && !stopped) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                try {
                    wait(Math.max(1, left / 1_000_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return made.containsKey(uid);
        }

        /** True if it is there or may come: without a wait. */
        synchronized boolean mayHave(long uid) {
            return made.containsKey(uid) || (expected.contains(uid) && !stopped);
        }

        /** The item, which is no longer here; empty if the message was gone. */
        synchronized Optional<MailConverter.Item> take(long uid) {
            expected.remove(uid);
            return Optional.ofNullable(made.remove(uid)).flatMap(item -> item);
        }

        private synchronized void stop() {
            stopped = true;
            notifyAll();
        }

        private synchronized void put(ItemBelt.Batch batch) {
            batch.items().forEach(item -> made.put(item.uid(), Optional.of(item)));
            batch.uids().forEach(uid -> made.putIfAbsent(uid, Optional.empty()));
            notifyAll();
        }

        private void takeOver(Ahead before) {
            synchronized (before) {
                for (long uid : planned) {
                    var item = before.made.get(uid);
                    if (item != null) {
                        made.put(uid, item);
                    }
                }
            }
        }

        private void make(long most, Function<List<Long>, MailConverter.Fetched> fetch) {
            try {
                var todo =
                        planned.stream().filter(uid -> !made.containsKey(uid)).toList();
                long bytes = made.values().stream()
                        .flatMap(Optional::stream)
                        .mapToLong(MailConverter.Item::approximateBytes)
                        .sum();
                var belt = new ItemBelt(fetch);
                for (int at = 0; at < todo.size() && bytes < most && !isStopped(); ) {
                    var batch = belt.next(at, from -> batch(todo, from), most - bytes);
                    put(batch);
                    bytes += batch.items().stream()
                            .mapToLong(MailConverter.Item::approximateBytes)
                            .sum();
                    at += batch.uids().size();
                }
            } catch (RuntimeException e) {
                LOG.debug("nothing more is read ahead", e); // the request will find out by itself
            } finally {
                stop();
            }
        }

        private static List<Long> batch(List<Long> uids, int from) {
            return uids.subList(from, Math.min(from + ItemBelt.BATCH, uids.size()));
        }

        private synchronized boolean isStopped() {
            return stopped;
        }
    }
}
