package org.airpost.eas;

/** What a Sync answers at the top, in a Collection or for an item. Source: MS-ASCMD "Status (Sync)". */
public enum SyncStatus implements Status {
    SUCCESS(1, "done"),
    INVALID_SYNC_KEY(3, "the sync key is not known: start over"),
    PROTOCOL_ERROR(4, "the request does not fit the protocol"),
    SERVER_ERROR(5, "the server failed"),
    CONVERSION_ERROR(6, "the item cannot be converted"),
    CONFLICT(7, "the server has a newer version"),
    OBJECT_NOT_FOUND(8, "the item or folder is not there"),
    CANNOT_COMPLETE(9, "no space"),
    FOLDER_HIERARCHY_CHANGED(12, "FolderSync first"),
    INCOMPLETE_REQUEST(13, "nothing is remembered: send the whole request"),
    INVALID_WAIT(14, "the wait is out of bounds"),
    TOO_MANY_COLLECTIONS(15, "too many collections"),
    RETRY(16, "retry");

    private final int code;
    private final String meaning;

    SyncStatus(int code, String meaning) {
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
