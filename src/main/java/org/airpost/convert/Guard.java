package org.airpost.convert;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
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

    /**
     * Runs pieces of work on little input, each with an end of its own as by {@link #run}; on one thread for as long as none
     * of them takes too long, since handing over costs more than many a message.
     */
    <T> List<Result<T>> runAll(List<Callable<T>> works) {
        var row = new Row<>(works);
        for (int from = 0; from < works.size(); ) {
            from = row.runFrom(from);
        }
        return row.results();
    }

    /** Pieces of work, and how each ended: whoever says it first is believed, the worker or whoever waits for it. */
    private final class Row<T> {

        private final List<Callable<T>> works;
        private final AtomicReferenceArray<Result<T>> results;

        Row(List<Callable<T>> works) {
            this.works = works;
            this.results = new AtomicReferenceArray<>(works.size());
        }

        /** Runs them from this one on, up to one that takes too long; the one after that, or how many there are. */
        int runFrom(int from) {
            var worker = new Worker<>(works, results, from);
            var thread = Thread.ofVirtual().name("convert").start(worker);
            while (true) {
                try {
                    worker.get(limit.toMillis(), TimeUnit.MILLISECONDS);
                    return works.size();
                } catch (TimeoutException e) {
                    int at = worker.at();
                    if (worker.isAtItFor(limit) && results.compareAndSet(at, null, tooLong())) {
                        thread.interrupt();
                        return at + 1;
                    }
                } catch (InterruptedException e) {
                    thread.interrupt();
                    Thread.currentThread().interrupt();
                    for (int i = from; i < works.size(); i++) {
                        results.compareAndSet(i, null, interrupted());
                    }
                    return works.size();
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw new IllegalStateException(e);
                }
            }
        }

        List<Result<T>> results() {
            return IntStream.range(0, works.size()).mapToObj(results::get).toList();
        }
    }

    /** Does one piece after the other, until it is told that one took too long. */
    private static final class Worker<T> extends FutureTask<Void> {

        private final Progress progress;

        Worker(List<Callable<T>> works, AtomicReferenceArray<Result<T>> results, int from) {
            this(works, results, new Progress(from));
        }

        private Worker(List<Callable<T>> works, AtomicReferenceArray<Result<T>> results, Progress progress) {
            super(() -> {
                for (int i = progress.at; i < works.size(); i++) {
                    progress.begin(i);
                    if (!results.compareAndSet(i, null, done(works.get(i)))) {
                        break;
                    }
                }
                return null;
            });
            this.progress = progress;
        }

        private static <T> Result<T> done(Callable<T> work) {
            try {
                return new Result.Done<>(work.call());
            } catch (OutOfMemoryError e) {
                throw e;
            } catch (Exception | Error e) {
                return broken(e);
            }
        }

        int at() {
            return progress.at;
        }

        boolean isAtItFor(Duration time) {
            return System.nanoTime() - progress.since >= time.toNanos();
        }
    }

    /** Which piece a worker is at, and since when. */
    private static final class Progress {
        private volatile int at;
        private volatile long since = System.nanoTime();

        Progress(int at) {
            this.at = at;
        }

        void begin(int piece) {
            since = System.nanoTime();
            at = piece;
        }
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
                    return tooLong();
                }
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
                return interrupted();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof OutOfMemoryError error) {
                    throw error;
                }
                return broken(e.getCause() == null ? e : e.getCause());
            }
        }
    }

    private <T> Result<T> tooLong() {
        return new Result.Broken<>("reading it took more than %d seconds".formatted(limit.toSeconds()));
    }

    private static <T> Result<T> interrupted() {
        return new Result.Broken<>("reading it was interrupted");
    }

    private static <T> Result<T> broken(Throwable cause) {
        return new Result.Broken<>(
                "it could not be read (%s)".formatted(cause.getClass().getSimpleName()));
    }
}
