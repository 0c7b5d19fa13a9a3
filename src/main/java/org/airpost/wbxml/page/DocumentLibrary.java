package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 19, DocumentLibrary. Source: MS-ASWBXML "Code Page 19: DocumentLibrary". */
public enum DocumentLibrary implements Tag {
    LINK_ID(0x05, "LinkId"),
    DISPLAY_NAME(0x06, "DisplayName"),
    IS_FOLDER(0x07, "IsFolder"),
    CREATION_DATE(0x08, "CreationDate"),
    LAST_MODIFIED_DATE(0x09, "LastModifiedDate"),
    IS_HIDDEN(0x0A, "IsHidden"),
    CONTENT_LENGTH(0x0B, "ContentLength"),
    CONTENT_TYPE(0x0C, "ContentType");

    private final int token;
    private final String tagName;

    DocumentLibrary(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 19;
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
        return "DocumentLibrary";
    }
}
