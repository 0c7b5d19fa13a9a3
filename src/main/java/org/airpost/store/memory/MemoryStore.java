package org.airpost.store.memory;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.store.StoreLimits;

/** A store in the heap, for tests and the demo. Everything is gone when it is closed. */
public final class MemoryStore implements Store {

    /** Expired entries that one write looks for at most, so that sweeping never holds the lock long. */
    private static final int SWEEP_STEP = 64;

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final NavigableMap<String, Held> entries = new TreeMap<>();
    private final NavigableMap<Expiry, String> expiries = new TreeMap<>();
    private long lastVersion;
    private boolean closed;

    public MemoryStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Optional<Versioned> get(String key) {
        StoreLimits.checkKey(key);
        lock.lock();
        try {
            checkOpen();
            return living(key, clock.instant()).map(Held::copy);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
        StoreLimits.checkKey(key);
        var copy = StoreLimits.checkValue(key, value).clone();
        lock.lock();
        try {
            checkOpen();
            var now = clock.instant();
            sweep(now);
            if (version(key, now) != expected) {
                return OptionalLong.empty();
            }
            remove(key);
            var held = new Held(copy, ++lastVersion, expiry);
            entries.put(key, held);
            expiry.ifPresent(moment -> expiries.put(new Expiry(moment, held.version()), key));
            return OptionalLong.of(held.version());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean delete(String key, long expected) {
        StoreLimits.checkKey(key);
        lock.lock();
        try {
            checkOpen();
            var now = clock.instant();
            sweep(now);
            var version = version(key, now);
            if (version != ABSENT && version != expected) {
                return false;
            }
            remove(key);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Entry> scan(String prefix, String after, int limit) {
        StoreLimits.checkLimit(limit);
        lock.lock();
        try {
            checkOpen();
            var now = clock.instant();
            var found = new ArrayList<Entry>();
            var rest = after.compareTo(prefix) < 0 ? entries.tailMap(prefix, true) : entries.tailMap(after, false);
            for (Map.Entry<String, Held> entry : rest.entrySet()) {
                if (found.size() == limit || !entry.getKey().startsWith(prefix)) {
                    break;
                }
                if (entry.getValue().livesAt(now)) {
                    found.add(new Entry(entry.getKey(), entry.getValue().copy()));
                }
            }
            return List.copyOf(found);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            entries.clear();
            expiries.clear();
        } finally {
            lock.unlock();
        }
    }

    /** How many entries are kept, expired ones that are not swept yet among them. */
    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Held> living(String key, Instant now) {
        return Optional.ofNullable(entries.get(key)).filter(held -> held.livesAt(now));
    }

    private long version(String key, Instant now) {
        return living(key, now).map(Held::version).orElse(ABSENT);
    }

    private void remove(String key) {
        var old = entries.remove(key);
        if (old != null) {
            old.expiry().ifPresent(moment -> expiries.remove(new Expiry(moment, old.version())));
        }
    }

    private void sweep(Instant now) {
        for (int i = 0; i < SWEEP_STEP && !expiries.isEmpty(); i++) {
            var first = expiries.firstEntry();
            if (first.getKey().moment().isAfter(now)) {
                return;
            }
            remove(first.getValue());
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new StoreException("the store is closed");
        }
    }

    private record Held(byte[] value, long version, Optional<Instant> expiry) {

        boolean livesAt(Instant now) {
            return expiry.isEmpty() || now.isBefore(expiry.get());
        }

        Versioned copy() {
            return new Versioned(value.clone(), version);
        }
    }

    private record Expiry(Instant moment, long version) implements Comparable<Expiry> {

        @Override
        public int compareTo(Expiry other) {
            var byMoment = moment.compareTo(other.moment);
            return byMoment != 0 ? byMoment : Long.compare(version, other.version);
        }
    }
}
