package org.airpost.convert;

import biweekly.ICalendar;
import biweekly.component.VEvent;
import biweekly.io.text.ICalReader;
import biweekly.parameter.ParticipationStatus;
import biweekly.property.DateOrDateTimeProperty;
import biweekly.util.Duration;
import biweekly.util.Recurrence;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.airpost.convert.CalendarZones.Zone;
import org.jspecify.annotations.Nullable;

/**
 * What the calendar in a message wants of its reader. Broken calendars are read as far as they can be; what says nothing of a
 * meeting is none. Source: RFC 5545; RFC 5546 (iTIP); decision 011.
 *
 * @param reply what an attendee answered, if the message is an answer
 * @param recurrenceId the one instance of a series that it is about
 * @param local when it begins, where it takes place
 * @param reminder seconds before the start
 * @param busyStatus 0 free, 1 tentative, 2 busy, 3 away, 4 working elsewhere
 * @param sensitivity 0 normal, 1 personal, 2 private, 3 confidential
 */
record Invitation(
        Method method,
        Optional<Reply> reply,
        String uid,
        Optional<Instant> recurrenceId,
        boolean allDay,
        Instant start,
        Instant end,
        LocalDateTime local,
        Optional<Instant> stamp,
        Zone zone,
        String location,
        Optional<MailAddress> organizer,
        boolean responseRequested,
        boolean counterAllowed,
        Optional<Integer> reminder,
        int busyStatus,
        int sensitivity,
        int sequence,
        Optional<Recurrence> recurrence) {

    /** What a message about a meeting is for. Source: RFC 5546 section 1.4. */
    enum Method {
        REQUEST,
        CANCEL,
        REPLY,
        COUNTER
    }

    /** An attendee's answer. */
    enum Reply {
        ACCEPTED,
        TENTATIVE,
        DECLINED
    }

    private static final int MOST_CHARACTERS = 512 << 10;
    private static final int MOST_UID = 1_000;
    private static final int MOST_LOCATION = 4_000;
    private static final int MOST_REMINDER = 65_535;

    /** Reads the first event of a calendar; empty if it is no message about a meeting. */
    static Optional<Invitation> of(String calendar) {
        int begin = calendar.toUpperCase(Locale.ROOT).indexOf("BEGIN:VCALENDAR");
        if (begin < 0 || calendar.length() > MOST_CHARACTERS) {
            return Optional.empty();
        }
        try (var reader = new ICalReader(calendar.substring(begin))) {
            var read = reader.readNext();
            return read == null ? Optional.empty() : new Reading(read).invitation();
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // the message is shown all the same, with the calendar attached
        }
    }

    private static final class Reading {

        private final ICalendar calendar;

        Reading(ICalendar calendar) {
            this.calendar = calendar;
        }

        Optional<Invitation> invitation() {
            var method = method();
            if (method.isEmpty() || calendar.getEvents().isEmpty()) {
                return Optional.empty();
            }
            // With exceptions along, the series itself is what is asked about.
            var event = calendar.getEvents().stream()
                    .filter(one -> one.getRecurrenceId() == null)
                    .findFirst()
                    .orElse(calendar.getEvents().getFirst());
            var begin = event.getDateStart();
            if (!isDate(begin)) {
                return Optional.empty();
            }
            var zone = zone(begin);
            boolean allDay = !begin.getValue().hasTime();
            var local = local(begin, zone);
            var start = instant(begin, zone);
            return Optional.of(new Invitation(
                    method.get(),
                    method.get() == Method.REPLY ? reply(event) : Optional.empty(),
                    event.getUid() == null
                            ? ""
                            : Preview.firstCharacters(text(event.getUid().getValue()), MOST_UID),
                    isDate(event.getRecurrenceId())
                            ? Optional.of(instant(event.getRecurrenceId(), zone(event.getRecurrenceId())))
                            : Optional.empty(),
                    allDay,
                    start,
                    end(event, start, allDay),
                    local,
                    Optional.ofNullable(event.getDateTimeStamp())
                            .flatMap(stamp -> Optional.ofNullable(stamp.getValue()))
                            .map(date -> date.toInstant()),
                    zone,
                    event.getLocation() == null
                            ? ""
                            : Preview.firstCharacters(
                                    EncodedWords.oneLine(
                                            text(event.getLocation().getValue())),
                                    MOST_LOCATION),
                    organizer(event),
                    responseRequested(event),
                    !experimental(event, "X-MICROSOFT-DISALLOW-COUNTER", "TRUE"::equalsIgnoreCase),
                    reminder(event),
                    busyStatus(event),
                    sensitivity(event),
                    event.getSequence() == null || event.getSequence().getValue() == null
                            ? 0
                            : Math.max(0, event.getSequence().getValue()),
                    event.getRecurrenceRule() == null
                            ? Optional.empty()
                            : Optional.ofNullable(event.getRecurrenceRule().getValue())));
        }

        private Optional<Method> method() {
            var method = calendar.getMethod();
            return switch (method == null ? "" : text(method.getValue()).strip().toUpperCase(Locale.ROOT)) {
                case "REQUEST" -> Optional.of(Method.REQUEST);
                case "CANCEL" -> Optional.of(Method.CANCEL);
                case "REPLY" -> Optional.of(Method.REPLY);
                case "COUNTER" -> Optional.of(Method.COUNTER);
                default -> Optional.empty();
            };
        }

        private static Optional<Reply> reply(VEvent event) {
            return event.getAttendees().stream()
                    .map(attendee -> attendee.getParticipationStatus())
                    .flatMap(status -> Optional.ofNullable(status).stream())
                    .flatMap(status -> status.equals(ParticipationStatus.ACCEPTED)
                            ? Optional.of(Reply.ACCEPTED).stream()
                            : status.equals(ParticipationStatus.TENTATIVE)
                                    ? Optional.of(Reply.TENTATIVE).stream()
                                    : status.equals(ParticipationStatus.DECLINED)
                                            ? Optional.of(Reply.DECLINED).stream()
                                            : Optional.<Reply>empty().stream())
                    .findFirst();
        }

        /** The zone of a time: that which it names, else the only one that there is, else UTC. */
        private Zone zone(DateOrDateTimeProperty time) {
            var raw = time.getValue().getRawComponents();
            var named = time.getParameter("TZID");
            var assigned = calendar.getTimezoneInfo().getTimezone(time);
            Optional<Zone> own = Optional.empty();
            if (named != null) {
                own = CalendarZones.byName(named).or(() -> CalendarZones.byOffset(named));
            } else if (assigned != null) {
                own = assigned.getComponent() != null
                        ? CalendarZones.of(assigned.getComponent())
                        : Optional.ofNullable(assigned.getGlobalId()).flatMap(CalendarZones::byName);
            }
            if (own.isPresent()) {
                return own.get();
            }
            var components = calendar.getTimezoneInfo().getComponents();
            if (raw != null && raw.isUtc() && components.size() != 1) {
                return Zone.UTC;
            }
            return components.stream()
                    .findFirst()
                    .flatMap(CalendarZones::of)
                    .or(() -> calendar.getExperimentalProperties("X-WR-TIMEZONE").stream()
                            .findFirst()
                            .flatMap(property -> CalendarZones.byName(text(property.getValue()))))
                    .orElse(Zone.UTC);
        }

        private static Instant instant(DateOrDateTimeProperty time, Zone zone) {
            var raw = time.getValue().getRawComponents();
            if (raw == null) {
                return time.getValue().toInstant();
            }
            var local = dateTime(time);
            return raw.isUtc()
                    ? local.toInstant(ZoneOffset.UTC)
                    : local.toInstant(zone.rules().getOffset(local));
        }

        private static LocalDateTime local(DateOrDateTimeProperty time, Zone zone) {
            var instant = instant(time, zone);
            return LocalDateTime.ofInstant(instant, zone.rules().getOffset(instant));
        }

        private static LocalDateTime dateTime(DateOrDateTimeProperty time) {
            var raw = time.getValue().getRawComponents();
            try {
                var date = LocalDate.of(raw.getYear(), raw.getMonth(), raw.getDate());
                return raw.hasTime()
                        ? date.atTime(raw.getHour(), raw.getMinute(), Math.min(59, raw.getSecond()))
                        : date.atStartOfDay();
            } catch (DateTimeException e) { // the 31st of a month that has none
                return LocalDateTime.ofInstant(time.getValue().toInstant(), ZoneOffset.UTC);
            }
        }

        private static boolean isDate(@Nullable DateOrDateTimeProperty time) {
            return time != null && time.getValue() != null;
        }

        private Instant end(VEvent event, Instant start, boolean allDay) {
            if (isDate(event.getDateEnd())) {
                var end = instant(event.getDateEnd(), zone(event.getDateEnd()));
                return end.isBefore(start) ? start : end;
            }
            if (event.getDuration() != null && event.getDuration().getValue() != null) {
                return start.plusSeconds(Math.max(0, seconds(event.getDuration().getValue())));
            }
            return allDay ? start.plusSeconds(24 * 3600) : start;
        }

        private static long seconds(Duration duration) {
            return ((whole(duration.getWeeks()) * 7 + whole(duration.getDays())) * 24 + whole(duration.getHours()))
                            * 3600
                    + whole(duration.getMinutes()) * 60
                    + whole(duration.getSeconds());
        }

        private static long whole(@Nullable Integer number) {
            return number == null ? 0 : Math.clamp(number, 0, 100_000);
        }

        private static Optional<MailAddress> organizer(VEvent event) {
            var organizer = event.getOrganizer();
            if (organizer == null) {
                return Optional.empty();
            }
            var address = text(organizer.getEmail()).isEmpty() ? text(organizer.getUri()) : text(organizer.getEmail());
            var plain = address.replaceFirst("(?i)^\\s*mailto:", "");
            var parsed = plain.contains("@") ? MailAddress.parse(plain, "utf-8") : List.<MailAddress>of();
            var mailbox = parsed.isEmpty() ? new MailAddress("", "") : parsed.getFirst();
            var name = EncodedWords.oneLine(text(organizer.getCommonName()));
            var named = new MailAddress(name.isEmpty() ? mailbox.name() : name, mailbox.address());
            return named.name().isEmpty() && named.address().isEmpty() ? Optional.empty() : Optional.of(named);
        }

        /** Unless each attendee is told that nobody waits for an answer. */
        private static boolean responseRequested(VEvent event) {
            return event.getAttendees().isEmpty()
                    || event.getAttendees().stream().anyMatch(one -> !Boolean.FALSE.equals(one.getRsvp()));
        }

        private static Optional<Integer> reminder(VEvent event) {
            return event.getAlarms().stream()
                    .map(alarm -> alarm.getTrigger())
                    .filter(trigger -> trigger != null
                            && trigger.getDuration() != null
                            && trigger.getDuration().isPrior())
                    .map(trigger -> (int) Math.min(MOST_REMINDER, seconds(trigger.getDuration())))
                    .findFirst();
        }

        private static int busyStatus(VEvent event) {
            var intended = event.getExperimentalProperties().stream()
                    .filter(one -> one.getName().equalsIgnoreCase("X-MICROSOFT-CDO-INTENDEDSTATUS"))
                    .map(one -> text(one.getValue()).strip().toUpperCase(Locale.ROOT))
                    .findFirst()
                    .orElse("");
            return switch (intended) {
                case "FREE" -> 0;
                case "TENTATIVE" -> 1;
                case "BUSY" -> 2;
                case "OOF" -> 3;
                case "WORKINGELSEWHERE" -> 4;
                default ->
                    event.getTransparency() != null && event.getTransparency().isTransparent() ? 0 : 2;
            };
        }

        private static int sensitivity(VEvent event) {
            var classification = event.getClassification();
            return switch (classification == null
                    ? ""
                    : text(classification.getValue()).toUpperCase(Locale.ROOT)) {
                case "PERSONAL" -> 1;
                case "PRIVATE" -> 2;
                case "CONFIDENTIAL" -> 3;
                default -> 0;
            };
        }

        private static boolean experimental(VEvent event, String name, Predicate<String> holds) {
            return event.getExperimentalProperties().stream()
                    .anyMatch(one -> one.getName().equalsIgnoreCase(name)
                            && holds.test(text(one.getValue()).strip()));
        }

        private static String text(@Nullable String value) {
            return value == null ? "" : value;
        }
    }
}
