package org.airpost.eas;

/** What a FolderUpdate answers. Source: MS-ASCMD "Status (FolderUpdate)". */
public enum FolderUpdateStatus implements Status {
    SUCCESS(1, "done"),
    EXISTS_OR_SPECIAL(2, "the name exists, or the folder is special"),
    RECIPIENT_CACHE(3, "the recipient cache cannot be changed"),
    NOT_FOUND(4, "the folder is not there"),
    PARENT_NOT_FOUND(5, "the parent is not there"),
    SERVER_ERROR(6, "the server failed"),
    INVALID_SYNC_KEY(9, "the sync key is not known: start over"),
    INCORRECT_REQUEST(10, "the request is malformed"),
    UNKNOWN_ERROR(11, "an unknown error");

    private final int code;
    private final String meaning;

    FolderUpdateStatus(int code, String meaning) {
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
