package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Properties;
import java.util.Random;
import org.airpost.backend.MessageSource;
import org.junit.jupiter.api.Test;

final class WireFormTest {

    private static String wire(String message, boolean takes8Bit) throws IOException {
        var form = WireForm.of(MessageSource.of(crlf(message).getBytes(UTF_8)), takes8Bit);
        var out = new ByteArrayOutputStream();
        form.writeTo(out);
        assertThat(out.size()).isEqualTo((int) form.size());
        return out.toString(ISO_8859_1);
    }

    private static String crlf(String text) {
        return text.replace("\n", "\r\n");
    }

    private static MimeMessage parsed(String wire) throws MessagingException {
        return new MimeMessage(
                Session.getInstance(new Properties()), new ByteArrayInputStream(wire.getBytes(ISO_8859_1)));
    }

    private static void checkLines(String wire) {
        assertThat(wire.lines()).allMatch(line -> line.length() <= 998);
        assertThat(wire.chars()).allMatch(c -> c < 0x80);
    }

    @Test
    void whatFitsIsSentAsItIs() throws IOException {
        var ascii = "Subject: x\nContent-Type: text/plain\n\nplain\n";
        assertThat(wire(ascii, false)).isEqualTo(crlf(ascii));
        var eight = "Subject: x\nContent-Transfer-Encoding: 8bit\n\ngrün\n";
        assertThat(wire(eight, true)).isEqualTo(new String(crlf(eight).getBytes(UTF_8), ISO_8859_1));
    }

    @Test
    void lettersAreEncodedForAServerThatTakesSevenBits() throws Exception {
        var wire = wire(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding:\n 8bit\nSubject: x\n\n.grün = grün\nzwei\n",
                false);
        checkLines(wire);
        var message = parsed(wire);
        assertThat(message.getEncoding()).isEqualTo("quoted-printable");
        assertThat(message.getHeader("Content-Transfer-Encoding")).hasSize(1);
        assertThat((String) message.getContent()).isEqualTo(".grün = grün\r\nzwei\r\n");
    }

    @Test
    void onlyThePartsThatNeedItAreChanged() throws Exception {
        var random = new byte[3_000];
        new Random(1).nextBytes(random);
        var base64 = Base64.getEncoder().encodeToString(random);
        var wire = wire("""
                Subject: x
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=b
                Content-Transfer-Encoding: 8bit

                --b
                Content-Type: text/plain

                untouched
                --b
                Content-Type: text/html; charset=utf-8
                Content-Transfer-Encoding: 8bit

                <p>%s</p>
                --b
                Content-Type: image/png
                Content-Transfer-Encoding: base64

                %s
                --b
                Content-Type: message/rfc822

                Subject: inner
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                innen grün
                --b--
                """.formatted("lang ".repeat(400), base64), false);
        checkLines(wire);
        assertThat(wire).contains("untouched\r\n--b\r\n");
        var message = parsed(wire);
        assertThat(message.getEncoding()).isEqualTo("7bit");
        var parts = (Multipart) message.getContent();
        assertThat(parts.getCount()).isEqualTo(4);
        assertThat((String) parts.getBodyPart(1).getContent()).isEqualTo("<p>" + "lang ".repeat(400) + "</p>");
        assertThat(((Part) parts.getBodyPart(2)).getInputStream().readAllBytes())
                .isEqualTo(random);
        var inner = (MimeMessage) parts.getBodyPart(3).getContent();
        assertThat((String) inner.getContent()).isEqualTo("innen grün");
        assertThat(parts.getBodyPart(0).getHeader("Content-Transfer-Encoding")).isNull();
    }

    @Test
    void aLongLineIsBrokenAlsoWhereTheServerTakesEightBits() throws Exception {
        var wire = wire("Content-Type: text/plain; charset=utf-8\n\n" + "grün ".repeat(500) + "\n", true);
        checkLines(wire);
        assertThat((String) parsed(wire).getContent()).isEqualTo("grün ".repeat(500) + "\r\n");
    }

    @Test
    void whatIsSignedStaysAsItIs() throws IOException {
        var signed = """
                Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"

                --s
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                grün
                --s
                Content-Type: application/pgp-signature

                x
                --s--
                """;
        assertThat(wire(signed, false)).isEqualTo(new String(crlf(signed).getBytes(UTF_8), ISO_8859_1));
    }
}
