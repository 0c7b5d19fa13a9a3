package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UuTextTest {

    /** {@code printf 'Hello, world' | uuencode hello.txt}. */
    private static final String FILE = "begin 644 hello.txt\n,2&5L;&\\L('=O<FQD\n`\nend\n";

    private static FakeMail mail(String body) {
        return FakeMail.with(GoldenMailsTest.bytes("From: a@example.org\nTo: b@example.org\n\n" + body));
    }

    @Test
    void aFileWithinTheTextIsAttachedAndNotShown() throws IOException {
        var mail = mail("Before.\n\n" + FILE + "\nAfter.\n" + FILE.replace("hello", "again"));
        var dump = ItemDump.of(mail, BodyOptions.DEFAULT, ProtocolVersion.V14_1);
        assertThat(dump)
                .contains("DisplayName = hello.txt", "DisplayName = again.txt", "FileReference = 5:1:1u0")
                .contains("EstimatedDataSize = 12", "Before.", "After.")
                .doesNotContain("begin 644");
        var file = new MailConverter(MailConverter.Settings.DEFAULT)
                .attachment(mail.place(), FileReference.parse("5:1:1u1").orElseThrow())
                .orElseThrow();
        var out = new ByteArrayOutputStream();
        assertThat(file.write(out, 7, 100)).isEqualTo(12);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("world");
        assertThat(file.contentType()).isEqualTo("text/plain");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "begin 644 hello.txt\nand then we went home together, all of us\nend\n",
                "begin 644 the party\n\nis what he said\n",
                "begin with 644 things\n",
                "begin 644 x"
            })
    void wordsThatLookLikeTheBeginningOfAFileStay(String text) {
        var parted = UuText.of(("A line\n" + text).getBytes(StandardCharsets.UTF_8));
        assertThat(parted.files()).isEmpty();
        assertThat(parted.text()).asString(StandardCharsets.UTF_8).isEqualTo("A line\n" + text);
    }

    @Test
    void aFileThatIsCutOffIsThereAsFarAsItGoes() {
        var parted = UuText.of(("begin 644 a.bin\nM" + "!".repeat(60) + "\nM!!!!").getBytes(StandardCharsets.UTF_8));
        assertThat(parted.files()).hasSize(1);
        assertThat(parted.files().getFirst().content().length).isGreaterThanOrEqualTo(45);
        assertThat(parted.text()).isEmpty();
    }

    @Test
    void aFileInYencIsTakenOut() {
        var text = """
                Füße
                =ybegin line=128 size=8 name=ä b.bin
                \u008b\u008c\u008d\u008e\u008f=J=}\u0090
                =yend size=8
                End
                """;
        var parted = UuText.of(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        assertThat(parted.text()).asString(StandardCharsets.ISO_8859_1).isEqualTo("Füße\r\nEnd\r\n");
        assertThat(parted.files()).hasSize(1);
        assertThat(parted.files().getFirst().name()).isEqualTo("ä b.bin");
        assertThat(parted.files().getFirst().content()).containsExactly('a', 'b', 'c', 'd', 'e', 0xE0, 0x13, 'f');
    }
}
