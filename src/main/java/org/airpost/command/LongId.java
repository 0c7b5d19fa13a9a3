package org.airpost.command;

import java.util.Optional;
import org.airpost.backend.UidSet;
import org.airpost.sync.ServerId;

/**
 * Names a mail that a search has found: the folder, the UID, and the UIDVALIDITY that it is good for. Phones keep it as it
 * is, for days. Source: MS-ASCMD "LongId (Search)": at most 256 characters.
 *
 * @param uidValidity 0 if it is not said: a phone has put a ServerId where a LongId belongs
 */
record LongId(String folderId, long uid, long uidValidity) {

    /** Reads one; empty if it is not one of ours in form. */
    static Optional<LongId> parse(String text) {
        if (text.matches("[0-9]{1,18}:[0-9]{1,10}:[0-9]{1,18}")) {
            var parts = text.split(":", -1);
            return Optional.of(new LongId(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2])))
                    .filter(id -> UidSet.isUid(id.uid));
        }
        return ServerId.parse(text).map(id -> new LongId(id.folderId(), id.number(), 0));
    }

    /** True if it names a message of a mailbox with this UIDVALIDITY. */
    boolean holds(long now) {
        return uidValidity == 0 || uidValidity == now;
    }

    @Override
    public String toString() {
        return folderId + ":" + uid + ":" + uidValidity;
    }
}
