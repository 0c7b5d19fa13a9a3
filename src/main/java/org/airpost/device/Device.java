package org.airpost.device;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
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
 * @param name what its user or an administrator calls it; empty if nobody does
 * @param address where its last request came from, as far as that was noted; empty if it is not known
 * @param mark a keyed hash of the credentials that it was let in with last, see {@link CredentialMarks}
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
        Admission admission,
        String name,
        String address,
        Optional<Wipe> wipe,
        Optional<String> mark) {

    private static final int LONGEST = 1024;
    private static final int LONGEST_NAME = 100;

    /** Whether a device may come in. */
    public enum Access {
        ALLOWED,
        BLOCKED,
        /** It sees a mailbox with one explaining message until an administrator has looked at it. */
        QUARANTINED
    }

    public Device {
        deviceType = cut(deviceType);
        userAgent = cut(userAgent);
        name = name.strip().substring(0, Math.min(name.strip().length(), LONGEST_NAME));
        var copy = EnumSet.noneOf(ProtocolVersion.class);
        copy.addAll(versions);
        versions = Collections.unmodifiableSet(copy);
    }

    /** A device that comes for the first time. */
    static Device unknown(DeviceKey key, Instant now) {
        return new Device(
                key,
                "",
                "",
                Set.of(),
                now,
                now,
                DeviceInformation.NONE,
                PolicyState.NONE,
                Admission.UNDECIDED,
                "",
                "",
                Optional.empty(),
                Optional.empty());
    }

    public Access access() {
        return admission.access();
    }

    /** True if it has spoken this version, or a later one. */
    public boolean hasSpoken(ProtocolVersion version) {
        return versions.stream().anyMatch(one -> one.atLeast(version));
    }

    /** What to call it: by its name, else by what it says about itself. */
    public String title() {
        return name.isEmpty()
                ? information
                        .get(DeviceInformation.Field.FRIENDLY_NAME)
                        .or(() -> information.get(DeviceInformation.Field.MODEL))
                        .orElse(deviceType)
                : name;
    }

    public Device withInformation(DeviceInformation information) {
        return new Device(
                key,
                deviceType,
                userAgent,
                versions,
                firstSeen,
                lastSeen,
                information,
                policy,
                admission,
                name,
                address,
                wipe,
                mark);
    }

    public Device withPolicy(PolicyState policy) {
        return new Device(
                key,
                deviceType,
                userAgent,
                versions,
                firstSeen,
                lastSeen,
                information,
                policy,
                admission,
                name,
                address,
                wipe,
                mark);
    }

    public Device withAdmission(Admission admission) {
        return new Device(
                key,
                deviceType,
                userAgent,
                versions,
                firstSeen,
                lastSeen,
                information,
                policy,
                admission,
                name,
                address,
                wipe,
                mark);
    }

    /** As an administrator says. */
    public Device withAccess(Access access) {
        return withAdmission(admission.then(access, Admission.Cause.ADMIN, "", "", Instant.EPOCH, Optional.empty()));
    }

    public Device withName(String name) {
        return new Device(
                key,
                deviceType,
                userAgent,
                versions,
                firstSeen,
                lastSeen,
                information,
                policy,
                admission,
                name,
                address,
                wipe,
                mark);
    }

    public Device withWipe(Optional<Wipe> wipe) {
        return new Device(
                key,
                deviceType,
                userAgent,
                versions,
                firstSeen,
                lastSeen,
                information,
                policy,
                admission,
                name,
                address,
                wipe,
                mark);
    }

    Device withMark(Optional<String> mark) {
        return new Device(
                key,
                deviceType,
                userAgent,
                versions,
                firstSeen,
                lastSeen,
                information,
                policy,
                admission,
                name,
                address,
                wipe,
                mark);
    }

    /** The same device after a request. */
    Device seen(String deviceType, String userAgent, ProtocolVersion version, String address, Instant now) {
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
                admission,
                name,
                address.isEmpty() ? this.address : address,
                wipe,
                mark);
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST));
    }
}
