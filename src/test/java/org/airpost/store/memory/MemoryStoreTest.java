package org.airpost.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.airpost.store.Store;
import org.airpost.store.StoreContract;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {

    @Override
    protected Store open() {
        return new MemoryStore(clock);
    }

    @Test
    void expiredValuesAreSweptByLaterWrites() {
        var until = Optional.of(clock.instant().plusSeconds(1));
        for (int i = 0; i < 50; i++) {
            store.put("short/" + i, bytes("x"), Store.ABSENT, until);
        }
        clock.advance(Duration.ofSeconds(2));
        put("other", "x", Store.ABSENT);
        assertThat(((MemoryStore) store).size()).isEqualTo(1);
    }
}
