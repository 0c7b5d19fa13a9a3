package org.airpost.command;

import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.device.Admission;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.Gate;
import org.airpost.device.GateEvents;
import org.airpost.device.Throttle;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.PingStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.store.StoreException;
import org.airpost.wbxml.MalformedRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the command of a request: asks the device gate, finds the command, and turns the exceptions that cross rooms into
 * answers. Which form an error has depends on the version: from 14.0 on HTTP 200 with a status in the command's own root,
 * before that an HTTP status for everything above 100. Source: MS-ASCMD_R7461, R7462; sync-rules HT-03 to HT-08.
 */
public final class Dispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private static final Duration RETRY = Duration.ofSeconds(30);

    /** What Android calls itself while it tries an account (sync-rules FH-18). */
    private static final String PROBE = "validate";

    /** Devices of a user up to which one more that is kept out is kept in mind. */
    private static final int MOST_KEPT_OUT = 50;

    /** Devices of a user in all: a password is enough to invent them, and each is a record in the store. */
    private static final int MOST_DEVICES = 200;

    private final Map<CommandName, Command> commands;
    private final Devices devices;
    private final Gate gate;
    private final Throttle throttle;
    private final Quarantine quarantine;
    private final GateEvents events;

    /** A dispatcher for these commands; every other one is answered 501. */
    public Dispatcher(
            Map<CommandName, Command> commands,
            Devices devices,
            Gate gate,
            Throttle throttle,
            Quarantine quarantine,
            GateEvents events) {
        var copy = new EnumMap<CommandName, Command>(CommandName.class);
        copy.putAll(commands);
        this.commands = Collections.unmodifiableMap(copy);
        this.devices = devices;
        this.gate = gate;
        this.throttle = throttle;
        this.quarantine = quarantine;
        this.events = events;
    }

    /** What works, separated by commas: the value of MS-ASProtocolCommands. */
    public String commands() {
        return commands.keySet().stream()
                .sorted(Comparator.comparingInt(CommandName::code))
                .map(CommandName::text)
                .collect(Collectors.joining(","));
    }

    /** The answer to a request; never throws but for a bug. */
    public Answer dispatch(Request request) {
        return guarded(request, () -> run(request));
    }

    private Answer run(Request request) {
        var name = request.line().command();
        var command = commands.get(name);
        if (command == null) {
            // 501 at every version, and not 137 within a document: only clients that do not read MS-ASProtocolCommands
            // come here, and they understand HTTP. Source: MS-ASHTTP_R443; sync-rules HT-05.
            return Answer.http(501);
        }
        var throttled = throttle.admit(request.device(), name);
        if (throttled.isPresent()) {
            return throttled(throttled.get());
        }
        var device = devices.seen(
                request.device(),
                request.line().deviceType(),
                request.userAgent(),
                request.version(),
                request.remote());
        var judged = gate.judge(request.line(), device, request.remote());
        var known = note(device, judged.admission());
        return switch (judged.verdict()) {
            case Gate.Verdict.ProvisionFirst(var status) -> provisionFirst(request, status);
            case Gate.Verdict.Blocked(var status) -> {
                if (!PROBE.equals(request.line().deviceId()) && name != CommandName.PROVISION) {
                    keepOut(known);
                }
                throw new StatusException(status, "the gate");
            }
            case Gate.Verdict.Quarantine(var policy) -> {
                checkVersion(request);
                var admitted = request.within(policy.document().limits());
                yield guardLater(admitted, judged.verdict(), inQuarantine(admitted, known, command));
            }
            case Gate.Verdict.Admit(var policy) -> {
                checkVersion(request);
                boolean leavesSomething = usesMailbox(name) || isFirstOfAMailbox(request);
                if ((leavesSomething || name == CommandName.PROVISION) && !devices.isKept(request.device())) {
                    checkRoom(known, MOST_DEVICES);
                }
                if (leavesSomething) {
                    devices.keep(request.device());
                }
                var admitted = request.within(policy.document().limits());
                yield guardLater(admitted, judged.verdict(), command.run(admitted));
            }
        };
    }

    /** Notes what is said of a device now, if it is another word than before, and tells who wants to know. */
    private Device note(Device device, Admission admission) {
        if (admission.equals(device.admission())) {
            return device;
        }
        var now = devices.update(device.key(), one -> one.withAdmission(admission));
        if (admission.access() != device.access() && devices.isKept(device.key())) {
            switch (admission.access()) {
                case QUARANTINED -> events.happened(GateEvents.Event.QUARANTINED, now);
                case BLOCKED -> events.happened(GateEvents.Event.KEPT_OUT, now);
                case ALLOWED -> {}
            }
        }
        return now;
    }

    private Answer inQuarantine(Request request, Device device, Command command) {
        boolean wasKept = devices.isKept(device.key());
        if (!wasKept) {
            checkRoom(device, MOST_KEPT_OUT);
            if (usesMailbox(request.line().command())) {
                devices.keep(device.key());
            }
        }
        var answer = quarantine.run(request, device, command);
        // By its Sync, or by the end of Provision: from now on an administrator sees it.
        if (!wasKept
                && devices.isKept(device.key())
                && !PROBE.equals(request.line().deviceId())) {
            events.happened(
                    GateEvents.Event.QUARANTINED, devices.find(device.key()).orElse(device));
        }
        return answer;
    }

    private void checkRoom(Device device, int most) {
        if (devices.ofUser(device.key().user()).size() >= most) {
            throw new StatusException(CommonStatus.MAXIMUM_DEVICES_REACHED, "the gate");
        }
    }

    /**
     * Keeps a device in mind that is kept out, so that an administrator sees it. A password is enough to invent devices, so
     * there is a bound.
     */
    private void keepOut(Device device) {
        if (devices.isKept(device.key())) {
            return;
        }
        checkRoom(device, MOST_KEPT_OUT);
        events.happened(GateEvents.Event.KEPT_OUT, devices.keep(device.key(), one -> one));
    }

    /**
     * A Ping has no word for a wipe that all phones know, and one that they do not know they repeat for ever; that the folders
     * have changed brings each of them to a FolderSync, which is told. See docs/decisions/017.
     */
    private static Answer provisionFirst(Request request, CommonStatus status) {
        if (request.line().command() == CommandName.PING && request.version().atLeast(ProtocolVersion.V14_0)) {
            throw new StatusException(PingStatus.FOLDER_SYNC_REQUIRED, "the gate");
        }
        throw new StatusException(status, "the gate");
    }

    private static void checkVersion(Request request) {
        var name = request.line().command();
        var first = Commands.row(name).map(Commands.Row::first).orElse(ProtocolVersion.V12_1);
        if (!request.version().atLeast(first)) {
            throw new StatusException(
                    CommonStatus.VERSION_NOT_SUPPORTED,
                    name.text() + " is not part of " + request.version().text());
        }
    }

    /**
     * FolderSync leaves a record of what the device was told, which goes when the device is forgotten: so it is one of the
     * user's devices from then on. Only what Android calls itself while it tries is always the same.
     */
    private static boolean isFirstOfAMailbox(Request request) {
        return request.line().command() == CommandName.FOLDER_SYNC
                && !PROBE.equals(request.line().deviceId());
    }

    /** False for what a client also sends to find out whether an account works (sync-rules FH-18). */
    private static boolean usesMailbox(CommandName name) {
        return switch (name) {
            case PROVISION, SETTINGS, FOLDER_SYNC, PING -> false;
            default -> true;
        };
    }

    private Answer guarded(Request request, Supplier<Answer> work) {
        try {
            return work.get();
        } catch (MalformedRequestException e) {
            log(request, "malformed at=%d path=%s".formatted(e.offset(), e.path()), e);
            return malformed(request, e);
        } catch (StatusException e) {
            log(request, "status=" + e.status().code(), e);
            return status(request, e.status());
        } catch (BackendUnavailableException e) {
            LOG.warn("backend unavailable id={} command={}: {}", request.id(), name(request), e.getMessage());
            return unavailable(e.retryAfter());
        } catch (StoreException e) {
            LOG.warn("store failed id={} command={}", request.id(), name(request), e);
            return unavailable(RETRY);
        }
    }

    /** A held answer is finished under the same guard, and held for those alone who are let in as they were when they came. */
    private Answer guardLater(Request request, Gate.Verdict before, Answer answer) {
        if (!(answer instanceof Answer.Held(var limit, var waiter))) {
            return answer;
        }
        return new Answer.Held(limit, new Answer.Waiter() {

            @Override
            public void start(Runnable wake) {
                waiter.start(wake);
                // Who was put out since the gate was asked, and before there was a wait to end, would wait all of its
                // time.
                if (verdict(request)
                        .filter(now -> !isSame(request, before, now))
                        .isPresent()) {
                    wake.run();
                }
            }

            @Override
            public Answer finish(Answer.Ending how) {
                return guarded(request, () -> guardLater(request, before, waiter.finish(now(request, before, how))));
            }

            @Override
            public void cancel() {
                waiter.cancel();
            }

            @Override
            public OptionalLong heard() {
                return waiter.heard();
            }
        });
    }

    /**
     * How a wait ends for a request that was held. A rule, a policy, or somebody at another gateway may say by now that it may
     * not have what it waited for; then it ends as if nothing had come, and the next one of the device is told why.
     */
    private Answer.Ending now(Request request, Gate.Verdict before, Answer.Ending how) {
        return how != Answer.Ending.WOKEN
                        || verdict(request)
                                .filter(now -> isSame(request, before, now))
                                .isPresent()
                ? how
                : Answer.Ending.EXPIRED;
    }

    /** What the gate says of a request now; empty if the device is not known any more. */
    private Optional<Gate.Verdict> verdict(Request request) {
        return devices.find(request.device())
                .map(device ->
                        gate.judge(request.line(), device, request.remote()).verdict());
    }

    private static boolean isSame(Request request, Gate.Verdict before, Gate.Verdict now) {
        return switch (now) {
            case Gate.Verdict.Admit(var policy) ->
                before instanceof Gate.Verdict.Admit
                        && policy.document().limits().equals(request.limits());
            case Gate.Verdict.Quarantine _ -> before instanceof Gate.Verdict.Quarantine;
            case Gate.Verdict.ProvisionFirst _, Gate.Verdict.Blocked _ -> false;
        };
    }

    private static Answer malformed(Request request, MalformedRequestException e) {
        // What is not WBXML at all has no path. Source: shared/eas/http.md, 400.
        boolean isDocument = !e.path().isEmpty() || request.isEmpty();
        return Commands.row(request.line().command())
                .filter(row -> isDocument)
                .map(row -> status(request, row.malformed()))
                .orElseGet(() -> Answer.http(400));
    }

    private static Answer status(Request request, Status status) {
        boolean asHttp = !request.version().atLeast(ProtocolVersion.V14_0) && status.code() > 100;
        return Commands.row(request.line().command())
                .filter(row -> !asHttp)
                .map(row -> row.answer(status))
                .orElseGet(() -> {
                    int http = httpStatus(status);
                    return http == 503 ? unavailable(RETRY) : Answer.http(http);
                });
    }

    /** The HTTP status that 12.1 gets instead of a status above 100. Source: MS-ASCMD_R7461, R7545 to R7566. */
    private static int httpStatus(Status status) {
        return status instanceof CommonStatus common
                ? switch (common) {
                    case DEVICE_NOT_PROVISIONED,
                            POLICY_REFRESH,
                            INVALID_POLICY_KEY,
                            REMOTE_WIPE_REQUESTED,
                            LEGACY_DEVICE_ON_STRICT_POLICY -> 449;
                    case ACTIVE_DIRECTORY_ACCESS_DENIED,
                            USER_PRINCIPAL_COULD_NOT_BE_FOUND,
                            SYNC_STATE_NOT_FOUND,
                            USER_DISABLED_FOR_SYNC,
                            DEVICE_IS_BLOCKED_FOR_THIS_USER,
                            ACCESS_DENIED,
                            ACCOUNT_DISABLED,
                            DEVICE_NOT_FULLY_PROVISIONABLE,
                            EXTERNALLY_MANAGED_DEVICES_NOT_ALLOWED,
                            MAXIMUM_DEVICES_REACHED -> 403;
                    case SERVER_ERROR_RETRY_LATER, MAILBOX_SERVER_OFFLINE -> 503;
                    case SERVER_ERROR -> 500;
                    case COMMAND_NOT_SUPPORTED -> 501;
                    case MAILBOX_QUOTA_EXCEEDED, SEND_QUOTA_EXCEEDED -> 507;
                    default -> 400;
                }
                : 400;
    }

    private static Answer unavailable(Duration retryAfter) {
        return new Answer.Http(503, Map.of("Retry-After", seconds(retryAfter)));
    }

    private static Answer throttled(Throttle.Throttled why) {
        return new Answer.Http(
                503,
                Map.of(
                        "Retry-After",
                        seconds(why.retryAfter()),
                        "X-MS-ASThrottle",
                        why.condition().text()));
    }

    private static String seconds(Duration retryAfter) {
        return Long.toString(Math.max(1, retryAfter.plusMillis(999).toSeconds()));
    }

    /** The message may hold what the phone sent, so it is not for INFO. */
    private static void log(Request request, String what, RuntimeException e) {
        LOG.info(
                "refused id={} user={} device={} command={} version={} {}",
                request.id(),
                request.account().user(),
                request.line().deviceId(),
                name(request),
                request.version().text(),
                what);
        LOG.debug("refused id={}", request.id(), e);
    }

    private static String name(Request request) {
        return request.line().command().text();
    }
}
