package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.airpost.eas.BodyType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mails too large to be kept as files: each is an item soon, of bounded size, and says the words that matter. */
class GiantMailsTest {

    /** On a machine where everything else is at work. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private static final int MOST_ITEM = 2 << 20;

    /**
     * A mail that is made when it is asked for.
     *
     * @param says what must be seen of it
     */
    record Giant(String what, Supplier<byte[]> mail, String says) {

        @Override
        public String toString() {
            return what;
        }
    }

    private static final String HEAD = "From: ada@example.org\r\nTo: charles@example.org\r\nSubject: giant\r\n";

    static Stream<Giant> giants() {
        return Stream.of(
                new Giant("nested 100 deep", () -> nested(100), "giant"),
                new Giant("nested 5,000 deep", () -> nested(5_000), "giant"),
                new Giant("messages in messages, 200 deep", () -> messages(200), "message.eml"),
                new Giant("10,000 parts", () -> parts(10_000, "text/plain"), "Part 0."),
                new Giant("10,000 attachments", () -> parts(10_000, "image/png"), "image.png"),
                new Giant(
                        "a header of 1 MB",
                        () -> ascii(HEAD + "X-Long: " + "y".repeat(1 << 20) + "\r\n\r\nwords\r\n"),
                        "words"),
                new Giant(
                        "a header of 20,000 fields",
                        () -> ascii(HEAD + "Received: from a by b; Thu, 19 Nov 2026 17:04:05 +0000\r\n".repeat(20_000)
                                + "\r\nwords\r\n"),
                        "words"),
                new Giant("50,000 recipients", GiantMailsTest::recipients, "p0@example.org"),
                new Giant(
                        "a subject of 500 kB in encoded words",
                        () -> ascii("From: ada@example.org\r\nSubject: "
                                + "=?utf-8?Q?gr=C3=BC=C3=9Fe?=\r\n ".repeat(16_000) + "\r\n\r\nwords\r\n"),
                        "grüße"),
                new Giant("one line of 4 MB", () -> ascii(HEAD + "\r\n" + "word ".repeat(800_000)), "word word"),
                new Giant("500,000 empty lines", () -> ascii(HEAD + "\r\n" + "\r\n".repeat(500_000) + "end"), "giant"),
                new Giant(
                        "100,000 lines of quotes of quotes",
                        () -> ascii(HEAD + "\r\n" + (">".repeat(30) + " q\r\n").repeat(100_000)),
                        "q"),
                new Giant("HTML of 4 MB", () -> html("<p>words and <b>more</b></p>\r\n".repeat(150_000)), "words"),
                new Giant("100,000 open elements", () -> html("<div><span>".repeat(50_000) + "deep"), "giant"),
                new Giant(
                        "a style sheet of 3 MB before the words",
                        () -> html("<style>" + ".a{b:c}".repeat(430_000) + "</style><p>words</p>"),
                        "giant"),
                new Giant("a table of 100,000 cells", () -> html("<table>" + "<tr><td>a<td>b".repeat(50_000)), "a"),
                new Giant("100,000 links", () -> html("<a href='https://x.example/1'>a</a> ".repeat(100_000)), "a"),
                new Giant("base64 text of 8 MB", () -> base64("gr\u00fc\u00dfe ".repeat(1_000_000)), "grüße"),
                new Giant(
                        "a data: image of 3 MB",
                        () -> html("<p>words</p><img src=\"data:image/png;base64," + "A".repeat(3 << 20) + "\">"),
                        "words"),
                new Giant("NUL bytes, 1 MB", () -> ascii(HEAD + "\r\n" + "\0".repeat(1 << 20) + "words"), "giant"),
                new Giant(
                        "a boundary of 500 kB",
                        () -> ascii(HEAD + "Content-Type: multipart/mixed; boundary=\"" + "b".repeat(500_000)
                                + "\"\r\n\r\n--" + "b".repeat(500_000) + "\r\n\r\nwords\r\n"),
                        "giant"),
                new Giant(
                        "30,000 parameters",
                        () -> ascii(HEAD + "Content-Type: text/plain" + "; a=b".repeat(30_000) + "\r\n\r\nwords\r\n"),
                        "words"),
                new Giant(
                        "100,000 references",
                        () -> ascii(HEAD + "References: " + "<a@b>\r\n ".repeat(100_000) + "\r\n\r\nwords\r\n"),
                        "words"));
    }

    @ParameterizedTest
    @MethodSource("giants")
    void aGiantIsAnItemSoonAndOfBoundedSize(Giant giant) {
        var place = Corpus.place(giant.mail.get());
        for (var types : Stream.of(
                        new BodyType[] {BodyType.PLAIN_TEXT},
                        new BodyType[] {BodyType.HTML},
                        new BodyType[] {BodyType.PLAIN_TEXT, BodyType.HTML})
                .toList()) {
            long start = System.nanoTime();
            var item = Corpus.item(place, Corpus.wanting(types));
            var wbxml = ItemDump.wbxml(item);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONGEST);
            assertThat(wbxml.length).isLessThan(MOST_ITEM);
            assertThat(ItemDump.of(wbxml)).contains(giant.says);
        }
    }

    @Test
    void anAttachmentDeepInNestedMessagesIsReadable() throws IOException {
        var place = Corpus.place(nested(20));
        var attachment = new MailConverter(MailConverter.Settings.DEFAULT)
                .attachment(place, new FileReference("5", 1, "2"))
                .orElseThrow();
        var bytes = new ByteArrayOutputStream();
        attachment.write(bytes, 0, Long.MAX_VALUE);
        assertThat(bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("outermost");
    }

    private static byte[] ascii(String message) {
        return message.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] html(String html) {
        return ascii(HEAD + "Content-Type: text/html; charset=utf-8\r\n\r\n" + html);
    }

    private static byte[] base64(String text) {
        return ascii(HEAD + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Base64.getMimeEncoder().encodeToString(ascii(text)));
    }

    /** Multiparts in each other, with a word in the innermost and an attachment in each. */
    private static byte[] nested(int depth) {
        var text = new StringBuilder(HEAD);
        for (int i = 0; i < depth; i++) {
            text.append("Content-Type: multipart/mixed; boundary=b")
                    .append(i)
                    .append("\r\n\r\n--b")
                    .append(i)
                    .append("\r\n");
        }
        text.append("\r\nwords\r\n");
        for (int i = depth - 1; i >= 0; i--) {
            text.append("--b").append(i).append("\r\nContent-Type: application/pdf\r\n\r\n");
            text.append(i == 0 ? "outermost" : "inner")
                    .append("\r\n--b")
                    .append(i)
                    .append("--\r\n");
        }
        return ascii(text.toString());
    }

    private static byte[] messages(int depth) {
        return ascii(HEAD + "Content-Type: message/rfc822\r\n\r\n"
                + "Subject: x\r\nContent-Type: message/rfc822\r\n\r\n".repeat(depth)
                + "Subject: last\r\n\r\nwords\r\n");
    }

    private static byte[] parts(int count, String type) {
        var text = new StringBuilder(HEAD).append("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
        for (int i = 0; i < count; i++) {
            text.append("--b\r\nContent-Type: ")
                    .append(type)
                    .append("\r\n\r\nPart ")
                    .append(i)
                    .append(".\r\n");
        }
        return ascii(text.append("--b--\r\n").toString());
    }

    private static byte[] recipients() {
        var text = new StringBuilder("From: ada@example.org\r\nSubject: giant\r\nTo: ");
        for (int i = 0; i < 50_000; i++) {
            text.append(i == 0 ? "" : ",\r\n ").append('p').append(i).append("@example.org");
        }
        return ascii(text.append("\r\n\r\nwords\r\n").toString());
    }
}
