package org.airpost.wbxml;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;

/**
 * The bytes of a document through a small buffer: counted, bounded, and at their end an error. The buffer is open to the
 * package, so that strings can be searched and copied in place.
 */
final class Octets {

    private static final int BUFFER = 8192;

    final byte[] buffer = new byte[BUFFER];
    int position;
    int limit;

    private final InputStream in;
    private final long most;
    private final Function<String, MalformedRequestException> fault;
    private long before; // bytes of the document before buffer[0]

    Octets(InputStream in, long most, Function<String, MalformedRequestException> fault) {
        this.in = in;
        this.most = most;
        this.fault = fault;
    }

    /** Bytes read so far. */
    long offset() {
        return before + position;
    }

    /** True if the stream has no more bytes. */
    boolean atEnd() {
        return position == limit && !fill();
    }

    int next() {
        need();
        return buffer[position++] & 0xFF;
    }

    /** Makes sure that the buffer holds one byte at least. */
    void need() {
        if (position == limit && !fill()) {
            throw fault.apply("the document ends too early");
        }
    }

    /** At most this many of the next bytes, at least one. */
    int copy(byte[] target, int offset, long length) {
        int count = available(length);
        System.arraycopy(buffer, position, target, offset, count);
        position += count;
        return count;
    }

    /** Passes over bytes without keeping them. */
    void pass(long count) {
        long left = count;
        while (left > 0) {
            int passed = available(left);
            position += passed;
            left -= passed;
        }
    }

    /** Passes over bytes up to the next zero, and over that. */
    void passString() {
        while (true) {
            need();
            int at = position;
            int end = limit;
            while (at < end && buffer[at] != 0) {
                at++;
            }
            if (at < end) {
                position = at + 1;
                return;
            }
            position = at;
        }
    }

    /** An unsigned number of at most 32 bits in at most five bytes. Source: WAP-192-WBXML §5.1. */
    long multiByte() {
        long value = 0;
        for (int i = 0; i < 5; i++) {
            int next = next();
            value = (value << 7) | (next & 0x7F);
            if ((next & 0x80) == 0) {
                if (value > 0xFFFF_FFFFL) {
                    throw fault.apply("a number of more than 32 bits");
                }
                return value;
            }
        }
        throw fault.apply("a number of more than five bytes");
    }

    private int available(long length) {
        need();
        return (int) Math.min(limit - position, length);
    }

    /** Reads more; false at the end of the stream. */
    private boolean fill() {
        before += limit;
        position = 0;
        limit = 0;
        try {
            int read = in.read(buffer, 0, BUFFER);
            if (read == 0) { // a stream that should not, but does
                int single = in.read();
                if (single >= 0) {
                    buffer[0] = (byte) single;
                    read = 1;
                }
            }
            if (read <= 0) {
                return false;
            }
            limit = read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (before + limit > most) {
            throw fault.apply("a document of more than %d bytes".formatted(most));
        }
        return true;
    }
}
