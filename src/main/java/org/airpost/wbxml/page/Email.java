package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 2, Email. Source: MS-ASWBXML "Code Page 2: Email". */
public enum Email implements Tag {
    ATTACHMENT(0x05, "Attachment"), // of old versions: read, never written
    ATTACHMENTS(0x06, "Attachments"), // of old versions: read, never written
    ATT_NAME(0x07, "AttName"), // of old versions: read, never written
    ATT_SIZE(0x08, "AttSize"), // of old versions: read, never written
    ATT_OID(0x09, "AttOid"), // of old versions: read, never written
    ATT_METHOD(0x0A, "AttMethod"), // of old versions: read, never written
    ATT_REMOVED(0x0B, "AttRemoved"), // of old versions: read, never written
    BODY(0x0C, "Body"), // of old versions: read, never written
    BODY_SIZE(0x0D, "BodySize"), // of old versions: read, never written
    BODY_TRUNCATED(0x0E, "BodyTruncated"), // of old versions: read, never written
    DATE_RECEIVED(0x0F, "DateReceived"),
    DISPLAY_NAME(0x10, "DisplayName"), // of old versions: read, never written
    DISPLAY_TO(0x11, "DisplayTo"),
    IMPORTANCE(0x12, "Importance"),
    MESSAGE_CLASS(0x13, "MessageClass"),
    SUBJECT(0x14, "Subject"),
    READ(0x15, "Read"),
    TO(0x16, "To"),
    CC(0x17, "Cc"),
    FROM(0x18, "From"),
    REPLY_TO(0x19, "ReplyTo"),
    ALL_DAY_EVENT(0x1A, "AllDayEvent"),
    CATEGORIES(0x1B, "Categories"),
    CATEGORY(0x1C, "Category"),
    DT_STAMP(0x1D, "DtStamp"),
    END_TIME(0x1E, "EndTime"),
    INSTANCE_TYPE(0x1F, "InstanceType"),
    BUSY_STATUS(0x20, "BusyStatus"),
    LOCATION(0x21, "Location"), // of old versions: read, never written
    MEETING_REQUEST(0x22, "MeetingRequest"),
    ORGANIZER(0x23, "Organizer"),
    RECURRENCE_ID(0x24, "RecurrenceId"),
    REMINDER(0x25, "Reminder"),
    RESPONSE_REQUESTED(0x26, "ResponseRequested"),
    RECURRENCES(0x27, "Recurrences"),
    RECURRENCE(0x28, "Recurrence"),
    TYPE(0x29, "Type"),
    UNTIL(0x2A, "Until"),
    OCCURRENCES(0x2B, "Occurrences"),
    INTERVAL(0x2C, "Interval"),
    DAY_OF_WEEK(0x2D, "DayOfWeek"),
    DAY_OF_MONTH(0x2E, "DayOfMonth"),
    WEEK_OF_MONTH(0x2F, "WeekOfMonth"),
    MONTH_OF_YEAR(0x30, "MonthOfYear"),
    START_TIME(0x31, "StartTime"),
    SENSITIVITY(0x32, "Sensitivity"),
    TIME_ZONE(0x33, "TimeZone"),
    GLOBAL_OBJ_ID(0x34, "GlobalObjId"), // of old versions: read, never written
    THREAD_TOPIC(0x35, "ThreadTopic"),
    MIME_DATA(0x36, "MIMEData"), // of old versions: read, never written
    MIME_TRUNCATED(0x37, "MIMETruncated"), // of old versions: read, never written
    MIME_SIZE(0x38, "MIMESize"), // of old versions: read, never written
    INTERNET_CPID(0x39, "InternetCPID"),
    FLAG(0x3A, "Flag"),
    STATUS(0x3B, "Status"),
    CONTENT_CLASS(0x3C, "ContentClass"),
    FLAG_TYPE(0x3D, "FlagType"),
    COMPLETE_TIME(0x3E, "CompleteTime"),
    DISALLOW_NEW_TIME_PROPOSAL(0x3F, "DisallowNewTimeProposal");

    private final int token;
    private final String tagName;

    Email(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 2;
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
        return "Email";
    }
}
