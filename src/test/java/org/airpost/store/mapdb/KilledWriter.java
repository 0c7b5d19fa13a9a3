package org.airpost.store.mapdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import org.airpost.store.Store;

/** The process that {@link KillTest} kills. Prints each write once it is answered: key, version, size, seed.
 * A removal is printed before (size -2) and after (size -1). */
final class KilledWriter {

    private static final int THREADS = 12;
    private static final int KEYS_PER_THREAD = 12;

    private KilledWriter() {}

    public static void main(String[] arguments) throws InterruptedException {
        var seed = Long.parseLong(arguments[1]);
        var store = new MapDbStore(Path.of(arguments[0]), InstantSource.system());
        var threads = new Thread[THREADS];
        for (int t = 0; t < THREADS; t++) {
            var number = t;
            threads[t] = Thread.ofVirtual().start(() -> write(store, number, new Random(seed + number)));
        }
        for (var thread : threads) {
            thread.join();
        }
    }

    private static void write(Store store, int thread, Random random) {
        while (true) {
            var key = "kill/" + thread + "/" + random.nextInt(KEYS_PER_THREAD);
            var old = store.get(key);
            var version = old.map(Store.Versioned::version).orElse(Store.ABSENT);
            if (random.nextInt(6) == 0) {
                say(key + " " + version + " -2 0");
                if (!store.delete(key, version)) {
                    throw new IllegalStateException("nobody else writes " + key);
                }
                say(key + " " + version + " -1 0");
            } else {
                var size = 8 + (random.nextInt(10) == 0 ? random.nextInt(200_000) : random.nextInt(3_000));
                var valueSeed = random.nextLong();
                var written = store.put(key, value(size, valueSeed), version).orElseThrow();
                say(key + " " + written + " " + size + " " + valueSeed);
            }
        }
    }

    private static void say(String line) {
        // One write call a line, so that a kill cuts at most the last one.
        var bytes = (line + "\n").getBytes(US_ASCII);
        System.out.write(bytes, 0, bytes.length);
        System.out.flush();
    }

    /** The value of a size that a seed says; the seed is its first 8 bytes. */
    static byte[] value(int size, long seed) {
        var value = new byte[size];
        new Random(seed).nextBytes(value);
        ByteBuffer.wrap(value).putLong(seed);
        return value;
    }
}
