package org.airpost.telemetry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.airpost.eas.DeviceKey;
import org.airpost.http.Observer.Asked;

/**
 * The last exchanges of each device, in memory: of a device as many as the settings say, of all devices together as many bytes
 * as they say, those that were heard of longest ago are forgotten first. Documents are kept as they were sent, and decoded
 * when somebody looks. Safe for many threads.
 */
public final class Exchanges {

    private static final Duration KEPT = Duration.ofDays(2);

    private final Settings settings;
    private final Cache<DeviceKey, List<Exchange>> devices;

    /** Requests that are held now, by their id. */
    private final ConcurrentHashMap<String, Waiting> waiting = new ConcurrentHashMap<>();

    /**
     * Bounds.
     *
     * @param perDevice exchanges of a device
     * @param bodyBytes bytes of one body
     * @param bytes of all, about
     */
    public record Settings(int perDevice, int bodyBytes, long bytes) {

        private static final long LEAST = 16L << 20;
        private static final long MOST = 256L << 20;

        /** 20 a device, 16 KiB a body, and a sixteenth of the memory that Java may take. */
        public static Settings usual() {
            return new Settings(20, 16 << 10, Math.clamp(Runtime.getRuntime().maxMemory() / 16, LEAST, MOST));
        }
    }

    /**
     * A request that is held now.
     *
     * @param client the family of the device
     */
    public record Waiting(DeviceKey device, String client, Asked asked, Instant until) {

        /** When the request came. */
        public Instant since() {
            return asked.at();
        }

        /** Such as {@code Ping}. */
        public String command() {
            return asked.line().map(line -> line.command().text()).orElse("");
        }
    }

    public Exchanges(Settings settings) {
        this.settings = settings;
        this.devices = Caffeine.newBuilder()
                .maximumWeight(settings.bytes())
                .weigher((DeviceKey _, List<Exchange> all) ->
                        all.stream().mapToInt(Exchange::weight).sum())
                .expireAfterWrite(KEPT)
                .executor(Runnable::run)
                .build();
    }

    /** The last exchanges of a device, the newest first. */
    public List<Exchange> of(DeviceKey device) {
        return Optional.ofNullable(devices.getIfPresent(device))
                .orElse(List.of())
                .reversed();
    }

    /** One of them by its id, as long as it is kept. */
    public Optional<Exchange> of(DeviceKey device, String id) {
        return of(device).stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /** The requests that are held now, the oldest first. */
    public List<Waiting> waiting() {
        return waiting.values().stream()
                .sorted(Comparator.comparing(one -> one.asked().at()))
                .toList();
    }

    /** The request of a device that is held now. */
    public Optional<Waiting> waiting(DeviceKey device) {
        return waiting.values().stream()
                .filter(one -> one.device().equals(device))
                .max(Comparator.comparing(one -> one.asked().at()));
    }

    /** How many are held. */
    public int waitingCount() {
        return waiting.size();
    }

    /** Of each device that is kept the newest exchange. */
    public Collection<Exchange> latest() {
        return devices.asMap().values().stream().map(List::getLast).toList();
    }

    /** Forgets a device. */
    public void forget(DeviceKey device) {
        devices.invalidate(device);
    }

    int bodyBytes() {
        return settings.bodyBytes();
    }

    /** True if it was not held before. */
    boolean held(Asked asked, String client, Instant until) {
        var device = device(asked);
        if (device.isEmpty()) {
            return false;
        }
        keep(device.get(), Exchange.waiting(asked, until).cut(settings.bodyBytes()));
        return waiting.put(asked.id(), new Waiting(device.get(), client, asked, until)) == null;
    }

    /** Keeps what has come to its end; gives its wait, if it was held until now. */
    Optional<Waiting> ended(Exchange exchange) {
        device(exchange.asked()).ifPresent(device -> keep(device, exchange.cut(settings.bodyBytes())));
        return Optional.ofNullable(waiting.remove(exchange.id()));
    }

    private void keep(DeviceKey device, Exchange exchange) {
        devices.asMap().merge(device, List.of(exchange), (before, _) -> {
            var all = new ArrayList<Exchange>(settings.perDevice());
            before.stream().filter(one -> !one.id().equals(exchange.id())).forEach(all::add);
            all.add(exchange);
            return List.copyOf(all.subList(Math.max(0, all.size() - settings.perDevice()), all.size()));
        });
    }

    /** Empty as long as it is not known who asks. */
    static Optional<DeviceKey> device(Asked asked) {
        return asked.user().isEmpty()
                ? Optional.empty()
                : asked.line().map(line -> new DeviceKey(asked.user(), line.deviceId()));
    }
}
