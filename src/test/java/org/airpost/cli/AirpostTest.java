package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.airpost.store.StoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AirpostTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Map<String, String> environment, String... arguments) {
        return Airpost.commandLine(environment)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private int run(String... arguments) {
        return run(Map.of(), arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "demo --help",
                "serve --help",
                "config --help",
                "bench --help",
                "bench start --help",
                "phone --help",
                "check --help",
                "phone --server https://a --user b sync --help"
            })
    void helpIsThereForEachCommand(String arguments) {
        assertThat(run(arguments.split(" "))).isZero();
        assertThat(out.toString()).startsWith("Usage: airpost");
    }

    @Test
    void aCertificateThatIsNoneIsSaidInOneLine(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("server.crt"), "not one");
        Files.writeString(directory.resolve("server.key"), "not one");
        var environment = Map.of(
                "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                "AIRPOST_HTTP_PORT", "0",
                "AIRPOST_STORE_KIND", "memory",
                "AIRPOST_TLS_DIRECTORY", directory.toString());
        assertThat(run(environment, "serve")).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().contains("server.key", "no private key");
    }

    @Test
    void whatIsWrongWithAFileIsSaid() {
        assertThat(StoreException.why(new AccessDeniedException("/var/lib/airpost")))
                .contains("/var/lib/airpost", "permission denied", System.getProperty("user.name"));
        assertThat(StoreException.why(new NoSuchFileException("/a")))
                .isEqualTo("/a: there is no such file or directory");
        assertThat(StoreException.why(new IOException("disk full"))).isEqualTo("disk full");
    }

    @Test
    void helpShowsExamplesAndExitCodes() {
        run("--help");
        assertThat(out.toString()).contains("airpost demo", "airpost serve", "Exit codes");
    }

    @Test
    void theVersionNamesJava() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).contains("Airpost", "Java 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bench",
                "nonsense",
                "serve --nonsense",
                "phone --user alice folders",
                "phone --server https://localhost --user alice",
                "phone --server ftp://localhost --user alice --password x folders",
                "phone --server https://localhost --user alice --password x --eas 13.5 folders",
                "demo --port many"
            })
    void wrongUsageIsExitCode2AndSaysWhatIsWrong(String arguments) {
        assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" ")))
                .isEqualTo(2);
        assertThat(err.toString()).isNotBlank();
    }

    @Test
    void aMissingConfigurationFileIsNamed() {
        assertThat(run("serve", "--config", "/nowhere/airpost.conf")).isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines("airpost: /nowhere/airpost.conf cannot be read");
    }

    @Test
    void aPortInUseIsExitCode1AndOneLine(@TempDir Path directory) throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int code = run(
                    Map.of(
                            "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                            "AIRPOST_HTTP_PORT", Integer.toString(taken.getLocalPort()),
                            "AIRPOST_STORE_PATH",
                                    directory.resolve("airpost.db").toString(),
                            "AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString()),
                    "serve");
            assertThat(code).isEqualTo(1);
            assertThat(err.toString()).startsWith("airpost: cannot listen on ").hasLineCount(1);
        }
    }

    @Test
    void aServerThatIsNotThereIsExitCode1AndOneLine() {
        int code = run(
                Map.of("AIRPOST_PASSWORD", "x"),
                "phone",
                "--server",
                "https://127.0.0.1:1",
                "--user",
                "alice",
                "folders");
        assertThat(code).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("airpost: Provision at https://127.0.0.1:1")
                .hasLineCount(1);
    }

    @Test
    void aFileWithoutCertificatesIsRefused(@TempDir Path directory) throws Exception {
        var file = Files.writeString(directory.resolve("ca.crt"), "");
        int code = run(
                "phone",
                "--server",
                "https://127.0.0.1:1",
                "--user",
                "a",
                "--password",
                "b",
                "--ca",
                file.toString(),
                "folders");
        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("ca.crt").doesNotContain("\tat ");
    }
}
