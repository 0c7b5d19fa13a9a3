package org.airpost.wbxml;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The pieces that the content of an element is made of, one after the other: inline strings, strings of the table, opaque
 * data, character entities. All are given as UTF-8, opaque data as it is. Source: WAP-192-WBXML §5.8.4.
 */
final class Pieces {

    /** IANA MIBenum numbers; 0 is "unknown". */
    private static final int US_ASCII = 3;

    private static final int ISO_8859_1 = 4;
    private static final int UTF_8 = 106;

    /** The kind of the present piece. */
    private enum Kind {
        NONE,
        INLINE,
        TABLE,
        OPAQUE,
        ENTITY
    }

    private final Octets octets;
    private final Function<String, MalformedRequestException> fault;
    private Charset charset = StandardCharsets.UTF_8;
    private byte[] table = new byte[0];
    private int mostTableBytes;
    private long repeated; // bytes that texts took out of the table

    private Kind kind = Kind.NONE;
    private long left; // of an opaque piece
    private byte[] source = table; // of a table or entity piece
    private int at; // the next byte of source
    private int carry = -1; // second UTF-8 byte of an ISO-8859-1 character that did not fit
    private int taken; // source bytes that the last encode() took

    Pieces(Octets octets, Function<String, MalformedRequestException> fault) {
        this.octets = octets;
        this.fault = fault;
    }

    Charset charset() {
        return charset;
    }

    /** The charset's number and the string table, of so many bytes at most. Source: WAP-192-WBXML §5.6, §5.7. */
    void header(int most) {
        mostTableBytes = most;
        long number = octets.multiByte();
        charset = switch ((int) number) {
            case 0, US_ASCII, UTF_8 -> StandardCharsets.UTF_8;
            case ISO_8859_1 -> StandardCharsets.ISO_8859_1;
            default -> throw fault.apply("charset %d, expected 106 (UTF-8)".formatted(number));
        };
        long length = octets.multiByte();
        if (length > mostTableBytes) {
            throw fault.apply("a string table of %d bytes, at most %d are read".formatted(length, mostTableBytes));
        }
        int filled = 0;
        while (filled < length) {
            if (filled == table.length) {
                table = Arrays.copyOf(table, (int) Math.min(length, Math.max(256, table.length * 2L)));
            }
            filled += octets.copy(table, filled, Math.min(length, table.length) - filled);
        }
    }

    /** True while the present piece has bytes left. */
    boolean open() {
        return kind != Kind.NONE || carry >= 0;
    }

    boolean opaque() {
        return kind == Kind.OPAQUE;
    }

    /** Begins the piece that a token announces; a token that announces none is an error. */
    void begin(int token) {
        switch (token) {
            case Tokens.STR_I -> kind = Kind.INLINE;
            case Tokens.STR_T -> {
                long index = octets.multiByte();
                if (index >= table.length) {
                    throw fault.apply("string %d of a table of %d bytes".formatted(index, table.length));
                }
                source = table;
                at = (int) index;
                kind = Kind.TABLE;
            }
            case Tokens.OPAQUE -> {
                left = octets.multiByte();
                kind = Kind.OPAQUE;
            }
            case Tokens.ENTITY -> {
                source = character(octets.multiByte());
                at = 0;
                kind = Kind.ENTITY;
            }
            default -> throw fault.apply(Tokens.named(token) + " where text was expected");
        }
    }

    /** The next bytes of the piece; zero of them if it turns out to have none left. */
    int read(byte[] target, int offset, int length) {
        if (carry >= 0) {
            target[offset] = (byte) carry;
            carry = -1;
            return 1;
        }
        return switch (kind) {
            case INLINE -> inline(target, offset, length);
            case OPAQUE -> opaque(target, offset, length);
            case TABLE -> tabled(target, offset, length);
            case ENTITY -> entity(target, offset, length);
            case NONE -> 0;
        };
    }

    /** Passes over what is left of the piece. */
    void pass() {
        switch (kind) {
            case INLINE -> octets.passString();
            case OPAQUE -> octets.pass(left);
            case NONE, TABLE, ENTITY -> {
                // nothing of these is left in the document
            }
        }
        carry = -1;
        kind = Kind.NONE;
    }

    private int inline(byte[] target, int offset, int length) {
        octets.need();
        int most = Math.min(octets.limit - octets.position, length);
        int count = beforeZero(octets.buffer, octets.position, most);
        int written = encode(octets.buffer, octets.position, count, target, offset, length);
        octets.position += taken;
        if (count < most && taken == count) {
            octets.position++;
            kind = Kind.NONE;
        }
        return written;
    }

    private int tabled(byte[] target, int offset, int length) {
        int count = beforeZero(source, at, Math.min(source.length - at, length));
        int written = encode(source, at, count, target, offset, length);
        at += taken;
        repeated += taken;
        if (repeated > mostTableBytes) {
            // A few bytes each would stand for megabytes, over and over.
            throw fault.apply("more than %d bytes out of the string table".formatted(mostTableBytes));
        }
        if (at == source.length || source[at] == 0) {
            kind = Kind.NONE;
        }
        return written;
    }

    private int entity(byte[] target, int offset, int length) {
        int count = Math.min(source.length - at, length);
        System.arraycopy(source, at, target, offset, count);
        at += count;
        if (at == source.length) {
            kind = Kind.NONE;
        }
        return count;
    }

    private int opaque(byte[] target, int offset, int length) {
        int count = left == 0 ? 0 : octets.copy(target, offset, Math.min(length, left));
        left -= count;
        if (left == 0) {
            kind = Kind.NONE;
        }
        return count;
    }

    private static int beforeZero(byte[] bytes, int start, int most) {
        int count = 0;
        while (count < most && bytes[start + count] != 0) {
            count++;
        }
        return count;
    }

    /** Copies characters of the document's charset as UTF-8, as many as fit. */
    private int encode(byte[] from, int start, int count, byte[] target, int offset, int length) {
        if (!charset.equals(StandardCharsets.ISO_8859_1)) {
            System.arraycopy(from, start, target, offset, count);
            taken = count;
            return count;
        }
        int written = 0;
        taken = 0;
        while (taken < count && written < length) {
            int character = from[start + taken++] & 0xFF;
            if (character < 0x80) {
                target[offset + written++] = (byte) character;
                continue;
            }
            target[offset + written++] = (byte) (0xC0 | (character >> 6));
            int second = 0x80 | (character & 0x3F);
            if (written < length) {
                target[offset + written++] = (byte) second;
            } else {
                carry = second;
            }
        }
        return written;
    }

    private byte[] character(long code) {
        if (code == 0 || code > Character.MAX_CODE_POINT || (code >= 0xD800 && code <= 0xDFFF)) {
            throw fault.apply("character entity %d".formatted(code));
        }
        return Character.toString((int) code).getBytes(StandardCharsets.UTF_8);
    }
}
