package org.airpost.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LimitedHttpTest {

    private final CountDownLatch left = new CountDownLatch(1);

    /** The answer of a server that says this, and then keeps the connection until the client leaves. */
    private LimitedHttp.Answer of(String says, int mostBytes) throws Exception {
        try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                var http = HttpClient.newHttpClient()) {
            Thread.ofVirtual().start(() -> {
                try (var client = listener.accept()) {
                    client.getOutputStream().write(says.getBytes(US_ASCII));
                    client.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // The client went away.
                }
                left.countDown();
            });
            try {
                return LimitedHttp.send(
                        http,
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.getLocalPort())),
                        200,
                        mostBytes,
                        Duration.ofMillis(600));
            } finally {
                assertThat(says.endsWith("end") || left.await(15, TimeUnit.SECONDS))
                        .as("the connection is closed")
                        .isTrue();
                http.shutdownNow();
            }
        }
    }

    @Test
    void aBodyThatDoesNotEndIsLeftInTime() {
        assertThatThrownBy(() -> of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 1_000))
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    void aHeaderThatDoesNotEndIsLeftInTime() {
        assertThatThrownBy(() -> of("HTTP/1.1 200 OK\r\nContent", 1_000)).isInstanceOf(TimeoutException.class);
    }

    @Test
    void aBodyIsReadUpToItsBound() throws Exception {
        var whole = of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend", 3);
        assertThat(new String(whole.body(), US_ASCII)).isEqualTo("end");
        assertThat(whole.isCut()).isFalse();
        assertThat(of("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(5_000), 3)
                        .isCut())
                .isTrue();
        assertThat(of("HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nend", 3).status())
                .isEqualTo(404);
    }
}
