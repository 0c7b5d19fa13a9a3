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

    /**
     * The same without the content of bodies: what is asked of previews and of the newest part stays. Source: MS-ASCMD_R2108,
     * MS-ASCON_R242.
     */
    public BodyOptions withoutBodies() {
        if (preferences.isEmpty() && bodyPart.isPresent()) {
            return this; // no body is asked for (MS-ASCON_R247)
        }
        int preview =
                preferences.stream().mapToInt(BodyPreference::preview).max().orElse(0);
        var shown = preferences.stream()
                .map(BodyPreference::type)
                .filter(type -> type == BodyType.PLAIN_TEXT || type == BodyType.HTML)
                .findFirst()
                .orElse(BodyType.PLAIN_TEXT);
        return new BodyOptions(
                List.of(new BodyPreference(shown, Optional.of(0L), false, preview)), bodyPart, 0, Optional.empty());
    }

    public BodyOptions {
        preferences = List.copyOf(preferences);
    }
}
