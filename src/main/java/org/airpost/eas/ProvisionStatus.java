package org.airpost.eas;

/** What Provision answers as a whole. Source: MS-ASPROV "Status (Provision)". */
public enum ProvisionStatus implements Status {
    SUCCESS(1, "done"),
    PROTOCOL_ERROR(2, "the request does not fit the protocol"),
    SERVER_ERROR(3, "the server failed");

    private final int code;
    private final String meaning;

    ProvisionStatus(int code, String meaning) {
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
