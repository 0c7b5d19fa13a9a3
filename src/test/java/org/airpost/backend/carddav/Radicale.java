package org.airpost.backend.carddav;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.airpost.bench.ChildServer;
import org.junit.jupiter.api.Assumptions;

/** Debian's Radicale as a child of the test, with a user anna whose password is secret. */
final class Radicale implements AutoCloseable {

    private static final Path BINARY = Path.of("/usr/bin/radicale");

    private final Path directory;
    private final int port;
    private final Process process;

    private Radicale(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /** Skips the test where there is no Radicale; on the build server that is a failure. */
    static void assumeInstalled() {
        boolean installed = Files.isExecutable(BINARY);
        if ("true".equals(System.getenv("CI")) && !installed) {
            throw new AssertionError("CI needs apt-get install radicale");
        }
        Assumptions.assumeTrue(installed, "needs apt-get install radicale");
    }

    static Radicale start() {
        try {
            var directory = Files.createTempDirectory("radicale");
            Files.writeString(directory.resolve("users"), "anna:secret\nemil:secret\n");
            int port = ChildServer.freePort();
            Files.writeString(directory.resolve("config"), """
                    [server]
                    hosts = 127.0.0.1:%2$d
                    [auth]
                    type = htpasswd
                    htpasswd_filename = %1$s/users
                    htpasswd_encryption = plain
                    delay = 0
                    [storage]
                    filesystem_folder = %1$s/collections
                    """.formatted(directory, port));
            var process = new ProcessBuilder(
                            BINARY.toString(),
                            "--config",
                            directory.resolve("config").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output").toFile())
                    .start();
            var server = new Radicale(directory, port, process);
            ChildServer.awaitPort("radicale", process, port, () -> ChildServer.log(directory));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the settings: the place of all books of a user. */
    String url() {
        return "http://127.0.0.1:%d/{user}/".formatted(port);
    }

    /** Makes an empty book of anna's. */
    void book(String name) {
        send("MKCOL", name + "/", """
                <?xml version="1.0"?>
                <D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
                  <D:resourcetype><D:collection/><C:addressbook/></D:resourcetype>
                </D:prop></D:set></D:mkcol>
                """, "application/xml");
    }

    /** Makes an empty calendar of anna's. */
    void calendar(String name) {
        send("MKCALENDAR", name + "/", "", "application/xml");
    }

    void card(String path, String card) {
        send("PUT", path, card.replace("\r\n", "\n").replace("\n", "\r\n"), "text/vcard");
    }

    private void send(String method, String path, String body, String type) {
        var login = Base64.getEncoder().encodeToString("anna:secret".getBytes(UTF_8));
        // One for each request: Radicale closes connections, which a client that keeps them finds out too late.
        try (var http = HttpClient.newHttpClient()) {
            var response = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/anna/%s".formatted(port, path)))
                            .header("Authorization", "Basic " + login)
                            .header("Content-Type", type)
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 201) {
                throw new IllegalStateException(method + " " + path + ": " + response.statusCode() + response.body()
                        + ChildServer.log(directory));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void kill() {
        ChildServer.kill(process);
    }

    @Override
    public void close() {
        kill();
        ChildServer.delete(directory);
    }
}
