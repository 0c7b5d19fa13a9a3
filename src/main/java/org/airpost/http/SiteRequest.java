package org.airpost.http;

import java.io.IOException;
import java.util.Optional;

/** One request for a {@link Site}: the body is read, the site asked. On a virtual thread. */
final class SiteRequest {

    private final Server server;
    private final Exchange exchange;
    private final Connection connection;
    private final Head head;

    SiteRequest(Server server, Exchange exchange, Connection connection, Head head) {
        this.server = server;
        this.exchange = exchange;
        this.connection = connection;
        this.head = head;
    }

    /** The site that a path belongs to, by its first segment. */
    static Optional<Site> site(Server server, String path) {
        int end = path.indexOf('/', 1);
        boolean named = path.startsWith("/");
        return named
                ? Optional.ofNullable(server.gateway().sites().get(path.substring(1, end < 0 ? path.length() : end)))
                : Optional.empty();
    }

    /** What the site answers. */
    Reply answer(Site site) throws IOException, RefusedException {
        return site.answer(request()).reply();
    }

    private WebRequest request() throws IOException, RefusedException {
        try {
            var path = WebRequest.segments(head.path());
            var query = Fields.of(head.query());
            var request = new WebRequest(
                    head.method(),
                    path,
                    query,
                    head.headers(),
                    body(),
                    exchange.remote(),
                    isSecure(),
                    connection.certificate());
            request.form(); // what is not encoded rightly is refused here, and not a bug of the site's
            return request;
        } catch (IllegalArgumentException e) {
            throw new RefusedException(400, "the request cannot be read: " + e.getMessage());
        }
    }

    private byte[] body() throws IOException, RefusedException {
        if (head.contentLength() > WebRequest.MOST_BYTES) {
            throw new RefusedException(413, "the body is larger than %d bytes".formatted(WebRequest.MOST_BYTES));
        }
        if (!head.header("content-encoding").isEmpty()) {
            throw new RefusedException(415, "a compressed body is not taken here");
        }
        exchange.wantBody();
        try (var spool = new BodyReader(WebRequest.MOST_BYTES, server.settings().maxGzipRatio())
                        .read(exchange.body(), false);
                var in = spool.open()) {
            return in.readAllBytes();
        }
    }

    /** By TLS to here, or to a proxy that we believe. */
    private boolean isSecure() {
        return server.isTls()
                || (server.settings().proxies().trusts(connection.peer())
                        && head.header("x-forwarded-proto").equalsIgnoreCase("https"));
    }
}
