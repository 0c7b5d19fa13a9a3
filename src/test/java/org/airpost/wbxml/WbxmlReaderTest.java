package org.airpost.wbxml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.ComposeMail;
import org.airpost.wbxml.page.Ping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WbxmlReaderTest {

    private static final String HEADER = "03 01 6A 00 ";

    @Test
    void aSyncRequestIsReadElementByElement() {
        // Sync > Collections > Collection > SyncKey "0", CollectionId "5", GetChanges (empty)
        var in = reader(HEADER + "45 5C 4F 4B 03 30 00 01 52 03 35 00 01 13 01 01 01");
        in.root(AirSync.SYNC);
        assertThat(in.child()).isTrue();
        assertThat(in.tag()).isEqualTo(AirSync.COLLECTIONS);
        assertThat(in.child()).isTrue();
        var read = new ArrayList<String>();
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.SYNC_KEY -> read.add("key " + in.number(0, 9));
                case AirSync.COLLECTION_ID -> read.add("id " + in.text());
                case AirSync.GET_CHANGES -> read.add("changes " + in.flag());
                default -> in.skip();
            }
        }
        assertThat(read).containsExactly("key 0", "id 5", "changes true");
        assertThat(in.path()).isEqualTo("Sync/Collections");
        assertThat(in.child()).isFalse();
        assertThat(in.child()).isFalse();
        assertThat(in.offset()).isEqualTo(21);
    }

    @Test
    void noBytesAreNoDocument() {
        assertThat(reader("").root()).isFalse();
        assertMalformed("", "no document, expected Ping", in -> in.root(Ping.PING));
    }

    @Test
    void aRootWithoutContentHasNoChildren() {
        var in = reader(HEADER + "00 0D 05");
        in.root(Ping.PING);
        assertThat(in.child()).isFalse();
    }

    @Test
    void pageSwitchesHoldUntilTheNextOne() {
        // Sync > Options > (AirSyncBase) BodyPreference > Type "1"; (AirSync) FilterType "3"
        var in = reader(HEADER + "45 57 00 11 45 46 03 31 00 01 01 00 00 58 03 33 00 01 01 01");
        in.root(AirSync.SYNC);
        in.child();
        in.child();
        assertThat(in.tag()).isEqualTo(AirSyncBase.BODY_PREFERENCE);
        in.child();
        assertThat(in.tag()).isEqualTo(AirSyncBase.TYPE);
        assertThat(in.text()).isEqualTo("1");
        assertThat(in.child()).isFalse();
        in.child();
        assertThat(in.tag()).isEqualTo(AirSync.FILTER_TYPE);
    }

    @Test
    void aTextMayComeInPiecesOfEveryKind() {
        // string table "ab\0cd"; SyncKey = inline "x", table 3, entity U+20AC, opaque "yz"
        var in = reader("03 01 6A 05 61 62 00 63 64 45 4B 03 78 00 83 03 02 C1 2C C3 02 79 7A 01 01");
        in.root(AirSync.SYNC);
        in.child();
        assertThat(in.text()).isEqualTo("xcd€yz");
    }

    @ParameterizedTest
    @CsvSource({"01", "02", "03"})
    void versions11To13AreRead(String version) {
        assertThat(reader(version + " 01 6A 00 05").root()).isTrue();
    }

    @Test
    void aPublicIdentifierMayStandInTheStringTable() {
        assertThat(reader("03 00 00 6A 03 61 62 00 05").root()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"00, c3a9, é", "03, c3a9, é", "6A, c3a9, é", "04, e9, é", "6A, e9, �"})
    void theCharsetOfTheHeaderCounts(String charset, String bytes, String text) {
        var document = "03 01 " + charset + " 00 45 4B 03 " + bytes + " 00 01 01";
        var in = reader(document);
        in.root(AirSync.SYNC);
        in.child();
        assertThat(in.text()).isEqualTo(text);
    }

    @Test
    void latin1BecomesUtf8AlsoInAStreamThatIsReadByteByByte() throws IOException {
        var in = reader("03 01 04 03 E4 E9 00 45 4B 83 00 03 FC 61 00 01 01");
        in.root(AirSync.SYNC);
        in.child();
        var bytes = new ArrayList<Integer>();
        try (var stream = in.bytes()) {
            for (int b = stream.read(); b >= 0; b = stream.read()) {
                bytes.add(b);
            }
        }
        assertThat(bytes).containsExactly(0xC3, 0xA4, 0xC3, 0xA9, 0xC3, 0xBC, 0x61);
        assertThat(in.tag()).isEqualTo(AirSync.SYNC);
    }

    @Test
    void opaqueBytesAreStreamedAsTheyAre() throws IOException {
        var in = reader(HEADER + "00 15 45 50 C3 04 00 FF 01 80 01 01");
        in.root(ComposeMail.SEND_MAIL);
        in.child();
        assertThat(in.tag()).isEqualTo(ComposeMail.MIME);
        assertThat(in.bytes().readAllBytes()).containsExactly(0x00, 0xFF, 0x01, 0x80);
        assertThat(in.tag()).isEqualTo(ComposeMail.SEND_MAIL);
        assertThat(in.child()).isFalse();
    }

    @Test
    void aLongTextIsReadOverManyBuffers() {
        var text = "Grüße, 世界 ".repeat(20_000);
        var in = new WbxmlReader(
                new SequenceInputStream(
                        bytes(HEADER + "45 4B 03"),
                        new SequenceInputStream(
                                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), bytes("00 01 01"))),
                WbxmlLimits.REQUEST);
        in.root(AirSync.SYNC);
        in.child();
        assertThat(in.text()).isEqualTo(text);
    }

    @Test
    void closingAStreamStepsOutOfTheElement() throws IOException {
        var in = reader(HEADER + "45 4B C3 03 01 02 03 01 52 03 35 00 01 01");
        in.root(AirSync.SYNC);
        in.child();
        try (var stream = in.bytes()) {
            assertThat(stream.read()).isEqualTo(1);
        }
        assertThat(in.child()).isTrue();
        assertThat(in.text()).isEqualTo("5");
    }

    @Test
    void aStreamThatIsNotReadToItsEndIsABugOfTheReader() {
        var in = reader(HEADER + "45 4B C3 03 01 02 03 01 01");
        in.root(AirSync.SYNC);
        in.child();
        assertThat(in.bytes()).isNotNull();
        assertThatThrownBy(in::child).isInstanceOf(IllegalStateException.class).hasMessageContaining("Sync/SyncKey");
        in.skip();
        assertThat(in.child()).isFalse();
    }

    @Test
    void skippingPassesOverEverythingBelow() {
        var in = reader(HEADER + "45 5C 4F 4B 03 30 00 01 01 C3 01 00 01 52 03 35 00 01 01");
        in.root(AirSync.SYNC);
        in.child();
        in.skip();
        assertThat(in.child()).isTrue();
        assertThat(in.text()).isEqualTo("5");
        assertThat(in.child()).isFalse();
    }

    @Test
    void whitespaceBetweenElementsIsPassedOverAndOtherTextIsNot() {
        var in = reader(HEADER + "45 03 0D 0A 20 00 0B 03 09 00 01");
        in.root(AirSync.SYNC);
        assertThat(in.child()).isTrue();
        assertThat(in.tag()).isEqualTo(AirSync.SYNC_KEY);
        in.skip();
        assertThat(in.child()).isFalse();
        assertMalformed(HEADER + "45 03 78 00 01", "a text between elements at byte 8 in Sync", r -> {
            r.root();
            r.child();
        });
    }

    @Test
    void unknownTagsAndPagesAreReadable() {
        var in = reader(HEADER + "45 7F 03 61 00 01 00 C8 45 03 62 00 01 01");
        in.root(AirSync.SYNC);
        in.child();
        assertThat(in.tag()).isEqualTo(new Tag.Unknown(0, 0x3F));
        assertThat(in.text()).isEqualTo("a");
        in.child();
        assertThat(in.tag()).isEqualTo(new Tag.Unknown(200, 0x05));
        assertThat(in.text()).isEqualTo("b");
        assertThat(in.child()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "04 01 6A 00 05                     | version byte 0x04",
                "03                                 | ends too early at byte 1 in the document",
                "03 01 6A                           | ends too early",
                "03 01 11 00 05                     | charset 17",
                "03 01 6A 8F FF FF FF 7F 61         | string table of 4294967295 bytes",
                "03 01 6A 83 FF 7F 61               | ends too early",
                "03 01 6A 00 45 C3 8F FF FF FF 7F 61| ends too early",
                "03 01 6A 00 45 C3 9F FF FF FF 7F 61| more than 32 bits",
                "03 01 6A 00 45 C3 80 80 80 80 80 01| more than five bytes",
                "03 01 6A 00 45 03 61 61 61         | ends too early",
                "03 01 6A 00 45 83 00 01            | string 0 of a table of 0 bytes",
                "03 01 6A 00 45 02 00 01            | character entity 0",
                "03 01 6A 00 45 02 83 B0 00 01      | character entity 55296",
                "03 01 6A 00 45 02 C4 80 00 01      | character entity 1114112",
                "03 01 6A 00 C5 01 01               | attributes (0xC5)",
                "03 01 6A 00 43 01                  | a processing instruction instead of the root",
                "03 01 6A 00 45 43 01               | a processing instruction",
                "03 01 6A 00 45 40 61 00 01         | an extension token (0x40)",
                "03 01 6A 00 45 80 00 01            | an extension token (0x80)",
                "03 01 6A 00 45 C2 01               | an extension token (0xC2)",
                "03 01 6A 00 45 04 00 01            | a literal tag (0x04)",
                "03 01 6A 00 01                     | the end of an element instead of the root",
                "03 01 6A 00 05 05                  | bytes after the end of the root element",
                "03 01 6A 00 45 01 00               | bytes after the end of the root element",
                "03 01 6A 00 45 00                  | ends too early",
            })
    void whatIsNoWbxmlIsMalformed(String document, String problem) {
        assertMalformed(document, problem, in -> {
            in.root();
            in.skip();
        });
    }

    @Test
    void anElementWithinATextIsMalformed() {
        assertMalformed(
                HEADER + "45 4B 0C 01 01", "an element within a text at byte 7 in Sync/SyncKey/ClientId", in -> {
                    in.root();
                    in.child();
                    in.text();
                });
    }

    @Test
    void theRootMustBeTheExpectedOne() {
        assertMalformed(HEADER + "05", "root element Sync of AirSync, expected Ping of Ping", in -> in.root(Ping.PING));
    }

    @ParameterizedTest
    @CsvSource({"2D 31", "33 33", "''", "31 78", "39 39 39 39 39 39 39 39 39 39 39 39 39 39 39 39 39 39 39 39"})
    void aNumberOutOfBoundsIsMalformedAndNamesItsElement(String digits) {
        var document = HEADER + "45 4B 03 " + digits + " 00 01 01";
        assertMalformed(document, "is no whole number from 0 to 32", in -> {
            in.root();
            in.child();
            in.number(0, 32);
        });
        assertMalformed(document, "in Sync/SyncKey", in -> {
            in.root();
            in.child();
            in.number(0, 32);
        });
    }

    @Test
    void whoCatchesAWrongValueMayReadOn() {
        var in = reader(HEADER + "45 4B 03 78 00 01 52 03 30 00 01 01");
        in.root();
        in.child();
        assertThatThrownBy(in::flag)
                .hasMessageContaining("\"x\" is neither 0 nor 1")
                .hasMessageContaining("SyncKey");
        in.child();
        assertThat(in.flag()).isFalse();
        assertThat(in.child()).isFalse();
    }

    @Test
    void limitsHold() {
        var nested = HEADER + "45 ".repeat(5) + "01 ".repeat(5);
        var deep = new WbxmlReader(bytes(nested), new WbxmlLimits(4, 100, 100, 100));
        deep.root();
        assertThatThrownBy(deep::skip).hasMessageContaining("nested more than 4 deep");

        var many = new WbxmlReader(bytes(HEADER + "45 " + "0B ".repeat(9) + "01"), new WbxmlLimits(4, 9, 100, 100));
        many.root();
        assertThatThrownBy(many::skip).hasMessageContaining("more than 9 elements");

        var text = HEADER + "45 03 " + "61 ".repeat(50) + "00 01";
        var longText = new WbxmlReader(bytes(text), new WbxmlLimits(4, 9, 49, 100));
        longText.root();
        assertThatThrownBy(longText::text).hasMessageContaining("a text of more than 49 bytes");
        var justFits = new WbxmlReader(bytes(text), new WbxmlLimits(4, 9, 50, 100));
        justFits.root();
        assertThat(justFits.text()).hasSize(50);

        var large = new WbxmlReader(bytes(text), new WbxmlLimits(4, 9, 100, 56));
        assertThatThrownBy(large::root).hasMessageContaining("a document of more than 56 bytes");
    }

    @Test
    void aStringTableIsNotRepeatedWithoutEnd() {
        var table = "0A " + "61 ".repeat(9) + "00 ";
        var in = new WbxmlReader(
                bytes("03 01 6A " + table + "45 " + "4B 83 00 01 ".repeat(3) + "01"), new WbxmlLimits(4, 9, 20, 200));
        in.root();
        for (int i = 0; i < 2; i++) {
            in.child();
            assertThat(in.text()).hasSize(9);
        }
        in.child();
        assertThatThrownBy(in::text)
                .isInstanceOf(MalformedRequestException.class)
                .hasMessageContaining("more than 20 bytes out of the string table");
    }

    @Test
    void anEndlessTextEndsAtItsLimit() {
        var endless = new SequenceInputStream(bytes(HEADER + "45 03"), new InputStream() {
            @Override
            public int read() {
                return 'a';
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                Arrays.fill(target, offset, offset + length, (byte) 'a');
                return length;
            }
        });
        var in = new WbxmlReader(endless, new WbxmlLimits(4, 9, 1000, 100_000));
        in.root();
        assertThatThrownBy(in::text).isInstanceOf(MalformedRequestException.class);
        assertThat(in.offset()).isLessThan(20_000);
    }

    @Test
    void aStreamMayGiveItsBytesOneByOne() {
        var document = HexFormat.of().parseHex("03016a00454b03300001520335000101");
        var in = new WbxmlReader(
                new InputStream() {
                    private int at;

                    @Override
                    public int read() {
                        return at == document.length ? -1 : document[at++] & 0xFF;
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        int b = read();
                        if (b < 0) {
                            return -1;
                        }
                        target[offset] = (byte) b;
                        return 1;
                    }
                },
                WbxmlLimits.REQUEST);
        in.root(AirSync.SYNC);
        in.child();
        assertThat(in.text()).isEqualTo("0");
        in.child();
        assertThat(in.text()).isEqualTo("5");
    }

    @Test
    void anErrorOfTheStreamIsNoErrorOfTheDocument() {
        var failing = new SequenceInputStream(bytes(HEADER + "45"), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("connection reset");
            }
        });
        var in = new WbxmlReader(failing, WbxmlLimits.REQUEST);
        in.root();
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(in::child)
                .withMessageContaining("reset");
    }

    @Test
    void twoHundredMegabytesOfOpaqueDataNeedNoMemory() throws IOException {
        long length = 200L << 20;
        var in = new WbxmlReader(
                new SequenceInputStream(
                        bytes(HEADER + "00 15 45 50 C3 E4 80 80 00"),
                        new SequenceInputStream(zeros(length), bytes("01 01"))),
                WbxmlLimits.REQUEST);
        in.root(ComposeMail.SEND_MAIL);
        in.child();
        try (var mime = in.bytes()) {
            assertThat(mime.skip(length)).isEqualTo(length);
            assertThat(mime.read()).isEqualTo(-1);
        }
        assertThat(in.child()).isFalse();
    }

    private static InputStream zeros(long count) {
        return new InputStream() {
            private long left = count;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int read = (int) Math.min(left, length);
                left -= read;
                return read;
            }
        };
    }

    private static ByteArrayInputStream bytes(String hex) {
        return new ByteArrayInputStream(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static WbxmlReader reader(String hex) {
        return new WbxmlReader(bytes(hex), WbxmlLimits.REQUEST);
    }

    private static void assertMalformed(String document, String problem, Consumer<WbxmlReader> act) {
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> act.accept(reader(document)))
                .withMessageContaining(problem);
    }
}
