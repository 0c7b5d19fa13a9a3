package org.airpost.phone;

/** The message that is answered or forwarded. Source: MS-ASCMD "Source". */
public sealed interface Source {

    record ById(String folderId, String itemId) implements Source {}

    record ByLongId(String longId) implements Source {}
}
