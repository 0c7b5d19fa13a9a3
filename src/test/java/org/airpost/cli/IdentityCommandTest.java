package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.airpost.app.Gateway;
import org.airpost.backend.Submission;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.config.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code airpost password} and {@code airpost certificate}, at a gateway that runs. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IdentityCommandTest {

    @TempDir
    private Path directory;

    private Optional<Gateway> gateway = Optional.empty();

    private record Said(int code, String out, String err) {}

    private Map<String, String> environment() {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "1 s");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString());
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.put("AIRPOST_LOGIN_VAULT_KEY", directory.resolve("key").toString());
        settings.put("AIRPOST_LOGIN_CERTIFICATES", "accepted");
        return settings;
    }

    @BeforeEach
    void start() throws Exception {
        Submission submission = (_, _, _, _) -> new Submission.Submitted.Deferred("no");
        gateway = Optional.of(Gateway.start(
                Config.load(Optional.empty(), environment()),
                new MemoryMail(InstantSource.system()).user("anna", "secret"),
                submission));
    }

    @AfterEach
    void stop() {
        gateway.ifPresent(Gateway::close);
    }

    private Said run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Airpost.commandLine(environment())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Said(code, out.toString(), err.toString());
    }

    @Test
    void anAppPasswordIsMadeListedAndRevoked() {
        var made = run("password", "make", "anna@example.org", "--name", "Anna's phone", "--device", "D1");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).containsPattern("^[a-z2-9]{4}(-[a-z2-9]{4}){4}\\R");
        var id = made.out().substring(0, 4);
        assertThat(run("password", "list", "anna").out())
                .contains(id + "  Anna's phone  D1")
                .doesNotContain(made.out().substring(5, 24));
        assertThat(run("password", "revoke", "bob", id).code()).isEqualTo(1);
        assertThat(run("password", "revoke", "anna", id).out()).contains("is revoked");
        assertThat(run("password", "list", "anna").out()).contains("none");
        var again = run("password", "revoke", "anna", id);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("there is no app password");
    }

    @Test
    void aCertificateIsAFileForItsOwnerAlone() throws Exception {
        var file = directory.resolve("anna.p12");
        var made = run("certificate", "make", "anna", "--out", file.toString());
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.size(file)).isGreaterThan(1_000);
        var serial = made.out().strip().replaceAll("(?s).* ", "");
        assertThat(run("certificate", "list", "anna").out()).contains(serial, "made by an administrator");
        assertThat(run("certificate", "revoke", "anna", serial).code()).isZero();
        assertThat(run("certificate", "list", "anna").out()).contains("none");
    }

    @Test
    void whatCannotBeIsRefusedAndLeavesNoFile() {
        var file = directory.resolve("x.p12");
        var refused = run("certificate", "make", "a/b", "--out", file.toString());
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("no name to sign in with");
        assertThat(file).doesNotExist();
        assertThat(run("password").code()).isEqualTo(2);
        assertThat(run("certificate", "make", "anna").code()).isEqualTo(2);
    }
}
