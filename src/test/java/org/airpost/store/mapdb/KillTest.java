package org.airpost.store.mapdb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.airpost.store.Store;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of writing, again and again on one file: nothing that was answered may be missing. */
class KillTest {

    private static final int KILLS = 32;

    @TempDir
    Path directory;

    private static final int REMOVED = -1;
    private static final int REMOVAL_BEGUN = -2;

    /** What was said last about a key: a size, or one of the two above. */
    private record Answered(long version, int size, long seed) {}

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void nothingThatWasAnsweredIsLostByKillingTheProcess() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var file = directory.resolve("killed.db");
        Map<String, Answered> known = new HashMap<>();
        int answers = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            var output = directory.resolve("answers-" + kill);
            var process = start(file, random.nextLong(), output);
            try {
                await().atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> Files.size(output) > 0 || !process.isAlive());
                // Not waiting for something to happen, but choosing the moment of the kill.
                LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(250)));
                assertThat(process.isAlive())
                        .as("the writer runs until it is killed")
                        .isTrue();
            } finally {
                process.destroyForcibly().waitFor();
            }
            answers += read(output, known);
            try (var store = new MapDbStore(file, InstantSource.system())) {
                for (var entry : known.entrySet()) {
                    check(store, entry.getKey(), entry.getValue(), "seed " + seed + ", kill " + kill);
                }
                // The writes after the last answer are known from now on, too.
                known.clear();
                for (var entry : store.scan("kill/", "", 10_000)) {
                    var value = entry.versioned().value();
                    var valueSeed = ByteBuffer.wrap(value).getLong();
                    assertThat(value).isEqualTo(KilledWriter.value(value.length, valueSeed));
                    known.put(entry.key(), new Answered(entry.versioned().version(), value.length, valueSeed));
                }
            }
        }
        assertThat(answers).isGreaterThan(KILLS * 12);
    }

    private static void check(Store store, String key, Answered answered, String when) {
        var version = store.get(key).map(Store.Versioned::version).orElse(Store.ABSENT);
        // A later version is of a write that was on the disk, but not answered yet when the kill came.
        switch (answered.size()) {
            case REMOVED ->
                assertThat(version == Store.ABSENT || version > answered.version())
                        .as("%s: %s was removed, and has version %d again", when, key, version)
                        .isTrue();
            case REMOVAL_BEGUN ->
                assertThat(version == Store.ABSENT || version == answered.version())
                        .as("%s: %s was about to be removed, and has version %d", when, key, version)
                        .isTrue();
            default ->
                assertThat(version).as("%s: version of %s", when, key).isGreaterThanOrEqualTo(answered.version());
        }
        if (version == answered.version() && answered.size() >= 0) {
            assertThat(store.get(key).orElseThrow().value())
                    .as("%s: value of %s", when, key)
                    .isEqualTo(KilledWriter.value(answered.size(), answered.seed()));
        }
    }

    private static Process start(Path file, long seed, Path output) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        file.toString(),
                        Long.toString(seed))
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Takes over the whole lines; gives their number. */
    private static int read(Path output, Map<String, Answered> known) throws IOException {
        var text = Files.readString(output, US_ASCII);
        var lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        for (var line : lines) {
            var words = line.split(" ", -1);
            known.put(
                    words[0],
                    new Answered(Long.parseLong(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3])));
        }
        return lines.size();
    }
}
