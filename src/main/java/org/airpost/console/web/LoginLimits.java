package org.airpost.console.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How often somebody may try to sign in: for a name, wherever the tries come from, and for an address, whatever name it
 * tries. Counts before anything is checked, so that a right password is not told from a wrong one by it. Safe for many threads.
 */
public final class LoginLimits {

    /** Names and addresses remembered; a forgotten one starts anew. */
    private static final int REMEMBERED = 100_000;

    private final int perName;
    private final int perAddress;
    private final Duration window;
    private final InstantSource clock;
    private final Cache<String, Bucket> names;
    private final Cache<String, Bucket> addresses;

    /** So many tries in so long. */
    public LoginLimits(int perName, int perAddress, Duration window, InstantSource clock) {
        this.perName = perName;
        this.perAddress = perAddress;
        this.window = window;
        this.clock = clock;
        this.names = cache();
        this.addresses = cache();
    }

    private Cache<String, Bucket> cache() {
        return Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterAccess(window.multipliedBy(2))
                .build();
    }

    /** Counts a try; if there were too many, how long to wait. */
    public Optional<Duration> tooMany(String name, String remote) {
        return over(addresses.get(remote, _ -> bucket(perAddress)))
                .or(() -> over(names.get(key(name), _ -> bucket(perName))));
    }

    /** A try went well: the name's wrong ones before it are forgotten, the address's are not. */
    public void succeeded(String name) {
        names.invalidate(key(name));
    }

    private static String key(String name) {
        return name.substring(0, Math.min(name.length(), 256)).toLowerCase(Locale.ROOT);
    }

    private static Optional<Duration> over(Bucket bucket) {
        var probe = bucket.tryConsumeAndReturnRemaining(1);
        return probe.isConsumed() ? Optional.empty() : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }

    private Bucket bucket(int most) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(most).refillGreedy(most, window))
                .withCustomTimePrecision(new Meters(clock))
                .build();
    }

    /** Our clock for the library. */
    private record Meters(InstantSource clock) implements TimeMeter {

        @Override
        public long currentTimeNanos() {
            return TimeUnit.MILLISECONDS.toNanos(clock.millis());
        }

        @Override
        public boolean isWallClockBased() {
            return true;
        }
    }
}
