package org.airpost.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.http.Proxies;
import org.airpost.http.Site;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;

/** What Prometheus reads, under {@code /metrics}. */
public final class MetricsSite implements Site {

    /** Where it is. */
    public static final String PLACE = "metrics";

    private static final String BEARER = "bearer ";
    private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final Metrics metrics;
    private volatile Readers readers;

    /**
     * Who may read.
     *
     * @param token that must come as a bearer token, if there is one
     * @param from addresses, or networks as {@code 10.0.0.0/8}
     */
    public record Readers(Optional<String> token, List<String> from) {

        public Readers {
            from = List.copyOf(from);
        }

        private boolean mayComeFrom(String remote) {
            return Proxies.of(from).contains(remote);
        }

        /** In a time that does not tell how much of it was right. */
        private boolean mayRead(String authorization) {
            boolean isBearer = authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
            var sent = isBearer ? authorization.substring(BEARER.length()).strip() : "";
            return token.isEmpty() || MessageDigest.isEqual(token.get().getBytes(UTF_8), sent.getBytes(UTF_8));
        }

        @Override
        public String toString() {
            return "Readers[from=%s]".formatted(from);
        }
    }

    public MetricsSite(Metrics metrics, Readers readers) {
        this.metrics = metrics;
        this.readers = readers;
    }

    /** Lets others read from now on. */
    public void change(Readers other) {
        readers = other;
    }

    @Override
    public WebReply answer(WebRequest request) {
        var now = readers;
        if (request.path().size() > 1) {
            return WebReply.text(404, "There is nothing at this address.");
        }
        if (!now.mayComeFrom(request.remote())) {
            return WebReply.text(403, "Not from this address: see metrics.from.");
        }
        if (!now.mayRead(request.header("authorization"))) {
            return WebReply.text(401, "A token is needed: see metrics.token.").with("WWW-Authenticate", "Bearer");
        }
        if (!request.is("GET") && !request.is("HEAD")) {
            return new WebReply(405, Map.of("Allow", "GET, HEAD"), List.of(), new byte[0]);
        }
        return WebReply.bytes(FORMAT, metrics.text());
    }
}
