package org.airpost.cli.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Plain questions by HTTP, whatever is answered. */
final class Web {

    private static final int MOST_BYTES = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private final HttpClient client;
    private final String authorization;

    Web(HttpClient client, String user, String password) {
        this.client = client;
        this.authorization = "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    /** What came back; status 0 and the reason as text if nothing did. */
    record Page(int status, Map<String, String> headers, String text) {

        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }

        boolean isHtml() {
            return header("Content-Type").toLowerCase(Locale.ROOT).startsWith("text/html");
        }
    }

    Page ask(String method, URI address, boolean signedIn, Optional<String> contentType, byte[] body) {
        var request = HttpRequest.newBuilder(address)
                .timeout(LIMIT)
                .header("User-Agent", "Airpost-Check/1")
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        contentType.ifPresent(type -> request.header("Content-Type", type));
        if (signedIn) {
            request.header("Authorization", authorization);
        }
        var sent = client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            return page(sent.get(LIMIT.toMillis() + 1_000, TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            return nothing(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            sent.cancel(true);
            return nothing(new IOException("no answer in " + LIMIT.toSeconds() + " s"));
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            return nothing(e);
        }
    }

    Page ask(String method, URI address, boolean signedIn) {
        return ask(method, address, signedIn, Optional.empty(), new byte[0]);
    }

    private static Page nothing(Throwable cause) {
        var words = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new Page(0, Map.of(), words);
    }

    private static Page page(HttpResponse<byte[]> response) {
        var headers = new java.util.HashMap<String, String>();
        response.headers()
                .map()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        return new Page(response.statusCode(), headers, new String(response.body(), UTF_8));
    }
}
