package org.airpost.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.airpost.store.Store;
import org.airpost.store.mapdb.Backup;
import org.airpost.store.mapdb.MapDbStore;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayActionsTest {

    private static final Actor ADMIN = new Actor("ada", Role.ADMIN, "test");

    @TempDir
    private Path directory;

    @Test
    void ofBackupsIntoOneFileAtOnceOneIsMadeAndItIsWhole() throws Exception {
        var backup = directory.resolve("b.backup");
        try (var store = new MapDbStore(directory.resolve("a.db"), Clock.systemUTC());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                var filling = new byte[40_000];
                new Random(i).nextBytes(filling);
                store.put("filling/" + i, filling, Store.ABSENT);
            }
            var audit = new Audit(new MemoryStore(Clock.systemUTC()), Audit.Settings.USUAL, Clock.systemUTC());
            var gateway = new GatewayActions(store, () -> Result.conflict("no"), audit, Clock.systemUTC());
            List<Future<Boolean>> running = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                running.add(threads.submit(() -> gateway.backup(ADMIN, backup).isDone()));
            }
            int done = 0;
            for (var one : running) {
                done += one.get(60, TimeUnit.SECONDS) ? 1 : 0;
            }
            assertThat(done).isEqualTo(1);
        }
        assertThat(Backup.check(backup).values()).isEqualTo(200);
    }
}
