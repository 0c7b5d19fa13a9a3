package org.airpost.sync;

import java.util.Optional;
import org.airpost.backend.UidSet;

/** Id of an item as phones see it: {@code <folder id>:<number>}; for mail the number is the UID. Never trusted when read. */
public record ServerId(String folderId, long number) {

    /** Reads an id; empty if it is not one of ours in form. */
    public static Optional<ServerId> parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 1 || text.length() > 64 || !text.matches("[0-9]{1,18}:[0-9]{1,18}")) {
            return Optional.empty();
        }
        long number = Long.parseLong(text.substring(colon + 1));
        return UidSet.isUid(number) ? Optional.of(new ServerId(text.substring(0, colon), number)) : Optional.empty();
    }

    @Override
    public String toString() {
        return folderId + ":" + number;
    }
}
