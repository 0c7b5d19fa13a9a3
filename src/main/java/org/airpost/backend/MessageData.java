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
 * @param readable false if the message is there and the server cannot read it: then the rest is what could be learned
 */
public record MessageData(
        long uid,
        Instant internalDate,
        long size,
        Set<String> flags,
        byte[] header,
        BodyStructure structure,
        boolean readable) {

    /** A message that the server can read. */
    public MessageData(
            long uid, Instant internalDate, long size, Set<String> flags, byte[] header, BodyStructure structure) {
        this(uid, internalDate, size, flags, header, structure, true);
    }

    public MessageData {
        flags = Set.copyOf(flags);
    }

    /** The same, of a message that the server cannot read. */
    public MessageData unreadable() {
        return new MessageData(uid, internalDate, size, flags, header, structure, false);
    }
}
