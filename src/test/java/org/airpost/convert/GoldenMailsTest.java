package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each mail of {@code mails/} beside the item that it becomes: for a phone of 12.1 that wants plain text, and for one of 16.1
 * that takes HTML and text with a preview. {@code -Dairpost.golden=write} writes the items anew; then the difference is to be
 * read. Mails are kept with line feeds and get CRLF here.
 */
class GoldenMailsTest {

    private static final Path MAILS = Path.of("src/test/resources/org/airpost/convert/mails");

    private static final BodyOptions TEXT = new BodyOptions(
            List.of(new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(4_096L), false, 0)),
            Optional.empty(),
            0,
            Optional.empty());

    private static final BodyOptions HTML = new BodyOptions(
            List.of(
                    new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(4_096L), false, 100),
                    new BodyPreference(BodyType.HTML, Optional.of(4_096L), false, 100),
                    new BodyPreference(BodyType.MIME, Optional.of(4_096L), false, 100)),
            Optional.empty(),
            1,
            Optional.empty());

    static Stream<String> mails() throws IOException {
        try (var files = Files.list(MAILS)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".eml"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("mails")
    void aMailBecomesTheItemBesideIt(String name) throws IOException {
        var mail = FakeMail.with(crlf(Files.readAllBytes(MAILS.resolve(name))));
        var text =
                "12.1, text\n\n" + ItemDump.of(mail, TEXT, ProtocolVersion.V12_1, "\\Seen", "Work") + "\n16.1, HTML\n\n"
                        + ItemDump.of(mail, HTML, ProtocolVersion.V16_1, "\\Flagged", "\\Answered", "Work");
        var golden = MAILS.resolve(name.replace(".eml", ".txt"));
        if (System.getProperty("airpost.golden", "").equals("write")) {
            Files.writeString(golden, text);
        }
        assertThat(text).isEqualTo(Files.readString(golden));
    }

    @Test
    void thereAreFortyMailsAtLeast() throws IOException {
        assertThat(mails().count()).isGreaterThanOrEqualTo(40);
    }

    static byte[] crlf(byte[] message) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < message.length; i++) {
            if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r')) {
                out.write('\r');
            }
            out.write(message[i]);
        }
        return out.toByteArray();
    }

    static byte[] mail(String name) {
        try {
            return crlf(Files.readAllBytes(MAILS.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(String message) {
        return crlf(message.getBytes(StandardCharsets.UTF_8));
    }
}
