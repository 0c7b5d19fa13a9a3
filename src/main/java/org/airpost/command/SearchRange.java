package org.airpost.command;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which results are asked for, counted from zero, both ends included. Source: MS-ASCMD "Range (Search)", "Range (Find)".
 */
public record SearchRange(int first, int last) {

    /** What is meant where none is said, and all that Search gives of a mailbox or an address list. Source: R3733, R3735. */
    public static final SearchRange DEFAULT = new SearchRange(0, 99);

    private static final Pattern TEXT = Pattern.compile("\\s*(\\d{1,6})\\s*-\\s*(\\d{1,6})\\s*");

    public SearchRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("range %d-%d".formatted(first, last));
        }
    }

    /** Reads {@code m-n}; nothing if it is no range. */
    static Optional<SearchRange> parse(String text) {
        var matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = Integer.parseInt(matcher.group(2));
        return first <= last ? Optional.of(new SearchRange(first, last)) : Optional.empty();
    }

    /** As many as there are of them among so many results. */
    public int countOf(int results) {
        return Math.max(0, Math.min(last + 1, results) - first);
    }
}
