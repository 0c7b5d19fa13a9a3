package org.airpost.device;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry of devices, under {@code device/<user>/<device>} in the store.
 *
 * <p>A device that comes for the first time is <i>provisional</i>: it is remembered here in memory, for an hour at most,
 * and leaves nothing behind. It is kept from when it has finished Provision, or asks for its folders or mail. Android probes
 * accounts with the device id {@code validate} and never comes back with it (sync-rules FH-18). Safe for many threads.
 */
public final class Devices {

    /** A kept device is written because it was seen at most this often. */
    public static final Duration SEEN_STEP = Duration.ofMinutes(5);

    private static final Duration PROVISIONAL = Duration.ofHours(1);
    private static final int MOST_PROVISIONAL = 10_000;
    private static final int MOST_MARKS = 100_000;
    private static final int ATTEMPTS = 32;
    private static final int PAGE = 256;
    private static final String PREFIX = "device/";
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private final Store store;
    private final InstantSource clock;
    private final Cache<String, Device> provisional;

    /** Marks that are in the store, as far as is remembered. */
    private final Cache<DeviceKey, String> marks = Caffeine.newBuilder()
            .maximumSize(MOST_MARKS)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    public Devices(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        this.provisional = Caffeine.newBuilder()
                .maximumSize(MOST_PROVISIONAL)
                .expireAfterAccess(PROVISIONAL)
                .ticker(() -> clock.millis() * 1_000_000)
                .scheduler(Scheduler.disabledScheduler())
                .executor(Runnable::run)
                .build();
    }

    /** What is known of a device, provisional or kept. */
    public Optional<Device> find(DeviceKey key) {
        return stored(key).map(Stored::device).or(() -> Optional.ofNullable(provisional.getIfPresent(key.path())));
    }

    /** True if the device is kept. */
    public boolean isKept(DeviceKey key) {
        return stored(key).isPresent();
    }

    /** The kept devices of a user, by device id. */
    public List<Device> ofUser(String user) {
        var found = new ArrayList<Device>();
        String prefix = PREFIX + user.toLowerCase(Locale.ROOT) + "/";
        String after = "";
        while (true) {
            var page = store.scan(prefix, after, PAGE);
            page.forEach(entry ->
                    found.add(DeviceRecord.read(entry.key(), entry.versioned().value())));
            if (page.size() < PAGE) {
                return List.copyOf(found);
            }
            after = page.getLast().key();
        }
    }

    /** Kept devices of everybody in the order of their keys, after the one with this path; empty for from the start. */
    public List<Device> page(String afterPath, int limit) {
        return store.scan(PREFIX, afterPath.isEmpty() ? "" : PREFIX + afterPath, limit).stream()
                .map(entry -> DeviceRecord.read(entry.key(), entry.versioned().value()))
                .toList();
    }

    /** Does something with each kept device. One whose record cannot be read is left out. */
    public void forEach(Consumer<Device> work) {
        String after = "";
        while (true) {
            var page = store.scan(PREFIX, after, PAGE);
            for (var entry : page) {
                read(entry).ifPresent(work);
            }
            if (page.size() < PAGE) {
                return;
            }
            after = page.getLast().key();
        }
    }

    private static Optional<Device> read(Store.Entry entry) {
        try {
            return Optional.of(DeviceRecord.read(entry.key(), entry.versioned().value()));
        } catch (StoreException e) {
            LOG.warn("device record not readable reason={}", e.getMessage());
            return Optional.empty();
        }
    }

    /** The same from an address that is not known. */
    public Device seen(DeviceKey key, String deviceType, String userAgent, ProtocolVersion version) {
        return seen(key, deviceType, userAgent, version, "");
    }

    /** Notes that a device made a request, and gives what is known of it. Seldom writes to the store. */
    public Device seen(DeviceKey key, String deviceType, String userAgent, ProtocolVersion version, String address) {
        var now = Instant.ofEpochMilli(clock.millis());
        var known = find(key).orElseGet(() -> Device.unknown(key, now));
        var after = known.seen(deviceType, userAgent, version, address, now);
        boolean same = after.deviceType().equals(known.deviceType())
                && after.userAgent().equals(known.userAgent())
                && after.versions().equals(known.versions());
        if (same
                && known.lastSeen().plus(SEEN_STEP).isAfter(now)
                && !known.versions().isEmpty()) {
            return known;
        }
        return update(key, device -> device.seen(deviceType, userAgent, version, address, now));
    }

    /** Notes by which credentials a known device was let in. Seldom writes to the store. */
    public void noteMark(DeviceKey key, String mark) {
        if (mark.equals(marks.getIfPresent(key)) || find(key).isEmpty()) {
            return;
        }
        update(key, device -> device.withMark(Optional.of(mark)));
        marks.put(key, mark);
    }

    /** Changes a device where it is, provisional or kept. The change may be tried several times. */
    public Device update(DeviceKey key, UnaryOperator<Device> change) {
        return change(key, change, false);
    }

    /** Changes a device and keeps it from now on. */
    public Device keep(DeviceKey key, UnaryOperator<Device> change) {
        return change(key, change, true);
    }

    /** Keeps a device from now on: it uses its mailbox. */
    public void keep(DeviceKey key) {
        if (provisional.getIfPresent(key.path()) != null) {
            keep(key, UnaryOperator.identity());
        }
    }

    /** Forgets a device. */
    public void remove(DeviceKey key) {
        removeIf(key, _ -> true);
    }

    /** Forgets a device if what is known of it at that moment is as wanted; false if it is not, and nothing was done. */
    public boolean removeIf(DeviceKey key, Predicate<Device> wanted) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var stored = stored(key);
            if (stored.isPresent() && !wanted.test(stored.get().device())) {
                return false;
            }
            if (stored.isEmpty() || store.delete(path(key), stored.get().version())) {
                provisional.invalidate(key.path());
                marks.invalidate(key);
                return true;
            }
        }
        throw contention(key);
    }

    private Device change(DeviceKey key, UnaryOperator<Device> change, boolean keep) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var stored = stored(key);
            if (stored.isEmpty() && !keep) {
                return changeProvisional(key, change);
            }
            var before = stored.map(Stored::device).orElseGet(() -> provisionalOrUnknown(key));
            var after = change.apply(before);
            if (stored.isPresent() && after.equals(before)) {
                return after;
            }
            long version = stored.map(Stored::version).orElse(Store.ABSENT);
            if (store.put(path(key), DeviceRecord.write(after), version).isPresent()) {
                provisional.invalidate(key.path());
                if (after.mark().isEmpty()) {
                    marks.invalidate(key); // a wipe is done: the next sign-in marks it anew
                }
                return after;
            }
        }
        throw contention(key);
    }

    private Device changeProvisional(DeviceKey key, UnaryOperator<Device> change) {
        return provisional
                .asMap()
                .compute(key.path(), (path, known) -> change.apply(known == null ? unknown(key) : known));
    }

    private Device provisionalOrUnknown(DeviceKey key) {
        var known = provisional.getIfPresent(key.path());
        return known == null ? unknown(key) : known;
    }

    private Device unknown(DeviceKey key) {
        return Device.unknown(key, Instant.ofEpochMilli(clock.millis()));
    }

    private Optional<Stored> stored(DeviceKey key) {
        return store.get(path(key))
                .map(found -> new Stored(DeviceRecord.read(path(key), found.value()), found.version()));
    }

    private static String path(DeviceKey key) {
        return PREFIX + key.path();
    }

    private static StoreException contention(DeviceKey key) {
        return new StoreException("record %s changed under %d attempts to write it".formatted(path(key), ATTEMPTS));
    }

    private record Stored(Device device, long version) {}
}
