package org.airpost.phone;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;

/**
 * A body or body part as it came. Source: MS-ASAIRS "Body", "BodyPart".
 *
 * @param status of a BodyPart; 1 for a Body
 * @param type 1 text, 2 HTML, 3 RTF, 4 MIME; 0 if the server left it out
 * @param data bytes of Data, empty if there was none
 * @param part number of the part that holds the data in a multipart answer
 */
public record Body(
        int status,
        int type,
        Optional<Long> estimatedDataSize,
        boolean truncated,
        Optional<byte[]> data,
        Optional<String> preview,
        Optional<Integer> part) {

    /** The data as text, empty if there is none. */
    public String text() {
        return data.map(bytes -> new String(bytes, UTF_8)).orElse("");
    }

    Body withData(byte[] bytes) {
        return new Body(status, type, estimatedDataSize, truncated, Optional.of(bytes), preview, part);
    }
}
