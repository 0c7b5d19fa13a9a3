package org.airpost.app;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Collectors;
import org.airpost.http.Readiness;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.telemetry.Backends;
import org.airpost.telemetry.MeasuredStore;

/**
 * Whether phones are to be sent to this gateway: only if it can write down what it told them. A mail server that is away makes
 * it no worse than another one, so that is said and does not count.
 */
final class Health {

    /** Without a write for so long one is tried. */
    private static final Duration TRY_AFTER = Duration.ofSeconds(30);

    private static final String KEY = "health/write";

    private final MeasuredStore store;
    private final Backends backends;
    private final InstantSource clock;

    Health(MeasuredStore store, Backends backends, InstantSource clock) {
        this.store = store;
        this.backends = backends;
        this.clock = clock;
    }

    /** Tries to write, if nothing was written lately or the last write failed. Called from time to time. */
    void look() {
        if (store.failure().isEmpty() && store.sinceDone().compareTo(TRY_AFTER) < 0) {
            return;
        }
        try {
            long version = store.get(KEY).map(Store.Versioned::version).orElse(Store.ABSENT);
            store.put(KEY, new byte[0], version, Optional.of(clock.instant().plus(Duration.ofDays(1))));
        } catch (StoreException e) {
            // The store remembers it, and its log says it.
        }
    }

    /** As of now. Never blocks. */
    Readiness now() {
        var lines = new ArrayList<String>();
        boolean writes = store.failure().isEmpty();
        lines.add(writes ? "store: writes" : "store: cannot be written, see the log");
        backends.list().stream()
                .collect(Collectors.groupingBy(Backends.Backend::kind, java.util.TreeMap::new, Collectors.toList()))
                .forEach((kind, all) -> {
                    long down = all.stream()
                            .filter(one -> one.state() == Backends.State.DOWN)
                            .count();
                    lines.add(down == 0 ? kind + ": ok" : "%s: %d of %d away".formatted(kind, down, all.size()));
                });
        return new Readiness(writes, lines);
    }
}
