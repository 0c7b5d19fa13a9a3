package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.airpost.command.Answer;
import org.airpost.command.Answer.Ending;
import org.junit.jupiter.api.Test;

class HeldTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    /** Remembers what it was told; answers with the name of its ending. */
    static class Recorder implements Answer.Waiter {

        final CompletableFuture<Runnable> wake = new CompletableFuture<>();
        final List<Ending> endings = java.util.Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger cancels = new AtomicInteger();
        private final Function<Ending, Answer> answer;

        Recorder() {
            this(how -> TestGateway.document(how.name().getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        }

        Recorder(Function<Ending, Answer> answer) {
            this.answer = answer;
        }

        @Override
        public void start(Runnable woken) {
            wake.complete(woken);
        }

        @Override
        public Answer finish(Ending how) {
            endings.add(how);
            return answer.apply(how);
        }

        @Override
        public void cancel() {
            cancels.incrementAndGet();
        }

        void wakeUp() throws Exception {
            wake.get(20, TimeUnit.SECONDS).run();
        }
    }

    private static String ping() {
        return TestGateway.head(TestGateway.PING, Map.of("Content-Length", "0", "Authorization", TestGateway.ANNA));
    }

    @Test
    void aHeldRequestIsAnsweredOnceWhenItWakes() throws Exception {
        var waiter = new Recorder();
        try (var gateway = TestGateway.start(_ -> new Answer.Held(LONG, waiter));
                var phone = gateway.raw()) {
            phone.send(ping());
            waiter.wake.get(20, TimeUnit.SECONDS);
            await().until(() -> gateway.server.requestsUnderWay() == 0);
            waiter.wakeUp();
            waiter.wakeUp();
            assertThat(phone.read().body()).isEqualTo("WOKEN");
            waiter.wakeUp();
            assertThat(waiter.endings).containsExactly(Ending.WOKEN);
            phone.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(phone.read().body()).isEqualTo("ok\n");
            assertThat(waiter.cancels).hasValue(0);
        }
    }

    @Test
    void aWakeBeforeTheWaitHasBegunCounts() throws Exception {
        var waiter = new Recorder() {
            @Override
            public void start(Runnable woken) {
                woken.run();
            }
        };
        try (var gateway = TestGateway.start(_ -> new Answer.Held(LONG, waiter));
                var phone = gateway.raw()) {
            phone.send(ping());
            assertThat(phone.read().body()).isEqualTo("WOKEN");
            assertThat(waiter.endings).containsExactly(Ending.WOKEN);
        }
    }

    @Test
    void aHeldRequestEndsWithItsTime() throws Exception {
        var waiter = new Recorder();
        try (var gateway = TestGateway.start(_ -> new Answer.Held(Duration.ofMillis(50), waiter));
                var phone = gateway.raw()) {
            phone.send(ping());
            assertThat(phone.read().body()).isEqualTo("EXPIRED");
            assertThat(waiter.endings).containsExactly(Ending.EXPIRED);
        }
    }

    @Test
    void whatWokeForNothingIsHeldAgain() throws Exception {
        var last = new Recorder();
        var first = new Recorder(_ -> new Answer.Held(LONG, last));
        try (var gateway = TestGateway.start(_ -> new Answer.Held(LONG, first));
                var phone = gateway.raw()) {
            phone.send(ping());
            first.wakeUp();
            last.wakeUp();
            assertThat(phone.read().body()).isEqualTo("WOKEN");
            assertThat(first.endings).containsExactly(Ending.WOKEN);
            assertThat(last.endings).containsExactly(Ending.WOKEN);
        }
    }

    @Test
    void aPhoneThatLeavesCancelsItsWait() throws Exception {
        var waiter = new Recorder();
        try (var gateway = TestGateway.start(_ -> new Answer.Held(LONG, waiter))) {
            try (var phone = gateway.raw()) {
                phone.send(ping());
                waiter.wake.get(20, TimeUnit.SECONDS);
            }
            await().untilAsserted(() -> assertThat(waiter.cancels).hasValue(1));
            waiter.wakeUp();
            assertThat(waiter.endings).isEmpty();
            assertThat(gateway.server.requestsUnderWay()).isZero();
        }
    }

    @Test
    void aPhoneThatLeavesWhileItsAnswerIsMadeCancelsToo() throws Exception {
        var inside = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var again = new Recorder();
        var waiter = new Recorder(_ -> {
            inside.countDown();
            LimitsTest.awaitQuietly(go);
            return new Answer.Held(LONG, again);
        });
        try (var gateway = TestGateway.start(_ -> new Answer.Held(LONG, waiter))) {
            try (var phone = gateway.raw()) {
                phone.send(ping());
                waiter.wakeUp();
                LimitsTest.awaitQuietly(inside);
            }
            await().untilAsserted(() -> assertThat(waiter.cancels).hasValue(1));
            go.countDown();
            await().untilAsserted(() -> assertThat(again.cancels).hasValue(1));
            assertThat(again.wake).isNotDone();
        }
    }

    @Test
    void heldRequestsDoNotCountAsUnderWay() throws Exception {
        var waiters = new ConcurrentLinkedQueue<Recorder>();
        try (var gateway = TestGateway.start(s -> s.withMaxUnderWay(1), _ -> {
            var waiter = new Recorder();
            waiters.add(waiter);
            return new Answer.Held(LONG, waiter);
        })) {
            var phones = new ArrayList<RawPhone>();
            for (int i = 1; i <= 20; i++) {
                var phone = gateway.raw().send(ping());
                phones.add(phone);
                int count = i;
                await().until(() -> waiters.size() == count && gateway.server.requestsUnderWay() == 0);
            }
            for (var waiter : waiters) {
                waiter.wakeUp();
            }
            for (var phone : phones) {
                assertThat(phone.read().status()).isEqualTo(200);
                phone.close();
            }
        }
    }

    @Test
    void stoppingAnswersWhatIsHeldAndWaitsForWhatIsUnderWay() throws Exception {
        var waiter = new Recorder();
        var inside = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var gateway = TestGateway.start(request -> {
            if (request.isEmpty()) {
                return new Answer.Held(LONG, waiter);
            }
            inside.countDown();
            LimitsTest.awaitQuietly(go);
            return new Answer.Empty();
        });
        try (var held = gateway.raw();
                var working = gateway.raw();
                var idle = gateway.raw()) {
            held.send(ping());
            waiter.wake.get(20, TimeUnit.SECONDS);
            idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(idle.read().status()).isEqualTo(200);
            working.send(
                    TestGateway.head(TestGateway.PING, Map.of("Content-Length", "1", "Authorization", TestGateway.ANNA))
                            + "x");
            LimitsTest.awaitQuietly(inside);
            var stopped = CompletableFuture.runAsync(() -> gateway.server.stop(Duration.ofSeconds(4)));
            var seen = held.read();
            assertThat(seen.body()).isEqualTo("SHUTDOWN");
            assertThat(seen.header("Connection")).isEqualTo("close");
            assertThat(idle.readToEnd()).isEmpty();
            assertThat(stopped).isNotDone();
            go.countDown();
            assertThat(working.read().status()).isEqualTo(200);
            stopped.get(20, TimeUnit.SECONDS);
            assertThat(waiter.endings).containsExactly(Ending.SHUTDOWN);
        }
    }

    @Test
    void stoppingLetsPhonesComeBackAtDifferentTimes() throws Exception {
        int count = 20;
        var waiters = new ConcurrentLinkedQueue<Recorder>();
        var gateway = TestGateway.start(_ -> {
            var waiter = new Recorder();
            waiters.add(waiter);
            return new Answer.Held(LONG, waiter);
        });
        var answered = new ArrayList<CompletableFuture<Long>>();
        var phones = new ArrayList<RawPhone>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                var phone = gateway.raw().send(ping());
                phones.add(phone);
                answered.add(CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                assertThat(phone.read().body()).isEqualTo("SHUTDOWN");
                                return System.nanoTime();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        threads));
            }
            await().until(() -> waiters.size() == count && gateway.server.requestsUnderWay() == 0);
            // Half of the time is for that: 2 s. All of 20 in one quarter of it is as good as impossible.
            gateway.server.stop(Duration.ofSeconds(4));
            var times = answered.stream().map(CompletableFuture::join).sorted().toList();
            assertThat(Duration.ofNanos(times.getLast() - times.getFirst())).isGreaterThan(Duration.ofMillis(500));
        } finally {
            for (var phone : phones) {
                phone.close();
            }
        }
    }
}
