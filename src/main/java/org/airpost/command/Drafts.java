package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MessageData;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.command.CollectionAnswer.NewAttachment;
import org.airpost.command.CollectionAnswer.NewDraft;
import org.airpost.command.CollectionAnswer.Response;
import org.airpost.command.MailChange.MailFlags;
import org.airpost.command.SyncRequest.ClientCommand.Add;
import org.airpost.command.SyncRequest.ClientCommand.Change;
import org.airpost.convert.Categories;
import org.airpost.convert.DraftEdit;
import org.airpost.convert.DraftMaker;
import org.airpost.convert.DraftMaker.Made;
import org.airpost.convert.DraftMaker.Purpose;
import org.airpost.convert.FileReference;
import org.airpost.convert.StoredDraft;
import org.airpost.eas.Annotation;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.eas.SyncStatus;
import org.airpost.sync.Annotations;
import org.airpost.sync.DraftNotes;
import org.airpost.sync.DraftNotes.Done;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledger;
import org.airpost.sync.ServerId;
import org.airpost.sync.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drafts that a phone makes, edits and sends by Sync, from 16.0 on. An edit appends the new message and then deletes the old
 * one; the ledger lets the phone keep the number that it knows the draft by. Each message carries the mark of the command
 * that it was made by, so that a command is found to be done even if nothing else tells it. Source: DESIGN §6; MS-ASEMAIL
 * "Send", "Sync Command Request"; sync-rules CC-16, CC-17, CC-20.
 */
final class Drafts {

    private static final Logger LOG = LoggerFactory.getLogger(Drafts.class);

    private static final Duration RETRY = Duration.ofSeconds(5);

    /** Messages that the phone does not know of, among which a repeated command looks for what it has done. */
    private static final int MOST_CANDIDATES = 256;

    private static final int LONGEST_CLIENT_ID = 200;

    /** In place of what the phone said of a draft, where it gets what somebody else has made of it. */
    private static final String ADOPTED = "adopted";

    private final Outbox outbox;
    private final DraftMaker maker;
    private final Folders folders;
    private final Views views;
    private final InstantSource clock;

    Drafts(Outbox outbox, DraftMaker maker, Folders folders, Views views, InstantSource clock) {
        this.outbox = outbox;
        this.maker = maker;
        this.folders = folders;
        this.views = views;
        this.clock = clock;
    }

    /** True if a phone may make drafts in a folder (CC-18, CC-21). */
    static boolean isOffered(ProtocolVersion version, Folder folder) {
        return version.atLeast(ProtocolVersion.V16_0) && folder.type() == FolderType.DRAFTS;
    }

    /** The flags of a message as they are shown: in the folder of drafts each one is a draft, whoever has put it there. */
    static Set<String> flags(Folder folder, FolderView view, long uid) {
        return flags(folder, view.flagsOf(uid));
    }

    /** The flags of a message of this folder that has these at the server. */
    static Set<String> flags(Folder folder, Set<String> flags) {
        if (folder.type() != FolderType.DRAFTS) {
            return flags;
        }
        var shown = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
        shown.addAll(flags);
        shown.add(FolderView.DRAFT);
        return shown;
    }

    /** Spools for what a request says of drafts. */
    DraftSpools spools(ProtocolVersion version) {
        return new DraftSpools(version.atLeast(ProtocolVersion.V16_0), outbox.mostBytes());
    }

    /** The drafts of one folder, for the commands of one request. */
    InFolder in(Request request, Folder folder, String syncKey, boolean conflictKeepsServer, DraftNotes notes) {
        return new InFolder(request, folder, syncKey, conflictKeepsServer, notes);
    }

    /** What a command came to: the folder and the ledger after it, and what is answered, if it must be. */
    record Result(FolderView view, Ledger ledger, Optional<Response> response) {}

    /** What an edit is made over. */
    private sealed interface Target {

        /** A draft of the folder; {@code foreign} if somebody else has put it in the place of the phone's. */
        record There(long uid, boolean foreign) implements Target {}

        record NotThere(SyncStatus status) implements Target {}
    }

    final class InFolder {

        private final Request request;
        private final Account account;
        private final Folder folder;
        private final String syncKey;
        private final boolean conflictKeepsServer;
        private final Map<Long, StoredDraft> described = new HashMap<>();
        private DraftNotes notes;

        private InFolder(
                Request request, Folder folder, String syncKey, boolean conflictKeepsServer, DraftNotes notes) {
            this.request = request;
            this.account = request.account();
            this.folder = folder;
            this.syncKey = syncKey;
            this.conflictKeepsServer = conflictKeepsServer;
            this.notes = notes;
        }

        /** The notes after the commands. */
        DraftNotes notes() {
            return notes;
        }

        /** The notes after the commands, and after the phone is told of more drafts. */
        DraftNotes notes(List<CollectionAnswer.NewItem> told) {
            var more = notes;
            for (var one : told) {
                var id = one.item().messageId();
                if (id.isPresent()) {
                    more = more.naming(one.item().uid(), id.get());
                }
            }
            return more;
        }

        /** True if a Change says something of a draft, and not only flags. */
        boolean takes(Change change) {
            return isOffered(request.version(), folder) && !change.draft().isNothing();
        }

        /** The message that has come of an edit of the phone's draft with a number, if the answer to that was lost. */
        Optional<Long> lost(long number, FolderView view, Ledger ledger) {
            return done(editOf(number), view, ledger).map(Done::uid);
        }

        Result add(Add add, FolderView view, Ledger ledger) {
            var draft = add.draft();
            if (!isOffered(request.version(), folder)
                    || !draft.hasContent()
                    || add.clientId().length() > LONGEST_CLIENT_ID) {
                return failed(add, SyncStatus.CONVERSION_ERROR, view, ledger);
            }
            if (draft.problem().isPresent()) {
                return failed(add, draft.problem().get(), view, ledger);
            }
            try {
                return draft.send() ? sendNew(add, view, ledger) : addNew(add, view, ledger);
            } catch (StatusException e) {
                return failed(add, itemStatus(e.status()), view, ledger);
            }
        }

        Result change(Change change, FolderView view, Ledger ledger) {
            var draft = change.draft();
            var number = ServerId.parse(change.serverId())
                    .filter(id -> id.folderId().equals(folder.id()))
                    .map(ServerId::number);
            var uid = number.flatMap(ledger::uidOf);
            if (uid.isEmpty()) {
                return failed(change, SyncStatus.OBJECT_NOT_FOUND, view, ledger);
            }
            if (draft.problem().isPresent()) {
                return failed(change, draft.problem().get(), view, ledger);
            }
            try {
                return draft.send()
                        ? sendStored(change, number.get(), uid.get(), view, ledger)
                        : edit(change, number.get(), uid.get(), view, ledger);
            } catch (StatusException e) {
                return failed(change, itemStatus(e.status()), view, ledger);
            }
        }

        private static Result failed(Add add, Status status, FolderView view, Ledger ledger) {
            return new Result(view, ledger, Optional.of(Response.Added.failed(add.clientId(), status)));
        }

        private static Result failed(Change change, Status status, FolderView view, Ledger ledger) {
            return new Result(view, ledger, Optional.of(Response.Changed.failed(change.serverId(), status)));
        }

        /** A status as an item has it. Source: MS-ASCMD_R7472 for 183. */
        private static Status itemStatus(Status status) {
            return switch (status) {
                case CommonStatus.MESSAGE_HAS_NO_RECIPIENT, CommonStatus.MESSAGE_RECIPIENT_UNRESOLVED ->
                    CommonStatus.INVALID_DRAFT_RECIPIENTS;
                case CommonStatus.INVALID_MIME -> SyncStatus.CONVERSION_ERROR;
                default -> status;
            };
        }

        // A new draft.

        private Result addNew(Add add, FolderView view, Ledger ledger) {
            var draft = add.draft();
            var command = "add " + add.clientId();
            var done = done(command, view, ledger);
            if (done.filter(before -> before.content().equals(draft.content())).isPresent()) {
                return added(add, command, done.get().uid(), view, ledger);
            }
            if (done.filter(before -> before.content().equals(ADOPTED)).isPresent()) {
                return adopted(add, command, done.get().uid(), view, ledger);
            }
            var mark = mark(command, draft.content(), view);
            var marked = marked(mark, view, ledger);
            var attempts = attempts(command, done, view, ledger);
            if (marked.isPresent()) {
                var after = expunge(without(attempts, List.of(), marked.get()), view);
                return added(add, command, marked.get(), after, ledger);
            }
            var begun = begun(command, view);
            long uid;
            var keep = new Purpose.Keep(mark, begun, id -> withMessageId(DraftNotes.hash(id), view, ledger));
            try (var made = make(draft.edit(), Optional.empty(), messageId(begun), keep)) {
                var edited = keep.over().apply(made.messageId());
                if (edited.isPresent() && done.isEmpty() && conflictKeepsServer) {
                    return adopted(add, command, edited.get(), view, ledger);
                }
                uid = append(made, flags(Set.of(), add.flags()));
                // The phone, or somebody else, has gone on writing while the phone did not know that it was there
                // already.
                expunge(without(attempts, edited.stream().toList(), uid), view);
            }
            return added(add, command, uid, refreshed(view), ledger);
        }

        /** What somebody else has made of the draft is told as an Add of what the phone has: a change (MS-ASCMD_R757). */
        private Result adopted(Add add, String command, long uid, FolderView view, Ledger ledger) {
            var result = added(add, command, uid, view, ledger);
            notes = notes.doing(command, new Done(ADOPTED, uid));
            return new Result(result.view(), ledger.owing(uid), result.response());
        }

        private Result added(Add add, String command, long uid, FolderView view, Ledger ledger) {
            notes = notes.doing(command, new Done(add.draft().content(), uid));
            var told = describe(uid, view);
            told.flatMap(StoredDraft::messageId).ifPresent(id -> notes = notes.naming(uid, id));
            var after = ledger.holding(uid, view.flagsOf(uid));
            var data = told.map(stored -> new NewDraft(
                    stored.conversationId(), stored.conversationIndex(), attachments(stored, uid, add.draft())));
            var response =
                    new Response.Added(add.clientId(), SyncStatus.SUCCESS, Optional.of(id(after.numberOf(uid))), data);
            return new Result(view, after, Optional.of(response));
        }

        private List<NewAttachment> attachments(StoredDraft stored, long uid, DraftData draft) {
            var told = new ArrayList<NewAttachment>();
            for (var file : draft.edit().added()) {
                Optional.ofNullable(stored.added().get(file.clientId()))
                        .map(section -> new FileReference(folder.id(), uid, section))
                        .ifPresent(reference -> told.add(new NewAttachment(file.clientId(), reference.toString())));
            }
            return List.copyOf(told);
        }

        // An edit.

        private static String editOf(long number) {
            return "change " + number;
        }

        private Result edit(Change change, long number, long old, FolderView view, Ledger ledger) {
            return edit(change, number, old, view, ledger, false);
        }

        /**
         * Edits a draft.
         *
         * @param anew whether it is edited once more if somebody else has replaced what this command made of it before
         */
        private Result edit(Change change, long number, long old, FolderView view, Ledger ledger, boolean anew) {
            var draft = change.draft();
            var command = editOf(number);
            var done = done(command, view, ledger);
            if (done.filter(before -> before.content().equals(draft.content()))
                    .filter(before -> !anew || view.present().contains(before.uid()))
                    .isPresent()) {
                return edited(change, command, old, done.get().uid(), view, ledger);
            }
            var mark = mark(command, draft.content(), view);
            var marked = marked(mark, view, ledger);
            var attempts = attempts(command, done, view, ledger);
            if (marked.isPresent()) {
                expunge(without(attempts, List.of(old), marked.get()), view);
                return edited(change, command, old, marked.get(), refreshed(view), ledger);
            }
            return switch (target(old, done, view, ledger)) {
                case Target.NotThere(var status) -> failed(change, status, view, ledger);
                case Target.There(var base, var foreign) -> {
                    var stored = stored(base, done, view, ledger);
                    var edit = draft.edit().deleting(sections(draft, base, view));
                    long uid;
                    try (var made = make(
                            edit,
                            Optional.of(stored),
                            idOf(base, mark, view),
                            new Purpose.Keep(mark, begun(command, view), _ -> Optional.of(base)))) {
                        uid = append(made, flags(view.flagsOf(base), change.flags()));
                    }
                    carryNote(base, uid, change.flags(), view);
                    expunge(without(attempts, List.of(old, base), uid), view);
                    yield edited(change, command, old, uid, refreshed(view), ledger);
                }
            };
        }

        /** What is noted of the draft goes on with the edit, and what the edit says of it. */
        private void carryNote(long base, long uid, MailFlags changed, FolderView view) {
            var before = views.notes()
                    .of(account.user(), folder.id(), view.uidValidity())
                    .apply(base)
                    .orElse(Annotation.NONE);
            var now = changed.followUp().map(before::with).orElse(before);
            views.notes().change(account.user(), folder, view.uidValidity(), UidSet.of(uid), _ -> now);
        }

        private static UidSet without(Set<Long> attempts, List<Long> more, long kept) {
            var gone = new HashSet<>(attempts);
            gone.addAll(more);
            gone.remove(kept);
            return UidSet.of(gone);
        }

        private Result edited(Change change, String command, long old, long uid, FolderView view, Ledger ledger) {
            notes = notes.doing(command, new Done(change.draft().content(), uid));
            var told = describe(uid, view);
            told.flatMap(StoredDraft::messageId).ifPresent(id -> notes = notes.naming(uid, id));
            var after = ledger.replacing(old, uid, view.flagsOf(uid));
            var added =
                    told.map(stored -> attachments(stored, uid, change.draft())).orElse(List.of());
            // Told only if there is something to tell (CC-01).
            var response = Optional.<Response>of(new Response.Changed(change.serverId(), SyncStatus.SUCCESS, added))
                    .filter(_ -> !added.isEmpty());
            return new Result(view, after, response);
        }

        /**
         * What the phone's edit is to be made over. If somebody else has replaced the draft, which its Message-ID tells, the
         * conflict rule decides; if it is gone, it is gone (CC-09, CC-10).
         */
        private Target target(long old, Optional<Done> done, FolderView view, Ledger ledger) {
            long latest = done.map(Done::uid).orElse(old);
            for (long uid : new long[] {latest, old}) {
                if (view.present().contains(uid)) {
                    return new Target.There(uid, false);
                }
            }
            var messageId = notes.messageId(latest).or(() -> notes.messageId(old));
            var successor = messageId.flatMap(hash -> withMessageId(hash, view, ledger));
            if (successor.isEmpty()) {
                return new Target.NotThere(SyncStatus.OBJECT_NOT_FOUND);
            }
            return conflictKeepsServer
                    ? new Target.NotThere(SyncStatus.CONFLICT)
                    : new Target.There(successor.get(), true);
        }

        /** The latest of the messages that the phone does not know of with a Message-ID. */
        private Optional<Long> withMessageId(long hash, FolderView view, Ledger ledger) {
            return candidates(view, ledger).entrySet().stream()
                    .filter(one -> one.getValue()
                            .messageId()
                            .filter(id -> DraftNotes.hash(id) == hash)
                            .isPresent())
                    .map(Map.Entry::getKey)
                    .max(Long::compare);
        }

        private DraftMaker.Stored stored(long uid, Optional<Done> done, FolderView view, Ledger ledger) {
            // What other devices call its attachments says nothing to this one.
            boolean own = ledger.numberOf(uid) != uid
                    || done.filter(one -> one.uid() == uid).isPresent();
            var names = own ? describe(uid, view).map(StoredDraft::names).orElse(Map.of()) : Map.<String, String>of();
            return new DraftMaker.Stored(account.mail(), folder.mailbox(), view.uidValidity(), uid, names);
        }

        /** The sections of attachments that are to go. One that is gone already is none (CC-05). */
        private List<String> sections(DraftData draft, long base, FolderView view) {
            var sections = new ArrayList<String>();
            for (var text : draft.deletedReferences()) {
                FileReference.parse(text)
                        .filter(reference -> reference.folderId().equals(folder.id()))
                        .flatMap(reference -> reference.uid() == base
                                ? Optional.of(reference.section())
                                : describe(base, view)
                                        .flatMap(stored -> stored.section(reference.uid(), reference.section())))
                        .ifPresent(sections::add);
            }
            return sections;
        }

        /** The Message-ID of a draft goes on with its edits. */
        private String idOf(long uid, String mark, FolderView view) {
            return describe(uid, view).flatMap(StoredDraft::messageId).orElseGet(() -> messageId(mark));
        }

        // Sending.

        /** A draft that is sent at once is never in the folder of drafts. */
        private Result sendNew(Add add, FolderView view, Ledger ledger) {
            var draft = add.draft();
            // A ClientId means something in its own request alone (CC-02), which its key tells from others; but under
            // the
            // same key a phone may have dropped what was not answered, and send another mail.
            var identity = mark(
                    "send new %s of %s".formatted(add.clientId(), syncKey),
                    draft.edit().gist(),
                    view);
            try (var made = make(draft.edit(), Optional.empty(), messageId(identity), new Purpose.Send())) {
                outbox.sendDraft(request, identity, made.spool());
            }
            var command = "add " + add.clientId();
            var after = expunge(UidSet.of(attempts(command, done(command, view, ledger), view, ledger)), view);
            var response = new Response.Added(add.clientId(), SyncStatus.SUCCESS, Optional.empty(), Optional.empty());
            return new Result(after, ledger, Optional.of(response));
        }

        private Result sendStored(Change change, long number, long old, FolderView view, Ledger ledger) {
            var draft = change.draft();
            var written = written(change, number, view, ledger);
            var done = written.or(() -> done(editOf(number), view, ledger));
            var identity = mark("send " + number, "", view);
            var target = target(old, done, view, ledger);
            boolean sent = outbox.hasSent(request, identity);
            if (sent && !(target instanceof Target.There(var _, var foreign) && !foreign)) {
                return gone(number, old, done, Set.of(), view, ledger);
            }
            return switch (target) {
                case Target.NotThere(var status) -> failed(change, status, view, ledger);
                // The phone's user has not seen what is there now, and says nothing else.
                case Target.There(var _, var foreign)
                when foreign && !draft.hasContent() -> failed(change, SyncStatus.CONFLICT, view, ledger);
                // What somebody else has written makes way first: if the rest is cut off, it is known that it had to.
                case Target.There(var _, var foreign)
                when foreign -> {
                    var kept = edit(change, number, old, view, ledger, true);
                    var now = kept.ledger().uidOf(number).orElseThrow();
                    yield kept.view().present().contains(now)
                            ? sendStored(change, number, now, kept.view(), kept.ledger())
                            : failed(change, SyncStatus.CONFLICT, kept.view(), kept.ledger());
                }
                case Target.There(var base, var _) -> {
                    var edit = written.isPresent()
                            ? DraftEdit.NOTHING
                            : draft.edit().deleting(sections(draft, base, view));
                    var stored = stored(base, done, view, ledger);
                    try (var made = make(edit, Optional.of(stored), idOf(base, identity, view), new Purpose.Send())) {
                        outbox.sendDraft(request, identity, made.spool());
                    } catch (StatusException e) {
                        yield keptInstead(change, number, old, itemStatus(e.status()), view, ledger);
                    }
                    yield gone(number, old, done, Set.of(base), view, ledger);
                }
            };
        }

        /** The draft as this command has written it before, to the last byte, to be sent. */
        private Optional<Done> written(Change change, long number, FolderView view, Ledger ledger) {
            var content = change.draft().content();
            return notes.done(editOf(number))
                    .filter(before -> before.content().equals(content))
                    .or(() -> marked(mark(editOf(number), content, view), view, ledger)
                            .map(uid -> new Done(content, uid)))
                    .filter(before -> view.present().contains(before.uid()));
        }

        /** What was not sent is at least not lost: it is a draft as the phone's user has written it. */
        private Result keptInstead(
                Change change, long number, long old, Status status, FolderView view, Ledger ledger) {
            var kept = change.draft().hasContent()
                    ? edit(change, number, old, view, ledger)
                    : new Result(view, ledger, Optional.empty());
            return failed(change, status, kept.view(), kept.ledger());
        }

        /** The draft is no more; the phone is told so, since it may not take it away by itself, but is not woken for it. */
        private Result gone(
                long number, long old, Optional<Done> done, Set<Long> more, FolderView view, Ledger ledger) {
            var uids = new HashSet<>(more);
            uids.add(old);
            uids.addAll(attempts(editOf(number), done, view, ledger));
            var after = expunge(UidSet.of(uids), view);
            LOG.info(
                    "draft sent user={} device={} request={} draft={}",
                    account.user(),
                    request.line().deviceId(),
                    request.id(),
                    number);
            var still = ledger.present().contains(old) ? ledger : ledger.holding(old, Set.of());
            return new Result(after, still.quieting(UidSet.of(old)), Optional.empty());
        }

        // The mailbox.

        private Made make(DraftEdit edit, Optional<DraftMaker.Stored> stored, String messageId, Purpose purpose) {
            return maker.make(edit, stored, account, messageId, purpose)
                    .orElseThrow(() ->
                            new StatusException(SyncStatus.OBJECT_NOT_FOUND, "the draft is gone while it is edited"));
        }

        private long append(Made made, Set<String> flags) {
            return switch (account.mail().append(folder.mailbox(), made.message(), flags, clock.instant())) {
                case Outcome.Done<Long>(var uid) -> uid;
                case Outcome.Refused<Long>(var why, var words) ->
                    throw new StatusException(
                            switch (why) {
                                case OVER_QUOTA -> SyncStatus.CANNOT_COMPLETE;
                                case TOO_LARGE -> CommonStatus.ATTACHMENT_IS_TOO_LARGE;
                                default -> SyncStatus.SERVER_ERROR;
                            },
                            "the server does not take the draft: " + words);
            };
        }

        private static Set<String> flags(Set<String> before, MailFlags changed) {
            var flags = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
            flags.addAll(before);
            flags.removeAll(Set.of("\\Deleted", "\\Recent"));
            flags.removeIf(Annotations::isNote); // no server knows those
            changed.keywords().ifPresent(keywords -> {
                flags.removeIf(flag -> Categories.ofKeyword(flag).isPresent());
                flags.addAll(keywords);
            });
            flags.add(FolderView.DRAFT);
            flags.add(FolderView.SEEN); // who writes it has read it
            flags.removeAll(changed.remove());
            flags.addAll(changed.add());
            return flags;
        }

        private FolderView expunge(UidSet uids, FolderView view) {
            var there = uids.and(view.present());
            if (there.isEmpty()) {
                return view;
            }
            return switch (account.mail().expunge(folder.mailbox(), view.uidValidity(), there)) {
                case Outcome.Done<UidSet>(var done) -> views.removed(account, folder, done);
                case Outcome.Refused<UidSet>(var why, var words) -> {
                    LOG.warn(
                            "old draft not deleted, and there are two now user={} request={} why={} words=\"{}\"",
                            account.user(),
                            request.id(),
                            why,
                            words);
                    yield view;
                }
            };
        }

        /** The folder with what was appended. */
        private FolderView refreshed(FolderView before) {
            return folders.view(account, folder)
                    .filter(view -> view.uidValidity() == before.uidValidity())
                    .orElseThrow(() -> new BackendUnavailableException(
                            "folder %s is another one now".formatted(folder.id()), RETRY));
        }

        /** The message that was made by a command with this mark, if nothing else tells that it was. */
        private Optional<Long> marked(String mark, FolderView view, Ledger ledger) {
            return candidates(view, ledger).entrySet().stream()
                    .filter(one -> one.getValue().mark().filter(mark::equals).isPresent())
                    .map(Map.Entry::getKey)
                    .findFirst();
        }

        /**
         * What came of a command that is repeated, though it may say something else this time: from the notes, or from the
         * mark of a draft that was made when the notes were not.
         */
        private Optional<Done> done(String command, FolderView view, Ledger ledger) {
            return notes.done(command)
                    .or(() -> begunBefore(command, view, ledger).stream()
                            .max(Long::compare)
                            .map(uid -> new Done("", uid)));
        }

        /** What has come of a command each time that it was tried, and what that was to take the place of. */
        private Set<Long> attempts(String command, Optional<Done> done, FolderView view, Ledger ledger) {
            var attempts = new HashSet<Long>();
            for (long uid : begunBefore(command, view, ledger)) {
                attempts.add(uid);
                describe(uid, view).flatMap(StoredDraft::over).ifPresent(attempts::add);
            }
            done.map(Done::uid).ifPresent(attempts::add);
            return attempts;
        }

        private Set<Long> begunBefore(String command, FolderView view, Ledger ledger) {
            var begun = begun(command, view);
            return candidates(view, ledger).entrySet().stream()
                    .filter(one -> one.getValue().begun().filter(begun::equals).isPresent())
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
        }

        /** The same for a command that is repeated under its key. */
        private String begun(String command, FolderView view) {
            return mark(command + " of " + syncKey, "", view);
        }

        /** What the phone does not know of yet. */
        private Map<Long, StoredDraft> candidates(FolderView view, Ledger ledger) {
            var uids = view.present().minus(ledger.present()).newest(MOST_CANDIDATES);
            describe(uids, view);
            var candidates = new HashMap<Long, StoredDraft>();
            uids.forEach(
                    uid -> Optional.ofNullable(described.get(uid)).ifPresent(stored -> candidates.put(uid, stored)));
            return candidates;
        }

        private Optional<StoredDraft> describe(long uid, FolderView view) {
            describe(List.of(uid), view);
            return Optional.ofNullable(described.get(uid));
        }

        private void describe(List<Long> uids, FolderView view) {
            var unknown =
                    uids.stream().filter(uid -> !described.containsKey(uid)).toList();
            if (!unknown.isEmpty()) {
                List<MessageData> messages = account.mail().describe(folder.mailbox(), view.uidValidity(), unknown);
                messages.forEach(message -> described.put(message.uid(), StoredDraft.of(message)));
            }
        }

        /** The same for a command that is repeated, and for no other. */
        private String mark(String command, String content, FolderView view) {
            var text = String.join(
                    "\n", request.device().path(), folder.id(), Long.toString(view.uidValidity()), command, content);
            try {
                var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
                return HexFormat.of().formatHex(digest, 0, 16);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        private String messageId(String mark) {
            var address = account.address();
            return "<%s@%s>".formatted(mark, address.substring(address.lastIndexOf('@') + 1));
        }

        private String id(long number) {
            return new ServerId(folder.id(), number).toString();
        }
    }
}
