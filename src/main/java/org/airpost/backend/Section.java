package org.airpost.backend;

/**
 * Some bytes of a message as stored (transfer encoding not undone). Source: RFC 9051 "BODY[section]<partial>".
 *
 * @param section a part's number such as {@code 1.2}; empty for the whole message; {@code HEADER}, {@code 2.MIME} and the
 *     like as in FETCH
 * @param offset first byte, from 0
 * @param length bytes at most; {@link #ALL} for all
 */
public record Section(long uid, String section, long offset, long length) {

    public static final long ALL = Long.MAX_VALUE;

    public Section {
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException("section %s of %d: %d, %d".formatted(section, uid, offset, length));
        }
    }

    /** A whole part. */
    public static Section whole(long uid, String section) {
        return new Section(uid, section, 0, ALL);
    }
}
