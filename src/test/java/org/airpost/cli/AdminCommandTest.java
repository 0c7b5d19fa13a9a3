package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.AccessCommands;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.AdminCommands;
import org.airpost.admin.AdminSocket;
import org.airpost.admin.ApiTokens;
import org.airpost.admin.Audit;
import org.airpost.admin.MailActions;
import org.airpost.admin.QueuedMails;
import org.airpost.admin.Role;
import org.airpost.admin.Totp;
import org.airpost.identity.Argon2;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.Ledgers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdminCommandTest {

    private static final InstantSource CLOCK = InstantSource.system();
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    private Path directory;

    private final MemoryStore store = new MemoryStore(CLOCK);
    private final Audit audit = new Audit(store, Audit.Settings.USUAL, CLOCK);
    private final SecureRandom random = new SecureRandom();
    private final AdminAccounts accounts = new AdminAccounts(store, audit, new Argon2(random), true, CLOCK, random);
    private final ApiTokens tokens = new ApiTokens(store, audit, accounts, CLOCK, random);
    private Optional<AdminSocket> socket = Optional.empty();

    @BeforeEach
    void listen() {
        var access = new AccessCommands(accounts, tokens, () -> Optional.of(URI.create("https://localhost:8444")));
        var commands = new AdminCommands(
                new MailActions(new BrokenMessages(store, new Ledgers(store), CLOCK), _ -> {}, QueuedMails.NONE, audit),
                Map.of("admin", access::admin, "token", access::token));
        socket = AdminSocket.listen(AdminSocket.beside(directory.resolve("a.db")), commands);
        assertThat(socket).isPresent();
    }

    @AfterEach
    void close() {
        socket.ifPresent(AdminSocket::close);
    }

    private String run(int expected, String... words) {
        var text = new StringWriter();
        var commandLine = Airpost.commandLine(
                Map.of("AIRPOST_STORE_PATH", directory.resolve("a.db").toString()));
        commandLine.setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
        assertThat(commandLine.execute(words)).as(text.toString()).isEqualTo(expected);
        return text.toString();
    }

    @Test
    void theFirstAdminIsAddedSetsUpAndIsReset() {
        assertThat(run(0, "admin")).contains("nobody yet");
        var link = run(0, "admin", "add", "anna", "--role", "admin").lines().toList();
        assertThat(link.getLast()).startsWith("https://localhost:8444/admin/set-up/");
        assertThat(run(1, "admin", "add", "anna", "--role", "admin")).contains("already");
        assertThat(run(1, "admin", "add", "-", "--role", "admin")).contains("a name has");
        assertThat(run(1, "admin", "add", "anna b", "--role", "admin")).contains("a name has");

        var token = link.getLast().replaceFirst(".*/", "");
        var secret = accounts.invited(token).orElseThrow().secret();
        assertThat(accounts.setUp(
                                token, PASSWORD, Totp.code(secret, Instant.now().minusSeconds(30)), "test")
                        .isDone())
                .isTrue();
        var signedIn = accounts.signIn("Anna", PASSWORD, Totp.code(secret, Instant.now()), "test");
        assertThat(signedIn).hasValueSatisfying(who -> assertThat(who.role()).isEqualTo(Role.ADMIN));
        assertThat(run(0, "admin")).contains("anna  admin  password and app  20");

        run(0, "admin", "role", "anna", "--role", "auditor");
        assertThat(accounts.isCurrent(signedIn.orElseThrow()))
                .as("the session before")
                .isFalse();
        assertThat(run(0, "admin", "reset", "anna")).contains("/admin/set-up/");
        assertThat(run(0, "admin")).contains("anna  auditor  not set up");
        run(0, "admin", "remove", "anna");
        assertThat(run(1, "admin", "remove", "anna")).contains("there is no account anna");
    }

    @Test
    void tokensAreMadeListedAndEnded() {
        var token = run(0, "admin", "token", "backup", "--role", "auditor", "--days", "2")
                .strip();
        assertThat(tokens.actor(token, "test"))
                .hasValueSatisfying(actor -> assertThat(actor.role()).isEqualTo(Role.AUDITOR));
        assertThat(tokens.actor(token + "x", "test")).isEmpty();
        var id = token.split("_", -1)[1];
        assertThat(run(0, "admin", "tokens"))
                .contains(id + "  backup  auditor  ")
                .containsPattern("Z  -\\s*\n");
        run(0, "admin", "token", "nightly backup", "--role", "auditor");
        assertThat(run(0, "admin", "tokens")).contains("  nightly backup  auditor  ");
        run(0, "admin", "revoke", id);
        assertThat(tokens.actor(token, "test")).isEmpty();
        assertThat(run(1, "admin", "token", "backup", "--role", "auditor", "--days", "0"))
                .contains("the days");
    }
}
