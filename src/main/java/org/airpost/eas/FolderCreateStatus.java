package org.airpost.eas;

/** What a FolderCreate answers. Source: MS-ASCMD "Status (FolderCreate)". */
public enum FolderCreateStatus implements Status {
    SUCCESS(1, "done"),
    EXISTS(2, "a folder of this name exists"),
    SPECIAL_PARENT(3, "the parent is a special folder"),
    PARENT_NOT_FOUND(5, "the parent is not there"),
    SERVER_ERROR(6, "the server failed"),
    INVALID_SYNC_KEY(9, "the sync key is not known: start over"),
    INCORRECT_REQUEST(10, "the request is malformed"),
    UNKNOWN_ERROR(11, "an unknown error"),
    CODE_UNKNOWN(12, "an unusual error");

    private final int code;
    private final String meaning;

    FolderCreateStatus(int code, String meaning) {
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
