package org.airpost.wbxml.page;

import org.airpost.wbxml.Tag;

/** Code page 11, ValidateCert. Source: MS-ASWBXML "Code Page 11: ValidateCert". */
public enum ValidateCert implements Tag {
    VALIDATE_CERT(0x05, "ValidateCert"),
    CERTIFICATES(0x06, "Certificates"),
    CERTIFICATE(0x07, "Certificate"),
    CERTIFICATE_CHAIN(0x08, "CertificateChain"),
    CHECK_CRL(0x09, "CheckCRL"),
    STATUS(0x0A, "Status");

    private final int token;
    private final String tagName;

    ValidateCert(int token, String tagName) {
        this.token = token;
        this.tagName = tagName;
    }

    @Override
    public int page() {
        return 11;
    }

    @Override
    public int token() {
        return token;
    }

    @Override
    public String tagName() {
        return tagName;
    }

    @Override
    public String namespace() {
        return "ValidateCert";
    }
}
