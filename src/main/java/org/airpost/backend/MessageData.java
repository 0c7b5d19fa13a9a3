package org.airpost.backend;

import java.time.Instant;
import java.util.Set;

/**
 * What describes a message without its content.
 *
 * @param internalDate when the server received it
 * @param size bytes of the whole message
 * @param flags flags and keywords, as in {@link FolderView}
 * @param header the header block as stored, with the empty line; at most 256 KiB of it
 */
public record MessageData(
        long uid, Instant internalDate, long size, Set<String> flags, byte[] header, BodyStructure structure) {

    public MessageData {
        flags = Set.copyOf(flags);
    }
}
