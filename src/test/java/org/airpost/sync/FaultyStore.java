package org.airpost.sync;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/** A store that counts what is written, and whose next writes fail if a test says so. */
final class FaultyStore implements Store {

    private final Store store;
    private int failing;
    private boolean afterEffect;
    private boolean happened;
    private long bytes;

    FaultyStore(Store store) {
        this.store = store;
    }

    /** The write with this number, the first one being 1, fails before or after its effect. */
    void failAt(int write, boolean after) {
        failing = write;
        afterEffect = after;
        happened = false;
    }

    /** Forgets the plan; true if it had come to pass. */
    boolean settle() {
        failing = 0;
        return happened;
    }

    /** Bytes of values written so far. */
    long bytes() {
        return bytes;
    }

    private <T> T write(Supplier<T> work) {
        if (failing > 0 && --failing == 0) {
            happened = true;
            if (afterEffect) {
                var _ = work.get();
            }
            throw new StoreException("the disk is full");
        }
        return work.get();
    }

    @Override
    public Optional<Versioned> get(String key) {
        return store.get(key);
    }

    @Override
    public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
        return write(() -> {
            bytes += value.length;
            return store.put(key, value, expected, expiry);
        });
    }

    @Override
    public boolean delete(String key, long expected) {
        return write(() -> store.delete(key, expected));
    }

    @Override
    public List<Entry> scan(String prefix, String after, int limit) {
        return store.scan(prefix, after, limit);
    }

    @Override
    public void close() {
        store.close();
    }
}
