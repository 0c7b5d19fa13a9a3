package org.airpost.sync;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One at a time for each name: two requests of a device for one collection, two refreshes of one view. The lock is held
 * while servers are asked, which is its purpose: the second one is to see what the first one did. Holds an entry only for
 * names in use.
 */
public final class Turns {

    private final ConcurrentHashMap<String, Turn> turns = new ConcurrentHashMap<>();

    /** Does the work when it is its turn; nothing if that takes longer than the wait. */
    public <T> Optional<T> within(Duration wait, String name, Supplier<T> work) {
        var turn = turns.compute(name, (_, present) -> {
            var used = present == null ? new Turn() : present;
            used.users++;
            return used;
        });
        try {
            if (!turn.lock.tryLock(Math.max(0, wait.toMillis()), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
            try {
                return Optional.of(work.get());
            } finally {
                turn.lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            turns.compute(name, (_, present) -> present == null || --present.users == 0 ? null : present);
        }
    }

    /** Names with somebody at them: for tests. */
    int inUse() {
        return turns.size();
    }

    private static final class Turn {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }
}
