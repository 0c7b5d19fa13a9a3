package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as its user sees it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DemoTest {

    private final StringWriter out = new StringWriter();

    @Test
    void itShowsSignInFoldersMailsAndAPushAndEndsWithAVerdict(@TempDir Path certificates) {
        int code = Airpost.commandLine(Map.of("AIRPOST_TLS_DIRECTORY", certificates.toString()))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(out))
                .execute("demo", "--once");

        assertThat(out.toString())
                .containsSubsequence(
                        "✓ mail server",
                        "✓ gateway: https://",
                        "✓ OPTIONS: speaks 12.1",
                        "✓ Provision: policy accepted",
                        "✓ FolderSync: ",
                        "✓ Sync: ",
                        "Welcome to Airpost",
                        "✓ ItemOperations: attachment",
                        "✓ Ping: waiting",
                        "✓ push: a new mail was announced",
                        "✓ Sync: \"Lunch at one? 🍜\"",
                        "Airpost demo: OK")
                .doesNotContain("✗");
        assertThat(code).isZero();
    }
}
