package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 9, Tasks. Source: MS-ASWBXML "Code Page 9: Tasks". */
public enum Tasks implements Tag {
    BODY(0x05, "Body"), // of old versions: read, never written
    BODY_SIZE(0x06, "BodySize"), // of old versions: read, never written
    BODY_TRUNCATED(0x07, "BodyTruncated"), // of old versions: read, never written
    CATEGORIES(0x08, "Categories"),
    CATEGORY(0x09, "Category"),
    COMPLETE(0x0A, "Complete"),
    DATE_COMPLETED(0x0B, "DateCompleted"),
    DUE_DATE(0x0C, "DueDate"),
    UTC_DUE_DATE(0x0D, "UtcDueDate"),
    IMPORTANCE(0x0E, "Importance"),
    RECURRENCE(0x0F, "Recurrence"),
    TYPE(0x10, "Type"),
    START(0x11, "Start"),
    UNTIL(0x12, "Until"),
    OCCURRENCES(0x13, "Occurrences"),
    INTERVAL(0x14, "Interval"),
    DAY_OF_MONTH(0x15, "DayOfMonth"),
    DAY_OF_WEEK(0x16, "DayOfWeek"),
    WEEK_OF_MONTH(0x17, "WeekOfMonth"),
    MONTH_OF_YEAR(0x18, "MonthOfYear"),
    REGENERATE(0x19, "Regenerate"),
    DEAD_OCCUR(0x1A, "DeadOccur"),
    REMINDER_SET(0x1B, "ReminderSet"),
    REMINDER_TIME(0x1C, "ReminderTime"),
    SENSITIVITY(0x1D, "Sensitivity"),
    START_DATE(0x1E, "StartDate"),
    UTC_START_DATE(0x1F, "UtcStartDate"),
    SUBJECT(0x20, "Subject"),
    COMPRESSED_RTF(0x21, "CompressedRTF"), // of old versions: read, never written
    ORDINAL_DATE(0x22, "OrdinalDate"),
    SUB_ORDINAL_DATE(0x23, "SubOrdinalDate"),
    CALENDAR_TYPE(0x24, "CalendarType"),
    IS_LEAP_MONTH(0x25, "IsLeapMonth"),
    FIRST_DAY_OF_WEEK(0x26, "FirstDayOfWeek");

    private final int token;
    private final String tagName;

    Tasks(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 9;
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
        return "Tasks";
    }
}
