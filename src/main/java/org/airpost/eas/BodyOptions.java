package org.airpost.eas;

import java.util.List;
import java.util.Optional;

/**
 * What a phone asks about bodies: the sticky options of a collection, or those of one Fetch.
 *
 * @param preferences at most one for each type, in the phone's order; empty means the default
 * @param bodyPart the BodyPartPreference of 14.1 and later
 * @param mimeSupport 0 never, 1 for S/MIME, 2 always. Source: MS-ASCMD "MIMESupport"
 * @param mimeTruncation 0 to 8. Source: MS-ASCMD "MIMETruncation"
 */
public record BodyOptions(
        List<BodyPreference> preferences,
        Optional<BodyPreference> bodyPart,
        int mimeSupport,
        Optional<Integer> mimeTruncation) {

    /** No options at all: plain text, cut by the converter's default. */
    public static final BodyOptions DEFAULT = new BodyOptions(List.of(), Optional.empty(), 0, Optional.empty());

    public BodyOptions {
        preferences = List.copyOf(preferences);
    }
}
