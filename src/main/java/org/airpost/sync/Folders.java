package org.airpost.sync;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Outcome;
import org.airpost.eas.FolderType;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder table of each user: stable ids for the server's mailboxes, under {@code folders/<user>} in the store. */
public final class Folders {

    private static final Logger LOG = LoggerFactory.getLogger(Folders.class);
    private static final int TRIES = 20;

    private final Store store;
    private final Views views;
    private final FolderIds ids;

    public Folders(Store store, Views views) {
        this.store = store;
        this.ids = new FolderIds(store);
        this.views = views;
    }

    /** The folder of this user with a CollectionId; empty if the user has none of that id. */
    public Optional<Folder> find(Account account, String collectionId) {
        return table(account).find(collectionId);
    }

    /** The folders as they were listed last, parents first; the server is asked only if they never were. */
    public List<Folder> known(Account account) {
        var known = table(account).folders();
        return known.isEmpty() ? list(account) : known;
    }

    /** The folder of this user that a mailbox is. */
    public Optional<Folder> ofMailbox(Account account, String mailbox) {
        return table(account).ofMailbox(mailbox);
    }

    /** The one folder of a special type, such as Sent Items; the server makes it if it is missing. */
    public Folder special(Account account, FolderType type) {
        return table(account).ofType(type).orElseGet(() -> {
            ensure(account, type, account.mail().mailboxes());
            return list(account).stream()
                    .filter(folder -> folder.type() == type)
                    .findFirst()
                    .orElseThrow(() -> new BackendUnavailableException(
                            "no mailbox serves as %s for %s".formatted(type, account.user()),
                            java.time.Duration.ofMinutes(5)));
        });
    }

    /** The view of a folder, fresh as of now; empty if the mailbox is gone. */
    public Optional<FolderView> view(Account account, Folder folder) {
        return views.refresh(account, folder);
    }

    /** True if the server, asked now, has the mailbox of a folder with this UIDVALIDITY: the UIDs known of it hold. */
    public boolean isAsItWas(Account account, Folder folder, long uidValidity) {
        return account.mail().refresh(folder.mailbox(), views.known(account, folder))
                        instanceof Refreshed.Current(var view)
                && view.uidValidity() == uidValidity;
    }

    /** What users did with messages that the mail server has no place for. */
    public Annotations notes() {
        return views.notes();
    }

    /** Asks the server for its mailboxes, makes those that every phone needs, and gives the folders, parents first. */
    public List<Folder> list(Account account) {
        var listed = account.mail().mailboxes();
        boolean made = false;
        for (var type : List.of(FolderType.DRAFTS, FolderType.DELETED_ITEMS, FolderType.SENT_ITEMS)) {
            made |= ensure(account, type, listed);
        }
        var table = reconcile(account, made ? account.mail().mailboxes() : listed);
        // A name that holds no mail cannot be asked for, so a second look tells whether it is gone.
        return (table.missesHolders() ? reconcile(account, account.mail().mailboxes()) : table).folders();
    }

    private FolderTable reconcile(Account account, List<Mailbox> mailboxes) {
        // Each new mailbox is compared with each folder that is missing, and looked at once.
        var seen = new HashMap<String, Refreshed>();
        for (int tries = 0; tries < TRIES; tries++) {
            var stored = store.get(key(account));
            var before = table(account, stored);
            var after = before.reconcile(
                    mailboxes,
                    folder -> isGone(account, folder),
                    (folder, mailbox) -> isSame(account, folder, mailbox, seen));
            if (after.nextId() > before.nextId()) {
                ids.reserve(account, after.nextId());
            }
            if (after.equals(before)
                    || store.put(
                                    key(account),
                                    after.toBytes(),
                                    stored.map(Store.Versioned::version).orElse(Store.ABSENT))
                            .isPresent()) {
                return after;
            }
        }
        throw new StoreException("folder table of %s is written by others all the time".formatted(account.user()));
    }

    /** Gives a mailbox that was renamed its new name, so that it and those below it keep their ids. */
    void renamed(Account account, Folder folder, String newName) {
        change(account, before -> before.renamed(folder, newName));
    }

    /** Ends a folder whose mailbox was deleted: some servers make some of them anew at once. */
    void deleted(Account account, Folder folder) {
        change(account, before -> before.without(folder.id()));
    }

    private void change(Account account, UnaryOperator<FolderTable> change) {
        for (int tries = 0; tries < TRIES; tries++) {
            var stored = store.get(key(account));
            if (stored.isEmpty()) {
                return;
            }
            var after = change.apply(table(account, stored));
            if (store.put(key(account), after.toBytes(), stored.get().version()).isPresent()) {
                return;
            }
        }
        throw new StoreException("folder table of %s is written by others all the time".formatted(account.user()));
    }

    /**
     * Finds a mailbox again that was to be renamed by a try of which nobody knows how it ended: if the old name is there no
     * more and the new one is, and nobody else's, the folder is that.
     */
    void foundRenamed(Account account, String id, String oldName, Optional<String> parent, String displayName) {
        var folder = find(account, id).filter(known -> known.mailbox().equals(oldName));
        if (folder.isEmpty()) {
            return;
        }
        var listed = account.mail().mailboxes();
        if (listed.stream().anyMatch(mailbox -> mailbox.name().equals(oldName))) {
            return;
        }
        listed.stream()
                .filter(mailbox -> mailbox.parent().equals(parent)
                        && mailbox.displayName().equals(displayName)
                        && ofMailbox(account, mailbox.name()).isEmpty())
                .findFirst()
                .ifPresent(mailbox -> renamed(account, folder.get(), mailbox.name()));
    }

    private FolderTable table(Account account) {
        return table(account, store.get(key(account)));
    }

    /** A table that cannot be read is as good as none, but for the ids that it gave: those are never given again. */
    private FolderTable table(Account account, Optional<Store.Versioned> stored) {
        if (stored.isEmpty()) {
            return FolderTable.EMPTY;
        }
        try {
            return FolderTable.ofBytes(stored.get().value());
        } catch (StoreException e) {
            LOG.warn(
                    "folder table not readable, all folders get new ids user={} reason={}",
                    account.user(),
                    e.getMessage());
            return new FolderTable(ids.first(account, stored.get().version()), List.of());
        }
    }

    /** True if a mailbox, or one below it, is one that no phone may delete or rename, wherever phones show it. */
    public static boolean holdsSpecial(List<Mailbox> listed, String mailbox) {
        var parents = new HashMap<String, String>();
        listed.forEach(one -> one.parent().ifPresent(parent -> parents.put(one.name(), parent)));
        return listed.stream()
                .filter(one -> one.role().filter(Folders::isSpecial).isPresent())
                .anyMatch(one -> isAtOrBelow(one.name(), mailbox, parents));
    }

    private static boolean isAtOrBelow(String name, String mailbox, Map<String, String> parents) {
        for (var at = Optional.of(name); at.isPresent(); at = at.map(parents::get)) {
            if (at.get().equals(mailbox)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSpecial(Mailbox.Role role) {
        return switch (role) {
            case INBOX, DRAFTS, SENT, TRASH -> true;
            case JUNK, ARCHIVE -> false;
        };
    }

    private static boolean ensure(Account account, FolderType type, List<Mailbox> listed) {
        var role = switch (type) {
            case DRAFTS -> Mailbox.Role.DRAFTS;
            case DELETED_ITEMS -> Mailbox.Role.TRASH;
            case SENT_ITEMS -> Mailbox.Role.SENT;
            default -> throw new IllegalArgumentException("no mailbox is made for " + type);
        };
        if (listed.stream().anyMatch(mailbox -> mailbox.role().equals(Optional.of(role)))) {
            return false;
        }
        var name = switch (role) {
            case DRAFTS -> "Drafts";
            case TRASH -> "Trash";
            default -> "Sent";
        };
        return account.mail().create("", name) instanceof Outcome.Done;
    }

    private boolean isGone(Account account, Folder folder) {
        return account.mail().isHidden(folder.mailbox())
                || account.mail().refresh(folder.mailbox(), views.known(account, folder)) instanceof Refreshed.Gone;
    }

    /** A mailbox of another name with the same UIDVALIDITY and the same messages is the folder renamed. */
    private boolean isSame(Account account, Folder folder, Mailbox mailbox, Map<String, Refreshed> seen) {
        var known = views.known(account, folder);
        return folder.selectable()
                && known.uidValidity() != 0
                && !known.present().isEmpty()
                && seen.computeIfAbsent(mailbox.name(), name -> account.mail().refresh(name, FolderView.UNKNOWN))
                        instanceof Refreshed.Current(var view)
                && view.uidValidity() == known.uidValidity()
                && view.present().equals(known.present());
    }

    private static String key(Account account) {
        return "folders/" + account.user();
    }
}
