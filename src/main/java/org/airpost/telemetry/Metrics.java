package org.airpost.telemetry;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.airpost.device.ClientQuirks;
import org.airpost.http.Observer.Asked;
import org.airpost.http.Observer.Told;

/**
 * What Prometheus reads. Every value of a label comes from a table of ours, never from a phone, so there is a bound to all of
 * it: commands, statuses, families of clients, servers of the configuration. Safe for many threads.
 */
public final class Metrics {

    /** Seconds; a phone gives up after 30. */
    private static final double[] LATENCIES = {0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25};

    private static final double[] DELAYS = {0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60};
    private static final double[] COMMITS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 20};

    private static final Set<Integer> HTTP =
            Set.of(200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 431, 449, 451, 500, 501, 503, 507);

    private static final String NONE = "none";
    private static final String OTHER = "other";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ClientQuirks quirks;
    private final Histogram latency;
    private final Counter answers;
    private final Histogram push;
    private final Counter waits;
    private final Counter bytes;
    private final Histogram storeWrites;
    private final Counter storeOutcomes;
    private final ConcurrentHashMap<String, AtomicInteger> waiting = new ConcurrentHashMap<>();

    /** Held by the first reader, so that what the JVM tells is set up once, and not at the start. */
    private final ReentrantLock firstReading = new ReentrantLock();

    private boolean hasJvm;

    Metrics(ClientQuirks quirks, Backends backends) {
        this.quirks = quirks;
        this.latency = Histogram.builder()
                .name("airpost_request_seconds")
                .help("Time from a request's head to its answer, without what it waited for news")
                .labelNames("command", "client")
                .classicOnly()
                .classicUpperBounds(LATENCIES)
                .register(registry);
        this.answers = Counter.builder()
                .name("airpost_answers_total")
                .help("Answers, by command, HTTP status, status of EAS and client")
                .labelNames("command", "http", "eas", "client")
                .register(registry);
        this.push = Histogram.builder()
                .name("airpost_push_seconds")
                .help("Time from hearing of news to having told a phone that waited for it")
                .labelNames("client")
                .classicOnly()
                .classicUpperBounds(DELAYS)
                .register(registry);
        this.waits = Counter.builder()
                .name("airpost_waits_total")
                .help("Ended waits of phones, by how they ended: with an answer, or since the phone went away")
                .labelNames("end", "client")
                .register(registry);
        this.bytes = Counter.builder()
                .name("airpost_phone_bytes_total")
                .help("Bytes of the bodies of requests (in) and answers (out), without gzip")
                .labelNames("direction", "client")
                .register(registry);
        this.storeWrites = Histogram.builder()
                .name("airpost_store_write_seconds")
                .help("Time until a write was on the disk")
                .classicOnly()
                .classicUpperBounds(COMMITS)
                .register(registry);
        this.storeOutcomes = Counter.builder()
                .name("airpost_store_writes_total")
                .help("Writes, by outcome: done, conflict (another version was there), failed")
                .labelNames("outcome")
                .register(registry);
        GaugeWithCallback.builder()
                .name("airpost_waiting_phones")
                .help("Phones that wait for news now")
                .labelNames("client")
                .callback(callback -> waiting.forEach((client, count) -> callback.call(count.get(), client)))
                .register(registry);
        ofBackends(backends);
    }

    private void ofBackends(Backends backends) {
        CounterWithCallback.builder()
                .name("airpost_imap_commands_total")
                .help("Commands sent to IMAP servers")
                .labelNames("command")
                .callback(callback ->
                        sums(backends).forEach((command, count) -> callback.call(count.doubleValue(), command)))
                .register(registry);
        CounterWithCallback.builder()
                .name("airpost_imap_bytes_total")
                .help("Bytes read from (in) and written to (out) IMAP servers, within TLS")
                .labelNames("direction")
                .callback(callback -> {
                    long in = 0;
                    long out = 0;
                    for (var meter : backends.metersOf("imap")) {
                        in += meter.bytesRead.sum();
                        out += meter.bytesWritten.sum();
                    }
                    callback.call((double) in, "in");
                    callback.call((double) out, "out");
                })
                .register(registry);
        GaugeWithCallback.builder()
                .name("airpost_backend_up")
                .help("1 if the server answered when it was needed last, 0 if not; nothing if nobody needed it yet")
                .labelNames("kind", "place")
                .callback(callback -> backends.list().stream()
                        .filter(one -> one.state() != Backends.State.UNUSED)
                        .forEach(one ->
                                callback.call(one.state() == Backends.State.UP ? 1 : 0, one.kind(), one.place())))
                .register(registry);
        CounterWithCallback.builder()
                .name("airpost_backend_failures_total")
                .help("How often the server could not be used")
                .labelNames("kind", "place")
                .callback(callback ->
                        backends.list().forEach(one -> callback.call((double) one.failures(), one.kind(), one.place())))
                .register(registry);
    }

    private static Map<String, Long> sums(Backends backends) {
        var all = new TreeMap<String, Long>();
        for (var meter : backends.metersOf("imap")) {
            meter.commands.forEach((command, count) -> all.merge(command, count.sum(), Long::sum));
        }
        return all;
    }

    /** One more number that is read when somebody asks. */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    /** Counts that somebody else keeps, by kinds of which there are few. */
    public void counter(String name, String help, String label, Supplier<Map<String, Long>> counts) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(callback -> counts.get().forEach((kind, count) -> callback.call(count.doubleValue(), kind)))
                .register(registry);
    }

    /** Everything, in the text format of Prometheus. */
    public byte[] text() {
        firstReading.lock();
        try {
            if (!hasJvm) {
                JvmMetrics.builder().register(registry);
                hasJvm = true;
            }
        } finally {
            firstReading.unlock();
        }
        var out = new ByteArrayOutputStream(32 << 10);
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return out.toByteArray();
    }

    void held(String client) {
        waiting(client).incrementAndGet();
    }

    void heldNoMore(String client, boolean answered) {
        waiting(client).decrementAndGet();
        waits.labelValues(answered ? "answered" : "gone", client).inc();
    }

    private AtomicInteger waiting(String client) {
        return waiting.computeIfAbsent(client, _ -> new AtomicInteger());
    }

    void answered(Exchange exchange, Told told, String client) {
        var command = exchange.command().isEmpty() ? NONE : exchange.command();
        latency.labelValues(command, client).observe(seconds(told.took().minus(told.held())));
        answers.labelValues(
                        command,
                        HTTP.contains(told.status()) ? Integer.toString(told.status()) : OTHER,
                        exchange.status()
                                .map(Exchange.EasStatus::code)
                                .map(code -> code < 1_000 ? Integer.toString(code) : OTHER)
                                .orElse(NONE),
                        client)
                .inc();
        bytes.labelValues("in", client).inc(exchange.requestBytes());
        bytes.labelValues("out", client).inc(told.bytes());
    }

    void pushed(String client, Duration delay) {
        push.labelValues(client).observe(seconds(delay));
    }

    void wrote(Duration took, String outcome) {
        storeWrites.observe(seconds(took));
        storeOutcomes.labelValues(outcome).inc();
    }

    /** The family of who asks. */
    String client(Asked asked) {
        return quirks.family(asked.line().map(line -> line.deviceType()).orElse(""), asked.userAgent());
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
