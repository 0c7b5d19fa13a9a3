package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.airpost.backend.BodyStructure;
import org.airpost.convert.MailConverter.Settings;
import org.airpost.eas.Annotation;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Spool;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MailConverterTest {

    private static final String HEADER = "From: a@example.org\nSubject: Test\nMIME-Version: 1.0\n";

    private final MailConverter converter = new MailConverter(Settings.DEFAULT);

    @BeforeAll
    static void temporaryFilesHaveAPlace() throws IOException {
        Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
    }

    private static BodyPreference prefer(BodyType type, long size) {
        return new BodyPreference(type, Optional.of(size), false, 0);
    }

    private static BodyOptions options(BodyPreference... preferences) {
        return new BodyOptions(List.of(preferences), Optional.empty(), 0, Optional.empty());
    }

    private static BodyOptions mime(int support, Optional<Long> size) {
        return new BodyOptions(
                List.of(new BodyPreference(BodyType.MIME, size, false, 0)),
                Optional.empty(),
                support,
                Optional.empty());
    }

    private static FakeMail plain(String body) {
        return FakeMail.with(GoldenMailsTest.bytes(HEADER + "Content-Type: text/plain; charset=utf-8\n\n" + body));
    }

    private static FakeMail html(String body) {
        return FakeMail.with(GoldenMailsTest.bytes(HEADER + "Content-Type: text/html; charset=utf-8\n\n" + body));
    }

    private static String value(String dump, String tag) {
        return dump.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(tag + " = "))
                .map(line -> line.substring(tag.length() + 3))
                .findFirst()
                .orElse("(none)");
    }

    @Test
    void aWindowOfMessagesTakesOneDescriptionAndOneRead() {
        var mail = new FakeMail();
        for (long uid = 1; uid <= 100; uid++) {
            mail.add(uid, GoldenMailsTest.mail("alternative-related-mixed.eml"));
        }
        var uids = new ArrayList<Long>();
        for (long uid = 100; uid >= 1; uid--) {
            uids.add(uid);
        }
        var items = converter.items(mail.place(), uids, options(prefer(BodyType.HTML, 4_096)), ProtocolVersion.V16_1);
        assertThat(items).extracting(MailConverter.Item::uid).containsExactlyElementsOf(uids);
        assertThat(mail.reads).isEqualTo(1);
        assertThat(mail.sectionsRead).allMatch(section -> section.section().equals("1.2.1"));
    }

    @Test
    void ofALongTextNoMoreIsReadThanAskedAndTheSizeIsNearTheTruth() {
        var mail = plain("0123456789\n".repeat(200_000));
        var dump = ItemDump.of(mail, options(prefer(BodyType.PLAIN_TEXT, 500)), ProtocolVersion.V14_1);
        assertThat(mail.bytesRead).isLessThan(2_000);
        assertThat(value(dump, "AirSyncBase:Truncated")).isEqualTo("1");
        assertThat(Long.parseLong(value(dump, "AirSyncBase:EstimatedDataSize"))).isEqualTo(2_400_000);
    }

    /** As mailers do: what is not ASCII takes three bytes for one, and lines are broken at 76. */
    private static String quotedPrintable(String text) {
        var encoded = new StringBuilder();
        int column = 0;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            var next = b == '\n' || (b >= ' ' && b != '=') ? String.valueOf((char) b) : "=%02X".formatted(b & 0xFF);
            if (b != '\n' && column + next.length() > 75) {
                encoded.append("=\n");
                column = 0;
            }
            encoded.append(next);
            column = b == '\n' ? 0 : column + next.length();
        }
        return encoded.toString();
    }

    private static byte[] quotedPrintableMail(String type, String body) {
        return GoldenMailsTest.bytes(HEADER + "Content-Type: " + type
                + "; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + quotedPrintable(body));
    }

    private static FakeMail quotedPrintable(String type, String body) {
        return FakeMail.with(quotedPrintableMail(type, body));
    }

    @Test
    void ofALongTextInQuotedPrintableLittleMoreIsReadThanAsked() {
        var mail =
                quotedPrintable("text/html", "<p class=\"x\">Some words of a caf\u00e9, and more.</p>\n".repeat(5_000));
        var dump = ItemDump.of(mail, options(prefer(BodyType.HTML, 20_000)), ProtocolVersion.V16_1);
        assertThat(mail.bytesRead).isBetween(20_000L, 27_000L);
        assertThat(mail.reads).isEqualTo(1);
        assertThat(value(dump, "AirSyncBase:Truncated")).isEqualTo("1");
        assertThat(Long.parseLong(value(dump, "AirSyncBase:EstimatedDataSize"))).isBetween(240_000L, 290_000L);
        mail.bytesRead = 0;
        ItemDump.of(mail, options(prefer(BodyType.HTML, 200_000)), ProtocolVersion.V16_1); // when it is written
        assertThat(mail.bytesRead).isBetween(200_000L, 252_000L);
    }

    @Test
    void ofATextThatIsEncodedThroughoutTheRestIsReadToo() {
        var mail = new FakeMail();
        for (long uid = 1; uid <= 20; uid++) {
            mail.add(uid, quotedPrintableMail("text/plain", "\u0416\u0443\u043a ".repeat(5_000)));
        }
        var uids = LongStream.rangeClosed(1, 20).boxed().toList();
        var items =
                converter.items(mail.place(), uids, options(prefer(BodyType.PLAIN_TEXT, 7_000)), ProtocolVersion.V16_1);
        assertThat(mail.reads).isEqualTo(2);
        assertThat(mail.bytesRead).isLessThan(20 * 28_000);
        assertThat(mail.sectionsRead)
                .filteredOn(section -> section.uid() == 1)
                .satisfiesExactly(
                        first -> assertThat(first.offset()).isZero(),
                        rest -> assertThat(rest.offset())
                                .isEqualTo(mail.sectionsRead.getFirst().length()));
        assertThat(items)
                .allSatisfy(item -> assertThat(new String(ItemDump.wbxml(item), StandardCharsets.UTF_8))
                        .contains("\u0416\u0443\u043a ".repeat(1_000)));
    }

    /** However much of it is encoded, and whether it just fits or just does not. */
    @Test
    void aTextInQuotedPrintableIsCutWhereTheSameTextIsCutUnencoded() {
        var lines = List.of(
                "Forty characters of plain words, no more.\n",
                "One caf\u00e9 = two caf\u00e9s, \u20ac 5\n",
                "\u0416\u0443\u043a \u0438 \u0440\u043e\u0437\u0430\n",
                "====================\n");
        for (var line : lines) {
            for (int count : List.of(1, 50, 333, 15_000)) {
                var text = line.repeat(count);
                long whole = text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8).length;
                for (long size : List.of(10L, 1_000L, 5_000L, 200_000L, whole - 1, whole, whole + 1, whole * 2)) {
                    for (var type : List.of(BodyType.PLAIN_TEXT, BodyType.HTML)) {
                        var asked = options(prefer(type, size));
                        boolean isHtml = type == BodyType.HTML;
                        var encoded = ItemDump.of(
                                quotedPrintable(isHtml ? "text/html" : "text/plain", text),
                                asked,
                                ProtocolVersion.V16_1);
                        var plain = ItemDump.of(isHtml ? html(text) : plain(text), asked, ProtocolVersion.V16_1);
                        assertThat(afterSize(encoded))
                                .as("%d of %s", size, line)
                                .isEqualTo(afterSize(plain));
                    }
                }
            }
        }
    }

    /** What follows the size, which is an estimate of what was cut. */
    private static String afterSize(String dump) {
        int at = dump.indexOf('\n', dump.indexOf("EstimatedDataSize"));
        assertThat(at).isPositive();
        return dump.substring(at);
    }

    @Test
    void truncationCountsBytesOfUtf8AndKeepsCharactersWhole() {
        var dump = ItemDump.of(plain("ä€😀x"), options(prefer(BodyType.PLAIN_TEXT, 8)), ProtocolVersion.V12_1);
        assertThat(value(dump, "AirSyncBase:Data")).isEqualTo("ä€");
        var whole = ItemDump.of(plain("ä€😀x"), options(prefer(BodyType.PLAIN_TEXT, 10)), ProtocolVersion.V12_1);
        assertThat(value(whole, "AirSyncBase:Data")).isEqualTo("ä€😀x");
        assertThat(value(whole, "AirSyncBase:Truncated")).isEqualTo("0");
    }

    @Test
    void truncationToZeroSendsNoDataButTheSize() {
        var dump = ItemDump.of(plain("12345"), options(prefer(BodyType.PLAIN_TEXT, 0)), ProtocolVersion.V16_1);
        assertThat(dump).doesNotContain("AirSyncBase:Data").contains("Truncated = 1", "EstimatedDataSize = 5");
    }

    @Test
    void theNativeTypeIsPreferredUnlessItsAllOrNoneCannotBeKept() {
        var all = new BodyPreference(BodyType.HTML, Optional.of(20L), true, 0);
        var both = options(prefer(BodyType.PLAIN_TEXT, 100), all);
        assertThat(value(ItemDump.of(html("<p>Hi</p>"), both, ProtocolVersion.V16_1), "AirSyncBase:Type"))
                .isEqualTo("2");
        var large = ItemDump.of(html("<p>Hi there, everybody</p>"), both, ProtocolVersion.V16_1);
        assertThat(value(large, "AirSyncBase:Type")).isEqualTo("1");
        assertThat(value(large, "AirSyncBase:Truncated")).isEqualTo("0");
        var none = ItemDump.of(html("<p>Hi there, everybody</p>"), options(all), ProtocolVersion.V16_1);
        assertThat(none).doesNotContain("AirSyncBase:Data").contains("Truncated = 1");
    }

    @Test
    void withoutPreferencesTextIsSentCutAt32KiB() {
        var dump =
                ItemDump.of(html("<p>" + "word ".repeat(20_000) + "</p>"), BodyOptions.DEFAULT, ProtocolVersion.V12_1);
        assertThat(value(dump, "AirSyncBase:Type")).isEqualTo("1");
        assertThat(value(dump, "AirSyncBase:Data")).hasSize(32 << 10);
    }

    @Test
    void aPlainMailForAPhoneThatTakesOnlyHtmlIsMadeHtml() {
        var dump = ItemDump.of(
                plain("See https://example.org/?a=1&b=2.\n> quoted <x>"),
                options(prefer(BodyType.HTML, 10_000)),
                ProtocolVersion.V16_1);
        assertThat(dump)
                .contains("<a href=\"https://example.org/?a=1&amp;b=2\">", "<blockquote", "quoted &lt;x&gt;")
                .contains("NativeBodyType = 1");
    }

    @Test
    void mimeIsSentOnlyAsFarAsMimeSupportAllows() {
        var ordinary = GoldenMailsTest.mail("plain-ascii.eml");
        var signed = GoldenMailsTest.mail("smime-clear-signed.eml");
        assertThat(type(ordinary, 0)).isEqualTo("1");
        assertThat(type(ordinary, 1)).isEqualTo("1");
        assertThat(type(ordinary, 2)).isEqualTo("4");
        assertThat(type(signed, 0)).isEqualTo("1");
        assertThat(type(signed, 1)).isEqualTo("4");
    }

    private static String type(byte[] message, int support) {
        var dump = ItemDump.of(FakeMail.with(message), mime(support, Optional.empty()), ProtocolVersion.V16_1);
        return value(dump, "AirSyncBase:Type");
    }

    @Test
    void mimeIsTheMessageByteForByteAlsoWhereItIsNoText() throws IOException {
        var message = new ByteArrayOutputStream();
        message.write(GoldenMailsTest.bytes(HEADER + "Content-Type: text/plain\n\n"));
        for (int b = 255; b >= 0; b--) {
            message.write(b);
        }
        for (var version : ProtocolVersion.values()) {
            var wbxml = ItemDump.wbxml(FakeMail.with(message.toByteArray()), mime(2, Optional.empty()), version);
            assertThat(new String(wbxml, StandardCharsets.ISO_8859_1))
                    .contains(message.toString(StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void smallMimeBodiesAreReadTogether() {
        var mail = new FakeMail();
        var uids = new ArrayList<Long>();
        for (long uid = 1; uid <= 50; uid++) {
            mail.add(uid, GoldenMailsTest.mail("plain-ascii.eml"));
            uids.add(uid);
        }
        var items = converter.items(mail.place(), uids, mime(2, Optional.empty()), ProtocolVersion.V16_1);
        items.forEach(ItemDump::wbxml);
        assertThat(mail.reads).isEqualTo(1);
    }

    @Test
    void aLargeMimeBodyIsReadWhenItIsWritten() {
        var mail = plain("0123456789\n".repeat(500_000));
        var item = converter
                .items(mail.place(), List.of(1L), mime(2, Optional.empty()), ProtocolVersion.V16_1)
                .getFirst();
        assertThat(mail.bytesRead).isZero();
        assertThat(ItemDump.wbxml(item).length).isGreaterThan(6_000_000);
    }

    @Test
    void mimeIsCutWhereMimeTruncationSaysAndSmimeIsNot() {
        var options = new BodyOptions(
                List.of(new BodyPreference(BodyType.MIME, Optional.empty(), false, 0)),
                Optional.empty(),
                2,
                Optional.of(1));
        var dump = ItemDump.of(plain("x".repeat(10_000)), options, ProtocolVersion.V16_1);
        assertThat(dump).contains("Truncated = 1").contains("x".repeat(3_900)).doesNotContain("x".repeat(4_096));
        var signed = FakeMail.with(GoldenMailsTest.mail("smime-clear-signed.eml"));
        assertThat(ItemDump.of(signed, mime(1, Optional.of(100L)), ProtocolVersion.V16_1))
                .contains("Truncated = 0");
    }

    @Test
    void theBodyPartIsTheNewestPartAndTooLargeIfItMayNotBeCut() {
        var mail = FakeMail.with(GoldenMailsTest.mail("html-reply.eml"));
        var part = new BodyOptions(
                List.of(prefer(BodyType.PLAIN_TEXT, 10)),
                Optional.of(new BodyPreference(BodyType.HTML, Optional.empty(), false, 50)),
                0,
                Optional.empty());
        var dump = ItemDump.of(mail, part, ProtocolVersion.V14_1);
        assertThat(dump.substring(dump.indexOf("BodyPart")))
                .contains("Status = 1", "My answer.", "Preview = My answer.")
                .doesNotContain("Earlier words");
        assertThat(ItemDump.of(mail, part, ProtocolVersion.V14_0)).doesNotContain("BodyPart");
        var strict = new BodyOptions(
                List.of(),
                Optional.of(new BodyPreference(BodyType.HTML, Optional.of(10L), true, 0)),
                0,
                Optional.empty());
        assertThat(ItemDump.of(mail, strict, ProtocolVersion.V16_1)).contains("Status = 176");
    }

    @Test
    void aMultipartAnswerGetsTheBodyAsAPart() throws IOException {
        var item = converter
                .items(
                        plain("words").place(),
                        List.of(1L),
                        options(prefer(BodyType.PLAIN_TEXT, 100)),
                        ProtocolVersion.V14_1)
                .getFirst();
        var parts = new ArrayList<Spool>();
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(AirSync.APPLICATION_DATA);
            item.write(out, Set.of(), part -> {
                parts.add(part);
                return parts.size();
            });
            out.end();
        }
        assertThat(ItemDump.of(bytes.toByteArray()))
                .contains("ItemOperations:Part = 1")
                .doesNotContain("AirSyncBase:Data");
        try (var part = parts.getFirst();
                var content = part.open()) {
            assertThat(content.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("words");
        }
    }

    @Test
    void aMessageThatIsGoneIsLeftOut() {
        var mail = plain("words");
        mail.add(2, GoldenMailsTest.mail("plain-ascii.eml"));
        mail.remove(1);
        assertThat(converter.items(mail.place(), List.of(1L, 2L), BodyOptions.DEFAULT, ProtocolVersion.V16_1))
                .extracting(MailConverter.Item::uid)
                .containsExactly(2L);
    }

    @Test
    void aMessageThatTakesTooLongBecomesAPlaceholderWithTheOriginal() throws IOException {
        var hasty = new MailConverter(new Settings(Duration.ofMillis(1), 64 << 20, 100 << 20, 64 << 20));
        var mail = html("<table><tr><td>".repeat(300_000));
        var item = hasty.items(
                        mail.place(),
                        List.of(1L),
                        options(new BodyPreference(BodyType.PLAIN_TEXT, Optional.empty(), false, 0)),
                        ProtocolVersion.V16_1)
                .getFirst();
        assertThat(item.isPlaceholder()).isTrue();
        var dump = ItemDump.of(ItemDump.wbxml(item));
        assertThat(dump).contains("cannot be shown", "original.eml", "Method = 5", "5:1:0");
        var original = hasty.attachment(
                        mail.place(), FileReference.parse("5:1:0").orElseThrow())
                .orElseThrow();
        assertThat(original.write(new ByteArrayOutputStream(), 0, Long.MAX_VALUE))
                .isGreaterThan(4_000_000);
    }

    @Test
    void aChangeOfFlagsCarriesWhatChangedAndNothingElse() {
        assertThat(flags(ProtocolVersion.V16_1, Set.of("\\Seen"), Set.of("\\Seen")))
                .isEqualTo("Email:Read = 1\n");
        assertThat(flags(ProtocolVersion.V16_1, Set.of("\\Seen"), Set.of("\\Flagged")))
                .isEqualTo("Email:Flag\n");
        assertThat(flags(ProtocolVersion.V16_1, Set.of(), Set.of("Work"))).isEqualTo("Email:Categories\n");
        assertThat(flags(ProtocolVersion.V16_1, Set.of("$Forwarded"), Set.of("$forwarded")))
                .isEqualTo("Email2:LastVerbExecuted = 3\n");
        assertThat(flags(ProtocolVersion.V12_1, Set.of("Work", "\\Answered"), Set.of("Work", "\\Answered", "$MDNSent")))
                .isEmpty();
    }

    private String flags(ProtocolVersion version, Set<String> flags, Set<String> changed) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(AirSync.APPLICATION_DATA);
            converter.writeFlags(out, version, flags, changed, false, false, Annotation.NONE);
            out.end();
        }
        return ItemDump.of(bytes.toByteArray());
    }

    @Test
    void longListsOfAddressesAreCutBetweenTwo() {
        var to = new StringBuilder("To: a0@example.org");
        for (int i = 1; i < 3_000; i++) {
            to.append(",\n \"Person ").append(i).append("\" <a").append(i).append("@example.org>");
        }
        var mail = FakeMail.with(GoldenMailsTest.bytes(to + "\nFrom: x@example.org\n\nbody"));
        var written = value(ItemDump.of(mail, BodyOptions.DEFAULT, ProtocolVersion.V16_1), "Email:To");
        assertThat(written.length()).isBetween(32_700, 32_768);
        assertThat(written).endsWith("@example.org>");
    }

    @Test
    void smimeIsKnownByItsStructure() {
        assertThat(smime("smime-encrypted.eml")).isTrue();
        assertThat(smime("smime-clear-signed.eml")).isTrue();
        assertThat(smime("pgp-signed.eml")).isFalse();
        assertThat(smime("plain-ascii.eml")).isFalse();
    }

    private static boolean smime(String name) {
        var mail = FakeMail.with(GoldenMailsTest.mail(name));
        return MailConverter.isSmime(mail.describe("INBOX", 7, List.of(1L)).getFirst());
    }

    @Test
    void structuresDeeperThanAnythingSensibleAreReadAsFarAsTheyGo() {
        var part = new BodyStructure(
                "1",
                "text",
                "plain",
                Map.of(),
                Optional.empty(),
                "7bit",
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
        for (int i = 0; i < 10_000; i++) {
            part = new BodyStructure(
                    "",
                    "multipart",
                    "mixed",
                    Map.of(),
                    Optional.empty(),
                    "7bit",
                    0,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(part));
        }
        assertThat(MessageParts.of(part).texts()).isEmpty();
        assertThat(MessageParts.find(part, "1")).isEmpty();
    }
}
