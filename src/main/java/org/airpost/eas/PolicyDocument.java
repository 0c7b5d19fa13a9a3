package org.airpost.eas;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Provision;

/**
 * A policy as phones read it. What nobody has set carries the value that asks for nothing, and what concerns a password is
 * left out while none is asked for: the Gmail app refuses contradictions (tine20#7108).
 *
 * @param values what was set, other than by default
 * @param unapprovedInRomApplications names of applications that must not run; not written while empty
 * @param approvedApplications SHA-1 hashes of the only applications that may run; not written while empty, since an empty
 *     list would forbid all of them (MS-ASPROV_R198)
 */
public record PolicyDocument(
        Map<PolicyElement, String> values,
        List<String> unapprovedInRomApplications,
        List<String> approvedApplications) {

    /** The policy that asks for nothing. */
    public static final PolicyDocument PERMISSIVE = new PolicyDocument(Map.of(), List.of(), List.of());

    public PolicyDocument {
        var kept = new EnumMap<PolicyElement, String>(PolicyElement.class);
        values.forEach((element, value) -> {
            element.check(value);
            if (!value.equals(element.asksNothing())) {
                kept.put(element, value);
            }
        });
        values = Collections.unmodifiableMap(kept);
        unapprovedInRomApplications = List.copyOf(unapprovedInRomApplications);
        approvedApplications = List.copyOf(approvedApplications);
    }

    /**
     * The policy of the three usual questions.
     *
     * @param requirePassword whether the device must have a PIN or password
     * @param minLength characters, 1 to 16; only with {@code requirePassword}
     * @param maxInactivityLock after which idle time the device locks itself, whole seconds, under 9,999
     */
    public static PolicyDocument of(
            boolean requirePassword, Optional<Integer> minLength, Optional<Duration> maxInactivityLock) {
        var values = new EnumMap<PolicyElement, String>(PolicyElement.class);
        values.put(PolicyElement.DEVICE_PASSWORD_ENABLED, requirePassword ? "1" : "0");
        minLength.ifPresent(length -> values.put(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, Integer.toString(length)));
        maxInactivityLock.ifPresent(
                idle -> values.put(PolicyElement.MAX_INACTIVITY_TIME_DEVICE_LOCK, Long.toString(idle.toSeconds())));
        return new PolicyDocument(values, List.of(), List.of());
    }

    /** The same policy with one more setting. */
    public PolicyDocument with(PolicyElement element, String value) {
        var more = new EnumMap<PolicyElement, String>(PolicyElement.class);
        more.putAll(values);
        more.put(element, value);
        return new PolicyDocument(more, unapprovedInRomApplications, approvedApplications);
    }

    /** What of it the server keeps by itself, whatever a phone says. */
    public MailLimits limits() {
        return new MailLimits(
                FilterType.ofCode(number(PolicyElement.MAX_EMAIL_AGE_FILTER).orElse(0))
                        .orElse(FilterType.ALL),
                number(PolicyElement.MAX_EMAIL_BODY_TRUNCATION_SIZE),
                number(PolicyElement.MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE),
                !values.containsKey(PolicyElement.ALLOW_HTML_EMAIL),
                !values.containsKey(PolicyElement.ATTACHMENTS_ENABLED),
                number(PolicyElement.MAX_ATTACHMENT_SIZE));
    }

    /** A number, if it was set other than by default. */
    private OptionalLong number(PolicyElement element) {
        var value = values.get(element);
        return value == null || value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value));
    }

    /** True if a device that applies nothing at all keeps this policy. */
    public boolean asksNothing() {
        return equals(PERMISSIVE);
    }

    /** Writes EASProvisionDoc. Source: MS-ASPROV "EASProvisionDoc". */
    public void write(WbxmlWriter out) {
        out.start(Provision.EAS_PROVISION_DOC);
        written().forEach((element, value) -> out.text(element.tag(), value));
        if (!unapprovedInRomApplications.isEmpty()) {
            out.start(Provision.UNAPPROVED_IN_ROM_APPLICATION_LIST);
            unapprovedInRomApplications.forEach(name -> out.text(Provision.APPLICATION_NAME, name));
            out.end();
        }
        if (!approvedApplications.isEmpty()) {
            out.start(Provision.APPROVED_APPLICATION_LIST);
            approvedApplications.forEach(hash -> out.text(Provision.HASH, hash));
            out.end();
        }
        out.end();
    }

    /** Changes exactly when what {@link #write} writes changes (sync-rules PV-10). */
    public String hash() {
        var text = new StringBuilder();
        written()
                .forEach((element, value) -> text.append(element.tag().tagName())
                        .append('=')
                        .append(value)
                        .append('\n'));
        unapprovedInRomApplications.forEach(
                name -> text.append("unapproved=").append(name).append('\n'));
        approvedApplications.forEach(
                hash -> text.append("approved=").append(hash).append('\n'));
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private Map<PolicyElement, String> written() {
        boolean password = values.containsKey(PolicyElement.DEVICE_PASSWORD_ENABLED);
        var written = new LinkedHashMap<PolicyElement, String>();
        for (var element : PolicyElement.values()) {
            if (password || !element.concernsPassword()) {
                written.put(element, values.getOrDefault(element, element.asksNothing()));
            }
        }
        return written;
    }
}
