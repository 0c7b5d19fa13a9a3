package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvitationTest {

    private static final String EVENT = """
            BEGIN:VCALENDAR
            METHOD:REQUEST
            PRODID:-//x//y
            VERSION:2.0
            BEGIN:VEVENT
            UID:abc@example.org
            DTSTAMP:20260101T000000Z
            DTSTART;TZID="W. Europe Standard Time":20260310T090000
            DTEND;TZID="W. Europe Standard Time":20260310T100000
            SUMMARY:Planning
            LOCATION:Room 5\\, first floor
            ORGANIZER;CN="Doe, J":MAILTO:j@example.org
            ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:me@example.org
            SEQUENCE:0
            RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4
            END:VEVENT
            END:VCALENDAR
            """;

    private static final String BERLIN = "W. Europe Standard Time";

    private static Invitation read(String calendar) {
        return Invitation.of(calendar).orElseThrow();
    }

    private static String dump(String calendar, ProtocolVersion version) {
        var mail = FakeMail.with(GoldenMailsTest.bytes("From: j@example.org\nTo: me@example.org\nSubject: Planning\n"
                + "MIME-Version: 1.0\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\n" + calendar));
        return ItemDump.of(
                mail,
                new BodyOptions(
                        List.of(new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(500L), false, 0)),
                        Optional.empty(),
                        0,
                        Optional.empty()),
                version);
    }

    @Test
    void anInvitationHasWhatItsButtonsNeed() {
        var meeting = read(EVENT);
        assertThat(meeting.method()).isEqualTo(Invitation.Method.REQUEST);
        assertThat(meeting.start()).isEqualTo("2026-03-10T08:00:00Z");
        assertThat(meeting.end()).isEqualTo("2026-03-10T09:00:00Z");
        assertThat(meeting.location()).isEqualTo("Room 5, first floor");
        assertThat(meeting.organizer()).contains(new MailAddress("Doe, J", "j@example.org"));
        assertThat(meeting.responseRequested()).isTrue();
        assertThat(MeetingRequest.messageClass(meeting)).isEqualTo("IPM.Schedule.Meeting.Request");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DTSTAMP:20260101T000000Z | DTSTAMP:yesterday",
                "SEQUENCE:0 | this is no property",
                "MAILTO:j@example.org | mailto:John Doe <j@example.org>",
                "PRODID:-//x//y | X-NOTHING:",
                "CN=\"Doe, J\" | CN=Doe, J; X",
                "END:VEVENT | BEGIN:VALARM",
                "COUNT=4 | UNTIL=20260401",
                "COUNT=4 | UNTIL=20261231T240000Z",
                "COUNT=4 | UNTIL=20260231",
                "COUNT=4 | UNTIL=20261301T000000Z",
                "FREQ=WEEKLY;BYDAY=TU | FREQ=SOMETIMES;BYDAY=XX",
                "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4 | RRULE:FREQ=SECONDLY",
                "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4 | RRULE:FREQ=YEARLY;BYMONTH=99",
                "BEGIN:VCALENDAR | garbage before BEGIN:VCALENDAR",
                "END:VCALENDAR | -",
            })
    void aBrokenCalendarIsStillTheMeeting(String what, String broken) {
        var meeting = read(EVENT.replace(what, broken));
        assertThat(meeting.start()).isEqualTo("2026-03-10T08:00:00Z");
        assertThat(meeting.uid()).isEqualTo("abc@example.org");
        assertThat(dump(EVENT.replace(what, broken), ProtocolVersion.V16_1)).contains("IPM.Schedule.Meeting.Request");
    }

    @Test
    @Timeout(5)
    void aZoneNameOfManySlashesTakesNoTime() {
        var slashes = "/".repeat(200_000);
        assertThat(read(EVENT.replace("W. Europe Standard Time", slashes)).uid())
                .isEqualTo("abc@example.org");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "BEGIN:VCALENDAR",
                "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR",
                "BEGIN:VCALENDAR\nMETHOD:PUBLISH\nBEGIN:VEVENT\nDTSTART:20260101T000000Z\nEND:VEVENT\nEND:VCALENDAR",
                "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:When?\nEND:VEVENT\nEND:VCALENDAR",
                "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR"
            })
    void whatIsNoMeetingIsNone(String calendar) {
        assertThat(Invitation.of(calendar)).isEmpty();
    }

    @Test
    void anUnreadableCalendarLeavesAnOrdinaryMail() {
        var dump = dump("BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n", ProtocolVersion.V14_1);
        assertThat(dump)
                .contains("MessageClass = IPM.Note", "DisplayName = invite.ics")
                .doesNotContain("MeetingRequest");
    }

    @ParameterizedTest
    @CsvSource({
        "REQUEST, NEEDS-ACTION, IPM.Schedule.Meeting.Request",
        "CANCEL, NEEDS-ACTION, IPM.Schedule.Meeting.Canceled",
        "REPLY, ACCEPTED, IPM.Schedule.Meeting.Resp.Pos",
        "REPLY, TENTATIVE, IPM.Schedule.Meeting.Resp.Tent",
        "REPLY, DECLINED, IPM.Schedule.Meeting.Resp.Neg",
        "REPLY, DELEGATED, IPM.Note",
        "COUNTER, TENTATIVE, IPM.Schedule.Meeting.Resp.Tent"
    })
    void theMethodTellsTheMessageClass(String method, String status, String messageClass) {
        var calendar = EVENT.replace("METHOD:REQUEST", "METHOD:" + method).replace("NEEDS-ACTION", status);
        assertThat(MeetingRequest.messageClass(read(calendar))).isEqualTo(messageClass);
        var dump = dump(calendar, ProtocolVersion.V14_1);
        assertThat(dump).contains("MessageClass = " + messageClass);
        assertThat(dump.contains("Email:MeetingRequest")).isEqualTo(method.matches("REQUEST|CANCEL"));
    }

    @Test
    void anUpdateSaysSo() {
        assertThat(dump(EVENT, ProtocolVersion.V14_1)).contains("MeetingMessageType = 1");
        assertThat(dump(EVENT.replace("SEQUENCE:0", "SEQUENCE:2"), ProtocolVersion.V14_1))
                .contains("MeetingMessageType = 2");
        assertThat(dump(EVENT, ProtocolVersion.V14_0)).doesNotContain("MeetingMessageType");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FREQ=DAILY;INTERVAL=3 | Type = 0, Interval = 3",
                "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR | Type = 1, DayOfWeek = 62",
                "FREQ=WEEKLY | Type = 1, DayOfWeek = 4, FirstDayOfWeek = 1",
                "FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU;UNTIL=20260630T220000Z | DayOfWeek = 10, FirstDayOfWeek = 0, Until = 20260630T220000Z",
                "FREQ=MONTHLY | Type = 2, DayOfMonth = 10, CalendarType = 1",
                "FREQ=MONTHLY;BYMONTHDAY=-1 | Type = 3, WeekOfMonth = 5, DayOfWeek = 127",
                "FREQ=MONTHLY;BYDAY=2TU;COUNT=5 | Type = 3, WeekOfMonth = 2, DayOfWeek = 4, Occurrences = 5",
                "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1 | Type = 3, WeekOfMonth = 5, DayOfWeek = 4",
                "FREQ=YEARLY | Type = 5, DayOfMonth = 10, MonthOfYear = 3",
                "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH | Type = 6, WeekOfMonth = 4, DayOfWeek = 16, MonthOfYear = 11",
            })
    void aSeriesKeepsItsPattern(String rule, String expected) {
        var dump = dump(EVENT.replace("FREQ=WEEKLY;BYDAY=TU;COUNT=4", rule), ProtocolVersion.V16_1);
        assertThat(dump).contains("InstanceType = 1").contains(expected.strip().split(", "));
    }

    @Test
    void aPatternThatEasCannotSayIsLeftOut() {
        var dump = dump(EVENT.replace("FREQ=WEEKLY;BYDAY=TU;COUNT=4", "FREQ=HOURLY"), ProtocolVersion.V16_1);
        assertThat(dump).contains("Email:MeetingRequest").doesNotContain("Recurrences");
    }

    @Test
    void oneDateOfASeriesIsNamedByItsFirstTime() {
        var calendar =
                EVENT.replace("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4", "RECURRENCE-ID;TZID=Europe/Berlin:20260317T090000");
        var dump = dump(calendar, ProtocolVersion.V14_1);
        assertThat(dump)
                .contains("InstanceType = 3", "RecurrenceId = 2026-03-17T08:00:00.000Z")
                .doesNotContain("Recurrences");
        var id = Base64.getDecoder().decode(value(dump, "Email:GlobalObjId"));
        assertThat(HexFormat.of().formatHex(id, 16, 20)).isEqualTo("07ea0311");
    }

    @Test
    void theIdOfAMeetingIsTheOutlookOneOrIsToldWithinOne() {
        var dump = dump(EVENT, ProtocolVersion.V12_1);
        var id = Base64.getDecoder().decode(value(dump, "Email:GlobalObjId"));
        assertThat(new String(id, 40, 8, StandardCharsets.US_ASCII)).isEqualTo("vCal-Uid");
        assertThat(new String(id, 52, id.length - 53, StandardCharsets.UTF_8)).isEqualTo("abc@example.org");
        assertThat(ByteBuffer.wrap(id).order(ByteOrder.LITTLE_ENDIAN).getInt(36))
                .isEqualTo(id.length - 40);
        var outlook = "040000008200E00074C5B7101A82E00800000000B0E5CDC6A3B5D301000000000000000010000000"
                + "8D2A4F1E7C0B4A4CB8B2F1D1E2A3B4C5";
        var other = dump(EVENT.replace("abc@example.org", outlook), ProtocolVersion.V12_1);
        assertThat(value(other, "Email:GlobalObjId"))
                .isEqualTo(Base64.getEncoder().encodeToString(HexFormat.of().parseHex(outlook)));
        assertThat(dump(EVENT, ProtocolVersion.V16_0))
                .contains("Calendar:UID = abc@example.org", "AirSyncBase:Location")
                .doesNotContain("GlobalObjId");
    }

    @Test
    void anAllDayMeetingLastsFromDayToDay() {
        var meeting = read(
                EVENT.replace("DTSTART;TZID=\"W. Europe Standard Time\":20260310T090000", "DTSTART;VALUE=DATE:20260310")
                        .replace("DTEND;TZID=\"W. Europe Standard Time\":20260310T100000\n", ""));
        assertThat(meeting.allDay()).isTrue();
        assertThat(meeting.start()).isEqualTo("2026-03-10T00:00:00Z");
        assertThat(meeting.end()).isEqualTo("2026-03-11T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-07-01T07:00:00Z",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin, 2026-07-01T07:00:00Z",
        "w. europe standard time, 2026-07-01T07:00:00Z",
        "Eastern Standard Time, 2026-07-01T13:00:00Z",
        "(UTC-03:30) Somewhere, 2026-07-01T12:30:00Z",
        "Nowhere/Never, 2026-07-01T09:00:00Z"
    })
    void aZoneIsFoundByTheNamesThatCalendarsGiveIt(String id, Instant start) {
        var calendar = EVENT.replace(BERLIN, id).replace("20260310T090000", "20260701T090000");
        assertThat(read(calendar).start()).isEqualTo(start);
    }

    @Test
    void aZoneThatNobodyKnowsIsReadFromTheCalendar() {
        var zone = """
                BEGIN:VTIMEZONE
                TZID:Customized
                BEGIN:STANDARD
                DTSTART:16010101T030000
                TZOFFSETFROM:+0430
                TZOFFSETTO:+0330
                RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
                END:STANDARD
                BEGIN:DAYLIGHT
                DTSTART:16010101T020000
                TZOFFSETFROM:+0330
                TZOFFSETTO:+0430
                RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
                END:DAYLIGHT
                END:VTIMEZONE
                BEGIN:VEVENT
                """;
        var calendar = EVENT.replace("BEGIN:VEVENT\n", zone).replace(BERLIN, "Customized");
        var meeting = read(calendar.replace("20260310T090000", "20260701T090000"));
        assertThat(meeting.start()).isEqualTo("2026-07-01T04:30:00Z");
        var blob = blob(TimeZoneBlob.of(meeting.zone().rules(), "", 2026));
        assertThat(blob.getInt(0)).isEqualTo(-210);
        assertThat(date(blob, 68)).isEqualTo("10 day 0 week 5 at 3:00");
        assertThat(date(blob, 152)).isEqualTo("3 day 0 week 2 at 2:00");
    }

    private static ByteBuffer blob(String base64) {
        var bytes = Base64.getDecoder().decode(base64);
        assertThat(bytes).hasSize(172);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String date(ByteBuffer blob, int at) {
        return "%d day %d week %d at %d:%02d"
                .formatted(
                        blob.getShort(at + 2),
                        blob.getShort(at + 4),
                        blob.getShort(at + 6),
                        blob.getShort(at + 8),
                        blob.getShort(at + 10));
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, -60, 0, -60, 10 day 0 week 5 at 3:00, 3 day 0 week 5 at 2:00",
        "America/New_York, 300, 0, -60, 11 day 0 week 1 at 2:00, 3 day 0 week 2 at 2:00",
        "Australia/Sydney, -600, 0, -60, 4 day 0 week 1 at 3:00, 10 day 0 week 1 at 2:00",
        "Asia/Calcutta, -330, 0, 0, 0 day 0 week 0 at 0:00, 0 day 0 week 0 at 0:00",
        "Australia/Lord_Howe, -630, 0, -30, 4 day 0 week 1 at 2:00, 10 day 0 week 1 at 2:00"
    })
    void theRulesOfAZoneAreThoseOfWindows(
            String zone, int bias, int standardBias, int daylightBias, String toStandard, String toDaylight) {
        var blob = blob(TimeZoneBlob.of(ZoneId.of(zone).getRules(), "X", 2026));
        assertThat(blob.getInt(0)).isEqualTo(bias);
        assertThat(blob.getInt(84)).isEqualTo(standardBias);
        assertThat(blob.getInt(168)).isEqualTo(daylightBias);
        assertThat(date(blob, 68)).isEqualTo(toStandard);
        assertThat(date(blob, 152)).isEqualTo(toDaylight);
    }

    @Test
    void everyWindowsZoneHasRulesOfTheRightOffset() {
        for (var name : List.of("W. Europe Standard Time", "Pacific Standard Time", "Tokyo Standard Time", "UTC+13")) {
            assertThat(WindowsZones.zone(name)).isPresent();
        }
        for (var id : ZoneId.getAvailableZoneIds()) {
            var rules = ZoneId.of(id).getRules();
            var blob = blob(TimeZoneBlob.of(rules, id, 2026));
            var january = LocalDateTime.of(2026, 1, 1, 0, 0).toInstant(ZoneOffset.UTC);
            int offset = rules.getOffset(january).getTotalSeconds() / 60;
            assertThat(List.of(-blob.getInt(0), -blob.getInt(0) - blob.getInt(168)))
                    .as(id)
                    .contains(offset);
        }
    }

    @Test
    void aCalendarBeyondAllMeasureIsReadInTime() {
        var deep = EVENT.replace("END:VEVENT", "BEGIN:X-A\n".repeat(20_000) + "END:VEVENT");
        var attendees = EVENT.replace("SEQUENCE:0", "ATTENDEE:mailto:a@example.org\n".repeat(10_000) + "SEQUENCE:0");
        for (var calendar : List.of(deep, attendees)) {
            assertThat(dump(calendar, ProtocolVersion.V16_1)).contains("Email:Subject = Planning");
        }
    }

    private static String value(String dump, String tag) {
        return dump.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(tag + " = "))
                .map(line -> line.substring(tag.length() + 3))
                .findFirst()
                .orElse("(none)");
    }
}
