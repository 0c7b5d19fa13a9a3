package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class TurnsTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final Turns turns = new Turns();

    @Test
    void oneAtATimeForEachNameAndNothingIsKept() throws InterruptedException {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 50; i++) {
            threads.add(Thread.ofVirtual()
                    .start(() -> turns.within(LONG, "a", () -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        return inside.decrementAndGet();
                    })));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(most).hasValue(1);
        assertThat(turns.inUse()).isZero();
    }

    @Test
    void whoWaitsTooLongGetsNothingAndOtherNamesDoNotWait() throws InterruptedException {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        var holder = Thread.ofVirtual()
                .start(() -> turns.within(LONG, "a", () -> {
                    entered.countDown();
                    try {
                        return leave.await(30, java.util.concurrent.TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
        entered.await();
        assertThat(turns.within(Duration.ofMillis(5), "a", () -> 1)).isEmpty();
        assertThat(turns.within(Duration.ofSeconds(-1), "a", () -> 1)).isEmpty();
        assertThat(turns.within(Duration.ZERO, "b", () -> 1)).isEqualTo(Optional.of(1));
        leave.countDown();
        holder.join();
        assertThat(turns.inUse()).isZero();
    }

    @Test
    void workThatFailsGivesItsTurnBack() {
        assertThatThrownBy(() -> turns.within(LONG, "a", () -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(turns.inUse()).isZero();
        assertThat(turns.within(LONG, "a", () -> 1)).isPresent();
    }
}
