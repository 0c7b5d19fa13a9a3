package org.airpost.command;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailQuery;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.FolderType;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.Status;
import org.airpost.sync.AlwaysMoved;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Moves;
import org.airpost.sync.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a conversation to a folder, with the mails of it that are to come. It is taken out of all folders but Sent Items, as it
 * stands in the specification, and Drafts, since a draft is no mail yet. Where the target is the Inbox later mails are there
 * already: so this is how a user puts an end to it. The phone does not learn the new ids: it is told of the mails like of any
 * that somebody else has moved. Source: MS-ASCMD "Move (ItemOperations)"; MS-ASCON R130, R170, R213, R215; decision 021.
 */
public final class ConversationMover {

    private static final Logger LOG = LoggerFactory.getLogger(ConversationMover.class);

    /** For finding the mails; they are moved after that, and the answer is given within 25 seconds. */
    private static final Duration LIMIT = Duration.ofSeconds(8);

    private final Folders folders;
    private final Views views;
    private final Moves moves;
    private final ConversationFinder conversations;
    private final AlwaysMoved always;
    private final InstantSource clock;

    public ConversationMover(
            Folders folders,
            Views views,
            Moves moves,
            ConversationFinder conversations,
            AlwaysMoved always,
            InstantSource clock) {
        this.folders = folders;
        this.views = views;
        this.moves = moves;
        this.conversations = conversations;
        this.always = always;
        this.clock = clock;
    }

    /** Moves, and says how that went. A repeat moves what is left. */
    Status move(Request request, byte[] conversationId, String targetId) {
        var account = request.account();
        if (Recipients.isIn(targetId)) {
            return CommonStatus.INVALID_COMBINATION_OF_IDS; // MS-ASCON_R262
        }
        var found = folders.find(account, targetId);
        if (found.isEmpty()) {
            return ItemOperationsStatus.NOT_FOUND;
        }
        var target = found.get();
        if (!target.holdsMail() || target.type() == FolderType.DRAFTS) {
            return CommonStatus.MOVE_COMMAND_INVALID_DESTINATION_FOLDER;
        }
        var all = folders.known(account).stream().filter(Folder::holdsMail).toList();
        var sources = all.stream()
                .filter(folder -> folder.type() != FolderType.SENT_ITEMS
                        && folder.type() != FolderType.DRAFTS
                        && !folder.id().equals(target.id()))
                .toList();
        var there = conversations.find(
                account, conversationId, new MailQuery.All(), sources, all, limit(request.deadline()));
        if (!there.isKnown()) {
            // What was not looked at may have it.
            return there.unfinished().isEmpty() ? ItemOperationsStatus.NOT_FOUND : ItemOperationsStatus.SERVER_ERROR;
        }
        setUp(request, conversationId, target, all);
        boolean whole = there.unfinished().isEmpty();
        for (var source : there.found().entrySet()) {
            whole &= move(request, source.getKey(), source.getValue(), target);
        }
        return whole ? ItemOperationsStatus.SUCCESS : ItemOperationsStatus.SERVER_ERROR; // R145: or in part
    }

    private Duration limit(Instant deadline) {
        var left = Duration.between(clock.instant(), deadline).minusSeconds(10);
        return left.isNegative() ? Duration.ZERO : left.compareTo(LIMIT) < 0 ? left : LIMIT;
    }

    private void setUp(Request request, byte[] conversationId, Folder target, List<Folder> all) {
        var account = request.account();
        if (target.type() == FolderType.INBOX) {
            always.remove(account, conversationId);
            return;
        }
        all.stream()
                .filter(folder -> folder.type() == FolderType.INBOX)
                .findFirst()
                .flatMap(inbox -> folders.view(account, inbox))
                .ifPresent(view -> always.set(account, conversationId, target, view));
    }

    /** False if something was left where it was. */
    private boolean move(Request request, Folder source, MailAccount.Matches mails, Folder target) {
        var account = request.account();
        try {
            var outcome = moves.move(account, request.device(), source, mails.uidValidity(), mails.uids(), target);
            return switch (outcome) {
                case Outcome.Refused<Map<Long, Long>> _ -> false;
                case Outcome.Done<Map<Long, Long>>(var moved) -> {
                    var gone = UidSet.of(moved.keySet());
                    if (views.known(account, source).uidValidity() == mails.uidValidity()) {
                        views.removed(account, source, gone);
                    }
                    CarriedNotes.carry(folders, account, source, mails.uidValidity(), target, moved);
                    yield mails.uids().minus(gone).isEmpty();
                }
            };
        } catch (BackendUnavailableException e) {
            // What has been moved until now has been, and the phone is told that it is not all.
            LOG.warn("conversation moved in part id={} reason={}", request.id(), e.getMessage());
            return false;
        }
    }
}
