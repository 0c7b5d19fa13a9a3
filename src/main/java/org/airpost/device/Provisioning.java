package org.airpost.device;

import java.util.random.RandomGenerator;
import org.airpost.device.Policy.Leniency;
import org.airpost.device.PolicyState.Accepted;
import org.airpost.device.PolicyState.Compliance;
import org.airpost.device.PolicyState.Offered;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;

/**
 * Hands a policy to a device in two phases: first the policy with a temporary key, then, against the device's word that it
 * keeps it, the final key. Keys are 32 bits, never 0; the final key changes when, and only when, what is sent to the device
 * changes (sync-rules PV-10). Source: MS-ASPROV "Provision Command" (3.2.5.1).
 */
public final class Provisioning {

    private final Devices devices;
    private final PolicySource policies;
    private final RandomGenerator random;

    public Provisioning(Devices devices, PolicySource policies, RandomGenerator random) {
        this.devices = devices;
        this.policies = policies;
        this.random = random;
    }

    /** What the first phase gives: a policy and the key to acknowledge it with. */
    public record Offer(PolicyDocument policy, long temporaryKey) {}

    /** What the second phase gives. */
    public sealed interface Acknowledged {

        /** The device may come in with this key. */
        record FinalKey(long key) implements Acknowledged {}

        /** The device acknowledged a policy that it was not offered, or one that has changed since. */
        record WrongKey() implements Acknowledged {}

        /** The device does not keep the policy, or less of it than is enough. */
        record NotKept(CommonStatus status) implements Acknowledged {}
    }

    /** The first phase. Asked again before the acknowledgment, it gives the same key, as an answer may get lost. */
    public Offer offer(DeviceKey key) {
        var policy = policies.of(key.user());
        String hash = policy.hash();
        var device = devices.update(key, before -> {
            var state = before.policy();
            boolean open = state.offered()
                    .filter(o -> !o.acknowledged() && o.hash().equals(hash))
                    .isPresent();
            return open ? before : before.withPolicy(state.withOffered(new Offered(newKey(state), hash, false)));
        });
        return new Offer(
                policy.document(), device.policy().offered().orElseThrow().temporaryKey());
    }

    /** The second phase. The same acknowledgment again gives the same key. */
    public Acknowledged acknowledge(DeviceKey key, long temporaryKey, Compliance compliance) {
        var policy = policies.of(key.user());
        String hash = policy.hash();
        var offered = devices.find(key).flatMap(device -> device.policy().offered());
        if (offered.isEmpty()
                || offered.get().temporaryKey() != temporaryKey
                || !offered.get().hash().equals(hash)) {
            return new Acknowledged.WrongKey();
        }
        if (!isEnough(compliance, policy)) {
            devices.update(key, before -> before.withPolicy(before.policy().saying(compliance)));
            return new Acknowledged.NotKept(
                    compliance == Compliance.MANAGED_ELSEWHERE
                            ? CommonStatus.EXTERNALLY_MANAGED_DEVICES_NOT_ALLOWED
                            : CommonStatus.DEVICE_NOT_FULLY_PROVISIONABLE);
        }
        var device = devices.keep(key, before -> before.withPolicy(accept(before.policy(), hash, compliance)));
        return new Acknowledged.FinalKey(
                device.policy().accepted().orElseThrow().key());
    }

    /** True if a device that keeps so much may come in. Source: sync-rules PV-05. */
    static boolean isEnough(Compliance compliance, Policies.Effective policy) {
        return switch (compliance) {
            case APPLIED -> true;
            case PARTLY -> policy.admits().contains(Leniency.PARTLY);
            case NOT_AT_ALL -> policy.admits().contains(Leniency.NON_PROVISIONABLE);
            case MANAGED_ELSEWHERE -> policy.admits().contains(Leniency.MANAGED_ELSEWHERE);
        };
    }

    private PolicyState accept(PolicyState state, String hash, Compliance compliance) {
        long key = state.accepted()
                .filter(accepted -> accepted.hash().equals(hash))
                .map(Accepted::key)
                .orElseGet(() -> newKey(state));
        var acknowledged = state.offered().map(o -> new Offered(o.temporaryKey(), o.hash(), true));
        return new PolicyState(acknowledged, state.accepted(), state.said())
                .withAccepted(new Accepted(key, hash, compliance));
    }

    /** A key that this device does not have yet. */
    private long newKey(PolicyState state) {
        while (true) {
            long key = Integer.toUnsignedLong(random.nextInt());
            boolean taken = state.offered().filter(o -> o.temporaryKey() == key).isPresent()
                    || state.accepted().filter(a -> a.key() == key).isPresent();
            if (key != 0 && !taken) {
                return key;
            }
        }
    }
}
