package org.airpost.eas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 99, 100, 101, 65_535, 65_536, 65_537, 1_000_000})
    void whatIsWrittenIsReadAsOftenAsNeeded(int length) throws IOException {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(length);
        var bytes = new byte[length];
        random.nextBytes(bytes);
        try (var spool = new Spool(100, 1_000_000, directory)) {
            int at = 0;
            while (at < length) {
                int chunk = Math.min(length - at, 1 + random.nextInt(random.nextBoolean() ? 10 : 200_000));
                if (chunk == 1) {
                    spool.out().write(bytes[at]);
                } else {
                    spool.out().write(bytes, at, chunk);
                }
                at += chunk;
                assertThat(spool.size()).isEqualTo(at);
            }
            spool.out().close();
            for (int i = 0; i < 3; i++) {
                try (var in = spool.open()) {
                    assertThat(in.readAllBytes()).isEqualTo(bytes);
                    assertThat(in.read()).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void streamsOverItDoNotDisturbEachOther() throws IOException {
        try (var spool = new Spool(2, 100, directory)) {
            spool.out().write(new byte[] {1, 2, 3, 4, 5});
            try (var one = spool.open();
                    var other = spool.open()) {
                assertThat(one.read()).isEqualTo(1);
                assertThat(one.skip(3)).isEqualTo(3);
                assertThat(other.readAllBytes()).containsExactly(1, 2, 3, 4, 5);
                assertThat(one.available()).isEqualTo(1);
                assertThat(one.readAllBytes()).containsExactly(5);
            }
            spool.out().write(6);
            try (var later = spool.open()) {
                assertThat(later.readAllBytes()).containsExactly(1, 2, 3, 4, 5, 6);
            }
        }
    }

    @Test
    void fewBytesNeedNoFile() throws IOException {
        var nowhere = directory.resolve("nowhere");
        try (var spool = new Spool(3, 100, nowhere)) {
            spool.out().write(new byte[3]);
            assertThat(spool.open().readAllBytes()).hasSize(3);
            assertThatIOException().isThrownBy(() -> spool.out().write(1));
        }
    }

    @Test
    void nothingIsLeftOfTheFile() throws IOException {
        try (var spool = new Spool(0, 100_000, directory)) {
            spool.out().write(new byte[100_000]);
            assertThat(spool.open().readAllBytes()).hasSize(100_000);
        }
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void onlyTheOwnerMayReadTheFile() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Spool.temporaryFile(directory))))
                .isEqualTo("rw-------");
    }

    @Test
    void moreThanTheMostIsRefused() throws IOException {
        try (var spool = new Spool(4, 10, directory)) {
            spool.out().write(new byte[10]);
            assertThatIOException().isThrownBy(() -> spool.out().write(1)).withMessage("more than 10 bytes");
            assertThat(spool.size()).isEqualTo(10);
            assertThat(spool.open().readAllBytes()).hasSize(10);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100})
    void aClosedSpoolIsNeitherWrittenNorRead(int inMemory) throws IOException {
        var spool = new Spool(inMemory, 100, directory);
        spool.out().write(1);
        spool.close();
        spool.close();
        assertThatIOException().isThrownBy(() -> spool.out().write(1));
        assertThatIOException().isThrownBy(spool::open);
    }

    @Test
    void whatIsKeptForAWhileGoesIntoAFile() throws IOException {
        try (var spool = new Spool(1 << 20, 1 << 20)) {
            spool.out().write(new byte[300]);
            spool.keepInMemory(300);
            spool.out().write(1);
            spool.keepInMemory(300);
            spool.out().write(2);
            try (var in = spool.open()) {
                assertThat(in.readAllBytes()).hasSize(302).endsWith(1, 2);
            }
            assertThat(spool.size()).isEqualTo(302);
        }
    }
}
