package org.airpost.wbxml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Consumer;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.ComposeMail;
import org.airpost.wbxml.page.FolderHierarchy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WbxmlWriterTest {

    private static final String HEADER = "03 01 6A 00 ";

    @Test
    void onlySomeChildrenOfAnElementAreWritten() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(AirSync.SYNC)
                    .startWithOnly(AirSync.COLLECTIONS, Set.of(AirSync.COLLECTION))
                    .text(AirSync.STATUS, 1)
                    .opaque(AirSync.STATUS, new byte[] {1})
                    .start(AirSync.COMMANDS)
                    .text(AirSync.COLLECTION, "within one that is left out")
                    .end()
                    .start(AirSync.COLLECTION)
                    .text(AirSync.STATUS, 2)
                    .end()
                    .end()
                    .text(AirSync.STATUS, 3)
                    .end();
        }
        assertThat(WbxmlXml.toXml(bytes.toByteArray()).replaceAll("\\s*\n\\s*", ""))
                .endsWith(
                        "><Collections><Collection><Status>2</Status></Collection></Collections><Status>3</Status></Sync>");
    }

    @Test
    void aDocumentIsByteForByteThatOfTheSpecification() {
        assertThat(written(out -> out.start(FolderHierarchy.FOLDER_SYNC)
                        .text(FolderHierarchy.SYNC_KEY, "0")
                        .end()))
                .isEqualTo(HEADER + "00 07 56 52 03 30 00 01 01");
    }

    @Test
    void pagesAreSwitchedOnlyWhereTheyChange() {
        assertThat(written(out -> out.start(AirSync.SYNC)
                        .start(AirSyncBase.BODY)
                        .text(AirSyncBase.TYPE, 1)
                        .end()
                        .flag(AirSync.GET_CHANGES, false)
                        .empty(AirSync.MORE_AVAILABLE)
                        .end()))
                .isEqualTo(HEADER + "45 00 11 4A 46 03 31 00 01 01 00 00 53 03 30 00 01 14 01");
    }

    @Test
    void anElementWithoutContentIsAnEmptyTag() {
        assertThat(written(out -> out.start(AirSync.SYNC)
                        .start(AirSync.COLLECTIONS)
                        .end()
                        .text(AirSync.SYNC_KEY, "")
                        .text(AirSync.CLASS, "\0\b")
                        .text(AirSync.CLIENT_ID, new ByteArrayInputStream(new byte[] {0, 1}))
                        .opaque(AirSync.SERVER_ID, new byte[0])
                        .end()))
                .isEqualTo(HEADER + "45 1C 0B 10 0C 0D 01");
        assertThat(written(out -> out.empty(AirSync.SYNC))).isEqualTo(HEADER + "05");
    }

    @Test
    void opaqueDataIsPrecededByItsLength() {
        assertThat(written(out -> out.start(ComposeMail.SEND_MAIL)
                        .opaque(ComposeMail.MIME, new byte[] {0, (byte) 0xFF})
                        .opaque(ComposeMail.MIME, 300, new ByteArrayInputStream(new byte[400]))
                        .end()))
                .isEqualTo(HEADER + "00 15 45 50 C3 02 00 FF 01 50 C3 82 2C " + "00 ".repeat(300) + "01 01");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "127, 7F",
        "128, 81 00",
        "16383, FF 7F",
        "16384, 81 80 00",
        "2097151, FF FF 7F",
        "2097152, 81 80 80 00"
    })
    void lengthsAreMultiByteNumbers(int length, String number) {
        var document = written(out -> out.start(ComposeMail.SEND_MAIL)
                .opaque(ComposeMail.MIME, length, new ByteArrayInputStream(new byte[length]))
                .end());
        assertThat(document).startsWith(HEADER + "00 15 45 " + (length == 0 ? "10 01" : "50 C3 " + number + " 00"));
    }

    @Test
    void whatXmlForbidsIsLeftOutOfATextAndALoneSurrogateIsReplaced() {
        var text = "a\0b\u0001c\u000Bd\uFFFEe\uFFFFf\uD800g\uDC00h\t\r\n\u007F\u0085ü€😀\uD83D";
        var kept = "abcdef\uFFFDg\uFFFDh\t\r\n\u007F\u0085ü€😀\uFFFD";
        var hex = HexFormat.ofDelimiter(" ").withUpperCase().formatHex(kept.getBytes(StandardCharsets.UTF_8));
        assertThat(written(out -> out.text(AirSync.SYNC_KEY, text))).isEqualTo(HEADER + "4B 03 " + hex + " 00 01");
    }

    @Test
    void aStreamedTextIsFilteredLikeAString() {
        var bytes = "a\0b\u0001ü€😀\uFFFE\uFFFF\u000Bz".getBytes(StandardCharsets.UTF_8);
        var hex = HexFormat.ofDelimiter(" ").withUpperCase().formatHex("abü€😀z".getBytes(StandardCharsets.UTF_8));
        assertThat(written(out -> out.text(AirSync.SYNC_KEY, oneByOne(bytes))))
                .isEqualTo(HEADER + "4B 03 " + hex + " 00 01");
    }

    @ParameterizedTest
    @CsvSource({
        "61 FF 62, a�b",
        "C3, �",
        "C3 28, �(",
        "E2 82, �",
        "E2 82 61, �a",
        "C0 80, ��",
        "ED A0 80, ���",
        "F4 90 80 80, ����",
        "F0 9F 98 C3 BC, �ü",
        "80 61, �a"
    })
    void aStreamedTextThatIsNoUtf8IsMendedAsBrowsersDoIt(String bytes, String text) {
        var raw = HexFormat.ofDelimiter(" ").parseHex(bytes);
        var hex = HexFormat.ofDelimiter(" ").withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
        assertThat(written(out -> out.text(AirSync.SYNC_KEY, oneByOne(raw))))
                .isEqualTo(HEADER + "4B 03 " + hex + " 00 01");
    }

    @Test
    void theSizeCountsWhatIsHeldBack() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            assertThat(out.size()).isZero();
            out.start(AirSync.SYNC);
            assertThat(out.size()).isEqualTo(5);
            out.start(AirSyncBase.BODY);
            assertThat(out.size()).isEqualTo(8);
            out.text(AirSyncBase.DATA, "x".repeat(20_000));
            assertThat(out.size()).isEqualTo(8 + 20_004);
            out.end().end();
        }
        assertThat(bytes.size()).isEqualTo(8 + 20_004 + 2);
    }

    @Test
    void nothingWrittenIsNoDocument() {
        assertThat(written(_ -> {})).isEmpty();
    }

    @Test
    void elementsThatDoNotBalanceAreABug() {
        var out = new WbxmlWriter(OutputStream.nullOutputStream());
        assertThatIllegalStateException().isThrownBy(out::end);
        out.start(AirSync.SYNC);
        assertThatIllegalStateException().isThrownBy(out::close).withMessage("Sync is still open");
        var second = new WbxmlWriter(OutputStream.nullOutputStream());
        second.empty(AirSync.SYNC);
        assertThatIllegalStateException().isThrownBy(() -> second.start(AirSync.SYNC));
        second.close();
        assertThatIllegalStateException().isThrownBy(() -> second.start(AirSync.SYNC));
    }

    @Test
    void anOpaqueStreamThatEndsTooEarlyIsAnError() {
        var out = new WbxmlWriter(OutputStream.nullOutputStream());
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> out.opaque(ComposeMail.MIME, 3, new ByteArrayInputStream(new byte[2])))
                .withMessageContaining("2 of 3 bytes");
    }

    @Test
    void anErrorOfTheStreamBeneathIsUnchecked() {
        var out = new WbxmlWriter(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("connection reset");
            }
        });
        out.empty(AirSync.SYNC);
        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(out::close);
    }

    private static InputStream oneByOne(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }
        };
    }

    private static String written(Consumer<WbxmlWriter> act) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            act.accept(out);
        }
        return HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes.toByteArray());
    }
}
