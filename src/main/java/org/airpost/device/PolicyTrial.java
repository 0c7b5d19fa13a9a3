package org.airpost.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.airpost.device.ClientQuirks.Quirk;
import org.airpost.device.PolicyState.Compliance;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.PolicyElement;

/** Says of known devices what would become of them under another policy, by what they have said and what they are. */
public final class PolicyTrial {

    /** What phones that are known to apply little do apply. */
    private static final Set<PolicyElement> WIDELY_APPLIED = Set.of(
            PolicyElement.DEVICE_PASSWORD_ENABLED,
            PolicyElement.ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED,
            PolicyElement.MIN_DEVICE_PASSWORD_LENGTH,
            PolicyElement.MAX_INACTIVITY_TIME_DEVICE_LOCK,
            PolicyElement.MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS,
            PolicyElement.ALLOW_SIMPLE_DEVICE_PASSWORD,
            PolicyElement.DEVICE_PASSWORD_EXPIRATION,
            PolicyElement.DEVICE_PASSWORD_HISTORY,
            PolicyElement.MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS,
            PolicyElement.REQUIRE_DEVICE_ENCRYPTION,
            PolicyElement.ALLOW_CAMERA,
            PolicyElement.MAX_EMAIL_AGE_FILTER,
            PolicyElement.MAX_CALENDAR_AGE_FILTER,
            PolicyElement.MAX_EMAIL_BODY_TRUNCATION_SIZE,
            PolicyElement.MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE,
            PolicyElement.ATTACHMENTS_ENABLED,
            PolicyElement.MAX_ATTACHMENT_SIZE,
            PolicyElement.ALLOW_HTML_EMAIL,
            PolicyElement.REQUIRE_MANUAL_SYNC_WHEN_ROAMING,
            PolicyElement.PASSWORD_RECOVERY_ENABLED);

    private final ClientQuirks quirks;

    public PolicyTrial(ClientQuirks quirks) {
        this.quirks = quirks;
    }

    /** How it would end. */
    public enum End {
        /** It would notice nothing: it is sent the same as now. */
        SAME,
        /** It would be sent the policy, and nothing is known that speaks against it. */
        EXPECTED,
        /** It would come in, but probably not keep all. */
        PARTLY,
        /** It would probably be kept out. */
        FAILS
    }

    /** What would become of a device, and why. */
    public record Prognosis(DeviceKey device, String title, End end, String reason) {}

    /** What would become of a device whose user gets this policy. */
    public Prognosis of(Device device, Policies.Effective then) {
        return new Prognosis(device.key(), device.title(), end(device, then), reason(device, then));
    }

    private End end(Device device, Policies.Effective then) {
        var accepted = device.policy().accepted();
        if (accepted.filter(one -> one.hash().equals(then.hash()) && Provisioning.isEnough(one.compliance(), then))
                .isPresent()) {
            return End.SAME;
        }
        return less(device, then)
                .map(compliance -> Provisioning.isEnough(compliance, then) ? End.PARTLY : End.FAILS)
                .orElse(End.EXPECTED);
    }

    /** What it will say instead of "applied", if that is to be expected. */
    private Optional<Compliance> less(Device device, Policies.Effective then) {
        if (then.document().asksNothing()) {
            return Optional.empty();
        }
        if (has(Quirk.NEVER_PROVISIONS, device)) {
            return Optional.of(Compliance.NOT_AT_ALL);
        }
        if (has(Quirk.REFUSES_RESTRICTIONS, device) && !beyond(then.document()).isEmpty()) {
            return Optional.of(Compliance.NOT_AT_ALL);
        }
        if (has(Quirk.APPLIES_FEW_RESTRICTIONS, device)
                && !beyond(then.document()).isEmpty()) {
            return Optional.of(Compliance.PARTLY);
        }
        return device.policy().said().filter(said -> said != Compliance.APPLIED);
    }

    private String reason(Device device, Policies.Effective then) {
        var reasons = new ArrayList<String>();
        if (end(device, then) == End.SAME) {
            return "it keeps this already";
        }
        if (has(Quirk.NEVER_PROVISIONS, device) && !then.document().asksNothing()) {
            reasons.add("clients of this type never ask for a policy");
        }
        var beyond = beyond(then.document());
        if (!beyond.isEmpty() && has(Quirk.REFUSES_RESTRICTIONS, device)) {
            reasons.add("clients of this type refuse " + String.join(", ", beyond));
        } else if (!beyond.isEmpty() && has(Quirk.APPLIES_FEW_RESTRICTIONS, device)) {
            reasons.add("clients of this type do not apply " + String.join(", ", beyond));
        }
        device.policy()
                .said()
                .filter(said -> said != Compliance.APPLIED && !then.document().asksNothing())
                .ifPresent(said -> reasons.add("it said of its last policy: "
                        + said.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        if (device.policy().said().isEmpty()) {
            reasons.add("it has never finished provisioning");
        }
        if (reasons.isEmpty()) {
            reasons.add("it has kept what it was sent so far");
        }
        return String.join("; ", reasons);
    }

    /** What is asked beyond that which nearly every phone applies. */
    private static List<String> beyond(PolicyDocument document) {
        var beyond = new ArrayList<String>();
        document.values().keySet().stream()
                .filter(element -> !WIDELY_APPLIED.contains(element))
                .forEach(element -> beyond.add(element.elementName()));
        if (!document.approvedApplications().isEmpty()
                || !document.unapprovedInRomApplications().isEmpty()) {
            beyond.add("lists of applications");
        }
        return beyond;
    }

    private boolean has(Quirk quirk, Device device) {
        return quirks.has(quirk, device.deviceType(), device.userAgent());
    }
}
