package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 6, GetItemEstimate. Source: MS-ASWBXML "Code Page 6: GetItemEstimate". */
public enum GetItemEstimate implements Tag {
    GET_ITEM_ESTIMATE(0x05, "GetItemEstimate"),
    VERSION(0x06, "Version"), // of old versions: read, never written
    COLLECTIONS(0x07, "Collections"),
    COLLECTION(0x08, "Collection"),
    CLASS(0x09, "Class"), // of old versions: read, never written
    COLLECTION_ID(0x0A, "CollectionId"),
    DATE_TIME(0x0B, "DateTime"), // of old versions: read, never written
    ESTIMATE(0x0C, "Estimate"),
    RESPONSE(0x0D, "Response"),
    STATUS(0x0E, "Status");

    private final int token;
    private final String tagName;

    GetItemEstimate(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 6;
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
        return "GetItemEstimate";
    }
}
