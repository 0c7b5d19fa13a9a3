package org.airpost.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * The mails of the demo, from {@code demo/index.tsv} and the files that it names. They are dated back from now by the age
 * that the index gives, so that a phone which syncs the last three days has something to show.
 */
final class SampleMails {

    /** One mail, ready to be appended; flags as IMAP writes them. */
    record Mail(String folder, String flags, Instant received, byte[] message) {}

    /** Folders besides INBOX, parents first. */
    static final List<String> FOLDERS = List.of("Sent", "Drafts", "Trash", "Archive", "Projects", "Projects.Bridge");

    private static final String DATE = "@DATE@";
    private static final String DAY = "@DAY@";
    private static final DateTimeFormatter COMPACT_DAY =
            DateTimeFormatter.ofPattern("uuuuMMdd").withZone(ZoneOffset.UTC);

    private SampleMails() {}

    /** All of them, in the order of the index: oldest first. */
    static List<Mail> all(Clock clock) {
        var now = clock.instant();
        return new String(resource("index.tsv"), UTF_8)
                .lines()
                .skip(1)
                .filter(line -> !line.isBlank())
                .map(line -> mail(line.split("\t", -1), now))
                .toList();
    }

    private static Mail mail(String[] columns, Instant now) {
        var received = now.minus(Duration.parse(columns[2]));
        return new Mail(columns[1], columns[3], received, dated(resource(columns[0]), received, now));
    }

    /** {@code @DATE@} is when the mail came, {@code @DAY@} a week from now, for invitations. Latin-1 keeps each byte. */
    private static byte[] dated(byte[] message, Instant received, Instant now) {
        var date = DateTimeFormatter.RFC_1123_DATE_TIME.format(received.atOffset(ZoneOffset.UTC));
        var text = new String(message, ISO_8859_1)
                .replace(DATE, date)
                .replace(DAY, COMPACT_DAY.format(now.plus(Duration.ofDays(7))));
        return text.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(ISO_8859_1);
    }

    private static byte[] resource(String name) {
        try (InputStream in = SampleMails.class.getResourceAsStream("demo/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its resource demo/" + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new Failure("demo/%s cannot be read".formatted(name), e);
        }
    }
}
