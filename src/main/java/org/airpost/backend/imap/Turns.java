package org.airpost.backend.imap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.airpost.backend.BackendUnavailableException;

/**
 * One move out of a mailbox of a user at a time, whichever device it is for and however that signed in: without MOVE a message
 * is copied and then deleted, and of two devices that do it at once both copy. The same for an EXPUNGE without UIDs, which
 * takes what others have marked. The lock is held while the server is asked, which is its purpose: the second one is to see
 * what the first one did. A turn is taken before a connection is, never by somebody who has one. Other processes and other
 * clients know nothing of it. Holds an entry only for mailboxes in use.
 */
final class Turns {

    private static final Duration RETRY = Duration.ofSeconds(10);

    private final Cache<Name, ReentrantLock> locks =
            Caffeine.newBuilder().weakValues().build();

    private record Name(String user, String mailbox) {}

    /** Does the work when it is its turn; if that takes longer than the wait, the server counts as away. */
    <T> T within(Duration wait, String user, String mailbox, Supplier<T> work) {
        var lock = locks.get(new Name(user, mailbox), _ -> new ReentrantLock(true));
        try {
            if (!lock.tryLock(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new BackendUnavailableException("imap: another move out of " + mailbox + " takes long", RETRY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendUnavailableException("imap: interrupted", Duration.ofSeconds(1), e);
        }
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** True if somebody waits for a turn: for tests. */
    boolean isWaitedFor(String user, String mailbox) {
        return Optional.ofNullable(locks.getIfPresent(new Name(user, mailbox)))
                .filter(ReentrantLock::hasQueuedThreads)
                .isPresent();
    }
}
