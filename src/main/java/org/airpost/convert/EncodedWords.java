package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Decodes the text of a header field: encoded words, also broken ones, and raw 8-bit bytes between them. Neighbours in one
 * charset are joined before they are decoded, since some mailers cut within a character. Source: RFC 2047; RFC 2231
 * section 5 (language).
 */
final class EncodedWords {

    private EncodedWords() {}

    /**
     * The decoded text on one line.
     *
     * @param raw the unfolded value, each byte as the character of the same number
     * @param charset what raw bytes above 0x7F are likely in, if they are not UTF-8; may be empty
     */
    static String decode(String raw, String charset) {
        var text = new StringBuilder(raw.length());
        var bytes = new ByteArrayOutputStream();
        String open = "";
        int at = 0;
        while (at < raw.length()) {
            int start = raw.indexOf("=?", at);
            var word = start < 0 ? Word.NONE : Word.at(raw, start);
            if (word.end == 0) {
                int end = start < 0 ? raw.length() : start + 2;
                flush(bytes, open, text);
                text.append(unencoded(raw.substring(at, end), charset));
                at = end;
                continue;
            }
            var between = raw.substring(at, start);
            boolean neighbours = bytes.size() > 0 && between.isBlank();
            if (!neighbours || !open.equals(word.charset)) {
                flush(bytes, open, text);
            }
            if (!neighbours) {
                text.append(unencoded(between, charset));
            }
            open = word.charset;
            bytes.writeBytes(word.bytes);
            at = word.end;
        }
        flush(bytes, open, text);
        return oneLine(text);
    }

    /** The same of what a second mailer encoded once more. */
    static String decodeTwice(String raw, String charset) {
        var text = decode(raw, charset);
        boolean encoded = raw.contains("=?") && text.startsWith("=?") && text.endsWith("?=");
        return encoded ? decode(text, charset) : text;
    }

    private static void flush(ByteArrayOutputStream bytes, String charset, StringBuilder text) {
        if (bytes.size() > 0) {
            text.append(TextDecoder.decode(bytes.toByteArray(), charset));
            bytes.reset();
        }
    }

    private static String unencoded(String raw, String charset) {
        boolean isShifted = raw.indexOf(0x1B) >= 0
                || (raw.contains("~{")
                        && TextEncoding.ofLabel(charset)
                                .filter(TextEncoding.HZ::equals)
                                .isPresent());
        if (isShifted && raw.chars().allMatch(c -> c <= 0xFF)) {
            return TextDecoder.decode(raw.getBytes(StandardCharsets.ISO_8859_1), charset);
        }
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) > 0x7F) {
                return raw.chars().anyMatch(c -> c > 0xFF)
                        ? raw // already text: some servers decode by themselves
                        : TextDecoder.decode(raw.getBytes(StandardCharsets.ISO_8859_1), charset);
            }
        }
        return raw;
    }

    /** Control characters become spaces; none at the ends. */
    static String oneLine(CharSequence text) {
        var line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                continue;
            }
            line.append(c < ' ' || c == 0x7F || c == '\u2028' || c == '\u2029' ? ' ' : c);
        }
        return line.toString().strip();
    }

    private record Word(String charset, byte[] bytes, int end) {

        /** Words of more than 75 characters are against the rules, and there are some; this many is no word. */
        private static final int MOST_WORD = 16 << 10;

        static final Word NONE = new Word("", new byte[0], 0);

        /** The encoded word that begins at an offset, or {@link #NONE}. */
        static Word at(String raw, int start) {
            int charsetEnd = raw.indexOf('?', start + 2);
            if (charsetEnd < 0
                    || charsetEnd == start + 2
                    || charsetEnd - start > 60
                    || charsetEnd + 2 >= raw.length()) {
                return NONE;
            }
            char encoding = Character.toLowerCase(raw.charAt(charsetEnd + 1));
            if ((encoding != 'b' && encoding != 'q') || raw.charAt(charsetEnd + 2) != '?') {
                return NONE;
            }
            int from = charsetEnd + 3;
            int to = raw.indexOf("?=", from, Math.min(raw.length(), from + MOST_WORD));
            int end = to + 2;
            if (to < 0) { // cut off: what there is, up to the next space
                int space = raw.indexOf(' ', from, Math.min(raw.length(), from + MOST_WORD));
                to = space < 0 ? raw.length() : space;
                end = to;
            }
            var charset = raw.substring(start + 2, charsetEnd);
            int language = charset.indexOf('*');
            if (language >= 0) {
                charset = charset.substring(0, language);
            }
            var content = raw.substring(from, to);
            var bytes = encoding == 'b'
                    ? TransferDecoder.decode(content.getBytes(StandardCharsets.ISO_8859_1), "base64")
                    : quoted(content);
            return new Word(charset.toLowerCase(Locale.ROOT), bytes, end);
        }

        private static byte[] quoted(String content) {
            var out = new ByteArrayOutputStream(content.length());
            for (int i = 0; i < content.length(); i++) {
                char c = content.charAt(i);
                if (c == '_') {
                    out.write(' ');
                } else if (c == '=' && i + 2 < content.length() && isHex(content, i + 1)) {
                    out.write(Integer.parseInt(content.substring(i + 1, i + 3), 16));
                    i += 2;
                } else {
                    out.write(c);
                }
            }
            return out.toByteArray();
        }

        private static boolean isHex(String text, int at) {
            return Character.digit(text.charAt(at), 16) >= 0 && Character.digit(text.charAt(at + 1), 16) >= 0;
        }
    }
}
