package org.airpost.http;

import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The few addresses that are not ActiveSync: health, and a page for people who look by. */
final class Pages {

    private static final String ALLOW = "GET, HEAD";

    private static final String WELCOME = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>Airpost</title>
            <h1>Airpost</h1>
            <p>This is an Exchange ActiveSync gateway: it brings mail to phones, and has nothing to show to a browser.</p>
            <p>To use it, add an account of the type <em>Exchange</em> (or <em>ActiveSync</em>) on your phone,
            with your mail address, your password, and this server's name.</p>
            </html>
            """;

    private final Supplier<Readiness> ready;

    Pages(Supplier<Readiness> ready) {
        this.ready = ready;
    }

    /** The page at a path. Does not block. */
    Reply page(String method, String path) {
        boolean read = method.equals("GET") || method.equals("HEAD");
        return switch (path.toLowerCase(Locale.ROOT)) {
            case "/" -> read ? Reply.html(WELCOME) : notAllowed();
            case "/healthz" -> read ? Reply.text(200, "ok", Map.of()) : notAllowed();
            case "/readyz" -> read ? readiness() : notAllowed();
            default -> Reply.text(404, "There is nothing at this address.", Map.of());
        };
    }

    private Reply readiness() {
        var now = ready.get();
        return now.ready()
                ? Reply.text(200, now.text(), Map.of())
                : Reply.text(503, now.text(), Map.of("Retry-After", "5"));
    }

    private static Reply notAllowed() {
        return Reply.text(405, "This address is only for reading.", Map.of("Allow", ALLOW));
    }
}
