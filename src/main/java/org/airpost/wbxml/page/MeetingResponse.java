package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 8, MeetingResponse. Source: MS-ASWBXML "Code Page 8: MeetingResponse". */
public enum MeetingResponse implements Tag {
    CALENDAR_ID(0x05, "CalendarId"),
    COLLECTION_ID(0x06, "CollectionId"),
    MEETING_RESPONSE(0x07, "MeetingResponse"),
    REQUEST_ID(0x08, "RequestId"),
    REQUEST(0x09, "Request"),
    RESULT(0x0A, "Result"),
    STATUS(0x0B, "Status"),
    USER_RESPONSE(0x0C, "UserResponse"),
    VERSION(0x0D, "Version"), // of old versions: read, never written
    INSTANCE_ID(0x0E, "InstanceId"),
    PROPOSED_START_TIME(0x10, "ProposedStartTime"),
    PROPOSED_END_TIME(0x11, "ProposedEndTime"),
    SEND_RESPONSE(0x12, "SendResponse");

    private final int token;
    private final String tagName;

    MeetingResponse(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 8;
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
        return "MeetingResponse";
    }
}
