package org.airpost.backend;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The MIME structure of a message or part. Source: RFC 9051 "BODYSTRUCTURE".
 *
 * @param section the part's number as FETCH takes it, such as {@code 1.2}; {@code 1} for the only part of a message that is
 *     not multipart; empty for a multipart at the top
 * @param type media type, lower case, such as {@code text}
 * @param subtype lower case, such as {@code plain}
 * @param parameters of Content-Type, names in lower case, values as sent with RFC 2231 decoded
 * @param contentId without angle brackets
 * @param encoding Content-Transfer-Encoding, lower case; {@code 7bit} if none
 * @param size bytes of the encoded content; 0 for a multipart
 * @param disposition lower case, such as {@code attachment}
 * @param fileName of Content-Disposition, else {@code name} of Content-Type, else of what is no text its Content-Description;
 *     decoded
 * @param location Content-Location
 * @param children parts of a multipart; for message/rfc822 the one structure of the message in it
 */
public record BodyStructure(
        String section,
        String type,
        String subtype,
        Map<String, String> parameters,
        Optional<String> contentId,
        String encoding,
        long size,
        Optional<String> disposition,
        Optional<String> fileName,
        Optional<String> location,
        List<BodyStructure> children) {

    public BodyStructure {
        parameters = Map.copyOf(parameters);
        children = List.copyOf(children);
    }

    public boolean isMultipart() {
        return type.equals("multipart");
    }

    /** {@code type/subtype}. */
    public String mediaType() {
        return type + "/" + subtype;
    }
}
