package org.airpost.eas;

/** What MoveItems answers for an item. Source: MS-ASCMD "Status (MoveItems)". */
public enum MoveItemsStatus implements Status {
    INVALID_SOURCE(1, "the source folder or item is not there"),
    INVALID_DESTINATION(2, "the target folder is not there"),
    SUCCESS(3, "done"),
    SAME_FOLDER(4, "source and target are the same"),
    CANNOT_MOVE(5, "the item could not be moved"),
    LOCKED(7, "locked: retry");

    private final int code;
    private final String meaning;

    MoveItemsStatus(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    @Override
    public int code() {
        return code;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
