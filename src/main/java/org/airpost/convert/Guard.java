package org.airpost.convert;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.airpost.backend.BackendUnavailableException;

/**
 * Runs the conversion of one message so that nothing in it can harm the others: neither what it throws, nor how long it takes,
 * nor how much memory. What takes too much is interrupted and left alone; its input is bounded, so it ends.
 *
 * <p>What has little input cannot take much memory and runs on a virtual thread. What has more runs on a thread of the
 * platform, whose use of memory Java counts, and only a few of those run at a time.
 */
final class Guard {

    /** From this many bytes of input on memory is counted. */
    static final long LARGE = 64 << 10;

    /** Bytes that a conversion may ask for in all, given back or not; the largest golden mail takes a tenth. */
    private static final long MOST_MEMORY = 512L << 20;

    private static final int LARGE_AT_ONCE = 4;
    private static final Duration TURN = Duration.ofSeconds(20);
    private static final long LOOK_MILLIS = 10;

    private final Duration limit;
    private final long mostMemory;
    private final Semaphore turns = new Semaphore(LARGE_AT_ONCE);

    Guard(Duration limit) {
        this(limit, MOST_MEMORY);
    }

    Guard(Duration limit, long mostMemory) {
        this.limit = limit;
        this.mostMemory = mostMemory;
    }

    /** How it ended. */
    sealed interface Result<T> {

        record Done<T>(T value) implements Result<T> {}

        /** It did not work, and why in a few words. */
        record Broken<T>(String why) implements Result<T> {}
    }

    /** Runs work on little input. */
    <T> Result<T> run(Callable<T> work) {
        var task = new FutureTask<>(work);
        var thread = Thread.ofVirtual().name("convert").start(task);
        return awaited(task, thread, limit.toMillis(), () -> false);
    }

    /** Runs work on so many bytes of input. */
    <T> Result<T> run(long input, Callable<T> work) {
        if (input < LARGE || !(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean memory)) {
            return run(work);
        }
        takeTurn();
        var task = new FutureTask<T>(() -> {
            try {
                return work.call();
            } finally {
                turns.release();
            }
        });
        var thread = Thread.ofPlatform().name("convert").daemon().start(task);
        return awaited(task, thread, LOOK_MILLIS, () -> memory.getThreadAllocatedBytes(thread.threadId()) > mostMemory);
    }

    private void takeTurn() {
        try {
            if (turns.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BackendUnavailableException("all threads that convert large messages are at work", TURN);
    }

    /** Whether too much has been used. */
    private interface Excess {
        boolean isThere();
    }

    private <T> Result<T> awaited(FutureTask<T> task, Thread thread, long lookMillis, Excess excess) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return new Result.Done<>(task.get(lookMillis, TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                if (excess.isThere()) {
                    thread.interrupt();
                    return new Result.Broken<>(
                            "reading it took more than %d MiB of memory".formatted(mostMemory >> 20));
                }
                if (System.nanoTime() - end >= 0) {
                    thread.interrupt();
                    return new Result.Broken<>("reading it took more than %d seconds".formatted(limit.toSeconds()));
                }
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
                return new Result.Broken<>("reading it was interrupted");
            } catch (ExecutionException e) {
                if (e.getCause() instanceof OutOfMemoryError error) {
                    throw error;
                }
                var cause = e.getCause() == null ? e : e.getCause();
                return new Result.Broken<>(
                        "it could not be read (%s)".formatted(cause.getClass().getSimpleName()));
            }
        }
    }
}
