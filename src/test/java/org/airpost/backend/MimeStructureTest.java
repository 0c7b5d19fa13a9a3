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

    @Test
    void anyBytesHaveAStructureWhateverTheReadSizes() throws IOException {
        var random = new Random(7);
        var alphabet = "-o\r\n: ab;=\"/".toCharArray();
        for (int round = 0; round < 300; round++) {
            var text = new StringBuilder("Content-Type: multipart/mixed; boundary=o\r\n");
            for (int i = 0; i < 400; i++) {
                text.append(random.nextInt(20) == 0 ? "\r\n--o\r\n" : alphabet[random.nextInt(alphabet.length)]);
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
