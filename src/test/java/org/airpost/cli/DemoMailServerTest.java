package org.airpost.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoMailServerTest {

    private static final Clock NOON = Clock.fixed(Instant.parse("2026-11-24T12:00:00Z"), ZoneOffset.UTC);

    /** The lines that an IMAP server answers to these commands. */
    private static List<String> imap(int port, String... commands) throws IOException {
        var lines = new ArrayList<String>();
        try (var socket = new LineSocket(DemoMailServer.HOST, port)) {
            socket.readLine();
            socket.writeLine("a LOGIN \"%s\" \"%s\"".formatted(DemoMailServer.ALICE, DemoMailServer.PASSWORD));
            assertThat(socket.readLine()).startsWith("a OK");
            for (var command : commands) {
                socket.writeLine("b " + command);
                for (var line = socket.readLine(); !line.startsWith("b "); line = socket.readLine()) {
                    lines.add(line);
                }
            }
        }
        return lines;
    }

    @Test
    void aliceHasMailsInSeveralFolders() throws Exception {
        try (var server = DemoMailServer.start()) {
            int mails = server.fill(NOON);
            assertThat(mails).isGreaterThanOrEqualTo(30);
            assertThat(imap(server.imapPort(), "LIST \"\" *", "STATUS Projects.Bridge (MESSAGES)"))
                    .anyMatch(line -> line.contains("\"Archive\"") || line.endsWith(" Archive"))
                    .anyMatch(line -> line.contains("MESSAGES 2"));
        }
    }

    @Test
    void mailsKeepTheirDateAndFlags() throws Exception {
        try (var server = DemoMailServer.start()) {
            server.fill(NOON);
            assertThat(imap(server.imapPort(), "EXAMINE Trash", "FETCH 1 (FLAGS INTERNALDATE)"))
                    .anyMatch(line -> line.contains("\\Seen") && line.contains("22-Nov-2026"));
        }
    }

    @Test
    void aMailIsDeliveredBySmtp() throws Exception {
        try (var server = DemoMailServer.start()) {
            var message =
                    PlainMail.of(DemoMailServer.BOB, List.of(DemoMailServer.ALICE), "Grüße 🎉", ".\n.x\nEnde", "id-1");
            SmtpDelivery.deliver(
                    DemoMailServer.HOST, server.smtpPort(), DemoMailServer.BOB, DemoMailServer.ALICE, message);
            assertThat(imap(server.imapPort(), "STATUS INBOX (MESSAGES)"))
                    .anyMatch(line -> line.contains("MESSAGES 1"));
        }
    }

    @Test
    void noSampleLacksItsDate() {
        assertThat(SampleMails.all(NOON)).allSatisfy(mail -> {
            var text = new String(mail.message(), ISO_8859_1);
            assertThat(text).startsWith("Date: ").contains("2026").doesNotContain("@DATE@", "@DAY@");
            assertThat(mail.received()).isBefore(NOON.instant());
        });
    }

    @Test
    void aSubjectCannotBringHeadersOfItsOwn() {
        var mail = new String(
                PlainMail.of("a@b.example", List.of("c@d.example"), "x\r\nBcc: e@f.example", "", "1"), US_ASCII);
        assertThat(mail).contains("Subject: x Bcc: e@f.example\r\n").doesNotContain("\r\nBcc:");
    }

    @Test
    void aLongForeignSubjectIsCutIntoWordsOfLegalLength() {
        var mail =
                new String(PlainMail.of("a@b.example", List.of("c@d.example"), "日本語の件名".repeat(20), "", "1"), US_ASCII);
        assertThat(mail.lines().filter(line -> line.contains("=?utf-8?B?")))
                .hasSizeGreaterThan(3)
                .allMatch(line -> line.replace("Subject: ", "").strip().length() <= 75);
    }
}
