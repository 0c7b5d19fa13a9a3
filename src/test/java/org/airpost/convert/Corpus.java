package org.airpost.convert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;

/** The mails of {@code corpus/}, which {@code corpus.tsv} describes, and what phones get of them. */
final class Corpus {

    static final Path DIRECTORY = Path.of("src/test/resources/org/airpost/convert/corpus");
    private static final Path INDEX = DIRECTORY.resolveSibling("corpus.tsv");
    private static final long MOST = 6_000;

    /** What an item always says, or says in another way: left out, so that a person reads what matters. */
    private static final Set<String> USUAL = Set.of(
            "Email:Importance = 1",
            "Email:Read = 0",
            "Email:Flag",
            "Email:Categories",
            "Email:ContentClass = urn:content-classes:message",
            "Email:DateReceived = 2026-11-20T08:30:00.000Z",
            "Email2:IsDraft = 0",
            "AirSyncBase:Body",
            "  AirSyncBase:Truncated = 0",
            "    AirSyncBase:Method = 1");

    private Corpus() {}

    /**
     * A row of the index.
     *
     * @param what is special about it, in a line
     * @param where such mails come from
     * @param known what is not as a person would want it, and why; empty if nothing
     */
    record Row(String name, String what, String where, String known) {}

    static List<Row> rows() {
        try {
            return Files.readAllLines(INDEX).stream()
                    .skip(1)
                    .map(line -> line.split("\t", -1))
                    .map(cell -> new Row(cell[0], cell[1], cell[2], cell[3]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] mail(String name) {
        try {
            return Files.readAllBytes(DIRECTORY.resolve(name + ".eml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A mailbox whose only message, number 1, this is. */
    static MailConverter.Place place(byte[] message) {
        var server = new MemoryMail(InstantSource.fixed(FakeMail.RECEIVED)).user("anna", "secret");
        server.deliver("anna", "INBOX", message, Set.of());
        if (server.signIn(new Credentials("anna", "secret")) instanceof SignIn.Accepted(var account)) {
            return new MailConverter.Place(
                    "anna", account, "INBOX", server.view("anna", "INBOX").uidValidity(), "5");
        }
        throw new IllegalStateException("no sign-in");
    }

    static MailConverter.Item item(MailConverter.Place place, BodyOptions options) {
        return new MailConverter(MailConverter.Settings.DEFAULT)
                .items(place, List.of(1L), options, ProtocolVersion.V16_1)
                .getFirst();
    }

    static BodyOptions wanting(BodyType... types) {
        var preferences = new ArrayList<BodyPreference>();
        for (var type : types) {
            preferences.add(new BodyPreference(type, Optional.of(MOST), false, 80));
        }
        return new BodyOptions(preferences, Optional.empty(), 0, Optional.empty());
    }

    /**
     * What phones get, in short: the item of one that takes text and HTML, then the text that one gets which takes the other
     * of the two alone.
     */
    static String shown(byte[] message) {
        return shown(place(message));
    }

    static String shown(MailConverter.Place place) {
        var own = ItemDump.of(ItemDump.wbxml(item(place, wanting(BodyType.PLAIN_TEXT, BodyType.HTML))));
        boolean html = own.contains("\n  AirSyncBase:Type = 2\n");
        var other = ItemDump.of(ItemDump.wbxml(item(place, wanting(html ? BodyType.PLAIN_TEXT : BodyType.HTML))));
        var text = new StringBuilder();
        String subject = "";
        for (var line : own.split("\n", -1)) {
            if (line.startsWith("Email:Subject = ")) {
                subject = line.substring("Email:Subject = ".length());
            }
            if (!USUAL.contains(line)
                    && !line.startsWith("Email2:Conversation")
                    && !line.equals("Email:ThreadTopic = " + subject)
                    && !line.isEmpty()) {
                text.append(line.replace("AirSyncBase:", "").replace("Email:", ""))
                        .append('\n');
            }
        }
        return text.append(html ? "\nas text\n" : "\nas HTML\n")
                .append(data(other))
                .toString();
    }

    private static String data(String dump) {
        int start = dump.indexOf("  AirSyncBase:Data");
        if (start < 0) {
            return "";
        }
        int end = start;
        do {
            end = dump.indexOf('\n', end) + 1;
        } while (dump.startsWith("  |", end));
        return dump.substring(start, end).replace("AirSyncBase:", "");
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
