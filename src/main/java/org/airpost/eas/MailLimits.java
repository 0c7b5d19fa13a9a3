package org.airpost.eas;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * What a policy lets a phone have of mail, and so what it is given, whatever it asks for and whatever it says that it keeps.
 *
 * @param age how far back; {@link FilterType#ALL} for everything
 * @param textBytes bytes of UTF-8 of a body of text; 0 is none at all
 * @param htmlBytes the same of HTML
 * @param html false for text in its place
 * @param attachments false for none
 * @param attachmentBytes the largest attachment
 */
public record MailLimits(
        FilterType age,
        OptionalLong textBytes,
        OptionalLong htmlBytes,
        boolean html,
        boolean attachments,
        OptionalLong attachmentBytes) {

    /** Everything is allowed. */
    public static final MailLimits NONE = new MailLimits(
            FilterType.ALL, OptionalLong.empty(), OptionalLong.empty(), true, true, OptionalLong.empty());

    /** The server's days are those of its own time zone, and a filter goes by days. */
    private static final Duration DAY_AND_ZONES = Duration.ofDays(2);

    /** The stricter one of a phone's filter and this policy. */
    public FilterType narrower(FilterType asked) {
        if (age.reach().isEmpty()) {
            return asked;
        }
        return asked.reach()
                .filter(reach -> reach.compareTo(age.reach().get()) <= 0)
                .map(_ -> asked)
                .orElse(age);
    }

    /** True if a message of this date may be had; what a Sync within the age may tell always may. */
    public boolean admits(Instant received, Instant now) {
        return age.reach()
                .map(reach -> !received.isBefore(now.minus(reach).minus(DAY_AND_ZONES)))
                .orElse(true);
    }

    /** True if an attachment of about this many bytes may be had. */
    public boolean admitsAttachment(long bytes) {
        return attachments && (attachmentBytes.isEmpty() || bytes <= attachmentBytes.getAsLong());
    }

    /** True if nothing is said of bodies: they may be had as they are stored. */
    public boolean admitsWholeBodies() {
        return textBytes.isEmpty() && htmlBytes.isEmpty() && html;
    }

    /** True if nothing is said of bodies and attachments: a message may be had as it is stored. */
    public boolean admitsWholeMessages() {
        return admitsWholeBodies() && attachments && attachmentBytes.isEmpty();
    }
}
