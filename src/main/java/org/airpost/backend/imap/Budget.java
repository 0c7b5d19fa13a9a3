package org.airpost.backend.imap;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.airpost.backend.BackendUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to one server that there may be at a time. While there are enough, everybody has what he asks for. When
 * they are short, those who ask stand in a line for work and a line for watches; what becomes free goes to the two by turns,
 * and within a line to who has waited longest. An eighth is for work alone: work is short and gives back what it has soon,
 * and each watch that had to give way to it would make more of it. So that something becomes free, connections are asked
 * back:
 *
 * <ol>
 *   <li>those of pools that nobody uses;
 *   <li>for another watch: that of the watch that has had its own longest, if that was a turn. It stands in line again then.
 * </ol>
 */
final class Budget {

    private static final Logger LOG = LoggerFactory.getLogger(Budget.class);
    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);
    private static final int PART_FOR_WORK = 8;

    /** What a connection is for. */
    enum Purpose {
        WORK,
        WATCH
    }

    private final String server;
    private final int most;
    private final int mostWatches;
    private final Duration turn;

    /** Guards what follows and the states of places; held for no I/O. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<Purpose, Deque<Place>> lines = new EnumMap<>(Purpose.class);

    /** Who can do without, the one who has had it longest first, and since when. */
    private final Map<Purpose, Map<Place, Long>> spare = new EnumMap<>(Purpose.class);

    private final Map<Purpose, Integer> held = new EnumMap<>(Purpose.class);
    private final Map<Purpose, Integer> askedBack = new EnumMap<>(Purpose.class);
    private int free;
    private Purpose next = Purpose.WORK;
    private long toldAt = System.nanoTime() - TOLD_EVERY.toNanos();

    /**
     * The connections to a server.
     *
     * @param turn how long a watch has a connection at least before it gives it to another watch
     */
    Budget(String server, int most, Duration turn) {
        this.server = server;
        this.most = most;
        this.turn = turn;
        this.free = most;
        this.mostWatches = Math.max(1, most - Math.max(1, most / PART_FOR_WORK));
        for (var purpose : Purpose.values()) {
            held.put(purpose, 0);
            askedBack.put(purpose, 0);
            lines.put(purpose, new ArrayDeque<>());
            spare.put(purpose, new LinkedHashMap<>());
        }
    }

    private enum State {
        IN_LINE,
        HELD,
        SPARE,
        ASKED_BACK,
        ENDED
    }

    /** The right to one connection, or a place in the line for it. To be closed in any case. */
    final class Place implements AutoCloseable {

        private final Purpose purpose;
        private final CountDownLatch decided = new CountDownLatch(1);
        private State state = State.IN_LINE;
        private Runnable giveBack = () -> {};

        private Place(Purpose purpose) {
            this.purpose = purpose;
        }

        /** Waits for the right; false if it has not come in this time, which leaves the place in the line, or was closed. */
        boolean await(Duration limit) {
            try {
                if (!decided.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BackendUnavailableException("imap: interrupted", Duration.ofSeconds(1), e);
            }
            lock.lock();
            try {
                return state != State.ENDED;
            } finally {
                lock.unlock();
            }
        }

        /**
         * From now on the connection can be done without: if others need it this is called, on a thread of its own. It is to
         * close the place soon, unless it is {@link #busy} again.
         */
        void spare(Runnable callback) {
            lock.lock();
            try {
                if (state == State.HELD) {
                    giveBack = callback;
                    state = State.SPARE;
                    spare.get(purpose).put(this, System.nanoTime());
                    askBack();
                }
            } finally {
                lock.unlock();
            }
        }

        /** The connection is needed again. */
        void busy() {
            lock.lock();
            try {
                if (state == State.SPARE || state == State.ASKED_BACK) {
                    forget();
                    state = State.HELD;
                    askBack();
                }
            } finally {
                lock.unlock();
            }
        }

        private void forget() {
            spare.get(purpose).remove(this);
            if (state == State.ASKED_BACK) {
                askedBack.merge(purpose, -1, Integer::sum);
            }
        }

        /** Gives the right to the next, or leaves the line. */
        @Override
        public void close() {
            lock.lock();
            try {
                var before = state;
                if (before == State.ENDED) {
                    return;
                }
                forget();
                state = State.ENDED;
                if (before == State.IN_LINE) {
                    lines.get(purpose).remove(this);
                    decided.countDown();
                } else {
                    held.merge(purpose, -1, Integer::sum);
                    free++;
                    pass();
                    askBack();
                }
            } finally {
                lock.unlock();
            }
        }

        private void give() {
            free--;
            held.merge(purpose, 1, Integer::sum);
            state = State.HELD;
            decided.countDown();
        }
    }

    /** Asks for a connection; {@link Place#await} says when it is there. */
    Place enter(Purpose purpose) {
        lock.lock();
        try {
            var place = new Place(purpose);
            lines.get(purpose).add(place);
            pass();
            if (place.state == State.IN_LINE) {
                complain();
                askBack();
            }
            return place;
        } finally {
            lock.unlock();
        }
    }

    /** Gives what is free to the first of the lines, by turns. */
    private void pass() {
        while (free > 0 && (isOneFor(next) || isOneFor(other(next)))) {
            var line = isOneFor(next) ? next : other(next);
            next = other(line);
            lines.get(line).remove().give();
        }
    }

    /** True if somebody waits for this who may have a connection, if one is free. */
    private boolean isOneFor(Purpose purpose) {
        return !lines.get(purpose).isEmpty() && (purpose == Purpose.WORK || held.get(Purpose.WATCH) < mostWatches);
    }

    private static Purpose other(Purpose purpose) {
        return purpose == Purpose.WORK ? Purpose.WATCH : Purpose.WORK;
    }

    /** Looks whether a watch has had its turn; called from time to time. */
    void round() {
        lock.lock();
        try {
            askBack();
        } finally {
            lock.unlock();
        }
    }

    private void askBack() {
        int working = lines.get(Purpose.WORK).size();
        int watching = lines.get(Purpose.WATCH).size();
        if (working + watching == 0) {
            return;
        }
        int room = Math.max(0, mostWatches - held.get(Purpose.WATCH));
        int unused = working + Math.min(watching, room) - askedBack.get(Purpose.WORK);
        firsts(Purpose.WORK, unused).forEach(this::askBack);

        long now = System.nanoTime();
        int turns = watching - askedBack.get(Purpose.WATCH);
        var had = firsts(Purpose.WATCH, turns).stream()
                .filter(place -> now - spare.get(Purpose.WATCH).get(place) >= turn.toNanos())
                .toList();
        had.forEach(this::askBack);
        if (working > 0 && held.get(Purpose.WORK) == 0 && askedBack.get(Purpose.WATCH) == 0) {
            // There is but one connection, and a watch has it.
            firsts(Purpose.WATCH, 1).forEach(this::askBack);
        }
    }

    private List<Place> firsts(Purpose purpose, int count) {
        return spare.get(purpose).keySet().stream().limit(Math.max(0, count)).toList();
    }

    private void askBack(Place place) {
        spare.get(place.purpose).remove(place);
        place.state = State.ASKED_BACK;
        askedBack.merge(place.purpose, 1, Integer::sum);
        // On a thread of its own: it takes locks and writes to the server.
        Thread.ofVirtual().name("imap-give-back").start(place.giveBack);
    }

    private void complain() {
        long now = System.nanoTime();
        if (now - toldAt >= TOLD_EVERY.toNanos()) {
            toldAt = now;
            LOG.warn(
                    "imap connections used up server={} connections={}: users are served by turns, and hear of new mail"
                            + " later; raise imap.connections if the server allows it",
                    server,
                    most);
        }
    }

    /** Connections that nobody has. */
    int free() {
        lock.lock();
        try {
            return free;
        } finally {
            lock.unlock();
        }
    }

    /** How many stand in line: for work, for watches. */
    List<Integer> inLine() {
        lock.lock();
        try {
            return List.of(
                    lines.get(Purpose.WORK).size(), lines.get(Purpose.WATCH).size());
        } finally {
            lock.unlock();
        }
    }
}
