package org.airpost.phone;

/** Bytes {@code first} to {@code last}, both counted from 0 and both included. Source: MS-ASCMD "Range (ItemOperations)". */
public record ByteRange(long first, long last) {

    public ByteRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("range %d-%d".formatted(first, last));
        }
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
