package org.airpost.backend.imap;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.jspecify.annotations.Nullable;

/** The messages of a selected mailbox and their flags, kept true by what the server says. For one thread. */
final class Mirror {

    /** Different keywords that are kept for a mailbox; more are not shown by any phone. */
    private static final int MAX_FLAGS = 512;

    /** What phones show is kept however many others there are. */
    private static final Set<String> ALWAYS =
            Set.of(FolderView.SEEN, FolderView.FLAGGED, FolderView.ANSWERED, FolderView.DRAFT, FolderView.FORWARDED);

    private final UidSet.Builder present;
    private final Map<String, UidSet.Builder> flags = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private @Nullable FolderView last;
    private int size;
    private boolean listing;
    private boolean adding;

    private Mirror(UidSet present) {
        this.present = present.toBuilder();
        this.size = present.size();
    }

    /** With nothing in it; to be filled by a listing. */
    static Mirror empty() {
        return new Mirror(UidSet.EMPTY);
    }

    /** As a view has it. */
    static Mirror of(FolderView view) {
        var mirror = new Mirror(view.present());
        view.flags().forEach((flag, uids) -> mirror.flags.put(flag, uids.toBuilder()));
        mirror.last = view;
        return mirror;
    }

    int size() {
        return size;
    }

    long greatest() {
        return present.greatest();
    }

    long at(int place) {
        return present.at(place);
    }

    UidSet present() {
        return present.build();
    }

    /** While true, places say nothing, because not all messages are in yet. */
    boolean isListing() {
        return listing;
    }

    /** Messages that are told of from now on and not known are added. */
    void beginAdding(boolean fromNothing) {
        adding = true;
        listing = fromNothing;
    }

    void endAdding() {
        adding = false;
        listing = false;
    }

    /** Sets all flags of a message; one that is not there is left out, unless messages are being added. */
    void flags(long uid, Set<String> now) {
        boolean isNew = false;
        if (!present.contains(uid)) {
            if (!adding) {
                return;
            }
            present.add(uid);
            size++;
            isNew = true;
            last = null;
        }
        if (!isNew) {
            for (var entry : flags.entrySet()) {
                if (entry.getValue().contains(uid) && !has(now, entry.getKey())) {
                    entry.getValue().remove(uid);
                    last = null;
                }
            }
        }
        for (String flag : now) {
            var carriers = flags.get(flag);
            if (carriers == null) {
                if (flags.size() >= MAX_FLAGS) {
                    flags.values().removeIf(UidSet.Builder::isEmpty);
                }
                if (flags.size() >= MAX_FLAGS && !has(ALWAYS, flag)) {
                    continue;
                }
                carriers = UidSet.builder();
                flags.put(flag, carriers);
            }
            if (carriers.add(uid)) {
                last = null;
            }
        }
    }

    private static boolean has(Set<String> flags, String flag) {
        if (flags.contains(flag)) {
            return true;
        }
        for (String other : flags) {
            if (other.equalsIgnoreCase(flag)) {
                return true;
            }
        }
        return false;
    }

    /** Removes the message at a place; false if there is none. */
    boolean removeAt(int place) {
        if (listing || place >= size) {
            return false;
        }
        remove(UidSet.of(present.at(place)));
        return true;
    }

    void remove(UidSet uids) {
        if (uids.size() == 1) {
            long uid = uids.greatest();
            if (!present.remove(uid)) {
                return;
            }
            size--;
            flags.values().forEach(carriers -> carriers.remove(uid));
        } else {
            present.removeAll(uids);
            size = present.size();
            flags.values().forEach(carriers -> carriers.removeAll(uids));
        }
        last = null;
    }

    /** Keeps only these. */
    void retain(UidSet uids) {
        var gone = present.build().minus(uids);
        if (!gone.isEmpty()) {
            remove(gone);
        }
    }

    /** All of it as a view; the same object as long as nothing has changed. */
    FolderView view(long uidValidity, long uidNext, long highestModSeq) {
        var known = last;
        if (known != null
                && known.uidValidity() == uidValidity
                && known.uidNext() == uidNext
                && known.highestModSeq() == highestModSeq) {
            return known;
        }
        var sets = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
        flags.forEach((flag, uids) -> sets.put(flag, uids.build()));
        var view = new FolderView(uidValidity, uidNext, highestModSeq, present.build(), sets);
        last = view;
        return view;
    }
}
