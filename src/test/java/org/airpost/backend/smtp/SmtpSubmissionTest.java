package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Security;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.Trust;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

final class SmtpSubmissionTest {

    private static final Credentials ANNA = new Credentials("anna", "secret");
    private static final String TEXT = "Subject: x\r\n\r\n.dot\r\n..two\r\nplain\r\n.\r\nend\r\n";
    private static final MessageSource MAIL = MessageSource.of(TEXT.getBytes(UTF_8));

    private static SmtpSubmission submission(int port, Security security, Trust trust) {
        return new SmtpSubmission(new SmtpSettings(
                "127.0.0.1",
                port,
                security,
                trust,
                true,
                "test.invalid",
                Duration.ofSeconds(5),
                Duration.ofSeconds(5)));
    }

    private static Submitted submit(ScriptedSmtp server, List<String> recipients) {
        return submission(server.port(), Security.PLAIN, new Trust.Platform())
                .submit(ANNA, "anna@example.org", recipients, MAIL);
    }

    private static Submitted submit(ScriptedSmtp server) {
        return submit(server, List.of("ben@example.org"));
    }

    private static Refusal why(Submitted submitted) {
        assertThat(submitted).isInstanceOf(Submitted.Rejected.class);
        return ((Submitted.Rejected) submitted).why();
    }

    @Test
    void theBytesOnTheWireAreTheBytesGiven() throws IOException {
        try (var server = new ScriptedSmtp(Map.of())) {
            assertThat(submit(server)).isEqualTo(new Submitted.Taken(List.of()));
            assertThat(server.message()).isEqualTo(TEXT.replace("\r\n.", "\r\n.."));
            assertThat(server.commands())
                    .contains("EHLO test.invalid")
                    .contains("MAIL FROM:<anna@example.org> SIZE=" + TEXT.length() + " BODY=8BITMIME")
                    .contains("RCPT TO:<ben@example.org>");
        }
    }

    @Test
    void recipientsThatAreRefusedAreNamedAndTheOthersGetTheMail() throws IOException {
        try (var server = new ScriptedSmtp(Map.of("RCPT TO:<carl@", "550 5.1.1 who?"))) {
            var taken = (Submitted.Taken) submit(server, List.of("ben@example.org", "carl@example.org"));
            assertThat(taken.refused()).singleElement().satisfies(r -> {
                assertThat(r.address()).isEqualTo("carl@example.org");
                assertThat(r.words()).contains("550 5.1.1 who?");
            });
            assertThat(server.message()).isNotEmpty();
        }
    }

    @Test
    void eachNoIsToldByItsKind() throws IOException {
        var expected = new ArrayList<Map.Entry<Map<String, String>, Object>>();
        expected.add(Map.entry(Map.of("MAIL", "451 4.3.0 later"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of("MAIL", "553 5.7.1 not yours"), Refusal.NO_PERMISSION));
        expected.add(Map.entry(Map.of("MAIL", "552 5.3.4 too big"), Refusal.TOO_LARGE));
        expected.add(Map.entry(Map.of("MAIL", "close"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of("RCPT", "450 4.2.1 grey"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of("RCPT", "550 5.1.1 who?"), Submitted.NoRecipient.class));
        expected.add(Map.entry(Map.of("RCPT", "550 5.7.1 no relay"), Submitted.NoRecipient.class));
        expected.add(Map.entry(Map.of("RCPT", "421 4.3.2 bye"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of("DATA", "554 5.5.1 no"), Refusal.OTHER));
        expected.add(Map.entry(Map.of("DATA", "452 4.3.1 full"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of("DATA", "close"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of(".", "552 too much"), Refusal.TOO_LARGE));
        expected.add(Map.entry(Map.of(".", "554 5.6.0 spam"), Refusal.OTHER));
        expected.add(Map.entry(Map.of(".", "451 4.3.0 later"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of(".", "close"), Submitted.Unknown.class));
        expected.add(Map.entry(Map.of("AUTH", "535 5.7.8 wrong"), Refusal.NO_PERMISSION));
        expected.add(Map.entry(Map.of("AUTH", "454 4.7.0 later"), Submitted.Deferred.class));
        expected.add(Map.entry(Map.of("EHLO", "close"), Submitted.Deferred.class));
        for (var e : expected) {
            try (var server = new ScriptedSmtp(e.getKey())) {
                var result = submit(server);
                if (e.getValue() instanceof Refusal why) {
                    assertThat(why(result)).as(e.getKey().toString()).isEqualTo(why);
                } else {
                    assertThat(result).as(e.getKey().toString()).isInstanceOf((Class<?>) e.getValue());
                }
                assertThat(result.toString()).doesNotContain("secret");
            }
        }
    }

    @Test
    void aMessageOverTheServersSizeIsNotOffered() throws IOException {
        try (var server = new ScriptedSmtp(Map.of("SIZE", "20"))) {
            assertThat(why(submit(server))).isEqualTo(Refusal.TOO_LARGE);
            assertThat(server.commands()).noneMatch(c -> c.startsWith("MAIL"));
        }
    }

    @Test
    void aMessageThatCannotBeReadToItsEndIsNotSent() throws IOException {
        var broken = new MessageSource() {
            @Override
            public long size() {
                return 1000;
            }

            @Override
            public InputStream open() {
                return new FilterInputStream(new ByteArrayInputStream(TEXT.getBytes(UTF_8))) {
                    @Override
                    public int read(byte[] b, int off, int len) throws IOException {
                        int n = super.read(b, off, len);
                        if (n < 0) {
                            throw new IOException("disk");
                        }
                        return n;
                    }
                };
            }
        };
        try (var server = new ScriptedSmtp(Map.of())) {
            var result = submission(server.port(), Security.PLAIN, new Trust.Platform())
                    .submit(ANNA, "anna@example.org", List.of("ben@example.org"), broken);
            assertThat(result).isInstanceOf(Submitted.Deferred.class);
            assertThat(server.isTaken()).isFalse();
        }
    }

    @Test
    void withoutStartTlsNothingIsSentWhereItIsAsked() throws IOException {
        try (var server = new ScriptedSmtp(Map.of())) {
            assertThat(submission(server.port(), Security.STARTTLS, new Trust.Any())
                            .submit(ANNA, "anna@example.org", List.of("ben@example.org"), MAIL))
                    .isInstanceOf(Submitted.Deferred.class);
            assertThat(server.commands()).noneMatch(c -> c.startsWith("AUTH"));
        }
    }

    @Test
    void anAddressCannotCarryASecondCommand() throws IOException {
        try (var server = new ScriptedSmtp(Map.of())) {
            assertThat(submit(server, List.of("ben@example.org>\r\nRCPT TO:<eve@example.org")))
                    .isInstanceOf(Submitted.NoRecipient.class);
            assertThat(server.commands()).noneMatch(c -> c.contains("eve"));
        }
    }

    @Test
    void nobodyListeningIsDeferred() throws IOException {
        int port;
        try (var server = new ScriptedSmtp(Map.of())) {
            port = server.port();
        }
        assertThat(submission(port, Security.PLAIN, new Trust.Platform())
                        .submit(ANNA, "anna@example.org", List.of("ben@example.org"), MAIL))
                .isInstanceOf(Submitted.Deferred.class);
    }

    @Test
    void greenMailTakesMailOverTlsWhenItsCertificateIsTrusted() throws Exception {
        var green = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS));
        green.start();
        try {
            green.setUser("anna@example.org", "anna", "secret");
            int port = green.getSmtps().getPort();
            assertThat(submission(port, Security.TLS, new Trust.Platform())
                            .submit(ANNA, "anna@example.org", List.of("anna@example.org"), MAIL))
                    .isInstanceOf(Submitted.Deferred.class);
            assertThat(submission(port, Security.TLS, new Trust.Any())
                            .submit(ANNA, "anna@example.org", List.of("anna@example.org"), MAIL))
                    .isEqualTo(new Submitted.Taken(List.of()));
            assertThat(green.getReceivedMessages()).hasSize(1);
            assertThat(green.getReceivedMessages()[0].getSubject()).isEqualTo("x");
        } finally {
            green.stop();
        }
    }

    @Test
    void aCaFileThatIsNotThereIsNamed() {
        Assertions.assertThatThrownBy(
                        () -> submission(25, Security.TLS, new Trust.Authorities(Path.of("/nowhere/ca.pem"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ca.pem");
    }

    @Test
    void theEndIsAnnouncedAfterTheRestAndBeforeTheFinalDot() throws IOException {
        try (var server = new ScriptedSmtp(Map.of())) {
            var atTheEnd = new ArrayList<Boolean>();
            var result = submission(server.port(), Security.PLAIN, new Trust.Platform())
                    .submit(
                            ANNA,
                            "anna@example.org",
                            List.of("ben@example.org"),
                            MAIL,
                            () -> atTheEnd.add(server.isTaken()));
            assertThat(result).isEqualTo(new Submitted.Taken(List.of()));
            assertThat(atTheEnd).containsExactly(false);
        }
        for (var early : List.of(Map.of("RCPT", "550 no"), Map.of("DATA", "451 later"), Map.of("MAIL", "close"))) {
            try (var server = new ScriptedSmtp(early)) {
                submission(server.port(), Security.PLAIN, new Trust.Platform())
                        .submit(ANNA, "anna@example.org", List.of("ben@example.org"), MAIL, () -> {
                            throw new AssertionError("nothing was handed over");
                        });
            }
        }
    }

    @Test
    void whatForbidsTheEndKeepsTheMailBack() throws IOException {
        try (var server = new ScriptedSmtp(Map.of())) {
            Assertions.assertThatThrownBy(() -> submission(server.port(), Security.PLAIN, new Trust.Platform())
                            .submit(ANNA, "anna@example.org", List.of("ben@example.org"), MAIL, () -> {
                                throw new IllegalStateException("stop");
                            }))
                    .hasMessage("stop");
            assertThat(server.isTaken()).isFalse();
        }
    }

    @Test
    void theLastReplyMayTakeLongerThanTheOthers() throws IOException {
        try (var server = new ScriptedSmtp(Map.of("RCPT TO:<slow", "silence", ".", "silence"))) {
            var settings = new SmtpSettings(
                    "127.0.0.1",
                    server.port(),
                    Security.PLAIN,
                    new Trust.Platform(),
                    true,
                    "test.invalid",
                    Duration.ofSeconds(5),
                    Duration.ofMillis(100),
                    Duration.ofMillis(600));
            long start = System.nanoTime();
            assertThat(new SmtpSubmission(settings).submit(ANNA, "anna@example.org", List.of("slow@example.org"), MAIL))
                    .isInstanceOf(Submitted.Deferred.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(90));
            start = System.nanoTime();
            assertThat(new SmtpSubmission(settings).submit(ANNA, "anna@example.org", List.of("ben@example.org"), MAIL))
                    .isInstanceOf(Submitted.Unknown.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(590));
        }
    }

    @Test
    void manyRecipientsAreAskedForAtOnceWhereTheServerCan() throws IOException {
        var recipients = java.util.stream.IntStream.range(0, 120)
                .mapToObj(n -> "r" + n + "@example.org")
                .toList();
        try (var server = new ScriptedSmtp(
                Map.of("EHLO", "250-test\r\n250-PIPELINING\r\n250 DSN", "RCPT TO:<r7@", "550 5.1.1 who?"))) {
            var taken = (Submitted.Taken) submit(server, recipients);
            assertThat(taken.refused())
                    .singleElement()
                    .satisfies(r -> assertThat(r.address()).isEqualTo("r7@example.org"));
            assertThat(server.commands()).filteredOn(c -> c.startsWith("RCPT")).hasSize(120);
        }
        try (var server = new ScriptedSmtp(Map.of("EHLO", "250-test\r\n250 PIPELINING", "MAIL", "550 5.7.1 not you"))) {
            assertThat(why(submit(server, recipients))).isEqualTo(Refusal.NO_PERMISSION);
        }
        try (var server = new ScriptedSmtp(Map.of("EHLO", "250-test\r\n250 PIPELINING", "RCPT TO:<r60@", "close"))) {
            assertThat(submit(server, recipients)).isInstanceOf(Submitted.Deferred.class);
        }
    }

    @Test
    void aReceiptAskedForIsAskedOfTheServer() throws IOException {
        var mail = MessageSource.of(
                "Message-ID: <a+b@x>\r\nReturn-Receipt-To: anna@example.org\r\n\r\nx\r\n".getBytes(UTF_8));
        try (var server = new ScriptedSmtp(Map.of("EHLO", "250-test\r\n250 DSN"))) {
            submission(server.port(), Security.PLAIN, new Trust.Platform())
                    .submit(ANNA, "anna@example.org", List.of("ben@example.org"), mail);
            assertThat(server.commands())
                    .contains("MAIL FROM:<anna@example.org> ENVID=a+2Bb@x")
                    .contains("RCPT TO:<ben@example.org> NOTIFY=SUCCESS,FAILURE,DELAY");
        }
    }

    @Test
    void anAddressThatTheServerCannotTakeIsNamedAndTheOthersGetTheMail() throws IOException {
        try (var server = new ScriptedSmtp(Map.of())) {
            var taken = (Submitted.Taken) submit(server, List.of("grün@example.org", "ben@grün.example"));
            assertThat(taken.refused()).singleElement().satisfies(r -> {
                assertThat(r.address()).isEqualTo("grün@example.org");
                assertThat(r.words()).startsWith("553 5.6.7");
            });
            assertThat(server.commands()).contains("RCPT TO:<ben@xn--grn-ioa.example>");
        }
        try (var server = new ScriptedSmtp(Map.of("EHLO", "250-test\r\n250 SMTPUTF8"))) {
            assertThat(submit(server, List.of("grün@example.org"))).isEqualTo(new Submitted.Taken(List.of()));
            assertThat(server.commands()).contains("MAIL FROM:<anna@example.org> SMTPUTF8");
        }
    }

    @Test
    void anyYesToTheFinalDotMeansThatTheMailIsTaken() throws IOException {
        for (var yes : List.of("250 2.0.0 taken", "251 2.0.0 taken", "252 2.0.0 taken", "200 taken")) {
            for (var hello : List.of("250 test", "250-test\r\n250 CHUNKING")) {
                try (var server = new ScriptedSmtp(Map.of(".", yes, "EHLO", hello))) {
                    assertThat(submit(server)).as(yes + " " + hello).isEqualTo(new Submitted.Taken(List.of()));
                    assertThat(server.isTaken()).isTrue();
                }
            }
        }
    }

    @Test
    void theServersLimitIsRemembered() throws IOException {
        try (var server = new ScriptedSmtp(Map.of("SIZE", "12345"))) {
            var submission = submission(server.port(), Security.PLAIN, new Trust.Platform());
            assertThat(submission.mostBytes(ANNA)).isEmpty();
            submission.submit(ANNA, "anna@example.org", List.of("ben@example.org"), MAIL);
            assertThat(submission.mostBytes(ANNA)).hasValue(12345);
        }
    }
}
