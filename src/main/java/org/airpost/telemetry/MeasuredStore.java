package org.airpost.telemetry;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/** A store whose writes are measured, and that knows whether they go well. */
public final class MeasuredStore implements Store {

    private final Store store;
    private final Metrics metrics;
    private volatile long lastDone = System.nanoTime();
    private volatile Optional<String> failure = Optional.empty();

    public MeasuredStore(Store store, Metrics metrics) {
        this.store = store;
        this.metrics = metrics;
    }

    /** Why the last write did not go well; empty if it did. */
    public Optional<String> failure() {
        return failure;
    }

    /** Since the last write that went well. */
    public Duration sinceDone() {
        return Duration.ofNanos(System.nanoTime() - lastDone);
    }

    @Override
    public Optional<Versioned> get(String key) {
        return store.get(key);
    }

    @Override
    public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
        return measured(() -> store.put(key, value, expected, expiry), OptionalLong::isPresent);
    }

    @Override
    public boolean delete(String key, long expected) {
        return measured(() -> store.delete(key, expected), done -> done);
    }

    private <T> T measured(Supplier<T> write, java.util.function.Predicate<T> done) {
        long began = System.nanoTime();
        try {
            var outcome = write.get();
            lastDone = System.nanoTime();
            failure = Optional.empty();
            metrics.wrote(Duration.ofNanos(lastDone - began), done.test(outcome) ? "done" : "conflict");
            return outcome;
        } catch (StoreException e) {
            failure = Optional.of(String.valueOf(e.getMessage()));
            metrics.wrote(Duration.ofNanos(System.nanoTime() - began), "failed");
            throw e;
        }
    }

    @Override
    public List<Entry> scan(String prefix, String after, int limit) {
        return store.scan(prefix, after, limit);
    }

    @Override
    public long copyTo(Path target) {
        return store.copyTo(target);
    }

    @Override
    public void close() {
        store.close();
    }
}
