package org.airpost.convert;

import biweekly.component.Observance;
import biweekly.component.VTimezone;
import biweekly.util.ByDay;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransitionRule;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the rules of a time zone that a calendar names, by its name if we know that, else by what the calendar says of it. */
final class CalendarZones {

    private static final Pattern OFFSET =
            Pattern.compile("(?:UTC|GMT)\\s?([+-])(\\d{1,2})(?:[:.]?(\\d{2}))?", Pattern.CASE_INSENSITIVE);

    private static final int FIRST_YEAR = 1970;

    /** What is longer is no name; each slash in it would be looked behind. */
    private static final int MOST_NAME = 255;

    private CalendarZones() {}

    /**
     * A zone.
     *
     * @param name for Windows; may be empty
     */
    record Zone(ZoneRules rules, String name) {

        static final Zone UTC = of(ZoneOffset.UTC);

        static Zone of(ZoneId zone) {
            return new Zone(zone.getRules(), WindowsZones.name(zone).orElse(zone.getId()));
        }
    }

    /** The zone with an id as calendars write it: {@code Europe/Berlin}, {@code W. Europe Standard Time}, {@code /x/Europe/Berlin}. */
    static Optional<Zone> byName(String id) {
        var name = id.strip().replace("\"", "");
        if (name.length() > MOST_NAME) {
            return Optional.empty();
        }
        var windows = WindowsZones.zone(name);
        if (windows.isPresent()) {
            return windows.map(Zone::of);
        }
        for (int at = 0; at >= 0; at = name.indexOf('/', at) + 1) {
            var rest = name.substring(at);
            if (ZoneId.getAvailableZoneIds().contains(rest)) {
                return Optional.of(Zone.of(ZoneId.of(rest)));
            }
            if (name.indexOf('/', at) < 0) {
                break;
            }
        }
        return Optional.empty();
    }

    /** The zone that a component describes. */
    static Optional<Zone> of(@Nullable VTimezone component) {
        if (component == null) {
            return Optional.empty();
        }
        var id = component.getTimezoneId() == null
                ? ""
                : text(component.getTimezoneId().getValue());
        return byName(id).or(() -> described(component, id));
    }

    /** The offset that a name tells, such as {@code (UTC+01:00) Amsterdam, Berlin}. */
    static Optional<Zone> byOffset(String id) {
        var offset = OFFSET.matcher(id);
        if (!offset.find()) {
            return Optional.empty();
        }
        int minutes = Integer.parseInt(offset.group(2)) * 60
                + (offset.group(3) == null ? 0 : Integer.parseInt(offset.group(3)));
        return minutes > 18 * 60
                ? Optional.empty()
                : Optional.of(new Zone(
                        ZoneOffset.ofTotalSeconds((offset.group(1).equals("-") ? -60 : 60) * minutes)
                                .getRules(),
                        ""));
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static Optional<Zone> described(VTimezone component, String id) {
        var standard = last(component.getStandardTimes());
        var daylight = last(component.getDaylightSavingsTime());
        var base = standard.flatMap(CalendarZones::offset).or(() -> daylight.flatMap(CalendarZones::offset));
        if (base.isEmpty()) {
            return Optional.empty();
        }
        var summer = daylight.flatMap(CalendarZones::offset).orElse(base.get());
        var toSummer = daylight.flatMap(change -> rule(change, base.get(), base.get(), summer));
        var toStandard = standard.flatMap(change -> rule(change, base.get(), summer, base.get()));
        if (summer.equals(base.get()) || toSummer.isEmpty() || toStandard.isEmpty()) {
            return Optional.of(new Zone(base.get().getRules(), id));
        }
        var rules = new ArrayList<>(List.of(toSummer.get(), toStandard.get()));
        rules.sort(Comparator.comparing(ZoneOffsetTransitionRule::getMonth));
        // Java follows rules only from a first change on.
        var first = List.of(toSummer.get().createTransition(FIRST_YEAR));
        return Optional.of(new Zone(ZoneRules.of(base.get(), base.get(), List.of(), first, rules), id));
    }

    /** Of several the one that came last. */
    private static Optional<Observance> last(List<? extends Observance> observances) {
        return observances.isEmpty() ? Optional.empty() : Optional.of(observances.getLast());
    }

    private static Optional<ZoneOffset> offset(Observance observance) {
        var to = observance.getTimezoneOffsetTo();
        if (to == null || to.getValue() == null) {
            return Optional.empty();
        }
        long seconds = to.getValue().getMillis() / 1_000;
        return Math.abs(seconds) > 18 * 3600 ? Optional.empty() : Optional.of(ZoneOffset.ofTotalSeconds((int) seconds));
    }

    private static Optional<ZoneOffsetTransitionRule> rule(
            Observance observance, ZoneOffset standard, ZoneOffset before, ZoneOffset after) {
        var recurrence = observance.getRecurrenceRule();
        var start = observance.getDateStart();
        if (recurrence == null
                || recurrence.getValue() == null
                || start == null
                || start.getValue() == null
                || start.getValue().getRawComponents() == null
                || recurrence.getValue().getByDay().size() != 1
                || recurrence.getValue().getByMonth().size() != 1) {
            return Optional.empty();
        }
        try {
            var day = recurrence.getValue().getByDay().getFirst();
            var time = start.getValue().getRawComponents();
            return Optional.of(ZoneOffsetTransitionRule.of(
                    Month.of(recurrence.getValue().getByMonth().getFirst()),
                    dayOfMonth(day, recurrence.getValue().getByMonthDay()),
                    weekday(day.getDay()),
                    LocalTime.of(time.getHour(), time.getMinute()),
                    false,
                    ZoneOffsetTransitionRule.TimeDefinition.WALL,
                    standard,
                    before,
                    after));
        } catch (DateTimeException | IllegalArgumentException e) {
            return Optional.empty(); // a rule that never comes true: then there is none
        }
    }

    /** The earliest day on which the change may be; -1 for the last such weekday. */
    private static int dayOfMonth(ByDay day, List<Integer> monthDays) {
        if (!monthDays.isEmpty()) {
            return monthDays.stream().mapToInt(Integer::intValue).min().orElse(1);
        }
        int week = day.getNum() == null ? 1 : day.getNum();
        return week < 0 ? -1 : (week - 1) * 7 + 1;
    }

    static DayOfWeek weekday(biweekly.util.DayOfWeek day) {
        return switch (day) {
            case MONDAY -> DayOfWeek.MONDAY;
            case TUESDAY -> DayOfWeek.TUESDAY;
            case WEDNESDAY -> DayOfWeek.WEDNESDAY;
            case THURSDAY -> DayOfWeek.THURSDAY;
            case FRIDAY -> DayOfWeek.FRIDAY;
            case SATURDAY -> DayOfWeek.SATURDAY;
            case SUNDAY -> DayOfWeek.SUNDAY;
        };
    }
}
