package org.airpost.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.airpost.store.Store.Entry;
import org.airpost.store.Store.Versioned;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must give. A subclass says how to open one. */
public abstract class StoreContract {

    protected final TestClock clock = new TestClock();
    protected Store store;

    protected abstract Store open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    protected long put(String key, String value, long expected) {
        return store.put(key, bytes(value), expected).orElseThrow();
    }

    protected String text(String key) {
        return store.get(key).map(found -> new String(found.value(), UTF_8)).orElse("-");
    }

    private List<String> keys(String prefix, String after, int limit) {
        return store.scan(prefix, after, limit).stream().map(Entry::key).toList();
    }

    // Compare-and-set

    @Test
    void aKeyThatWasNeverWrittenIsAbsent() {
        assertThat(store.get("a/b")).isEmpty();
        assertThat(store.delete("a/b", Store.ABSENT)).isTrue();
        assertThat(store.delete("a/b", 7)).isTrue();
    }

    @Test
    void whatIsWrittenIsRead() {
        var version = put("a", "one", Store.ABSENT);
        assertThat(version).isPositive();
        assertThat(store.get("a").map(Versioned::version)).contains(version);
        assertThat(text("a")).isEqualTo("one");
        assertThat(store.put("empty", new byte[0], Store.ABSENT)).isPresent();
        assertThat(store.get("empty").orElseThrow().value()).isEmpty();
    }

    @Test
    void aWriteCountsOnlyOverTheExpectedVersion() {
        var first = put("a", "one", Store.ABSENT);
        assertThat(store.put("a", bytes("no"), Store.ABSENT)).isEmpty();
        var second = put("a", "two", first);
        assertThat(second).isGreaterThan(first);
        assertThat(store.put("a", bytes("no"), first)).isEmpty();
        assertThat(store.put("new", bytes("no"), second)).isEmpty();
        assertThat(text("a")).isEqualTo("two");
        assertThat(text("new")).isEqualTo("-");
    }

    @Test
    void aRemovalCountsOnlyOverTheExpectedVersion() {
        var first = put("a", "one", Store.ABSENT);
        var second = put("a", "two", first);
        assertThat(store.delete("a", first)).isFalse();
        assertThat(store.delete("a", Store.ABSENT)).isFalse();
        assertThat(text("a")).isEqualTo("two");
        assertThat(store.delete("a", second)).isTrue();
        assertThat(store.get("a")).isEmpty();
    }

    @Test
    void aVersionNeverComesBackOverRemovalAndNewWriting() {
        var seen = new HashSet<Long>();
        var last = 0L;
        for (int i = 0; i < 5; i++) {
            var version = put("a", "value " + i, Store.ABSENT);
            assertThat(seen.add(version)).isTrue();
            assertThat(version).isGreaterThan(last);
            last = version;
            assertThat(store.delete("a", version)).isTrue();
            put("other", "x" + i, store.get("other").map(Versioned::version).orElse(Store.ABSENT));
        }
        put("a", "new", Store.ABSENT);
        for (var stale : seen) {
            assertThat(store.put("a", bytes("stale"), stale)).isEmpty();
        }
        assertThat(text("a")).isEqualTo("new");
    }

    @Test
    void arraysOfCallersAreTheirOwn() {
        var mine = bytes("one");
        store.put("a", mine, Store.ABSENT);
        mine[0] = 'X';
        store.get("a").orElseThrow().value()[1] = 'Y';
        store.scan("a", "", 1).getFirst().versioned().value()[2] = 'Z';
        assertThat(text("a")).isEqualTo("one");
    }

    // Many threads

    @Test
    void noUpdateOfManyThreadsIsLost() throws Exception {
        int threads = 24;
        int increments = 25;
        int counters = 3;
        var work = new ArrayList<Callable<Integer>>();
        for (int t = 0; t < threads; t++) {
            var random = new Random(t);
            work.add(() -> {
                for (int done = 0; done < increments; ) {
                    if (increment("count/" + random.nextInt(counters)).isPresent()) {
                        done++;
                    }
                }
                return increments;
            });
        }
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var result : pool.invokeAll(work)) {
                assertThat(result.get()).isEqualTo(increments);
            }
        }
        var sum = store.scan("count/", "", 10).stream()
                .mapToInt(entry -> Integer.parseInt(new String(entry.versioned().value(), UTF_8)))
                .sum();
        assertThat(sum).isEqualTo(threads * increments);
    }

    private OptionalLong increment(String key) {
        var old = store.get(key);
        var count = old.map(found -> Integer.parseInt(new String(found.value(), UTF_8)))
                .orElse(0);
        var version = old.map(Versioned::version).orElse(Store.ABSENT);
        return store.put(key, bytes(Integer.toString(count + 1)), version);
    }

    @Test
    void aWriterSeesItsOwnWriteAtOnce() throws Exception {
        var work = new ArrayList<Callable<Boolean>>();
        for (int t = 0; t < 16; t++) {
            var key = "own/" + t;
            work.add(() -> {
                var version = Store.ABSENT;
                for (int i = 0; i < 20; i++) {
                    version = put(key, "v" + i, version);
                    assertThat(text(key)).isEqualTo("v" + i);
                    assertThat(keys(key, "", 1)).containsExactly(key);
                }
                assertThat(store.delete(key, version)).isTrue();
                assertThat(store.get(key)).isEmpty();
                return true;
            });
        }
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var result : pool.invokeAll(work)) {
                assertThat(result.get()).isTrue();
            }
        }
        assertThat(store.scan("own/", "", 100)).isEmpty();
    }

    // Scan

    @Test
    void aScanGivesTheKeysOfAPrefixInOrderAndInPages() {
        for (var key : List.of("b/2", "b/10", "b/1", "a/9", "b", "c/1", "b0", "b/ü", "b/\ud83d\ude00")) {
            put(key, key, Store.ABSENT);
        }
        assertThat(keys("b/", "", 100)).containsExactly("b/1", "b/10", "b/2", "b/ü", "b/\ud83d\ude00");
        assertThat(keys("b/", "", 2)).containsExactly("b/1", "b/10");
        assertThat(keys("b/", "b/10", 2)).containsExactly("b/2", "b/ü");
        assertThat(keys("b/", "b/\ud83d\ude00", 2)).isEmpty();
        assertThat(keys("b/", "b/11", 1)).containsExactly("b/2");
        assertThat(keys("", "", 3)).containsExactly("a/9", "b", "b/1");
        assertThat(keys("b/", "c", 3)).isEmpty();
        assertThat(keys("d/", "", 3)).isEmpty();
    }

    @Test
    void aScanGivesValuesAndVersions() {
        var version = put("a/1", "one", Store.ABSENT);
        var entry = store.scan("a/", "", 5).getFirst();
        assertThat(entry.versioned().version()).isEqualTo(version);
        assertThat(entry.versioned().value()).isEqualTo(bytes("one"));
    }

    // Expiry

    @Test
    void anExpiredValueIsAbsent() {
        var until = clock.instant().plusSeconds(60);
        var version =
                store.put("a/1", bytes("one"), Store.ABSENT, Optional.of(until)).orElseThrow();
        put("a/2", "two", Store.ABSENT);
        clock.advance(Duration.ofMillis(59_999));
        assertThat(text("a/1")).isEqualTo("one");
        clock.advance(Duration.ofMillis(1));
        assertThat(store.get("a/1")).isEmpty();
        assertThat(keys("a/", "", 10)).containsExactly("a/2");
        assertThat(store.put("a/1", bytes("no"), version)).isEmpty();
        assertThat(store.delete("a/1", version + 1000)).isTrue();
        assertThat(put("a/1", "again", Store.ABSENT)).isGreaterThan(version);
        clock.advance(Duration.ofDays(1));
        assertThat(text("a/1")).isEqualTo("again");
    }

    @Test
    void aLaterWriteSetsOrDropsTheExpiry() {
        var until = clock.instant().plusSeconds(60);
        var first =
                store.put("a", bytes("one"), Store.ABSENT, Optional.of(until)).orElseThrow();
        var second = store.put("a", bytes("two"), first, Optional.of(until.plusSeconds(60)))
                .orElseThrow();
        clock.advance(Duration.ofSeconds(61));
        assertThat(text("a")).isEqualTo("two");
        put("a", "three", second);
        clock.advance(Duration.ofDays(1));
        assertThat(text("a")).isEqualTo("three");
    }

    // Sizes

    @Test
    void largeValuesComeBackAsTheyWere() {
        var random = new Random(5);
        var version = Store.ABSENT;
        for (int size : new int[] {32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 200_000, 3_000_000, 65_536, 1}) {
            var value = new byte[size];
            random.nextBytes(value);
            version = store.put("large", value, version).orElseThrow();
            assertThat(store.get("large").orElseThrow().value()).isEqualTo(value);
        }
        var largest = new byte[StoreLimits.VALUE_BYTES];
        random.nextBytes(largest);
        version = store.put("large", largest, version).orElseThrow();
        assertThat(Arrays.equals(store.get("large").orElseThrow().value(), largest))
                .isTrue();
        assertThat(store.delete("large", version)).isTrue();
        assertThat(store.get("large")).isEmpty();
    }

    @Test
    void whatIsTooLargeIsRefusedWithTheSizeAndTheKey() {
        var tooLarge = new byte[StoreLimits.VALUE_BYTES + 1];
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.put("big/one", tooLarge, Store.ABSENT))
                .withMessageContaining("16777217")
                .withMessageContaining("big/one");
        assertThat(store.put("k".repeat(512), bytes("x"), Store.ABSENT)).isPresent();
        assertThat(text("k".repeat(512))).isEqualTo("x");
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.put("k".repeat(513), bytes("x"), Store.ABSENT))
                .withMessageContaining("513");
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.get(""));
    }

    @Test
    void aClosedStoreRefuses() {
        store.close();
        store.close();
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.get("a"));
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> put("a", "x", Store.ABSENT));
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.scan("a", "", 1));
    }

    // Against a model

    @Test
    void randomWorkLeavesWhatAModelSays() {
        var seed = 20261124L;
        var random = new Random(seed);
        var model = new TreeMap<String, Versioned>();
        for (int i = 0; i < 400; i++) {
            var key = "m/" + random.nextInt(60);
            var present = Optional.ofNullable(model.get(key));
            var expected = random.nextInt(8) == 0
                    ? random.nextLong(0, 400)
                    : present.map(Versioned::version).orElse(Store.ABSENT);
            var matches = present.map(Versioned::version).orElse(Store.ABSENT) == expected;
            if (random.nextInt(3) == 0) {
                assertThat(store.delete(key, expected)).isEqualTo(matches || present.isEmpty());
                if (matches) {
                    model.remove(key);
                }
            } else {
                var value = new byte[random.nextInt(10) == 0 ? 100_000 : random.nextInt(2_000)];
                random.nextBytes(value);
                var version = store.put(key, value, expected);
                assertThat(version.isPresent()).as("seed %d step %d", seed, i).isEqualTo(matches);
                version.ifPresent(v -> model.put(key, new Versioned(value, v)));
            }
        }
        checkAgainst(model);
    }

    private void checkAgainst(NavigableMap<String, Versioned> model) {
        var found = store.scan("m/", "", 1_000);
        assertThat(found.stream().map(Entry::key)).containsExactlyElementsOf(model.keySet());
        var wanted = model.values().iterator();
        for (var entry : found) {
            var next = wanted.next();
            assertThat(entry.versioned().version()).isEqualTo(next.version());
            assertThat(entry.versioned().value()).isEqualTo(next.value());
        }
    }
}
