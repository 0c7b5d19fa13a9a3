package org.airpost.backend.imap;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount.Watch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches mailboxes on a connection of its own, on one virtual thread; {@link Listening} is what is done on it. A
 * connection that is lost is made again, after pauses that grow and are never the same for all accounts, and end soon once
 * the server is seen to be back. While connections are short it has one by turns with the other accounts: {@link Budget}.
 *
 * <p>When a watch begins, when it gets another mailbox and when a lost connection is back, it tells of the mailboxes
 * concerned once: something may have happened before it looked. The list of mailboxes is compared with that of the
 * connection before.
 */
final class Watching implements Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watching.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(2);

    /** A connection that lasted as long was a good one: pauses are short again. */
    private static final Duration GOOD = Duration.ofSeconds(10);

    /** Between two looks at whether there is still a reason to stand in line. */
    private static final Duration IN_LINE = Duration.ofMinutes(1);

    private final ImapBackend backend;
    private final ImapSettings settings;
    private final Function<Budget.Place, ImapConnection> opener;
    private final BooleanSupplier refused;
    private final Names names;
    private final Consumer<String> listener;
    private final Consumer<Watching> onEnd;

    /** The list of mailboxes when it was looked at last; the watch's own thread has it alone. */
    private Set<String> listed = Set.of();

    /** Guards what follows; held for no I/O but the few bytes that end IDLE. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private Set<String> targets;
    private boolean closed;
    private boolean retargeted;
    private boolean givesBack;
    private long resumeAt;
    private Budget.@Nullable Place place;
    private @Nullable ImapConnection current;

    /** Mailboxes of which the server tells each change as it happens; those of a live connection alone. */
    private volatile Set<String> covered = Set.of();

    Watching(
            ImapBackend backend,
            Function<Budget.Place, ImapConnection> opener,
            BooleanSupplier refused,
            Names names,
            Set<String> targets,
            Consumer<String> listener,
            Consumer<Watching> onEnd) {
        this.backend = backend;
        this.settings = backend.settings();
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
            if (place != null) {
                place.close();
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
            try (var there = enter()) {
                boolean isOurs = there.await(IN_LINE);
                while (!isOurs && !isClosed()) {
                    isOurs = there.await(IN_LINE); // it has kept its place in the line
                }
                began = System.nanoTime();
                if (isOurs && watch(there)) {
                    continue; // in the line again at once
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
            if (System.nanoTime() - began > GOOD.toNanos()) {
                retry = FIRST_RETRY;
            }
            // Between half the time and all of it, so that not all accounts come back at once.
            long half = retry.toNanos() / 2;
            pauseBeforeRetry(half + ThreadLocalRandom.current().nextLong(half + 1));
            retry = retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
        }
    }

    private Budget.Place enter() {
        var entered = backend.budget().enter(Budget.Purpose.WATCH);
        lock.lock();
        try {
            place = entered;
            givesBack = false;
            if (closed) {
                entered.close();
            }
            return entered;
        } finally {
            lock.unlock();
        }
    }

    /** Watches until the connection ends; true if it was given back to the others. */
    private boolean watch(Budget.Place there) throws ConnectionLostException {
        try (var connection = new Held(opener.apply(there))) {
            if (hold(connection.connection())) {
                new Listening(this, settings, connection.connection(), names).run();
                connection.connection().close();
            }
        }
        return !isClosed();
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

    private void pauseBeforeRetry(long nanos) {
        resumeIn(nanos);
        Consumer<Duration> come = this::comeIn;
        backend.reach().pauses(come);
        try {
            awaitResume(false);
        } finally {
            backend.reach().pausesNoMore(come);
        }
    }

    private void resumeIn(long nanos) {
        lock.lock();
        try {
            resumeAt = System.nanoTime() + nanos;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a pause after this time, if it would last longer. */
    private void comeIn(Duration time) {
        lock.lock();
        try {
            long sooner = System.nanoTime() + time.toNanos();
            if (sooner - resumeAt < 0) {
                resumeAt = sooner;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitResume(boolean untilRetargeted) {
        lock.lock();
        try {
            long left = resumeAt - System.nanoTime();
            while (!closed && !(untilRetargeted && isInterrupted()) && left > 0) {
                changed.awaitNanos(left);
                left = resumeAt - System.nanoTime();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    // For Listening:

    /** All mailboxes have been looked at: from now on others may have the connection, if they are short. */
    void looked() {
        Budget.Place there;
        lock.lock();
        try {
            there = place;
        } finally {
            lock.unlock();
        }
        if (there != null) {
            there.spare(this::giveBack);
        }
    }

    /** Keeps a list of mailboxes over connections, which may be short; true if it is another one than before, or the first. */
    boolean listed(Set<String> now) {
        boolean isAnother = !listed.equals(now);
        listed = Set.copyOf(now);
        return isAnother;
    }

    private void giveBack() {
        lock.lock();
        try {
            givesBack = true;
            covered = Set.of();
            interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Waits that long, or until the watch is closed or has other targets. */
    void pause(Duration time) {
        resumeIn(time.toNanos());
        awaitResume(true);
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** True if the connection is to be ended: the watch is closed, or others need the connection. */
    boolean isOver() {
        lock.lock();
        try {
            return closed || givesBack;
        } finally {
            lock.unlock();
        }
    }

    private boolean isInterrupted() {
        return retargeted || givesBack || closed;
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

    /** True if the targets were changed since they were taken, or the connection is to be ended. */
    boolean isRetargeted() {
        lock.lock();
        try {
            return isInterrupted();
        } finally {
            lock.unlock();
        }
    }

    /** From now on the server tells of each change in these, and of what happened before the listener has heard. */
    void cover(Set<String> mailboxes) {
        lock.lock();
        try {
            if (!closed && !givesBack) {
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
