package org.airpost.sync;

import java.time.Duration;
import java.util.function.Function;
import org.airpost.backend.Account;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;

/** Whether a device's next Sync of a folder would have something to tell: what a waiting phone is woken by. */
public final class News {

    /** Time for one look: what conversations there are is for the Sync to find out. */
    private static final Duration A_LOOK = Duration.ofSeconds(4);

    private final Ledgers ledgers;
    private final Views views;
    private final Function<String, MailLimits> limits;

    public News(Ledgers ledgers, Views views) {
        this(ledgers, views, _ -> MailLimits.NONE);
    }

    /**
     * The same where policies say how far back.
     *
     * @param limits of a user
     */
    public News(Ledgers ledgers, Views views, Function<String, MailLimits> limits) {
        this.ledgers = ledgers;
        this.views = views;
        this.limits = limits;
    }

    /**
     * Judges by the view as last seen. A folder that the device never synced has no news, since some phones ping such
     * folders and would loop. What the phone itself moved is no news to it, nor is what its version has no words for.
     */
    public boolean in(DeviceKey device, ProtocolVersion version, Account account, Folder folder) {
        var loaded = ledgers.load(device, folder.id());
        if (loaded.isEmpty()) {
            return false;
        }
        var record = loaded.get().record();
        var seen = views.seen(account, folder);
        if (seen.isEmpty() || record.uidValidity() != seen.get().uidValidity()) {
            return true;
        }
        var view = seen.get();
        var window = views.window(account, folder, view, record.options(), limits.apply(account.user()), A_LOOK);
        return !window.whole()
                || Difference.of(record.latest(), view, window.uids(), version).isNews(record.latest());
    }

    /**
     * Number of items that a Sync from this generation, with these options, would have to tell.
     *
     * @param left time that is left for the answer
     */
    public int estimate(LedgerRecord at, ProtocolVersion version, Account account, Folder folder, Duration left) {
        var view = views.known(account, folder);
        var window = views.window(account, folder, view, at.options(), limits.apply(account.user()), left);
        return Difference.of(at.latest(), view, window.uids(), version).size();
    }
}
