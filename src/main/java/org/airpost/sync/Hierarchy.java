package org.airpost.sync;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Outcome;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.sync.HierarchyRecord.Made;
import org.airpost.sync.HierarchyRecord.Told;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each device was told of its user's folders, and the changes that it makes to them. One sequence of keys for
 * FolderSync, FolderCreate, FolderDelete and FolderUpdate. Source: MS-ASCMD "SyncKey (FolderSync)".
 */
public final class Hierarchy {

    private static final Logger LOG = LoggerFactory.getLogger(Hierarchy.class);

    private static final Duration TURN = Duration.ofSeconds(20);

    private final Store store;
    private final Folders folders;
    private final Ledgers ledgers;
    private final Turns turns = new Turns();

    public Hierarchy(Store store, Folders folders, Ledgers ledgers) {
        this.store = store;
        this.folders = folders;
        this.ledgers = ledgers;
    }

    /** The outcome of a command on the hierarchy. */
    public sealed interface Result {

        /** Done: the key to name, and what to tell the phone, all of it empty but for a FolderSync. */
        record Done(String syncKey, List<Folder> adds, List<Folder> updates, List<String> deletes, String id)
                implements Result {}

        /** The key is not a known one. */
        record BadKey() implements Result {}

        /** It cannot be done. */
        record Failed(Why why, String words) implements Result {}
    }

    /** Why a change cannot be made. */
    public enum Why {
        EXISTS,
        /** It is a folder that stays, or holds one: a special one, or one that phones are not shown. */
        SPECIAL,
        /** It, or the folder above, is the recipient information cache. */
        RECIPIENTS,
        NOT_FOUND,
        PARENT_NOT_FOUND,
        REFUSED
    }

    /** True if the device has been told of this folder. */
    public boolean isTold(DeviceKey device, String folderId) {
        return load(device)
                .map(stored -> stored.record().latest().containsKey(folderId))
                .orElse(false);
    }

    /** True if a FolderSync of the device would have something to tell, as far as the folder table knows. */
    public boolean hasNews(DeviceKey device, Account account) {
        return hasNews(device, folders::list, account);
    }

    /** The same of what is known already, since the server was asked for another device. */
    public boolean hasKnownNews(DeviceKey device, Account account) {
        return hasNews(device, folders::known, account);
    }

    private boolean hasNews(DeviceKey device, Function<Account, List<Folder>> source, Account account) {
        return load(device)
                .map(stored -> {
                    var told = stored.record();
                    boolean hasRecipients = told.latest().containsKey(Folder.RECIPIENTS.id());
                    return !told.changesFromLatest(shown(source.apply(account), hasRecipients))
                            .isEmpty();
                })
                .orElse(false);
    }

    /** The folders that a device was told of, by id, with their names. */
    public Map<String, String> told(DeviceKey device) {
        var names = new LinkedHashMap<String, String>();
        load(device)
                .ifPresent(stored -> stored.record().latest().forEach((id, told) -> names.put(id, told.displayName())));
        return names;
    }

    /** Has a device start over with its folders: it is told that its key is not known. */
    public void startOver(DeviceKey device) {
        turn(device, () -> {
            load(device)
                    .ifPresent(stored ->
                            save(device, Optional.of(stored), HierarchyRecord.start(Optional.of(stored.record()))));
            return new Result.BadKey();
        });
    }

    /** Forgets what a device was told of folders. */
    public void forget(DeviceKey device) {
        turn(device, () -> {
            load(device).ifPresent(stored -> store.delete(key(device), stored.version()));
            return new Result.BadKey();
        });
    }

    private static List<Folder> shown(List<Folder> listed, boolean recipients) {
        return recipients
                ? Stream.concat(listed.stream(), Stream.of(Folder.RECIPIENTS)).toList()
                : listed;
    }

    /** FolderSync: what changed since the key. */
    public Result sync(DeviceKey device, Account account, String syncKey) {
        return sync(device, account, syncKey, false);
    }

    /**
     * The same.
     *
     * @param recipients whether the device is to have the recipient information cache
     */
    public Result sync(DeviceKey device, Account account, String syncKey, boolean recipients) {
        return turn(device, () -> {
            var stored = load(device);
            var start = syncKey.equals("0")
                    ? Optional.of(HierarchyRecord.start(stored.map(Stored::record)))
                    : stored.flatMap(s -> s.record().at(syncKey));
            if (start.isEmpty()) {
                return new Result.BadKey();
            }
            var listed = shown(folders.list(account), recipients);
            var changes = start.get().changesTo(listed);
            if (changes.isEmpty() && !syncKey.equals("0")) {
                if (stored.isPresent()
                        && !stored.get().record().latest().equals(start.get().state())) {
                    // The last answer was lost, and what it told is so no more.
                    save(device, stored, start.get());
                }
                return new Result.Done(syncKey, List.of(), List.of(), List.of(), "");
            }
            var record = start.get().answering(HierarchyRecord.tell(listed), Optional.empty());
            save(device, stored, record);
            // A device that starts over hears of no deletes; what it has of folders that are gone is forgotten all the
            // same.
            var gone = new HashSet<>(changes.deletes());
            stored.ifPresent(before -> gone.addAll(before.record().latest().keySet()));
            gone.removeAll(record.latest().keySet());
            gone.forEach(id -> ledgers.forget(device, id));
            return new Result.Done(record.namedKey(), changes.adds(), changes.updates(), changes.deletes(), "");
        });
    }

    /** FolderCreate: makes a mailbox; a repeat whose answer was lost gets the id of the first time. */
    public Result create(DeviceKey device, Account account, String syncKey, String parentId, String displayName) {
        return change(device, syncKey, attempt -> {
            if (isRecipients(parentId)) {
                return failed(Why.RECIPIENTS, "parent " + parentId);
            }
            var start = attempt.start;
            var begun = start.made().filter(made -> made.isCreate(parentId, displayName));
            var before = begun.flatMap(made -> folders.find(account, made.id()));
            if (before.isPresent()) {
                return done(start, before.get(), parentId, displayName);
            }
            var parent = folders.find(account, parentId);
            if (parent.isEmpty() && !parentId.equals("0")) {
                return failed(Why.PARENT_NOT_FOUND, "parent " + parentId);
            }
            var above = parent.map(Folder::mailbox).orElse("");
            if (begun.isPresent()) {
                // The first try may have come that far, and nobody has heard of it.
                var there = folders.list(account).stream()
                        .filter(folder -> folder.parentId().equals(parentId)
                                && folder.displayName().equals(displayName)
                                && !start.state().containsKey(folder.id()))
                        .findFirst();
                if (there.isPresent()) {
                    return done(start, there.get(), parentId, displayName);
                }
            } else {
                attempt.note(new Made(parentId, displayName, "", ""));
            }
            return switch (account.mail().create(above, displayName)) {
                case Outcome.Refused<String>(var why, var words) -> attempt.refused(why, words);
                case Outcome.Done<String>(var mailbox) -> {
                    folders.list(account);
                    yield folders.ofMailbox(account, mailbox)
                            .map(folder -> made(start, folder, parentId, displayName))
                            .orElseThrow(() -> new BackendUnavailableException(
                                    "a mailbox just made for %s is not listed".formatted(account.user()),
                                    Duration.ofSeconds(10)));
                }
            };
        });
    }

    /** What was deleted behind the phone's back and made again has the id that it had: the phone has that folder already. */
    private static Change made(HierarchyRecord start, Folder folder, String parentId, String displayName) {
        return start.state().containsKey(folder.id())
                ? failed(Why.EXISTS, "folder " + folder.id())
                : done(start, folder, parentId, displayName);
    }

    /** The phone takes the folder for what it asked for; if the server made it otherwise, FolderSync tells it. */
    private static Change done(HierarchyRecord start, Folder folder, String parentId, String displayName) {
        var told = new LinkedHashMap<>(start.state());
        told.put(folder.id(), new Told(parentId, displayName, folder.type()));
        return new Change.Told(told, Optional.of(new Made(parentId, displayName, folder.id(), "")), folder.id());
    }

    /** FolderDelete: deletes a mailbox with all below it; a folder that is gone already is as good as deleted. */
    public Result delete(DeviceKey device, Account account, String syncKey, String id) {
        var result = change(device, syncKey, attempt -> {
            var start = attempt.start;
            if (isRecipients(id)) {
                return failed(Why.RECIPIENTS, "folder " + id);
            }
            var folder = fresh(account, id);
            if (folder.isEmpty() && !start.state().containsKey(id)) {
                return failed(Why.NOT_FOUND, "folder " + id);
            }
            // Those that phones show at the top may lie below it at the server, and nobody has asked for their end.
            if (folder.isPresent()
                    && (isSpecial(folder.get().type())
                            || Folders.holdsSpecial(
                                    account.mail().mailboxes(), folder.get().mailbox()))) {
                return failed(Why.SPECIAL, "folder " + id);
            }
            if (folder.isPresent()) {
                if (account.mail().delete(folder.get().mailbox()) instanceof Outcome.Refused<String> refused
                        && refused.why() != Outcome.Refusal.NOT_FOUND) {
                    return refused(refused.why(), refused.words());
                }
                folders.deleted(account, folder.get());
            }
            folders.list(account);
            var told = new LinkedHashMap<>(start.state());
            told.remove(id);
            return new Change.Told(told, Optional.empty(), id);
        });
        if (result instanceof Result.Done) {
            ledgers.forget(device, id);
        }
        return result;
    }

    /** The folder by its present name: the one known may be another mailbox's by now. */
    private Optional<Folder> fresh(Account account, String id) {
        return folders.list(account).stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /** FolderUpdate: renames or moves a mailbox. */
    public Result update(
            DeviceKey device, Account account, String syncKey, String id, String parentId, String displayName) {
        return change(device, syncKey, attempt -> {
            var start = attempt.start;
            if (isRecipients(id) || isRecipients(parentId)) {
                return failed(Why.RECIPIENTS, "folder %s, parent %s".formatted(id, parentId));
            }
            var begun = start.made().filter(made -> made.isUpdate(id, parentId, displayName));
            begun.ifPresent(made -> folders.foundRenamed(
                    account, id, made.mailbox(), folders.find(account, parentId).map(Folder::mailbox), displayName));
            var folder = fresh(account, id);
            if (folder.isEmpty()) {
                return failed(Why.NOT_FOUND, "folder " + id);
            }
            if (isSpecial(folder.get().type())) {
                return failed(Why.SPECIAL, "folder " + id);
            }
            var parent = folders.find(account, parentId);
            if (parent.isEmpty() && !parentId.equals("0")) {
                return failed(Why.PARENT_NOT_FOUND, "parent " + parentId);
            }
            var told = new LinkedHashMap<>(start.state());
            told.put(id, new Told(parentId, displayName, folder.get().type()));
            boolean isSo = folder.get().parentId().equals(parentId)
                    && folder.get().displayName().equals(displayName);
            if (isSo) {
                return new Change.Told(told, Optional.empty(), id);
            }
            // One of those that phones show at the top may lie below it, and would get another name with it.
            if (Folders.holdsSpecial(account.mail().mailboxes(), folder.get().mailbox())) {
                return failed(Why.SPECIAL, "folder " + id);
            }
            attempt.note(new Made(parentId, displayName, id, folder.get().mailbox()));
            return switch (account.mail()
                    .rename(folder.get().mailbox(), parent.map(Folder::mailbox).orElse(""), displayName)) {
                case Outcome.Refused<String>(var why, var words) -> attempt.refused(why, words);
                case Outcome.Done<String>(var name) -> {
                    folders.renamed(account, folder.get(), name);
                    folders.list(account);
                    yield new Change.Told(told, Optional.empty(), id);
                }
            };
        });
    }

    /** What a change of the hierarchy came to, before it is recorded. */
    private sealed interface Change permits Change.Told, Change.Not {

        record Told(Map<String, HierarchyRecord.Told> state, Optional<Made> made, String id) implements Change {}

        record Not(Result.Failed failed) implements Change {}
    }

    /** A change under way: what the phone has, and where the record stands in the store. */
    private final class Attempt {
        private final DeviceKey device;
        private final HierarchyRecord start;
        private long version;

        Attempt(DeviceKey device, HierarchyRecord start, long version) {
            this.device = device;
            this.start = start;
            this.version = version;
        }

        /** Has on the disk what is about to be done at the server. */
        void note(Made change) {
            save(start.making(Optional.of(change)));
        }

        /** The server said no, so there is nothing to be found again. */
        Change refused(Outcome.Refusal why, String words) {
            save(start.making(Optional.empty()));
            return Hierarchy.refused(why, words);
        }

        void save(HierarchyRecord record) {
            version = Hierarchy.this.save(device, version, record);
        }
    }

    private Result change(DeviceKey device, String syncKey, Function<Attempt, Change> work) {
        return turn(device, () -> {
            var stored = load(device);
            var start = stored.flatMap(s -> s.record().at(syncKey));
            if (stored.isEmpty() || start.isEmpty()) {
                return new Result.BadKey();
            }
            var attempt = new Attempt(device, start.get(), stored.get().version());
            return switch (work.apply(attempt)) {
                case Change.Not(var failed) -> failed;
                case Change.Told(var state, var made, var id) -> {
                    var record = start.get().answering(state, made);
                    attempt.save(record);
                    yield new Result.Done(record.namedKey(), List.of(), List.of(), List.of(), id);
                }
            };
        });
    }

    private static Change failed(Why why, String words) {
        return new Change.Not(new Result.Failed(why, words));
    }

    private static Change refused(Outcome.Refusal why, String words) {
        return failed(
                switch (why) {
                    case EXISTS -> Why.EXISTS;
                    case NOT_FOUND -> Why.NOT_FOUND;
                    case HOLDS_HIDDEN -> Why.SPECIAL;
                    case NO_PERMISSION, OVER_QUOTA, TOO_LARGE, OTHER -> Why.REFUSED;
                },
                words);
    }

    private static boolean isRecipients(String id) {
        return Folder.RECIPIENTS.id().equals(id);
    }

    private static boolean isSpecial(FolderType type) {
        return switch (type) {
            case GENERIC, USER_MAIL, USER_CALENDAR, USER_CONTACTS, USER_TASKS, USER_JOURNAL, USER_NOTES -> false;
            default -> true;
        };
    }

    private record Stored(HierarchyRecord record, long version) {}

    private Optional<Stored> load(DeviceKey device) {
        return store.get(key(device)).map(stored -> {
            try {
                return new Stored(HierarchyRecord.ofBytes(stored.value()), stored.version());
            } catch (StoreException e) {
                LOG.warn(
                        "hierarchy not readable, the device starts over key={} reason={}", key(device), e.getMessage());
                return new Stored(HierarchyRecord.unreadable(stored.version()), stored.version());
            }
        });
    }

    private void save(DeviceKey device, Optional<Stored> before, HierarchyRecord record) {
        save(device, before.map(Stored::version).orElse(Store.ABSENT), record);
    }

    private long save(DeviceKey device, long version, HierarchyRecord record) {
        return store.put(key(device), record.toBytes(), version)
                .orElseThrow(() ->
                        new StoreException("hierarchy of %s was written by another request".formatted(device.path())));
    }

    private Result turn(DeviceKey device, Supplier<Result> work) {
        return turns.within(TURN, device.path(), work)
                .orElseThrow(() -> new BackendUnavailableException(
                        "another FolderSync of %s is still at work".formatted(device.path()), Duration.ofSeconds(10)));
    }

    private static String key(DeviceKey device) {
        return "hierarchy/" + device.path();
    }
}
