package org.airpost.sync;

import org.airpost.eas.FolderType;

/**
 * A folder as phones see it.
 *
 * @param id CollectionId: a number given once and never used again
 * @param parentId id of the folder above, {@code 0} at the top
 * @param mailbox full name of the mailbox at the server
 * @param selectable false for a name that only holds others
 */
public record Folder(
        String id, String parentId, String displayName, FolderType type, String mailbox, boolean selectable) {

    /** The recipient information cache, by the id that it has for all phones (MS-ASCMD_R2037). It has no mailbox. */
    public static final Folder RECIPIENTS =
            new Folder("RI", "0", "RecipientInfo", FolderType.RECIPIENT_CACHE, "", false);

    /** True for a folder that holds mail. */
    public boolean holdsMail() {
        return switch (type) {
            case INBOX, DRAFTS, DELETED_ITEMS, SENT_ITEMS, USER_MAIL -> selectable;
            default -> false;
        };
    }
}
