package org.airpost.sync;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.airpost.backend.FolderView;
import org.airpost.backend.Keywords;
import org.airpost.backend.UidSet;
import org.airpost.eas.ProtocolVersion;

/**
 * What a device is still to be told: the difference of its ledger and the view, under a filter window.
 *
 * @param deletes in the ledger, and not in the folder any more, or to be sent anew
 * @param softDeletes in both, and outside of the window
 * @param changes in both and inside, with flags that differ
 * @param adds in the folder and inside, and not in the ledger, or owed
 * @param reflagged the changes, and those of the adds that the phone has brought with other flags
 */
public record Difference(UidSet deletes, UidSet softDeletes, UidSet changes, UidSet adds, UidSet reflagged) {

    /**
     * The difference under a window, which is a set of UIDs that may hold more than the view has. Messages that the phone
     * itself has brought are told as new ones.
     */
    public static Difference of(Ledger ledger, FolderView view, UidSet window, ProtocolVersion version) {
        var visible = view.present().and(window);
        var again = ledger.again().and(ledger.present());
        var deletes = ledger.present().minus(view.present()).or(again);
        var softDeletes = ledger.present().and(view.present()).minus(window).minus(again);
        var known = ledger.present().and(visible).minus(again);
        var adds = visible.minus(ledger.present()).or(ledger.owed().and(visible).minus(again));
        var changes = UidSet.EMPTY;
        for (var flag : flagsOfBoth(ledger, view)) {
            if (isSeen(flag, version)) {
                changes = changes.or(visible(ledger.flags(), flag)
                        .xor(visible(view.flags(), flag))
                        .and(known));
            }
        }
        return new Difference(deletes, softDeletes, changes.minus(ledger.owed()), adds, changes);
    }

    /** Those on which a phone sees the flag: one last verb is shown, and a reply counts for more than a forward. */
    private static UidSet visible(Map<String, UidSet> flags, String flag) {
        var carriers = flags.getOrDefault(flag, UidSet.EMPTY);
        return flag.equalsIgnoreCase(FolderView.FORWARDED)
                ? carriers.minus(flags.getOrDefault(FolderView.ANSWERED, UidSet.EMPTY))
                : carriers;
    }

    private static Set<String> flagsOfBoth(Ledger ledger, FolderView view) {
        var flags = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
        flags.addAll(ledger.flags().keySet());
        flags.addAll(view.flags().keySet());
        return flags;
    }

    /** True if a phone of this version sees the flag: before 14.0 there are no categories and no replied (SV-11). */
    private static boolean isSeen(String flag, ProtocolVersion version) {
        if (Annotations.isNote(flag)) {
            return !Annotations.isVerb(flag) || version.atLeast(ProtocolVersion.V14_0);
        }
        return version.atLeast(ProtocolVersion.V14_0)
                ? Keywords.isShown(flag)
                : flag.equalsIgnoreCase(FolderView.SEEN) || flag.equalsIgnoreCase(FolderView.FLAGGED);
    }

    public boolean isEmpty() {
        return size() == 0;
    }

    /** Number of items to tell. */
    public int size() {
        return deletes.size() + softDeletes.size() + changes.size() + adds.size();
    }

    /**
     * True if there is more to tell than what became of messages that the phone itself has moved in or out: others than
     * those, or some of those that somebody else has changed or removed since.
     */
    public boolean isNews(Ledger ledger) {
        return !softDeletes
                .or(adds)
                .minus(ledger.owed())
                .or(deletes)
                .minus(ledger.quiet())
                .or(reflagged)
                .isEmpty();
    }
}
