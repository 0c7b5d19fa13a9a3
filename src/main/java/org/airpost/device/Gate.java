package org.airpost.device;

import org.airpost.device.Policy.Leniency;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;

/**
 * Decides whether a device may come in with a request: first a wipe, then what administrators and rules say, then the policy
 * key. A key is asked for with every command but Provision and Ping (MS-ASPROV_R61103; Android sends none with Ping); OPTIONS
 * and Autodiscover never get here.
 */
public final class Gate {

    private final PolicySource policies;
    private final GateRules rules;
    private final ClientQuirks quirks;

    public Gate(PolicySource policies, GateRules rules, ClientQuirks quirks) {
        this.policies = policies;
        this.rules = rules;
        this.quirks = quirks;
    }

    /** What becomes of a request. */
    public sealed interface Verdict {

        /** It is run, within what this policy allows. */
        record Admit(Policies.Effective policy) implements Verdict {}

        /** It is answered out of the mailbox of quarantined devices. */
        record Quarantine(Policies.Effective policy) implements Verdict {}

        /**
         * The device must provision first: 142 never did, 143 has an older policy, 144 sent a wrong key, 140 it is to be wiped.
         */
        record ProvisionFirst(CommonStatus status) implements Verdict {}

        /** The device may not come in: 129 blocked, 177 one too many, 141 cannot provision and would have to. */
        record Blocked(CommonStatus status) implements Verdict {}
    }

    /** The verdict, and what is said about the device now: to be noted if it is another word than before. */
    public record Judged(Verdict verdict, Admission admission) {}

    /** Judges a request of a device as it is known now, which comes from an address; empty if that is not known. */
    public Judged judge(RequestLine line, Device device, String address) {
        if (device.wipe().filter(wipe -> wipe.isPending() || wipe.isDone()).isPresent()) {
            return new Judged(wiped(line, device.wipe().get(), device), device.admission());
        }
        var admission = rules.admission(device, line.version(), address);
        return new Judged(
                switch (admission.access()) {
                    case BLOCKED ->
                        new Verdict.Blocked(
                                rules.isTooMany(admission)
                                        ? CommonStatus.MAXIMUM_DEVICES_REACHED
                                        : CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER);
                    case QUARANTINED -> withKey(line, device, true);
                    case ALLOWED -> withKey(line, device, false);
                },
                admission);
    }

    /**
     * While a wipe is to be told all commands but Provision are refused, and after it that one, too, unless it says once more
     * that all is wiped: the command itself looks. Source: sync-rules PV-11, PV-12.
     */
    private Verdict wiped(RequestLine line, Wipe wipe, Device device) {
        if (line.command() == CommandName.PROVISION) {
            boolean cannotBeTold = wipe.isPending()
                    && wipe.kind() == Wipe.Kind.ACCOUNT_ONLY
                    && !line.version().atLeast(ProtocolVersion.V16_1);
            return cannotBeTold
                    ? new Verdict.Blocked(CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER)
                    : new Verdict.Admit(policies.of(device.key().user()));
        }
        return wipe.isPending()
                ? new Verdict.ProvisionFirst(CommonStatus.REMOTE_WIPE_REQUESTED)
                : new Verdict.Blocked(CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER);
    }

    private Verdict withKey(RequestLine line, Device device, boolean quarantined) {
        var policy = policies.of(device.key().user());
        var admit = quarantined ? new Verdict.Quarantine(policy) : new Verdict.Admit(policy);
        return asksForKey(line.command()) ? checkKey(line, device, policy, admit) : admit;
    }

    private static boolean asksForKey(CommandName command) {
        return command != CommandName.PROVISION && command != CommandName.PING;
    }

    private Verdict checkKey(RequestLine line, Device device, Policies.Effective policy, Verdict admit) {
        long sent = line.policyKey().orElse(0L);
        var accepted = device.policy().accepted();
        if (accepted.isPresent() && accepted.get().key() == sent) {
            return accepted.get().hash().equals(policy.hash())
                    ? admitted(accepted.get().compliance(), policy, admit)
                    : new Verdict.ProvisionFirst(CommonStatus.POLICY_REFRESH);
        }
        if (quirks.has(ClientQuirks.Quirk.NEVER_PROVISIONS, line.deviceType(), device.userAgent())) {
            // The device type is the client's own word, so the quirk opens no way around a policy that asks something.
            return policy.document().asksNothing() || policy.admits().contains(Leniency.NON_PROVISIONABLE)
                    ? admit
                    : new Verdict.Blocked(CommonStatus.LEGACY_DEVICE_ON_STRICT_POLICY);
        }
        return new Verdict.ProvisionFirst(
                sent == 0 ? CommonStatus.DEVICE_NOT_PROVISIONED : CommonStatus.INVALID_POLICY_KEY);
    }

    /** Who keeps less than all had a key given; but the policy may have become less lenient since. */
    private static Verdict admitted(PolicyState.Compliance compliance, Policies.Effective policy, Verdict admit) {
        return Provisioning.isEnough(compliance, policy)
                ? admit
                : new Verdict.ProvisionFirst(CommonStatus.POLICY_REFRESH);
    }
}
