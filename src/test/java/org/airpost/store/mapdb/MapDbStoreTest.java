package org.airpost.store.mapdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.store.Store;
import org.airpost.store.Store.Versioned;
import org.airpost.store.StoreContract;
import org.airpost.store.StoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

class MapDbStoreTest extends StoreContract {

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("data/airpost.db");
    }

    private Path journal() {
        return directory.resolve("data/airpost.db.journal");
    }

    @Override
    protected MapDbStore open() {
        return new MapDbStore(file(), clock);
    }

    private void reopen() {
        store.close();
        store = open();
    }

    @Test
    void everythingIsThereAfterReopening() {
        var large = new byte[100_000];
        new Random(1).nextBytes(large);
        var version = put("a", "one", Store.ABSENT);
        store.put("large", large, Store.ABSENT);
        store.put("short", bytes("x"), Store.ABSENT, Optional.of(clock.instant().plusSeconds(5)));
        var removed = put("removed", "x", Store.ABSENT);
        store.delete("removed", removed);
        reopen();
        assertThat(store.get("a").map(Versioned::version)).contains(version);
        assertThat(text("a")).isEqualTo("one");
        assertThat(store.get("large").orElseThrow().value()).isEqualTo(large);
        assertThat(store.get("removed")).isEmpty();
        assertThat(text("short")).isEqualTo("x");
        clock.advance(Duration.ofSeconds(5));
        assertThat(store.get("short")).isEmpty();
        assertThat(put("removed", "again", Store.ABSENT)).isGreaterThan(removed);
    }

    @Test
    void onlyTheOwnerMayReadTheFiles() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(journal())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("data"))))
                .isEqualTo("rwx------");
    }

    @Test
    void aFileInUseIsRefused() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> open().close())
                .withMessageContaining("open already");
    }

    @Test
    void aNewerFormatIsRefusedWithBothNumbers() throws IOException {
        store.close();
        var volume = new JournaledVolume(file(), journal());
        var db = DBMaker.volumeDB(volume, true).make();
        db.treeMap("meta", Serializer.STRING, Serializer.LONG).open().put("format", 2L);
        db.commit();
        db.close();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> open().close())
                .withMessageContaining("newer Airpost")
                .withMessageContaining("format 2")
                .withMessageContaining("up to 1");
    }

    @Test
    void aFileOfSomethingElseIsRefusedAndLeftAsItIs() throws IOException {
        store.close();
        var other = "not a store, but somebody's letter ".repeat(300).getBytes(UTF_8);
        Files.write(file(), other);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> open().close())
                .withMessageContaining("not a store");
        assertThat(Files.readAllBytes(file())).isEqualTo(other);
    }

    @Test
    void sweepingRemovesWhatExpiredInBoundedSteps() throws Exception {
        var until = Optional.of(clock.instant().plusSeconds(1));
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 300; i++) {
                var key = "short/" + i;
                pool.execute(() -> store.put(key, bytes("x"), Store.ABSENT, until));
            }
        }
        put("long", "y", Store.ABSENT);
        var tested = (MapDbStore) store;
        assertThat(tested.sweep()).isZero();
        clock.advance(Duration.ofSeconds(2));
        assertThat(tested.sweep()).isEqualTo(256);
        assertThat(tested.sweep()).isEqualTo(44);
        assertThat(tested.sweep()).isZero();
        assertThat(text("long")).isEqualTo("y");
    }

    @Test
    void whatExpiresBeforeTheFirstOneThatIsKnownIsSweptToo() {
        var tested = (MapDbStore) store;
        store.put("hour", bytes("x"), Store.ABSENT, Optional.of(clock.instant().plusSeconds(3_600)));
        assertThat(tested.sweep()).isZero();
        store.put(
                "second", bytes("x"), Store.ABSENT, Optional.of(clock.instant().plusSeconds(1)));
        store.put("past", bytes("x"), Store.ABSENT, Optional.of(clock.instant().minusSeconds(9)));
        assertThat(tested.sweep()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(2));
        assertThat(tested.sweep()).isEqualTo(1);
        assertThat(tested.sweep()).isZero();
        reopen();
        clock.advance(Duration.ofHours(2));
        assertThat(((MapDbStore) store).sweep()).isEqualTo(1);
        store.put("again", bytes("x"), Store.ABSENT, Optional.of(clock.instant().minusSeconds(9)));
        assertThat(((MapDbStore) store).sweep()).isEqualTo(1);
    }

    @Test
    void anInterruptedCallerDoesNotHurtTheStore() throws Exception {
        var failure = new AtomicReference<Optional<Throwable>>(Optional.empty());
        var version = put("a", "one", Store.ABSENT);
        var thread = Thread.ofVirtual().start(() -> {
            Thread.currentThread().interrupt();
            try {
                assertThat(text("a")).isEqualTo("one");
                put("a", "two", version);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            } catch (Throwable e) {
                failure.set(Optional.of(e));
            }
        });
        thread.join();
        assertThat(failure.get()).isEmpty();
        assertThat(text("a")).isEqualTo("two");
        put("b", "three", Store.ABSENT);
    }

    @Test
    void spaceOfOldValuesIsUsedAgain() throws IOException {
        var value = new byte[50_000];
        var random = new Random(3);
        var version = Store.ABSENT;
        for (int i = 0; i < 20; i++) {
            random.nextBytes(value);
            version = store.put("a", value, version).orElseThrow();
        }
        var size = Files.size(file());
        for (int i = 0; i < 200; i++) {
            random.nextBytes(value);
            version = store.put("a", value, version).orElseThrow();
        }
        // 10 MB were written over.
        assertThat(Files.size(file())).isLessThanOrEqualTo(size + 1024 * 1024);
        assertThat(Files.size(journal())).isLessThan(2 * JournaledVolume.CHECKPOINT_BYTES);
    }

    @Test
    void aCommitThatFailsIsReportedAndTheStoreGoesOn() throws IOException {
        put("a", "one", Store.ABSENT);
        ((MapDbStore) store).current().abandon();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> put("b", "x", Store.ABSENT))
                .withMessageContaining("put b");
        assertThat(text("a")).isEqualTo("one");
        assertThat(text("b")).isEqualTo("-");
        assertThatNoException().isThrownBy(() -> put("b", "y", Store.ABSENT));
        reopen();
        assertThat(text("b")).isEqualTo("y");
    }
}
