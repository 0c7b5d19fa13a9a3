package org.airpost.convert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextBytesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "quoted-printable declared       | quoted-printable | gr=C3=BC=C3=9Fe          | grüße",
                "quoted-printable undeclared     | 7bit             | gr=C3=BC=C3=9Fe =@Köln   | gr=C3=BC=C3=9Fe =@Köln",
                "the same in ASCII               | 7bit             | gr=C3=BC=C3=9Fe =@x      | grüße x",
                "quoted-printable twice          | quoted-printable | gr=3DC3=3DBC=3DC3=3D9Fe  | grüße",
                "an address of the web           | 7bit             | http://x/?a=C3&b=BC      | http://x/?a=C3&b=BC",
                "signs of equality               | 8bit             | a = b =C3=BC             | a = b =C3=BC",
                "base64                          | base64           | SGVsbG8=                 | Hello",
                "base64 of the web               | base64           | w7_DviBncsO8w59lPz4=     | ÿþ grüße?>",
                "base64 with a footer            | base64           | SGVsbG8=@@-- @A list, see | Hello@@-- @A list, see",
                "text, not base64                | base64           | Dear all, (see below)    | Dear all, (see below)",
                "base64 declared otherwise       | quoted-printable | SGVsbG8gQ2hhcmxlcywgdGhpcyB3YXMgYmFzZTY0Lg== | "
                        + "Hello Charles, this was base64.",
                "a key                           | quoted-printable | AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA12345678 | "
                        + "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA12345678"
            })
    void aTextIsReadAsWhatItIs(String what, String encoding, String raw, String text) {
        assertThat(new String(TextBytes.of(raw.replace('@', '\n').getBytes(UTF_8), encoding), UTF_8))
                .as(what)
                .isEqualToNormalizingNewlines(text.replace('@', '\n'));
    }
}
