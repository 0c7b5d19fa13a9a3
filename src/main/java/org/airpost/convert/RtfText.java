package org.airpost.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Text as the rich text of a body of type 3, which old clients ask for: stored in its container, not compressed, and in
 * base64. Source: MS-ASAIRS "Type"; MS-OXRTFCP "Uncompressed RTF".
 */
final class RtfText {

    private static final int STORED = 0x414C454D;
    private static final int HEAD = 16;
    private static final String START =
            "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}}\\pard\\f0\\fs20 ";
    private static final String END = "}";

    private RtfText() {}

    /** The data of a body. */
    static String of(String text) {
        var rtf = new StringBuilder(START);
        for (int i = 0; i < text.length(); i++) {
            rtf.append(escaped(text, i));
        }
        byte[] bytes = rtf.append(END).toString().getBytes(StandardCharsets.US_ASCII);
        var container = ByteBuffer.allocate(HEAD + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length + HEAD - 4) // what follows this number
                .putInt(bytes.length)
                .putInt(STORED)
                .putInt(0) // stored bytes have no checksum
                .put(bytes);
        var whole = new byte[HEAD + bytes.length];
        container.get(0, whole);
        return Base64.getEncoder().encodeToString(whole);
    }

    /** Where the text ends whose data takes so many bytes at most, at the border of a character; 0 if none fits. */
    static int end(String text, long most) {
        long room = most / 4 * 3 - HEAD - START.length() - END.length();
        for (int i = 0; i < text.length(); i++) {
            room -= escaped(text, i).length();
            if (room < 0) {
                return i > 0 && Character.isLowSurrogate(text.charAt(i)) ? i - 1 : i;
            }
        }
        return text.length();
    }

    /** A UTF-16 unit: a line ends in CRLF or LF, and what is not ASCII is a signed number. */
    private static String escaped(String text, int at) {
        char c = text.charAt(at);
        return switch (c) {
            case '\\', '{', '}' -> "\\" + c;
            case '\n' -> "\\par\r\n";
            case '\r' -> "";
            case '\t' -> "\\tab ";
            default -> c < 0x20 ? "" : c < 0x7F ? String.valueOf(c) : "\\u" + (short) c + "?";
        };
    }
}
