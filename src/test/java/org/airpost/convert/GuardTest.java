package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.airpost.convert.Guard.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class GuardTest {

    private final Guard guard = new Guard(Duration.ofSeconds(20), 8 << 20);

    @Test
    void whatIsDoneInTimeIsGiven() {
        assertThat(guard.run(() -> "little")).isEqualTo(new Result.Done<>("little"));
        assertThat(guard.run(1 << 20, () -> "much")).isEqualTo(new Result.Done<>("much"));
    }

    @Test
    void whatThrowsIsBroken() {
        for (long input : new long[] {1, 1 << 20}) {
            var result = guard.run(input, () -> {
                throw new IllegalStateException("Subject: secret");
            });
            assertThat(result).isEqualTo(new Result.Broken<>("it could not be read (IllegalStateException)"));
        }
    }

    @Test
    void whatTakesTooMuchMemoryIsInterruptedAndBroken() throws InterruptedException {
        var interrupted = new CountDownLatch(1);
        var result = guard.run(1 << 20, () -> {
            byte[] piece = {};
            while (!Thread.interrupted()) {
                piece = new byte[piece.length % 1_000 + 100_000];
            }
            interrupted.countDown();
            return piece;
        });
        assertThat(result).isEqualTo(new Result.Broken<>("reading it took more than 8 MiB of memory"));
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatTakesTooLongIsInterruptedAndBroken() throws InterruptedException {
        var hasty = new Guard(Duration.ofMillis(50), 8 << 20);
        for (long input : new long[] {1, 1 << 20}) {
            var interrupted = new CountDownLatch(1);
            var result = hasty.run(input, () -> {
                try {
                    return new CountDownLatch(1).await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                }
            });
            assertThat(result).isInstanceOf(Result.Broken.class);
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void inARowEachEndsAsItWouldAlone() throws InterruptedException {
        var interrupted = new CountDownLatch(1);
        var results = new Guard(Duration.ofMillis(200), 8 << 20)
                .runAll(List.<Callable<String>>of(
                        () -> "first",
                        () -> {
                            throw new IllegalStateException("Subject: secret");
                        },
                        () -> {
                            try {
                                new CountDownLatch(1).await(20, TimeUnit.SECONDS);
                                return "late";
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                                throw e;
                            }
                        },
                        () -> "last"));
        assertThat(results)
                .containsExactly(
                        new Result.Done<>("first"),
                        new Result.Broken<>("it could not be read (IllegalStateException)"),
                        new Result.Broken<>("reading it took more than 0 seconds"),
                        new Result.Done<>("last"));
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anEmptyRowIsDone() {
        assertThat(guard.runAll(List.<Callable<String>>of())).isEmpty();
    }
}
