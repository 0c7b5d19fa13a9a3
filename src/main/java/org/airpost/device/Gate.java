package org.airpost.device;

import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.RequestLine;

/**
 * Decides whether a device may come in with a request. A policy key is asked for with every command but Provision and Ping
 * (MS-ASPROV_R61103; Android sends none with Ping); OPTIONS and Autodiscover never get here.
 */
public final class Gate {

    private final PolicyDocument policy;
    private final ClientQuirks quirks;

    public Gate(PolicyDocument policy, ClientQuirks quirks) {
        this.policy = policy;
        this.quirks = quirks;
    }

    /** What becomes of a request. */
    public sealed interface Verdict {

        /** It is run. */
        record Admit() implements Verdict {}

        /** The device must provision first: 142 never did, 143 has an older policy, 144 sent a wrong key. */
        record PolicyNeeded(CommonStatus status) implements Verdict {}

        /** The device may not come in: 129 blocked or in quarantine, 141 cannot provision and would have to. */
        record Blocked(CommonStatus status) implements Verdict {}
    }

    /** The verdict about a request of a device as it is known now. */
    public Verdict check(RequestLine line, Device device) {
        return switch (device.access()) {
            // Quarantine is to phones the same as a block. Source: sync-rules PV-15.
            case BLOCKED, QUARANTINED -> new Verdict.Blocked(CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER);
            case ALLOWED -> asksForKey(line.command()) ? checkKey(line, device) : new Verdict.Admit();
        };
    }

    private static boolean asksForKey(CommandName command) {
        return command != CommandName.PROVISION && command != CommandName.PING;
    }

    private Verdict checkKey(RequestLine line, Device device) {
        long sent = line.policyKey().orElse(0L);
        var accepted = device.policy().accepted();
        if (accepted.isPresent() && accepted.get().key() == sent) {
            return accepted.get().hash().equals(policy.hash())
                    ? new Verdict.Admit()
                    : new Verdict.PolicyNeeded(CommonStatus.POLICY_REFRESH);
        }
        if (quirks.has(ClientQuirks.Quirk.NEVER_PROVISIONS, line.deviceType(), device.userAgent())) {
            // The device type is the client's own word, so the quirk opens no way around a policy that asks something.
            return policy.asksNothing()
                    ? new Verdict.Admit()
                    : new Verdict.Blocked(CommonStatus.LEGACY_DEVICE_ON_STRICT_POLICY);
        }
        return new Verdict.PolicyNeeded(
                sent == 0 ? CommonStatus.DEVICE_NOT_PROVISIONED : CommonStatus.INVALID_POLICY_KEY);
    }
}
