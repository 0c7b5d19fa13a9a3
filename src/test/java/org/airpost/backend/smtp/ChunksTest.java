package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Security;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.Trust;
import org.airpost.backend.imap.Dovecot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mail by BDAT. Source: RFC 3030. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ChunksTest {

    private static final Credentials ANNA = new Credentials("anna", "secret");
    private static final List<String> BEN = List.of("ben@example.org");
    private static final String OFFERED = "250-test\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 CHUNKING";
    private static final String TEXT = "Subject: x\r\n\r\n.dot\r\n..two\r\nplain\r\n.\r\n\r\n.\r\nend\r\n";

    @TempDir
    private Path directory;

    private static Map<String, String> script(String... more) {
        var script = new HashMap<>(Map.of("EHLO", OFFERED));
        for (int i = 0; i < more.length; i += 2) {
            script.put(more[i], more[i + 1]);
        }
        return script;
    }

    private static SmtpSubmission submission(int port, Security security, Duration reply, Duration last) {
        return new SmtpSubmission(new SmtpSettings(
                "127.0.0.1",
                port,
                security,
                new Trust.Any(),
                true,
                "test.invalid",
                Duration.ofSeconds(10),
                reply,
                last));
    }

    private static SmtpSubmission submission(int port) {
        return submission(port, Security.PLAIN, Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    private static Submitted submit(ScriptedSmtp server, String text, Runnable lastByte) {
        return submission(server.port())
                .submit(ANNA, "anna@example.org", BEN, MessageSource.of(text.getBytes(UTF_8)), lastByte);
    }

    private static String latin(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    private static Refusal why(Submitted submitted) {
        assertThat(submitted).isInstanceOf(Submitted.Rejected.class);
        return ((Submitted.Rejected) submitted).why();
    }

    private static long count(ScriptedSmtp server, String verb) {
        return server.commands().stream().filter(c -> c.startsWith(verb)).count();
    }

    @Test
    void theBytesAreThoseGivenAndNoDotIsDoubled() throws IOException {
        try (var server = new ScriptedSmtp(script())) {
            assertThat(submit(server, TEXT, () -> {})).isEqualTo(new Submitted.Taken(List.of()));
            assertThat(server.message()).isEqualTo(TEXT);
            assertThat(server.commands())
                    .contains("MAIL FROM:<anna@example.org> BODY=8BITMIME")
                    .filteredOn(c -> c.startsWith("BDAT"))
                    .containsExactly(
                            "BDAT " + TEXT.length() / 2, "BDAT " + (TEXT.length() - TEXT.length() / 2) + " LAST");
            assertThat(server.commands()).doesNotContain("DATA");
        }
    }

    @Test
    void linesEndByCrLfHoweverTheyCameAndTheLastOneToo() throws IOException {
        for (var text : List.of("Subject: grün\n\n.a\rb\r\n\r\n.", "S: x", "\r\n", "S: x\r")) {
            try (var server = new ScriptedSmtp(script())) {
                assertThat(submit(server, text, () -> {})).as(text).isEqualTo(new Submitted.Taken(List.of()));
                var expected = text.replaceAll("\r\n|\r|\n", "\r\n");
                assertThat(server.message()).isEqualTo(latin(expected.endsWith("\n") ? expected : expected + "\r\n"));
            }
        }
    }

    @Test
    void aLargeMailComesInThreeChunksAndNoneIsHeldButTheLast() throws IOException {
        var text = "Subject: x\r\n\r\n" + ".a line with a dot\r\n.\r\n".repeat(200_000);
        try (var server = new ScriptedSmtp(script())) {
            assertThat(submit(server, text, () -> {})).isEqualTo(new Submitted.Taken(List.of()));
            assertThat(server.message().equals(text)).isTrue();
            assertThat(server.commands())
                    .filteredOn(c -> c.startsWith("BDAT"))
                    .containsExactly("BDAT 1024", "BDAT " + (text.length() - 1024 - 65536), "BDAT 65536 LAST");
        }
    }

    @Test
    void eachNoIsToldByItsKindAndTheEndIsAnnouncedOnlyIfAllElseIsTaken() throws IOException {
        var expected = new ArrayList<Map.Entry<Map<String, String>, Object>>();
        for (var where : List.of("BDAT", ".")) {
            expected.add(Map.entry(script(where, "452 4.3.1 full"), Submitted.Deferred.class));
            expected.add(Map.entry(script(where, "421 4.3.2 bye"), Submitted.Deferred.class));
            expected.add(Map.entry(script(where, "354 what?"), Submitted.Deferred.class));
            expected.add(Map.entry(script(where, "552 5.3.4 too big"), Refusal.TOO_LARGE));
            expected.add(Map.entry(script(where, "554 5.6.0 spam"), Refusal.OTHER));
        }
        expected.add(Map.entry(script("BDAT", "close"), Submitted.Deferred.class));
        expected.add(Map.entry(script("BDAT", "hello?"), Submitted.Deferred.class));
        expected.add(Map.entry(script(".", "close"), Submitted.Unknown.class));
        expected.add(Map.entry(script(".", "hello?"), Submitted.Unknown.class));
        expected.add(Map.entry(script("RCPT", "550 5.1.1 who?"), Submitted.NoRecipient.class));
        expected.add(Map.entry(script("MAIL", "550 5.7.1 not you"), Refusal.NO_PERMISSION));
        for (var e : expected) {
            try (var server = new ScriptedSmtp(e.getKey())) {
                var announced = new AtomicInteger();
                var result = submit(server, TEXT, announced::incrementAndGet);
                if (e.getValue() instanceof Refusal why) {
                    assertThat(why(result)).as(e.getKey().toString()).isEqualTo(why);
                } else {
                    assertThat(result).as(e.getKey().toString()).isInstanceOf((Class<?>) e.getValue());
                }
                boolean atTheEnd = e.getKey().containsKey(".");
                assertThat(announced).as(e.getKey().toString()).hasValue(atTheEnd ? 1 : 0);
                assertThat(server.isTaken()).as(e.getKey().toString()).isEqualTo(atTheEnd);
                assertThat(server.commands()).doesNotContain("DATA");
            }
        }
    }

    @Test
    void theEndIsAnnouncedAfterTheOtherChunksAndBeforeTheLast() throws IOException {
        try (var server = new ScriptedSmtp(script())) {
            var seen = new ArrayList<String>();
            var result = submit(server, TEXT, () -> seen.addAll(server.commands()));
            assertThat(result).isEqualTo(new Submitted.Taken(List.of()));
            assertThat(seen).anyMatch(c -> c.startsWith("BDAT")).noneMatch(c -> c.endsWith("LAST"));
            assertThat(server.isTaken()).isTrue();
        }
    }

    @Test
    void whatForbidsTheEndKeepsTheMailBack() throws IOException {
        try (var server = new ScriptedSmtp(script())) {
            assertThatThrownBy(() -> submit(server, TEXT, () -> {
                        throw new IllegalStateException("stop");
                    }))
                    .hasMessage("stop");
            await().until(() -> server.commands().contains("QUIT"));
            assertThat(server.isTaken()).isFalse();
        }
    }

    @Test
    void aServerThatOffersBdatAndDoesNotKnowItGetsDataFromThenOn() throws IOException {
        for (int code : new int[] {500, 502, 503, 504, 555}) {
            try (var server = new ScriptedSmtp(script("BDAT", code + " 5.5.1 what?"))) {
                var submission = submission(server.port());
                for (int i = 0; i < 2; i++) {
                    var announced = new AtomicInteger();
                    assertThat(submission.submit(
                                    ANNA,
                                    "anna@example.org",
                                    BEN,
                                    MessageSource.of(TEXT.getBytes(UTF_8)),
                                    announced::incrementAndGet))
                            .isEqualTo(new Submitted.Taken(List.of()));
                    assertThat(announced).hasValue(1);
                    assertThat(server.message()).isEqualTo(TEXT.replace("\r\n.", "\r\n.."));
                }
                assertThat(count(server, "BDAT")).isEqualTo(1);
                assertThat(count(server, "DATA")).isEqualTo(2);
            }
        }
    }

    @Test
    void afterTheEndWasSentNoOtherWayIsTried() throws IOException {
        try (var server = new ScriptedSmtp(script(".", "503 5.5.1 what?"))) {
            assertThat(why(submit(server, TEXT, () -> {}))).isEqualTo(Refusal.OTHER);
            assertThat(count(server, "MAIL")).isEqualTo(1);
        }
    }

    @Test
    void theReplyToTheLastChunkMayTakeLongerThanTheOthers() throws IOException {
        var reply = Duration.ofMillis(200);
        var last = Duration.ofMillis(900);
        var mail = MessageSource.of(TEXT.getBytes(UTF_8));
        try (var server = new ScriptedSmtp(script("BDAT", "silence"))) {
            assertThat(submission(server.port(), Security.PLAIN, reply, last)
                            .submit(ANNA, "anna@example.org", BEN, mail))
                    .isInstanceOf(Submitted.Deferred.class);
        }
        try (var server = new ScriptedSmtp(script(".", "silence"))) {
            long start = System.nanoTime();
            assertThat(submission(server.port(), Security.PLAIN, reply, last)
                            .submit(ANNA, "anna@example.org", BEN, mail))
                    .isInstanceOf(Submitted.Unknown.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(890));
        }
    }

    @Test
    void aMailThatChangesOrCannotBeReadWhileItIsSentIsNotSent() throws IOException {
        var long1 = TEXT + "x\r\n".repeat(60_000);
        for (var then : List.of(long1 + "more\r\n", long1.substring(0, long1.length() - 3), TEXT, "")) {
            try (var server = new ScriptedSmtp(script())) {
                var changing = new MessageSource() {
                    @Override
                    public long size() {
                        return long1.length();
                    }

                    @Override
                    public InputStream open() {
                        boolean begun = count(server, "RCPT") > 0 && ++opened > 1;
                        return new ByteArrayInputStream((begun ? then : long1).getBytes(UTF_8));
                    }

                    private int opened;
                };
                assertThat(submission(server.port()).submit(ANNA, "anna@example.org", BEN, changing, () -> {
                            throw new AssertionError("there is no end");
                        }))
                        .isInstanceOfSatisfying(
                                Submitted.Deferred.class,
                                deferred -> assertThat(deferred.words()).containsAnyOf("grown", "shrunk"));
                assertThat(server.isTaken()).isFalse();
            }
        }
    }

    @Test
    void withinTlsTheBytesAreTheSameAndTheLastReplyHasItsOwnLimit() throws Exception {
        var cases = List.of(
                Map.entry(Security.STARTTLS, "CHUNKING"),
                Map.entry(Security.TLS, "CHUNKING"),
                Map.entry(Security.TLS, "PIPELINING"));
        for (var one : cases) {
            var security = one.getKey();
            var offered = one.getValue();
            var place = Files.createDirectory(directory.resolve(security + offered));
            try (var server = security == Security.TLS
                    ? HostileSmtp.startInTls(place, offered)
                    : HostileSmtp.startWithTls(place, offered)) {
                var text = TEXT + ".and more\r\n".repeat(20_000);
                var mail = MessageSource.of(text.getBytes(UTF_8));
                var submission = submission(server.port(), security, Duration.ofSeconds(19), Duration.ofMillis(500));
                server.on(HostileSmtp.Step.DOT, HostileSmtp.Deed.TAKES_IT_AND_IS_SILENT);
                long start = System.nanoTime();
                assertThat(submission.submit(ANNA, "anna@example.org", BEN, mail))
                        .as(one.toString())
                        .isInstanceOf(Submitted.Unknown.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
                assertThat(server.taken())
                        .singleElement()
                        .satisfies(taken ->
                                assertThat(taken.message().equals(text)).isTrue());
            }
        }
    }

    @Test
    void postfixDeliversTheBytesGiven() throws IOException {
        Dovecot.assumeInstalled();
        Postfix.assumeInstalled();
        var body = TEXT + "..a line with dots\r\n.\r\n".repeat(10_000) + "grün\r\n";
        try (var dovecot = Dovecot.start().addUser("anna", "secret");
                var postfix = Postfix.start(dovecot, List.of("anna"))) {
            var submission =
                    submission(postfix.port(), Security.STARTTLS, Duration.ofSeconds(20), Duration.ofSeconds(20));
            assertThat(submission.submit(
                            ANNA,
                            "anna@example.org",
                            List.of("anna@example.org"),
                            MessageSource.of(body.getBytes(UTF_8))))
                    .as(postfix.log())
                    .isEqualTo(new Submitted.Taken(List.of()));
            await().untilAsserted(() -> assertThat(postfix.log()).contains(" bdat=3 "));
            await().until(() -> !delivered(dovecot).isEmpty());
            // Postfix ends the header with fields of its own.
            var lines = body.substring(body.indexOf("\r\n\r\n")).replace("\r\n", "\n");
            assertThat(delivered(dovecot)).singleElement().satisfies(mail -> {
                var all = mail.replace("\r\n", "\n");
                assertThat(all.substring(all.indexOf("\n\n"), Math.min(all.length(), all.indexOf("\n\n") + 60)))
                        .isEqualTo(lines.substring(0, 60));
                assertThat(all.substring(all.indexOf("\n\n")).equals(lines)).isTrue();
            });
        }
    }

    private static List<String> delivered(Dovecot dovecot) throws IOException {
        var mails = new ArrayList<String>();
        try (var files = Files.newDirectoryStream(
                Files.createDirectories(dovecot.maildir("anna").resolve("new")))) {
            for (var file : files) {
                mails.add(Files.readString(file));
            }
        }
        return mails;
    }
}
