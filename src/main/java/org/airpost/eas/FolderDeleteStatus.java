package org.airpost.eas;

/** What a FolderDelete answers. Source: MS-ASCMD "Status (FolderDelete)". */
public enum FolderDeleteStatus implements Status {
    SUCCESS(1, "done"),
    SPECIAL_FOLDER(3, "a special folder cannot be deleted"),
    NOT_FOUND(4, "the folder is not there"),
    SERVER_ERROR(6, "the server failed"),
    INVALID_SYNC_KEY(9, "the sync key is not known: start over"),
    INCORRECT_REQUEST(10, "the request is malformed"),
    UNKNOWN_ERROR(11, "an unknown error");

    private final int code;
    private final String meaning;

    FolderDeleteStatus(int code, String meaning) {
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
