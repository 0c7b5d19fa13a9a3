package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;

/** Mails with random damage: each still gives an item that a phone can read, of bounded size and in bounded time. */
class MutatedMailsTest {

    private static final List<ProtocolVersion> VERSIONS = List.of(ProtocolVersion.values());

    private static final List<String> SNIPPETS = List.of(
            "=?utf-8?B?",
            "?=",
            "--BOUND",
            "Content-Type: multipart/mixed; boundary=BOUND\r\n",
            "\r\n\r\n",
            "<",
            "&",
            "<!--",
            "\"",
            "(",
            "charset=utf-16",
            "charset=x-none",
            "base64",
            "quoted-printable",
            "x-uuencode",
            "begin 644 x\r\n",
            "<style>",
            "<table><tr><td>",
            "<blockquote>",
            "\0",
            "\r",
            "format=flowed",
            "> > > >",
            "=",
            "cid:",
            "+AAA-");

    /** 200,000 take 83 seconds of one core, so a developer's run makes do with fewer. */
    private static final int MUTATIONS =
            Integer.getInteger("airpost.mutations", "true".equals(System.getenv("CI")) ? 200_000 : 20_000);

    /** What a small message takes while everything else on the machine is at work; alone it takes some milliseconds. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /** Each golden mail and each of the corpus, by name. */
    static final Map<String, byte[]> SOURCES = sources();

    private static Map<String, byte[]> sources() {
        var sources = new TreeMap<String, byte[]>();
        try {
            GoldenMailsTest.mails().forEach(name -> sources.put("mails/" + name, GoldenMailsTest.mail(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Corpus.rows()
                .forEach(row -> sources.put("corpus/" + row.name(), GoldenMailsTest.crlf(Corpus.mail(row.name()))));
        return sources;
    }

    private static final Pattern REFERENCE = Pattern.compile(" *AirSyncBase:FileReference = (.+)");

    /** {@code -Dairpost.mutations=200000} for all that issue 6 asks for; {@code -Dairpost.seed} for others. */
    @Test
    void everyDamagedMailBecomesAnItem() {
        long seed = Long.getLong("airpost.seed", 20261124L);
        var names = List.copyOf(SOURCES.keySet());
        var mails = List.copyOf(SOURCES.values());
        IntStream.range(0, MUTATIONS).parallel().forEach(i -> {
            var random = new Random(seed + i * 1_000_003L);
            int which = random.nextInt(mails.size());
            var message = mutated(mails.get(which), mails.get(random.nextInt(mails.size())), random);
            try {
                itemOf(message, random, i % 20 == 0);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed %d, mutation %d of %s".formatted(seed, i, names.get(which)), e);
            }
        });
    }

    private static void itemOf(byte[] message, Random random, boolean withAttachments) {
        long start = System.nanoTime();
        var version = VERSIONS.get(random.nextInt(VERSIONS.size()));
        var options = options(random);
        // Structures come from a server's BODYSTRUCTURE or from our own reader; the two differ on damaged mail.
        var place = random.nextBoolean() ? FakeMail.with(message).place() : Corpus.place(message);
        var item = new MailConverter(MailConverter.Settings.DEFAULT)
                .items(place, List.of(1L), options, version)
                .getFirst();
        var wbxml = ItemDump.wbxml(item, "\\Seen");
        var dump = ItemDump.of(wbxml);
        assertThat(dump)
                .contains("Email:From", "Email:DateReceived = 2026", "AirSyncBase:Body\n", "AirSyncBase:Type = ")
                .contains("Email:MessageClass = ", "Email:InternetCPID = ");
        assertThat(item.isPlaceholder()).isFalse();
        assertThat(wbxml.length).isLessThan(message.length * 12 + (64 << 10));
        if (withAttachments) {
            attachmentsAreReadable(place, dump);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONGEST);
    }

    @Test
    void whatIsRepeatedWithoutEndDoesNotTakeLong() {
        for (var noise : List.of(
                "(",
                ")",
                "<@,",
                "<",
                ",",
                ":",
                ";",
                "\"",
                "\\",
                "=?a?q? ",
                "=?utf-8?B?",
                "re:",
                "=?utf-8?q?a?= ",
                "<a@b>,",
                "&",
                "<!--",
                "<a href=\"",
                "<style>",
                "<b>",
                "<table><td>",
                "<blockquote>",
                "<ul><li>",
                "<meta charset=",
                "> ",
                "\u00A0",
                "http://a",
                "cid:",
                "<a href=\"http://x\">")) {
            var many = noise.repeat(200_000 / noise.length());
            var mail = FakeMail.with(GoldenMailsTest.bytes("From: " + many + "\nSubject: " + many + "\nTo: " + many
                    + "\nReferences: " + many + "\nContent-Type: text/html; charset=utf-8\n\n" + many));
            for (var type : List.of(BodyType.PLAIN_TEXT, BodyType.HTML)) {
                var options = new BodyOptions(
                        List.of(new BodyPreference(type, Optional.of(100_000L), false, 200)),
                        Optional.of(new BodyPreference(BodyType.HTML, Optional.empty(), false, 20)),
                        0,
                        Optional.empty());
                var item = new MailConverter(MailConverter.Settings.DEFAULT)
                        .items(mail.place(), List.of(1L), options, ProtocolVersion.V16_1)
                        .getFirst();
                ItemDump.wbxml(item);
                assertThat(item.isPlaceholder()).as(noise).isFalse();
            }
        }
    }

    private static void attachmentsAreReadable(MailConverter.Place place, String dump) {
        var converter = new MailConverter(MailConverter.Settings.DEFAULT);
        dump.lines().map(REFERENCE::matcher).filter(Matcher::matches).limit(10).forEach(line -> {
            var reference = FileReference.parse(line.group(1)).orElseThrow();
            try {
                isReadable(converter.attachment(place, reference).orElseThrow());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void isReadable(MailConverter.Attachment attachment) throws IOException {
        var whole = new ByteArrayOutputStream();
        long size = attachment.write(whole, 0, Long.MAX_VALUE);
        assertThat(whole.size()).isEqualTo((int) size);
        assertThat(attachment.name()).isNotBlank();
        if (size > 2) {
            var part = new ByteArrayOutputStream();
            attachment.write(part, 1, size - 2);
            assertThat(part.toByteArray()).isEqualTo(Arrays.copyOfRange(whole.toByteArray(), 1, (int) size - 1));
        }
    }

    private static BodyOptions options(Random random) {
        var types = new ArrayList<>(List.of(BodyType.PLAIN_TEXT, BodyType.HTML, BodyType.MIME));
        types.removeIf(type -> random.nextInt(3) == 0);
        var preferences = types.stream()
                .map(type -> new BodyPreference(
                        type,
                        random.nextBoolean() ? Optional.of((long) random.nextInt(600)) : Optional.empty(),
                        random.nextInt(4) == 0,
                        random.nextInt(256)))
                .toList();
        var part = random.nextInt(3) == 0
                ? Optional.of(new BodyPreference(BodyType.HTML, Optional.of(200L), false, 20))
                : Optional.<BodyPreference>empty();
        return new BodyOptions(preferences, part, random.nextInt(3), Optional.empty());
    }

    static byte[] mutated(byte[] message, byte[] other, Random random) {
        var bytes = message.clone();
        for (int n = 1 + random.nextInt(8); n > 0 && bytes.length > 0; n--) {
            int at = random.nextInt(bytes.length);
            int end = Math.min(bytes.length, at + random.nextInt(60));
            bytes = switch (random.nextInt(7)) {
                case 0 -> spliced(bytes, at, at + 1, new byte[] {(byte) random.nextInt(256)});
                case 1 -> spliced(bytes, at, end, new byte[0]);
                case 2 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
                case 3 -> Arrays.copyOf(bytes, at);
                case 4 -> {
                    int from = random.nextInt(other.length);
                    yield spliced(bytes, at, at, Arrays.copyOfRange(other, from, Math.min(other.length, from + 200)));
                }
                case 5 -> {
                    var noise = new byte[random.nextInt(30)];
                    random.nextBytes(noise);
                    yield spliced(bytes, at, end, noise);
                }
                default -> spliced(bytes, at, at, GoldenMailsTest.bytes(SNIPPETS.get(random.nextInt(SNIPPETS.size()))));
            };
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.writeBytes(middle);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
