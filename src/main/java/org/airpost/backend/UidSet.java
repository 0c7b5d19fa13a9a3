package org.airpost.backend;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongConsumer;
import org.roaringbitmap.RoaringBitmap;

/**
 * An immutable set of UIDs (1 to 4,294,967,295), kept as a compressed bitmap. Source of the numbers: RFC 9051 "Unique
 * Identifier (UID) Message Attribute".
 */
public final class UidSet {

    public static final UidSet EMPTY = new UidSet(new RoaringBitmap());

    private static final int BYTES_OF_SET = 150;

    private final RoaringBitmap bits;

    private UidSet(RoaringBitmap bits) {
        this.bits = bits;
    }

    public static UidSet of(long... uids) {
        var bits = new RoaringBitmap();
        for (long uid : uids) {
            bits.add(checked(uid));
        }
        return new UidSet(bits);
    }

    public static UidSet of(Collection<Long> uids) {
        return of(uids.stream().mapToLong(Long::longValue).toArray());
    }

    /** All numbers from the first to the last, both included; empty if the last is below the first. */
    public static UidSet range(long first, long last) {
        if (last < first) {
            return EMPTY;
        }
        return new UidSet(RoaringBitmap.bitmapOfRange(checked(first) & 0xFFFFFFFFL, (checked(last) & 0xFFFFFFFFL) + 1));
    }

    /** True for a number that a message can have. */
    public static boolean isUid(long number) {
        return number >= 1 && number <= 0xFFFFFFFFL;
    }

    private static int checked(long uid) {
        if (!isUid(uid)) {
            throw new IllegalArgumentException("uid " + uid);
        }
        return (int) uid;
    }

    public boolean contains(long uid) {
        return isUid(uid) && bits.contains((int) uid);
    }

    public int size() {
        return bits.getCardinality();
    }

    public boolean isEmpty() {
        return bits.isEmpty();
    }

    /** Memory that it takes, about. */
    public int bytes() {
        return BYTES_OF_SET + bits.getSizeInBytes();
    }

    /** What is in both. */
    public UidSet and(UidSet other) {
        return new UidSet(RoaringBitmap.and(bits, other.bits));
    }

    /** What is in this one and not in the other. */
    public UidSet minus(UidSet other) {
        return new UidSet(RoaringBitmap.andNot(bits, other.bits));
    }

    /** What is in either. */
    public UidSet or(UidSet other) {
        return new UidSet(RoaringBitmap.or(bits, other.bits));
    }

    /** What is in exactly one of the two. */
    public UidSet xor(UidSet other) {
        return new UidSet(RoaringBitmap.xor(bits, other.bits));
    }

    public UidSet with(long uid) {
        return contains(uid) ? this : or(of(uid));
    }

    public UidSet without(long uid) {
        return contains(uid) ? minus(of(uid)) : this;
    }

    /** The greatest number, or 0 if empty. */
    public long greatest() {
        return bits.isEmpty() ? 0 : Integer.toUnsignedLong(bits.last());
    }

    /** At most so many of the greatest, descending: newest first. */
    public List<Long> newest(int limit) {
        var uids = new ArrayList<Long>(Math.min(limit, size()));
        var it = bits.getReverseIntIterator();
        while (it.hasNext() && uids.size() < limit) {
            uids.add(Integer.toUnsignedLong(it.next()));
        }
        return List.copyOf(uids);
    }

    /** All, ascending. */
    public List<Long> ascending() {
        var uids = new ArrayList<Long>(size());
        forEach(uids::add);
        return List.copyOf(uids);
    }

    /** Each, ascending. */
    public void forEach(LongConsumer action) {
        bits.forEach((int uid) -> action.accept(Integer.toUnsignedLong(uid)));
    }

    /** The number at a place, counted from 0 in ascending order. */
    public long at(int place) {
        return Integer.toUnsignedLong(bits.select(place));
    }

    /** A set under construction that begins with these numbers. */
    public Builder toBuilder() {
        return new Builder(bits.clone());
    }

    /** An empty set under construction. */
    public static Builder builder() {
        return new Builder(new RoaringBitmap());
    }

    /** As an IMAP sequence set, such as {@code 1:5,7}; an empty set has no such form. Source: RFC 9051 "sequence-set". */
    public String toImap() {
        if (isEmpty()) {
            throw new IllegalStateException("an empty set has no IMAP form");
        }
        var text = new StringBuilder();
        long first = -1;
        long last = -1;
        var it = bits.getIntIterator();
        while (it.hasNext()) {
            long uid = Integer.toUnsignedLong(it.next());
            if (first >= 0 && uid == last + 1) {
                last = uid;
                continue;
            }
            appendRange(text, first, last);
            first = uid;
            last = uid;
        }
        appendRange(text, first, last);
        return text.toString();
    }

    private static void appendRange(StringBuilder text, long first, long last) {
        if (first < 0) {
            return;
        }
        if (!text.isEmpty()) {
            text.append(',');
        }
        text.append(first);
        if (last > first) {
            text.append(':').append(last);
        }
    }

    /** Writes the set in RoaringBitmap's portable format. */
    public void write(DataOutputStream out) throws IOException {
        var compact = bits.clone();
        compact.runOptimize();
        compact.serialize(out);
    }

    /** Reads what {@link #write} wrote. */
    public static UidSet read(DataInputStream in) throws IOException {
        var bits = new RoaringBitmap();
        bits.deserialize(in);
        return new UidSet(bits);
    }

    public byte[] toBytes() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static UidSet ofBytes(InputStream in) {
        try {
            return read(new DataInputStream(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof UidSet set && bits.equals(set.bits));
    }

    @Override
    public int hashCode() {
        return bits.hashCode();
    }

    @Override
    public String toString() {
        return isEmpty() ? "{}" : "{" + toImap() + "}";
    }

    /** A set under construction; for one thread. */
    public static final class Builder {

        private final RoaringBitmap bits;

        private Builder(RoaringBitmap bits) {
            this.bits = bits;
        }

        /** True if it was not there before. */
        public boolean add(long uid) {
            return bits.checkedAdd(checked(uid));
        }

        /** True if it was there before. */
        public boolean remove(long uid) {
            return bits.checkedRemove(checked(uid));
        }

        public void addAll(UidSet uids) {
            bits.or(uids.bits);
        }

        public void removeAll(UidSet uids) {
            bits.andNot(uids.bits);
        }

        public boolean contains(long uid) {
            return uid >= 1 && uid <= 0xFFFFFFFFL && bits.contains((int) uid);
        }

        public int size() {
            return bits.getCardinality();
        }

        public boolean isEmpty() {
            return bits.isEmpty();
        }

        /** The number at a place, counted from 0 in ascending order. */
        public long at(int place) {
            return Integer.toUnsignedLong(bits.select(place));
        }

        /** The greatest number, or 0 if empty. */
        public long greatest() {
            return bits.isEmpty() ? 0 : Integer.toUnsignedLong(bits.last());
        }

        /** What has been gathered so far; later changes do not reach it. */
        public UidSet build() {
            return new UidSet(bits.clone());
        }
    }
}
