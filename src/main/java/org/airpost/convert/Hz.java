package org.airpost.convert;

import java.io.ByteArrayOutputStream;

/** Reads HZ, Chinese in seven bits: what stands between {@code ~{} and {@code ~}} is GB 2312. Source: RFC 1843. */
final class Hz {

    private Hz() {}

    /** The text. What is against the rules stands as it came; a line begins in ASCII. */
    static String decode(byte[] bytes) {
        var gb = new ByteArrayOutputStream(bytes.length);
        boolean chinese = false;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            byte next = i + 1 < bytes.length ? bytes[i + 1] : 0;
            if (b == '\n') {
                chinese = false;
                gb.write(b);
            } else if (b == '~' && (next == '{' || next == '}')) {
                chinese = next == '{';
                i++;
            } else if (b == '~' && next == '~' && !chinese) {
                gb.write(b);
                i++;
            } else if (b == '~' && (next == '\n' || next == '\r') && !chinese) {
                i += next == '\r' && i + 2 < bytes.length && bytes[i + 2] == '\n' ? 2 : 1; // a line that goes on
            } else if (chinese && b > ' ' && next > ' ') {
                gb.write(b | 0x80);
                gb.write(next | 0x80);
                i++;
            } else {
                gb.write(b);
            }
        }
        return TextDecoder.leniently(gb.toByteArray(), TextEncoding.HZ.charset());
    }
}
