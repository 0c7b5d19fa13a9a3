package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 13, Ping. Source: MS-ASWBXML "Code Page 13: Ping". */
public enum Ping implements Tag {
    PING(0x05, "Ping"),
    AUTD_STATE(0x06, "AutdState"), // of old versions: read, never written
    STATUS(0x07, "Status"),
    HEARTBEAT_INTERVAL(0x08, "HeartbeatInterval"),
    FOLDERS(0x09, "Folders"),
    FOLDER(0x0A, "Folder"),
    ID(0x0B, "Id"),
    CLASS(0x0C, "Class"),
    MAX_FOLDERS(0x0D, "MaxFolders");

    private final int token;
    private final String tagName;

    Ping(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 13;
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
        return "Ping";
    }
}
