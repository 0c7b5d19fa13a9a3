package org.airpost.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.Account;
import org.airpost.backend.FolderView;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.command.CollectionAnswer.NewItem;
import org.airpost.command.CollectionAnswer.Response;
import org.airpost.command.SyncRequest.ClientCommand;
import org.airpost.convert.Categories;
import org.airpost.convert.MailConverter;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.FollowUp;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.SyncStatus;
import org.airpost.sync.Annotations;
import org.airpost.sync.CollectionOptions;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledger;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Moves;
import org.airpost.sync.ServerId;
import org.airpost.sync.Views;

/**
 * Does what the phone did to one folder, in the phone's order. After each step the ledger holds what the phone believes
 * and the view what the server did; where they differ, because the server refused, the difference goes back to the phone.
 * Everything here may be repeated without harm. Source: MS-ASCMD "Commands"; sync-rules CC.
 */
final class ClientCommands {

    /** Bytes of messages that are fetched at once; more of them are read when they are written. */
    private static final long READ_AT_ONCE = 8 << 20;

    private final Request request;
    private final Account account;
    private final DeviceKey device;
    private final ProtocolVersion version;
    private final Folder folder;
    private final CollectionOptions options;
    private final Folders folders;
    private final Views views;
    private final Ledgers ledgers;
    private final Moves moves;
    private final MailConverter converter;
    private final Drafts.InFolder drafts;
    private final List<Response> responses = new ArrayList<>();
    private FolderView view;
    private Ledger ledger;

    ClientCommands(
            Request request,
            Folder folder,
            FolderView view,
            Ledger ledger,
            CollectionOptions options,
            Folders folders,
            Views views,
            Ledgers ledgers,
            Moves moves,
            MailConverter converter,
            Drafts.InFolder drafts) {
        this.request = request;
        this.account = request.account();
        this.device = request.device();
        this.version = request.version();
        this.folder = folder;
        this.view = view;
        this.ledger = ledger;
        this.options = options;
        this.folders = folders;
        this.views = views;
        this.ledgers = ledgers;
        this.moves = moves;
        this.converter = converter;
        this.drafts = drafts;
    }

    /** Does all of them. Consecutive ones of the same kind go to the server together. */
    void run(List<ClientCommand> commands, boolean deletesAsMoves) {
        int at = 0;
        while (at < commands.size()) {
            int end = at + 1;
            while (end < commands.size() && sameKind(commands.get(at), commands.get(end))) {
                end++;
            }
            var run = commands.subList(at, end);
            switch (commands.get(at)) {
                case ClientCommand.Add add -> take(drafts.add(add, view, ledger));
                case ClientCommand.Change edit when drafts.takes(edit) -> take(drafts.change(edit, view, ledger));
                case ClientCommand.Change first -> change(first, run);
                case ClientCommand.Delete _ -> delete(run, deletesAsMoves);
                case ClientCommand.Fetch _ -> fetch(run);
            }
            at = end;
        }
    }

    Ledger ledger() {
        return ledger;
    }

    FolderView view() {
        return view;
    }

    List<Response> responses() {
        return responses;
    }

    private boolean sameKind(ClientCommand one, ClientCommand other) {
        if (one instanceof ClientCommand.Add) {
            return false;
        }
        if (one instanceof ClientCommand.Change a && other instanceof ClientCommand.Change b) {
            return a.flags().equals(b.flags()) && !drafts.takes(a) && !drafts.takes(b);
        }
        return one.getClass() == other.getClass();
    }

    /** What became of a draft. */
    private void take(Drafts.Result result) {
        view = result.view();
        ledger = result.ledger();
        result.response().ifPresent(responses::add);
    }

    private void change(ClientCommand.Change change, List<ClientCommand> run) {
        var ids = new ArrayList<Long>();
        for (var command : run) {
            if (command instanceof ClientCommand.Change one) {
                var there = uid(one.serverId()).filter(view.present()::contains);
                // What a draft says is changed in the folder of drafts alone (CC-21).
                boolean isMisplaced = one.flags().isEmpty() && !one.draft().isNothing();
                if (there.isEmpty() || isMisplaced) {
                    var status = there.isEmpty() ? SyncStatus.OBJECT_NOT_FOUND : SyncStatus.CONVERSION_ERROR;
                    responses.add(Response.Changed.failed(one.serverId(), status));
                } else {
                    ids.add(there.get());
                }
            }
        }
        var uids = UidSet.of(ids);
        if (uids.isEmpty()) {
            return;
        }
        var add = new HashSet<>(change.flags().add());
        var remove = new HashSet<>(change.flags().remove());
        change.flags().keywords().ifPresent(keywords -> {
            add.addAll(keywords);
            remove.addAll(shownKeywords(uids));
            remove.removeAll(keywords);
        });
        if (add.isEmpty() && remove.isEmpty()) {
            return;
        }
        var followUp = change.flags().followUp();
        if (followUp.flatMap(one -> one).filter(one -> !one.isValid()).isPresent()) {
            believe(uids, add, remove); // so that the phone is told how it is
            refused(uids, SyncStatus.CONVERSION_ERROR);
            return;
        }
        var outcome = account.mail().store(folder.mailbox(), view.uidValidity(), uids, add, remove);
        switch (outcome) {
            case Outcome.Done<UidSet>(var done) -> {
                var noted = followUp.map(purpose -> note(done, purpose)).orElse(Map.of());
                view = views.flagged(account, folder, done, add, remove);
                believe(uids, add, remove);
                noted.forEach(this::believeNote);
                refused(uids.minus(done), SyncStatus.OBJECT_NOT_FOUND);
            }
            case Outcome.Refused<UidSet> _ -> {
                believe(uids, add, remove);
                refused(uids, SyncStatus.CONVERSION_ERROR);
            }
        }
    }

    private void believe(UidSet uids, Set<String> add, Set<String> remove) {
        uids.forEach(uid -> ledger = ledger.withFlags(uid, add, remove));
    }

    /** Keeps what the flag is for, which the mail server has no place for. */
    private Map<Long, Set<String>> note(UidSet uids, Optional<FollowUp> followUp) {
        return views.notes()
                .change(account.user(), folder, view.uidValidity(), uids, annotation -> annotation.with(followUp));
    }

    private void believeNote(long uid, Set<String> now) {
        var not = new HashSet<>(Annotations.allFlags());
        not.removeAll(now);
        ledger = ledger.withFlags(uid, now, not);
    }

    private void refused(UidSet uids, SyncStatus status) {
        uids.forEach(uid -> responses.add(Response.Changed.failed(id(uid), status)));
    }

    /** The keywords that stand for categories on any of these messages: on the server, and on the phone. */
    private Set<String> shownKeywords(UidSet uids) {
        var keywords = new HashSet<String>();
        for (var flags : List.of(view.flags(), ledger.flags())) {
            flags.forEach((flag, carriers) -> {
                if (Categories.ofKeyword(flag).isPresent()
                        && !carriers.and(uids).isEmpty()) {
                    keywords.add(flag);
                }
            });
        }
        return keywords;
    }

    /** A message that is gone already is deleted as the phone wishes (CC-05). */
    private void delete(List<ClientCommand> run, boolean deletesAsMoves) {
        var ids = new ArrayList<Long>();
        for (var command : run) {
            if (command instanceof ClientCommand.Delete one) {
                var number = number(one.serverId());
                number.flatMap(ledger::uidOf)
                        .ifPresentOrElse(
                                ids::add,
                                () -> responses.add(new Response.Deleted(one.serverId(), SyncStatus.OBJECT_NOT_FOUND)));
                number.flatMap(this::lost).ifPresent(ids::add);
            }
        }
        var uids = UidSet.of(ids);
        var there = uids.and(view.present());
        var before = ledger;
        ledger = ledger.without(uids);
        if (there.isEmpty()) {
            return;
        }
        boolean toTrash = deletesAsMoves && folder.type() != FolderType.DELETED_ITEMS;
        var outcome =
                toTrash ? moveToTrash(there) : account.mail().expunge(folder.mailbox(), view.uidValidity(), there);
        switch (outcome) {
            case Outcome.Done<UidSet>(var done) -> view = views.removed(account, folder, done);
            case Outcome.Refused<UidSet> _ -> {
                // The phone may have it no more, or have it still; and what the server refused it may have done.
                ledger = ledger.owing(before, there);
                there.forEach(uid -> responses.add(new Response.Deleted(id(uid), SyncStatus.SERVER_ERROR)));
            }
        }
    }

    private Outcome<UidSet> moveToTrash(UidSet uids) {
        var trash = folders.special(account, FolderType.DELETED_ITEMS);
        return moves.move(account, device, folder, view.uidValidity(), uids, trash)
                .map(moved -> {
                    ledgers.quiet(device, trash.id(), UidSet.of(moved.values()));
                    return UidSet.of(moved.keySet());
                });
    }

    private void fetch(List<ClientCommand> run) {
        var uids = new ArrayList<Long>();
        for (var command : run) {
            if (command instanceof ClientCommand.Fetch one) {
                uid(one.serverId()).filter(view.present()::contains).ifPresent(uids::add);
            }
        }
        var place = new MailConverter.Place(
                        account.user(), account.mail(), folder.mailbox(), view.uidValidity(), folder.id())
                .with(views.notes().of(account.user(), folder.id(), view.uidValidity())::apply);
        var items = new HashMap<Long, MailConverter.Item>();
        long bytes = 0;
        for (int from = 0; from < uids.size(); from += ItemBelt.BATCH) {
            var batch = uids.subList(from, Math.min(uids.size(), from + ItemBelt.BATCH));
            var found = (bytes < READ_AT_ONCE ? converter : converter.readingLate())
                    .items(place, batch, options.body(), version);
            bytes += found.stream()
                    .mapToLong(MailConverter.Item::approximateBytes)
                    .sum();
            found.stream().filter(item -> request.admits(item.received())).forEach(item -> items.put(item.uid(), item));
        }
        for (var command : run) {
            if (command instanceof ClientCommand.Fetch one) {
                var item = uid(one.serverId()).flatMap(uid -> Optional.ofNullable(items.get(uid)));
                var status = item.isPresent() ? SyncStatus.SUCCESS : SyncStatus.OBJECT_NOT_FOUND;
                responses.add(new Response.Fetched(
                        one.serverId(),
                        status,
                        item.map(it -> new NewItem(one.serverId(), it, Drafts.flags(folder, view, it.uid())))));
            }
        }
    }

    /** The message that the phone means: where an answer was lost, the draft that has come of its edit since. */
    private Optional<Long> uid(String serverId) {
        return number(serverId).flatMap(number -> {
            var known = ledger.uidOf(number);
            return known.filter(view.present()::contains)
                    .or(() -> lost(number).filter(view.present()::contains))
                    .or(() -> known);
        });
    }

    private Optional<Long> lost(long number) {
        return Drafts.isOffered(version, folder) ? drafts.lost(number, view, ledger) : Optional.empty();
    }

    private Optional<Long> number(String serverId) {
        return ServerId.parse(serverId)
                .filter(id -> id.folderId().equals(folder.id()))
                .map(ServerId::number);
    }

    private String id(long uid) {
        return new ServerId(folder.id(), ledger.numberOf(uid)).toString();
    }
}
