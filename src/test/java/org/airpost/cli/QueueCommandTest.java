package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.airpost.sync.Ledgers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueueCommandTest {

    @TempDir
    private Path directory;

    private final List<String> done = new ArrayList<>();
    private final QueuedMails queue = new QueuedMails() {

        @Override
        public List<Line> list() {
            return List.of(
                    new Line("0a1b", "anna", "2026-11-26T01:00:00Z", "2026-11-26T01:05:00Z", 2, 3, "451 later"),
                    new Line("0a1c", "bob", "2026-11-26T02:00:00Z", "2026-11-26T02:01:00Z", 0, 1, "no connection"));
        }

        @Override
        public boolean retry(String id) {
            return done.add("retry " + id);
        }

        @Override
        public boolean giveUp(String id) {
            return id.equals("0a1c") && done.add("return " + id); // the other one is under way
        }
    };

    private String run(int expected, String... words) {
        var text = new StringWriter();
        var commandLine = Airpost.commandLine(
                Map.of("AIRPOST_STORE_PATH", directory.resolve("a.db").toString()));
        commandLine.setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
        assertThat(commandLine.execute(words)).as(text.toString()).isEqualTo(expected);
        return text.toString();
    }

    @Test
    void queuedMailsAreListedTriedAndGivenBack() {
        var store = new MemoryStore(InstantSource.system());
        var broken = new BrokenMessages(store, new Ledgers(store), InstantSource.system());
        var audit = new Audit(store, Audit.Settings.USUAL, InstantSource.system());
        try (var socket = AdminSocket.listen(
                        AdminSocket.beside(directory.resolve("a.db")),
                        new AdminCommands(new MailActions(broken, _ -> {}, queue, audit), Map.of()))
                .orElseThrow()) {
            assertThat(socket).isNotNull();
            assertThat(run(0, "queue").lines())
                    .hasSize(3)
                    .contains("0a1b  anna  2026-11-26T01:00:00Z  2026-11-26T01:05:00Z  2  3  451 later");
            assertThat(run(0, "queue", "retry", "--all")).contains("0a1b will be tried", "0a1c will be tried");
            assertThat(run(0, "queue", "return", "0a1c")).contains("0a1c will be given back");
            assertThat(run(1, "queue", "return", "0a1b")).contains("tried at this moment, or gone: 0a1b");
            assertThat(run(1, "queue", "return", "ffff")).contains("not among the queued mails: ffff");
            assertThat(done).containsExactly("retry 0a1b", "retry 0a1c", "return 0a1c");
            run(2, "queue", "retry");
        }
        assertThat(audit.page(new Actor("root", Role.ADMIN, "test"), Audit.Filter.ALL, Optional.empty(), 10))
                .isInstanceOfSatisfying(
                        Result.Done.class,
                        all -> assertThat(all.value())
                                .isInstanceOfSatisfying(
                                        Audit.Page.class,
                                        page -> assertThat(page.entries())
                                                .extracting(entry -> "%s %s %s"
                                                        .formatted(
                                                                entry.action(),
                                                                entry.subject().thing(),
                                                                entry.done()))
                                                .containsExactlyInAnyOrder(
                                                        "queue.retry 0a1b true",
                                                        "queue.retry 0a1c true",
                                                        "queue.return 0a1c true",
                                                        "queue.return 0a1b false")));
    }
}
