package org.airpost.store.mapdb;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.airpost.store.StoreException;
import org.airpost.store.mapdb.MapDbStore.Batch;

/** A change that a caller waits for. The writer judges it first; the caller learns the outcome when it is on the disk. */
final class Write {

    private final String what;
    private final int bytes;
    private final ToLongFunction<Batch> change;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile long outcome;
    private volatile Optional<Throwable> failure = Optional.empty();

    /** {@code what} is for messages, {@code bytes} counts against the size of a batch. */
    Write(String what, int bytes, ToLongFunction<Batch> change) {
        this.what = what;
        this.bytes = bytes;
        this.change = change;
    }

    String what() {
        return what;
    }

    int bytes() {
        return bytes;
    }

    /** Applies the change to the trees in memory and remembers its outcome. */
    void judge(Batch batch) {
        outcome = change.applyAsLong(batch);
    }

    void succeed() {
        done.countDown();
    }

    void fail(Throwable cause) {
        failure = Optional.of(cause);
        done.countDown();
    }

    /**
     * Waits for the outcome. An interrupt does not end the waiting, because then nobody would know whether the change is
     * on the disk; it is kept for the caller.
     */
    long await(Duration deadline) {
        var until = System.nanoTime() + deadline.toNanos();
        var wasInterrupted = false;
        try {
            while (true) {
                try {
                    if (!done.await(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        throw new StoreException(what + ": the disk did not answer within " + deadline
                                + ", it may or may not have been written");
                    }
                    break;
                } catch (InterruptedException e) {
                    wasInterrupted = true;
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
        failure.ifPresent(cause -> {
            throw new StoreException(what + " failed: " + cause, cause);
        });
        return outcome;
    }
}
