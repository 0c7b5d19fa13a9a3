package org.airpost.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.airpost.device.ClientQuirks;
import org.airpost.http.Observer;

/** All that is seen of a gateway: what the server tells of each request goes from here to who keeps it. */
public final class Telemetry implements Observer {

    /** Bytes of a body that a trace reads. */
    private static final int TRACED_BYTES = 4 << 20;

    private final InstantSource clock;
    private final Exchanges exchanges;
    private final Activity activity;
    private final Backends backends;
    private final Metrics metrics;
    private volatile Optional<Traces> traces = Optional.empty();

    public Telemetry(ClientQuirks quirks, InstantSource clock) {
        this.clock = clock;
        this.exchanges = new Exchanges(Exchanges.Settings.usual());
        this.activity = new Activity(clock);
        this.backends = new Backends(clock);
        this.metrics = new Metrics(quirks, backends);
    }

    /** The last exchanges of each device, and who waits. */
    public Exchanges exchanges() {
        return exchanges;
    }

    /** Counts of the last hour. */
    public Activity activity() {
        return activity;
    }

    /** The servers behind the gateway. */
    public Backends backends() {
        return backends;
    }

    /** What Prometheus reads. */
    public Metrics metrics() {
        return metrics;
    }

    /** Traces devices from now on. */
    public void traceBy(Traces with) {
        traces = Optional.of(with);
    }

    /** The traces of devices; empty if there is no place for them. */
    public Optional<Traces> traces() {
        return traces;
    }

    @Override
    public int bodyBytes(Asked request) {
        return isTraced(request) ? TRACED_BYTES : exchanges.bodyBytes();
    }

    @Override
    public void held(Asked request, Instant until) {
        var client = metrics.client(request);
        if (exchanges.held(request, client, until)) {
            metrics.held(client);
        }
    }

    @Override
    public void gone(Asked request) {
        var exchange = Exchange.gone(request, clock.instant());
        traces.ifPresent(all -> all.note(exchange));
        exchanges.ended(exchange).ifPresent(waiting -> metrics.heldNoMore(waiting.client(), false));
    }

    @Override
    public Afterwards answered(Asked request, Told answer) {
        var exchange = Exchange.answered(request, answer);
        traces.ifPresent(all -> all.note(exchange));
        var client = metrics.client(request);
        exchanges.ended(exchange).ifPresent(waiting -> metrics.heldNoMore(waiting.client(), true));
        activity.answered(exchange, answer);
        metrics.answered(exchange, answer, client);
        return (wholly, push) -> {
            if (wholly) {
                push.ifPresent(delay -> pushed(client, delay));
            }
        };
    }

    private void pushed(String client, Duration delay) {
        activity.pushed(delay);
        metrics.pushed(client, delay);
    }

    private boolean isTraced(Asked request) {
        return traces.isPresent()
                && Exchanges.device(request)
                        .filter(device -> traces.orElseThrow().follows(device))
                        .isPresent();
    }
}
