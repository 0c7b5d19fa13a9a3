package org.airpost.telemetry;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.airpost.backend.ServerMeter;

/** How the servers behind the gateway are, by what their users met last. Nobody is asked for it. Safe for many threads. */
public final class Backends {

    /** Servers that are remembered; of those found by asking there may be many. */
    private static final int MOST = 500;

    private final InstantSource clock;
    private final ConcurrentHashMap<Place, Meter> meters = new ConcurrentHashMap<>();

    private record Place(String kind, String place) {}

    /** What is known of a server. */
    public enum State {
        /** Nobody has needed it yet. */
        UNUSED,
        /** It answered when it was needed last. */
        UP,
        /** It did not. */
        DOWN
    }

    /**
     * A server.
     *
     * @param kind {@code imap}, {@code smtp}, {@code ldap}, {@code carddav}, {@code sieve}
     * @param place name and port
     * @param words why it could not be used last, if ever
     */
    public record Backend(
            String kind,
            String place,
            State state,
            Optional<Instant> lastGood,
            Optional<Instant> lastBad,
            String words,
            long failures) {}

    public Backends(InstantSource clock) {
        this.clock = clock;
    }

    /** All servers that are configured or were met, by kind and place. */
    public List<Backend> list() {
        return meters.entrySet().stream()
                .map(entry -> entry.getValue().backend(entry.getKey()))
                .sorted(Comparator.comparing(Backend::kind).thenComparing(Backend::place))
                .toList();
    }

    /** Who is to be told of a server, the same one for the same server. */
    public ServerMeter meter(String kind, String place) {
        var key = new Place(kind, place);
        // What is above the bound is counted as one.
        return meters.computeIfAbsent(meters.size() < MOST ? key : new Place(kind, "others"), _ -> new Meter());
    }

    /** What all servers of one kind were heard of. */
    List<Meter> metersOf(String kind) {
        return meters.entrySet().stream()
                .filter(entry -> entry.getKey().kind().equals(kind))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** What one server is heard of. */
    final class Meter implements ServerMeter {

        final ConcurrentHashMap<String, LongAdder> commands = new ConcurrentHashMap<>();
        final LongAdder bytesRead = new LongAdder();
        final LongAdder bytesWritten = new LongAdder();
        final LongAdder failures = new LongAdder();
        private volatile Optional<Instant> lastGood = Optional.empty();
        private volatile Optional<Instant> lastBad = Optional.empty();
        private volatile String words = "";
        private volatile State state = State.UNUSED;

        @Override
        public void reached() {
            lastGood = Optional.of(clock.instant());
            state = State.UP;
        }

        @Override
        public void failed(String why) {
            failures.increment();
            words = why;
            lastBad = Optional.of(clock.instant());
            state = State.DOWN;
        }

        @Override
        public void command(String name) {
            commands.computeIfAbsent(name, _ -> new LongAdder()).increment();
        }

        @Override
        public void read(int bytes) {
            bytesRead.add(bytes);
        }

        @Override
        public void wrote(int bytes) {
            bytesWritten.add(bytes);
        }

        private Backend backend(Place place) {
            return new Backend(place.kind(), place.place(), state, lastGood, lastBad, words, failures.sum());
        }
    }
}
