package org.airpost.sync;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.command.Answer;
import org.airpost.command.Documents;
import org.airpost.eas.CommandName;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.memory.MemoryStore;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlXml;
import org.airpost.wbxml.page.AirSync;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Drafts as mail apps write them, byte for byte, under {@code src/test/resources/drafts}: one folder for an app and a version,
 * one file for a request. Beside each lies the request as XML, for people, and what is in the folder of drafts and what was
 * sent after it, as the server has it. {@code -Dgolden.rewrite=true} writes those two anew.
 */
class RealDraftsTest {

    private static final Path DRAFTS = Path.of("src/test/resources/drafts");
    private static final String USER = "anna";

    private final ModelClock clock = new ModelClock();
    private final MemoryMail mail = new MemoryMail(clock).user(USER, "secret");
    private final MemorySubmission submission = new MemorySubmission(mail);
    private final ModelEngine engine =
            new ModelEngine(new MemoryStore(clock), clock, submission, 1 << 20, new SplittableRandom(7));
    private int sent;

    static Stream<Path> apps() throws IOException {
        try (var apps = Files.list(DRAFTS)) {
            return apps.filter(Files::isDirectory).sorted().toList().stream();
        }
    }

    @Test
    void thereAreFourApps() throws IOException {
        assertThat(apps()).hasSizeGreaterThanOrEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("apps")
    void whatAnAppWritesBecomesTheMessageBesideIt(Path app) throws IOException {
        var version = ProtocolVersion.ofText(app.getFileName().toString().replaceAll(".*-", ""))
                .orElseThrow();
        var account = account();
        var folder = engine.folders.special(account, FolderType.DRAFTS).id();
        var start = Documents.bytes(out -> out.start(AirSync.SYNC)
                .start(AirSync.COLLECTIONS)
                .start(AirSync.COLLECTION)
                .text(AirSync.SYNC_KEY, "0")
                .text(AirSync.COLLECTION_ID, folder)
                .end()
                .end()
                .end());
        statuses(run(account, version, start));

        List<Path> requests;
        try (var files = Files.list(app)) {
            requests = files.filter(file -> file.toString().endsWith(".wbxml"))
                    .sorted()
                    .toList();
        }
        assertThat(requests).hasSizeGreaterThanOrEqualTo(2);
        for (var file : requests) {
            var request = Files.readAllBytes(file);
            isGolden(file, ".xml", WbxmlXml.toXml(request));

            statuses(run(account, version, request));

            isGolden(file, ".eml", state());
            clock.move(Duration.ofMinutes(1));
        }
        assertThat(submission.sent()).as("the last request sends it").isNotEmpty();
        assertThat(mail.messages(USER, "Drafts")).isEmpty();
        assertThat(mail.messages(USER, "Sent")).hasSameSizeAs(submission.sent());
    }

    private Account account() {
        var credentials = new Credentials(USER, "secret");
        if (!(mail.signIn(credentials) instanceof SignIn.Accepted(MailAccount there))) {
            throw new AssertionError("the memory server refuses Anna");
        }
        return new Account(USER, credentials, there, List.of("anna@example.org"), "Anna");
    }

    /** What is there now, with LF. */
    private String state() {
        var text = new StringBuilder();
        for (var draft : mail.messages(USER, "Drafts")) {
            text.append("=== in Drafts\n");
            text.append(lines(mail.bytes(USER, "Drafts", draft.uid()).orElseThrow()));
        }
        for (var one : submission.sent().subList(sent, submission.sent().size())) {
            text.append("=== sent to ")
                    .append(String.join(", ", one.recipients()))
                    .append('\n');
            text.append(lines(one.message()));
        }
        sent = submission.sent().size();
        return text.toString();
    }

    private static String lines(byte[] message) {
        var text = new String(message, ISO_8859_1);
        assertThat(text.replace("\r\n", "")).as("only whole line ends").doesNotContain("\r", "\n");
        return new String(message, UTF_8).replace("\r\n", "\n");
    }

    private static void isGolden(Path request, String ending, String text) throws IOException {
        var golden = request.resolveSibling(request.getFileName().toString().replace(".wbxml", ending));
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.writeString(golden, text);
        }
        assertThat(text).as(golden.toString()).isEqualTo(Files.readString(golden));
    }

    private byte[] run(Account account, ProtocolVersion version, byte[] document) throws IOException {
        var request = ModelRequests.request(
                account,
                "D1",
                version,
                CommandName.SYNC,
                document,
                clock.instant().plus(ModelRequests.TIME));
        if (!(engine.run(request) instanceof ModelEngine.Outcome.Answered(Answer.Document answer))) {
            throw new AssertionError("no document is answered to " + WbxmlXml.toXml(document));
        }
        return ModelRequests.bytes(answer);
    }

    /** Every Status, of the collection and of each item, is 1. */
    private static void statuses(byte[] answer) {
        var in = new WbxmlReader(new ByteArrayInputStream(answer), WbxmlLimits.REQUEST);
        in.root(AirSync.SYNC);
        while (in.child()) {
            while (in.child()) {
                while (in.child()) {
                    if (in.tag() == AirSync.STATUS) {
                        assertThat(in.text()).isEqualTo("1");
                    } else if (in.tag() == AirSync.RESPONSES) {
                        while (in.child()) {
                            while (in.child()) {
                                if (in.tag() == AirSync.STATUS) {
                                    assertThat(in.text())
                                            .as(WbxmlXml.toXml(answer))
                                            .isEqualTo("1");
                                } else {
                                    in.skip();
                                }
                            }
                        }
                    } else {
                        in.skip();
                    }
                }
            }
        }
    }
}
