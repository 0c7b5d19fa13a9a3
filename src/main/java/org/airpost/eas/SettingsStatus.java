package org.airpost.eas;

/** What Settings answers, whole and for each part. Source: MS-ASCMD "Status (Settings)". */
public enum SettingsStatus implements Status {
    SUCCESS(1, "done"),
    PROTOCOL_ERROR(2, "the request does not fit the protocol"),
    ACCESS_DENIED(3, "access is denied"),
    SERVER_UNAVAILABLE(4, "the server is away"),
    INVALID_ARGUMENTS(5, "an argument is invalid"),
    CONFLICTING_ARGUMENTS(6, "arguments conflict"),
    DENIED_BY_POLICY(7, "the policy forbids this");

    private final int code;
    private final String meaning;

    SettingsStatus(int code, String meaning) {
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
