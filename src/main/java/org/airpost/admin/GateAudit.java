package org.airpost.admin;

import org.airpost.admin.Audit.Subject;
import org.airpost.device.Device;
import org.airpost.device.GateEvents;

/** Writes down what happens at the gate without anybody having asked for it just then. */
public final class GateAudit implements GateEvents {

    private final Audit audit;

    public GateAudit(Audit audit) {
        this.audit = audit;
    }

    @Override
    public void happened(Event event, Device device) {
        var action = switch (event) {
            case QUARANTINED -> "gate.quarantine";
            case KEPT_OUT -> "gate.block";
            case BLOCKED_FOR_ABUSE -> "gate.abuse";
            case WIPE_TOLD -> "wipe.told";
            case WIPE_DONE -> "wipe.done";
            case WIPE_FAILED -> "wipe.failed";
        };
        var actor = switch (event) {
            case WIPE_DONE, WIPE_FAILED -> new Actor("device", Role.NOBODY, device.address());
            default -> Actor.AIRPOST;
        };
        audit.note(
                actor,
                action,
                Subject.ofDevice(device.key().user(), device.key().deviceId()),
                event != Event.WIPE_FAILED,
                device.admission().reason());
    }
}
