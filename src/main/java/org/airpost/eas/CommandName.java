package org.airpost.eas;

import java.util.Arrays;
import java.util.Optional;

/** The commands by name and by their code in a base64 query. Source: MS-ASHTTP "Command Codes". */
public enum CommandName {
    SYNC(0, "Sync"),
    SEND_MAIL(1, "SendMail"),
    SMART_FORWARD(2, "SmartForward"),
    SMART_REPLY(3, "SmartReply"),
    GET_ATTACHMENT(4, "GetAttachment"),
    GET_HIERARCHY(5, "GetHierarchy"),
    FOLDER_SYNC(9, "FolderSync"),
    FOLDER_CREATE(10, "FolderCreate"),
    FOLDER_DELETE(11, "FolderDelete"),
    FOLDER_UPDATE(12, "FolderUpdate"),
    MOVE_ITEMS(13, "MoveItems"),
    GET_ITEM_ESTIMATE(14, "GetItemEstimate"),
    MEETING_RESPONSE(15, "MeetingResponse"),
    SEARCH(16, "Search"),
    SETTINGS(17, "Settings"),
    PING(18, "Ping"),
    ITEM_OPERATIONS(19, "ItemOperations"),
    PROVISION(20, "Provision"),
    RESOLVE_RECIPIENTS(21, "ResolveRecipients"),
    VALIDATE_CERT(22, "ValidateCert"),
    FIND(23, "Find");

    private final int code;
    private final String text;

    CommandName(int code, String text) {
        this.code = code;
        this.text = text;
    }

    public int code() {
        return code;
    }

    public String text() {
        return text;
    }

    /** By name, in any case of letters. */
    public static Optional<CommandName> ofText(String text) {
        return Arrays.stream(values())
                .filter(c -> c.text.equalsIgnoreCase(text))
                .findFirst();
    }

    public static Optional<CommandName> ofCode(int code) {
        return Arrays.stream(values()).filter(c -> c.code == code).findFirst();
    }
}
