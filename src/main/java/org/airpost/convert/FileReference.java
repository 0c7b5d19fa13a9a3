package org.airpost.convert;

import java.util.Optional;
import org.airpost.backend.UidSet;

/**
 * Names an attachment: {@code <folder id>:<uid>:<section>}; a file within a winmail.dat ({@code 2t0}) or within a text ({@code
 * 1u0}) has its number behind the section. Valid as long as the message exists; never trusted when read.
 * Source: MS-ASAIRS "FileReference".
 */
public record FileReference(String folderId, long uid, String section) {

    /** Reads a reference; empty if it is not one of ours in form. */
    public static Optional<FileReference> parse(String text) {
        if (text.length() > 256 || !text.matches("[0-9]{1,18}:[0-9]{1,10}:[0-9.]{1,200}(?:[tu][0-9]{1,3})?")) {
            return Optional.empty();
        }
        var parts = text.split(":", 3);
        return Optional.of(new FileReference(parts[0], Long.parseLong(parts[1]), parts[2]))
                .filter(reference -> UidSet.isUid(reference.uid));
    }

    @Override
    public String toString() {
        return folderId + ":" + uid + ":" + section;
    }
}
