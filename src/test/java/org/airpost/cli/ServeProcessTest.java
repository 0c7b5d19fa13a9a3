package org.airpost.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway in a process of its own, started as an administrator starts it. */
class ServeProcessTest {

    @TempDir
    Path directory;

    /** A signal would end the process if nobody took it. */
    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void aHangUpHasTheConfigurationReadAgainAndTheGatewayGoOn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")) || Files.isExecutable(Path.of("/usr/bin/kill")), "no kill");
        var config = config("plain = true");
        var process = serve(config);
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            assertThat(until(lines, line -> line.contains("ready at"))).isPresent();
            Files.writeString(config, Files.readString(config) + "throttle.pings = 17\n");
            hangUp(process);
            assertThat(until(lines, line -> line.contains("configuration read again")))
                    .hasValueSatisfying(line -> assertThat(line).contains("throttle.pings"));
            Files.writeString(config, Files.readString(config) + "imap.port = 143\n");
            hangUp(process);
            assertThat(until(lines, line -> line.contains("configuration not taken over")))
                    .hasValueSatisfying(line -> assertThat(line).contains("imap.port"));
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
    }

    /** Each costs the gateway more than who asks for it; no phone does. */
    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void nobodyHasTheKeysOfTheirConnectionMadeAnew() throws Exception {
        var process = serve(config("plain = false"));
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            var ready = until(lines, line -> line.contains("ready at")).orElseThrow();
            var address = URI.create(ready.substring(ready.indexOf("https://")).strip());
            var context = new Tls(new Trust.Authorities(directory.resolve("certs/ca.crt"))).context();
            var sockets = context.getSocketFactory();
            try (var tls = (SSLSocket) sockets.createSocket(address.getHost(), address.getPort())) {
                tls.setSoTimeout(20_000);
                tls.setEnabledProtocols(new String[] {"TLSv1.2"});
                assertThat(health(tls)).isEqualTo('H'); // of HTTP/1.1 200

                tls.startHandshake();
                assertThatThrownBy(() -> tls.getInputStream().readAllBytes()).isInstanceOf(SSLException.class);
            }
            try (var tls = (SSLSocket) sockets.createSocket(address.getHost(), address.getPort())) {
                tls.setSoTimeout(20_000);
                assertThat(health(tls)).isEqualTo('H');
            }
        } finally {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
    }

    private static int health(SSLSocket tls) throws IOException {
        tls.getOutputStream().write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
        return tls.getInputStream().read();
    }

    private Path config(String tls) throws IOException {
        return Files.writeString(directory.resolve("airpost.conf"), """
                http { address = "127.0.0.1", port = 0, %s, gracefulStop = 0 s }
                tls.directory = "%s"
                store.path = "%s"
                console.enabled = false
                """.formatted(
                        tls, directory.resolve("certs"), directory.resolve("data/airpost.db")));
    }

    private static Process serve(Path config) throws IOException {
        var builder = new ProcessBuilder(
                        // A build that was started by nohup ignores the signal, and Java then does not take it.
                        "env",
                        "--default-signal=HUP",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.airpost.cli.Airpost",
                        "serve",
                        "--config",
                        config.toString())
                .redirectErrorStream(true);
        // What the tests' own process is told by its environment is not for this one.
        builder.environment().keySet().removeIf(name -> name.startsWith("AIRPOST_"));
        var process = builder.start();
        CompletableFuture.delayedExecutor(90, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return process;
    }

    private static void hangUp(Process process) throws IOException, InterruptedException {
        var kill = new ProcessBuilder(List.of("kill", "-HUP", Long.toString(process.pid()))).start();
        assertThat(kill.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    private static Optional<String> until(BufferedReader lines, Predicate<String> wanted) throws IOException {
        return Stream.generate(() -> line(lines))
                .takeWhile(Optional::isPresent)
                .flatMap(Optional::stream)
                .filter(wanted)
                .findFirst();
    }

    private static Optional<String> line(BufferedReader lines) {
        try {
            return Optional.ofNullable(lines.readLine());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
