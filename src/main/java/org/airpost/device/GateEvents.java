package org.airpost.device;

import java.util.List;

/** Is told of what happens at the gate and is worth to be written down or told to an administrator. Must not block for long. */
@FunctionalInterface
public interface GateEvents {

    /** Nobody wants to know. */
    GateEvents NONE = (_, _) -> {};

    /** Something happened to a device, as it is now. */
    void happened(Event event, Device device);

    /** Several are told. */
    static GateEvents all(List<GateEvents> listeners) {
        return (event, device) -> listeners.forEach(one -> one.happened(event, device));
    }

    /** What happened. */
    enum Event {
        /** It was put into quarantine by a rule or by default. */
        QUARANTINED,
        /** A rule or the default keeps it out. */
        KEPT_OUT,
        /** It asked without end, and is kept out for a while. */
        BLOCKED_FOR_ABUSE,
        /** It was told to wipe itself. */
        WIPE_TOLD,
        /** It says that it has wiped itself. */
        WIPE_DONE,
        /** It says that it could not wipe itself; it is told again. */
        WIPE_FAILED
    }
}
