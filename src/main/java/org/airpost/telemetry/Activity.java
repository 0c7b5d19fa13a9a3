package org.airpost.telemetry;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.airpost.http.Observer.Told;

/** Counts of the last hour, by minutes: what an overview shows. Safe for many threads. */
public final class Activity {

    /** Minutes that are remembered. */
    public static final int MINUTES = 60;

    private final InstantSource clock;
    private final AtomicReferenceArray<Minute> minutes = new AtomicReferenceArray<>(MINUTES + 1);

    private record Minute(
            long number,
            ConcurrentHashMap<String, LongAdder> requests,
            ConcurrentHashMap<String, LongAdder> errors,
            LongAdder pushes,
            LongAdder pushMillis) {

        Minute(long number) {
            this(number, new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), new LongAdder(), new LongAdder());
        }
    }

    /**
     * What happened in some minutes.
     *
     * @param requests answered requests, by command
     * @param errors answers that are failures, by kind: {@code HTTP 503}, {@code Sync 3}
     * @param pushes answers that told of news to a phone that waited
     * @param pushDelay from the event to the answer on its way, in the mean
     */
    public record Counts(Map<String, Long> requests, Map<String, Long> errors, long pushes, Duration pushDelay) {

        /** Of all commands. */
        public long allRequests() {
            return requests.values().stream().mapToLong(Long::longValue).sum();
        }

        /** Of all kinds. */
        public long allErrors() {
            return errors.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    public Activity(InstantSource clock) {
        this.clock = clock;
        for (int i = 0; i < minutes.length(); i++) {
            minutes.set(i, new Minute(-1));
        }
    }

    /** What happened in the last minutes, the present one included; at most {@value #MINUTES} are remembered. */
    public Counts last(Duration over) {
        long now = number();
        long first = now - Math.clamp(over.toMinutes(), 1, MINUTES) + 1;
        var requests = new TreeMap<String, Long>();
        var errors = new TreeMap<String, Long>();
        long pushes = 0;
        long pushMillis = 0;
        for (int i = 0; i < minutes.length(); i++) {
            var minute = minutes.get(i);
            if (minute.number() >= first && minute.number() <= now) {
                minute.requests().forEach((kind, count) -> requests.merge(kind, count.sum(), Long::sum));
                minute.errors().forEach((kind, count) -> errors.merge(kind, count.sum(), Long::sum));
                pushes += minute.pushes().sum();
                pushMillis += minute.pushMillis().sum();
            }
        }
        return new Counts(requests, errors, pushes, Duration.ofMillis(pushes == 0 ? 0 : pushMillis / pushes));
    }

    void answered(Exchange exchange, Told told) {
        var minute = minute();
        var command = exchange.command().isEmpty() ? "other" : exchange.command();
        count(minute.requests(), command);
        if (told.status() != 200) {
            count(minute.errors(), "HTTP " + told.status());
        } else if (!exchange.isGood()) {
            count(
                    minute.errors(),
                    command + " " + exchange.status().orElseThrow().code());
        }
    }

    void pushed(Duration delay) {
        var minute = minute();
        minute.pushes().increment();
        minute.pushMillis().add(delay.toMillis());
    }

    /** Kinds are as many as there are statuses: they come from our own tables, not from phones. */
    private static void count(ConcurrentHashMap<String, LongAdder> counts, String kind) {
        counts.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    }

    private long number() {
        return clock.millis() / 60_000;
    }

    private Minute minute() {
        long now = number();
        int place = (int) (now % minutes.length());
        while (true) {
            var there = minutes.get(place);
            if (there.number() == now || minutes.compareAndSet(place, there, new Minute(now))) {
                return minutes.get(place);
            }
        }
    }
}
