package org.airpost.store.mapdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each state in which a crash may leave the two files, made by hand. */
class JournaledVolumeTest {

    private static final int PAGE = JournaledVolume.PAGE_BYTES;
    private static final int PAGES = 8;

    @TempDir
    Path directory;

    private Path file;
    private Path journal;

    @BeforeEach
    void create() throws IOException {
        file = Files.createFile(directory.resolve("a.db"));
        journal = Files.createFile(directory.resolve("a.db.journal"));
    }

    private JournaledVolume open() throws IOException {
        return new JournaledVolume(file, journal);
    }

    /** Writes one number to the start of some pages and commits. */
    private static void commit(JournaledVolume volume, long value, int... pages) {
        for (var page : pages) {
            volume.putLong((long) page * PAGE, value);
        }
        volume.sync();
    }

    private static int batchBytes(int pages) {
        return 28 + pages * (PAGE + 8) + 4;
    }

    private static List<Long> content(JournaledVolume volume) {
        var values = new ArrayList<Long>();
        for (int page = 0; page < PAGES; page++) {
            values.add(volume.getLong((long) page * PAGE));
        }
        return values;
    }

    @Test
    void whatWasNotCommittedIsGoneAfterACrash() throws IOException {
        var volume = open();
        commit(volume, 1, 0, 1, 2, 3, 4, 5, 6, 7);
        volume.putLong(0, 2);
        assertThat(volume.getLong(0)).isEqualTo(2);
        volume.abandon();
        var again = open();
        assertThat(content(again)).containsOnly(1L);
        again.close();
    }

    @Test
    void aJournalTornAnywhereGivesTheStateBeforeAndAWholeOneTheStateAfter() throws IOException {
        var volume = open();
        commit(volume, 1, 0, 1, 2, 3, 4, 5, 6, 7);
        volume.close();
        var before = Files.readAllBytes(file);
        volume = open();
        commit(volume, 2, 0, 1, 2, 3, 4, 5, 6, 7);
        volume.abandon();
        var whole = Files.readAllBytes(journal);

        for (int length = 0; length <= whole.length; length += length < 64 ? 1 : 977) {
            restore(before, Arrays.copyOf(whole, length));
            assertAll(length == whole.length ? 2 : 1);
        }
        // The last bytes, each by itself; and a file that is long enough but has zeros where bytes should be.
        for (int missing = 0; missing < 8; missing++) {
            restore(before, Arrays.copyOf(whole, whole.length - missing));
            assertAll(missing == 0 ? 2 : 1);
            var damaged = whole.clone();
            damaged[whole.length / 9 * (missing + 1)] ^= 1;
            restore(before, damaged);
            assertAll(1);
        }
    }

    @Test
    void aHalfWrittenFileIsRepairedFromTheJournal() throws IOException {
        var volume = open();
        commit(volume, 1, 0, 1, 2, 3, 4, 5, 6, 7);
        volume.close();
        var before = Files.readAllBytes(file);
        volume = open();
        commit(volume, 2, 0, 2, 4, 6);
        commit(volume, 3, 1, 3, 5, 7);
        commit(volume, 4, 0, 1, 2, 3, 4, 5, 6, 7);
        volume.abandon();
        var log = Files.readAllBytes(journal);
        var after = Files.readAllBytes(file);
        var random = new Random(9);
        for (int round = 0; round < 50; round++) {
            var mixed = before.clone();
            for (int at = 0; at < mixed.length; at++) {
                // Torn within pages, too.
                if (random.nextBoolean()) {
                    mixed[at] = after[at];
                }
            }
            restore(mixed, log);
            assertAll(4);
        }
    }

    @Test
    void batchesFromBeforeACheckpointAreNotReplayed() throws IOException {
        var volume = open();
        long value = 0;
        // Some rounds of the journal, until it has just started again at the front over older batches.
        int[] pages = {0, 1, 2, 3, 4, 5, 6, 7};
        var perRound = JournaledVolume.CHECKPOINT_BYTES / batchBytes(PAGES) + 1;
        for (long i = 0; i < 2 * perRound + 3; i++) {
            commit(volume, ++value, pages);
        }
        volume.abandon();
        assertThat(Files.size(journal)).isGreaterThan(JournaledVolume.CHECKPOINT_BYTES);
        var again = open();
        assertThat(content(again)).containsOnly(value);
        again.close();
    }

    @Test
    void aBatchOverOlderOnesOfWhichThePowerKeptSomeBlocksGivesTheStateBeforeItOrAfter() throws IOException {
        var volume = open();
        commit(volume, 1, 0, 1, 2, 3, 4, 5, 6, 7);
        volume.close();
        volume = open();
        // Small batches at the front, then others until the journal starts again there.
        long size = 0;
        for (int i = 0; i < 4; i++) {
            commit(volume, 2 + i, i);
            size += batchBytes(1);
        }
        for (long i = 0; size <= JournaledVolume.CHECKPOINT_BYTES; i++) {
            commit(volume, 10 + i, 0, 1, 2, 3, 4, 5, 6, 7);
            size += batchBytes(PAGES);
        }
        var before = content(volume);
        var file1 = Files.readAllBytes(file);
        var log1 = Files.readAllBytes(journal);
        commit(volume, 1_000_000, 0, 1, 2, 3, 4, 5, 6, 7);
        volume.abandon();
        var log2 = Files.readAllBytes(journal);

        var blocks = batchBytes(PAGES) / 512 + 1;
        var random = new Random(13);
        for (int round = 0; round < 60; round++) {
            var log = log1.clone();
            // At first one run of blocks is on the disk and the others are not, later any of them.
            for (int block = 0; block < blocks; block++) {
                if (round < 20 ? block > round * 3 : random.nextInt(round) > 4) {
                    System.arraycopy(log2, block * 512, log, block * 512, 512);
                }
            }
            restore(file1, log);
            var again = open();
            assertThat(content(again)).as("round %d", round).isIn(before, Collections.nCopies(PAGES, 1_000_000L));
            again.close();
        }
    }

    @Test
    void readsAndWritesOverPageBordersGiveWhatWasWritten() throws IOException {
        var volume = open();
        var model = new byte[PAGE * 40];
        var random = new Random(11);
        for (int i = 0; i < 400; i++) {
            var start = random.nextInt(model.length - 9_000);
            var bytes = new byte[random.nextInt(9_000)];
            if (random.nextInt(4) == 0) {
                volume.clear(start, start + bytes.length);
            } else {
                random.nextBytes(bytes);
                volume.putData(start, bytes, 0, bytes.length);
            }
            System.arraycopy(bytes, 0, model, start, bytes.length);
            if (random.nextInt(20) == 0) {
                volume.sync();
            }
        }
        volume.sync();
        volume.abandon();
        var again = open();
        var found = new byte[model.length];
        again.getData(0, found, 0, found.length);
        assertThat(found).isEqualTo(model);
        again.close();
    }

    @Test
    void aCleanCloseLeavesNothingToReplay() throws IOException {
        var volume = open();
        commit(volume, 5, 0, 1);
        volume.close();
        assertThat(Files.size(journal)).isZero();
        try (var plain = new RandomAccessFile(file.toFile(), "r")) {
            assertThat(plain.readLong()).isEqualTo(5);
        }
    }

    @Test
    void replayStopsWhereTheNumbersDoNotFollow() throws IOException {
        var pages = new TreeMap<Long, byte[]>();
        pages.put(0L, new byte[PAGE]);
        try (var first = new Journal(journal, PAGE)) {
            first.append(PAGE, pages);
            first.append(PAGE, pages);
            first.append(PAGE, pages);
            first.restart();
            first.append(PAGE, pages);
        }
        try (var second = new Journal(journal, PAGE)) {
            var numbers = new ArrayList<Long>();
            assertThat(second.replay(batch -> numbers.add(batch.sequence()))).isEqualTo(1);
            assertThat(numbers).containsExactly(4L);
        }
    }

    private void restore(byte[] main, byte[] log) throws IOException {
        Files.write(file, main);
        Files.write(journal, log);
    }

    private void assertAll(long value) throws IOException {
        var volume = open();
        assertThat(content(volume)).containsOnly(value);
        volume.close();
    }
}
