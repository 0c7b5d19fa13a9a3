package org.airpost.backend.imap;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
 * and within a line to who has waited longest. So that something becomes free, connections are asked back:
 *
 * <ol>
 *   <li>those of pools that nobody uses;
 *   <li>for work: that of the watch that has had its own longest, once it has looked at its mailboxes;
 *   <li>for another watch: the same, once it has had it for a turn. It stands in line again then.
 * </ol>
 */
final class Budget {

    private static final Logger LOG = LoggerFactory.getLogger(Budget.class);
    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    /** What a connection is for. */
    enum Purpose {
        WORK,
        WATCH
    }

    private final String server;
    private final int most;
    private final Duration turn;

    /** Guards what follows and the states of places; held for no I/O. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<Purpose, Deque<Place>> lines = new EnumMap<>(Purpose.class);

    /** Who can do without, the one who has had it longest first, and since when. */
    private final Map<Purpose, Map<Place, Long>> spare = new EnumMap<>(Purpose.class);

    private int free;
    private int askedBack;
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
        for (var purpose : Purpose.values()) {
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
                askedBack--;
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
                    pass();
                    askBack();
                }
            } finally {
                lock.unlock();
            }
        }

        private void give() {
            state = State.HELD;
            decided.countDown();
        }
    }

    /** Asks for a connection; {@link Place#await} says when it is there. */
    Place enter(Purpose purpose) {
        lock.lock();
        try {
            var place = new Place(purpose);
            if (free > 0) {
                free--;
                place.give();
            } else {
                lines.get(purpose).add(place);
                complain();
                askBack();
            }
            return place;
        } finally {
            lock.unlock();
        }
    }

    /** Gives a right that has become free to the next: of the line whose turn it is, if anybody stands there. */
    private void pass() {
        var line = lines.get(next).isEmpty() ? other(next) : next;
        var first = lines.get(line).poll();
        if (first == null) {
            free++;
        } else {
            next = other(line);
            first.give();
        }
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
        int waiting = working + lines.get(Purpose.WATCH).size();
        if (waiting <= askedBack) {
            return;
        }
        long now = System.nanoTime();
        var asked = new ArrayList<Place>();
        for (var unused : spare.get(Purpose.WORK).keySet()) {
            if (askedBack + asked.size() < waiting) {
                asked.add(unused);
            }
        }
        for (var watch : spare.get(Purpose.WATCH).entrySet()) {
            int soFar = askedBack + asked.size();
            boolean hadItsTurn = now - watch.getValue() >= turn.toNanos();
            if (soFar < working || (soFar < waiting && hadItsTurn)) {
                asked.add(watch.getKey());
            } else {
                break;
            }
        }
        asked.forEach(this::askBack);
    }

    private void askBack(Place place) {
        spare.get(place.purpose).remove(place);
        place.state = State.ASKED_BACK;
        askedBack++;
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
