package org.airpost.cli.check;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/** A proxy before a gateway that ends TLS, and does to requests what bad proxies do. */
final class Front implements AutoCloseable {

    private static final Set<String> NOT_PASSED =
            Set.of("connection", "content-length", "host", "upgrade", "transfer-encoding", "http2-settings", "expect");

    private final HttpsServer server;
    private final URI target;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Answers itself, if there is something. */
    volatile Optional<Page> page = Optional.empty();

    volatile String pageFor = "";
    volatile Duration patience = Duration.ofMinutes(1);
    volatile boolean cutsWithoutAWord;
    volatile boolean strips;
    volatile boolean chunks;
    volatile long mostBytes = Long.MAX_VALUE;
    volatile int tooLarge = 413;

    /** An answer of the proxy itself. */
    record Page(int status, String type, String text, String location) {

        Page(int status, String text) {
            this(status, "text/plain", text, "");
        }
    }

    Front(SSLContext tls, URI target) throws IOException {
        this.target = target;
        this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** This answer to requests with this in their method, path and query. */
    Front answers(String part, Page answer) {
        pageFor = part;
        page = Optional.of(answer);
        return this;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var what = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            if (page.isPresent() && what.contains(pageFor)) {
                exchange.getRequestBody().readAllBytes();
                var it = page.get();
                exchange.getResponseHeaders().set("Content-Type", it.type());
                if (!it.location().isEmpty()) {
                    exchange.getResponseHeaders().set("Location", it.location());
                }
                send(exchange, it.status(), it.text().getBytes(StandardCharsets.UTF_8));
                return;
            }
            var body = exchange.getRequestBody().readAllBytes();
            if (body.length > mostBytes) {
                send(exchange, tooLarge, "Request Entity Too Large".getBytes(StandardCharsets.UTF_8));
                return;
            }
            pass(exchange, body);
        }
    }

    private void pass(HttpExchange exchange, byte[] body) throws IOException {
        var request = HttpRequest.newBuilder(
                        target.resolve(exchange.getRequestURI().toString()))
                .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            var lower = name.toLowerCase(Locale.ROOT);
            if (!NOT_PASSED.contains(lower) && !(strips && lower.equals("authorization"))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        var sent = client.sendAsync(request.build(), BodyHandlers.ofByteArray());
        HttpResponse<byte[]> response;
        try {
            response = sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            sent.cancel(true);
            if (!cutsWithoutAWord) {
                send(exchange, 504, "Gateway Timeout".getBytes(StandardCharsets.UTF_8));
            }
            return;
        } catch (ExecutionException e) {
            send(exchange, 502, "Bad Gateway".getBytes(StandardCharsets.UTF_8));
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        response.headers().map().forEach((name, values) -> {
            if (!NOT_PASSED.contains(name.toLowerCase(Locale.ROOT)) && !name.equalsIgnoreCase("date")) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        send(exchange, response.statusCode(), response.body());
    }

    private void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (body.length == 0) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, chunks && status == 200 ? 0 : body.length);
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().close();
    }

    @Override
    public void close() {
        server.stop(0);
        client.shutdownNow();
    }
}
