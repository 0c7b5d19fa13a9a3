package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Undoes a Content-Transfer-Encoding while bytes flow through. Broken input is decoded as far as it goes, never refused.
 * {@link #finish} must be called after the last byte. Source: RFC 2045 section 6; POSIX uuencode.
 */
abstract sealed class TransferDecoder extends OutputStream {

    private static final int BUFFER = 8 << 10;

    /** Comments, quotes, spaces, and all from a semicolon on. */
    private static final Pattern NO_NAME = Pattern.compile("\\([^()]*\\)|[\"'\\s]|;.*", Pattern.DOTALL);

    private final OutputStream target;
    private final byte[] held = new byte[BUFFER];
    private int count;

    private TransferDecoder(OutputStream target) {
        this.target = target;
    }

    /** A decoder in front of a stream. An encoding that nobody knows is passed through. */
    static TransferDecoder of(String encoding, OutputStream target) {
        return switch (known(encoding)) {
            case "base64" -> new Base64(target);
            case "quoted-printable" -> new QuotedPrintable(target);
            case "x-uuencode", "x-uue", "uuencode", "x-uu" -> new UuEncoded(target);
            default -> new Identity(target);
        };
    }

    /** True for an encoding that can be undone. */
    static boolean isKnown(String encoding) {
        return switch (known(encoding)) {
            case "",
                    "7bit",
                    "8bit",
                    "binary",
                    "base64",
                    "quoted-printable",
                    "x-uuencode",
                    "x-uue",
                    "uuencode",
                    "x-uu" -> true;
            default -> false;
        };
    }

    /** The name of an encoding as the standard writes it, where mailers write it a little differently. */
    private static String known(String encoding) {
        var name = NO_NAME.matcher(encoding.toLowerCase(Locale.ROOT)).replaceAll("");
        return switch (name) {
            case "quotedprintable" -> "quoted-printable";
            case "base-64" -> "base64";
            default -> name;
        };
    }

    /** Decodes bytes that are at hand; gives those themselves if nothing was encoded. */
    static byte[] decode(byte[] bytes, String encoding) {
        if (encoding.isEmpty() || encoding.equals("7bit") || encoding.equals("8bit") || encoding.equals("binary")) {
            return bytes;
        }
        var out = new ByteArrayOutputStream(bytes.length);
        var decoder = of(encoding, out);
        try {
            decoder.write(bytes, 0, bytes.length);
            decoder.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return out.toByteArray();
    }

    /**
     * True if text that is declared base64 is not: its first line has spaces between words, or many characters that base64
     * does not have.
     */
    static boolean isPlainlyNotBase64(byte[] bytes) {
        int strange = 0;
        int spaces = 0;
        int at = 0;
        for (; at < bytes.length && at < 200 && (bytes[at] != '\n' || at < 8); at++) {
            byte b = bytes[at];
            if (b == ' ') {
                spaces++;
            } else if (b != '=' && b != '\r' && b != '\n' && b != '\t' && !isBase64(b)) {
                strange++;
            }
        }
        return strange > 0 && (spaces + strange) * 8 > at;
    }

    /** True for a digit of base64, in either alphabet. */
    static boolean isBase64(byte b) {
        return Base64.VALUES[b & 0xFF] >= 0 || b == '-' || b == '_';
    }

    /** Decoded bytes of so many encoded ones, about; at least 1. */
    static long estimate(long encodedSize, String encoding) {
        long decoded = switch (known(encoding)) {
            case "base64" -> encodedSize / 78 * 57 + encodedSize % 78 * 3 / 4;
            case "x-uuencode", "x-uue", "uuencode", "x-uu" -> encodedSize * 5 / 7;
            default -> encodedSize;
        };
        return Math.max(1, decoded);
    }

    /** Encoded bytes that surely hold so many decoded ones. */
    static long encodedSize(long decodedSize, String encoding) {
        return switch (known(encoding)) {
            case "base64" -> decodedSize + decodedSize / 2 + 8;
            case "quoted-printable" -> decodedSize * 3 + decodedSize / 4 + 8;
            case "x-uuencode", "x-uue", "uuencode", "x-uu" -> decodedSize + decodedSize / 2 + 128;
            default -> decodedSize;
        };
    }

    /** Encoded bytes that hold so many decoded ones of a text in Latin letters, as a rule; of some more are needed. */
    static long likelyEncodedSize(long decodedSize) {
        return decodedSize + decodedSize / 4;
    }

    static boolean isQuotedPrintable(String encoding) {
        return known(encoding).equals("quoted-printable");
    }

    /** Writes what is held back. Does not close the stream. */
    final void finish() throws IOException {
        end();
        target.write(held, 0, count);
        count = 0;
    }

    @Override
    public final void write(byte[] bytes, int from, int length) throws IOException {
        for (int i = from; i < from + length; i++) {
            write(bytes[i]);
        }
    }

    final void put(int b) throws IOException {
        if (count == BUFFER) {
            target.write(held, 0, count);
            count = 0;
        }
        held[count++] = (byte) b;
    }

    abstract void end() throws IOException;

    private static final class Identity extends TransferDecoder {

        Identity(OutputStream target) {
            super(target);
        }

        @Override
        public void write(int b) throws IOException {
            put(b);
        }

        @Override
        void end() {}
    }

    /**
     * Skips what is not of the alphabet; padding in the middle ends one piece, and the next begins. The alphabet for addresses
     * of the web is read as well, as long as nothing shows that it is the other. Source: RFC 4648 section 5.
     */
    private static final class Base64 extends TransferDecoder {

        private static final byte[] VALUES = values();

        private boolean isOrdinary;

        private int bits;
        private int digits;

        Base64(OutputStream target) {
            super(target);
        }

        @Override
        public void write(int b) throws IOException {
            int value = VALUES[b & 0xFF];
            if (value < 0 && !isOrdinary) {
                value = b == '-' ? 62 : b == '_' ? 63 : -1;
            }
            isOrdinary |= b == '+' || b == '/' || (value < 0 && b > ' ');
            if (value >= 0) {
                bits = (bits << 6) | value;
                if (++digits == 4) {
                    put(bits >> 16);
                    put(bits >> 8);
                    put(bits);
                    digits = 0;
                }
            } else if (b == '=') {
                end();
            }
        }

        @Override
        void end() throws IOException {
            if (digits == 2) {
                put(bits >> 4);
            } else if (digits == 3) {
                put(bits >> 10);
                put(bits >> 2);
            }
            digits = 0;
        }

        private static byte[] values() {
            var table = new byte[256];
            java.util.Arrays.fill(table, (byte) -1);
            var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            for (int i = 0; i < 64; i++) {
                table[alphabet.charAt(i)] = (byte) i;
            }
            return table;
        }
    }

    /** A sign of equality that is followed by neither two digits nor the end of a line stands for itself. */
    private static final class QuotedPrintable extends TransferDecoder {

        private enum State {
            TEXT,
            ESCAPE,
            DIGIT,
            SOFT_BREAK,
            SOFT_BREAK_CR
        }

        private State state = State.TEXT;
        private int first;

        QuotedPrintable(OutputStream target) {
            super(target);
        }

        @Override
        public void write(int b) throws IOException {
            int c = b & 0xFF;
            switch (state) {
                case TEXT -> text(c);
                case ESCAPE -> {
                    if (c == '\r') {
                        state = State.SOFT_BREAK_CR;
                    } else if (c == '\n') {
                        state = State.TEXT;
                    } else if (c == ' ' || c == '\t') {
                        state = State.SOFT_BREAK;
                    } else if (Character.digit(c, 16) >= 0) {
                        first = c;
                        state = State.DIGIT;
                    } else {
                        put('=');
                        text(c);
                    }
                }
                case DIGIT -> {
                    if (Character.digit(c, 16) >= 0) {
                        put(Character.digit(first, 16) << 4 | Character.digit(c, 16));
                        state = State.TEXT;
                    } else {
                        put('=');
                        put(first);
                        text(c);
                    }
                }
                case SOFT_BREAK -> { // spaces that a relay put behind the sign
                    if (c == '\r') {
                        state = State.SOFT_BREAK_CR;
                    } else if (c == '\n') {
                        state = State.TEXT;
                    } else if (c != ' ' && c != '\t') {
                        put('=');
                        put(' ');
                        text(c);
                    }
                }
                case SOFT_BREAK_CR -> {
                    if (c == '\n') {
                        state = State.TEXT;
                    } else {
                        text(c);
                    }
                }
            }
        }

        private void text(int c) throws IOException {
            if (c == '=') {
                state = State.ESCAPE;
            } else {
                state = State.TEXT;
                put(c);
            }
        }

        @Override
        void end() throws IOException {
            if (state == State.DIGIT) {
                put('=');
                put(first);
            }
            state = State.TEXT;
        }
    }

    /** Lines between {@code begin} and {@code end}; lines before and after them are dropped. */
    private static final class UuEncoded extends TransferDecoder {

        private static final int LINE = 1024;

        private final byte[] line = new byte[LINE];
        private int length;
        private boolean begun;
        private boolean ended;

        UuEncoded(OutputStream target) {
            super(target);
        }

        @Override
        public void write(int b) throws IOException {
            if (b == '\n') {
                line();
            } else if (b != '\r' && length < LINE) {
                line[length++] = (byte) b;
            }
        }

        private void line() throws IOException {
            int size = length;
            length = 0;
            if (ended || size == 0) {
                return;
            }
            if (!begun) {
                begun = startsWith("begin ", size);
                return;
            }
            int count = (line[0] - ' ') & 0x3F;
            if (count == 0 || (size == 3 && startsWith("end", size))) {
                ended = true;
                return;
            }
            for (int at = 1; count > 0; at += 4) {
                int group = sextet(at, size) << 18
                        | sextet(at + 1, size) << 12
                        | sextet(at + 2, size) << 6
                        | sextet(at + 3, size);
                for (int shift = 16; shift >= 0 && count > 0; shift -= 8, count--) {
                    put(group >> shift);
                }
            }
        }

        private int sextet(int at, int size) {
            return at < size ? (line[at] - ' ') & 0x3F : 0;
        }

        private boolean startsWith(String start, int size) {
            if (size < start.length()) {
                return false;
            }
            for (int i = 0; i < start.length(); i++) {
                if (line[i] != start.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        void end() throws IOException {
            line();
        }
    }
}
