package org.airpost.backend.certificate;

/** What a certificate is worth. Source: MS-ASCMD "Status (ValidateCert)". */
public enum Verdict {
    GOOD,
    /** A signature in the chain is wrong. */
    BAD_SIGNATURE,
    /** The chain does not lead to a trusted authority. */
    UNTRUSTED,
    /** What was given as a chain is none. */
    BAD_CHAIN,
    NOT_FOR_MAIL,
    EXPIRED,
    CHAIN_EXPIRED,
    MISUSED,
    MALFORMED,
    NOT_AN_AUTHORITY,
    REVOKED,
    /** Whoever knows whether it was revoked cannot be reached. */
    REVOCATION_OFFLINE,
    CHAIN_REVOKED,
    /** Nobody says whether it was revoked. */
    REVOCATION_UNKNOWN,
    FAILED
}
