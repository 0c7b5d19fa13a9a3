package org.airpost.command;

import java.util.Optional;
import org.airpost.device.Devices;
import org.airpost.device.PolicyState.Compliance;
import org.airpost.device.Provisioning;
import org.airpost.device.Provisioning.Acknowledged;
import org.airpost.device.Wipe;
import org.airpost.device.Wipes;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.PolicyStatus;
import org.airpost.eas.ProvisionStatus;
import org.airpost.eas.SettingsStatus;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Provision;
import org.airpost.wbxml.page.Settings;

/**
 * Gives a device its policy, and the key that stands for it; or tells it to wipe itself, if and only if that was asked for: an
 * empty RemoteWipe tag is a wipe (sync-rules PV-13). Source: MS-ASPROV "Provision Command" (3.2.5.1).
 */
public final class ProvisionCommand implements Command {

    /** The one policy type of 12.0 and later. Source: MS-ASPROV_R971. */
    private static final String POLICY_TYPE = "MS-EAS-Provisioning-WBXML";

    private final Devices devices;
    private final Provisioning provisioning;
    private final Wipes wipes;

    public ProvisionCommand(Devices devices, Provisioning provisioning, Wipes wipes) {
        this.devices = devices;
        this.provisioning = provisioning;
        this.wipes = wipes;
    }

    @Override
    public Answer run(Request request) {
        var asked = Asked.read(request.document());
        if (asked.information() instanceof Information.Set(var information)) {
            devices.update(request.device(), device -> device.withInformation(information));
        }
        var heard = asked.wiped()
                .map(report -> wipes.hear(request.device(), report.kind(), report.success()))
                .orElse(Wipes.Heard.NOT_ASKED);
        if (heard == Wipes.Heard.DONE) {
            return answer(asked, ProvisionStatus.SUCCESS, Optional.empty(), Optional.empty());
        }
        var wipe = wipes.tell(request.device());
        if (wipe.isPresent()) {
            // No policy beside it (PV-11), and after a failure Status 2. Source: MS-ASPROV_R665, R701, R66603.
            var status = heard == Wipes.Heard.FAILED ? ProvisionStatus.PROTOCOL_ERROR : ProvisionStatus.SUCCESS;
            return answer(asked, status, Optional.empty(), wipe);
        }
        if (wipes.isWiped(request.device())) {
            throw new StatusException(CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER, "the device is wiped");
        }
        var policy = asked.policy().map(wanted -> answer(request, wanted));
        return answer(asked, ProvisionStatus.SUCCESS, policy, Optional.empty());
    }

    private static Answer answer(
            Asked asked, ProvisionStatus status, Optional<PolicyAnswer> policy, Optional<Wipe.Kind> wipe) {
        return Answer.document(out -> {
            out.start(Provision.PROVISION);
            switch (asked.information()) {
                case Information.None() -> {}
                case Information.Set _ -> writeInformation(out, SettingsStatus.SUCCESS);
                case Information.NotSet() -> writeInformation(out, SettingsStatus.PROTOCOL_ERROR);
            }
            out.text(Provision.STATUS, status.code());
            policy.ifPresent(answer -> answer.write(out));
            wipe.ifPresent(kind -> out.empty(
                    switch (kind) {
                        case FULL -> Provision.REMOTE_WIPE;
                        case ACCOUNT_ONLY -> Provision.ACCOUNT_ONLY_REMOTE_WIPE;
                    }));
            out.end();
        });
    }

    private PolicyAnswer answer(Request request, WantedPolicy wanted) {
        if (!wanted.type().equals(POLICY_TYPE)) {
            return PolicyAnswer.failed(wanted.type(), PolicyStatus.UNKNOWN_POLICY_TYPE);
        }
        if (wanted.acknowledgment().isEmpty()) {
            var offer = provisioning.offer(request.device());
            return PolicyAnswer.done(offer.temporaryKey(), Optional.of(offer.policy()));
        }
        var acknowledgment = wanted.acknowledgment().get();
        return switch (provisioning.acknowledge(request.device(), acknowledgment.key(), acknowledgment.compliance())) {
            case Acknowledged.FinalKey(long key) -> PolicyAnswer.done(key, Optional.empty());
            case Acknowledged.WrongKey() -> PolicyAnswer.failed(POLICY_TYPE, PolicyStatus.WRONG_KEY);
            // The status of the whole says it, not that of the policy. Source: MS-ASPROV_R660.
            case Acknowledged.NotKept(var status) ->
                throw new StatusException(status, "device says " + acknowledgment.compliance());
        };
    }

    private static void writeInformation(WbxmlWriter out, SettingsStatus status) {
        out.start(Settings.DEVICE_INFORMATION)
                .text(Settings.STATUS, status.code())
                .end();
    }

    /** What is answered about a policy: with a key on success, with the document in the first phase. */
    private record PolicyAnswer(String type, Status status, Optional<Long> key, Optional<PolicyDocument> document) {

        static PolicyAnswer done(long key, Optional<PolicyDocument> document) {
            return new PolicyAnswer(POLICY_TYPE, PolicyStatus.SUCCESS, Optional.of(key), document);
        }

        static PolicyAnswer failed(String type, PolicyStatus status) {
            return new PolicyAnswer(type, status, Optional.empty(), Optional.empty());
        }

        /** The order is that of the schema (ProvisionResponse.xsd). */
        void write(WbxmlWriter out) {
            out.start(Provision.POLICIES).start(Provision.POLICY);
            out.text(Provision.POLICY_TYPE, type).text(Provision.STATUS, status.code());
            key.ifPresent(k -> out.text(Provision.POLICY_KEY, k));
            document.ifPresent(policy -> {
                out.start(Provision.DATA);
                policy.write(out);
                out.end();
            });
            out.end().end();
        }
    }

    /** What the device says about itself. */
    private sealed interface Information {

        record None() implements Information {}

        record Set(DeviceInformation information) implements Information {}

        /** DeviceInformation without Set, which it must have (MS-ASPROV_R607). */
        record NotSet() implements Information {}
    }

    /** That a policy is kept. */
    private record Acknowledgment(long key, Compliance compliance) {}

    /** What the device says of a wipe. */
    private record WipeReport(Wipe.Kind kind, boolean success) {}

    private record WantedPolicy(String type, Optional<Acknowledgment> acknowledgment) {}

    /** A request; an empty one asks whether there is anything to do (MS-ASPROV_R493). */
    private record Asked(Information information, Optional<WantedPolicy> policy, Optional<WipeReport> wiped) {

        static Asked read(WbxmlReader in) {
            in.root(Provision.PROVISION);
            Information information = new Information.None();
            Optional<WantedPolicy> policy = Optional.empty();
            Optional<WipeReport> wiped = Optional.empty();
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.DEVICE_INFORMATION -> information = readInformation(in);
                    case Provision.POLICIES -> policy = readPolicies(in);
                    case Provision.REMOTE_WIPE -> wiped = readReport(in, Wipe.Kind.FULL);
                    case Provision.ACCOUNT_ONLY_REMOTE_WIPE -> wiped = readReport(in, Wipe.Kind.ACCOUNT_ONLY);
                    default -> in.skip();
                }
            }
            return new Asked(information, policy, wiped);
        }

        /** Without a Status it says nothing. Source: MS-ASPROV_R324, R402, R403. */
        private static Optional<WipeReport> readReport(WbxmlReader in, Wipe.Kind kind) {
            Optional<WipeReport> report = Optional.empty();
            while (in.child()) {
                switch (in.tag()) {
                    case Provision.STATUS -> report = Optional.of(new WipeReport(kind, in.number(0, 255) == 1));
                    default -> in.skip();
                }
            }
            return report;
        }

        private static Information readInformation(WbxmlReader in) {
            Information information = new Information.NotSet();
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.SET -> information = new Information.Set(DeviceInformation.readSet(in));
                    default -> in.skip();
                }
            }
            return information;
        }

        private static Optional<WantedPolicy> readPolicies(WbxmlReader in) {
            Optional<WantedPolicy> policy = Optional.empty();
            while (in.child()) {
                switch (in.tag()) {
                    case Provision.POLICY -> policy = Optional.of(readPolicy(in));
                    default -> in.skip();
                }
            }
            return policy;
        }

        private static WantedPolicy readPolicy(WbxmlReader in) {
            Optional<String> type = Optional.empty();
            Optional<Long> key = Optional.empty();
            Optional<Compliance> compliance = Optional.empty();
            while (in.child()) {
                switch (in.tag()) {
                    case Provision.POLICY_TYPE -> type = Optional.of(in.text());
                    case Provision.POLICY_KEY -> key = Optional.of(in.number(0, 0xFFFF_FFFFL));
                    case Provision.STATUS -> compliance = Optional.of(Compliance.ofCode(in.number(1, 4)));
                    default -> in.skip();
                }
            }
            if (type.isEmpty()) {
                throw in.malformed("a policy without PolicyType");
            }
            // A key without a status confirms nothing: the device asks for the policy.
            var acknowledgment = key.isPresent() && compliance.isPresent()
                    ? Optional.of(new Acknowledgment(key.get(), compliance.get()))
                    : Optional.<Acknowledgment>empty();
            return new WantedPolicy(type.get(), acknowledgment);
        }
    }
}
