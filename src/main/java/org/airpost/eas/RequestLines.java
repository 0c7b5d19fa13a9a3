package org.airpost.eas;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.airpost.wbxml.MalformedRequestException;

/**
 * Reads query string and headers of a POST into a {@link RequestLine}. What phones do to queries is accepted: names in any
 * case, a second question mark, base64 that is percent-encoded, URL-safe or not padded. Source: MS-ASHTTP "Request Line",
 * "Request Headers".
 */
public final class RequestLines {

    private static final String VERSION_HEADER = "ms-asprotocolversion";
    private static final String POLICY_KEY_HEADER = "x-ms-policykey";
    private static final String MULTI_PART_HEADER = "ms-asacceptmultipart";
    private static final long MOST_POLICY_KEY = 0xFFFF_FFFFL;
    private static final int SHOWN = 80;

    /** What a query turned out to be. */
    public sealed interface Result {}

    /** A request that can be run. */
    public record Parsed(RequestLine line) implements Result {}

    /** A command that EAS or this server does not know, by name or by code: 501. */
    public record UnknownCommand(String command) implements Result {}

    /** A version that is not offered, such as {@code 2.5}: 400. */
    public record UnknownVersion(String version) implements Result {}

    private RequestLines() {}

    /**
     * Reads the query as it stands behind the first {@code ?}, still encoded, and the headers by names in lower case. In a
     * base64 query the version and, if present, the policy key come from the query; headers with the same meaning lose.
     *
     * @throws MalformedRequestException if it cannot be read, naming field and value: 400
     */
    public static Result parse(String rawQuery, Map<String, String> headersLowerCase) {
        var query = rawQuery;
        while (query.startsWith("?")) {
            query = query.substring(1);
        }
        var base64 = Base64Query.bytes(query);
        return base64.isPresent()
                ? Base64Query.parse(base64.get(), headersLowerCase)
                : PlainQuery.parse(query, headersLowerCase);
    }

    /** MS-ASProtocolVersion; 12.1 if it is not there, as that version's phones had it. Empty if it is not offered. */
    static Optional<ProtocolVersion> version(Map<String, String> headers) {
        var version = versionText(headers);
        return version.isEmpty() ? Optional.of(ProtocolVersion.V12_1) : ProtocolVersion.ofText(version);
    }

    static String versionText(Map<String, String> headers) {
        return headers.getOrDefault(VERSION_HEADER, "").strip();
    }

    static Optional<Long> policyKey(Map<String, String> headers) {
        var text = headers.getOrDefault(POLICY_KEY_HEADER, "").strip();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            long key = Long.parseLong(text);
            if (key >= 0 && key <= MOST_POLICY_KEY) {
                return Optional.of(key);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new MalformedRequestException(
                "X-MS-PolicyKey \"%s\" is no number from 0 to %d".formatted(shown(text), MOST_POLICY_KEY));
    }

    static boolean acceptMultiPart(Map<String, String> headers) {
        return headers.getOrDefault(MULTI_PART_HEADER, "").strip().equalsIgnoreCase("T");
    }

    /** Percent-encoded UTF-8 as text; a plus sign stays one. Bytes that are no UTF-8 become U+FFFD. */
    static String decoded(String field, String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        var from = text.getBytes(StandardCharsets.UTF_8);
        var bytes = new byte[from.length];
        int length = 0;
        for (int i = 0; i < from.length; i++) {
            if (from[i] != '%') {
                bytes[length++] = from[i];
                continue;
            }
            int high = i + 2 < from.length ? Character.digit(from[i + 1], 16) : -1;
            int low = i + 2 < from.length ? Character.digit(from[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new MalformedRequestException(
                        "%s \"%s\" has a %% without two hexadecimal digits".formatted(field, shown(text)));
            }
            bytes[length++] = (byte) ((high << 4) | low);
            i += 2;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** A value for a message, cut to a length that a log can hold. */
    static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
