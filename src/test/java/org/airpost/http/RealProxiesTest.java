package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.airpost.bench.ChildServer;
import org.airpost.command.Answer;
import org.airpost.command.Request;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The sample files of {@code conf/} for nginx and HAProxy, in those of Debian. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RealProxiesTest {

    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");

    @TempDir
    Path directory;

    @Test
    void nginxLetsPhonesWaitAndSaysWhoTheyAre() throws Exception {
        needs(NGINX);
        var waiter = new HeldTest.Recorder();
        var received = new AtomicLong();
        try (var gateway = TestGateway.start(
                        s -> s.withProxies(Proxies.of(List.of("127.0.0.1"))),
                        request -> answer(request, waiter, received));
                var log = new Log();
                var nginx = nginx(gateway.port())) {
            var phone = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(trusting())
                    .localAddress(InetAddress.ofLiteral("127.0.0.3"))
                    .build();

            // A large mail goes through.
            var mail = new byte[20 << 20];
            assertThat(phone.send(
                                    request(nginx.port, TestGateway.SEND_MAIL)
                                            .POST(BodyPublishers.ofByteArray(mail))
                                            .build(),
                                    BodyHandlers.ofByteArray())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(received).hasValue(mail.length);

            // A waiting phone gets its answer when there is one.
            CompletableFuture<HttpResponse<String>> waiting = phone.sendAsync(
                    request(nginx.port, TestGateway.PING)
                            .POST(BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
            waiter.wakeUp();
            assertThat(waiting.get(20, TimeUnit.SECONDS).body()).isEqualTo("WOKEN");

            // Who is refused is in the log with his own address.
            phone.send(
                    request(nginx.port, TestGateway.PING)
                            .setHeader("Authorization", "Basic eDp5")
                            .setHeader("X-Forwarded-For", "203.0.113.7")
                            .POST(BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.discarding());
            // nginx adds the one that it sees; the phone's own word stands before it and does not count.
            assertThat(log.has("remote=127.0.0.3 ")).isTrue();
            assertThat(log.has("remote=203.0.113.7 ")).isFalse();
        }
    }

    @Test
    void nginxTellsOfAPhoneThatLeaves() throws Exception {
        needs(NGINX);
        var waiter = new HeldTest.Recorder();
        try (var gateway = TestGateway.start(_ -> new Answer.Held(Duration.ofMinutes(5), waiter));
                var nginx = nginx(gateway.port())) {
            var socket = trusting().getSocketFactory().createSocket(LOOPBACK, nginx.port);
            socket.getOutputStream()
                    .write(TestGateway.head(
                                    TestGateway.PING, Map.of("Content-Length", "0", "Authorization", TestGateway.ANNA))
                            .getBytes(StandardCharsets.ISO_8859_1));
            waiter.wake.get(20, TimeUnit.SECONDS);
            socket.close();
            await().atMost(Duration.ofSeconds(20)).until(() -> waiter.cancels.get() == 1);
        }
    }

    @Test
    void haproxySaysWhoHasConnected() throws Exception {
        needs(HAPROXY);
        var waiter = new HeldTest.Recorder();
        try (var gateway = TestGateway.start(
                        s -> s.withProxies(Proxies.of(List.of("127.0.0.1"))),
                        request -> answer(request, waiter, new AtomicLong()));
                var log = new Log();
                var haproxy = haproxy(gateway.port());
                var phone = new RawPhone(new Socket(LOOPBACK, haproxy.port))) {
            phone.send(TestGateway.head(
                    TestGateway.PING, Map.of("Content-Length", "0", "Authorization", TestGateway.ANNA)));
            waiter.wakeUp();
            assertThat(phone.read().body()).isEqualTo("WOKEN");

            try (var stranger =
                    new RawPhone(new Socket(LOOPBACK, haproxy.port, InetAddress.ofLiteral("127.0.0.3"), 0))) {
                stranger.send(TestGateway.head(TestGateway.PING, Map.of("Content-Length", "0")));
                assertThat(stranger.read().status()).isEqualTo(401);
            }
            assertThat(log.has("remote=127.0.0.3 ")).isTrue();
        }
    }

    private static Answer answer(Request request, HeldTest.Recorder waiter, AtomicLong received) {
        return switch (request.line().command()) {
            case PING -> new Answer.Held(Duration.ofMinutes(5), waiter);
            default -> {
                received.set(TestGateway.bytes(request).length);
                yield new Answer.Empty();
            }
        };
    }

    private static HttpRequest.Builder request(int port, String query) {
        return HttpRequest.newBuilder(
                        URI.create("https://localhost:%d/Microsoft-Server-ActiveSync?%s".formatted(port, query)))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", TestGateway.ANNA)
                .header("MS-ASProtocolVersion", "16.1")
                .header("Content-Type", "application/vnd.ms-sync.wbxml");
    }

    /** What the server has logged meanwhile. */
    private static final class Log implements AutoCloseable {

        private final Logger logger = (Logger) LoggerFactory.getLogger("org.airpost.http");
        private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

        Log() {
            lines.start();
            logger.addAppender(lines);
        }

        boolean has(String text) {
            return List.copyOf(lines.list).stream()
                    .anyMatch(line -> line.getFormattedMessage().contains(text));
        }

        @Override
        public void close() {
            logger.detachAppender(lines);
        }
    }

    private record Child(Process process, int port) implements AutoCloseable {

        @Override
        public void close() {
            ChildServer.kill(process);
        }
    }

    private static void needs(Path program) {
        if (!Files.isExecutable(program)) {
            assertThat(System.getenv("CI")).as("%s is not there", program).isNotEqualTo("true");
            Assumptions.abort(program + " is not there: apt-get install nginx-light haproxy");
        }
    }

    private SSLContext trusting() throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        var certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(directory.resolve("certs/ca.crt"))));
        store.setCertificateEntry("ca", certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** nginx with the sample file, its certificate and ports exchanged. */
    private Child nginx(int gateway) throws Exception {
        int port = ChildServer.freePort();
        var certificates = directory.resolve("certs");
        new Certificates(certificates, List.of(), InstantSource.system()).load();
        var sample = sample(
                "conf/nginx.conf",
                Map.of(
                        "listen 443 ssl",
                        "listen 127.0.0.1:%d ssl".formatted(port),
                        "/etc/ssl/certs/mail.example.org.pem",
                        certificates.resolve("server.crt").toString(),
                        "/etc/ssl/private/mail.example.org.key",
                        certificates.resolve("server.key").toString(),
                        "server 127.0.0.1:8080",
                        "server 127.0.0.1:%d".formatted(gateway)));
        var file = directory.resolve("nginx.conf");
        Files.writeString(file, """
                daemon off; user root; worker_processes 1; pid %1$s/pid; error_log stderr;
                events { worker_connections 64; }
                http {
                  access_log off;
                  client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy; fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
                  %2$s
                }
                """.formatted(directory, sample));
        return started(
                "nginx", port, NGINX.toString(), "-p", directory.toString(), "-e", "stderr", "-c", file.toString());
    }

    private Child haproxy(int gateway) throws Exception {
        int port = ChildServer.freePort();
        var sample = sample(
                "conf/haproxy.cfg",
                Map.of(
                        "bind :443",
                        "bind 127.0.0.1:%d".formatted(port),
                        "airpost1 127.0.0.1:8443",
                        "airpost1 127.0.0.1:%d".formatted(gateway)));
        var file = directory.resolve("haproxy.cfg");
        Files.writeString(file, "global\n    maxconn 100\n\n" + sample.replace("maxconn 30000", "maxconn 100"));
        return started("haproxy", port, HAPROXY.toString(), "-db", "-f", file.toString());
    }

    private static String sample(String name, Map<String, String> changes) throws Exception {
        var text = Files.readString(Path.of(name));
        for (var change : changes.entrySet()) {
            assertThat(text).contains(change.getKey());
            text = text.replace(change.getKey(), change.getValue());
        }
        return text;
    }

    private Child started(String name, int port, String... command) throws Exception {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        try {
            ChildServer.awaitPort(name, process, port, () -> ChildServer.log(directory));
            return new Child(process, port);
        } catch (RuntimeException e) {
            ChildServer.kill(process);
            throw e;
        }
    }
}
