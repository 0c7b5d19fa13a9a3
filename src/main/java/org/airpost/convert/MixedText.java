package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text in UTF-8 and something else at once: a footer that a list appended in another charset, a character that something cut
 * in half. Each line is read for itself, so that one bad byte does not spoil the whole.
 */
final class MixedText {

    /** First bytes of the characters of western and Cyrillic text, of quotes and emoji, as they look in windows-1252. */
    private static final String LEADS = "\u00C2\u00C3\u00C5\u00CE\u00CF\u00D0\u00D1\u00E2\u00F0";

    /** What windows-1252 has from 0x80 on; a space stands for nothing. */
    private static final String WINDOWS_1252 = "\u20AC \u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039"
            + "\u0152 \u017D  \u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153 \u017E\u0178";

    private MixedText() {}

    /** True if more characters of several bytes are whole than are broken. */
    static boolean isMostlyUtf8(byte[] bytes) {
        int whole = 0;
        int broken = 0;
        for (int i = 0; i < bytes.length; ) {
            if (bytes[i] >= 0) {
                i++;
                continue;
            }
            int length = wholeCharacter(bytes, i);
            boolean overlong =
                    length == 0 && (bytes[i] & 0xFE) == 0xC0 && i + 1 < bytes.length && (bytes[i + 1] & 0xC0) == 0x80;
            if (length > 0) {
                whole++;
            } else if (!overlong) { // those are made to deceive, and say nothing of the rest
                broken++;
            }
            i += overlong ? 2 : Math.max(1, length);
        }
        return whole > broken;
    }

    /** The text; what is not UTF-8 is of the other charset, unless its line is UTF-8 for the most part. */
    static String decode(byte[] bytes, Charset other) {
        var text = new StringBuilder(bytes.length);
        int from = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n') {
                text.append(line(Arrays.copyOfRange(bytes, from, Math.min(i + 1, bytes.length)), other));
                from = i + 1;
            }
        }
        return text.toString();
    }

    private static String line(byte[] line, Charset other) {
        return TextDecoder.utf8(line, false)
                .orElseGet(() -> TextDecoder.leniently(line, isMostlyUtf8(line) ? StandardCharsets.UTF_8 : other));
    }

    /**
     * The same with characters beyond the first 65,536 in four bytes where they are in two times three; the bytes themselves
     * if there are none. Source: Unicode Technical Report 26 (CESU-8).
     */
    static byte[] withPairs(byte[] bytes) {
        if (surrogate(bytes, 0, bytes.length) < 0) {
            return bytes;
        }
        var out = new ByteArrayOutputStream(bytes.length);
        int at = 0;
        for (int next = surrogate(bytes, 0, bytes.length); next >= 0; next = surrogate(bytes, at, bytes.length)) {
            out.write(bytes, at, next - at);
            char high = (char) (0xD000 | (bytes[next + 1] & 0x3F) << 6 | (bytes[next + 2] & 0x3F));
            char low = (char) (0xD000 | (bytes[next + 4] & 0x3F) << 6 | (bytes[next + 5] & 0x3F));
            out.writeBytes(new String(new char[] {high, low}).getBytes(StandardCharsets.UTF_8));
            at = next + 6;
        }
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    /** Where the next pair of surrogates begins, each as if it were a character; -1 if there is none. */
    private static int surrogate(byte[] bytes, int from, int to) {
        for (int i = from; i + 5 < to; i++) {
            if (bytes[i] == (byte) 0xED
                    && (bytes[i + 1] & 0xF0) == 0xA0
                    && (bytes[i + 2] & 0xC0) == 0x80
                    && bytes[i + 3] == (byte) 0xED
                    && (bytes[i + 4] & 0xF0) == 0xB0
                    && (bytes[i + 5] & 0xC0) == 0x80) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Text that was UTF-8, was taken for windows-1252 and made UTF-8 once more, as it was before; line by line, since an answer
     * quotes what came broken. Any other text itself.
     */
    static String encodedOnce(String text) {
        if (suspects(text) < 2) {
            return text;
        }
        var mended = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); ) {
            int end = text.indexOf('\n', at) < 0 ? text.length() : text.indexOf('\n', at) + 1;
            var line = text.substring(at, end);
            mended.append(suspects(line) > 0 ? before(line) : line);
            at = end;
        }
        return mended.toString();
    }

    /** Characters that are what the first byte of a character in UTF-8 looks like in windows-1252, and one after it. */
    private static int suspects(String text) {
        int found = 0;
        for (int i = 0; i + 1 < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0xC2 && c <= 0xF0 && LEADS.indexOf(c) >= 0 && text.charAt(i + 1) > 0x7F && ++found == 2) {
                return found;
            }
        }
        return found;
    }

    private static String before(String line) {
        var bytes = new byte[line.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = line.charAt(i);
            int high = c <= 0xFF ? -1 : WINDOWS_1252.indexOf(c);
            if (c > 0xFF && high < 0) {
                return line;
            }
            bytes[i] = (byte) (high < 0 ? c : 0x80 + high);
        }
        var once = new String(bytes, StandardCharsets.UTF_8);
        return once.indexOf('\uFFFD') < 0 ? once : line;
    }

    /** Bytes of the character of several bytes that begins here; 0 if it is none. */
    private static int wholeCharacter(byte[] bytes, int at) {
        int lead = bytes[at] & 0xFF;
        int length =
                lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
        if (length == 0 || at + length > bytes.length) {
            return 0;
        }
        for (int i = at + 1; i < at + length; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
