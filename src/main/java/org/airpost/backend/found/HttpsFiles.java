package org.airpost.backend.found;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Small files over HTTPS, by certificates that Java trusts; no redirect is followed. */
public final class HttpsFiles implements WebFiles {

    private static final int MOST_BYTES = 64 << 10;

    private final HttpClient client;
    private final Duration limit;

    private HttpsFiles(HttpClient client, Duration limit) {
        this.client = client;
        this.limit = limit;
    }

    /** Files that come within the limit. */
    public static HttpsFiles ofSystem(Duration limit) {
        return new HttpsFiles(
                HttpClient.newBuilder()
                        .connectTimeout(limit)
                        .executor(Executors.newVirtualThreadPerTaskExecutor())
                        .build(),
                limit);
    }

    @Override
    public Got get(String address) {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(URI.create(address)).timeout(limit).build();
        } catch (IllegalArgumentException e) {
            return new Got.None();
        }
        var sent = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            var response = sent.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return switch (response.statusCode()) {
                case 200 -> new Got.File(response.body());
                case 429, 500, 502, 503, 504 ->
                    new Got.Failed("%s was answered with HTTP %d".formatted(address, response.statusCode()));
                default -> new Got.None();
            };
        } catch (ExecutionException e) {
            return failed(address, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            return given(sent, new Got.Failed("%s was not answered in %s".formatted(address, limit)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return given(sent, new Got.Failed("interrupted"));
        }
    }

    private static Got given(CompletableFuture<?> sent, Got got) {
        sent.cancel(true);
        return got;
    }

    /** No such name, nobody who listens, or a certificate of somebody else: there is no file to be believed. */
    private static Got failed(String address, Throwable cause) {
        boolean none = cause instanceof SSLException
                || (cause instanceof ConnectException && !(cause instanceof HttpConnectTimeoutException))
                || cause instanceof UnresolvedAddressException
                || !(cause instanceof IOException);
        return none ? new Got.None() : new Got.Failed("%s: %s".formatted(address, cause));
    }
}
