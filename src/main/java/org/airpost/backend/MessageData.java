package org.airpost.backend;

import java.time.Instant;
import java.util.Set;

/**
 * What describes a message.
 *
 * @param internalDate when the server received it
 * @param size bytes of the whole message
 * @param flags flags and keywords, as in {@link FolderView}
 * @param header the header block as stored, with the empty line; at most 256 KiB of it
 * @param start the first bytes behind the header, as many as were asked for or as there are; none where nothing was asked
 * @param readable false if the message is there and the server cannot read it: then the rest is what could be learned
 */
public record MessageData(
        long uid,
        Instant internalDate,
        long size,
        Set<String> flags,
        byte[] header,
        BodyStructure structure,
        byte[] start,
        boolean readable) {

    private static final byte[] NOTHING = {};

    /** A message that the server can read, and none of its content. */
    public MessageData(
            long uid, Instant internalDate, long size, Set<String> flags, byte[] header, BodyStructure structure) {
        this(uid, internalDate, size, flags, header, structure, NOTHING, true);
    }

    public MessageData {
        flags = Set.copyOf(flags);
    }

    /** The same, of a message that the server cannot read. */
    public MessageData unreadable() {
        return new MessageData(uid, internalDate, size, flags, header, structure, NOTHING, false);
    }

    /** The same with the first bytes behind the header. */
    public MessageData startingWith(byte[] bytes) {
        return new MessageData(uid, internalDate, size, flags, header, structure, bytes, readable);
    }

    /** The same with none of its content. */
    public MessageData withoutStart() {
        return start.length == 0 ? this : startingWith(NOTHING);
    }
}
