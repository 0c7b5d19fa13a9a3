package org.airpost.eas;

import java.util.Optional;

/**
 * One body format that a phone takes. Source: MS-ASAIRS "BodyPreference".
 *
 * @param truncationSize bytes of UTF-8 that the phone wants at most, 0 to 4,294,967,295; empty for everything
 * @param allOrNone rather nothing of this type than a part of it
 * @param preview characters of Preview, 0 (none) to 255
 */
public record BodyPreference(BodyType type, Optional<Long> truncationSize, boolean allOrNone, int preview) {

    public BodyPreference {
        if (preview < 0
                || preview > 255
                || truncationSize.filter(size -> size < 0).isPresent()) {
            throw new IllegalArgumentException("preview %d, truncation size %s".formatted(preview, truncationSize));
        }
    }
}
