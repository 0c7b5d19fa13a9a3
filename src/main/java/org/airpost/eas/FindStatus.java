package org.airpost.eas;

/** What Find answers, whole and for its response. Source: MS-ASCMD "Status (Find)". */
public enum FindStatus implements Status {
    SUCCESS(1, "done"),
    INVALID_REQUEST(2, "the query or an option cannot be used"),
    FOLDER_SYNC_REQUIRED(3, "a folder is not there: FolderSync first"),
    START_WITH_RANGE_ZERO(4, "there is no result set: begin with range 0");

    private final int code;
    private final String meaning;

    FindStatus(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    @Override
    public int code() {
        return code;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
