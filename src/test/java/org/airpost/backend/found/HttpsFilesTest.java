package org.airpost.backend.found;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.airpost.backend.found.WebFiles.Got;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpsFilesTest {

    private final CountDownLatch end = new CountDownLatch(1);
    private final WebFiles files = HttpsFiles.ofSystem(Duration.ofSeconds(2));
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                var path = exchange.getRequestURI().getPath();
                switch (path) {
                    case "/file" -> exchange.sendResponseHeaders(200, 2);
                    case "/large" -> exchange.sendResponseHeaders(200, 1 << 20);
                    case "/moved" -> {
                        exchange.getResponseHeaders().set("Location", "/file");
                        exchange.sendResponseHeaders(302, -1);
                        return;
                    }
                    case "/slow" -> {
                        end.await();
                        return;
                    }
                    default -> {
                        exchange.sendResponseHeaders(Integer.parseInt(path.substring(1)), -1);
                        return;
                    }
                }
                exchange.getResponseBody().write(new byte[path.equals("/file") ? 2 : 1 << 20]);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
    }

    private Got get(String path) {
        return files.get("http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path));
    }

    @Test
    void aFileIsGiven() {
        assertThat(get("/file"))
                .isInstanceOfSatisfying(
                        Got.File.class, file -> assertThat(file.content()).hasSize(2));
    }

    @Test
    void whatIsNotThereIsNone() throws IOException {
        assertThat(get("/404")).isEqualTo(new Got.None());
        assertThat(get("/moved")).as("no redirect is followed").isEqualTo(new Got.None());
        assertThat(files.get("https://no such host/")).isEqualTo(new Got.None());
        int port = server.getAddress().getPort();
        server.stop(0);
        assertThat(files.get("http://127.0.0.1:%d/file".formatted(port))).isEqualTo(new Got.None());
    }

    @Test
    void whatFailsOrTakesTooLongIsNotNow() {
        assertThat(get("/503")).isInstanceOf(Got.Failed.class);
        assertThat(get("/large")).isInstanceOf(Got.Failed.class);
        assertThat(get("/slow")).isInstanceOf(Got.Failed.class);
    }
}
