package org.airpost.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The rules of a time zone as Windows knows them: a bias, and one change to daylight saving time and one back each year. 172
 * bytes in base64. Source: MS-ASDTYPE "TimeZone"; the structure is TIME_ZONE_INFORMATION of Windows.
 */
final class TimeZoneBlob {

    private static final int SIZE = 172;
    private static final int NAME_BYTES = 64;

    private TimeZoneBlob() {}

    /**
     * The structure in base64.
     *
     * @param name of standard time, as Windows has it; may be empty
     * @param year in which the rules are to hold
     */
    static String of(ZoneRules rules, String name, int year) {
        var changes = changes(rules, year);
        var start = LocalDateTime.of(year, 1, 1, 0, 0).toInstant(ZoneOffset.UTC);
        int standard = minutes(rules.getStandardOffset(start));
        var blob = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        if (changes.size() != 2) { // none, or something that Windows has no place for: the offset of that year's start
            blob.putInt(-minutes(rules.getOffset(start)));
            name(blob, name);
            blob.put(new byte[16]).putInt(0);
            name(blob, name);
            return encoded(blob.put(new byte[16]).putInt(0));
        }
        boolean firstIsDaylight = changes.getFirst().isGap();
        var toDaylight = changes.get(firstIsDaylight ? 0 : 1);
        var toStandard = changes.get(firstIsDaylight ? 1 : 0);
        int daylight = minutes(toDaylight.getOffsetAfter());
        int base = minutes(toStandard.getOffsetAfter());
        blob.putInt(-base);
        name(blob, name);
        date(blob, toStandard, rules);
        blob.putInt(0);
        name(blob, name.replace("Standard", "Daylight"));
        date(blob, toDaylight, rules);
        return encoded(blob.putInt(standard == base ? base - daylight : -(daylight - base)));
    }

    private static String encoded(ByteBuffer blob) {
        var bytes = new byte[SIZE];
        blob.get(0, bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static int minutes(ZoneOffset offset) {
        return offset.getTotalSeconds() / 60;
    }

    private static void name(ByteBuffer blob, String name) {
        var bytes = Preview.firstCharacters(name, NAME_BYTES / 2 - 1).getBytes(StandardCharsets.UTF_16LE);
        blob.put(bytes).put(new byte[NAME_BYTES - bytes.length]);
    }

    /** The changes of a year, in order. */
    private static List<ZoneOffsetTransition> changes(ZoneRules rules, int year) {
        var changes = new ArrayList<ZoneOffsetTransition>();
        Instant at = LocalDateTime.of(year, 1, 1, 0, 0).toInstant(ZoneOffset.UTC);
        var end = at.plusSeconds(366L * 24 * 3600);
        for (var next = rules.nextTransition(at);
                next != null && next.getInstant().isBefore(end); ) {
            if (next.getDateTimeBefore().getYear() == year) {
                changes.add(next);
            }
            next = rules.nextTransition(next.getInstant());
        }
        return changes;
    }

    /** A SYSTEMTIME that says "the n-th Sunday of March"; n is 5 for the last. */
    private static void date(ByteBuffer blob, ZoneOffsetTransition change, ZoneRules rules) {
        var local = change.getDateTimeBefore();
        int day = local.getDayOfMonth();
        boolean last = day + 7 > local.toLocalDate().lengthOfMonth() && isLastNextYear(change, rules);
        blob.putShort((short) 0)
                .putShort((short) local.getMonthValue())
                .putShort((short) (local.getDayOfWeek().getValue() % 7))
                .putShort((short) (last ? 5 : (day - 1) / 7 + 1))
                .putShort((short) local.getHour())
                .putShort((short) local.getMinute())
                .putShort((short) local.getSecond())
                .putShort((short) 0);
    }

    /** A fourth Sunday may be the last one by chance: over the years it is not. */
    private static boolean isLastNextYear(ZoneOffsetTransition change, ZoneRules rules) {
        var at = change;
        for (int i = 0; i < 14; i++) {
            var next = rules.nextTransition(at.getInstant());
            if (next == null) {
                return true;
            }
            at = next;
            var local = at.getDateTimeBefore();
            if (local.getMonth() == change.getDateTimeBefore().getMonth()
                    && local.getDayOfMonth() + 7 <= local.toLocalDate().lengthOfMonth()) {
                return false;
            }
        }
        return true;
    }
}
