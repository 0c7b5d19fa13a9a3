package org.airpost.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Request line and headers, as the gateway wants them.
 *
 * @param path without host and query
 * @param query what follows the first question mark, as it came
 * @param headers by name in lower case; of several lines with one name the first, of X-Forwarded-For all, joined by commas
 * @param contentLength -1 if it is not known before the body ends
 * @param keepAlive true if the phone wants to go on using the connection
 * @param expectsContinue true if the phone waits for a word before it sends the body
 */
record Head(
        String method,
        String path,
        String query,
        Map<String, String> headers,
        long contentLength,
        boolean keepAlive,
        boolean expectsContinue) {

    private static final String ACTIVE_SYNC = "/microsoft-server-activesync";

    static final String FORWARDED_FOR = "x-forwarded-for";

    static Head of(HttpRequest request) {
        var headers = new HashMap<String, String>();
        for (var header : request.headers()) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            headers.merge(
                    name, header.getValue(), (first, next) -> name.equals(FORWARDED_FOR) ? first + "," + next : first);
        }
        var uri = withoutHost(request.uri());
        int mark = uri.indexOf('?');
        return new Head(
                request.method().name(),
                mark < 0 ? uri : uri.substring(0, mark),
                mark < 0 ? "" : uri.substring(mark + 1),
                headers,
                length(request),
                request.protocolVersion().equals(HttpVersion.HTTP_1_1) && HttpUtil.isKeepAlive(request),
                HttpUtil.is100ContinueExpected(request));
    }

    private static long length(HttpRequest request) {
        if (request.decoderResult().isFailure() || request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            return -1;
        }
        return HttpUtil.getContentLength(request, 0L);
    }

    /** A request may name the whole address. Source: RFC 9112 §3.2.2. */
    private static String withoutHost(String uri) {
        int scheme = uri.indexOf("://");
        if (uri.startsWith("/") || scheme < 0) {
            return uri;
        }
        int path = uri.indexOf('/', scheme + 3);
        return path < 0 ? "/" : uri.substring(path);
    }

    /** True for the gateway's address in any case of letters, with or without a slash at its end. */
    boolean isActiveSync() {
        return path.equalsIgnoreCase(ACTIVE_SYNC) || path.equalsIgnoreCase(ACTIVE_SYNC + "/");
    }

    /** A header's value, empty if it is not there. The name in lower case. */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** The media type without parameters, lower case. */
    String contentType() {
        var value = header("content-type");
        int end = value.indexOf(';');
        return (end < 0 ? value : value.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    /** True if the phone takes gzip. Source: RFC 9110 §12.5.3. */
    boolean acceptsGzip() {
        for (var coding : header("accept-encoding").toLowerCase(Locale.ROOT).split(",", -1)) {
            var words = coding.strip().split("\\s*;\\s*", -1);
            if (words[0].equals("gzip") || words[0].equals("x-gzip")) {
                return words.length < 2 || !words[1].matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
