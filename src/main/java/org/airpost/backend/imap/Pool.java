package org.airpost.backend.imap;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.airpost.backend.BackendUnavailableException;

/** The working connections of one account: few, opened when needed, closed when not. */
final class Pool {

    private final ImapSettings settings;
    private final InstantSource clock;
    private final Supplier<ImapConnection> opener;

    /** Guards what follows; held for no I/O. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition freed = lock.newCondition();
    private final List<Unused> unused = new ArrayList<>();
    private final Set<ImapConnection> inUse = new HashSet<>();
    private int opening;
    private boolean closed;

    /** A connection that waits, and since when. The last in the list was used last. */
    private record Unused(ImapConnection connection, Instant since) {}

    Pool(ImapSettings settings, InstantSource clock, Supplier<ImapConnection> opener) {
        this.settings = settings;
        this.clock = clock;
        this.opener = opener;
    }

    /** A connection that somebody else has opened and signed in. */
    void seed(ImapConnection connection) {
        lock.lock();
        try {
            unused.add(new Unused(connection, clock.instant()));
        } finally {
            lock.unlock();
        }
    }

    /** What {@link #take} gives. */
    record Taken(ImapConnection connection, Duration idle) {}

    /**
     * A connection for the calling thread alone: if possible one that has this mailbox selected, else the one that was not
     * used for the longest time, else a new one. Waits as long as the read timeout for one to become free.
     */
    Taken take(String mailbox) {
        long left = settings.readTimeout().toNanos();
        while (true) {
            Optional<Unused> found;
            lock.lock();
            try {
                while (true) {
                    if (closed) {
                        throw new BackendUnavailableException("imap: the account is closed", Duration.ofSeconds(1));
                    }
                    found = pick(mailbox);
                    if (found.isPresent()) {
                        inUse.add(found.get().connection());
                        break;
                    }
                    if (inUse.size() + opening < settings.connectionsPerUser()) {
                        opening++;
                        break;
                    }
                    if (left <= 0) {
                        throw new BackendUnavailableException(
                                "imap server " + settings.place() + ": all connections of the account are in use",
                                Duration.ofSeconds(10));
                    }
                    left = freed.awaitNanos(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BackendUnavailableException("imap: interrupted", Duration.ofSeconds(1), e);
            } finally {
                lock.unlock();
            }
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
                freed.signal();
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
                unused.add(new Unused(connection, clock.instant()));
            }
            freed.signal();
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
            freed.signal();
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

    private void close(java.util.function.Predicate<Unused> which) {
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
