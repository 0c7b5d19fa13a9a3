package org.airpost.phone;

/** How the request line names command, user and device. Source: MS-ASHTTP "Request-URI". */
public enum QueryForm {
    /** {@code ?Cmd=Sync&User=…}; version and policy key are headers. */
    PLAIN,
    /** One base64 value that holds all of it. */
    BASE64
}
