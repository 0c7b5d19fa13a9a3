package org.airpost.phone;

import java.util.Arrays;
import org.airpost.eas.FolderType;

/** A folder as FolderSync tells it. Source: MS-ASCMD "Add (FolderSync)". */
public record Folder(String id, String parentId, String name, FolderType type) {

    /** True for a folder that holds mail. */
    public boolean holdsMail() {
        return switch (type) {
            case INBOX, DRAFTS, DELETED_ITEMS, SENT_ITEMS, OUTBOX, USER_MAIL -> true;
            default -> false;
        };
    }

    static FolderType type(long code) {
        return Arrays.stream(FolderType.values())
                .filter(type -> type.code() == code)
                .findFirst()
                .orElse(FolderType.UNKNOWN);
    }
}
