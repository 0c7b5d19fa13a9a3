package org.airpost.backend;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** HTTP with one limit of time for an answer and its body, and one of size. The limit of the JDK ends with the header. */
public final class LimitedHttp {

    private LimitedHttp() {}

    /**
     * What was answered.
     *
     * @param body empty if the status is not the one that was wanted
     * @param isCut true if the body is longer than was allowed
     */
    public record Answer(int status, byte[] body, boolean isCut) {}

    /** Asks, and reads the body of an answer with the wanted status. Nothing of it goes on after the limit of time. */
    public static Answer send(HttpClient http, HttpRequest.Builder request, int wanted, int mostBytes, Duration limit)
            throws IOException, TimeoutException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        var sent = http.sendAsync(request.timeout(limit).build(), HttpResponse.BodyHandlers.ofInputStream());
        HttpResponse<InputStream> response;
        try {
            response = awaited(sent, end);
        } catch (TimeoutException | InterruptedException e) {
            var _ = sent.thenAccept(late -> close(late.body()));
            sent.cancel(true);
            throw e;
        }
        var in = response.body();
        try {
            if (response.statusCode() != wanted) {
                return new Answer(response.statusCode(), new byte[0], false);
            }
            var bytes =
                    awaited(CompletableFuture.supplyAsync(() -> read(in, mostBytes), Thread::startVirtualThread), end);
            return new Answer(wanted, bytes, bytes.length > mostBytes);
        } finally {
            close(in); // ends a reader that still waits, and the connection with it
        }
    }

    private static byte[] read(InputStream in, int mostBytes) {
        try {
            return in.readNBytes(mostBytes + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T awaited(CompletableFuture<T> future, long end)
            throws IOException, TimeoutException, InterruptedException {
        try {
            return future.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            var cause = Optional.ofNullable(e.getCause()).orElse(e);
            throw switch (cause) {
                case HttpTimeoutException _ -> timeout(e);
                case IOException io -> io;
                case UncheckedIOException unchecked -> new IOException(unchecked.getCause());
                default -> new IOException(cause.toString(), e);
            };
        }
    }

    private static IOException timeout(ExecutionException e) throws TimeoutException {
        var timeout = new TimeoutException();
        timeout.initCause(e);
        throw timeout;
    }
}
