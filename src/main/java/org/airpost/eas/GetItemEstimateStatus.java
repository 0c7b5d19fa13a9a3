package org.airpost.eas;

/** What GetItemEstimate answers. Source: MS-ASCMD "Status (GetItemEstimate)". */
public enum GetItemEstimateStatus implements Status {
    SUCCESS(1, "done"),
    INVALID_COLLECTION(2, "a collection is not valid"),
    NOT_PRIMED(3, "the collection was never synced"),
    INVALID_SYNC_KEY(4, "the sync key is not known");

    private final int code;
    private final String meaning;

    GetItemEstimateStatus(int code, String meaning) {
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
