package org.airpost.eas;

import java.time.Instant;
import java.util.Optional;

/**
 * What a mail server has no place for of what a user did with a message. Source: DESIGN §6.
 *
 * @param followUp what its flag is for
 * @param verb what was done last: 1 replied, 2 replied to all, 3 forwarded; 0 unknown. Source: MS-ASEMAIL "LastVerbExecuted"
 * @param verbTime when that was
 */
public record Annotation(Optional<FollowUp> followUp, int verb, Optional<Instant> verbTime) {

    public static final int REPLIED = 1;
    public static final int REPLIED_TO_ALL = 2;
    public static final int FORWARDED = 3;

    public static final Annotation NONE = new Annotation(Optional.empty(), 0, Optional.empty());

    public boolean isEmpty() {
        return followUp.isEmpty() && verb == 0;
    }

    /** The same with another purpose of the flag. */
    public Annotation with(Optional<FollowUp> other) {
        return new Annotation(other, verb, verbTime);
    }

    /** The same after something more was done. */
    public Annotation with(int newVerb, Instant when) {
        return new Annotation(followUp, newVerb, Optional.of(when));
    }
}
