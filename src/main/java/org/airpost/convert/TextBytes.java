package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes of a text whose transfer encoding is declared, and sometimes wrongly: what is plainly something else than it is
 * declared as is read as what it is. Source: RFC 2045 section 6.
 */
final class TextBytes {

    /** A word of fewer digits may be one that somebody wrote. */
    private static final int LEAST_BASE64 = 40;

    private TextBytes() {}

    /** The text, transfer encoding undone. The bytes may be the start of more. */
    static byte[] of(byte[] raw, String encoding) {
        if (encoding.equals("base64")) {
            return TransferDecoder.isPlainlyNotBase64(raw) ? raw : base64(raw);
        }
        if (TransferDecoder.isQuotedPrintable(encoding)) {
            if (isPlainlyBase64(raw)) {
                var decoded = TransferDecoder.decode(raw, "base64");
                if (isWords(decoded)) {
                    return decoded;
                }
            }
            return unquoted(TransferDecoder.decode(raw, encoding));
        }
        return unquoted(TransferDecoder.decode(raw, encoding));
    }

    /** Base64, and behind an empty line what a list has put below it as it was. */
    private static byte[] base64(byte[] raw) {
        int footer = footer(raw);
        if (footer == raw.length) {
            return TransferDecoder.decode(raw, "base64");
        }
        var text = new ByteArrayOutputStream(raw.length);
        text.writeBytes(TransferDecoder.decode(Arrays.copyOf(raw, footer), "base64"));
        text.writeBytes(new byte[] {'\r', '\n'});
        text.write(raw, footer, raw.length - footer);
        return text.toByteArray();
    }

    /** Where what is no base64 begins: behind the last empty line before words. */
    private static int footer(byte[] raw) {
        int blank = -1;
        int start = 0;
        for (int i = 0; i <= raw.length; i++) {
            if (i < raw.length && raw[i] != '\n') {
                continue;
            }
            boolean empty = true;
            boolean pure = true;
            for (int k = start; k < i; k++) {
                boolean space = raw[k] == '\r' || raw[k] == ' ' || raw[k] == '\t';
                empty &= space;
                pure &= space || raw[k] == '=' || TransferDecoder.isBase64(raw[k]);
            }
            if (!pure && blank >= 0) {
                return blank;
            }
            if (empty && start > 0) {
                blank = start;
            }
            start = i + 1;
        }
        return raw.length;
    }

    /** True of digits of base64 and nothing else, and enough of them. */
    private static boolean isPlainlyBase64(byte[] raw) {
        int digits = 0;
        int padding = 0;
        for (byte b : raw) {
            if (b == '=') {
                padding++;
            } else if (b != '\r' && b != '\n') {
                if (!TransferDecoder.isBase64(b) || padding > 0) {
                    return false;
                }
                digits++;
            }
        }
        return digits >= LEAST_BASE64 && (digits + padding) % 4 == 0 && padding <= 2;
    }

    private static boolean isWords(byte[] bytes) {
        boolean space = false;
        for (byte b : bytes) {
            space |= b == ' ';
            if (b >= 0 && b < ' ' && b != '\r' && b != '\n' && b != '\t') {
                return false;
            }
        }
        return space && TextDecoder.strictly(bytes, StandardCharsets.UTF_8).isPresent();
    }

    /** Undoes quoted-printable that is not declared, or was done twice. */
    private static byte[] unquoted(byte[] bytes) {
        if (!isQuoted(bytes)) {
            return bytes;
        }
        var decoded = TransferDecoder.decode(bytes, "quoted-printable");
        return TextDecoder.strictly(decoded, StandardCharsets.UTF_8).isPresent() ? decoded : bytes;
    }

    /**
     * True of ASCII in which each sign of equality stands before two digits or the end of a line, and some of them for bytes
     * of characters that ASCII has not.
     */
    private static boolean isQuoted(byte[] bytes) {
        if (new String(bytes, StandardCharsets.ISO_8859_1).indexOf('=') < 0) {
            return false; // many texts have none, and this is the quickest way to see it
        }
        int high = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] < 0) {
                return false;
            }
            if (bytes[i] != '=' || i + 2 >= bytes.length) {
                continue;
            }
            if (bytes[i + 1] == '\n' || (bytes[i + 1] == '\r' && bytes[i + 2] == '\n')) {
                continue;
            }
            if (hex(bytes[i + 1]) < 0 || hex(bytes[i + 2]) < 0) {
                return false;
            }
            high += hex(bytes[i + 1]) >= 8 ? 1 : 0;
        }
        return high >= 2;
    }

    private static int hex(byte b) {
        return b >= 'a' ? -1 : Character.digit(b, 16);
    }
}
