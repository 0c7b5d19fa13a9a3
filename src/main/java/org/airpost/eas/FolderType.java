package org.airpost.eas;

/** What a folder is. Source: MS-ASCMD "Type (FolderSync)". */
public enum FolderType {
    GENERIC(1),
    INBOX(2),
    DRAFTS(3),
    DELETED_ITEMS(4),
    SENT_ITEMS(5),
    OUTBOX(6),
    TASKS(7),
    CALENDAR(8),
    CONTACTS(9),
    NOTES(10),
    JOURNAL(11),
    USER_MAIL(12),
    USER_CALENDAR(13),
    USER_CONTACTS(14),
    USER_TASKS(15),
    USER_JOURNAL(16),
    USER_NOTES(17),
    UNKNOWN(18),
    RECIPIENT_CACHE(19);

    private final int code;

    FolderType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
