package org.airpost.admin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.airpost.admin.AdminCommands.Answer;
import org.airpost.admin.AdminCommands.Handler;
import org.airpost.admin.DeviceActions.Filter;
import org.airpost.admin.DeviceActions.Sort;
import org.airpost.device.Device;
import org.airpost.eas.DeviceKey;
import org.airpost.telemetry.Traces.Trace;

/** Traces, explanations, backup and reload by words: what {@code airpost trace} and its like ask by the socket. */
public final class OpsCommands {

    private final DeviceActions devices;
    private final TraceActions traces;
    private final Explain explain;
    private final GatewayActions gateway;

    public OpsCommands(DeviceActions devices, TraceActions traces, Explain explain, GatewayActions gateway) {
        this.devices = devices;
        this.traces = traces;
        this.explain = explain;
        this.gateway = gateway;
    }

    /** What they begin with, and what is done then. */
    public Map<String, Handler> handlers() {
        return Map.of(
                "explain",
                        Handler.decoding((actor, words) ->
                                onDevice(actor, words, key -> explain.explain(actor, key), lines -> lines)),
                "trace", Handler.decoding(this::trace),
                "backup", Handler.decoding(this::backup),
                "reload", Handler.decoding((actor, _) -> Answer.of(gateway.reload(actor))));
    }

    private Answer trace(Actor actor, List<String> words) {
        var rest = words.isEmpty() ? words : words.subList(1, words.size());
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "list" ->
                Answer.of(
                        traces.list(actor),
                        all -> all.stream().map(OpsCommands::line).toList());
            case "start" ->
                onDevice(actor, rest, key -> traces.start(actor, key, time(rest)), one -> List.of(line(one)));
            case "stop" -> onDevice(actor, rest, key -> traces.stop(actor, key), one -> List.of(line(one)));
            case "text" ->
                onDevice(
                        actor,
                        rest,
                        key -> traces.text(actor, key),
                        text -> text.lines().toList());
            default -> throw new IllegalArgumentException("trace what? list, start, stop or text");
        };
    }

    private static String line(Trace trace) {
        return String.join(
                "\t",
                trace.device().path(),
                trace.isRunning() ? "runs" : "ended",
                trace.since().toString(),
                trace.until().toString(),
                Long.toString(trace.exchanges()),
                Long.toString(trace.bytes()));
    }

    private static Duration time(List<String> words) {
        if (words.size() < 2) {
            return TraceActions.USUAL;
        }
        if (!words.get(1).matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException("\"%s\" is no number of seconds".formatted(words.get(1)));
        }
        return Duration.ofSeconds(Long.parseLong(words.get(1)));
    }

    private Answer backup(Actor actor, List<String> words) {
        if (words.size() != 1) {
            throw new IllegalArgumentException("backup into which file?");
        }
        return Answer.of(
                gateway.backup(actor, Path.of(words.getFirst())),
                contents -> List.of(
                        contents.taken().toString(),
                        Long.toString(contents.values()),
                        Long.toString(contents.bytes())));
    }

    /** A device by {@code user/device}, or by its id alone if only one has it. */
    private <T> Answer onDevice(
            Actor actor, List<String> words, Function<DeviceKey, Result<T>> work, Function<T, List<String>> lines) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("which device?");
        }
        var said = words.getFirst();
        var named = named(said);
        var key = named.isPresent() ? named : known(actor, said);
        return key.isEmpty()
                ? Answer.refused("there is no device %s; airpost devices lists them".formatted(said))
                : Answer.of(work.apply(key.get()), lines);
    }

    private static Optional<DeviceKey> named(String said) {
        int slash = said.lastIndexOf('/');
        return slash <= 0
                ? Optional.empty()
                : Optional.of(new DeviceKey(said.substring(0, slash), said.substring(slash + 1)));
    }

    private Optional<DeviceKey> known(Actor actor, String id) {
        var filter = new Filter(id, Optional.empty(), Optional.empty(), Optional.empty());
        var found = new ArrayList<DeviceKey>();
        if (devices.list(actor, filter, Sort.USER, 0, 1_000)
                instanceof Result.Done<DeviceActions.Listing>(var listing)) {
            listing.devices().stream()
                    .map(Device::key)
                    .filter(key -> key.deviceId().equalsIgnoreCase(id))
                    .forEach(found::add);
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException("several users have a device %s: %s"
                    .formatted(
                            id,
                            String.join(
                                    ", ", found.stream().map(DeviceKey::path).toList())));
        }
        return found.stream().findFirst();
    }
}
