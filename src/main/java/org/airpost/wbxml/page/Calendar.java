package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 4, Calendar. Source: MS-ASWBXML "Code Page 4: Calendar". */
public enum Calendar implements Tag {
    TIMEZONE(0x05, "Timezone"),
    ALL_DAY_EVENT(0x06, "AllDayEvent"),
    ATTENDEES(0x07, "Attendees"),
    ATTENDEE(0x08, "Attendee"),
    EMAIL(0x09, "Email"),
    NAME(0x0A, "Name"),
    BODY(0x0B, "Body"), // of old versions: read, never written
    BODY_TRUNCATED(0x0C, "BodyTruncated"), // of old versions: read, never written
    BUSY_STATUS(0x0D, "BusyStatus"),
    CATEGORIES(0x0E, "Categories"),
    CATEGORY(0x0F, "Category"),
    COMPRESSED_RTF(0x10, "CompressedRTF"), // of old versions: read, never written
    DT_STAMP(0x11, "DtStamp"),
    END_TIME(0x12, "EndTime"),
    EXCEPTION(0x13, "Exception"),
    EXCEPTIONS(0x14, "Exceptions"),
    DELETED(0x15, "Deleted"),
    EXCEPTION_START_TIME(0x16, "ExceptionStartTime"),
    LOCATION(0x17, "Location"), // of old versions: read, never written
    MEETING_STATUS(0x18, "MeetingStatus"),
    ORGANIZER_EMAIL(0x19, "OrganizerEmail"),
    ORGANIZER_NAME(0x1A, "OrganizerName"),
    RECURRENCE(0x1B, "Recurrence"),
    TYPE(0x1C, "Type"),
    UNTIL(0x1D, "Until"),
    OCCURRENCES(0x1E, "Occurrences"),
    INTERVAL(0x1F, "Interval"),
    DAY_OF_WEEK(0x20, "DayOfWeek"),
    DAY_OF_MONTH(0x21, "DayOfMonth"),
    WEEK_OF_MONTH(0x22, "WeekOfMonth"),
    MONTH_OF_YEAR(0x23, "MonthOfYear"),
    REMINDER(0x24, "Reminder"),
    SENSITIVITY(0x25, "Sensitivity"),
    SUBJECT(0x26, "Subject"),
    START_TIME(0x27, "StartTime"),
    UID(0x28, "UID"),
    ATTENDEE_STATUS(0x29, "AttendeeStatus"),
    ATTENDEE_TYPE(0x2A, "AttendeeType"),
    ATTACHMENT(0x2B, "Attachment"), // of old versions: read, never written
    ATTACHMENTS(0x2C, "Attachments"), // of old versions: read, never written
    ATT_NAME(0x2D, "AttName"), // of old versions: read, never written
    ATT_SIZE(0x2E, "AttSize"), // of old versions: read, never written
    ATT_OID(0x2F, "AttOid"), // of old versions: read, never written
    ATT_METHOD(0x30, "AttMethod"), // of old versions: read, never written
    ATT_REMOVED(0x31, "AttRemoved"), // of old versions: read, never written
    DISPLAY_NAME(0x32, "DisplayName"), // of old versions: read, never written
    DISALLOW_NEW_TIME_PROPOSAL(0x33, "DisallowNewTimeProposal"),
    RESPONSE_REQUESTED(0x34, "ResponseRequested"),
    APPOINTMENT_REPLY_TIME(0x35, "AppointmentReplyTime"),
    RESPONSE_TYPE(0x36, "ResponseType"),
    CALENDAR_TYPE(0x37, "CalendarType"),
    IS_LEAP_MONTH(0x38, "IsLeapMonth"),
    FIRST_DAY_OF_WEEK(0x39, "FirstDayOfWeek"),
    ONLINE_MEETING_CONF_LINK(0x3A, "OnlineMeetingConfLink"),
    ONLINE_MEETING_EXTERNAL_LINK(0x3B, "OnlineMeetingExternalLink"),
    CLIENT_UID(0x3C, "ClientUid");

    private final int token;
    private final String tagName;

    Calendar(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 4;
    }

    @Override
    public int token() {
        return token;
    }

    @Override
    public String tagName() {
        return tagName;
    }

    @Override
    public String namespace() {
        return "Calendar";
    }
}
