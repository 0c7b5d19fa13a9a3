package org.airpost.backend;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a mailbox holds now, as far as the server has said. Immutable.
 *
 * @param uidValidity UIDVALIDITY; 0 only in {@link #UNKNOWN}
 * @param uidNext UIDNEXT
 * @param highestModSeq HIGHESTMODSEQ (63 bits), 0 where the server has none
 * @param present the UIDs of all messages
 * @param flags for each flag or keyword that at least one message carries, the UIDs that carry it. Names as RFC 9051
 *     writes them ({@code \Seen}, {@code $Forwarded}, {@code Work}); {@code \Recent} and {@code \Deleted} are left out
 */
public record FolderView(
        long uidValidity, long uidNext, long highestModSeq, UidSet present, Map<String, UidSet> flags) {

    /** Nothing is known yet. */
    public static final FolderView UNKNOWN = new FolderView(0, 0, 0, UidSet.EMPTY, Map.of());

    public static final String SEEN = "\\Seen";
    public static final String FLAGGED = "\\Flagged";
    public static final String ANSWERED = "\\Answered";
    public static final String DRAFT = "\\Draft";
    public static final String FORWARDED = "$Forwarded";

    public FolderView {
        var kept = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
        flags.forEach((name, uids) -> {
            if (!uids.isEmpty()) {
                kept.put(name, uids);
            }
        });
        flags = Collections.unmodifiableSortedMap(kept);
    }

    /** The messages that carry a flag or keyword, in any case of letters. */
    public UidSet with(String flag) {
        return flags.getOrDefault(flag, UidSet.EMPTY);
    }

    /** All flags and keywords of one message. */
    public Set<String> flagsOf(long uid) {
        var found = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
        flags.forEach((flag, carriers) -> {
            if (carriers.contains(uid)) {
                found.add(flag);
            }
        });
        return found;
    }
}
