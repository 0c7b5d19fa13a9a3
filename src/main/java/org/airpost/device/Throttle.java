package org.airpost.device;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a device that asks without end from taking what others need. Provision is always let in, so that a device can be
 * wiped. What is over a limit is said in the log once a minute for each device.
 *
 * <p>Source: MS-ASHTTP "X-MS-ASThrottle".
 */
public final class Throttle {

    private static final Logger LOG = LoggerFactory.getLogger(Throttle.class);

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMinutes(2);

    /** Devices and users remembered; a forgotten one starts with a full allowance. */
    private static final int REMEMBERED = 200_000;

    private volatile Settings settings;
    private final Map<Condition, LongAdder> throttled = new EnumMap<>(Condition.class);
    private final Abuse abuse;
    private final InstantSource clock;
    private final Cache<DeviceKey, Meter> devices;
    private final Cache<String, Bucket> users;

    /**
     * Requests a minute, each at least 1.
     *
     * @param perDevice of one device
     * @param perUser of all devices of a user together
     * @param pings Pings of a device that come one after another with nothing between, as from one that does not wait
     */
    public record Settings(int perDevice, int perUser, int pings) {}

    /** What is done about a device that goes on for long. */
    public interface Abuse {

        /** Nothing. */
        Abuse IGNORED = new Abuse() {

            @Override
            public Duration after() {
                return Duration.ofDays(1_000_000);
            }

            @Override
            public void happened(DeviceKey device) {}
        };

        /** How long a device must have asked too often, without a pause of two minutes. */
        Duration after();

        /** It has; called once, and again after as long. */
        void happened(DeviceKey device);
    }

    /** Why a request is not served now, in the words of X-MS-ASThrottle. */
    public enum Condition {
        COMMAND_FREQUENCY("CommandFrequency"),
        RECENT_COMMANDS("RecentCommands"),
        ALL_DEVICE_COMMANDS("AllDeviceCommands");

        private final String text;

        Condition(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /** A request that is not served, and when the device may come again. */
    public record Throttled(Condition condition, Duration retryAfter) {}

    /** What one device has used. */
    private static final class Meter {
        private final Bucket requests;
        private final Bucket pings;
        private boolean pingedLast;
        private Instant silentUntil = Instant.MIN;
        private Instant tooOftenSince = Instant.MIN;
        private Instant tooOftenLast = Instant.MIN;

        Meter(Bucket requests, Bucket pings) {
            this.requests = requests;
            this.pings = pings;
        }
    }

    /** One that nothing is done about. */
    public Throttle(Settings settings, InstantSource clock) {
        this(settings, Abuse.IGNORED, clock);
    }

    public Throttle(Settings settings, Abuse abuse, InstantSource clock) {
        this.settings = settings;
        this.abuse = abuse;
        this.clock = clock;
        for (var condition : Condition.values()) {
            throttled.put(condition, new LongAdder());
        }
        this.devices = Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterAccess(MINUTE.multipliedBy(2))
                .build();
        this.users = Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterAccess(MINUTE.multipliedBy(2))
                .build();
    }

    /** Takes over other limits; every device begins anew with its allowance. */
    public void change(Settings other) {
        settings = other;
        devices.invalidateAll();
        users.invalidateAll();
    }

    /** Requests that were not served, since the start, by why. */
    public Map<String, Long> throttled() {
        return throttled.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry.getKey().text(),
                        entry -> entry.getValue().sum()));
    }

    /** Counts a request; gives why it is not to be served, if it is not. */
    public Optional<Throttled> admit(DeviceKey device, CommandName command) {
        if (command == CommandName.PROVISION) {
            return Optional.empty();
        }
        var meter = devices.get(device, _ -> new Meter(bucket(settings.perDevice()), bucket(settings.pings())));
        var user = users.get(device.user().toLowerCase(Locale.ROOT), _ -> bucket(settings.perUser()));
        Optional<Throttled> found;
        boolean isAbuse;
        synchronized (meter) {
            boolean isPing = command == CommandName.PING;
            boolean again = isPing && meter.pingedLast;
            meter.pingedLast = isPing;
            found = over(meter.requests, Condition.COMMAND_FREQUENCY)
                    .or(() -> over(user, Condition.ALL_DEVICE_COMMANDS))
                    .or(() -> again ? over(meter.pings, Condition.RECENT_COMMANDS) : Optional.empty());
            found.ifPresent(why -> {
                throttled.getOrDefault(why.condition(), new LongAdder()).increment();
                complain(device, command, meter, why);
            });
            isAbuse = found.filter(Throttle::isOwnFault).isPresent() && goesOn(meter);
        }
        if (isAbuse) {
            abuse.happened(device); // not under the lock: it writes
        }
        return found;
    }

    /** False for a device that is refused because of what the user's others do. */
    private static boolean isOwnFault(Throttled throttled) {
        return throttled.condition() != Condition.ALL_DEVICE_COMMANDS;
    }

    private boolean goesOn(Meter meter) {
        var now = clock.instant();
        if (now.isAfter(meter.tooOftenLast.plus(PAUSE))) {
            meter.tooOftenSince = now;
        }
        meter.tooOftenLast = now;
        if (now.isBefore(meter.tooOftenSince.plus(abuse.after()))) {
            return false;
        }
        meter.tooOftenSince = now;
        return true;
    }

    private static Optional<Throttled> over(Bucket bucket, Condition condition) {
        var probe = bucket.tryConsumeAndReturnRemaining(1);
        // A device that is told one second would come each second.
        return probe.isConsumed()
                ? Optional.empty()
                : Optional.of(new Throttled(
                        condition,
                        condition == Condition.RECENT_COMMANDS
                                ? MINUTE
                                : Duration.ofNanos(probe.getNanosToWaitForRefill())
                                        .plusSeconds(10)));
    }

    private void complain(DeviceKey device, CommandName command, Meter meter, Throttled throttled) {
        var now = clock.instant();
        if (now.isBefore(meter.silentUntil)) {
            return;
        }
        meter.silentUntil = now.plus(MINUTE);
        LOG.warn(
                "device throttled user={} device={} command={} condition={} most={}/min",
                device.user(),
                device.deviceId(),
                command.text(),
                throttled.condition().text(),
                most(throttled.condition()));
    }

    private int most(Condition condition) {
        return switch (condition) {
            case COMMAND_FREQUENCY -> settings.perDevice();
            case RECENT_COMMANDS -> settings.pings();
            case ALL_DEVICE_COMMANDS -> settings.perUser();
        };
    }

    private Bucket bucket(int aMinute) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(aMinute).refillGreedy(aMinute, MINUTE))
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
