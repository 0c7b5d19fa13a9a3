package org.airpost.backend.imap;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.airpost.backend.BackendUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The working connections of one account: few, opened when needed, closed when not. Who finds all of them in use stands in a
 * line.
 */
final class Pool {

    private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

    /** A wait that is longer is told in the log, now and then. */
    private static final Duration LONG = Duration.ofSeconds(2);

    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    private final ImapSettings settings;
    private final InstantSource clock;
    private final Supplier<ImapConnection> opener;
    private final String user;

    /** Guards what follows; held for no I/O. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition freed = lock.newCondition();
    private final List<Unused> unused = new ArrayList<>();
    private final Set<ImapConnection> inUse = new HashSet<>();
    private final Deque<Object> line = new ArrayDeque<>();
    private int opening;
    private boolean closed;
    private long toldAt = System.nanoTime() - TOLD_EVERY.toNanos();

    /** A connection that waits, and since when. The last in the list was used last. */
    private record Unused(ImapConnection connection, Instant since) {}

    Pool(ImapSettings settings, InstantSource clock, Supplier<ImapConnection> opener, String user) {
        this.settings = settings;
        this.clock = clock;
        this.opener = opener;
        this.user = user;
    }

    /** A connection that somebody else has opened and signed in. */
    void seed(ImapConnection connection) {
        lock.lock();
        try {
            keep(connection);
        } finally {
            lock.unlock();
        }
    }

    private void keep(ImapConnection connection) {
        unused.add(new Unused(connection, clock.instant()));
        connection.place().spare(() -> close(entry -> entry.connection().equals(connection)));
    }

    /** What {@link #take} gives. */
    record Taken(ImapConnection connection, Duration idle) {}

    /**
     * A connection for the calling thread alone: if possible one that has this mailbox selected, else the one that was not
     * used for the longest time, else a new one. Waits as long as the read timeout for one to become free.
     */
    Taken take(String mailbox) {
        long until = System.nanoTime() + settings.readTimeout().toNanos();
        while (true) {
            var found = unused(mailbox, until);
            if (found.isEmpty()) {
                return new Taken(open(), Duration.ZERO);
            }
            var connection = found.get().connection();
            if (!connection.isDead()) {
                return new Taken(connection, Duration.between(found.get().since(), clock.instant()));
            }
            drop(connection);
        }
    }

    /** One that was not in use; none if there is room for another one, which is then to be opened. */
    private Optional<Unused> unused(String mailbox, long until) {
        var me = new Object();
        long began = System.nanoTime();
        lock.lock();
        try {
            line.add(me);
            while (true) {
                if (closed) {
                    throw new BackendUnavailableException("imap: the account is closed", Duration.ofSeconds(1));
                }
                if (me.equals(line.peek())) {
                    var found = pick(mailbox);
                    if (found.isPresent()) {
                        inUse.add(found.get().connection());
                        found.get().connection().place().busy();
                        return found;
                    }
                    if (inUse.size() + opening < settings.connectionsPerUser()) {
                        opening++;
                        return Optional.empty();
                    }
                }
                long left = until - System.nanoTime();
                if (left <= 0) {
                    complain(began);
                    throw new BackendUnavailableException(
                            "imap server " + settings.place() + ": all " + settings.connectionsPerUser()
                                    + " connections of the account are in use",
                            Duration.ofSeconds(10));
                }
                freed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendUnavailableException("imap: interrupted", Duration.ofSeconds(1), e);
        } finally {
            line.remove(me);
            freed.signalAll(); // for the next in the line
            if (System.nanoTime() - began > LONG.toNanos()) {
                complain(began);
            }
            lock.unlock();
        }
    }

    private void complain(long since) {
        long now = System.nanoTime();
        if (now - toldAt > TOLD_EVERY.toNanos()) {
            toldAt = now;
            LOG.warn(
                    "imap connections of a user used up user={} connections={} waited={}ms: raise imap.connectionsPerUser"
                            + " if the server allows it",
                    user,
                    settings.connectionsPerUser(),
                    TimeUnit.NANOSECONDS.toMillis(now - since));
        }
    }

    private Optional<Unused> pick(String mailbox) {
        int best = -1;
        for (int i = unused.size() - 1; i >= 0; i--) {
            var connection = unused.get(i).connection();
            if (connection.hasSelected(mailbox)) {
                best = i;
                if (connection.selected().flatMap(Selected::mirror).isPresent()) {
                    break;
                }
            }
        }
        if (best < 0 && !unused.isEmpty()) {
            best = 0;
        }
        return best < 0 ? Optional.empty() : Optional.of(unused.remove(best));
    }

    private ImapConnection open() {
        ImapConnection connection;
        try {
            connection = opener.get();
        } catch (RuntimeException | Error e) {
            lock.lock();
            try {
                opening--;
                freed.signalAll();
            } finally {
                lock.unlock();
            }
            throw e;
        }
        boolean tooLate;
        lock.lock();
        try {
            opening--;
            tooLate = closed;
            inUse.add(connection);
        } finally {
            lock.unlock();
        }
        if (tooLate) {
            drop(connection);
            throw new BackendUnavailableException("imap: the account is closed", Duration.ofSeconds(1));
        }
        return connection;
    }

    /** Gives a connection back that is in order. */
    void give(ImapConnection connection) {
        boolean keep;
        lock.lock();
        try {
            inUse.remove(connection);
            keep = !closed;
            if (keep) {
                keep(connection);
            }
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        if (!keep) {
            connection.close();
        }
    }

    /** Ends a connection. */
    void drop(ImapConnection connection) {
        lock.lock();
        try {
            inUse.remove(connection);
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        connection.abort();
    }

    /** Closes the unused connections that have a mailbox selected which is about to go. */
    void forget(String mailbox) {
        close(entry -> entry.connection().hasSelected(mailbox));
    }

    /** Closes what was not used for too long. */
    void closeUnused() {
        var before = clock.instant().minus(settings.idleTimeout());
        close(entry -> entry.since().isBefore(before));
    }

    private void close(Predicate<Unused> which) {
        var old = new ArrayList<ImapConnection>();
        lock.lock();
        try {
            unused.removeIf(entry -> {
                boolean remove = which.test(entry);
                if (remove) {
                    old.add(entry.connection());
                }
                return remove;
            });
        } finally {
            lock.unlock();
        }
        old.forEach(ImapConnection::close);
    }

    /** Ends all connections, those in use too. */
    void close() {
        var busy = new ArrayList<ImapConnection>();
        lock.lock();
        try {
            closed = true;
            busy.addAll(inUse);
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        close(_ -> true);
        busy.forEach(ImapConnection::abort);
    }
}
