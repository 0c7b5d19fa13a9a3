package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.command.Answer;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.ComposeMail;
import org.junit.jupiter.api.Test;

class LimitsTest {

    private static final int SMALL = 100_000;

    @Test
    void aBodyTooLargeIs413WhetherItsLengthWasToldOrNot() throws Exception {
        var calls = new AtomicInteger();
        try (var gateway = TestGateway.start(s -> s.withMaxBodyBytes(SMALL), _ -> {
            calls.incrementAndGet();
            return new Answer.Empty();
        })) {
            assertThat(gateway.post(TestGateway.PING, new byte[SMALL + 1]).statusCode())
                    .isEqualTo(413);
            assertThat(gateway.send(gateway.request(TestGateway.PING)
                                    .POST(BodyPublishers.ofInputStream(
                                            () -> new ByteArrayInputStream(new byte[SMALL + 1]))))
                            .statusCode())
                    .isEqualTo(413);
            assertThat(calls).hasValue(0);
            assertThat(gateway.post(TestGateway.PING, new byte[SMALL]).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aMailTooLargeIsStatus122() throws Exception {
        try (var gateway = TestGateway.start(s -> s.withMaxBodyBytes(SMALL), _ -> new Answer.Empty())) {
            var response = gateway.post(TestGateway.SEND_MAIL, new byte[3 * SMALL]);
            assertThat(response.statusCode()).isEqualTo(200);
            try (var in = new ByteArrayInputStream(response.body())) {
                var document = new WbxmlReader(in, WbxmlLimits.REQUEST);
                document.root(ComposeMail.SEND_MAIL);
                assertThat(document.child()).isTrue();
                assertThat(document.tag()).isEqualTo(ComposeMail.STATUS);
                assertThat(document.text()).isEqualTo("122");
                assertThat(document.child()).isFalse();
            }
            assertThat(gateway.send(gateway.request(TestGateway.SEND_MAIL)
                                    .setHeader("MS-ASProtocolVersion", "12.1")
                                    .POST(BodyPublishers.ofByteArray(new byte[3 * SMALL])))
                            .statusCode())
                    .isEqualTo(507);
        }
    }

    @Test
    void aZipBombIsRefused() throws Exception {
        try (var gateway = TestGateway.start(s -> s.withMaxBodyBytes(200L << 20), _ -> new Answer.Empty())) {
            var bomb = ServerTest.gzip(new byte[100 << 20]);
            var response = gateway.send(gateway.request(TestGateway.PING)
                    .header("Content-Encoding", "gzip")
                    .POST(BodyPublishers.ofByteArray(bomb)));
            assertThat(response.statusCode()).isEqualTo(400);
        }
        try (var gateway = TestGateway.start(s -> s.withMaxBodyBytes(SMALL), _ -> new Answer.Empty())) {
            var response = gateway.send(gateway.request(TestGateway.PING)
                    .header("Content-Encoding", "gzip")
                    .POST(BodyPublishers.ofByteArray(ServerTest.gzip(new byte[SMALL + 1]))));
            assertThat(response.statusCode()).isEqualTo(413);
        }
    }

    @Test
    void whatSaysItIsGzipAndIsNotIs400() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var cut = java.util.Arrays.copyOf(ServerTest.gzip(new byte[5_000]), 20);
            for (var body : java.util.List.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, cut)) {
                assertThat(gateway.send(gateway.request(TestGateway.PING)
                                        .header("Content-Encoding", "gzip")
                                        .POST(BodyPublishers.ofByteArray(body)))
                                .statusCode())
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void nothingIsReadOfALargeBodyWhoseSenderHasNotSignedIn() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty());
                var phone = gateway.raw()) {
            phone.send(TestGateway.head(TestGateway.PING, Map.of("Content-Length", "40000000")));
            var seen = phone.read();
            assertThat(seen.status()).isEqualTo(401);
            assertThat(seen.header("Connection")).isEqualTo("close");
            phone.readToEnd();
        }
    }

    @Test
    void aShortBodyWithoutCredentialsLeavesTheConnectionOpen() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty());
                var phone = gateway.raw()) {
            phone.send(TestGateway.head(TestGateway.PING, Map.of("Content-Length", "5")));
            assertThat(phone.read().status()).isEqualTo(401);
            phone.send("12345");
            phone.send(TestGateway.head(
                    TestGateway.PING, Map.of("Content-Length", "0", "Authorization", TestGateway.ANNA)));
            assertThat(phone.read().status()).isEqualTo(200);
        }
    }

    @Test
    void aPhoneThatWaitsForAWordGetsItOnlyAfterSignInAndForAFittingSize() throws Exception {
        try (var gateway = TestGateway.start(request -> TestGateway.document(TestGateway.bytes(request)))) {
            try (var phone = gateway.raw()) {
                phone.send(TestGateway.head(
                        TestGateway.PING,
                        Map.of("Content-Length", "5", "Expect", "100-continue", "Authorization", TestGateway.ANNA)));
                assertThat(phone.read().status()).isEqualTo(100);
                phone.send("12345");
                assertThat(phone.read().body()).isEqualTo("12345");
            }
            try (var phone = gateway.raw()) {
                phone.send(TestGateway.head(TestGateway.PING, Map.of("Content-Length", "5", "Expect", "100-continue")));
                var seen = phone.read();
                assertThat(seen.status()).isEqualTo(401);
                assertThat(seen.header("Connection")).isEqualTo("close");
            }
            try (var phone = gateway.raw()) {
                phone.send(TestGateway.head(
                        TestGateway.PING,
                        Map.of(
                                "Content-Length",
                                "99999999999",
                                "Expect",
                                "100-continue",
                                "Authorization",
                                TestGateway.ANNA)));
                assertThat(phone.read().status()).isEqualTo(413);
            }
        }
    }

    @Test
    void aSlowPhoneIsClosed() throws Exception {
        try (var gateway = TestGateway.start(
                s -> s.withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(5), Duration.ofMillis(300)),
                _ -> new Answer.Empty())) {
            try (var phone = gateway.raw()) {
                phone.send(TestGateway.head(
                        TestGateway.PING, Map.of("Content-Length", "5", "Authorization", TestGateway.ANNA)));
                phone.send("12");
                var seen = phone.read();
                assertThat(seen.status()).isEqualTo(408);
                assertThat(seen.header("Connection")).isEqualTo("close");
            }
            try (var phone = gateway.raw()) {
                phone.send("POST /Micro");
                assertThat(phone.readToEnd()).isEmpty();
            }
            try (var phone = gateway.raw()) {
                phone.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(phone.read().status()).isEqualTo(200);
                assertThat(phone.readToEnd()).isEmpty();
            }
        }
    }

    @Test
    void aLargeAnswerMayTakeItsTimeIfThePhoneTakesSomeOfItAllAlong() throws Exception {
        int size = 24 << 20;
        var longest = Duration.ofSeconds(1);
        try (var gateway = TestGateway.start(
                        s -> s.withTimeouts(Duration.ofSeconds(20), longest, Duration.ofSeconds(20)),
                        _ -> TestGateway.document(new byte[size]));
                var phone = gateway.rawWithSmallBuffer()) {
            phone.send(TestGateway.head(
                    TestGateway.PING, Map.of("Content-Length", "0", "Authorization", TestGateway.ANNA)));
            long began = System.nanoTime();
            assertThat(phone.readSlowly(1 << 20, Duration.ofMillis(100)).body()).hasSize(size);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(longest.multipliedBy(2));
        }
    }

    @Test
    void aPhoneThatDoesNotTakeItsAnswerIsClosed() throws Exception {
        try (var gateway = TestGateway.start(
                        s -> s.withTimeouts(Duration.ofSeconds(20), Duration.ofMillis(300), Duration.ofSeconds(20)),
                        _ -> TestGateway.document(new byte[24 << 20]));
                var phone = gateway.rawWithSmallBuffer()) {
            phone.send(TestGateway.head(
                    TestGateway.PING, Map.of("Content-Length", "0", "Authorization", TestGateway.ANNA)));
            await().until(() -> gateway.signIns.get() == 1 && gateway.server.connections() == 0);
            await().until(() -> gateway.server.requestsUnderWay() == 0);
        }
    }

    @Test
    void aPageLeavesTheConnectionItsOwnTimeToBeIdle() throws Exception {
        try (var gateway = TestGateway.start(
                        s -> s.withTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(300)),
                        _ -> new Answer.Empty());
                var phone = gateway.raw()) {
            phone.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(phone.read().status()).isEqualTo(200);
            assertThat(phone.readToEnd()).isEmpty();
        }
    }

    @Test
    void moreThanTheServerCanDoIs503WithATimeToComeBack() throws Exception {
        var inside = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var gateway = TestGateway.start(s -> s.withMaxUnderWay(1), _ -> {
            inside.countDown();
            awaitQuietly(go);
            return new Answer.Empty();
        })) {
            var first = CompletableFuture.supplyAsync(() -> {
                try {
                    return gateway.post(TestGateway.PING, new byte[0]).statusCode();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
            var second = gateway.post(TestGateway.PING, new byte[10]);
            assertThat(second.statusCode()).isEqualTo(503);
            assertThat(Long.parseLong(second.headers().firstValue("Retry-After").orElseThrow()))
                    .isBetween(10L, 16L);
            go.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(200);
            await().untilAsserted(
                            () -> assertThat(gateway.server.requestsUnderWay()).isZero());
            assertThat(gateway.post(TestGateway.PING, new byte[0]).statusCode()).isEqualTo(200);
        }
    }

    static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not released");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aConnectionTooManyIsClosed() throws Exception {
        try (var gateway = TestGateway.start(s -> s.withMaxConnections(1), _ -> new Answer.Empty())) {
            try (var first = gateway.raw()) {
                first.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(first.read().status()).isEqualTo(200);
                try (var second = gateway.raw()) {
                    assertThat(second.readToEnd()).isEmpty();
                }
            }
            await().untilAsserted(() -> {
                try (var third = gateway.raw()) {
                    third.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
                    assertThat(third.read().status()).isEqualTo(200);
                }
            });
        }
    }

    @Test
    void headsThatCannotBeReadAreRefusedAndTheConnectionClosed() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var long20k = "x".repeat(20_000);
            var heads = Map.of(
                    "GET /" + long20k + " HTTP/1.1\r\n\r\n",
                    414,
                    "GET / HTTP/1.1\r\nA: " + long20k + "\r\n\r\n",
                    431,
                    "GET / HTTP/1.1\r\nbad header\r\n\r\n",
                    400,
                    "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    400,
                    "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                    400,
                    "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                    400);
            for (var head : heads.entrySet()) {
                try (var phone = gateway.raw()) {
                    phone.send(head.getKey());
                    assertThat(phone.read().status()).as(head.getKey()).isEqualTo(head.getValue());
                    phone.readToEnd();
                }
            }
        }
    }

    @Test
    void aBodyWithBrokenChunksIs400() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty());
                var phone = gateway.raw()) {
            phone.send(TestGateway.head(
                    TestGateway.PING, Map.of("Transfer-Encoding", "chunked", "Authorization", TestGateway.ANNA)));
            phone.send("5\r\n12345\r\nzz\r\n");
            assertThat(phone.read().status()).isEqualTo(400);
            phone.readToEnd();
        }
    }
}
