package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextDecoderTest {

    @Test
    void everyEncodingOfTheTableIsInThisJava() {
        for (var encoding : TextEncoding.values()) {
            assertThat(encoding.charset()).isNotNull();
            assertThat(encoding.codePage()).isPositive();
        }
    }

    @Test
    void labelsAreReadAsBrowsersDo() {
        var bytes = new byte[] {(byte) 0x80, (byte) 0x93, 'a', (byte) 0xE4};
        for (var label :
                new String[] {"iso-8859-1", " \"ISO-8859-1\" ", "latin1", "windows-1252", "us-ascii", "", "x-none"}) {
            assertThat(TextDecoder.decode(bytes, label)).isEqualTo("€“aä");
        }
        assertThat(TextDecoder.decode("①".getBytes(Charset.forName("windows-31j")), "shift_jis"))
                .isEqualTo("①");
        assertThat(TextDecoder.decode("똠".getBytes(Charset.forName("x-windows-949")), "ks_c_5601-1987"))
                .isEqualTo("똠");
    }

    @Test
    void aCharacterCutOffAtTheEndIsNoSignOfAnotherCharset() {
        var bytes = "Grüße €".getBytes(StandardCharsets.UTF_8);
        assertThat(TextDecoder.decode(Arrays.copyOf(bytes, bytes.length - 1), "utf-8"))
                .isEqualTo("Grüße ");
    }

    @Test
    void utf8ThatClaimsToBeLatin1IsUtf8() {
        assertThat(TextDecoder.decode("Grüße".getBytes(StandardCharsets.UTF_8), "iso-8859-1"))
                .isEqualTo("Grüße");
        assertThat(TextDecoder.decode("Grüße".getBytes(StandardCharsets.ISO_8859_1), "utf-8"))
                .isEqualTo("Grüße");
    }

    @Test
    void noBytesAndNoLabelMakeItFail() {
        var random = new Random(11);
        for (int i = 0; i < 3_000; i++) {
            var bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            for (var encoding : TextEncoding.values()) {
                assertThat(TextDecoder.decode(bytes, encoding.name().replace('_', '-')))
                        .isNotNull();
            }
        }
    }
}
