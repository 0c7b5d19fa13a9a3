package org.airpost.backend;

import java.util.regex.Pattern;

/**
 * Some bytes of a message as stored (transfer encoding not undone). Source: RFC 9051 "BODY[section]<partial>".
 *
 * @param section a part's number such as {@code 1.2}; empty for the whole message; {@code HEADER}, {@code 2.MIME} and the
 *     like as in FETCH; or a place ({@link #between})
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

    /** What {@link #between} gives. No part of a message has the number 0. */
    private static final Pattern PLACE = Pattern.compile("0\\.([0-9]{1,15})\\.([0-9]{1,15})");

    /** The section that is the bytes of the message from {@code start} up to {@code end}, whatever a server calls them. */
    public static String between(long start, long end) {
        return "0.%d.%d".formatted(start, end);
    }

    /** True for the name of a part that is told by its place. */
    public static boolean isPlace(String section) {
        return section.startsWith("0.") && PLACE.matcher(section).matches();
    }

    /** The same bytes by a name that every server knows: those of a part that is told by its place are of the whole message. */
    public Section asked() {
        if (!section.startsWith("0.")) {
            return this;
        }
        var place = PLACE.matcher(section);
        if (!place.matches()) {
            return this;
        }
        long end = Long.parseLong(place.group(2));
        long start = Math.min(end, Long.parseLong(place.group(1)));
        long from = start + Math.min(offset, end - start);
        return new Section(uid, "", from, Math.min(length, end - from));
    }

    /** A whole part. */
    public static Section whole(long uid, String section) {
        return new Section(uid, section, 0, ALL);
    }
}
