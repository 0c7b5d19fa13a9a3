package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 5, Move. Source: MS-ASWBXML "Code Page 5: Move". */
public enum Move implements Tag {
    MOVE_ITEMS(0x05, "MoveItems"),
    MOVE(0x06, "Move"),
    SRC_MSG_ID(0x07, "SrcMsgId"),
    SRC_FLD_ID(0x08, "SrcFldId"),
    DST_FLD_ID(0x09, "DstFldId"),
    RESPONSE(0x0A, "Response"),
    STATUS(0x0B, "Status"),
    DST_MSG_ID(0x0C, "DstMsgId");

    private final int token;
    private final String tagName;

    Move(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 5;
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
        return "Move";
    }
}
