package org.airpost.convert;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs the conversion of one message so that nothing in it can harm the others: neither what it throws nor how long it takes.
 * What runs too long is interrupted and left alone; its input is bounded, so it ends.
 */
final class Guard {

    /** How it ended. */
    sealed interface Result<T> {

        record Done<T>(T value) implements Result<T> {}

        /** It did not work, and why in a few words. */
        record Broken<T>(String why) implements Result<T> {}
    }

    private Guard() {}

    static <T> Result<T> run(Duration limit, Callable<T> work) {
        var task = new FutureTask<>(work);
        var thread = Thread.ofVirtual().name("convert").start(task);
        try {
            return new Result.Done<>(task.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            thread.interrupt();
            return new Result.Broken<>("reading it took more than %d seconds".formatted(limit.toSeconds()));
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
