package org.airpost.backend;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts wrong passwords, so that nobody guesses. Those for a user count together from all devices that have not signed in
 * before, and from each one that has: others' guesses do not lock a user out, nor does a password that was right once.
 * Passwords come as {@link KeyedHash}es. Safe for many threads, bounded.
 */
public final class Attempts {

    private static final Duration KNOWN = Duration.ofDays(30);

    private final int most;
    private final Duration window;
    private final InstantSource clock;
    private final Cache<String, Failures> failures;
    private final Cache<String, Boolean> devices;
    private final Cache<Tried, Boolean> wereRight;

    private record Failures(Set<String> passwords, Instant latest) {}

    private record Tried(String user, String password) {}

    /**
     * A count.
     *
     * @param most different wrong passwords after which no further one is tried
     * @param window counted from the latest wrong password
     */
    public Attempts(int most, Duration window, InstantSource clock) {
        this.most = most;
        this.window = window;
        this.clock = clock;
        this.failures = Caffeine.newBuilder()
                .maximumSize(100_000)
                .expireAfterWrite(window)
                .ticker(this::nanos)
                .executor(Runnable::run)
                .build();
        this.devices = remembering();
        this.wereRight = remembering();
    }

    private <K> Cache<K, Boolean> remembering() {
        return Caffeine.newBuilder()
                .maximumSize(200_000)
                .expireAfterAccess(KNOWN)
                .ticker(this::nanos)
                .executor(Runnable::run)
                .build();
    }

    /** How long nothing is to be tried, if too much was. */
    public Optional<Duration> limited(String user, String device, String password) {
        if (wereRight.getIfPresent(new Tried(user, password)) != null) {
            return Optional.empty();
        }
        return Optional.ofNullable(failures.getIfPresent(counted(user, device)))
                .filter(f -> f.passwords().size() >= most)
                .map(f -> Duration.between(clock.instant(), f.latest().plus(window)))
                .filter(Duration::isPositive);
    }

    /** A password was right. */
    public void right(String user, String device, String password) {
        failures.invalidate(counted(user, device));
        devices.put(deviceKey(user, device), true);
        wereRight.put(new Tried(user, password), true);
    }

    /** A password was wrong. The same one again, as from a phone that was not told of a new one, is no attack. */
    public void wrong(String user, String device, String password) {
        failures.asMap().compute(counted(user, device), (_, known) -> {
            var passwords = ConcurrentHashMap.<String>newKeySet();
            if (known != null) {
                passwords.addAll(known.passwords());
            }
            passwords.add(password);
            return new Failures(Set.copyOf(passwords), clock.instant());
        });
    }

    private String counted(String user, String device) {
        var key = deviceKey(user, device);
        return !device.isEmpty() && devices.getIfPresent(key) != null ? key : user;
    }

    private static String deviceKey(String user, String device) {
        return user + "/" + device;
    }

    private long nanos() {
        var now = clock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
