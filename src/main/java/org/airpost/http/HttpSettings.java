package org.airpost.http;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Address and bounds of the server.
 *
 * @param address where to listen; port 0 takes a free one
 * @param eventLoops threads that move bytes
 * @param maxConnections connections at once; one more is closed as it comes
 * @param maxUnderWay requests at once that are not held; one more is answered 503
 * @param maxHeadBytes bytes of the request line, and again of all header lines
 * @param maxBodyBytes bytes of a request's body, after gzip was undone
 * @param maxGzipRatio how many times larger than what came a body may grow when gzip is undone
 * @param readTimeout time for a request to arrive whole; a large body that comes steadily may take longer
 * @param writeTimeout time in which the phone must take some bytes of an answer
 * @param idleTimeout time that a connection may be without a request
 * @param answerTimeout time until a command should answer. Source: DESIGN §4
 * @param proxies proxies that are believed when they say whom they speak for
 */
public record HttpSettings(
        InetSocketAddress address,
        int eventLoops,
        int maxConnections,
        int maxUnderWay,
        int maxHeadBytes,
        long maxBodyBytes,
        int maxGzipRatio,
        Duration readTimeout,
        Duration writeTimeout,
        Duration idleTimeout,
        Duration answerTimeout,
        Proxies proxies) {

    public HttpSettings {
        atLeastOne("eventLoops", eventLoops);
        atLeastOne("maxConnections", maxConnections);
        atLeastOne("maxUnderWay", maxUnderWay);
        atLeastOne("maxHeadBytes", maxHeadBytes);
        atLeastOne("maxBodyBytes", maxBodyBytes);
        atLeastOne("maxGzipRatio", maxGzipRatio);
        atLeastOne("readTimeout", readTimeout.toMillis());
        atLeastOne("writeTimeout", writeTimeout.toMillis());
        atLeastOne("idleTimeout", idleTimeout.toMillis());
        atLeastOne("answerTimeout", answerTimeout.toMillis());
    }

    /** Bounds that fit a company's gateway: 50 MiB of mail, 100,000 connections, 1,000 requests under way. */
    public static HttpSettings at(InetSocketAddress address) {
        return new HttpSettings(
                address,
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                100_000,
                1_000,
                16 << 10,
                50L << 20,
                100,
                Duration.ofMinutes(2),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofSeconds(25),
                Proxies.NONE);
    }

    public HttpSettings withMaxConnections(int connections) {
        return new HttpSettings(
                address,
                eventLoops,
                connections,
                maxUnderWay,
                maxHeadBytes,
                maxBodyBytes,
                maxGzipRatio,
                readTimeout,
                writeTimeout,
                idleTimeout,
                answerTimeout,
                proxies);
    }

    public HttpSettings withMaxUnderWay(int requests) {
        return new HttpSettings(
                address,
                eventLoops,
                maxConnections,
                requests,
                maxHeadBytes,
                maxBodyBytes,
                maxGzipRatio,
                readTimeout,
                writeTimeout,
                idleTimeout,
                answerTimeout,
                proxies);
    }

    public HttpSettings withMaxBodyBytes(long bytes) {
        return new HttpSettings(
                address,
                eventLoops,
                maxConnections,
                maxUnderWay,
                maxHeadBytes,
                bytes,
                maxGzipRatio,
                readTimeout,
                writeTimeout,
                idleTimeout,
                answerTimeout,
                proxies);
    }

    public HttpSettings withTimeouts(Duration read, Duration write, Duration idle) {
        return new HttpSettings(
                address,
                eventLoops,
                maxConnections,
                maxUnderWay,
                maxHeadBytes,
                maxBodyBytes,
                maxGzipRatio,
                read,
                write,
                idle,
                answerTimeout,
                proxies);
    }

    public HttpSettings withProxies(Proxies believed) {
        return new HttpSettings(
                address,
                eventLoops,
                maxConnections,
                maxUnderWay,
                maxHeadBytes,
                maxBodyBytes,
                maxGzipRatio,
                readTimeout,
                writeTimeout,
                idleTimeout,
                answerTimeout,
                believed);
    }

    private static void atLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException("%s must be at least 1, not %d".formatted(name, value));
        }
    }
}
