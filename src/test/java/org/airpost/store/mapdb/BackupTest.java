package org.airpost.store.mapdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {

    private static final Instant NOW = Instant.parse("2026-11-26T07:00:00Z");

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("data/airpost.db");
    }

    private MapDbStore open() {
        return new MapDbStore(file(), Clock.systemUTC());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(Store store, String key) {
        return store.get(key).map(found -> new String(found.value(), UTF_8)).orElse("-");
    }

    @Test
    void whatWasInTheStoreIsThereAgainAndNothingElse() {
        var backup = directory.resolve("b.backup");
        var large = new byte[300_000];
        new Random(1).nextBytes(large);
        try (var store = open()) {
            store.put("a", bytes("one"), Store.ABSENT);
            store.put("large", large, Store.ABSENT);
            assertThat(Backup.write(store, backup, NOW).values()).isEqualTo(2);
            store.put("later", bytes("x"), Store.ABSENT);
            store.put("a", bytes("two"), store.get("a").orElseThrow().version());
        }
        assertThat(Backup.check(backup).taken()).isEqualTo(NOW);
        var restored = Backup.restore(backup, file(), NOW);
        assertThat(restored.contents().values()).isEqualTo(2);
        try (var store = open()) {
            assertThat(text(store, "a")).isEqualTo("one");
            assertThat(text(store, "later")).isEqualTo("-");
            assertThat(store.get("large").orElseThrow().value()).isEqualTo(large);
        }
        // The one of before is kept, whole.
        assertThat(MapDbStore.check(restored.before().orElseThrow())).isEqualTo(3);
    }

    /**
     * Each writer writes the same number under its two keys, one after the other; a copy of one moment has the second one
     * never ahead of the first, and no older state than the writes that had their answer before it began.
     */
    @Test
    void aBackupUnderLoadIsOneMoment() throws Exception {
        int writers = 8;
        var stop = new AtomicBoolean();
        var before = new ArrayList<Long>();
        var backup = directory.resolve("b.backup");
        try (var store = open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // Large enough that the copy takes a while.
            for (int i = 0; i < 300; i++) {
                var filling = new byte[40_000];
                new Random(i).nextBytes(filling);
                store.put("filling/" + i, filling, Store.ABSENT);
            }
            List<Future<Long>> running = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                running.add(threads.submit(writer(store, w, stop)));
            }
            while (number(store, "first/0") < 3) {
                Thread.onSpinWait();
            }
            for (int w = 0; w < writers; w++) {
                before.add(number(store, "second/" + w));
            }
            Backup.write(store, backup, NOW);
            stop.set(true);
            for (var one : running) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isPositive();
            }
        }
        Backup.restore(backup, file(), NOW);
        try (var store = open()) {
            for (int w = 0; w < writers; w++) {
                long first = number(store, "first/" + w);
                long second = number(store, "second/" + w);
                assertThat(second).as("writer %d", w).isBetween(first - 1, first);
                assertThat(second).isGreaterThanOrEqualTo(before.get(w));
            }
            assertThat(store.scan("filling/", "", 1_000)).hasSize(300);
        }
    }

    private static Callable<Long> writer(Store store, int w, AtomicBoolean stop) {
        return () -> {
            long number = 0;
            var padding = new byte[2_000];
            while (!stop.get()) {
                number++;
                for (var key : List.of("first/" + w, "second/" + w)) {
                    new Random(number).nextBytes(padding);
                    var value = ByteBuffer.allocate(8 + padding.length)
                            .putLong(number)
                            .put(padding)
                            .array();
                    store.put(
                            key,
                            value,
                            store.get(key).map(Store.Versioned::version).orElse(Store.ABSENT));
                }
            }
            return number;
        };
    }

    private static long number(Store store, String key) {
        return store.get(key)
                .map(found -> ByteBuffer.wrap(found.value()).getLong())
                .orElse(0L);
    }

    @Test
    void aDamagedBackupIsRefusedAndTheStoreStays() throws IOException {
        var backup = directory.resolve("b.backup");
        try (var store = open()) {
            store.put("a", bytes("one"), Store.ABSENT);
            Backup.write(store, backup, NOW);
            store.put("b", bytes("two"), Store.ABSENT);
        }
        var good = Files.readAllBytes(backup);
        for (int at : List.of(100, good.length / 2, good.length - 30)) {
            var bad = good.clone();
            bad[at] ^= 0x55;
            Files.write(backup, bad);
            assertThatExceptionOfType(StoreException.class)
                    .as("byte %d", at)
                    .isThrownBy(() -> Backup.restore(backup, file(), NOW));
        }
        Files.write(backup, java.util.Arrays.copyOf(good, good.length / 2));
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> Backup.check(backup));
        try (var store = open()) {
            assertThat(text(store, "b")).isEqualTo("two");
        }
        try (var files = Files.list(directory.resolve("data"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("airpost.db", "airpost.db.journal");
        }
    }

    @Test
    void nothingIsRestoredUnderARunningGatewayAndNothingIsOverwritten() throws IOException {
        var backup = directory.resolve("b.backup");
        try (var store = open()) {
            store.put("a", bytes("one"), Store.ABSENT);
            Backup.write(store, backup, NOW);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
                    .isEqualTo("rw-------");
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> Backup.restore(backup, file(), NOW))
                    .withMessageContaining("open");
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> Backup.write(store, backup, NOW))
                    .withMessageContaining("is there already");
            // A place that cannot be written to harms nobody's writes.
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> Backup.write(store, directory.resolve("no/such/place"), NOW));
            store.put("b", bytes("two"), Store.ABSENT);
            assertThat(text(store, "b")).isEqualTo("two");
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("data", "b.backup");
        }
    }

    @Test
    void whatIsPreparedIsDoneBeforeAGatewayCanOpenTheStore() {
        var backup = directory.resolve("b.backup");
        try (var store = open()) {
            store.put("a", bytes("one"), Store.ABSENT);
            Backup.write(store, backup, NOW);
            store.put("later", bytes("x"), Store.ABSENT);
        }
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> Backup.restore(backup, file(), NOW, _ -> {
                    assertThatExceptionOfType(StoreException.class).isThrownBy(this::open);
                    throw new StoreException("not this time");
                }))
                .withMessage("not this time");
        try (var store = open()) {
            assertThat(text(store, "later")).isEqualTo("x");
        }
        Backup.restore(backup, file(), NOW, image -> {
            try (var restored = new MapDbStore(image, Clock.systemUTC())) {
                restored.put("prepared", bytes("yes"), Store.ABSENT);
            }
        });
        try (var store = open()) {
            assertThat(text(store, "later")).isEqualTo("-");
            assertThat(text(store, "prepared")).isEqualTo("yes");
        }
    }

    @Test
    void whatRootRestoresBelongsToWhomTheStoreBelonged() throws IOException {
        var backup = directory.resolve("b.backup");
        try (var store = open()) {
            store.put("a", bytes("one"), Store.ABSENT);
            Backup.write(store, backup, NOW);
        }
        assumeTrue(Files.getOwner(file()).getName().equals("root"), "only root can give files away");
        var nobody = file().getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        Files.setOwner(file(), nobody);
        Backup.restore(backup, file(), NOW);
        assertThat(Files.getOwner(file())).isEqualTo(nobody);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        // Where there was none, to whom the directory belongs.
        Files.setOwner(file().getParent(), nobody);
        Files.delete(file());
        Backup.restore(backup, file(), NOW);
        assertThat(Files.getOwner(file())).isEqualTo(nobody);
    }

    @Test
    void aCopyThatBeganTooLateDoesNotHinderTheNext() throws Exception {
        var reads = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        // A reader looks at the clock while it holds the trees, and so holds up the writer.
        InstantSource clock = () -> {
            if (Thread.currentThread().getName().equals("reader")) {
                reads.countDown();
                await(goOn);
            }
            return NOW;
        };
        try (var store = new MapDbStore(file(), clock, Duration.ofSeconds(2))) {
            var reader = Thread.ofVirtual().name("reader").start(() -> store.scan("", "", 1));
            await(reads);
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store.copyTo(directory.resolve("late.db")))
                    .withMessageContaining("did not answer");
            goOn.countDown();
            reader.join();
            assertThat(store.copyTo(directory.resolve("copy.db"))).isZero();
            assertThat(directory.resolve("late.db")).doesNotExist();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFileThatIsNotThereIsNoGoodStore() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> MapDbStore.check(directory.resolve("none.db")))
                .withMessageContaining("none.db");
        assertThat(directory.resolve("none.db")).doesNotExist();
    }

    @Test
    void aBackupCanBeRestoredWhereThereWasNothing() {
        var backup = directory.resolve("b.backup");
        try (var store = open()) {
            store.put("a", bytes("one"), Store.ABSENT);
            Backup.write(store, backup, NOW);
        }
        var elsewhere = directory.resolve("new/place/airpost.db");
        assertThat(Backup.restore(backup, elsewhere, NOW).before()).isEmpty();
        try (var store = new MapDbStore(elsewhere, Clock.systemUTC())) {
            assertThat(text(store, "a")).isEqualTo("one");
        }
    }

    @Test
    void aStoreInMemoryHasNoBackup() {
        var store = new MemoryStore(Clock.systemUTC());
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> Backup.write(store, directory.resolve("b"), NOW));
    }
}
