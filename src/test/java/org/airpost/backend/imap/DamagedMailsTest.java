package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MailQuery;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Section;
import org.airpost.backend.Security;
import org.airpost.backend.UidSet;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A Dovecot that keeps mails compressed, one of them damaged on the disk. It announces how long the message is, cannot read it to its end, and
 * ends the connection, each time.
 */
@Timeout(60)
class DamagedMailsTest {

    private static final int MAILS = 40;
    private static final int DAMAGED = 17;
    private static final BodyPreference ASKED = new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(60_000L), false, 0);

    private Dovecot server;
    private MailAccount account;

    @BeforeEach
    void start() {
        Dovecot.assumeInstalled();
        server = Dovecot.startWithCompression();
        server.addUser("anna", "secret");
        var backend = new ImapBackend(ImapSettings.of("127.0.0.1", server.port(), Security.PLAIN), Clock.systemUTC());
        account = ((SignIn.Accepted) backend.signIn(new Credentials("anna", "secret"))).account();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            account.close();
            server.close();
        }
    }

    /** Of 40,000 letters, which do not get much shorter. */
    private static byte[] mail(int n) {
        var random = new Random(n);
        var text = new StringBuilder("From: a@example.org\r\nSubject: number ")
                .append(n)
                .append("\r\n\r\n");
        for (int i = 1; i <= 40_000; i++) {
            text.append((char) ('a' + random.nextInt(26))).append(i % 70 == 0 ? "\r\n" : "");
        }
        return text.append("\r\n").toString().getBytes(US_ASCII);
    }

    private void append(int mails) {
        for (int n = 1; n <= mails; n++) {
            account.append("INBOX", MessageSource.of(mail(n)), Set.of(), Instant.parse("2026-11-20T08:30:00Z"));
        }
    }

    private void damage(int number, UnaryOperator<byte[]> how) throws IOException {
        try (var files = Files.walk(server.maildir("anna"))) {
            var file = files.filter(one -> one.getFileName().toString().contains(",S="))
                    .filter(one -> text(one).lines().anyMatch(("Subject: number " + number)::equals))
                    .findFirst()
                    .orElseThrow();
            Files.write(file, how.apply(Files.readAllBytes(file)));
        }
    }

    private static String text(Path file) {
        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            return new String(in.readAllBytes(), US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static UnaryOperator<byte[]> garbled(int from) {
        return bytes -> {
            var changed = bytes.clone();
            for (int i = from; i < from + 200; i++) {
                changed[i] ^= 0x5A;
            }
            return changed;
        };
    }

    private List<MailConverter.Item> items(List<Long> uids) {
        var view = MailAccountContract.view(account, "INBOX");
        var place = new MailConverter.Place("anna", account, "INBOX", view.uidValidity(), "5");
        var options = new BodyOptions(List.of(ASKED), Optional.empty(), 0, Optional.empty());
        return new MailConverter(MailConverter.Settings.DEFAULT).items(place, uids, options, ProtocolVersion.V16_1);
    }

    @ParameterizedTest
    @CsvSource({"40", "9000", "24000"})
    void aMailThatEndsTheConnectionDoesNotHideTheOthers(int from) throws IOException {
        append(MAILS);
        damage(DAMAGED, garbled(from));
        var all = IntStream.rangeClosed(1, MAILS).mapToObj(n -> (long) n).toList();

        var items = items(all);

        assertThat(items).extracting(MailConverter.Item::uid).isEqualTo(all);
        assertThat(items.stream().filter(MailConverter.Item::isPlaceholder))
                .extracting(MailConverter.Item::uid)
                .containsExactly((long) DAMAGED);
    }

    @Test
    void ofADamagedMailInAMailboxOfItsOwnTheRestIsTold() throws IOException {
        append(1);
        damage(1, bytes -> Arrays.copyOf(bytes, bytes.length - 8_000));

        assertThat(items(List.of(1L)))
                .singleElement()
                .satisfies(item -> assertThat(item.isPlaceholder()).isTrue());
        long validity = MailAccountContract.view(account, "INBOX").uidValidity();
        assertThat(account.describe("INBOX", validity, List.of(1L)).getFirst().header())
                .asString(US_ASCII)
                .contains("Subject: number 1");
        var out = new ByteArrayOutputStream();
        assertThat(account.read("INBOX", validity, Section.whole(1, "1"), out)).isEqualTo(-1);
    }

    @Test
    void headerFieldsOfTheOthersAreTold() throws IOException {
        append(6);
        damage(3, garbled(20));
        long validity = MailAccountContract.view(account, "INBOX").uidValidity();

        var fields = account.fields("INBOX", validity, List.of(1L, 2L, 3L, 4L, 5L, 6L), List.of("FROM"));

        assertThat(fields).containsKeys(1L, 2L, 4L, 5L, 6L);
        assertThat(fields.get(4L)).asString(US_ASCII).contains("a@example.org");
    }

    @Test
    void aSearchFindsTheOthers() throws IOException {
        append(MAILS);
        damage(DAMAGED, garbled(9_000));

        var searched = account.search(
                List.of("INBOX"),
                new MailQuery.Text(MailQuery.Where.ANYWHERE, "line that is nowhere"),
                Duration.ofSeconds(20));
        assertThat(searched.unfinished()).isEmpty();
        assertThat(searched.found()).isEmpty();

        var last = new String(mail(DAMAGED + 1), US_ASCII);
        var word = last.substring(last.length() - 30).strip();
        var found = account.search(
                List.of("INBOX"), new MailQuery.Text(MailQuery.Where.ANYWHERE, word), Duration.ofSeconds(20));
        assertThat(found.unfinished()).isEmpty();
        assertThat(found.found().get("INBOX"))
                .extracting(MailAccount.Matches::uids)
                .isEqualTo(UidSet.of(DAMAGED + 1));
    }
}
