package org.airpost.device;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.airpost.store.Store;

/**
 * Something that is read out of many records of the store and changes seldom: read again when it was changed here, and within
 * a second when another gateway has changed it. A key of the store is the stamp that changes with it.
 */
final class Fresh<T> {

    private static final Duration BELIEVED = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 32;

    private final Store store;
    private final String stampKey;
    private final Supplier<T> load;
    private final InstantSource clock;
    private volatile Read<T> last;

    private record Read<T>(T value, long stamp, Instant checked) {}

    Fresh(Store store, String stampKey, Supplier<T> load, T nothing, InstantSource clock) {
        this.store = store;
        this.stampKey = stampKey;
        this.load = load;
        this.clock = clock;
        this.last = new Read<>(nothing, -1, Instant.MIN);
    }

    T get() {
        var known = last;
        var now = clock.instant();
        if (known.stamp() >= 0 && now.isBefore(known.checked().plus(BELIEVED)) && !now.isBefore(known.checked())) {
            return known.value();
        }
        // The stamp first: what changes while the rest is read is read again the next time.
        long stamp = stamp();
        var value = known.stamp() == stamp ? known.value() : load.get();
        last = new Read<>(value, stamp, now);
        return value;
    }

    private long stamp() {
        return store.get(stampKey).map(Store.Versioned::version).orElse(Store.ABSENT);
    }

    /** Says that it was changed. */
    void changed() {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                var content =
                        ByteBuffer.allocate(Long.BYTES).putLong(clock.millis()).array();
                if (store.put(stampKey, content, stamp()).isPresent()) {
                    return;
                }
            }
        } finally {
            readAgain();
        }
    }

    /** Has it read anew the next time, whatever the stamp says. */
    void readAgain() {
        last = new Read<>(last.value(), -1, Instant.MIN);
    }
}
