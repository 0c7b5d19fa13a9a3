package org.airpost.eas;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Times as EAS writes them, always UTC: with separators ({@code 2000-12-25T08:35:00.000Z}: Email, Tasks, Contacts,
 * Settings, Search, ResolveRecipients, InstanceId of MeetingResponse and Smart*) or compact ({@code 20001225T083500Z}:
 * Calendar, Notes, ProposedStartTime, AirSyncBase InstanceId). Either is read anywhere. Source: MS-ASDTYPE "dateTime",
 * "Compact DateTime"; sync-rules TM-01 to TM-04.
 */
public final class EasDate {

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    private EasDate() {}

    /**
     * With separators and milliseconds, which are always zero. Years outside of 1 to 9999 become the first or the last
     * second that can be written.
     */
    public static String separated(Instant time) {
        var t = bounded(time);
        return digits(new StringBuilder(24), t.getYear(), 4)
                .append('-')
                .append(two(t.getMonthValue()))
                .append('-')
                .append(two(t.getDayOfMonth()))
                .append('T')
                .append(two(t.getHour()))
                .append(':')
                .append(two(t.getMinute()))
                .append(':')
                .append(two(t.getSecond()))
                .append(".000Z")
                .toString();
    }

    /** Without separators and milliseconds; bounded as {@link #separated}. */
    public static String compact(Instant time) {
        var t = bounded(time);
        return digits(new StringBuilder(16), t.getYear(), 4)
                .append(two(t.getMonthValue()))
                .append(two(t.getDayOfMonth()))
                .append('T')
                .append(two(t.getHour()))
                .append(two(t.getMinute()))
                .append(two(t.getSecond()))
                .append('Z')
                .toString();
    }

    /** A time in either format, with or without milliseconds; empty if it is unreadable or does not end in Z. */
    public static Optional<Instant> parse(String text) {
        var stripped = text.strip();
        if (!stripped.endsWith("Z")) {
            return Optional.empty();
        }
        return read(stripped.substring(0, stripped.length() - 1)).map(t -> t.toInstant(ZoneOffset.UTC));
    }

    /** The same for places where a time without Z is one of this zone (Tasks: TM-03). */
    public static Optional<Instant> parse(String text, ZoneId withoutZ) {
        var stripped = text.strip();
        return stripped.endsWith("Z")
                ? parse(stripped)
                : read(stripped).map(t -> t.atZone(withoutZ).toInstant());
    }

    private static LocalDateTime bounded(Instant time) {
        var least = time.isBefore(FIRST) ? FIRST : time;
        return LocalDateTime.ofInstant(least.isAfter(LAST) ? LAST : least, ZoneOffset.UTC);
    }

    private static String two(int number) {
        return digits(new StringBuilder(2), number, 2).toString();
    }

    private static StringBuilder digits(StringBuilder to, int number, int count) {
        int power = 1;
        for (int i = 1; i < count; i++) {
            power *= 10;
        }
        for (; power > 0; power /= 10) {
            to.append((char) ('0' + number / power % 10));
        }
        return to;
    }

    /** {@code yyyy-MM-ddTHH:mm:ss} or {@code yyyyMMddTHHmmss}, either with a fraction of a second. */
    private static Optional<LocalDateTime> read(String text) {
        int dot = text.indexOf('.');
        var whole = dot < 0 ? text : text.substring(0, dot);
        int nanos = dot < 0 ? 0 : nanos(text.substring(dot + 1));
        boolean separators = whole.length() == 19;
        if (nanos < 0 || !(separators ? hasSeparators(whole) : whole.length() == 15 && whole.charAt(8) == 'T')) {
            return Optional.empty();
        }
        int wide = separators ? 1 : 0;
        int year = number(whole, 0, 4);
        int month = number(whole, 4 + wide, 2);
        int day = number(whole, 6 + 2 * wide, 2);
        int hour = number(whole, 9 + 2 * wide, 2);
        int minute = number(whole, 11 + 3 * wide, 2);
        int second = number(whole, 13 + 4 * wide, 2);
        if (year < 1 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDateTime.of(year, month, day, hour, minute, second, nanos));
        } catch (DateTimeException e) {
            return Optional.empty(); // the 31st of February, 25 o'clock
        }
    }

    private static boolean hasSeparators(String text) {
        return text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && text.charAt(10) == 'T'
                && text.charAt(13) == ':'
                && text.charAt(16) == ':';
    }

    /** A number of so many ASCII digits, or -1. */
    private static int number(String text, int start, int count) {
        int number = 0;
        for (int i = start; i < start + count; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }

    /** One to nine digits behind the point as nanoseconds, or -1. */
    private static int nanos(String fraction) {
        return fraction.isEmpty() || fraction.length() > 9
                ? -1
                : number(fraction + "000000000".substring(fraction.length()), 0, 9);
    }
}
