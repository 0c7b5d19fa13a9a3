package org.airpost.eas;

/** What Search answers, whole and for its store. Source: MS-ASCMD "Status (Search)". */
public enum SearchStatus implements Status {
    SUCCESS(1, "done"),
    INVALID_REQUEST(2, "the query or an option cannot be used"),
    SERVER_ERROR(3, "the server failed"),
    BAD_LINK(4, "the link is bad"),
    ACCESS_DENIED(5, "access is denied"),
    NOT_FOUND(6, "it is not there"),
    CONNECTION_FAILED(7, "the store cannot be reached"),
    TOO_COMPLEX(8, "the query is too complex"),
    TIMED_OUT(10, "the search took too long"),
    FOLDER_SYNC_REQUIRED(11, "a folder is not there: FolderSync first"),
    END_OF_RANGE(12, "past the results that can be had"),
    ACCESS_BLOCKED(13, "access is blocked"),
    CREDENTIALS_REQUIRED(14, "credentials are required");

    private final int code;
    private final String meaning;

    SearchStatus(int code, String meaning) {
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
