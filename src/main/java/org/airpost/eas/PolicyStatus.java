package org.airpost.eas;

/** What Provision answers for a policy. Source: MS-ASPROV "Status (Policy)". */
public enum PolicyStatus implements Status {
    SUCCESS(1, "done"),
    NO_POLICY(2, "there is no policy for this client"),
    UNKNOWN_POLICY_TYPE(3, "the policy type is not known"),
    DAMAGED(4, "the policy data is damaged"),
    WRONG_KEY(5, "the policy key is wrong");

    private final int code;
    private final String meaning;

    PolicyStatus(int code, String meaning) {
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
