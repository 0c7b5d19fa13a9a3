package org.airpost.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request for a {@link Site}.
 *
 * @param method in capitals
 * @param path the segments, each decoded by itself: {@code /me/devices/a%2Fb} is {@code me}, {@code devices}, {@code a/b}. None
 *     is {@code .} or {@code ..} or has a control character in it; a slash at the end is dropped
 * @param query what follows the question mark
 * @param headers by name in lower case
 * @param body all of it, {@value #MOST_BYTES} bytes at most
 * @param remote the address it comes from, as far as proxies are believed
 * @param secure true if it came by TLS, to here or to a proxy that is believed
 * @param certificate that of the client, if TLS asked for one and it is good
 */
public record WebRequest(
        String method,
        List<String> path,
        Fields query,
        Map<String, String> headers,
        byte[] body,
        String remote,
        boolean secure,
        Optional<X509Certificate> certificate) {

    /** The largest body. */
    public static final int MOST_BYTES = 1 << 20;

    private static final String FORM = "application/x-www-form-urlencoded";

    public WebRequest {
        path = List.copyOf(path);
        headers = Map.copyOf(headers);
    }

    /** The segments of a path as it came; an IllegalArgumentException for one that tries something. */
    static List<String> segments(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("the path does not begin with a slash");
        }
        var parts = path.substring(1).split("/", -1);
        var segments = new ArrayList<String>();
        for (int i = 0; i < parts.length; i++) {
            // A plus is a plus in a path.
            var segment = URLDecoder.decode(parts[i].replace("+", "%2B"), StandardCharsets.UTF_8);
            boolean odd = segment.equals(".")
                    || segment.equals("..")
                    || segment.indexOf('\uFFFD') >= 0
                    || segment.chars().anyMatch(Character::isISOControl);
            if (odd || (segment.isEmpty() && i < parts.length - 1)) {
                throw new IllegalArgumentException("the path has a segment that is none");
            }
            if (!segment.isEmpty()) {
                segments.add(segment);
            }
        }
        return segments;
    }

    public boolean is(String wanted) {
        return method.equals(wanted);
    }

    /** A header's value, empty if it is not there. The name in lower case. */
    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** The value of a cookie. Source: RFC 6265 §4.2.1. */
    public Optional<String> cookie(String name) {
        for (var pair : header("cookie").split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                return Optional.of(pair.substring(equals + 1).strip());
            }
        }
        return Optional.empty();
    }

    /** The fields of the body, none if it is not a form. An IllegalArgumentException for one that is not encoded rightly. */
    public Fields form() {
        var type = header("content-type");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().equalsIgnoreCase(FORM)
                ? Fields.of(new String(body, StandardCharsets.UTF_8))
                : Fields.NONE;
    }
}
