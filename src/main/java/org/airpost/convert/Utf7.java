package org.airpost.convert;

/** Reads UTF-7, which old mail still carries and Java does not know. Source: RFC 2152. */
final class Utf7 {

    private Utf7() {}

    /** The text of ASCII bytes in UTF-7. What is not valid is taken as it stands. */
    static String decode(byte[] bytes) {
        var text = new StringBuilder(bytes.length);
        int at = 0;
        while (at < bytes.length) {
            int c = bytes[at++] & 0xFF;
            if (c != '+') {
                text.append((char) c);
                continue;
            }
            if (at < bytes.length && bytes[at] == '-') {
                text.append('+');
                at++;
                continue;
            }
            at = shifted(bytes, at, text);
        }
        return text.toString();
    }

    /** Reads base64 of UTF-16 from an offset on; the offset after it. */
    private static int shifted(byte[] bytes, int from, StringBuilder text) {
        int bits = 0;
        int held = 0;
        int at = from;
        while (at < bytes.length) {
            int value = sextet(bytes[at]);
            if (value < 0) {
                break;
            }
            at++;
            bits = (bits << 6) | value;
            held += 6;
            if (held >= 16) {
                held -= 16;
                text.append((char) ((bits >> held) & 0xFFFF));
                bits &= (1 << held) - 1;
            }
        }
        if (at == from) {
            text.append('+'); // a plus sign that nobody escaped
        }
        return at < bytes.length && bytes[at] == '-' ? at + 1 : at;
    }

    private static int sextet(byte b) {
        if (b >= 'A' && b <= 'Z') {
            return b - 'A';
        }
        if (b >= 'a' && b <= 'z') {
            return b - 'a' + 26;
        }
        if (b >= '0' && b <= '9') {
            return b - '0' + 52;
        }
        return b == '+' ? 62 : b == '/' ? 63 : -1;
    }
}
