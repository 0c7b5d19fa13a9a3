package org.airpost.backend.imap;

import java.util.ArrayList;
import java.util.List;
import org.airpost.backend.UidSet;

/** Sets of UIDs as they are written in commands and responses. Source: RFC 9051 "sequence-set". */
final class UidText {

    /** Characters of a set in one command; servers take lines of 8,000 octets at least (RFC 7162 §4). */
    private static final int MAX_TEXT = 4000;

    private static final int MAX_LISTED = 10_000_000;

    private UidText() {}

    /** Reads a set; what is not a number or range is left out. Nothing above the limit, which may be the UIDNEXT. */
    static UidSet parse(String text, long below) {
        var set = UidSet.builder();
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            long first = number(colon < 0 ? part : part.substring(0, colon));
            long last = colon < 0 ? first : number(part.substring(colon + 1));
            if (first < 1 || last < 1) {
                continue;
            }
            long low = Math.min(first, last);
            long high = Math.min(Math.max(first, last), Math.min(below - 1, 0xFFFFFFFFL));
            if (low <= high) {
                set.addAll(UidSet.range(low, high));
            }
        }
        return set.build();
    }

    /** Reads a set in the order in which it is written, as COPYUID needs it. */
    static List<Long> listed(String text) {
        var uids = new ArrayList<Long>();
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            long first = number(colon < 0 ? part : part.substring(0, colon));
            long last = colon < 0 ? first : number(part.substring(colon + 1));
            if (first < 1 || last < 1) {
                continue;
            }
            // RFC 4315 §3: the range 9:7 means 7:9.
            for (long uid = Math.min(first, last); uid <= Math.max(first, last) && uids.size() < MAX_LISTED; uid++) {
                uids.add(uid);
            }
        }
        return uids;
    }

    private static long number(String text) {
        long number = new Value.Atom(text.strip()).number();
        return number <= 0xFFFFFFFFL ? number : -1;
    }

    /** A set as parts that fit into a command each. */
    static List<UidSet> parts(UidSet uids) {
        if (uids.isEmpty()) {
            return List.of();
        }
        if (uids.size() < MAX_TEXT / 11 || uids.toImap().length() <= MAX_TEXT) {
            return List.of(uids);
        }
        var parts = new ArrayList<UidSet>();
        var part = UidSet.builder();
        int length = 0;
        long previous = -1;
        for (long uid : uids.ascending()) {
            if (uid != previous + 1) {
                length += 22; // a range at its longest, with the comma
                if (length > MAX_TEXT) {
                    parts.add(part.build());
                    part = UidSet.builder();
                    length = 22;
                }
            }
            part.add(uid);
            previous = uid;
        }
        parts.add(part.build());
        return parts;
    }
}
