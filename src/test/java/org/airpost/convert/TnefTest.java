package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Spool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TnefTest {

    private static final BodyOptions HTML = new BodyOptions(
            List.of(new BodyPreference(BodyType.HTML, Optional.of(50_000L), false, 0)),
            Optional.empty(),
            0,
            Optional.empty());

    private static final byte[] DATA = "The content of a file.".repeat(100).getBytes(ISO_8859_1);

    private static final String HTML_IN_RTF =
            "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}}\r\n"
                    + "{\\*\\htmltag19 <html>}{\\*\\htmltag50 <body>}{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 "
                    + "Gr\\'fc\\'dfe {\\*\\htmltag84 <b>}\\htmlrtf {\\b\\htmlrtf0 from\\u8364?\\htmlrtf }\\htmlrtf0 "
                    + "{\\*\\htmltag92 </b>}{\\*\\mhtmltag84 <no>}\\htmlrtf\\par}\\htmlrtf0\r\n"
                    + "{\\*\\htmltag72 </p>}{\\*\\htmltag58 </body>}{\\*\\htmltag27 </html>}}";

    private static TnefWriter.Properties properties() {
        return new TnefWriter.Properties();
    }

    private static byte[] stored(String rtf) {
        var bytes = rtf.getBytes(ISO_8859_1);
        return ByteBuffer.allocate(16 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length + 12)
                .putInt(bytes.length)
                .putInt(0x414C454D)
                .putInt(0)
                .put(bytes)
                .array();
    }

    private static FakeMail mail(String text, byte[] winmail) {
        var part = "Content-Type: application/ms-tnef; name=\"winmail.dat\"\n"
                + "Content-Transfer-Encoding: base64\n"
                + "Content-Disposition: attachment; filename=\"winmail.dat\"\n\n"
                + Base64.getMimeEncoder().encodeToString(winmail) + "\n";
        var head = "From: a@example.org\nTo: b@example.org\nSubject: Test\nMIME-Version: 1.0\n";
        return FakeMail.with(GoldenMailsTest.bytes(
                text.isEmpty()
                        ? head + part
                        : head + "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain\n\n" + text
                                + "\n--B\n" + part + "--B--\n"));
    }

    private static TnefWriter withFiles() {
        return new TnefWriter()
                .message(properties()
                        .named("Something", "else")
                        .number(0x3FDE, 65001)
                        .binary(0x1009, stored(HTML_IN_RTF)))
                .file(
                        "REPORT~1.PDF",
                        DATA,
                        properties()
                                .text(0x3707, "Report für Anna.pdf")
                                .text(0x370E, "application/pdf")
                                .number(0x3705, 1))
                .file("image001.png", DATA, properties().text(0x3712, "image001@x"));
    }

    @Test
    void theFilesInItAreListedInItsPlace() {
        var dump = ItemDump.of(mail("Hello.", withFiles().bytes()), HTML, ProtocolVersion.V16_1);
        assertThat(dump)
                .contains(
                        "DisplayName = Report für Anna.pdf",
                        "FileReference = 5:1:2t0",
                        "FileReference = 5:1:2t1",
                        "EstimatedDataSize = " + DATA.length,
                        "ContentId = image001@x",
                        "Hello.")
                .doesNotContain("winmail.dat");
    }

    @Test
    void aFileInItIsReadWholeAndByRange() throws IOException {
        var mail = mail("Hello.", withFiles().bytes());
        var converter = new MailConverter(MailConverter.Settings.DEFAULT);
        var reference = FileReference.parse("5:1:2t0").orElseThrow();
        var file = converter.attachment(mail.place(), reference).orElseThrow();
        assertThat(file.contentType()).isEqualTo("application/pdf");
        var whole = new ByteArrayOutputStream();
        assertThat(file.write(whole, 0, Long.MAX_VALUE)).isEqualTo(DATA.length);
        assertThat(whole.toByteArray()).isEqualTo(DATA);
        var range = new ByteArrayOutputStream();
        assertThat(file.write(range, 10, 29)).isEqualTo(DATA.length);
        assertThat(range.toByteArray()).isEqualTo(Arrays.copyOfRange(DATA, 10, 30));
        assertThat(converter.attachment(
                        mail.place(), FileReference.parse("5:1:2t2").orElseThrow()))
                .isEmpty();
        assertThat(converter.attachment(
                        mail.place(), FileReference.parse("5:1:1t0").orElseThrow()))
                .isEmpty();
    }

    @Test
    void ofAMailThatIsNothingElseItGivesTheText() {
        var mail = mail("", withFiles().bytes());
        assertThat(ItemDump.of(mail, HTML, ProtocolVersion.V16_1))
                .contains("<p>Grüße <b>from€</b></p>", "NativeBodyType = 2");
        assertThat(ItemDump.of(mail, BodyOptions.DEFAULT, ProtocolVersion.V14_1))
                .contains("Grüße from€");
        var plain =
                new TnefWriter().message(properties().text(0x1000, "Only text")).bytes();
        assertThat(ItemDump.of(mail("", plain), HTML, ProtocolVersion.V16_1)).contains("Only text");
        var html = new TnefWriter()
                .message(properties().number(0x3FDE, 1251).binary(0x1013, "<p>\u00cf\u00f0</p>".getBytes(ISO_8859_1)))
                .bytes();
        assertThat(ItemDump.of(mail("", html), HTML, ProtocolVersion.V16_1)).contains("<p>Пр</p>");
    }

    private static TnefWriter embedded() {
        return new TnefWriter()
                .recipients(
                        properties()
                                .number(0x0C15, 1)
                                .text(0x3001, "Charles Babbage")
                                .text(0x39FE, "charles@example.org"),
                        properties().number(0x0C15, 2).text(0x3001, "Büro").text(0x3003, "/O=X/CN=BUERO"))
                .message(properties()
                        .text(0x0037, "Zahlen für November")
                        .text(0x0042, "Ada Lovelace")
                        .text(0x5D02, "ada@example.org")
                        .text(0x1035, "<inner@example.org>")
                        .time(0x0039, Instant.parse("2026-11-19T16:04:05Z"))
                        .number(0x3FDE, 65001)
                        .text(0x1000, "In words: grüße")
                        .binary(0x1013, "<p>In words: grüße <img src='cid:p@x'></p>".getBytes(UTF_8)))
                .file("p.png", DATA, properties().text(0x3712, "p@x"))
                .message("Deeper", new TnefWriter().message(properties().text(0x1000, "The innermost.")));
    }

    private static byte[] content(FakeMail mail, String reference) throws IOException {
        var file = new MailConverter(MailConverter.Settings.DEFAULT)
                .attachment(mail.place(), FileReference.parse(reference).orElseThrow())
                .orElseThrow();
        var whole = new ByteArrayOutputStream();
        long size = file.write(whole, 0, Long.MAX_VALUE);
        assertThat(whole.size()).isEqualTo((int) size);
        var range = new ByteArrayOutputStream();
        file.write(range, 10, 99);
        assertThat(range.toByteArray())
                .isEqualTo(Arrays.copyOfRange(whole.toByteArray(), 10, (int) Math.min(100, size)));
        return whole.toByteArray();
    }

    @Test
    void aMessageInItIsOpenedAsOneOfTheInternet() throws IOException {
        var mail = mail(
                "Hello.",
                new TnefWriter().message("Zahlen für November", embedded()).bytes());
        var dump = ItemDump.of(mail, HTML, ProtocolVersion.V16_1);
        assertThat(dump).contains("DisplayName = Zahlen für November.eml", "Method = 5", "FileReference = 5:1:2t0");
        var inner = content(mail, "5:1:2t0");
        var shown = Corpus.shown(inner);
        assertThat(shown)
                .contains(
                        "From = \"Ada Lovelace\" <ada@example.org>",
                        "To = \"Charles Babbage\" <charles@example.org>",
                        "Cc = \"Büro\" <",
                        "Subject = Zahlen für November",
                        "<p>In words: grüße <img src='cid:p@x'></p>",
                        "In words: grüße",
                        "DisplayName = p.png",
                        "IsInline = 1",
                        "DisplayName = Deeper.eml");
        assertThat(new String(inner, UTF_8)).contains("Date: Thu, 19 Nov 2026 16:04:05 GMT", "<inner@example.org>");
        var place = Corpus.place(inner);
        var deeper = place.mail()
                .describe("INBOX", place.uidValidity(), List.of(1L))
                .getFirst()
                .structure();
        assertThat(deeper.children().getLast().mediaType()).isEqualTo("message/rfc822");
        assertThat(deeper.children().getLast().children().getFirst().mediaType())
                .isEqualTo("text/plain");
    }

    @Test
    void messagesInMessagesEndSomewhere() throws IOException {
        var writer = new TnefWriter().message(properties().text(0x1000, "The innermost."));
        for (int i = 0; i < 40; i++) {
            writer = new TnefWriter().message("level " + i, writer);
        }
        var inner = content(mail("Hello.", writer.bytes()), "5:1:2t0");
        assertThat(inner.length).isLessThan(writer.bytes().length * 3);
        assertThat(new String(inner, ISO_8859_1).split("message/rfc822", -1)).hasSize(8);
    }

    @Test
    void aLargeMessageInItIsNotHeldInMemory() throws IOException {
        var large = new byte[6 << 20];
        new Random(1).nextBytes(large);
        var winmail = new TnefWriter()
                .message("Large", new TnefWriter().file("a.bin", large, properties()))
                .bytes();
        var mail = mail("Hello.", winmail);
        assertThat(content(mail, "5:1:2t0").length).isGreaterThan(large.length);
    }

    @Test
    void packedRichTextIsUnpacked() {
        // The example of MS-OXRTFCP 3.1.1.
        var packed = HexFormat.of()
                .parseHex(
                        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0");
        var rtf = Rtf.unpacked(packed).orElseThrow();
        assertThat(rtf.text()).isEqualTo("hello world");
        assertThat(rtf.html()).isEmpty();
    }

    @Test
    void richTextIsReadWithoutWhatIsNotText() {
        var rtf = Rtf.of(("{\\rtf1\\ansi\\ansicpg1250{\\fonttbl{\\f0 Arial;}}{\\*\\generator X;}{\\info{\\title T}}"
                        + "\\pard One\\par Two \\'e8 {\\b bold}\\tab\\u-3913?x\\{\\}\\line Three\\bin3 abc}")
                .getBytes(ISO_8859_1));
        assertThat(rtf.text()).isEqualTo("One\r\nTwo č bold\t\uf0b7x{}\r\nThree");
    }

    @Test
    void whatIsNoneIsAnOrdinaryFile() {
        var dump = ItemDump.of(mail("Hello.", "nothing".getBytes(ISO_8859_1)), HTML, ProtocolVersion.V16_1);
        assertThat(dump).contains("DisplayName = winmail.dat", "FileReference = 5:1:2\n");
    }

    @Test
    void whatIsCutOffGivesWhatThereIsAndItself() {
        var bytes = withFiles().bytes();
        var dump = ItemDump.of(mail("Hello.", Arrays.copyOf(bytes, bytes.length - 500)), HTML, ProtocolVersion.V16_1);
        assertThat(dump).contains("Report für Anna.pdf", "DisplayName = winmail.dat");
    }

    private static Spool spooled(byte[] bytes) throws IOException {
        var spool = new Spool(1 << 20, 1 << 20);
        spool.out().write(bytes);
        return spool;
    }

    @Test
    @Timeout(60)
    void noBytesMakeItFailOrRunLong() throws IOException {
        var bytes = new TnefWriter().message("One", embedded()).bytes();
        var random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            var broken = Arrays.copyOf(bytes, random.nextInt(10) == 0 ? random.nextInt(bytes.length) : bytes.length);
            for (int n = random.nextInt(8); n > 0 && broken.length > 0; n--) {
                broken[random.nextInt(Math.min(broken.length, 900))] = (byte) random.nextInt(256);
            }
            var spool = spooled(broken);
            var tnef = Tnef.read(broken);
            assertThat(tnef.map(one -> one.files().size()).orElse(0)).isLessThanOrEqualTo(500);
            for (var file : tnef.map(Tnef::files).orElse(List.of())) {
                var out = new ByteArrayOutputStream();
                new TnefMail(spool).write(file, out);
                assertThat(out.size()).isLessThan(10 * broken.length + 10_000);
            }
            Rtf.unpacked(broken).ifPresent(rtf -> assertThat(rtf.text()).isNotNull());
        }
    }
}
