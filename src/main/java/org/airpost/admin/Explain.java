package org.airpost.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.airpost.admin.DeviceActions.FolderState;
import org.airpost.admin.DeviceActions.Whole;
import org.airpost.device.ClientQuirks;
import org.airpost.device.Device;
import org.airpost.device.PolicyState;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.sync.Ledgers;
import org.airpost.telemetry.Backends;
import org.airpost.telemetry.Exchange;
import org.airpost.telemetry.Telemetry;

/** A device in words: who it is, whether it may come in, what it waits for, what it has, what was wrong last, and the cure. */
public final class Explain {

    private static final int EXCHANGES = 8;

    /** Spent on finding out what is in step: a mail server that is slow for one folder is slow for all, and somebody waits. */
    private static final Duration FINDING_OUT = Duration.ofSeconds(4);

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final DeviceActions devices;
    private final Telemetry telemetry;
    private final ClientQuirks quirks;
    private final BiFunction<Device, String, OptionalInt> toTell;
    private final InstantSource clock;
    private final List<Cure> cures = cures();

    private record Cure(String command, String status, String words) {}

    /**
     * Explains these devices.
     *
     * @param toTell how many changes the next Sync of a folder would tell a device, if that is known now
     */
    public Explain(
            DeviceActions devices,
            Telemetry telemetry,
            ClientQuirks quirks,
            BiFunction<Device, String, OptionalInt> toTell,
            InstantSource clock) {
        this.devices = devices;
        this.telemetry = telemetry;
        this.quirks = quirks;
        this.toTell = toTell;
        this.clock = clock;
    }

    /** Lines for people. */
    public Result<List<String>> explain(Actor actor, DeviceKey key) {
        return switch (devices.device(actor, key)) {
            case Result.Refused<Whole>(var why, var words) -> new Result.Refused<>(why, words);
            case Result.Done<Whole>(var whole) ->
                switch (devices.folders(actor, key)) {
                    case Result.Refused<List<FolderState>>(var why, var words) -> new Result.Refused<>(why, words);
                    case Result.Done<List<FolderState>>(var folders) -> new Result.Done<>(lines(whole, folders));
                };
        };
    }

    private List<String> lines(Whole whole, List<FolderState> folders) {
        var device = whole.device();
        var exchanges = telemetry.exchanges().of(device.key());
        var lines = new ArrayList<String>();
        lines.addAll(who(device, exchanges));
        lines.add(access(whole));
        lines.add(policy(whole));
        lines.add(now(device, exchanges));
        lines.addAll(folders(device, folders));
        lines.addAll(last(exchanges));
        lines.addAll(servers());
        lines.addAll(verdict(exchanges));
        return lines;
    }

    // Who

    private List<String> who(Device device, List<Exchange> exchanges) {
        var latest = device.versions().stream().max(Comparator.naturalOrder());
        var present = exchanges.stream()
                .map(Exchange::version)
                .filter(version -> !version.isEmpty())
                .findFirst()
                .or(() -> latest.map(ProtocolVersion::text))
                .orElse("nothing yet");
        return List.of(
                "%s: %s of %s"
                        .formatted(
                                device.key().deviceId(),
                                device.title(),
                                device.key().user()),
                "  type %s, \"%s\", a client of the kind %s"
                        .formatted(
                                device.deviceType().isEmpty() ? "not said" : device.deviceType(),
                                device.userAgent(),
                                quirks.family(device.deviceType(), device.userAgent())),
                "  speaks %s (has spoken %s)"
                        .formatted(
                                present,
                                device.versions().stream()
                                        .map(ProtocolVersion::text)
                                        .collect(Collectors.joining(", "))),
                "  here since %s, last seen %s%s"
                        .formatted(
                                DAY.format(device.firstSeen()),
                                DAY.format(device.lastSeen()),
                                device.address().isEmpty() ? "" : " from " + device.address()));
    }

    private static String access(Whole whole) {
        var admission = whole.device().admission();
        var words = switch (whole.standing()) {
            case ALLOWED -> "may come in";
            case BLOCKED -> "is blocked";
            case QUARANTINED -> "is in quarantine: it sees one explaining message alone";
            case WIPE_TO_APPROVE -> "may come in; a wipe waits for a second administrator";
            case WIPE_PENDING -> "is to be wiped, and is told so when it comes";
            case WIPED -> "was wiped, and stays out until it is admitted again";
        };
        return "Access: it %s%s%s"
                .formatted(
                        words,
                        admission.by().isEmpty() ? "" : ", by " + admission.by(),
                        admission.reason().isEmpty() ? "" : " (" + admission.reason() + ")");
    }

    private static String policy(Whole whole) {
        var state = whole.device().policy();
        var layers = whole.policy().layers().isEmpty()
                ? "that of the configuration"
                : String.join(", ", whole.policy().layers());
        var kept = whole.keepsPolicy()
                ? "it keeps it"
                        + state.said().map(said -> ", and said: " + words(said)).orElse("")
                : state.accepted().isPresent()
                        ? "it keeps an older one, and is told to fetch this one"
                        : state.offered().isPresent()
                                ? "it was offered and not acknowledged: its user may not have agreed yet"
                                        + state.said()
                                                .map(said -> "; it said: " + words(said))
                                                .orElse("")
                                : "it has not fetched one";
        return "Policy: %s; %s".formatted(layers, kept);
    }

    private static String words(PolicyState.Compliance compliance) {
        return switch (compliance) {
            case APPLIED -> "applied";
            case PARTLY -> "applied in part";
            case NOT_AT_ALL -> "not applied";
            case MANAGED_ELSEWHERE -> "managed elsewhere";
        };
    }

    // Now

    private String now(Device device, List<Exchange> exchanges) {
        var waiting = telemetry.exchanges().waiting(device.key());
        if (waiting.isPresent()) {
            return "Now: it waits for news since %s, until %s at most, by %s: that is as it should be"
                    .formatted(
                            CLOCK.format(waiting.get().since()),
                            CLOCK.format(waiting.get().until()),
                            waiting.get().command());
        }
        if (exchanges.isEmpty()) {
            return "Now: it does not wait, and has asked nothing since the gateway was started or for two days";
        }
        return "Now: it does not wait for news; its last request came %s ago. A phone that gets its mail by push waits"
                .formatted(ago(exchanges.getFirst().at()));
    }

    private String ago(Instant moment) {
        var time = Duration.between(moment, clock.instant());
        if (time.toMinutes() < 2) {
            return time.toSeconds() + " s";
        }
        return time.toHours() < 2 ? time.toMinutes() + " min" : time.toHours() + " h";
    }

    private List<String> folders(Device device, List<FolderState> folders) {
        var lines = new ArrayList<String>();
        var synced =
                folders.stream().filter(folder -> folder.state().isPresent()).toList();
        lines.add("Folders: it knows %d and syncs %d".formatted(folders.size(), synced.size()));
        var until = clock.instant().plus(FINDING_OUT);
        for (var folder : synced) {
            var state = folder.state().orElseThrow();
            boolean isTime = clock.instant().isBefore(until);
            lines.add("  %s %s: %d items, key %s, %s; %s"
                    .formatted(
                            folder.id(),
                            folder.name(),
                            state.items(),
                            state.syncKey(),
                            filter(state),
                            isTime
                                    ? step(toTell.apply(device, folder.id()))
                                    : "whether it is in step was not asked: the mail server is slow"));
        }
        return lines;
    }

    private static String filter(Ledgers.State state) {
        return switch (state.options().filter()) {
            case ALL -> "all mail";
            default ->
                "mail of "
                        + state.options()
                                .filter()
                                .name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' ');
        };
    }

    private static String step(OptionalInt changes) {
        if (changes.isEmpty()) {
            return "whether it is in step is not known while its user is not signed in or the mail server is away";
        }
        return changes.getAsInt() == 0 ? "in step" : "%d changes to be told".formatted(changes.getAsInt());
    }

    // What was

    private List<String> last(List<Exchange> exchanges) {
        var lines = new ArrayList<String>();
        lines.add("Last exchanges: " + (exchanges.isEmpty() ? "none are remembered" : "the newest first"));
        exchanges.stream()
                .limit(EXCHANGES)
                .forEach(one -> lines.add("  %s %s %s: %s"
                        .formatted(CLOCK.format(one.at()), one.command(), one.version(), printable(one.words()))));
        return lines;
    }

    private static String printable(String words) {
        return words.replaceAll("\\p{Cntrl}", " ");
    }

    private List<String> servers() {
        return telemetry.backends().list().stream()
                .filter(one -> one.state() == Backends.State.DOWN)
                .map(one -> "Away: %s %s since %s: %s"
                        .formatted(
                                one.kind(),
                                one.place(),
                                one.lastBad().map(CLOCK::format).orElse(""),
                                printable(one.words())))
                .toList();
    }

    private List<String> verdict(List<Exchange> exchanges) {
        var failed = exchanges.stream()
                .filter(one -> !one.isGood() && !one.isWaiting())
                .findFirst();
        if (failed.isEmpty()) {
            return List.of(
                    exchanges.isEmpty() ? "Nothing can be said of what was wrong last." : "Nothing was wrong lately.");
        }
        var bad = failed.get();
        var isOver = exchanges.getFirst().isGood() || exchanges.getFirst().isWaiting();
        var lines = new ArrayList<String>();
        lines.add("%s: %s ago %s: %s"
                .formatted(
                        isOver ? "Wrong before, not any more" : "What is wrong",
                        ago(bad.at()),
                        bad.command().isEmpty() ? "a request" : bad.command(),
                        printable(bad.words())));
        cure(bad).ifPresent(cure -> lines.add("Cure: " + cure));
        return lines;
    }

    /** What helps, if somebody has written it down. */
    public Optional<String> cure(Exchange exchange) {
        var status = exchange.httpStatus()
                .filter(http -> http != 200)
                .map(http -> "HTTP " + http)
                .or(() -> exchange.status().map(it -> Integer.toString(it.code())));
        return status.flatMap(code -> cures.stream()
                .filter(cure -> cure.status().equals(code)
                        && (cure.command().equals("*") || cure.command().equals(exchange.command())))
                .map(Cure::words)
                .findFirst());
    }

    private static List<Cure> cures() {
        var table =
                Objects.requireNonNull(Explain.class.getResourceAsStream("cures.tsv"), "cures.tsv is not in the jar");
        try (var in = new BufferedReader(new InputStreamReader(table, UTF_8))) {
            return in.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(columns -> new Cure(columns[0], columns[1], columns[2]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
