package org.airpost.convert;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text in UTF-8 and something else at once: a footer that a list appended in another charset, a character that something cut
 * in half. Each line is read for itself, so that one bad byte does not spoil the whole.
 */
final class MixedText {

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
            if (length > 0) {
                whole++;
            } else {
                broken++;
            }
            i += Math.max(1, length);
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
        return TextDecoder.strictly(line, StandardCharsets.UTF_8)
                .orElseGet(() -> TextDecoder.leniently(line, isMostlyUtf8(line) ? StandardCharsets.UTF_8 : other));
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
