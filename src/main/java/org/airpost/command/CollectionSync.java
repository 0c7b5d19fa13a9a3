package org.airpost.command;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.airpost.command.CollectionAnswer.FlagChange;
import org.airpost.command.CollectionAnswer.NewItem;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.FolderType;
import org.airpost.eas.SyncStatus;
import org.airpost.store.StoreException;
import org.airpost.sync.CollectionOptions;
import org.airpost.sync.Difference;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledger;
import org.airpost.sync.LedgerRecord;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Moves;
import org.airpost.sync.ServerId;
import org.airpost.sync.Turns;
import org.airpost.sync.Views;

/**
 * Syncs one collection: finds the ledger that the key means, does the phone's commands, tells it what is left, and has the
 * new generation on the disk before the answer is given. Source: DESIGN §6; MS-ASCMD "Sync".
 */
final class CollectionSync {

    private final Folders folders;
    private final Views views;
    private final Ledgers ledgers;
    private final Moves moves;
    private final MailConverter converter;
    private final ReadAhead readAhead;
    private final Drafts drafts;
    private final InstantSource clock;
    private final Turns turns = new Turns();

    CollectionSync(
            Folders folders,
            Views views,
            Ledgers ledgers,
            Moves moves,
            MailConverter converter,
            ReadAhead readAhead,
            Drafts drafts,
            InstantSource clock) {
        this.folders = folders;
        this.views = views;
        this.ledgers = ledgers;
        this.moves = moves;
        this.converter = converter;
        this.readAhead = readAhead;
        this.drafts = drafts;
        this.clock = clock;
    }

    /** How much an answer may still take: items, bytes, time. Shared by the collections of a request. */
    static final class Budget {
        private int items;
        private long bytes;
        private final long most;
        private final Instant deadline;
        private boolean isBegun;
        private boolean saysMore;
        private boolean owesOne;

        Budget(int items, long bytes, Instant deadline) {
            this.items = items;
            this.bytes = bytes;
            this.most = bytes;
            this.deadline = deadline;
        }

        /** Whether nothing more is told; the first item of an answer always is, so that each one brings the phone further. */
        private boolean isSpent(Instant now) {
            return isFull() || (isBegun && !owesOne && isLate(now));
        }

        private boolean isFull() {
            return !owesOne && (items <= 0 || (isBegun && bytes <= 0));
        }

        private int room() {
            return owesOne ? Math.max(1, items) : items;
        }

        private boolean isLate(Instant now) {
            return !now.isBefore(deadline);
        }

        private void tell(int count) {
            items -= count;
            isBegun |= count > 0;
            owesOne &= count == 0;
        }
    }

    /**
     * The answer for a collection. A request that was held and is superseded by the time of its turn does nothing: the newer
     * one of the device may have written already (SK-15).
     */
    CollectionAnswer run(Request request, SyncRequest.Collection asked, Budget budget, BooleanSupplier isSuperseded) {
        var folder = folders.find(request.account(), asked.id());
        if (folder.isEmpty()) {
            return CollectionAnswer.failed(asked.id(), SyncStatus.FOLDER_HIERARCHY_CHANGED, asked.syncKey());
        }
        var wait = Duration.between(clock.instant(), budget.deadline);
        return turns.within(
                        wait,
                        request.device().path() + "/" + asked.id(),
                        () -> isSuperseded.getAsBoolean()
                                ? CollectionAnswer.silent(asked.id(), asked.syncKey())
                                : inTurn(request, folder.get(), asked, budget))
                .orElseGet(() -> CollectionAnswer.failed(asked.id(), SyncStatus.RETRY, asked.syncKey()));
    }

    private CollectionAnswer inTurn(Request request, Folder folder, SyncRequest.Collection asked, Budget budget) {
        var loaded = ledgers.load(request.device(), folder.id());
        // A name that only holds others may have been a folder of mail when the phone asked last.
        boolean neverHeldMail = !folder.holdsMail() && folder.type() != FolderType.GENERIC;
        if (neverHeldMail && asked.hasConversationMode(request.version())) {
            return CollectionAnswer.failed(folder.id(), SyncStatus.PROTOCOL_ERROR, asked.syncKey()); // R2117
        }
        if (!folder.selectable()) {
            return nothingInside(request, folder, loaded, asked, budget);
        }
        // A collection that was put off the last time brings an item now, or it might be put off for ever (SC-11).
        budget.owesOne = loaded.map(Ledgers.Loaded::record)
                .filter(record -> record.mayBePutOffAt(asked.syncKey()))
                .isPresent();
        if (budget.isSpent(clock.instant())
                && (budget.saysMore || budget.isLate(clock.instant()))
                && asked.commands().isEmpty()
                && asked.wantsChanges()
                && !asked.syncKey().equals("0")) {
            return later(request, folder, loaded, asked, budget);
        }
        var refreshed = folders.view(request.account(), folder);
        if (refreshed.isEmpty()) {
            return CollectionAnswer.failed(folder.id(), SyncStatus.FOLDER_HIERARCHY_CHANGED, asked.syncKey());
        }
        var view = refreshed.get();
        if (asked.syncKey().equals("0")) {
            return start(request, folder, view, loaded, asked);
        }
        var known = loaded.map(Ledgers.Loaded::record)
                .filter(record -> record.uidValidity() == view.uidValidity())
                .flatMap(record -> record.at(asked.syncKey()));
        if (known.isEmpty()) {
            return CollectionAnswer.failed(folder.id(), SyncStatus.INVALID_SYNC_KEY, "0");
        }
        var record = known.get().with(asked.over(known.get().options(), request.version()));
        return advance(request, folder, view, loaded, record, asked, budget);
    }

    /**
     * Its turn comes with the next request: the mail server is not asked for what cannot be told any more (CC-24). That there
     * will be one is sure if the answer says MoreAvailable anywhere, so where none does yet, this collection says it, with a
     * new key; only here and in one collection is it said without a look. Source: MS-ASCMD R4779, R4783; sync-rules SC-08,
     * SC-11.
     */
    private CollectionAnswer later(
            Request request,
            Folder folder,
            Optional<Ledgers.Loaded> loaded,
            SyncRequest.Collection asked,
            Budget budget) {
        var known = loaded.map(Ledgers.Loaded::record).flatMap(record -> record.at(asked.syncKey()));
        if (known.isEmpty()) {
            return CollectionAnswer.failed(folder.id(), SyncStatus.INVALID_SYNC_KEY, "0");
        }
        var record = known.get().with(asked.over(known.get().options(), request.version()));
        return budget.saysMore
                ? silent(request, folder, loaded, record)
                : putOff(request, folder, loaded, record, budget);
    }

    /** Nothing is told but that there is more. */
    private CollectionAnswer putOff(
            Request request, Folder folder, Optional<Ledgers.Loaded> loaded, LedgerRecord record, Budget budget) {
        var told = Told.later(record.state());
        return answer(request, folder, loaded, record.answering(told.ledger), told, List.of(), budget);
    }

    /** Nothing is told; but if the last answer was lost, what it told is not what the phone has. */
    private CollectionAnswer silent(
            Request request, Folder folder, Optional<Ledgers.Loaded> loaded, LedgerRecord record) {
        boolean isStored = loaded.map(Ledgers.Loaded::record)
                .filter(before -> before.latest().equals(record.state())
                        && before.options().equals(record.options()))
                .isPresent();
        if (!isStored) {
            save(request, folder, loaded, record);
        }
        return CollectionAnswer.silent(folder.id(), record.key());
    }

    /** SyncKey 0: an empty ledger, and nothing told until the next request (SK-01). */
    private CollectionAnswer start(
            Request request,
            Folder folder,
            FolderView view,
            Optional<Ledgers.Loaded> loaded,
            SyncRequest.Collection asked) {
        var record = LedgerRecord.start(
                view.uidValidity(), loaded, asked.over(CollectionOptions.DEFAULT, request.version()));
        save(request, folder, loaded, record);
        return CollectionAnswer.started(folder.id(), record.key());
    }

    private CollectionAnswer advance(
            Request request,
            Folder folder,
            FolderView refreshed,
            Optional<Ledgers.Loaded> loaded,
            LedgerRecord record,
            SyncRequest.Collection asked,
            Budget budget) {
        var own = drafts.in(request, folder, asked.syncKey(), record.options().conflictKeepsServer(), record.drafts());
        var commands = commands(request, folder, refreshed, record, own);
        commands.run(asked.commands(), asked.deletesAsMoves());
        var view = commands.view();
        var ledger = commands.ledger();
        var told = asked.wantsChanges()
                ? tell(request, folder, view, ledger, record.options(), asked.windowSize(), budget)
                : Told.nothing(ledger);
        if (asked.commands().isEmpty() && told.count() == 0) {
            told.next.begin.run();
            return told.more && !budget.saysMore
                    ? putOff(request, folder, loaded, record, budget)
                    : silent(request, folder, loaded, record);
        }
        try {
            var notes = Drafts.isOffered(request.version(), folder) ? own.notes(told.adds) : own.notes();
            return answer(
                    request,
                    folder,
                    loaded,
                    record.with(notes).answering(told.ledger.forgetting(view)),
                    told,
                    commands.responses(),
                    budget);
        } catch (RuntimeException e) {
            told.next.drop.run();
            throw e;
        }
    }

    private ClientCommands commands(
            Request request, Folder folder, FolderView view, LedgerRecord record, Drafts.InFolder own) {
        return new ClientCommands(
                request,
                folder,
                view,
                record.state(),
                record.options(),
                folders,
                views,
                ledgers,
                moves,
                converter.within(request.limits()),
                own);
    }

    /** The answer, after its record is on the disk. */
    private CollectionAnswer answer(
            Request request,
            Folder folder,
            Optional<Ledgers.Loaded> loaded,
            LedgerRecord record,
            Told told,
            List<CollectionAnswer.Response> responses,
            Budget budget) {
        save(request, folder, loaded, record);
        told.next.begin.run();
        budget.saysMore |= told.more;
        return new CollectionAnswer(
                folder.id(),
                SyncStatus.SUCCESS,
                record.namedKey(),
                false,
                told.more,
                told.deletes,
                told.softDeletes,
                told.changes,
                List.of(),
                told.adds,
                responses);
    }

    /** What is done ahead once the answer is on its way, and what if there is none: nobody comes for it then. */
    private record Next(Runnable begin, Runnable drop) {
        static final Next NOTHING = new Next(() -> {}, () -> {});
    }

    /** What is told in one answer, and the ledger after it. */
    private static final class Told {
        private Ledger ledger;
        private boolean more;
        private List<String> deletes = List.of();
        private List<String> softDeletes = List.of();
        private List<FlagChange> changes = List.of();
        private List<NewItem> adds = List.of();
        private Next next = Next.NOTHING;

        private Told(Ledger ledger) {
            this.ledger = ledger;
        }

        static Told nothing(Ledger ledger) {
            return new Told(ledger);
        }

        static Told later(Ledger ledger) {
            var told = new Told(ledger);
            told.more = true;
            return told;
        }

        int count() {
            return deletes.size() + softDeletes.size() + changes.size() + adds.size();
        }
    }

    /** Takes from the difference what fits: deletes first, then changes, then the newest messages. */
    private Told tell(
            Request request,
            Folder folder,
            FolderView view,
            Ledger ledger,
            CollectionOptions options,
            int windowSize,
            Budget budget) {
        var window = views.window(
                request.account(),
                folder,
                view,
                options,
                request.limits(),
                Duration.between(clock.instant(), budget.deadline));
        var difference = Difference.of(ledger, view, window.uids(), request.version());
        int room = Math.min(windowSize, budget.room());
        var deletes = UidSet.of(difference.deletes().newest(room));
        var softDeletes = UidSet.of(difference.softDeletes().newest(room - deletes.size()));
        var changes = UidSet.of(difference.changes().newest(room - deletes.size() - softDeletes.size()));
        var seen = Ledger.of(view);
        var told = Told.nothing(ledger);
        told.deletes = ids(folder, ledger, deletes);
        told.softDeletes = ids(folder, ledger, softDeletes);
        var notes = views.notes().of(request.account().user(), folder.id(), view.uidValidity());
        told.changes = changes.ascending().stream()
                .map(uid -> change(folder, uid, ledger, seen).with(notes.apply(uid)))
                .toList();
        budget.tell(deletes.size() + softDeletes.size() + changes.size());
        var adds = new Adds();
        adds.collect(
                request,
                folder,
                view,
                ledger,
                options.body(),
                difference.adds(),
                room - deletes.size() - softDeletes.size() - changes.size(),
                window.received(),
                budget);
        told.adds = adds.items;
        told.next = adds.next;
        told.ledger = ledger.without(deletes.or(softDeletes)).takingFrom(seen, changes.or(adds.uids()));
        boolean comesAgain = !deletes.and(ledger.again()).isEmpty();
        told.more = comesAgain || !window.whole() || difference.size() - told.count() - adds.missing > 0;
        return told;
    }

    /** New messages, converted batch by batch until the budget is spent. */
    private final class Adds {
        private final List<NewItem> items = new ArrayList<>();
        private int missing;
        private Next next = Next.NOTHING;

        void collect(
                Request request,
                Folder folder,
                FolderView view,
                Ledger ledger,
                BodyOptions bodies,
                UidSet all,
                int room,
                UidSet received,
                Budget budget) {
            // Those that come only for their conversation come last, and without bodies (SC-16).
            var asked = all.newest(room);
            var wanted =
                    new ArrayList<>(asked.stream().filter(received::contains).toList());
            int whole = wanted.size();
            asked.stream().filter(uid -> !received.contains(uid)).forEach(wanted::add);
            var key = new ReadAhead.Key(
                    request.device(),
                    request.account().mail(),
                    folder,
                    view.uidValidity(),
                    bodies,
                    request.version(),
                    request.limits());
            var ahead = readAhead.take(key);
            // What was made ahead is written with what users have said of it since.
            var notes = ahead.notes();
            notes.set(views.notes().of(request.account().user(), folder.id(), view.uidValidity())::apply);
            var place = new MailConverter.Place(
                            request.account().user(),
                            request.account().mail(),
                            folder.mailbox(),
                            view.uidValidity(),
                            folder.id())
                    .with(notes);
            Function<List<Long>, MailConverter.Fetched> fetch = uids -> converter
                    .within(request.limits())
                    .fetch(
                            place,
                            uids,
                            received.contains(uids.getFirst()) ? bodies : bodies.withoutBodies(),
                            request.version());
            try {
                collect(folder, view, ledger, wanted, whole, ahead, fetch, budget);
            } catch (RuntimeException e) {
                ahead.stop();
                throw e;
            }
            next = new Next(
                    () -> readAhead.begin(key, all.and(received).minus(uids()).newest(room), ahead, budget.most, fetch),
                    ahead::stop);
        }

        /** What is made already, and batch by batch the rest. */
        private void collect(
                Folder folder,
                FolderView view,
                Ledger ledger,
                List<Long> wanted,
                int whole,
                ReadAhead.Ahead ahead,
                Function<List<Long>, MailConverter.Fetched> fetch,
                Budget budget) {
            var belt = new ItemBelt(fetch);
            int at = 0;
            while (at < wanted.size() && !budget.isSpent(clock.instant())) {
                var left = Duration.between(clock.instant(), budget.deadline);
                if (at < whole && ahead.has(wanted.get(at), left)) {
                    take(folder, view, ledger, List.of(ahead.take(wanted.get(at))), 1, budget);
                    at++;
                    continue;
                }
                int begin = at;
                var batch = belt.next(
                        at,
                        from -> from > begin && from < whole && ahead.mayHave(wanted.get(from))
                                ? List.of()
                                : batch(wanted, from, whole, ahead, budget),
                        budget.bytes);
                int taken =
                        take(folder, view, ledger, batch.items(), batch.uids().size(), budget);
                if (at < whole) {
                    ahead.giveBack(batch.items().subList(taken, batch.items().size()), budget.most);
                }
                at += batch.uids().size();
            }
        }

        private UidSet uids() {
            return UidSet.of(items.stream().map(one -> one.item().uid()).toList());
        }

        /** Takes what came of so many messages, as far as there is room; how many items. */
        private int take(
                Folder folder,
                FolderView view,
                Ledger ledger,
                List<MailConverter.Item> converted,
                int asked,
                Budget budget) {
            missing += asked - converted.size();
            int taken = 0;
            for (var item : converted) {
                if (budget.isFull()) {
                    break;
                }
                taken++;
                items.add(new NewItem(
                        id(folder, ledger.numberOf(item.uid())), item, Drafts.flags(folder, view, item.uid())));
                budget.bytes -= item.approximateBytes();
                budget.tell(1);
            }
            return taken;
        }

        /** The next few: none of those without bodies together with others, and none that is made already. */
        private static List<Long> batch(List<Long> wanted, int from, int whole, ReadAhead.Ahead ahead, Budget budget) {
            int end = from < whole ? whole : wanted.size();
            int most = Math.min(from + (budget.bytes > 0 ? ItemBelt.BATCH : 1), end);
            int to = Math.min(from + 1, most);
            while (to < most && !ahead.mayHave(wanted.get(to))) {
                to++;
            }
            return wanted.subList(from, to);
        }
    }

    private static FlagChange change(Folder folder, long uid, Ledger ledger, Ledger seen) {
        var before = ledger.flagsOf(uid);
        var after = seen.flagsOf(uid);
        var changed = new HashSet<String>(before);
        changed.addAll(after);
        changed.removeIf(flag -> before.contains(flag) && after.contains(flag));
        return new FlagChange(id(folder, ledger.numberOf(uid)), after, changed);
    }

    private static List<String> ids(Folder folder, Ledger ledger, UidSet uids) {
        return uids.ascending().stream()
                .map(uid -> id(folder, ledger.numberOf(uid)))
                .toList();
    }

    private static String id(Folder folder, long number) {
        return new ServerId(folder.id(), number).toString();
    }

    private void save(Request request, Folder folder, Optional<Ledgers.Loaded> before, LedgerRecord record) {
        if (!ledgers.save(request.device(), folder.id(), before, record)) {
            throw new StoreException("ledger of folder %s of %s was written by another request"
                    .formatted(folder.id(), request.device().path()));
        }
    }

    /** A name that only holds other folders: it can be synced, and what a phone has of it from before is taken away. */
    private CollectionAnswer nothingInside(
            Request request,
            Folder folder,
            Optional<Ledgers.Loaded> loaded,
            SyncRequest.Collection asked,
            Budget budget) {
        if (asked.syncKey().equals("0")) {
            return start(request, folder, FolderView.UNKNOWN, loaded, asked);
        }
        var known = loaded.map(Ledgers.Loaded::record).flatMap(record -> record.at(asked.syncKey()));
        if (known.isEmpty()) {
            return CollectionAnswer.failed(folder.id(), SyncStatus.INVALID_SYNC_KEY, "0");
        }
        var record = known.get();
        var own = drafts.in(request, folder, asked.syncKey(), record.options().conflictKeepsServer(), record.drafts());
        var commands = commands(request, folder, FolderView.UNKNOWN, record, own);
        commands.run(asked.commands(), asked.deletesAsMoves());
        var ledger = commands.ledger();
        var left = asked.wantsChanges() ? ledger.present() : UidSet.EMPTY;
        if (left.isEmpty() && asked.commands().isEmpty()) {
            return CollectionAnswer.silent(folder.id(), asked.syncKey());
        }
        var gone = UidSet.of(left.newest(asked.windowSize()));
        var told = Told.nothing(ledger.without(gone));
        told.deletes = ids(folder, ledger, gone);
        told.more = gone.size() < left.size();
        budget.tell(told.count());
        return answer(request, folder, loaded, record.answering(told.ledger), told, commands.responses(), budget);
    }
}
