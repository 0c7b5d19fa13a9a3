package org.airpost.convert;

import biweekly.util.DayOfWeek;
import biweekly.util.Recurrence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.airpost.convert.Invitation.Method;
import org.airpost.eas.EasDate;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Calendar;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/** An invitation or its cancellation as phones show it, with its buttons. Source: MS-ASEMAIL "MeetingRequest". */
final class MeetingRequest {

    private static final int SINGLE = 0;
    private static final int SERIES = 1;
    private static final int EXCEPTION = 3;

    private static final int INITIAL = 1;
    private static final int FULL_UPDATE = 2;

    private static final int WORKING_ELSEWHERE = 4;
    private static final int BUSY = 2;

    /** Later dates trouble old Android (BlueMind; sync-rules TM-06). */
    private static final Instant LAST_UNTIL = Instant.parse("2037-12-31T23:59:59Z");

    /** What an id of Outlook begins with. Source: MS-ASEMAIL "GlobalObjId", CLASSID. */
    private static final byte[] CLASS_ID = HexFormat.of().parseHex("040000008200E00074C5B7101A82E008");

    private static final int INSTANCE_DATE = 16;

    private MeetingRequest() {}

    /** The message class. Source: MS-ASEMAIL "MessageClass". */
    static String messageClass(Invitation invitation) {
        return switch (invitation.method()) {
            case REQUEST -> "IPM.Schedule.Meeting.Request";
            case CANCEL -> "IPM.Schedule.Meeting.Canceled";
            case COUNTER -> "IPM.Schedule.Meeting.Resp.Tent";
            case REPLY ->
                invitation
                        .reply()
                        .map(reply -> switch (reply) {
                            case ACCEPTED -> "IPM.Schedule.Meeting.Resp.Pos";
                            case TENTATIVE -> "IPM.Schedule.Meeting.Resp.Tent";
                            case DECLINED -> "IPM.Schedule.Meeting.Resp.Neg";
                        })
                        .orElse("IPM.Note");
        };
    }

    /** Writes the element; an answer of an attendee has none (MS-ASEMAIL_R543). */
    static void write(WbxmlWriter out, Invitation meeting, Instant received, ProtocolVersion version) {
        if (meeting.method() != Method.REQUEST && meeting.method() != Method.CANCEL) {
            return;
        }
        boolean exception = meeting.recurrenceId().isPresent();
        var recurrence = exception ? Optional.<Recurrence>empty() : meeting.recurrence();
        out.start(Email.MEETING_REQUEST)
                .text(Email.ALL_DAY_EVENT, meeting.allDay() ? 1 : 0)
                .text(Email.START_TIME, EasDate.separated(meeting.start()))
                .text(Email.DT_STAMP, EasDate.separated(meeting.stamp().orElse(received)))
                .text(Email.END_TIME, EasDate.separated(meeting.end()))
                .text(Email.INSTANCE_TYPE, exception ? EXCEPTION : recurrence.isPresent() ? SERIES : SINGLE);
        writeLocation(out, meeting.location(), version);
        meeting.organizer().ifPresent(organizer -> out.text(Email.ORGANIZER, organizer.toString()));
        meeting.recurrenceId().ifPresent(id -> out.text(Email.RECURRENCE_ID, EasDate.separated(id)));
        meeting.reminder().ifPresent(seconds -> out.text(Email.REMINDER, seconds));
        out.text(Email.RESPONSE_REQUESTED, meeting.method() == Method.REQUEST && meeting.responseRequested() ? 1 : 0);
        recurrence.flatMap(rule -> Pattern.of(rule, meeting)).ifPresent(pattern -> {
            out.start(Email.RECURRENCES);
            pattern.write(out, version);
            out.end();
        });
        int busy = meeting.busyStatus();
        out.text(Email.SENSITIVITY, meeting.sensitivity())
                .text(
                        Email.BUSY_STATUS,
                        busy == WORKING_ELSEWHERE && !version.atLeast(ProtocolVersion.V16_0) ? BUSY : busy)
                .text(
                        Email.TIME_ZONE,
                        TimeZoneBlob.of(
                                meeting.zone().rules(),
                                meeting.zone().name(),
                                Math.clamp(meeting.local().getYear(), 1, 9_998)));
        if (!version.atLeast(ProtocolVersion.V16_0)) {
            out.text(Email.GLOBAL_OBJ_ID, globalObjectId(meeting));
        }
        out.text(Email.DISALLOW_NEW_TIME_PROPOSAL, meeting.counterAllowed() ? 0 : 1);
        if (version.atLeast(ProtocolVersion.V14_1)) {
            int type = meeting.method() == Method.CANCEL ? 0 : meeting.sequence() > 0 ? FULL_UPDATE : INITIAL;
            out.text(Email2.MEETING_MESSAGE_TYPE, type);
        }
        if (version.atLeast(ProtocolVersion.V16_0)) {
            out.text(Calendar.UID, meeting.uid());
        }
        out.end();
    }

    private static void writeLocation(WbxmlWriter out, String location, ProtocolVersion version) {
        if (location.isEmpty()) {
            return;
        }
        if (version.atLeast(ProtocolVersion.V16_0)) {
            out.start(AirSyncBase.LOCATION)
                    .text(AirSyncBase.DISPLAY_NAME, location)
                    .end();
        } else {
            out.text(Email.LOCATION, location);
        }
    }

    /** In base64. An id that Outlook made is that id, any other is told within one. Source: MS-ASEMAIL_R121. */
    private static String globalObjectId(Invitation meeting) {
        var id = outlookId(meeting.uid()).orElseGet(() -> wrapped(meeting.uid()));
        var instance = meeting.recurrenceId()
                .map(at -> LocalDateTime.ofInstant(at, meeting.zone().rules().getOffset(at)));
        if (instance.isPresent()) {
            ByteBuffer.wrap(id)
                    .position(INSTANCE_DATE)
                    .putShort((short) instance.get().getYear())
                    .put((byte) instance.get().getMonthValue())
                    .put((byte) instance.get().getDayOfMonth());
        }
        return Base64.getEncoder().encodeToString(id);
    }

    private static Optional<byte[]> outlookId(String uid) {
        if (uid.length() < 80
                || uid.length() % 2 != 0
                || !uid.regionMatches(true, 0, HexFormat.of().formatHex(CLASS_ID), 0, 2 * CLASS_ID.length)) {
            return Optional.empty();
        }
        try {
            return Optional.of(HexFormat.of().parseHex(uid));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // an id of somebody else after all
        }
    }

    private static byte[] wrapped(String uid) {
        var text = uid.getBytes(StandardCharsets.UTF_8);
        int length = 8 + 4 + text.length + 1;
        return ByteBuffer.allocate(CLASS_ID.length + 4 + 8 + 8 + 4 + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(CLASS_ID)
                .put(new byte[4 + 8 + 8]) // no instance, no time of creation, reserved
                .putInt(length)
                .put("vCal-Uid".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .put(text)
                .put((byte) 0)
                .array();
    }

    /**
     * How a meeting recurs. Source: MS-ASEMAIL "Recurrence".
     *
     * @param type 0 daily, 1 weekly, 2 monthly, 3 monthly by weekday, 5 yearly, 6 yearly by weekday
     * @param week 1 to 5, 5 for the last; 0 for none
     * @param days the sum of 1 for Sunday to 64 for Saturday; 0 for none
     */
    private record Pattern(
            int type, int week, int dayOfMonth, int days, int month, Recurrence rule, Invitation meeting) {

        private static final int ALL_DAYS = 127;
        private static final int MOST_INTERVAL = 999;

        /** Empty for what EAS cannot say: the first date stands alone then. */
        static Optional<Pattern> of(Recurrence rule, Invitation meeting) {
            var local = meeting.local();
            int days = rule.getByDay().stream()
                    .mapToInt(day -> 1 << (CalendarZones.weekday(day.getDay()).getValue() % 7))
                    .reduce(0, (a, b) -> a | b);
            int ownDay = 1 << (local.getDayOfWeek().getValue() % 7);
            int week = week(rule);
            int monthDay = rule.getByMonthDay().isEmpty()
                    ? local.getDayOfMonth()
                    : rule.getByMonthDay().getFirst();
            int month = rule.getByMonth().isEmpty()
                    ? local.getMonthValue()
                    : rule.getByMonth().getFirst();
            if (rule.getFrequency() == null
                    || month < 1
                    || month > 12
                    || rule.getByMonth().size() > 1) {
                return Optional.empty();
            }
            return switch (rule.getFrequency()) {
                case DAILY ->
                    Optional.of(
                            days == 0
                                    ? new Pattern(0, 0, 0, 0, 0, rule, meeting)
                                    : new Pattern(1, 0, 0, days, 0, rule, meeting));
                case WEEKLY -> Optional.of(new Pattern(1, 0, 0, days == 0 ? ownDay : days, 0, rule, meeting));
                case MONTHLY ->
                    days != 0
                            ? Optional.of(new Pattern(3, week, 0, days, 0, rule, meeting))
                            : monthDay == -1
                                    ? Optional.of(new Pattern(3, 5, 0, ALL_DAYS, 0, rule, meeting))
                                    : onDay(2, monthDay, 0, rule, meeting);
                case YEARLY ->
                    days != 0
                            ? Optional.of(new Pattern(6, week, 0, days, month, rule, meeting))
                            : onDay(5, monthDay, month, rule, meeting);
                case SECONDLY, MINUTELY, HOURLY -> Optional.empty();
            };
        }

        private static Optional<Pattern> onDay(int type, int day, int month, Recurrence rule, Invitation meeting) {
            return day < 1 || day > 31
                    ? Optional.empty()
                    : Optional.of(new Pattern(type, 0, day, 0, month, rule, meeting));
        }

        private static int week(Recurrence rule) {
            var number = rule.getByDay().stream()
                    .map(day -> Optional.ofNullable(day.getNum()))
                    .flatMap(Optional::stream)
                    .findFirst()
                    .or(() -> rule.getBySetPos().stream().findFirst())
                    .orElse(1);
            return number < 0 || number > 4 ? 5 : Math.max(1, number);
        }

        void write(WbxmlWriter out, ProtocolVersion version) {
            int interval = rule.getInterval() == null ? 1 : Math.clamp(rule.getInterval(), 1, MOST_INTERVAL);
            out.start(Email.RECURRENCE).text(Email.TYPE, type).text(Email.INTERVAL, interval);
            until().ifPresent(until -> out.text(Email.UNTIL, EasDate.compact(until)));
            if (until().isEmpty() && rule.getCount() != null && rule.getCount() > 0) {
                out.text(Email.OCCURRENCES, Math.min(rule.getCount(), MOST_INTERVAL));
            }
            number(out, Email.WEEK_OF_MONTH, week);
            number(out, Email.DAY_OF_MONTH, dayOfMonth);
            number(out, Email.DAY_OF_WEEK, days);
            number(out, Email.MONTH_OF_YEAR, month);
            if (version.atLeast(ProtocolVersion.V14_0)) {
                if (type >= 2) {
                    out.text(Email2.CALENDAR_TYPE, 1); // Gregorian
                }
                out.text(Email2.IS_LEAP_MONTH, 0);
            }
            if (version.atLeast(ProtocolVersion.V14_1) && type == 1) {
                var first = rule.getWorkweekStarts() == null ? DayOfWeek.MONDAY : rule.getWorkweekStarts();
                out.text(Email2.FIRST_DAY_OF_WEEK, CalendarZones.weekday(first).getValue() % 7);
            }
            out.end();
        }

        /** Empty too where it is no day or no time of a day, such as 24:00. */
        private Optional<Instant> until() {
            if (rule.getUntil() == null || rule.getUntil().getRawComponents() == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(untilSaid());
            } catch (DateTimeException _) {
                return Optional.empty();
            }
        }

        private Instant untilSaid() {
            var raw = rule.getUntil().getRawComponents();
            var time = LocalDateTime.of(raw.getYear(), raw.getMonth(), raw.getDate(), raw.getHour(), raw.getMinute());
            var at = raw.isUtc()
                    ? time.toInstant(ZoneOffset.UTC)
                    : rule.getUntil().hasTime()
                            ? time.toInstant(meeting.zone().rules().getOffset(time))
                            : meeting.local()
                                    .with(time.toLocalDate())
                                    .toInstant(meeting.zone().rules().getOffset(time));
            return at.isAfter(LAST_UNTIL) ? LAST_UNTIL : at;
        }

        private static void number(WbxmlWriter out, Email tag, int number) {
            if (number > 0) {
                out.text(tag, number);
            }
        }
    }
}
