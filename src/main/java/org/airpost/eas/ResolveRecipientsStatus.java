package org.airpost.eas;

/**
 * What ResolveRecipients answers: whole, for each recipient, and for certificates. Source: MS-ASCMD "Status
 * (ResolveRecipients)"; those of availability and pictures are {@link CommonStatus}.
 */
public enum ResolveRecipientsStatus implements Status {
    /** Of the whole, of a recipient, of certificates. */
    SUCCESS(1, "done"),
    /** Of a recipient: all suggestions are there. */
    AMBIGUOUS(2, "the recipient is ambiguous"),
    /** Of a recipient: some suggestions are there. */
    AMBIGUOUS_IN_PART(3, "the recipient is ambiguous, and there are more"),
    /** Of a recipient. */
    NOT_RESOLVED(4, "the recipient is not known"),
    /** Of the whole. */
    PROTOCOL_ERROR(5, "the request does not fit the protocol"),
    /** Of the whole. */
    SERVER_ERROR(6, "the server failed, retry"),
    /** Of certificates. */
    NO_CERTIFICATE(7, "the recipient has no valid certificate"),
    /** Of certificates. */
    CERTIFICATE_LIMIT(8, "the limit of certificates is reached");

    private final int code;
    private final String meaning;

    ResolveRecipientsStatus(int code, String meaning) {
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
