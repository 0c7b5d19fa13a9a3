package org.airpost.eas;

/** What ValidateCert answers, whole and for each certificate. Source: MS-ASCMD "Status (ValidateCert)". */
public enum ValidateCertStatus implements Status {
    SUCCESS(1, "done, or the certificate is good"),
    PROTOCOL_ERROR(2, "the request does not fit the protocol"),
    BAD_SIGNATURE(3, "the signature of the certificate is wrong"),
    UNTRUSTED(4, "the certificate comes from an untrusted source"),
    BAD_CHAIN(5, "the certificates do not make a chain"),
    NOT_FOR_MAIL(6, "the certificate is not for signing mail"),
    EXPIRED(7, "the certificate has expired or is not yet valid"),
    CHAIN_EXPIRED(8, "a certificate of the chain has expired or is not yet valid"),
    MISUSED(9, "a certificate of the chain is used for what it is not for"),
    MALFORMED(10, "the certificate cannot be read, or something is missing in it"),
    NOT_AN_AUTHORITY(11, "a certificate that is no authority's is used as such"),
    /** Only whoever knows the sender can say this: Airpost never does. */
    OTHER_ADDRESS(12, "the certificate is for another address"),
    REVOKED(13, "the certificate was revoked"),
    REVOCATION_OFFLINE(14, "who says what is revoked cannot be reached"),
    CHAIN_REVOKED(15, "a certificate of the chain was revoked"),
    REVOCATION_UNKNOWN(16, "nobody says whether it was revoked"),
    SERVER_ERROR(17, "the server failed");

    private final int code;
    private final String meaning;

    ValidateCertStatus(int code, String meaning) {
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
