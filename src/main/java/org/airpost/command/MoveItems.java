package org.airpost.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.MoveItemsStatus;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledger;
import org.airpost.sync.LedgerRecord;
import org.airpost.sync.Ledgers;
import org.airpost.sync.MoveJournal;
import org.airpost.sync.Moves;
import org.airpost.sync.ServerId;
import org.airpost.sync.Views;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Move;

/**
 * Moves items between folders; a repeat gets the ids of the first time. At most 1,000 moves a request. Source: MS-ASCMD
 * "MoveItems"; success is Status 3.
 */
public final class MoveItems implements Command {

    private static final int MOST = 1_000;

    private final Folders folders;
    private final Views views;
    private final Ledgers ledgers;
    private final Moves moves;
    private final MoveJournal journal;

    public MoveItems(Folders folders, Views views, Ledgers ledgers, Moves moves, MoveJournal journal) {
        this.folders = folders;
        this.views = views;
        this.ledgers = ledgers;
        this.moves = moves;
        this.journal = journal;
    }

    private record Asked(String sourceId, String sourceFolderId, String targetFolderId) {

        MoveJournal.Move move(long uidValidity) {
            return new MoveJournal.Move(sourceId, uidValidity, targetFolderId);
        }

        boolean sameFolders(Asked other) {
            return sourceFolderId.equals(other.sourceFolderId) && targetFolderId.equals(other.targetFolderId);
        }
    }

    private record Result(MoveItemsStatus status, Optional<String> targetId) {

        static Result failed(MoveItemsStatus status) {
            return new Result(status, Optional.empty());
        }
    }

    @Override
    public Answer run(Request request) {
        var moves = read(request.document());
        var results = new LinkedHashMap<Asked, Result>();
        int at = 0;
        while (at < moves.size()) {
            int end = at + 1;
            while (end < moves.size() && moves.get(at).sameFolders(moves.get(end))) {
                end++;
            }
            results.putAll(move(request, moves.subList(at, end)));
            at = end;
        }
        return Answer.document(out -> {
            out.start(Move.MOVE_ITEMS);
            for (var move : moves) {
                var result = results.getOrDefault(move, Result.failed(MoveItemsStatus.INVALID_SOURCE));
                out.start(Move.RESPONSE)
                        .text(Move.SRC_MSG_ID, move.sourceId())
                        .text(Move.STATUS, result.status().code());
                result.targetId().ifPresent(id -> out.text(Move.DST_MSG_ID, id));
                out.end();
            }
            out.end();
        });
    }

    /** Moves with the same source and target folder, in one go. */
    private Map<Asked, Result> move(Request request, List<Asked> moves) {
        var results = new LinkedHashMap<Asked, Result>();
        var account = request.account();
        var first = moves.getFirst();
        var source = folders.find(account, first.sourceFolderId()).filter(Folder::selectable);
        var target = folders.find(account, first.targetFolderId()).filter(Folder::selectable);
        var known = source.flatMap(folder -> ledgers.load(request.device(), folder.id()))
                .map(Ledgers.Loaded::record);
        // Under another UIDVALIDITY than the phone was told of its ids mean other messages, or none.
        var view = source.flatMap(folder -> folders.view(account, folder))
                .filter(now -> known.map(LedgerRecord::uidValidity)
                        .filter(told -> told != now.uidValidity())
                        .isEmpty());
        if (view.isEmpty()) {
            moves.forEach(move -> results.put(move, Result.failed(MoveItemsStatus.INVALID_SOURCE)));
            return results;
        }
        // What the last answer took away the phone has still if that was lost, and then as it is here.
        var now = Ledger.of(view.get());
        var flags = known.map(LedgerRecord::latest)
                .map(told -> told.takingFrom(now, now.present().minus(told.present())))
                .orElse(now);
        long targetValidity = target.flatMap(folder -> ledgers.load(request.device(), folder.id()))
                .map(loaded -> loaded.record().uidValidity())
                .orElse(0L);
        var madeBefore = journal.before(request.device());
        var asked = UidSet.of(moves.stream()
                .flatMap(move -> ServerId.parse(move.sourceId()).stream())
                .map(ServerId::number)
                .toList());
        // What is not there any more may have been moved by a try of which nobody knows how it ended.
        var begun = target.map(to -> this.moves.begun(
                        request.device(), source.orElseThrow(), view.get().uidValidity(), to, asked))
                .orElse(UidSet.EMPTY);
        var wanted = new LinkedHashMap<Long, Asked>();
        var repeated = new LinkedHashMap<Long, Long>();
        for (var move : moves) {
            var before = Optional.ofNullable(madeBefore.get(move.move(view.get().uidValidity())))
                    .filter(moved ->
                            moved.uidValidity() == 0 || targetValidity == 0 || moved.uidValidity() == targetValidity)
                    .map(MoveJournal.Moved::targetId);
            var uid = ServerId.parse(move.sourceId())
                    .filter(id -> id.folderId().equals(move.sourceFolderId()))
                    .flatMap(id -> flags.uidOf(id.number()));
            if (before.isPresent()) {
                results.put(move, new Result(MoveItemsStatus.SUCCESS, before));
                var there = ServerId.parse(before.get()).map(ServerId::number);
                uid.ifPresent(old -> there.ifPresent(present -> repeated.put(old, present)));
            } else if (uid.isEmpty() || (!view.get().present().contains(uid.get()) && !begun.contains(uid.get()))) {
                results.put(move, Result.failed(MoveItemsStatus.INVALID_SOURCE));
            } else if (target.isEmpty()) {
                results.put(move, Result.failed(MoveItemsStatus.INVALID_DESTINATION));
            } else if (move.sourceFolderId().equals(move.targetFolderId())) {
                results.put(move, Result.failed(MoveItemsStatus.SAME_FOLDER));
            } else {
                wanted.put(uid.get(), move);
            }
        }
        if (!repeated.isEmpty()) {
            // Once more what the first time may not have come to; and if a message is gone since, that is told.
            ledgers.quiet(request.device(), first.sourceFolderId(), UidSet.of(repeated.keySet()));
            target.ifPresent(to -> bring(
                    request,
                    new Way(source.orElseThrow(), view.get().uidValidity(), to, targetValidity),
                    repeated,
                    flags));
        }
        if (!wanted.isEmpty()) {
            results.putAll(move(
                    request,
                    new Way(source.orElseThrow(), view.get().uidValidity(), target.orElseThrow(), targetValidity),
                    wanted,
                    flags));
        }
        return results;
    }

    /** What the device knows of the messages, and what is noted of them, goes along with them. */
    private void bring(Request request, Way way, Map<Long, Long> moved, Ledger flags) {
        var brought = flags.moved(moved);
        for (var noted : CarriedNotes.carry(
                        folders, request.account(), way.source(), way.uidValidity(), way.target(), moved)
                .entrySet()) {
            brought = brought.withFlags(noted.getKey(), noted.getValue(), Set.of());
        }
        ledgers.bring(request.device(), way.target().id(), brought);
    }

    /** From where to where, each with the UIDVALIDITY that the device knows its ids by; 0 if it knows none. */
    private record Way(Folder source, long uidValidity, Folder target, long targetValidity) {}

    private Map<Asked, Result> move(Request request, Way way, Map<Long, Asked> wanted, Ledger flags) {
        var account = request.account();
        var source = way.source();
        var target = way.target();
        var results = new LinkedHashMap<Asked, Result>();
        switch (moves.move(account, request.device(), source, way.uidValidity(), UidSet.of(wanted.keySet()), target)) {
            case Outcome.Refused<Map<Long, Long>> _ -> {
                var why = folders.view(account, target).isEmpty()
                        ? MoveItemsStatus.INVALID_DESTINATION
                        : MoveItemsStatus.CANNOT_MOVE;
                wanted.values().forEach(move -> results.put(move, Result.failed(why)));
            }
            case Outcome.Done<Map<Long, Long>>(var moved) -> {
                var made = new LinkedHashMap<MoveJournal.Move, MoveJournal.Moved>();
                var left = UidSet.of(wanted.keySet()).minus(UidSet.of(moved.keySet()));
                var there = left.isEmpty()
                        ? left
                        : folders.view(account, source)
                                .map(view -> view.present().and(left))
                                .orElse(UidSet.EMPTY);
                wanted.forEach((uid, move) -> {
                    var now = Optional.ofNullable(moved.get(uid));
                    if (now.isPresent()) {
                        var id = new ServerId(target.id(), now.get()).toString();
                        made.put(move.move(way.uidValidity()), new MoveJournal.Moved(id, way.targetValidity()));
                        results.put(move, new Result(MoveItemsStatus.SUCCESS, Optional.of(id)));
                    } else {
                        // What is there still the server would not move; what is not has gone meanwhile (MV-01).
                        results.put(
                                move,
                                Result.failed(
                                        there.contains(uid)
                                                ? MoveItemsStatus.CANNOT_MOVE
                                                : MoveItemsStatus.INVALID_SOURCE));
                    }
                });
                journal.note(request.device(), made);
                views.removed(account, source, UidSet.of(moved.keySet()));
                ledgers.quiet(request.device(), source.id(), UidSet.of(moved.keySet()));
                bring(request, way, moved, flags);
            }
        }
        return results;
    }

    private static List<Asked> read(WbxmlReader in) {
        var moves = new ArrayList<Asked>();
        in.root(Move.MOVE_ITEMS);
        while (in.child()) {
            if (in.tag() != Move.MOVE) {
                in.skip();
                continue;
            }
            var sourceId = "";
            var sourceFolderId = "";
            var targetFolderId = "";
            while (in.child()) {
                switch (in.tag()) {
                    case Move.SRC_MSG_ID -> sourceId = in.text();
                    case Move.SRC_FLD_ID -> sourceFolderId = in.text();
                    case Move.DST_FLD_ID -> targetFolderId = in.text();
                    default -> in.skip();
                }
            }
            moves.add(new Asked(sourceId, sourceFolderId, targetFolderId));
            if (moves.size() > MOST) {
                throw new StatusException(CommonStatus.INVALID_XML, "more than %d moves (HT-09)".formatted(MOST));
            }
        }
        return moves;
    }
}
