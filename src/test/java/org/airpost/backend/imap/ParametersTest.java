package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {

    private static final String NAMES = """
            日本語の文書.pdf, Shift_JIS
            日本語の文書.pdf, ISO-2022-JP
            日本語の文書.pdf, EUC-JP
            日本語の文書.pdf, UTF-8
            Отчет за год.doc, KOI8-R
            Отчет за год.doc, windows-1251
            中文文件.xls, GB2312
            Grüße äö €.txt, windows-1252
            한국어.hwp, ks_c_5601-1987
            """;

    private static Charset charset(String name) {
        return Charset.forName(name.equals("ks_c_5601-1987") ? "x-windows-949" : name);
    }

    private static String fileName(String... namesAndValues) {
        var values = new ArrayList<Value>();
        for (var text : namesAndValues) {
            values.add(new Value.Text(text.getBytes(US_ASCII)));
        }
        return Parameters.decoded(values).getOrDefault("filename", "");
    }

    @ParameterizedTest
    @CsvSource(textBlock = NAMES)
    void aNameInPercentSignsIsJoinedAndDecoded(String name, String charset) {
        var encoded = new StringBuilder();
        for (byte b : name.getBytes(charset(charset))) {
            encoded.append("%%%02X".formatted(b & 0xFF));
        }
        int middle = encoded.length() / 6 * 3;
        assertThat(fileName(
                        "filename*1*",
                        encoded.substring(middle),
                        "filename*0*",
                        charset + "'ja'" + encoded.substring(0, middle)))
                .isEqualTo(name);
        assertThat(fileName("filename*", charset + "''" + encoded, "filename", "plain.txt"))
                .isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(textBlock = NAMES)
    void aNameInEncodedWordsIsDecodedWhereverTheyAreCut(String name, String charset) {
        var bytes = name.getBytes(charset(charset));
        for (int cut = 0; cut <= bytes.length; cut++) {
            var words = new StringBuilder();
            for (var piece : List.of(
                    java.util.Arrays.copyOf(bytes, cut), java.util.Arrays.copyOfRange(bytes, cut, bytes.length))) {
                words.append(words.isEmpty() ? "" : "\r\n ")
                        .append("=?")
                        .append(charset)
                        .append("?B?")
                        .append(Base64.getEncoder().encodeToString(piece))
                        .append("?=");
            }
            assertThat(Parameters.unworded(words.toString())).isEqualTo(name);
        }
    }

    @Test
    void whatIsNotEncodedStays() {
        assertThat(Parameters.unworded("=?no word")).isEqualTo("=?no word");
        assertThat(Parameters.unworded("a =?utf-8?Q?=C3=A4_b?= c")).isEqualTo("a ä b c");
        assertThat(Parameters.unworded("=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?=.txt")).isEqualTo("äö.txt");
        assertThat(Parameters.unworded("=?utf-8?Q?cut_off.t")).isEqualTo("cut off.t");
    }
}
