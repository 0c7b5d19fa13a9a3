package org.airpost.convert;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.util.Optional;

/** A charset of one byte a character that Java lacks; it is read, and never written. */
final class TableCharset extends Charset {

    /** Source: ISO/IEC 8859-10. */
    private static final TableCharset ISO_8859_10 = new TableCharset(
            "x-airpost-iso-8859-10",
            0xA0,
            "\u00A0ĄĒĢĪĨĶ§ĻĐŠŦŽ\u00ADŪŊ°ąēģīĩķ·ļđšŧž―ūŋ"
                    + "ĀÁÂÃÄÅÆĮČÉĘËĖÍÎÏÐŅŌÓÔÕÖŨØŲÚÛÜÝÞßāáâãäåæįčéęëėíîïðņōóôõöũøųúûüýþĸ",
            "");

    /** Source: ISO/IEC 8859-14. */
    private static final TableCharset ISO_8859_14 = new TableCharset(
            "x-airpost-iso-8859-14",
            0xA0,
            "\u00A0Ḃḃ£ĊċḊ§Ẁ©ẂḋỲ\u00AD®ŸḞḟĠġṀṁ¶ṖẁṗẃṠỳẄẅṡ"
                    + "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏŴÑÒÓÔÕÖṪØÙÚÛÜÝŶßàáâãäåæçèéêëìíîïŵñòóôõöṫøùúûüýŷÿ",
            "");

    /** Six letters of it stand among the control characters. Source: RFC 1456. */
    private static final TableCharset VISCII = new TableCharset(
            "x-airpost-viscii",
            0x80,
            "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư"
                    + "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
            "\u0002Ẳ\u0005Ẵ\u0006Ẫ\u0014Ỷ\u0019Ỹ\u001EỴ");

    private final char[] characters = new char[256];

    private TableCharset(String name, int from, String upper, String others) {
        super(name, new String[0]);
        for (int i = 0; i < 256; i++) {
            characters[i] = (char) i;
        }
        upper.getChars(0, upper.length(), characters, from);
        for (int i = 0; i < others.length(); i += 2) {
            characters[others.charAt(i)] = others.charAt(i + 1);
        }
    }

    /** The charset of a name, if it is one of these. */
    static Optional<Charset> named(String name) {
        return switch (name) {
            case "x-airpost-iso-8859-10" -> Optional.of(ISO_8859_10);
            case "x-airpost-iso-8859-14" -> Optional.of(ISO_8859_14);
            case "x-airpost-viscii" -> Optional.of(VISCII);
            default -> Optional.empty();
        };
    }

    @Override
    public boolean contains(Charset other) {
        return equals(other) || other.name().equals("US-ASCII");
    }

    @Override
    public boolean canEncode() {
        return false;
    }

    @Override
    public CharsetEncoder newEncoder() {
        throw new UnsupportedOperationException(name() + " is not written");
    }

    @Override
    public CharsetDecoder newDecoder() {
        return new CharsetDecoder(this, 1, 1) {

            @Override
            protected CoderResult decodeLoop(ByteBuffer in, CharBuffer out) {
                while (in.hasRemaining()) {
                    if (!out.hasRemaining()) {
                        return CoderResult.OVERFLOW;
                    }
                    out.put(characters[in.get() & 0xFF]);
                }
                return CoderResult.UNDERFLOW;
            }
        };
    }
}
