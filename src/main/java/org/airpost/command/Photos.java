package org.airpost.command;

import java.util.Optional;
import org.airpost.backend.Person;
import org.airpost.eas.CommonStatus;

/**
 * Gives photos of people one after the other, within the bounds of a request. Source: MS-ASCMD "MaxPictures", "MaxSize",
 * R5349 for the largest one.
 */
final class Photos {

    private static final long LARGEST = Person.Photo.LARGEST_BYTES;

    private final long maxSizeBytes;
    private final long maxPictures;
    private long given;

    /** With bounds, of which those that are empty are as large as can be. */
    Photos(Optional<Long> maxSizeBytes, Optional<Long> maxPictures) {
        this.maxSizeBytes = Math.min(LARGEST, maxSizeBytes.orElse(LARGEST));
        this.maxPictures = maxPictures.orElse(Long.MAX_VALUE);
    }

    /** A photo, or why there is none. */
    record Given(CommonStatus status, Optional<byte[]> photo) {

        private Given(CommonStatus why) {
            this(why, Optional.empty());
        }
    }

    /** What a person gets for whom there is no place for a photo, whether they have one or not. */
    static Given none() {
        return new Given(CommonStatus.PICTURE_LIMIT_REACHED);
    }

    /** That of the next person. Only photos that are given count against the limit. */
    Given next(Person person) {
        if (person.photo().isEmpty()) {
            return new Given(CommonStatus.NO_PICTURE);
        }
        var photo = person.photo().get().bytes();
        if (person.photo().get().isTooLarge() || photo.length > maxSizeBytes) {
            return new Given(CommonStatus.PICTURE_TOO_LARGE);
        }
        if (given >= maxPictures) {
            return new Given(CommonStatus.PICTURE_LIMIT_REACHED);
        }
        given++;
        return new Given(CommonStatus.SUCCESS, Optional.of(photo));
    }
}
