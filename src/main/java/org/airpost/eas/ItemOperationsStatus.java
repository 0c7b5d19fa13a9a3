package org.airpost.eas;

/** What ItemOperations answers, whole and for each operation. Source: MS-ASCMD "Status (ItemOperations)". */
public enum ItemOperationsStatus implements Status {
    SUCCESS(1, "done"),
    PROTOCOL_ERROR(2, "the request does not fit the protocol"),
    SERVER_ERROR(3, "the server failed"),
    BAD_URI(4, "the URI is bad"),
    ACCESS_DENIED_DOCUMENT(5, "access to the document is denied"),
    NOT_FOUND(6, "it is not there"),
    CONNECTION_FAILED(7, "the document server cannot be reached"),
    BAD_RANGE(8, "the range is out of bounds"),
    UNKNOWN_STORE(9, "the store is not known"),
    EMPTY(10, "it is empty"),
    TOO_LARGE(11, "it is too large"),
    IO_FAILURE(12, "reading or writing failed"),
    CONVERSION_FAILED(14, "it cannot be converted"),
    INVALID_ATTACHMENT(15, "the attachment is not there"),
    ACCESS_DENIED(16, "access is denied"),
    PARTIAL_SUCCESS(17, "done in part"),
    CREDENTIALS_REQUIRED(18, "credentials are required");

    private final int code;
    private final String meaning;

    ItemOperationsStatus(int code, String meaning) {
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
