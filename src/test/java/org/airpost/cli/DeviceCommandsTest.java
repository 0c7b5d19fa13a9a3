package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands for administrators, against a gateway that runs, by its socket. */
class DeviceCommandsTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Map<String, String> environment = Map.of();
    private Optional<Gateway> gateway = Optional.empty();

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        environment = Map.of(
                "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                "AIRPOST_HTTP_PORT", "0",
                "AIRPOST_CONSOLE_ENABLED", "false",
                "AIRPOST_HTTP_PLAIN", "true",
                "AIRPOST_HTTP_GRACEFUL_STOP", "0 s",
                "AIRPOST_STORE_PATH", directory.resolve("a.db").toString(),
                "AIRPOST_TLS_DIRECTORY", directory.toString(),
                "AIRPOST_USERS_DOMAIN", "example.org");
        var mail = new MemoryMail(InstantSource.system()).user("anna", "secret");
        gateway = Optional.of(
                Gateway.start(Config.load(Optional.empty(), environment), mail, new MemorySubmission(mail)));
    }

    @AfterEach
    void stop() {
        gateway.ifPresent(Gateway::close);
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Airpost.commandLine(environment)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    /** A phone that has set up its account. */
    private void signUp() throws NoSuchAlgorithmException {
        var phone = new Phone(
                gateway.orElseThrow().address(),
                "anna",
                "secret",
                ProtocolVersion.V16_1,
                "phone1",
                "Test",
                SSLContext.getDefault());
        assertThat(phone.provision().succeeded()).isTrue();
        phone.folderSync();
    }

    @Test
    void aDeviceIsListedShownNamedBlockedAndForgotten() throws Exception {
        signUp();

        assertThat(run("devices")).isZero();
        assertThat(out.toString().lines())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("anna/phone1")
                .contains("allowed");
        assertThat(run("device", "rename", "anna/phone1", "Anna's phone"))
                .as(err.toString())
                .isZero();
        assertThat(run("device", "block", "anna/phone1", "--hours", "2", "it", "loops"))
                .isZero();
        assertThat(run("device", "show", "anna/phone1")).isZero();
        assertThat(out.toString()).contains("Anna's phone").contains("blocked").contains("it loops, until ");
        assertThat(run("devices", "--standing", "blocked", "--json")).isZero();
        assertThat(out.toString()).contains("\"name\": \"Anna's phone\"").startsWith("[\n  {\"ID\": \"anna/phone1\"");
        assertThat(run("device", "forget", "anna/phone1")).isZero();
        assertThat(run("devices")).isZero();
        assertThat(out.toString()).contains("No device.");
        assertThat(run("device", "show", "anna/phone1")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no device anna/phone1");
        assertThat(run("audit", "--device", "anna/phone1")).isZero();
        assertThat(out.toString())
                .contains("device.forget", "device.block", "device.rename", "cli:" + System.getProperty("user.name"));
    }

    @Test
    void aReasonIsKeptAsItWasGivenAndOptionsStandAnywhere(@TempDir Path other) throws Exception {
        signUp();
        var file = Files.writeString(other.resolve("airpost.conf"), "").toString();
        assertThat(run("device", "block", "--config", file, "anna/phone1", "ticket=1812"))
                .as(err.toString())
                .isZero();
        assertThat(run("device", "show", "anna/phone1", "--json"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).startsWith("[").contains("ticket=1812");
        assertThat(run("devices", "--standing", "shut-out")).isEqualTo(1);
        assertThat(err.toString()).contains("\"shut-out\" is not one of quarantined, wipe-to-approve, ");
    }

    @Test
    void policiesAreTriedSetAndGiven() throws Exception {
        signUp();

        assertThat(run("policy", "elements")).isZero();
        assertThat(out.toString()).contains("MaxEmailAgeFilter", "the oldest mails");
        assertThat(run("policy", "try", "strict", "AllowCamera=0", "--for", "default"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("anna/phone1").contains("keep it");
        assertThat(run("policy", "set", "strict", "AllowCamera=0", "AllowPartly=no"))
                .isZero();
        assertThat(run("policy", "group", "sales", "--add", "anna", "--add", "bob"))
                .isZero();
        assertThat(out.toString()).contains("sales has 2 users");
        assertThat(run("policy", "assign", "group/sales", "strict")).isZero();
        assertThat(run("policy", "of", "anna")).isZero();
        assertThat(out.toString()).contains("AllowCamera").contains("group/sales: strict");
        assertThat(run("policy", "list")).isZero();
        assertThat(out.toString()).contains("strict").contains("group/sales").contains("AllowCamera=0");
        assertThat(run("policy", "remove", "strict")).isEqualTo(1);
        assertThat(run("policy", "assign", "group/sales", "none")).isZero();
        assertThat(run("policy", "remove", "strict")).isZero();
    }

    @Test
    void aPolicyReachesAUserByEachNameTheySignInWith() throws Exception {
        signUp();
        assertThat(run("policy", "set", "strict", "AllowCamera=0")).isZero();
        assertThat(run("policy", "try", "strict", "--for", "user/anna@example.org"))
                .isZero();
        assertThat(out.toString()).contains("anna/phone1");
        assertThat(run("policy", "assign", "user/Anna@example.org", "strict")).isZero();
        assertThat(out.toString()).contains("user/anna has strict");
        assertThat(run("policy", "of", "anna@example.org")).isZero();
        assertThat(out.toString()).contains("user/anna: strict");
        assertThat(run("policy", "assign", "user/anna@example.org", "none")).isZero();
        assertThat(run("policy", "group", "sales", "--add", "anna@example.org")).isZero();
        assertThat(run("policy", "groups")).isZero();
        assertThat(out.toString().lines().toList().getLast()).isEqualTo("sales  anna");
        assertThat(run("policy", "group", "sales", "--remove", "anna@example.org"))
                .isZero();
        assertThat(run("policy", "groups")).isZero();
        assertThat(out.toString()).contains("No group.");
    }

    @Test
    void rulesAreTriedAddedMovedAndRemoved() throws Exception {
        signUp();

        assertThat(run("rules")).isZero();
        assertThat(out.toString()).contains("(default)").contains("allowed");
        assertThat(run("rules", "try", "block", "user=anna")).isZero();
        assertThat(out.toString()).contains("anna/phone1").contains("blocked");
        assertThat(run("rules", "add", "quarantine", "user=bob", "--comment", "who is this?"))
                .isZero();
        assertThat(run("rules", "add", "block", "user=carl", "--place", "1")).isZero();
        assertThat(run("rules", "list")).isZero();
        assertThat(out.toString()).containsSubsequence("block user=carl", "quarantine user=bob", "who is this?");
        var id = out.toString().lines().skip(1).findFirst().orElseThrow().split(" +", -1)[1];
        assertThat(run("rules", "move", id, "2")).isZero();
        assertThat(run("rules", "list")).isZero();
        assertThat(out.toString()).containsSubsequence("quarantine user=bob", "block user=carl");
        assertThat(run("rules", "remove", id)).isZero();
        assertThat(run("rules", "remove", id)).isEqualTo(1);
        assertThat(run("rules", "add", "block", "address=here")).isEqualTo(1);
    }

    @Test
    void whatIsToBeDoneMustBeSaid() {
        assertThat(run("device")).isEqualTo(2);
        assertThat(run("policy")).isEqualTo(2);
        assertThat(run("device", "wipe", "--all", "--cancel", "anna/phone1")).isEqualTo(2);
        assertThat(run("policy", "group", "sales")).isEqualTo(2);
    }
}
