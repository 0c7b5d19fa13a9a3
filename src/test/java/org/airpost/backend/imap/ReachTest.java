package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReachTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AtomicBoolean isUp = new AtomicBoolean();
    private final AtomicInteger probes = new AtomicInteger();
    private final List<Duration> told = new CopyOnWriteArrayList<>();
    private final Reach reach = new Reach(this::probe);

    /** A connection, if the server is there; made like any other. */
    private void probe() {
        probes.incrementAndGet();
        if (!isUp.get()) {
            throw new IllegalStateException("away");
        }
        made();
    }

    private void made() {
        reach.made();
    }

    @Test
    void whoPausesIsToldOnceTheServerIsBackAndNotAllInTheSameMoment() {
        reach.failed();
        for (int i = 0; i < 1_000; i++) {
            reach.pauses(new Come());
        }
        await().atMost(PATIENCE).until(() -> probes.get() >= 2);
        assertThat(told).isEmpty();
        isUp.set(true);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(told).hasSize(1_000));
        assertThat(told).allMatch(time -> time.compareTo(Duration.ofSeconds(2)) < 0);
        assertThat(told.stream().distinct().count()).isGreaterThan(500);
    }

    /** Each is one who pauses. */
    private final class Come implements Consumer<Duration> {
        @Override
        public void accept(Duration time) {
            told.add(time);
        }
    }

    @Test
    void nobodyIsToldWhileTheServerIsThere() {
        reach.pauses(told::add);
        reach.made();
        assertThat(told).isEmpty();
        assertThat(probes).hasValue(0);
        reach.failed();
        reach.made();
        assertThat(told).hasSize(1);
    }

    @Test
    void ofAServerThatComesAndGoesAllAreToldToComeLaterInOneMoment() {
        long began = System.nanoTime();
        reach.pauses(told::add);
        for (int i = 0; i < 4; i++) {
            reach.failed();
            reach.made();
        }
        var elapsed = Duration.ofNanos(System.nanoTime() - began);
        assertThat(told).hasSize(4);
        assertThat(told.getFirst()).isLessThan(Duration.ofSeconds(2));
        assertThat(told.subList(1, 4))
                .allMatch(time -> time.plus(elapsed).compareTo(Duration.ofSeconds(10)) >= 0)
                .allMatch(time -> time.compareTo(Duration.ofSeconds(11)) < 0);
    }

    @Test
    void whoPausesNoMoreIsNotTold() {
        var come = new Come();
        reach.pauses(come);
        reach.pausesNoMore(come);
        reach.failed();
        reach.made();
        assertThat(told).isEmpty();
    }
}
