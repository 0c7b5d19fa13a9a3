package org.airpost.device;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether a device may come in, and who says so.
 *
 * @param by the administrator or the rule; empty if nobody has said anything
 * @param reason in words, for people
 * @param until when it ends, if it does: then the rules are asked again
 * @param standard what the default was when the device came first, if it has been judged yet; kept under all that is said
 *     later, so that a stricter default does not put out who is in
 * @param before what was said before a block for abuse or by the device's user, and holds again after it
 */
public record Admission(
        Device.Access access,
        Cause cause,
        String by,
        String reason,
        Instant since,
        Optional<Instant> until,
        Optional<Device.Access> standard,
        Optional<Admission> before) {

    /** Nobody has said anything: the rules are asked at the next request. */
    public static final Admission UNDECIDED = new Admission(
            Device.Access.ALLOWED,
            Cause.NOBODY,
            "",
            "",
            Instant.EPOCH,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private static final int LONGEST = 500;

    /** Who says so. */
    public enum Cause {
        NOBODY,
        /** An administrator, for this one device. It counts for more than any rule. */
        ADMIN,
        /** A gate rule. */
        RULE,
        /** No rule fits, and this was the default when it came first. */
        DEFAULT,
        /** Airpost, for a time, because it asked without end. */
        ABUSE,
        /** It was wiped, and stays out until an administrator admits it again. */
        WIPED
    }

    public Admission {
        reason = reason.substring(0, Math.min(reason.length(), LONGEST));
    }

    /** True if it holds at this moment without asking the rules. */
    boolean holds(Instant now) {
        return switch (cause) {
            case NOBODY, RULE, DEFAULT -> false;
            case ADMIN, ABUSE, WIPED -> until.isEmpty() || now.isBefore(until.get());
        };
    }

    /** Another word about the same device. */
    public Admission then(
            Device.Access other, Cause otherCause, String otherBy, String why, Instant now, Optional<Instant> end) {
        return new Admission(other, otherCause, otherBy, why, now, end, standard, Optional.empty());
    }

    /** Out for a while, because it asks without end. */
    public Admission abuse(Instant now, Instant end) {
        return new Admission(
                Device.Access.BLOCKED,
                Cause.ABUSE,
                "",
                "it asked too often for long",
                now,
                Optional.of(end),
                standard,
                cause == Cause.ABUSE ? before : Optional.of(this));
    }

    /** The same for a time only: what was said before holds again after it. */
    public Admission over(Admission earlier) {
        return new Admission(access, cause, by, reason, since, until, standard, Optional.of(earlier.first()));
    }

    private Admission first() {
        return before.map(Admission::first).orElse(this);
    }

    /** What is said at this moment: after a block for abuse, or by the user, what was said before it. */
    Admission at(Instant now) {
        boolean isOver = cause == Cause.ABUSE || (cause == Cause.ADMIN && before.isPresent());
        return isOver && !holds(now) ? before.orElse(UNDECIDED) : this;
    }

    Admission withStandard(Device.Access decided) {
        return new Admission(access, cause, by, reason, since, until, Optional.of(decided), before);
    }

    /** True if both say the same, whenever they came to say it. */
    boolean saysTheSameAs(Admission other) {
        return access == other.access
                && cause == other.cause
                && by.equals(other.by)
                && reason.equals(other.reason)
                && standard.equals(other.standard);
    }
}
