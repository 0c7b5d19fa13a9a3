package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 23, Notes. Source: MS-ASWBXML "Code Page 23: Notes". */
public enum Notes implements Tag {
    SUBJECT(0x05, "Subject"),
    MESSAGE_CLASS(0x06, "MessageClass"),
    LAST_MODIFIED_DATE(0x07, "LastModifiedDate"),
    CATEGORIES(0x08, "Categories"),
    CATEGORY(0x09, "Category");

    private final int token;
    private final String tagName;

    Notes(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 23;
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
        return "Notes";
    }
}
