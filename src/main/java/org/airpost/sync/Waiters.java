package org.airpost.sync;

import java.util.concurrent.ConcurrentHashMap;
import org.airpost.eas.DeviceKey;

/** The held request of each device: a newer request of the device ends the older one. */
public final class Waiters {

    private final ConcurrentHashMap<DeviceKey, Waiting> waiting = new ConcurrentHashMap<>();

    /** A held request that can be ended because a newer one came. Called on the newer one's thread; never blocks. */
    public interface Waiting {

        void supersede();
    }

    /** Notes a held request and ends the one before it. */
    public void enter(DeviceKey device, Waiting request) {
        var before = waiting.put(device, request);
        if (before != null && !before.equals(request)) {
            before.supersede();
        }
    }

    /** Ends the held request of a device, if there is one: another request of it came. */
    public void supersede(DeviceKey device) {
        var before = waiting.remove(device);
        if (before != null) {
            before.supersede();
        }
    }

    /** The request is no longer held. */
    public void leave(DeviceKey device, Waiting request) {
        waiting.remove(device, request);
    }

    /** Devices that wait now. */
    public int count() {
        return waiting.size();
    }
}
