package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 21, ComposeMail. Source: MS-ASWBXML "Code Page 21: ComposeMail". */
public enum ComposeMail implements Tag {
    SEND_MAIL(0x05, "SendMail"),
    SMART_FORWARD(0x06, "SmartForward"),
    SMART_REPLY(0x07, "SmartReply"),
    SAVE_IN_SENT_ITEMS(0x08, "SaveInSentItems"),
    REPLACE_MIME(0x09, "ReplaceMime"),
    SOURCE(0x0B, "Source"),
    FOLDER_ID(0x0C, "FolderId"),
    ITEM_ID(0x0D, "ItemId"),
    LONG_ID(0x0E, "LongId"),
    INSTANCE_ID(0x0F, "InstanceId"),
    MIME(0x10, "Mime"),
    CLIENT_ID(0x11, "ClientId"),
    STATUS(0x12, "Status"),
    ACCOUNT_ID(0x13, "AccountId"),
    FORWARDEES(0x15, "Forwardees"),
    FORWARDEE(0x16, "Forwardee"),
    NAME(0x17, "Name"),
    EMAIL(0x18, "Email");

    private final int token;
    private final String tagName;

    ComposeMail(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 21;
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
        return "ComposeMail";
    }
}
