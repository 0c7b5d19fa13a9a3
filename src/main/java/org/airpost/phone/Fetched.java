package org.airpost.phone;

import java.util.Optional;

/**
 * What an ItemOperations Fetch gave.
 *
 * @param status of the whole if that failed, else of the Fetch
 * @param item what the properties say of an item
 * @param data bytes of an attachment, of the part if the answer was multipart
 * @param contentType of an attachment
 * @param range as the server says it sent
 * @param total bytes of the whole attachment
 * @param multiPart true if the answer came in parts
 */
public record Fetched(
        int status,
        ItemData item,
        Optional<byte[]> data,
        Optional<String> contentType,
        Optional<String> range,
        Optional<Long> total,
        boolean multiPart) {

    public boolean succeeded() {
        return status == 1;
    }
}
