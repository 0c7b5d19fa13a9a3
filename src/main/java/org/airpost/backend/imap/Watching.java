package org.airpost.backend.imap;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount.Watch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches mailboxes on a connection of its own, on one virtual thread; {@link Listening} is what is done on it. A
 * connection that is lost is made again, after pauses that grow and are never the same for all accounts.
 *
 * <p>When a watch begins, when it gets another mailbox and when a lost connection is back, it tells of the mailboxes
 * concerned once: something may have happened before it looked.
 */
final class Watching implements Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watching.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(2);

    private final ImapSettings settings;
    private final Supplier<ImapConnection> opener;
    private final BooleanSupplier refused;
    private final Names names;
    private final Consumer<String> listener;
    private final Consumer<Watching> onEnd;

    /** Guards what follows; held for no I/O but the few bytes that end IDLE. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private Set<String> targets;
    private boolean closed;
    private boolean retargeted;
    private @Nullable ImapConnection current;

    /** Mailboxes of which the server tells each change as it happens; those of a live connection alone. */
    private volatile Set<String> covered = Set.of();

    Watching(
            ImapSettings settings,
            Supplier<ImapConnection> opener,
            BooleanSupplier refused,
            Names names,
            Set<String> targets,
            Consumer<String> listener,
            Consumer<Watching> onEnd) {
        this.settings = settings;
        this.opener = opener;
        this.refused = refused;
        this.names = names;
        this.targets = Set.copyOf(targets);
        this.listener = listener;
        this.onEnd = onEnd;
    }

    void start() {
        Thread.ofVirtual().name("imap-watch").start(this::run);
    }

    @Override
    public void retarget(Set<String> mailboxes) {
        lock.lock();
        try {
            if (targets.equals(mailboxes) || closed) {
                return;
            }
            targets = Set.copyOf(mailboxes);
            retargeted = true;
            interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean covers(String mailbox) {
        return covered.contains(mailbox);
    }

    /** Another connection of the account was lost: looks whether this one lives, and claims nothing until then. */
    void doubt() {
        lock.lock();
        try {
            if (!covered.isEmpty()) {
                covered = Set.of();
                interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The account itself has changed a mailbox, or may have: that is told without waiting for the server to say so. */
    void written(String mailbox) {
        if (targets().contains(mailbox)) {
            tell(mailbox);
        }
    }

    private void interrupt() {
        changed.signalAll();
        if (current != null) {
            current.endIdle();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            covered = Set.of();
            changed.signalAll();
            if (current != null) {
                current.abort();
            }
        } finally {
            lock.unlock();
        }
        onEnd.accept(this);
    }

    private void run() {
        var retry = FIRST_RETRY;
        while (!isClosed()) {
            long began = System.nanoTime();
            try (var connection = new Held(opener.get())) {
                if (hold(connection.connection())) {
                    new Listening(this, settings, connection.connection(), names).run();
                }
            } catch (ConnectionLostException | BackendUnavailableException e) {
                if (isClosed() || refused.getAsBoolean()) {
                    break;
                }
                LOG.debug("imap watch lost server={} reason={}", settings.place(), e.getMessage());
            } catch (RuntimeException e) {
                // Whatever a server says, phones must go on to hear of new mail.
                LOG.error("imap watch failed server={}: report this as a bug", settings.place(), e);
            } finally {
                hold(null);
            }
            if (System.nanoTime() - began > LAST_RETRY.toNanos()) {
                retry = FIRST_RETRY;
            }
            // Between half the time and all of it, so that not all accounts come back at once.
            long half = retry.toNanos() / 2;
            pause(half + ThreadLocalRandom.current().nextLong(half + 1), false);
            retry = retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
        }
    }

    /** A connection that ends with its block. */
    private record Held(ImapConnection connection) implements AutoCloseable {
        @Override
        public void close() {
            connection.abort();
        }
    }

    private boolean hold(@Nullable ImapConnection connection) {
        lock.lock();
        try {
            current = connection;
            covered = Set.of();
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause(long nanos, boolean untilRetargeted) {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && !(untilRetargeted && retargeted) && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    // For Listening:

    /** Waits that long, or until the watch is closed or has other targets. */
    void pause(Duration time) {
        pause(time.toNanos(), true);
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** The mailboxes to watch from now on. */
    Set<String> takeTargets() {
        lock.lock();
        try {
            retargeted = false;
            return targets;
        } finally {
            lock.unlock();
        }
    }

    private Set<String> targets() {
        lock.lock();
        try {
            return targets;
        } finally {
            lock.unlock();
        }
    }

    /** True if the targets were changed since they were taken, or the watch is closed. */
    boolean isRetargeted() {
        lock.lock();
        try {
            return retargeted || closed;
        } finally {
            lock.unlock();
        }
    }

    /** From now on the server tells of each change in these, and of what happened before the listener has heard. */
    void cover(Set<String> mailboxes) {
        lock.lock();
        try {
            if (!closed) {
                covered = Set.copyOf(mailboxes);
            }
        } finally {
            lock.unlock();
        }
    }

    void tell(String mailbox) {
        if (isClosed()) {
            return;
        }
        try {
            listener.accept(mailbox);
        } catch (RuntimeException e) {
            // The watch must outlive it: other mailboxes are watched too.
            LOG.warn("imap watch listener failed: report this as a bug", e);
        }
    }
}
