package org.airpost.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MimeStructureTest {

    private static final String NESTED = """
            From: a@example.org
            Content-Type: multipart/mixed; boundary="out"

            preamble
            --out
            Content-Type: multipart/alternative; boundary=in

            --in

            plain
            --in
            Content-Type: text/html; charset=utf-8

            <p>html</p>
            --in--
            epilogue
            --out
            Content-Type: message/rfc822

            Subject: inner
            Content-Type: multipart/mixed; boundary=deep

            --deep
            Content-Type: application/pdf; name*=utf-8''%C3%A4.pdf
            Content-Disposition: ATTACHMENT
            Content-Transfer-Encoding: BASE64
            Content-ID: <x@y>

            AAAA
            --deep--
            --out
            Content-Type: image/png; name="=?utf-8?q?b=C3=A4r?= .png"

            PNG
            --out--
            """.replace("\n", "\r\n");

    private static MimeStructure scan(String message) throws IOException {
        return MimeStructure.scan(new ByteArrayInputStream(message.getBytes(UTF_8)));
    }

    private static Optional<String> section(String message, String spec) throws IOException {
        return scan(message)
                .section(spec)
                .map(r -> new String(message.getBytes(UTF_8), (int) r.start(), (int) r.length(), UTF_8));
    }

    @Test
    void partsAreNumberedAsFetchNumbersThem() throws IOException {
        assertThat(section(NESTED, "1.1")).contains("plain");
        assertThat(section(NESTED, "1.2")).contains("<p>html</p>");
        assertThat(section(NESTED, "1.2.MIME")).contains("Content-Type: text/html; charset=utf-8\r\n\r\n");
        assertThat(section(NESTED, "2.1")).contains("AAAA");
        assertThat(section(NESTED, "2.HEADER").orElseThrow()).startsWith("Subject: inner\r\n");
        assertThat(section(NESTED, "2.TEXT").orElseThrow()).startsWith("--deep");
        assertThat(section(NESTED, "3")).contains("PNG");
        assertThat(section(NESTED, "")).contains(NESTED);
        assertThat(section(NESTED, "HEADER").orElseThrow())
                .startsWith("From: a")
                .endsWith("\r\n\r\n");
        assertThat(section(NESTED, "4")).isEmpty();
        assertThat(section(NESTED, "1.1.1")).isEmpty();
        assertThat(section(NESTED, "1.1.")).isEmpty();
        assertThat(section(NESTED, "MIME")).isEmpty();
    }

    @Test
    void aStructureSaysWhatEachPartIs() throws IOException {
        var top = scan(NESTED).structure();
        assertThat(top.mediaType()).isEqualTo("multipart/mixed");
        assertThat(top.section()).isEmpty();
        assertThat(top.children()).extracting(BodyStructure::section).containsExactly("1", "2", "3");
        var message = top.children().get(1);
        assertThat(message.mediaType()).isEqualTo("message/rfc822");
        var pdf = message.children().getFirst().children().getFirst();
        assertThat(pdf.section()).isEqualTo("2.1");
        assertThat(pdf.fileName()).contains("ä.pdf");
        assertThat(pdf.disposition()).contains("attachment");
        assertThat(pdf.encoding()).isEqualTo("base64");
        assertThat(pdf.contentId()).contains("x@y");
        assertThat(pdf.size()).isEqualTo(4);
        assertThat(top.children().get(2).fileName()).contains("bär .png");
    }

    @Test
    void aMessageWithoutMultipartIsPartOne() throws IOException {
        assertThat(scan("Subject: x\r\n\r\nbody\r\n").structure().section()).isEqualTo("1");
        assertThat(section("Subject: x\r\n\r\nbody\r\n", "1")).contains("body\r\n");
        assertThat(section("Subject: x\r\n\r\nbody\r\n", "1.MIME")).contains("Subject: x\r\n\r\n");
        assertThat(section("Subject: x\r\n\r\nbody\r\n", "2")).isEmpty();
    }

    @Test
    void aMissingCloseDelimiterEndsAtTheOuterOne() throws IOException {
        var message = "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n"
                + "--i\n\none\n--o\n\ntwo";
        assertThat(section(message, "1.1")).contains("one");
        assertThat(section(message, "2")).contains("two");
    }

    private static String types(String message) throws IOException {
        return types(scan(message).structure());
    }

    private static String types(BodyStructure part) {
        return part.children().isEmpty()
                ? part.mediaType() + '@' + part.section()
                : part.mediaType()
                        + part.children().stream().map(MimeStructureTest::types).toList();
    }

    @Test
    void partsAreFoundByTheDelimiterThatIsThere() throws IOException {
        var head = "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=OTHER\r\n\r\n";
        var body = """
                preamble
                --BOUND
                Content-Type: text/plain

                words
                --BOUND
                Content-Type: text/html

                <p>rich</p>
                --BOUND--
                """.replace("\n", "\r\n");
        assertThat(types(head + body)).isEqualTo("multipart/mixed[text/plain@1, text/html@2]");
        assertThat(section(head + body, "1")).contains("words");
        assertThat(types(head.replace("; boundary=OTHER", "") + body))
                .isEqualTo("multipart/mixed[text/plain@1, text/html@2]");
        assertThat(types(head + body.replace("--BOUND--", "--OTHER--")))
                .isEqualTo("multipart/mixed[text/plain@1, text/html@2]");
    }

    @Test
    void theDelimiterThatIsDeclaredGoesBeforeOneThatOnlyLooksLikeOne() throws IOException {
        var message = """
                Content-Type: multipart/mixed; boundary=b

                A mail looks so:
                --x
                Content-Type: text/html

                <p>
                --x--
                --b
                Content-Type: text/plain

                true
                --b--
                """;
        assertThat(types(message)).isEqualTo("multipart/mixed[text/plain@1]");
        assertThat(section(message, "1")).contains("true");
    }

    @Test
    void anEndBeforeAnyPartEndsNothing() throws IOException {
        var message =
                "Content-Type: multipart/mixed; boundary=b\n\n--b--\n--b\nContent-Type: text/plain\n\nlate\n--b--\nend";
        assertThat(section(message, "1")).contains("late");
    }

    @Test
    void aMultipartWithoutPartsIsAText() throws IOException {
        var message = "Content-Type: multipart/mixed; boundary=b\n\nwords\n--b--\n";
        assertThat(types(message)).isEqualTo("text/plain@1");
        assertThat(section(message, "1")).contains("words\n--b--\n");
        assertThat(types("Content-Type: multipart/mixed; boundary=o\n\n--o\n" + message + "--o--\n"))
                .isEqualTo("multipart/mixed[text/plain@1]");
    }

    @Test
    void aBoundaryMayHaveAnyBytes() throws IOException {
        var message =
                "Content-Type: multipart/mixed; boundary=\"Grün\"\n\n--Grün\nContent-Type: text/html\n\nx\n--Grün--\n";
        assertThat(types(message)).isEqualTo("multipart/mixed[text/html@1]");
    }

    @Test
    void aLineThatIsNoFieldDoesNotEndAHeaderThatGoesOn() throws IOException {
        var message = " folded\r\nFrom: a@example.org\r\nno field\r\nSubject: s\r\n\r\nbody";
        assertThat(section(message, "1")).contains("body");
        var none = "From: a@example.org\r\nThe body begins here.\r\nIt goes on.\r\n";
        assertThat(section(none, "1")).contains("The body begins here.\r\nIt goes on.\r\n");
    }

    @Test
    void linesMayEndWithReturnsAlone() throws IOException {
        assertThat(section("From: a@example.org\rSubject: s\r\rOne.\rTwo.\r", "1"))
                .contains("One.\rTwo.\r");
    }

    @Test
    void aPartMayBeToldByItsPlace() throws IOException {
        var placed = scan(NESTED).placed();
        var html = placed.children().getFirst().children().get(1);
        var asked = new Section(7, html.section(), 3, 4).asked();
        assertThat(asked.section()).isEmpty();
        assertThat(NESTED.substring((int) asked.offset(), (int) (asked.offset() + asked.length())))
                .isEqualTo("html");
        assertThat(Section.whole(7, html.section()).asked().length()).isEqualTo(11);
        assertThat(new Section(7, html.section(), 100, 100).asked().length()).isZero();
        assertThat(Section.isPlace(html.section())).isTrue();
        for (var other : new String[] {"0.1", "0.5.1x", "1.2", "0.1.2.MIME"}) {
            assertThat(Section.whole(7, other).asked()).isEqualTo(Section.whole(7, other));
        }
    }

    @Test
    void anyBytesHaveAStructureWhateverTheReadSizes() throws IOException {
        var random = new Random(7);
        var alphabet = "-o\r\n: ab;=\"/".toCharArray();
        for (int round = 0; round < 300; round++) {
            var text = new StringBuilder("Content-Type: multipart/mixed; boundary=o\r\n");
            for (int i = 0; i < 400; i++) {
                int kind = random.nextInt(40);
                text.append(
                        kind < 2
                                ? "\r\n--o\r\n"
                                : kind == 2
                                        ? "\r\n--x\r\nContent-Type: multipart/mixed\r\n"
                                        : kind == 3 ? "\r\nSubject: x" : alphabet[random.nextInt(alphabet.length)]);
            }
            var bytes = text.toString().getBytes(UTF_8);
            var whole = MimeStructure.scan(new ByteArrayInputStream(bytes));
            assertThat(MimeStructure.scan(trickling(bytes))).isEqualTo(whole);
            assertThat(whole.bodyEnd()).isLessThanOrEqualTo(bytes.length);
        }
    }

    private static InputStream trickling(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(len, 1));
            }
        };
    }

    @Test
    void deepNestingIsTakenAsOpaque() throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            text.append("Content-Type: multipart/mixed; boundary=b")
                    .append(i)
                    .append("\n\n--b")
                    .append(i)
                    .append('\n');
        }
        assertThat(scan(text.toString()).structure().isMultipart()).isTrue();
    }
}
