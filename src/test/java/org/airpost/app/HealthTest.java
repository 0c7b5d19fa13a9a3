package org.airpost.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.airpost.device.ClientQuirks;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.store.memory.MemoryStore;
import org.airpost.telemetry.MeasuredStore;
import org.airpost.telemetry.Telemetry;
import org.junit.jupiter.api.Test;

class HealthTest {

    private final Telemetry telemetry = new Telemetry(ClientQuirks.builtIn(), InstantSource.system());
    private final FullDisk disk = new FullDisk();
    private final MeasuredStore store = new MeasuredStore(disk, telemetry.metrics());
    private final Health health = new Health(store, telemetry.backends(), InstantSource.system());

    /** A store that takes nothing while its disk is full. */
    private static final class FullDisk implements Store {

        private final Store store = new MemoryStore(Clock.systemUTC());
        private volatile boolean full;

        @Override
        public Optional<Versioned> get(String key) {
            return store.get(key);
        }

        @Override
        public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
            if (full) {
                throw new StoreException("no space left on device: /var/lib/airpost/airpost.db");
            }
            return store.put(key, value, expected, expiry);
        }

        @Override
        public boolean delete(String key, long expected) {
            return store.delete(key, expected);
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

    @Test
    void aStoreThatCannotBeWrittenMakesItUnready() {
        assertThat(health.now().ready()).isTrue();
        disk.full = true;
        try {
            store.put("a", new byte[0], Store.ABSENT);
        } catch (StoreException e) {
            // that is what was wanted
        }
        assertThat(health.now().ready()).isFalse();
        assertThat(health.now().lines()).first().asString().contains("cannot be written");
        // Strangers need not know where it is.
        assertThat(health.now().lines().toString()).doesNotContain("/var/lib");
        health.look();
        assertThat(health.now().ready()).isFalse();
        disk.full = false;
        health.look();
        assertThat(health.now().ready()).isTrue();
        assertThat(store.sinceDone()).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aServerThatIsAwayIsSaidAndDoesNotCount() {
        telemetry.backends().meter("imap", "one.example.org:993").reached();
        telemetry.backends().meter("imap", "two.example.org:993").failed("connection refused");
        telemetry.backends().meter("smtp", "one.example.org:587").reached();
        assertThat(health.now().ready()).isTrue();
        assertThat(health.now().lines()).containsExactly("store: writes", "imap: 1 of 2 away", "smtp: ok");
    }
}
