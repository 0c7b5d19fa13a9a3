package org.airpost.device;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.device.GateEvents.Event;
import org.airpost.eas.DeviceKey;

/**
 * Tells devices to wipe themselves, and takes what they say of it. What was told is on the disk before the answer leaves, and
 * so is what a device has said. Source: MS-ASPROV 3.2.5.1.1, 3.2.5.1.2.2, 3.2.5.1.2.3; sync-rules PV-11 to PV-14.
 */
public final class Wipes {

    private final Devices devices;
    private final GateEvents events;
    private final InstantSource clock;

    public Wipes(Devices devices, GateEvents events, InstantSource clock) {
        this.devices = devices;
        this.events = events;
        this.clock = clock;
    }

    /** What is to be told to a device now: nothing unless a wipe was asked for. Notes that it is told. */
    public Optional<Wipe.Kind> tell(DeviceKey key) {
        if (pending(key).isEmpty()) {
            return Optional.empty();
        }
        var seen = new Seen();
        var device = devices.update(key, known -> {
            seen.wipe = known.wipe();
            return known.wipe().filter(Wipe::isPending).isPresent()
                    ? known.withWipe(known.wipe().map(wipe -> wipe.toldAt(clock.instant())))
                    : known;
        });
        var told = device.wipe().filter(Wipe::isPending);
        if (told.filter(Wipes::isWorthTelling).isPresent() && !seen.wipe.equals(device.wipe())) {
            events.happened(Event.WIPE_TOLD, device);
        }
        return told.map(Wipe::kind);
    }

    /** After 1, 2, 4, 8 … failures: a device that cannot do it may try again at once, and Provision is never too often. */
    private static boolean isWorthTelling(Wipe wipe) {
        return Integer.bitCount(wipe.failures()) <= 1;
    }

    /** What a change of a record has seen when it was tried last. */
    private static final class Seen {
        private Optional<Wipe> wipe = Optional.empty();
        private Heard heard = Heard.NOT_ASKED;
    }

    private Optional<Wipe> pending(DeviceKey key) {
        return devices.find(key).flatMap(Device::wipe).filter(Wipe::isPending);
    }

    /** What comes of a device's word about a wipe. */
    public enum Heard {
        /** It is wiped; it was noted, now or the last time that it said so. */
        DONE,
        /** It could not: it is to be told again. */
        FAILED,
        /** Nobody has asked it for that. */
        NOT_ASKED
    }

    /** Hears what a device says of a wipe. It may say it again, if our answer was lost. */
    public Heard hear(DeviceKey key, Wipe.Kind kind, boolean success) {
        var known = devices.find(key).flatMap(Device::wipe).filter(wipe -> wipe.kind() == kind);
        if (known.filter(Wipe::isDone).isPresent() && success) {
            return Heard.DONE;
        }
        if (known.filter(wipe -> wipe.state() == Wipe.State.TOLD).isEmpty()) {
            return Heard.NOT_ASKED;
        }
        var seen = new Seen();
        var device = devices.update(key, before -> {
            var wipe = before.wipe().filter(one -> one.kind() == kind && one.state() == Wipe.State.TOLD);
            seen.heard = wipe.isEmpty() ? Heard.NOT_ASKED : success ? Heard.DONE : Heard.FAILED;
            return switch (seen.heard) {
                case NOT_ASKED -> before;
                case FAILED -> before.withWipe(wipe.map(Wipe::failed));
                case DONE -> wiped(before, wipe.orElseThrow());
            };
        });
        switch (seen.heard) {
            case DONE -> events.happened(Event.WIPE_DONE, device);
            case FAILED -> {
                if (device.wipe().filter(Wipes::isWorthTelling).isPresent()) {
                    events.happened(Event.WIPE_FAILED, device);
                }
            }
            case NOT_ASKED -> {}
        }
        return seen.heard;
    }

    /** It stays out; its old password opens nothing any more, and its policy key neither. */
    private Device wiped(Device device, Wipe wipe) {
        var now = clock.instant();
        return device.withWipe(Optional.of(wipe.done(now)))
                .withMark(Optional.empty())
                .withPolicy(PolicyState.NONE)
                .withAdmission(device.admission()
                        .then(
                                Device.Access.BLOCKED,
                                Admission.Cause.WIPED,
                                wipe.requestedBy(),
                                "wiped",
                                now,
                                Optional.empty()));
    }

    /**
     * Stops the wipes that are pending in a store of an earlier time: nobody knows whether they were taken back or done since.
     * An administrator has to agree once more, and until then the devices are kept out. Gives these devices.
     */
    public static List<DeviceKey> hold(Devices devices, InstantSource clock) {
        var pending = new ArrayList<DeviceKey>();
        devices.forEach(device -> {
            if (device.wipe().filter(Wipe::isPending).isPresent()) {
                pending.add(device.key());
            }
        });
        for (var key : pending) {
            devices.update(
                    key,
                    device -> device.withWipe(device.wipe().map(Wipe::unconfirmed))
                            .withAdmission(device.admission()
                                    .then(
                                            Device.Access.BLOCKED,
                                            Admission.Cause.ADMIN,
                                            "restore",
                                            "a wipe was pending in the backup",
                                            clock.instant(),
                                            Optional.empty())));
        }
        return List.copyOf(pending);
    }

    /** True if the device has said that it is wiped, and nobody has admitted it since. */
    public boolean isWiped(DeviceKey key) {
        return devices.find(key).flatMap(Device::wipe).filter(Wipe::isDone).isPresent();
    }
}
