package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.airpost.admin.Actor;
import org.airpost.admin.AdminCommands;
import org.airpost.admin.AdminSocket;
import org.airpost.admin.Audit;
import org.airpost.admin.MailActions;
import org.airpost.admin.QueuedMails;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.BrokenMessages.Broken;
import org.airpost.sync.Ledgers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokenCommandTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final MemoryStore store = new MemoryStore(InstantSource.fixed(NOW));
    private final BrokenMessages broken = new BrokenMessages(store, new Ledgers(store), InstantSource.fixed(NOW));
    private final Audit audit = new Audit(store, Audit.Settings.USUAL, InstantSource.fixed(NOW));
    private final List<Broken> retried = new CopyOnWriteArrayList<>();

    @TempDir
    private Path directory;

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        return Airpost.commandLine(
                        Map.of("AIRPOST_STORE_PATH", directory.resolve("a.db").toString()))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private AdminSocket gateway() {
        return AdminSocket.listen(
                        AdminSocket.beside(directory.resolve("a.db")),
                        new AdminCommands(new MailActions(broken, retried::add, QueuedMails.NONE, audit), Map.of()))
                .orElseThrow();
    }

    private void note(String user, long uid) {
        broken.note(new Broken(user, "3", 7, uid, "INBOX", NOW, "the mail server cannot read it"));
    }

    @Test
    void brokenMessagesAreListedAndSentAnew() {
        note("anna", 12);
        note("anna", 13);
        note("bob", 12);
        try (var _ = gateway()) {
            assertThat(run("broken")).isZero();
            assertThat(out.toString().lines().skip(1))
                    .hasSize(3)
                    .first()
                    .isEqualTo("anna/3:12  anna  INBOX  12  2026-03-01T12:00:00Z  the mail server cannot read it");
            assertThat(run("broken", "retry", "anna/3:13")).isZero();
            assertThat(out.toString()).contains("anna/3:13 will be sent anew");
            assertThat(retried).extracting(Broken::id).containsExactly("anna/3:13");
            assertThat(run("broken", "retry", "anna/3:99")).isEqualTo(1);
            assertThat(err.toString()).contains("anna/3:99");
            assertThat(run("broken", "retry", "--all")).isZero();
            assertThat(run("broken")).isZero();
            assertThat(out.toString()).contains("No message is broken.");
        }
    }

    @Test
    void whatIsSentAnewIsInTheAuditLog() {
        note("anna", 12);
        try (var _ = gateway()) {
            assertThat(run("broken", "retry", "anna/3:12")).isZero();
        }
        assertThat(audit.page(new Actor("root", Role.ADMIN, "test"), Audit.Filter.ALL, Optional.empty(), 10))
                .isInstanceOfSatisfying(
                        Result.Done.class,
                        done -> assertThat(done.value())
                                .isInstanceOfSatisfying(
                                        Audit.Page.class,
                                        page -> assertThat(page.entries())
                                                .singleElement()
                                                .satisfies(entry -> {
                                                    assertThat(entry.actor()).startsWith("cli:");
                                                    assertThat(entry.action()).isEqualTo("message.retry");
                                                    assertThat(entry.subject())
                                                            .isEqualTo(new Audit.Subject("anna", "", "anna/3:12"));
                                                })));
    }

    @Test
    void aNameOfAFolderDoesNotCommandTheTerminal() {
        broken.note(new Broken("anna", "3", 7, 12, "Old\u001b[2J\u009b2Jmail", NOW, "the mail server cannot read it"));
        try (var _ = gateway()) {
            assertThat(run("broken")).isZero();
            assertThat(out.toString()).contains("Old [2J 2Jmail").doesNotContain("\u001b", "\u009b");
        }
    }

    @Test
    void whichOnesMustBeSaid() {
        assertThat(run("broken", "retry")).isEqualTo(2);
        assertThat(run("broken", "retry", "--all", "anna/3:12")).isEqualTo(2);
    }

    @Test
    void aGatewayThatDoesNotRunIsNamed() {
        assertThat(run("broken")).isEqualTo(1);
        assertThat(err.toString()).contains("no gateway answers at").contains("a.db.admin");
    }

    @Test
    void nobodyElseMayOpenTheSocket() throws Exception {
        var path = AdminSocket.beside(directory.resolve("a.db"));
        Files.createDirectory(path.getParent());
        Files.createFile(path); // left behind by a gateway that was killed
        try (var _ = gateway()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
            assertThat(run("broken")).isZero();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void ofOneUserOnlySoManyAreKept() {
        for (int uid = 1; uid <= 300; uid++) {
            note("anna", uid);
        }
        note("bob", 1);
        assertThat(broken.list()).hasSize(201);
        assertThat(broken.count()).isEqualTo(301);
    }
}
