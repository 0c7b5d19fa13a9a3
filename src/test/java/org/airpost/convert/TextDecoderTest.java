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

    private static byte[] in(String charset, String text) {
        return text.getBytes(Charset.forName(charset));
    }

    @Test
    void whatIsPossibleInTwoCharsetsIsReadAsALanguage() {
        var russian = "Высылаю отчёт за ноябрь. Жду ваших замечаний.";
        assertThat(TextDecoder.decode(in("windows-1251", russian), "koi8-r")).isEqualTo(russian);
        assertThat(TextDecoder.decode(in("KOI8-R", russian), "windows-1251")).isEqualTo(russian);
        for (var text : new String[] {russian, "ВНИМАНИЕ! СРОЧНОЕ СООБЩЕНИЕ", "Да", "привет от старых штиблет"}) {
            assertThat(TextDecoder.decode(in("KOI8-R", text), "koi8-r")).isEqualTo(text);
            assertThat(TextDecoder.decode(in("windows-1251", text), "windows-1251"))
                    .isEqualTo(text);
        }
        var traditional = "親愛的客戶您好，訂單已經出貨。";
        assertThat(TextDecoder.decode(in("Big5", traditional), "gb2312")).isEqualTo(traditional);
        var simplified = "亲爱的客户您好，订单已经发货。";
        assertThat(TextDecoder.decode(in("GBK", simplified), "gb2312")).isEqualTo(simplified);
    }

    @Test
    void languagesAreGuessedWhereNothingIsDeclared() {
        for (var text : new String[] {
            "Árvíztűrő tükörfúrógép. Kedves Ügyfelünk, megrendelését köszönettel megkaptuk.",
            "Zażółć gęślą jaźń, proszę o odpowiedź, dziękuję",
            "Příliš žluťoučký kůň úpěl ďábelské ódy, děkuji za zprávu"
        }) {
            assertThat(TextDecoder.decode(in("ISO-8859-2", text), "")).isEqualTo(text);
            assertThat(TextDecoder.decode(in("windows-1250", text), "")).isEqualTo(text);
        }
        var arabic = "السلام عليكم ورحمة الله وبركاته، تم استلام طلبكم";
        assertThat(TextDecoder.decode(in("windows-1256", arabic), "")).isEqualTo(arabic);
        var western = "Öl für 3 m² zu 5 £ – ¿qué? Smørrebrød på åbent hav, così è più bello, São João à noite";
        assertThat(TextDecoder.decode(in("windows-1252", western), "")).isEqualTo(western);
    }

    @Test
    void textThatWasEncodedTwiceIsReadTwice() {
        var broken = new String(
                "Grüße aus München – schön".getBytes(StandardCharsets.UTF_8), Charset.forName("windows-1252"));
        assertThat(TextDecoder.decode(("> " + broken + "\nSchön ist das.").getBytes(StandardCharsets.UTF_8), "utf-8"))
                .isEqualTo("> Grüße aus München – schön\nSchön ist das.");
        for (var text : new String[] {"SÃO PAULO – É Ê", "Âge, Çà et là", "Ä–Ö Ü“", "Grüße"}) {
            assertThat(TextDecoder.decode(text.getBytes(StandardCharsets.UTF_8), "utf-8"))
                    .isEqualTo(text);
        }
    }

    @Test
    void charsetsThatJavaLacksAreRead() {
        assertThat(TextDecoder.decode(in("ISO-8859-1", "Vi®t Nam, tiªng Vi®t"), "VISCII"))
                .isEqualTo("Việt Nam, tiếng Việt");
        assertThat(TextDecoder.decode(new byte[] {(byte) 0xBF, (byte) 0xFF}, "iso-8859-10"))
                .isEqualTo("ŋĸ");
        assertThat(TextDecoder.decode(new byte[] {(byte) 0xF0, (byte) 0xD0}, "iso-8859-14"))
                .isEqualTo("ŵŴ");
        assertThat(TextDecoder.decode(in("US-ASCII", "~~ ~{<:Ky2;S{#,NpJ)l6HK!#~}~\n Bye."), "hz-gb-2312"))
                .isEqualTo("~ 己所不欲，勿施於人。 Bye.");
    }

    @Test
    void aCharacterCutOffAtTheEndIsNoSignOfAnotherCharset() {
        var bytes = "Grüße €".getBytes(StandardCharsets.UTF_8);
        assertThat(TextDecoder.decode(Arrays.copyOf(bytes, bytes.length - 1), "utf-8"))
                .isEqualTo("Grüße ");
    }

    @Test
    void aLetterOfLatin1AtTheEndIsNoCutCharacter() {
        for (var label : new String[] {"iso-8859-1", "", "us-ascii", "x-none"}) {
            for (var text : new String[] {"Café", "ä", "Voilà à"}) {
                assertThat(TextDecoder.decode(in("ISO-8859-1", text), label)).isEqualTo(text);
            }
        }
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
