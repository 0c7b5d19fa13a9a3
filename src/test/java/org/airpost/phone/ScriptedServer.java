package org.airpost.phone;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;

/** An HTTP server that answers one request after the other as it was told to, and remembers what it was asked. */
final class ScriptedServer implements AutoCloseable {

    /** What the phone sent. */
    record Asked(String method, URI uri, Map<String, List<String>> headers, byte[] body) {

        String header(String name) {
            return headers.entrySet().stream()
                    .filter(e -> e.getKey().equalsIgnoreCase(name))
                    .findFirst()
                    .map(e -> e.getValue().getFirst())
                    .orElse("");
        }

        WbxmlReader document() {
            return new WbxmlReader(new ByteArrayInputStream(body), WbxmlLimits.REQUEST);
        }
    }

    private record Said(int status, Map<String, String> headers, byte[] body) {}

    private final HttpServer server;
    private final Queue<Said> script = new ConcurrentLinkedQueue<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    ScriptedServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    exchange.getRequestBody().readAllBytes()));
            var said = script.poll();
            if (said == null) {
                exchange.sendResponseHeaders(500, -1);
                return;
            }
            said.headers().forEach(exchange.getResponseHeaders()::set);
            if (said.body().length == 0) {
                exchange.getResponseHeaders().set("Content-Length", "0");
            }
            exchange.sendResponseHeaders(said.status(), said.body().length == 0 ? -1 : said.body().length);
            if (said.body().length > 0) {
                exchange.getResponseBody().write(said.body());
            }
        }
    }

    ScriptedServer says(Consumer<WbxmlWriter> document) {
        return says(200, Map.of("Content-Type", Wire.WBXML), Wire.document(document));
    }

    ScriptedServer saysNothing() {
        return says(200, Map.of(), new byte[0]);
    }

    ScriptedServer says(int status, Map<String, String> headers, byte[] body) {
        script.add(new Said(status, headers, body));
        return this;
    }

    /** All requests so far. */
    List<Asked> asked() {
        return asked;
    }

    Asked last() {
        return asked.getLast();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    Phone phone(ProtocolVersion version, QueryForm form) throws Exception {
        return new Phone(
                address(), "alice", "päss", version, "0123456789ABCDEF", "TestPhone", SSLContext.getDefault(), form);
    }

    Phone phone() throws Exception {
        return phone(ProtocolVersion.V16_1, QueryForm.PLAIN);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
