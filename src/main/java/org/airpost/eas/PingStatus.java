package org.airpost.eas;

/** What a Ping answers. Source: MS-ASCMD "Status (Ping)". */
public enum PingStatus implements Status {
    EXPIRED(1, "nothing happened in the heartbeat"),
    CHANGES(2, "there are changes"),
    MISSING_PARAMETERS(3, "nothing is remembered: send the parameters"),
    SYNTAX_ERROR(4, "the request is malformed"),
    HEARTBEAT_OUT_OF_BOUNDS(5, "the heartbeat is out of bounds"),
    TOO_MANY_FOLDERS(6, "too many folders"),
    FOLDER_SYNC_REQUIRED(7, "FolderSync first"),
    SERVER_ERROR(8, "the server failed");

    private final int code;
    private final String meaning;

    PingStatus(int code, String meaning) {
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
