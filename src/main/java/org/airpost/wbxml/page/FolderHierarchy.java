package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 7, FolderHierarchy. Source: MS-ASWBXML "Code Page 7: FolderHierarchy". */
public enum FolderHierarchy implements Tag {
    FOLDERS(0x05, "Folders"),
    FOLDER(0x06, "Folder"),
    DISPLAY_NAME(0x07, "DisplayName"),
    SERVER_ID(0x08, "ServerId"),
    PARENT_ID(0x09, "ParentId"),
    TYPE(0x0A, "Type"),
    RESPONSE(0x0B, "Response"), // of old versions: read, never written
    STATUS(0x0C, "Status"),
    CONTENT_CLASS(0x0D, "ContentClass"), // of old versions: read, never written
    CHANGES(0x0E, "Changes"),
    ADD(0x0F, "Add"),
    DELETE(0x10, "Delete"),
    UPDATE(0x11, "Update"),
    SYNC_KEY(0x12, "SyncKey"),
    FOLDER_CREATE(0x13, "FolderCreate"),
    FOLDER_DELETE(0x14, "FolderDelete"),
    FOLDER_UPDATE(0x15, "FolderUpdate"),
    FOLDER_SYNC(0x16, "FolderSync"),
    COUNT(0x17, "Count"),
    VERSION(0x18, "Version"); // of old versions: read, never written

    private final int token;
    private final String tagName;

    FolderHierarchy(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 7;
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
        return "FolderHierarchy";
    }
}
