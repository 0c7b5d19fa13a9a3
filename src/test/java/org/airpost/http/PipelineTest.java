package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.airpost.command.Answer;
import org.junit.jupiter.api.Test;

class PipelineTest {

    private static String post(String body) {
        return TestGateway.head(
                        TestGateway.PING,
                        Map.of("Content-Length", "" + body.length(), "Authorization", TestGateway.ANNA))
                + body;
    }

    @Test
    void requestsSentAheadAreAnsweredInOrder() throws Exception {
        try (var gateway = TestGateway.start(request -> TestGateway.document(TestGateway.bytes(request)));
                var phone = gateway.raw()) {
            phone.send(post("one") + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + post("two") + post("three"));
            assertThat(phone.read().body()).isEqualTo("one");
            assertThat(phone.read().body()).isEqualTo("ok\n");
            assertThat(phone.read().body()).isEqualTo("two");
            assertThat(phone.read().body()).isEqualTo("three");
        }
    }

    @Test
    void aRequestWaitsUntilTheOneBeforeItIsAnswered() throws Exception {
        var second = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var gateway = TestGateway.start(request -> {
                    if (new String(TestGateway.bytes(request), java.nio.charset.StandardCharsets.US_ASCII)
                            .equals("two")) {
                        second.countDown();
                    } else {
                        LimitsTest.awaitQuietly(go);
                    }
                    return new Answer.Empty();
                });
                var phone = gateway.raw()) {
            phone.send(post("one") + post("two"));
            assertThat(second.getCount()).isEqualTo(1);
            go.countDown();
            assertThat(phone.read().status()).isEqualTo(200);
            LimitsTest.awaitQuietly(second);
            assertThat(phone.read().status()).isEqualTo(200);
        }
    }

    @Test
    void tooManySentAheadEndTheConnection() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty());
                var phone = gateway.raw()) {
            phone.send(post("x").repeat(100));
            assertThat(phone.readToEnd().split("HTTP/1.1 200", -1)).hasSizeLessThan(60);
        }
    }

    @Test
    void anOldPhoneThatSpeaksHttp10GetsItsAnswerAndTheEnd() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty());
                var phone = gateway.raw()) {
            phone.send("GET /healthz HTTP/1.0\r\n\r\n");
            assertThat(phone.readToEnd()).contains(" 200 OK").contains("onnection: close");
        }
    }

    /** The seed is printed by the assertion; each mutation is a fresh connection. */
    @Test
    void anyBytesLeaveTheServerAlive() throws Exception {
        long seed = 20_261_124;
        var random = new Random(seed);
        try (var gateway = TestGateway.start(request -> TestGateway.document(TestGateway.bytes(request)))) {
            var whole = (post("hello") + post("again")
                            + TestGateway.head(
                                    TestGateway.PING,
                                    Map.of("Transfer-Encoding", "chunked", "Authorization", TestGateway.ANNA))
                            + "5\r\n12345\r\n0\r\n\r\n")
                    .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            for (int round = 0; round < 2_000; round++) {
                try (var phone = gateway.raw()) {
                    phone.send(mutate(whole, random));
                    phone.endOutput();
                    phone.readToEnd();
                } catch (java.net.SocketException e) {
                    assertThat(e).as("seed %d round %d", seed, round).hasMessageMatching("(?i).*(reset|pipe).*");
                }
            }
            assertThat(gateway.post(TestGateway.PING, new byte[] {1, 2}).body())
                    .as("seed %d", seed)
                    .containsExactly(1, 2);
            org.awaitility.Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(gateway.server.requestsUnderWay()).isZero());
        }
    }

    private static byte[] mutate(byte[] whole, Random random) {
        var bytes = whole.clone();
        for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) "\r\n :?%0=\0".charAt(random.nextInt(9));
                default -> {
                    int length = Math.min(random.nextInt(40), bytes.length - at);
                    System.arraycopy(whole, random.nextInt(whole.length - length), bytes, at, length);
                }
            }
        }
        return java.util.Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
    }
}
