package org.airpost.device;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.store.Store;

/** A store in memory that counts what is written. */
public final class FakeStore implements Store {

    private final ConcurrentSkipListMap<String, Versioned> values = new ConcurrentSkipListMap<>();
    private final AtomicLong versions = new AtomicLong();
    private final AtomicInteger writes = new AtomicInteger();

    public List<String> keys() {
        return List.copyOf(values.keySet());
    }

    public int writes() {
        return writes.get();
    }

    @Override
    public Optional<Versioned> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    @Override
    public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
        var after = new Versioned(value, versions.incrementAndGet());
        var kept = values.compute(
                key, (k, before) -> (before == null ? ABSENT : before.version()) == expected ? after : before);
        if (after.equals(kept)) {
            writes.incrementAndGet();
            return OptionalLong.of(after.version());
        }
        return OptionalLong.empty();
    }

    @Override
    public boolean delete(String key, long expected) {
        var left = values.computeIfPresent(key, (k, before) -> before.version() == expected ? null : before);
        return left == null;
    }

    @Override
    public List<Entry> scan(String prefix, String after, int limit) {
        return values.tailMap(after.isEmpty() ? prefix : after, after.isEmpty()).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .limit(limit)
                .map(entry -> new Entry(entry.getKey(), entry.getValue()))
                .toList();
    }

    @Override
    public void close() {}
}
