package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    @Test
    @Timeout(60)
    void noBytesMakeItFailOrRunLong() throws IOException {
        var bytes = withFiles().bytes();
        var random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            var broken = Arrays.copyOf(bytes, random.nextInt(10) == 0 ? random.nextInt(bytes.length) : bytes.length);
            for (int n = random.nextInt(8); n > 0 && broken.length > 0; n--) {
                broken[random.nextInt(Math.min(broken.length, 900))] = (byte) random.nextInt(256);
            }
            Tnef.read(broken).ifPresent(tnef -> assertThat(tnef.files().size()).isLessThanOrEqualTo(500));
            Rtf.unpacked(broken).ifPresent(rtf -> assertThat(rtf.text()).isNotNull());
        }
    }
}
