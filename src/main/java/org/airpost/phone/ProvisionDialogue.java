package org.airpost.phone;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Provision;

/** Provision in its two phases. Source: MS-ASPROV "Downloading Policies", "Acknowledging Security Policies". */
final class ProvisionDialogue {

    private static final String POLICY_TYPE = "MS-EAS-Provisioning-WBXML";
    private static final long LARGEST_KEY = 0xFFFF_FFFFL;

    private final Wire wire;
    private final Violations violations;
    private final String deviceType;

    ProvisionDialogue(Wire wire, Violations violations, String deviceType) {
        this.wire = wire;
        this.violations = violations;
        this.deviceType = deviceType;
    }

    /** Asks for the policy and says that it is applied; from then on the wire carries the final key. */
    ProvisionResult run() {
        wire.policyKey(Optional.empty());
        var offer = exchange(Wire.document(out -> {
            out.start(Provision.PROVISION);
            if (wire.version().atLeast(ProtocolVersion.V14_1)) {
                SettingsDialogue.deviceInformation(out, deviceType);
            }
            out.start(Provision.POLICIES)
                    .start(Provision.POLICY)
                    .text(Provision.POLICY_TYPE, POLICY_TYPE)
                    .end()
                    .end()
                    .end();
        }));
        if (offer.wipe() || !offer.succeeded()) {
            return offer;
        }
        violations.check(!offer.policy().isEmpty(), "PV-01", "Provision", "no policy in the first answer");
        return acknowledge(offer);
    }

    private ProvisionResult acknowledge(ProvisionResult offer) {
        long temporary = offer.policyKey().orElseThrow();
        wire.policyKey(offer.policyKey());
        var last = exchange(Wire.document(out -> out.start(Provision.PROVISION)
                .start(Provision.POLICIES)
                .start(Provision.POLICY)
                .text(Provision.POLICY_TYPE, POLICY_TYPE)
                .text(Provision.POLICY_KEY, temporary)
                .text(Provision.STATUS, 1)
                .end()
                .end()
                .end()));
        if (last.succeeded()) {
            violations.check(
                    last.policyKey().orElseThrow() != temporary,
                    "PV-01",
                    "Provision",
                    "the final key is the temporary key");
            wire.policyKey(last.policyKey());
        } else {
            wire.policyKey(Optional.empty());
        }
        return new ProvisionResult(last.status(), last.policyStatus(), last.policyKey(), last.wipe(), offer.policy());
    }

    private ProvisionResult exchange(byte[] request) {
        var reply = wire.post(Wire.Post.of(CommandName.PROVISION, request));
        var reading = new Reading();
        Wire.read(CommandName.PROVISION, reply.body(), reading::answer);
        var result = reading.result();
        result.policyKey()
                .ifPresent(key -> violations.check(
                        key > 0 && key <= LARGEST_KEY, "PV-01", "Provision", "policy key %d".formatted(key)));
        return result;
    }

    /** An answer while it is read. */
    private static final class Reading {

        private int status;
        private int policyStatus;
        private Optional<Long> key = Optional.empty();
        private boolean wipe;
        private final Map<Tag, String> policy = new HashMap<>();

        ProvisionResult result() {
            return new ProvisionResult(status, policyStatus, key, wipe, policy);
        }

        void answer(WbxmlReader in) {
            in.root(Provision.PROVISION);
            while (in.child()) {
                switch (in.tag()) {
                    case Provision.STATUS -> status = (int) in.number(0, 10_000);
                    case Provision.REMOTE_WIPE, Provision.ACCOUNT_ONLY_REMOTE_WIPE -> {
                        wipe = true;
                        in.skip();
                    }
                    case Provision.POLICIES -> policies(in);
                    default -> in.skip();
                }
            }
        }

        private void policies(WbxmlReader in) {
            while (in.child()) {
                while (in.child()) {
                    switch (in.tag()) {
                        case Provision.STATUS -> policyStatus = (int) in.number(0, 10_000);
                        case Provision.POLICY_KEY -> key = Optional.of(in.number(0, Long.MAX_VALUE));
                        case Provision.DATA -> data(in);
                        default -> in.skip();
                    }
                }
            }
        }

        private void data(WbxmlReader in) {
            while (in.child()) {
                while (in.child()) {
                    switch (in.tag()) {
                        case Provision.UNAPPROVED_IN_ROM_APPLICATION_LIST, Provision.APPROVED_APPLICATION_LIST ->
                            in.skip();
                        default -> {
                            var tag = in.tag();
                            policy.put(tag, in.text());
                        }
                    }
                }
            }
        }
    }
}
