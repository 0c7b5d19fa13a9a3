package org.airpost.sync;

import java.util.Set;
import java.util.TreeSet;
import org.airpost.backend.FolderView;
import org.airpost.backend.Keywords;
import org.airpost.backend.UidSet;

/**
 * What a device is still to be told: the difference of its ledger and the view, under a filter window.
 *
 * @param deletes in the ledger, and not in the folder any more
 * @param softDeletes in both, and outside of the window
 * @param changes in both and inside, with flags that differ
 * @param adds in the folder and inside, and not in the ledger
 */
public record Difference(UidSet deletes, UidSet softDeletes, UidSet changes, UidSet adds) {

    /** The difference under a window, which is a set of UIDs that may hold more than the view has. */
    public static Difference of(Ledger ledger, FolderView view, UidSet window) {
        var visible = view.present().and(window);
        var deletes = ledger.present().minus(view.present());
        var softDeletes = ledger.present().and(view.present()).minus(window);
        var known = ledger.present().and(visible);
        var adds = visible.minus(ledger.present());
        var changes = UidSet.EMPTY;
        for (var flag : flagsOfBoth(ledger, view)) {
            changes = changes.or(ledger.with(flag).xor(view.with(flag)).and(known));
        }
        return new Difference(deletes, softDeletes, changes, adds);
    }

    private static Set<String> flagsOfBoth(Ledger ledger, FolderView view) {
        var flags = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
        flags.addAll(ledger.flags().keySet());
        view.flags().keySet().stream().filter(Keywords::isShown).forEach(flags::add);
        return flags;
    }

    public boolean isEmpty() {
        return size() == 0;
    }

    /** Number of items to tell. */
    public int size() {
        return deletes.size() + softDeletes.size() + changes.size() + adds.size();
    }

    /** What is left when some messages are left out: those that concern nothing that the phone does not know already. */
    public Difference without(UidSet quiet) {
        return new Difference(deletes.minus(quiet), softDeletes.minus(quiet), changes.minus(quiet), adds.minus(quiet));
    }
}
