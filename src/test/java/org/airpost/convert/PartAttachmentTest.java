package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartAttachmentTest {

    private static final MailConverter CONVERTER = new MailConverter(MailConverter.Settings.DEFAULT);

    private final byte[] content = new byte[100_003];

    PartAttachmentTest() {
        new Random(5).nextBytes(content);
    }

    private static FakeMail mail(String encoding, byte[] encoded) throws IOException {
        var message = new ByteArrayOutputStream();
        message.write(GoldenMailsTest.bytes("From: a@example.org\nContent-Type: application/pdf; name=a.pdf\n"
                + "Content-Transfer-Encoding: " + encoding + "\n\n"));
        message.write(encoded);
        return FakeMail.with(message.toByteArray());
    }

    private static byte[] read(FakeMail mail, long first, long last, long size) throws IOException {
        var out = new ByteArrayOutputStream();
        var attachment = CONVERTER
                .attachment(mail.place(), new FileReference("5", 1, "1"))
                .orElseThrow();
        assertThat(attachment.write(out, first, last)).isEqualTo(size);
        return out.toByteArray();
    }

    private void rangesAreRight(FakeMail mail) throws IOException {
        assertThat(read(mail, 0, Long.MAX_VALUE, content.length)).isEqualTo(content);
        for (var range : List.of(
                new int[] {0, 0},
                new int[] {0, 56},
                new int[] {57, 57},
                new int[] {1, 70_000},
                new int[] {56, 58},
                new int[] {99_000, 100_002},
                new int[] {100_002, 100_002})) {
            assertThat(read(mail, range[0], range[1], content.length))
                    .isEqualTo(Arrays.copyOfRange(content, range[0], range[1] + 1));
        }
        assertThat(read(mail, 99_999, Long.MAX_VALUE, content.length))
                .isEqualTo(Arrays.copyOfRange(content, 99_999, content.length));
        assertThat(read(mail, 200_000, 300_000, content.length)).isEmpty();
    }

    @Test
    void rangesOfBase64InRegularLinesAreReadFromWhereTheyBegin() throws IOException {
        var mail = mail("base64", Base64.getMimeEncoder().encode(content));
        rangesAreRight(mail);
        long before = mail.bytesRead;
        read(mail, 90_000, 90_999, content.length);
        assertThat(mail.bytesRead - before).isLessThan(8_000);
    }

    @Test
    void rangesOfIrregularBase64AreRightAllTheSame() throws IOException {
        var text = new String(Base64.getMimeEncoder().encode(content), StandardCharsets.US_ASCII);
        var odd =
                text.substring(0, 50_000) + "\r\n\r\n" + text.substring(50_000, 70_001) + " " + text.substring(70_001);
        rangesAreRight(mail("base64", odd.getBytes(StandardCharsets.US_ASCII)));
        rangesAreRight(mail("base64", Base64.getEncoder().encode(content)));
        rangesAreRight(
                mail("base64", Base64.getMimeEncoder(64, new byte[] {'\n'}).encode(content)));
    }

    @Test
    void rangesOfOtherEncodingsAreRight() throws IOException {
        rangesAreRight(mail("binary", content));
        var quoted = new StringBuilder();
        for (int i = 0; i < content.length; i++) {
            quoted.append("=%02X".formatted(content[i] & 0xFF)).append(i % 20 == 19 ? "=\r\n" : "");
        }
        rangesAreRight(mail("quoted-printable", quoted.toString().getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void uuencodedFilesAreDecoded() throws IOException {
        var mail = FakeMail.with(GoldenMailsTest.mail("uuencoded.eml"));
        var out = new ByteArrayOutputStream();
        var attachment = CONVERTER
                .attachment(mail.place(), new FileReference("5", 1, "2"))
                .orElseThrow();
        assertThat(attachment.write(out, 0, Long.MAX_VALUE)).isEqualTo(3);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("Cat");
        assertThat(attachment.name()).isEqualTo("cat.txt");
    }

    @Test
    void whatIsNotThereIsNoAttachment() throws IOException {
        var mail = mail("binary", content);
        assertThat(CONVERTER.attachment(mail.place(), new FileReference("5", 2, "1")))
                .isEmpty();
        assertThat(CONVERTER.attachment(mail.place(), new FileReference("5", 1, "1.1")))
                .isEmpty();
        var attachment = CONVERTER
                .attachment(mail.place(), new FileReference("5", 1, "1"))
                .orElseThrow();
        mail.remove(1);
        assertThat(attachment.write(new ByteArrayOutputStream(), 0, 10)).isEqualTo(-1);
    }
}
