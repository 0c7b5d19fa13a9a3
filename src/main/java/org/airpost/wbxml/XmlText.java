package org.airpost.wbxml;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A text as a document holds it, ready to be written: without the characters that XML 1.0 has no place for, and with U+FFFD for
 * a lone surrogate. Source: XML 1.0 §2.2 "Char".
 *
 * @param utf8 not to be changed
 */
public record XmlText(byte[] utf8) {

    private static final char REPLACEMENT = '\uFFFD';
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** A text, made such. */
    public static XmlText of(String text) {
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        return new XmlText(
                isAllowed(utf8) && !holdsLoneSurrogates(text, utf8)
                        ? utf8
                        : allowed(text).getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes of it. */
    public int length() {
        return utf8.length;
    }

    /** The text itself. */
    public String text() {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** Each became a question mark in the bytes. */
    private static boolean holdsLoneSurrogates(String text, byte[] utf8) {
        return !text.equals(new String(utf8, StandardCharsets.UTF_8));
    }

    private static String allowed(String text) {
        var kept = new StringBuilder(text.length());
        text.codePoints()
                .filter(XmlText::isAllowed)
                .map(c -> isSurrogate(c) ? REPLACEMENT : c)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** True if bytes of valid UTF-8 hold no character that XML 1.0 has no place for; quick, since long texts are asked about. */
    public static boolean isAllowed(byte[] utf8) {
        int at = 0;
        for (; at + Long.BYTES <= utf8.length; at += Long.BYTES) {
            if (isInDoubt((long) EIGHT.get(utf8, at)) && !isAllowed(utf8, at, at + Long.BYTES)) {
                return false;
            }
        }
        return isAllowed(utf8, at, utf8.length);
    }

    /** False if each of eight bytes is from 0x20 to 0x7F. */
    private static boolean isInDoubt(long eight) {
        return ((eight | (eight - 0x2020_2020_2020_2020L)) & 0x8080_8080_8080_8080L) != 0;
    }

    private static boolean isAllowed(byte[] utf8, int from, int end) {
        for (int i = from; i < end; i++) {
            if (utf8[i] < 0x20 && !isAllowed(utf8, i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAllowed(byte[] utf8, int at) {
        byte b = utf8[at];
        return b == '\n' || b == '\r' || b == '\t' || (b < 0 && !(b == (byte) 0xEF && isNoCharacter(utf8, at)));
    }

    /** True of U+FFFE and U+FFFF. */
    private static boolean isNoCharacter(byte[] utf8, int at) {
        return at + 2 < utf8.length && utf8[at + 1] == (byte) 0xBF && (utf8[at + 2] & 0xFE) == 0xBE;
    }

    /** True of a character that XML 1.0 has a place for; half a pair of surrogates is taken for one. */
    public static boolean isAllowed(int c) {
        return c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
    }
}
