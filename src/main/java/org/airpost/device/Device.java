package org.airpost.device;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;

/**
 * What is known of a device.
 *
 * @param deviceType as the request line says it, such as {@code iPhone}
 * @param userAgent as the last request that had one says it
 * @param versions the protocol versions that it has used
 * @param lastSeen right within {@link Devices#SEEN_STEP}
 * @param information what it says about itself
 */
public record Device(
        DeviceKey key,
        String deviceType,
        String userAgent,
        Set<ProtocolVersion> versions,
        Instant firstSeen,
        Instant lastSeen,
        DeviceInformation information,
        PolicyState policy,
        Access access) {

    private static final int LONGEST = 1024;

    /** What an administrator says about a device. */
    public enum Access {
        ALLOWED,
        BLOCKED,
        /** Blocked until an administrator has looked at it. */
        QUARANTINED
    }

    public Device {
        deviceType = cut(deviceType);
        userAgent = cut(userAgent);
        var copy = EnumSet.noneOf(ProtocolVersion.class);
        copy.addAll(versions);
        versions = Collections.unmodifiableSet(copy);
    }

    /** A device that comes for the first time. */
    static Device unknown(DeviceKey key, Instant now) {
        return new Device(key, "", "", Set.of(), now, now, DeviceInformation.NONE, PolicyState.NONE, Access.ALLOWED);
    }

    public Device withInformation(DeviceInformation information) {
        return new Device(key, deviceType, userAgent, versions, firstSeen, lastSeen, information, policy, access);
    }

    public Device withPolicy(PolicyState policy) {
        return new Device(key, deviceType, userAgent, versions, firstSeen, lastSeen, information, policy, access);
    }

    public Device withAccess(Access access) {
        return new Device(key, deviceType, userAgent, versions, firstSeen, lastSeen, information, policy, access);
    }

    /** The same device after a request. */
    Device seen(String deviceType, String userAgent, ProtocolVersion version, Instant now) {
        var more = EnumSet.of(version);
        more.addAll(versions);
        return new Device(
                key,
                deviceType.isEmpty() ? this.deviceType : deviceType,
                userAgent.isEmpty() ? this.userAgent : userAgent,
                more,
                firstSeen,
                now,
                information,
                policy,
                access);
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST));
    }
}
