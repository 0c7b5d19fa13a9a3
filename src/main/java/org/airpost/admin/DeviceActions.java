package org.airpost.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.airpost.admin.Audit.Subject;
import org.airpost.admin.Role.Right;
import org.airpost.device.Admission;
import org.airpost.device.Device;
import org.airpost.device.Device.Access;
import org.airpost.device.Devices;
import org.airpost.device.Policies;
import org.airpost.device.Wipe;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.Ledgers;

/**
 * What is done with devices. Each action looks whether its actor may, does it, and writes an entry into the audit log, also if it
 * is refused. A request of the device that is held meanwhile ends, so that it hears of it at once.
 */
public final class DeviceActions {

    private final Devices devices;
    private final Policies policies;
    private final Ledgers ledgers;
    private final Hierarchy hierarchy;
    private final Consumer<DeviceKey> wake;
    private final Audit audit;
    private volatile Settings settings;
    private final InstantSource clock;

    /**
     * How devices are treated.
     *
     * @param wipeNeedsSecond true if a full wipe is not told before another administrator has agreed
     */
    public record Settings(boolean wipeNeedsSecond) {}

    /** Actions on these devices; {@code wake} ends the request in which a device waits. */
    public DeviceActions(
            Devices devices,
            Policies policies,
            Ledgers ledgers,
            Hierarchy hierarchy,
            Consumer<DeviceKey> wake,
            Audit audit,
            Settings settings,
            InstantSource clock) {
        this.devices = devices;
        this.policies = policies;
        this.ledgers = ledgers;
        this.hierarchy = hierarchy;
        this.wake = wake;
        this.audit = audit;
        this.settings = settings;
        this.clock = clock;
    }

    /** Takes over other settings; a wipe that waits for a second administrator goes on waiting. */
    public void change(Settings other) {
        settings = other;
    }

    // Looking

    /**
     * Which devices are wanted; what is empty is not asked about.
     *
     * @param text in the user, the id, the name, type, model, system or User-Agent
     * @param user canonical name
     * @param standing as {@link #standing} says
     * @param unseenSince not seen since then
     */
    public record Filter(
            String text, Optional<String> user, Optional<Standing> standing, Optional<Instant> unseenSince) {

        public static final Filter ALL = new Filter("", Optional.empty(), Optional.empty(), Optional.empty());

        public static Filter ofUser(String user) {
            return new Filter("", Optional.of(user), Optional.empty(), Optional.empty());
        }

        private boolean takes(Device device) {
            return user.map(device.key().user()::equalsIgnoreCase).orElse(true)
                    && standing.map(one -> one == DeviceActions.standing(device))
                            .orElse(true)
                    && unseenSince.map(device.lastSeen()::isBefore).orElse(true)
                    && (text.isBlank()
                            || List.of(
                                            device.key().path(),
                                            device.title(),
                                            device.deviceType(),
                                            device.userAgent(),
                                            device.information()
                                                    .get(DeviceInformation.Field.OS)
                                                    .orElse(""))
                                    .stream()
                                    .anyMatch(value -> value.toLowerCase(Locale.ROOT)
                                            .contains(text.strip().toLowerCase(Locale.ROOT))));
        }
    }

    /** By what devices are sorted. */
    public enum Sort {
        USER,
        /** The latest first. */
        LAST_SEEN,
        /** The latest first. */
        FIRST_SEEN,
        TYPE,
        STANDING;

        private Comparator<Device> order() {
            return switch (this) {
                case USER -> Comparator.comparing(device -> device.key().path());
                case LAST_SEEN -> Comparator.comparing(Device::lastSeen).reversed();
                case FIRST_SEEN -> Comparator.comparing(Device::firstSeen).reversed();
                case TYPE -> Comparator.comparing(Device::deviceType, String.CASE_INSENSITIVE_ORDER);
                case STANDING -> Comparator.comparing(DeviceActions::standing);
            };
        }
    }

    /** How it stands with a device, in one word. Those that need somebody come first. */
    public enum Standing {
        QUARANTINED,
        WIPE_TO_APPROVE,
        WIPE_PENDING,
        WIPED,
        BLOCKED,
        ALLOWED
    }

    /** How it stands with a device. */
    public static Standing standing(Device device) {
        if (device.wipe().isPresent()) {
            return switch (device.wipe().get().state()) {
                case AWAITING_APPROVAL -> Standing.WIPE_TO_APPROVE;
                case PENDING, TOLD -> Standing.WIPE_PENDING;
                case DONE -> Standing.WIPED;
            };
        }
        return switch (device.access()) {
            case ALLOWED -> Standing.ALLOWED;
            case BLOCKED -> Standing.BLOCKED;
            case QUARANTINED -> Standing.QUARANTINED;
        };
    }

    /** Some of the devices that were found. */
    public record Listing(List<Device> devices, int found) {

        public Listing {
            devices = List.copyOf(devices);
        }
    }

    /** Devices, from one number on; of a user their own alone. */
    public Result<Listing> list(Actor actor, Filter filter, Sort sort, int from, int limit) {
        if (!actor.role().may(Right.SEE) && !filter.user().map(actor::isUser).orElse(false)) {
            return Result.notAllowed(actor);
        }
        var found = new ArrayList<Device>();
        Consumer<Device> take = device -> {
            if (filter.takes(device)) {
                found.add(device);
            }
        };
        if (filter.user().isPresent()) {
            devices.ofUser(filter.user().get()).forEach(take);
        } else {
            devices.forEach(take);
        }
        found.sort(sort.order().thenComparing(device -> device.key().path()));
        int begin = Math.clamp(from, 0, found.size());
        return new Result.Done<>(new Listing(
                found.subList(begin, begin + Math.clamp(limit, 0, found.size() - begin)), found.size()));
    }

    /** How many devices there are of each standing. */
    public Result<Map<Standing, Integer>> count(Actor actor) {
        if (!actor.role().may(Right.SEE)) {
            return Result.notAllowed(actor);
        }
        var counts = new EnumMap<Standing, Integer>(Standing.class);
        for (var standing : Standing.values()) {
            counts.put(standing, 0);
        }
        devices.forEach(device -> counts.merge(standing(device), 1, Integer::sum));
        return new Result.Done<>(counts);
    }

    /**
     * One device.
     *
     * @param policy what is in force for its user
     * @param keepsPolicy true if it has acknowledged just that
     */
    public record Whole(Device device, Standing standing, Policies.Effective policy, boolean keepsPolicy) {}

    /** All that is known of a device. */
    public Result<Whole> device(Actor actor, DeviceKey key) {
        if (!actor.may(Right.SEE, key.user())) {
            return Result.notAllowed(actor);
        }
        var found = devices.find(key);
        if (found.isEmpty()) {
            return Result.notFound("device " + key.path());
        }
        var device = found.get();
        var policy = policies.of(key.user());
        boolean keeps = device.policy()
                .accepted()
                .filter(accepted -> accepted.hash().equals(policy.hash()))
                .isPresent();
        return new Result.Done<>(new Whole(device, standing(device), policy, keeps));
    }

    /**
     * A folder as a device knows it.
     *
     * @param state what it was told of the messages in it, if it syncs it
     */
    public record FolderState(String id, String name, Optional<Ledgers.State> state) {}

    /** The folders that a device knows. */
    public Result<List<FolderState>> folders(Actor actor, DeviceKey key) {
        if (!actor.may(Right.SEE, key.user())) {
            return Result.notAllowed(actor);
        }
        var states = ledgers.states(key);
        var folders = new ArrayList<FolderState>();
        hierarchy
                .told(key)
                .forEach((id, name) -> folders.add(new FolderState(
                        id,
                        name,
                        states.stream()
                                .filter(state -> state.folderId().equals(id))
                                .findFirst())));
        return new Result.Done<>(List.copyOf(folders));
    }

    // Whether it may come in

    /**
     * Admits a device: out of quarantine, after a block, and after a wipe. A user takes back their own block, and what was said
     * before it holds again.
     */
    public Result<Device> allow(Actor actor, DeviceKey key, String reason) {
        boolean isUndoing = actor.isUser(key.user())
                && devices.find(key).filter(device -> isBlockOf(actor, device)).isPresent();
        return change(actor, actor.role().may(Right.ADMIT) || isUndoing, key, "device.allow", reason, device -> {
            if (device.wipe().filter(Wipe::isPending).isPresent()) {
                return Result.conflict("a wipe is pending: cancel it first");
            }
            if (actor.role() == Role.USER) {
                return isBlockOf(actor, device)
                        ? new Result.Done<>(
                                device.withAdmission(device.admission().before().orElse(Admission.UNDECIDED)))
                        : Result.notAllowed(actor);
            }
            return new Result.Done<>(admitted(device, Access.ALLOWED, actor, reason, Optional.empty())
                    .withWipe(device.wipe().filter(wipe -> !wipe.isDone())));
        });
    }

    private static boolean isBlockOf(Actor user, Device device) {
        var said = device.admission();
        return said.cause() == Admission.Cause.ADMIN
                && said.access() == Access.BLOCKED
                && said.by().equals(user.name());
    }

    /**
     * Keeps a device out, for ever or for a time. Users may do so with their own, which does away with nothing that others have
     * said of it.
     */
    public Result<Device> block(Actor actor, DeviceKey key, String reason, Optional<Duration> time) {
        var until = time.map(clock.instant()::plus);
        return change(actor, actor.may(Right.ADMIT, key.user()), key, "device.block", reason, device -> {
            var before = device.admission();
            var blocked = admitted(device, Access.BLOCKED, actor, reason, until);
            return new Result.Done<>(
                    actor.role() == Role.USER
                            ? blocked.withAdmission(blocked.admission().over(before))
                            : blocked);
        });
    }

    /** Puts a device into quarantine. */
    public Result<Device> quarantine(Actor actor, DeviceKey key, String reason) {
        return change(
                actor,
                actor.role().may(Right.ADMIT),
                key,
                "device.quarantine",
                reason,
                device -> new Result.Done<>(admitted(device, Access.QUARANTINED, actor, reason, Optional.empty())));
    }

    /** Has the rules decide about a device again, and nobody else. */
    public Result<Device> undecide(Actor actor, DeviceKey key) {
        return change(
                actor,
                actor.role().may(Right.ADMIT),
                key,
                "device.undecide",
                "",
                device -> device.wipe().isPresent()
                        ? Result.conflict("there is a wipe")
                        : new Result.Done<>(device.withAdmission(device.admission()
                                .then(
                                        device.access(),
                                        Admission.Cause.RULE,
                                        "",
                                        "",
                                        clock.instant(),
                                        Optional.empty()))));
    }

    private Device admitted(Device device, Access access, Actor actor, String reason, Optional<Instant> until) {
        return device.withAdmission(
                device.admission().then(access, Admission.Cause.ADMIN, actor.name(), reason, clock.instant(), until));
    }

    // Care

    /** Gives a device a name. */
    public Result<Device> rename(Actor actor, DeviceKey key, String name) {
        return change(
                actor,
                actor.may(Right.CARE, key.user()),
                key,
                "device.rename",
                name,
                device -> new Result.Done<>(device.withName(name.replaceAll("\\p{Cntrl}", " "))));
    }

    /** Has a device start over with its folders and all that is in them. */
    public Result<Device> resync(Actor actor, DeviceKey key) {
        return change(actor, actor.may(Right.CARE, key.user()), key, "device.resync", "", device -> {
            hierarchy.startOver(key);
            ledgers.startOver(key);
            return new Result.Done<>(device);
        });
    }

    /** Has a device start one folder over. */
    public Result<Device> resetFolder(Actor actor, DeviceKey key, String folderId) {
        return change(
                actor,
                actor.may(Right.CARE, key.user()),
                key,
                "device.reset-folder",
                "folder " + folderId,
                device -> ledgers.startOver(key, folderId)
                        ? new Result.Done<>(device)
                        : Result.notFound("folder %s that it syncs".formatted(folderId)));
    }

    /** Removes all that is kept for a device. If it comes again it is a new one. */
    public Result<Device> forget(Actor actor, DeviceKey key) {
        Change check = device -> {
            if (device.wipe().isPresent()) {
                return Result.conflict("a wipe was asked for, or is done: forgotten, it could come in again");
            }
            return device.access() != Access.ALLOWED && !actor.role().may(Right.ADMIT)
                    ? Result.conflict("it is kept out: forgotten, it could come in again")
                    : new Result.Done<>(device);
        };
        var result = checked(actor, actor.may(Right.CARE, key.user()), key, devices.find(key), check);
        if (result.isDone() && !remove(key, device -> check.of(device).isDone())) {
            result = Result.conflict("something was done with it at the same time: look at it again");
        }
        return noted(actor, "device.forget", key, "", result);
    }

    /** Judged again on what is so when it goes: a wipe that was asked for meanwhile must not be lost with it. */
    private boolean remove(DeviceKey key, Predicate<Device> wanted) {
        if (!devices.removeIf(key, wanted)) {
            return false;
        }
        ledgers.forget(key);
        hierarchy.forget(key);
        wake.accept(key);
        return true;
    }

    /**
     * Forgets devices that have not come for a time; none that is kept out or to be wiped, since as new ones they would come in.
     * Gives how many.
     */
    public int retire(Duration unseen) {
        var before = clock.instant().minus(unseen);
        Predicate<Device> isStale = device ->
                device.lastSeen().isBefore(before) && device.wipe().isEmpty() && device.access() == Access.ALLOWED;
        var stale = new ArrayList<Device>();
        devices.forEach(device -> {
            if (isStale.test(device)) {
                stale.add(device);
            }
        });
        int retired = 0;
        for (var device : stale) {
            if (remove(device.key(), isStale)) {
                retired++;
                audit.note(
                        Actor.AIRPOST,
                        "device.retire",
                        subject(device.key()),
                        true,
                        "not seen since " + device.lastSeen());
            }
        }
        return retired;
    }

    // Wipes

    /** Has a device wipe itself: what the account brought, or all. Users may wipe their own without a second person. */
    public Result<Device> wipe(Actor actor, DeviceKey key, Wipe.Kind kind, String reason) {
        boolean isOwn = actor.isUser(key.user());
        var right = kind == Wipe.Kind.FULL ? Right.WIPE_ALL : Right.WIPE_ACCOUNT;
        boolean needsSecond = kind == Wipe.Kind.FULL && settings.wipeNeedsSecond() && !isOwn;
        return change(
                actor,
                actor.role().may(right) || isOwn,
                key,
                kind == Wipe.Kind.FULL ? "device.wipe-all" : "device.wipe-account",
                reason,
                device -> {
                    var before = device.wipe().filter(wipe -> !wipe.isDone());
                    if (before.filter(wipe -> wipe.kind() == kind && wipe.isPending())
                            .isPresent()) {
                        return new Result.Done<>(device); // it is on its way
                    }
                    if (before.isPresent()) {
                        return Result.conflict("another wipe was asked for: approve or cancel that one");
                    }
                    if (kind == Wipe.Kind.ACCOUNT_ONLY && !device.hasSpoken(ProtocolVersion.V16_1)) {
                        return Result.conflict("it has never spoken 16.1, so only all of it can be wiped; or block it");
                    }
                    return new Result.Done<>(device.withWipe(
                            Optional.of(Wipe.request(kind, actor.name(), clock.instant(), needsSecond))));
                });
    }

    /** Agrees to a wipe that waits for that: to a full one that another administrator has asked for, if two are needed. */
    public Result<Device> approveWipe(Actor actor, DeviceKey key) {
        return change(actor, actor.role().may(Right.WIPE_ALL), key, "device.wipe-approve", "", device -> {
            var wipe = device.wipe().filter(one -> one.state() == Wipe.State.AWAITING_APPROVAL);
            if (wipe.isEmpty()) {
                return Result.conflict("no wipe waits for approval");
            }
            boolean needsOther = settings.wipeNeedsSecond() && wipe.get().kind() == Wipe.Kind.FULL;
            return needsOther && wipe.get().requestedBy().equals(actor.name())
                    ? new Result.Refused<>(
                            Result.Why.NOT_ALLOWED, "a second administrator has to agree (wipe.needsSecondAdmin)")
                    : new Result.Done<>(device.withWipe(Optional.of(wipe.get().approved(actor.name()))));
        });
    }

    /** Takes back a wipe that the device has not confirmed. A user takes back what they asked for themselves. */
    public Result<Device> cancelWipe(Actor actor, DeviceKey key) {
        var asked = devices.find(key).flatMap(Device::wipe);
        var right =
                asked.filter(wipe -> wipe.kind() == Wipe.Kind.FULL).isPresent() ? Right.WIPE_ALL : Right.WIPE_ACCOUNT;
        boolean isUndoing = actor.isUser(key.user())
                && asked.filter(wipe -> wipe.requestedBy().equals(actor.name())).isPresent();
        return change(actor, actor.role().may(right) || isUndoing, key, "device.wipe-cancel", "", device -> {
            if (device.wipe().isEmpty()) {
                return Result.conflict("no wipe was asked for");
            }
            return device.wipe().get().isDone()
                    ? Result.conflict("it is wiped; allow admits it again")
                    : new Result.Done<>(device.withWipe(Optional.empty()));
        });
    }

    // How

    private interface Change {
        Result<Device> of(Device device);
    }

    private Result<Device> change(Actor actor, boolean may, DeviceKey key, String action, String words, Change change) {
        var result = checked(actor, may, key, devices.find(key), change);
        if (result.isDone()) {
            // Judged again on what is so when it is written.
            var last = new Last(result);
            var after = devices.keep(key, device -> {
                last.result = change.of(device);
                return last.result instanceof Result.Done<Device>(var changed) ? changed : device;
            });
            result = last.result.map(_ -> after);
            wake.accept(key);
        }
        return noted(actor, action, key, words, result);
    }

    /** What a change came to when it was tried last. */
    private static final class Last {
        private Result<Device> result;

        Last(Result<Device> result) {
            this.result = result;
        }
    }

    private static Result<Device> checked(
            Actor actor, boolean may, DeviceKey key, Optional<Device> found, Change change) {
        if (!may) {
            return Result.notAllowed(actor);
        }
        return found.isEmpty() ? Result.notFound("device " + key.path()) : change.of(found.get());
    }

    private Result<Device> noted(Actor actor, String action, DeviceKey key, String words, Result<Device> result) {
        switch (result) {
            case Result.Done<Device> _ -> audit.note(actor, action, subject(key), true, words);
            case Result.Refused<Device>(var _, var why) ->
                audit.note(actor, action, subject(key), false, words.isBlank() ? why : words + " — " + why);
        }
        return result;
    }

    private static Subject subject(DeviceKey key) {
        return Subject.ofDevice(key.user(), key.deviceId());
    }
}
