package org.airpost.backend.imap;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

    private final Side work = new Side();

    private final Side watches = new Side();
    private int free;
    private Side next = work;
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
    }

    /** Those who want or have connections for one purpose. */
    private static final class Side {
        private final Deque<Place> line = new ArrayDeque<>();

        /** Who can do without, the one who has had it longest first. */
        private final Set<Place> spare = new LinkedHashSet<>();

        private int held;
        private int askedBack;
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

        private final Side side;
        private final CountDownLatch decided = new CountDownLatch(1);
        private State state = State.IN_LINE;
        private long spareSince;
        private Runnable giveBack = () -> {};

        private Place(Side side) {
            this.side = side;
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
                    spareSince = System.nanoTime();
                    side.spare.add(this);
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
            side.spare.remove(this);
            if (state == State.ASKED_BACK) {
                side.askedBack--;
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
                    side.line.remove(this);
                    decided.countDown();
                } else {
                    side.held--;
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
            side.held++;
            state = State.HELD;
            decided.countDown();
        }
    }

    /** Asks for a connection; {@link Place#await} says when it is there. */
    Place enter(Purpose purpose) {
        lock.lock();
        try {
            var side = purpose == Purpose.WORK ? work : watches;
            var place = new Place(side);
            side.line.add(place);
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
            var side = isOneFor(next) ? next : other(next);
            next = other(side);
            side.line.remove().give();
        }
    }

    /** True if somebody waits on this side who may have a connection, if one is free. */
    private boolean isOneFor(Side side) {
        return !side.line.isEmpty() && (side.equals(work) || watches.held < mostWatches);
    }

    private Side other(Side side) {
        return side.equals(work) ? watches : work;
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
        int working = work.line.size();
        int watching = watches.line.size();
        if (working + watching == 0) {
            return;
        }
        int room = Math.max(0, mostWatches - watches.held);
        firsts(work, working + Math.min(watching, room) - work.askedBack).forEach(this::askBack);

        long now = System.nanoTime();
        firsts(watches, watching - watches.askedBack).stream()
                .filter(place -> now - place.spareSince >= turn.toNanos())
                .forEach(this::askBack);
        if (working > 0 && work.held == 0 && watches.askedBack == 0) {
            // There is but one connection, and a watch has it.
            firsts(watches, 1).forEach(this::askBack);
        }
    }

    private static List<Place> firsts(Side side, int count) {
        return side.spare.stream().limit(Math.max(0, count)).toList();
    }

    private void askBack(Place place) {
        place.side.spare.remove(place);
        place.side.askedBack++;
        place.state = State.ASKED_BACK;
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
            return List.of(work.line.size(), watches.line.size());
        } finally {
            lock.unlock();
        }
    }
}
