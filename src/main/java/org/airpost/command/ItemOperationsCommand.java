package org.airpost.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.command.MailItems.Located;
import org.airpost.convert.FileReference;
import org.airpost.convert.MailConverter;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.Spool;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Views;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.DocumentLibrary;
import org.airpost.wbxml.page.ItemOperations;
import org.airpost.wbxml.page.Search;

/**
 * Reads items and attachments, empties folders, and moves conversations. Each operation has its own status, in the order of the request
 * (MS-ASCMD_R193, R194). Attachments are streamed through a spool: as base64 in the document, or raw as parts of their own
 * where the phone takes multipart answers. Bodies are always in the document; an answer without attachments is therefore an
 * ordinary one, even to a phone that takes multipart (the Content-Type tells it), since in a multipart answer Data of a Body
 * must not be inline (MS-ASAIRS_R176). Source: MS-ASCMD "ItemOperations", "Delivery of Content Requested by Fetch".
 */
public final class ItemOperationsCommand implements Command {

    private static final String MAILBOX = "Mailbox";

    /** Bytes of an answer that attachments leave free: one message in full must still fit in. */
    private static final long KEPT_FREE = 96L << 20;

    private final MailItems items;
    private final Mover mover;

    public ItemOperationsCommand(
            Folders folders, Views views, Ledgers ledgers, MailConverter converter, ConversationMover conversations) {
        this(MailItems.of(folders, views, ledgers, converter), conversations::move);
    }

    ItemOperationsCommand(MailItems items, Mover mover) {
        this.items = items;
        this.mover = mover;
    }

    /** Moves conversations: a seam, as {@link MailItems}. */
    interface Mover {

        Status move(Request request, byte[] conversationId, String folderId);
    }

    @Override
    public Answer run(Request request) {
        return new Run(request, ItemOperation.readAll(request.document(), request.version())).answer();
    }

    /** One request. */
    private final class Run {

        private final Request request;
        private final Account account;
        private final DeviceKey device;
        private final List<ItemOperation> operations;
        private final boolean multiPart;
        private final List<Spool> parts = new ArrayList<>();
        private long partBytes;

        Run(Request request, List<ItemOperation> operations) {
            this.request = request;
            this.account = request.account();
            this.device = request.device();
            this.operations = operations;
            this.multiPart = request.line().acceptMultiPart()
                    && operations.stream()
                            .anyMatch(o -> o instanceof ItemOperation.Fetch fetch
                                    && fetch.fileReference().isPresent());
        }

        Answer answer() {
            try {
                var document = Answer.spool(this::write);
                return multiPart ? new Answer.MultiPart(document, parts) : new Answer.Document(document);
            } catch (RuntimeException e) {
                parts.forEach(Spool::close);
                throw e;
            }
        }

        private void write(WbxmlWriter out) {
            out.start(ItemOperations.ITEM_OPERATIONS)
                    .text(ItemOperations.STATUS, ItemOperationsStatus.SUCCESS.code())
                    .start(ItemOperations.RESPONSE);
            for (var operation : operations) {
                switch (operation) {
                    case ItemOperation.Fetch fetch -> fetch(out, fetch);
                    case ItemOperation.EmptyFolderContents empty -> {
                        var status = empty(empty);
                        out.start(ItemOperations.EMPTY_FOLDER_CONTENTS)
                                .text(ItemOperations.STATUS, status.code())
                                .text(AirSync.COLLECTION_ID, empty.collectionId())
                                .end();
                    }
                    case ItemOperation.Move move ->
                        out.start(ItemOperations.MOVE)
                                .text(ItemOperations.STATUS, move(move).code())
                                .opaque(ItemOperations.CONVERSATION_ID, move.conversationId())
                                .end();
                }
            }
            out.end().end();
        }

        /** Without MoveAlways the specification has no such move (MS-ASCMD_R3475). */
        private Status move(ItemOperation.Move move) {
            if (move.conversationId().length == 0 || move.folderId().isEmpty()) {
                return ItemOperationsStatus.PROTOCOL_ERROR;
            }
            return move.moveAlways()
                    ? mover.move(request, move.conversationId(), move.folderId())
                    : CommonStatus.MOVE_COMMAND_DISALLOWED_FOR_NON_PERSISTENT_MOVE_ACTION;
        }

        private void fetch(WbxmlWriter out, ItemOperation.Fetch fetch) {
            if (!fetch.store().equalsIgnoreCase(MAILBOX) || fetch.linkId().isPresent()) {
                writeFailure(out, fetch, ItemOperationsStatus.UNKNOWN_STORE);
            } else if (room(out) <= 0) {
                writeFailure(out, fetch, ItemOperationsStatus.TOO_LARGE);
            } else if (fetch.fileReference().isPresent()) {
                fetchAttachment(out, fetch, fetch.fileReference().get());
            } else if (fetch.serverId().isPresent() || fetch.longId().isPresent()) {
                fetchItem(out, fetch);
            } else {
                writeFailure(out, fetch, ItemOperationsStatus.PROTOCOL_ERROR);
            }
        }

        /** Bytes that still fit into the answer. */
        private long room(WbxmlWriter out) {
            return Answer.MOST - KEPT_FREE - partBytes - out.size();
        }

        /** A mail. Range does not apply to it (MS-ASCMD_R3556). */
        private void fetchItem(WbxmlWriter out, ItemOperation.Fetch fetch) {
            var id = address(fetch);
            var located = id.flatMap(i -> items.locate(account, device, i.folderId())
                    .filter(place -> i.holds(place.view().uidValidity())));
            if (id.isEmpty() || located.isEmpty()) {
                writeFailure(out, fetch, ItemOperationsStatus.NOT_FOUND);
                return;
            }
            // What a search has found is named by its UID, everything else as the device knows it.
            var known = id.get().uidValidity() == 0
                    ? items.uidOf(device, id.get().folderId(), id.get().uid())
                    : Optional.of(id.get().uid());
            if (known.isEmpty()) {
                writeFailure(out, fetch, ItemOperationsStatus.NOT_FOUND);
                return;
            }
            long uid = known.get();
            try {
                var item = items.item(
                        located.get().place(account),
                        uid,
                        fetch.bodies().options(),
                        request.version(),
                        request.limits());
                if (item.isEmpty() || !request.admits(item.get().received())) {
                    writeFailure(out, fetch, ItemOperationsStatus.NOT_FOUND);
                    return;
                }
                startFetch(out, fetch, ItemOperationsStatus.SUCCESS);
                if (fetch.schema().isEmpty()) {
                    out.start(ItemOperations.PROPERTIES);
                } else {
                    out.startWithOnly(ItemOperations.PROPERTIES, fetch.schema());
                }
                var flags = Drafts.flags(located.get().folder(), located.get().view(), uid);
                if (multiPart && fetch.wantsBody()) {
                    item.get().write(out, flags, this::add);
                } else {
                    item.get().write(out, flags);
                }
                out.end().end();
            } catch (StatusException e) {
                // Of this one item: a body part of another type than HTML (164). Nothing of it is written yet.
                writeFailure(out, fetch, e.status());
            }
        }

        /** The item's id, out of ServerId or LongId; nothing if it is none of ours or lies in another collection. */
        private static Optional<LongId> address(ItemOperation.Fetch fetch) {
            return fetch.serverId()
                    .or(fetch::longId)
                    .flatMap(LongId::parse)
                    .filter(id -> fetch.collectionId()
                            .map(collection -> collection.equals(id.folderId()))
                            .orElse(true));
        }

        private void fetchAttachment(WbxmlWriter out, ItemOperation.Fetch fetch, String text) {
            var reference = FileReference.parse(text);
            var attachment = reference
                    .flatMap(r -> items.locate(account, device, r.folderId()))
                    .flatMap(located ->
                            items.attachment(device, located.place(account), reference.get(), request.limits()));
            if (attachment.isEmpty() || !request.admits(attachment.get().received())) {
                writeFailure(out, fetch, ItemOperationsStatus.INVALID_ATTACHMENT);
                return;
            }
            if (!request.limits().admitsAttachment(attachment.get().approximateBytes())) {
                writeFailure(
                        out,
                        fetch,
                        request.limits().attachments()
                                ? ItemOperationsStatus.TOO_LARGE
                                : ItemOperationsStatus.ACCESS_DENIED);
                return;
            }
            var range = fetch.range()
                    .map(AttachmentSpool.Range::parse)
                    .orElseGet(() -> Optional.of(AttachmentSpool.Range.ALL));
            if (range.isEmpty()) {
                writeFailure(out, fetch, ItemOperationsStatus.BAD_RANGE);
                return;
            }
            switch (AttachmentSpool.read(attachment.get(), range.get(), !multiPart, room(out))) {
                case AttachmentSpool.Result.Failed(var status) -> writeFailure(out, fetch, status);
                case AttachmentSpool.Result.Read(var spool) ->
                    writeAttachment(out, fetch, attachment.get().contentType(), spool);
            }
        }

        private void writeAttachment(
                WbxmlWriter out, ItemOperation.Fetch fetch, String contentType, AttachmentSpool spool) {
            startFetch(out, fetch, ItemOperationsStatus.SUCCESS);
            out.start(ItemOperations.PROPERTIES);
            // Only to who asked for a range: iOS 10 takes others for an incomplete attachment (CLIENTS §1.2).
            if (fetch.range().isPresent()) {
                out.text(ItemOperations.RANGE, spool.range()).text(ItemOperations.TOTAL, spool.total());
            }
            out.text(AirSyncBase.CONTENT_TYPE, contentType);
            if (multiPart) {
                out.text(ItemOperations.PART, add(spool.bytes()));
            } else {
                writeData(out, spool.bytes());
            }
            out.end().end();
        }

        /** One more part of the answer; its number: 0 is the document. */
        private int add(Spool part) {
            parts.add(part);
            partBytes += part.size();
            return parts.size();
        }

        private static void writeData(WbxmlWriter out, Spool base64) {
            try (base64;
                    var in = base64.open()) {
                out.text(ItemOperations.DATA, in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void writeFailure(WbxmlWriter out, ItemOperation.Fetch fetch, Status status) {
            startFetch(out, fetch, status);
            out.end();
        }

        /** Status and address, in the order of the schema (ItemOperationsResponse.xsd). */
        private static void startFetch(WbxmlWriter out, ItemOperation.Fetch fetch, Status status) {
            out.start(ItemOperations.FETCH).text(ItemOperations.STATUS, status.code());
            fetch.collectionId().ifPresent(id -> out.text(AirSync.COLLECTION_ID, id));
            fetch.serverId().ifPresent(id -> out.text(AirSync.SERVER_ID, id));
            fetch.longId().ifPresent(id -> out.text(Search.LONG_ID, id));
            if (fetch.serverId().isPresent() || fetch.longId().isPresent()) {
                out.text(AirSync.CLASS, "Email");
            }
            fetch.linkId().ifPresent(id -> out.text(DocumentLibrary.LINK_ID, id));
            fetch.fileReference().ifPresent(id -> out.text(AirSyncBase.FILE_REFERENCE, id));
        }

        private ItemOperationsStatus empty(ItemOperation.EmptyFolderContents empty) {
            var located = items.locate(account, device, empty.collectionId());
            if (located.isEmpty()) {
                return ItemOperationsStatus.NOT_FOUND;
            }
            var status = deleteItems(located.get());
            return status == ItemOperationsStatus.SUCCESS && empty.deleteSubFolders()
                    ? deleteSubFolders(located.get())
                    : status;
        }

        private ItemOperationsStatus deleteItems(Located located) {
            if (located.view().present().isEmpty()) {
                return ItemOperationsStatus.SUCCESS;
            }
            var outcome = account.mail()
                    .expunge(
                            located.folder().mailbox(),
                            located.view().uidValidity(),
                            located.view().present());
            return switch (outcome) {
                case Outcome.Done<UidSet>(var gone) -> {
                    items.removed(account, device, located.folder(), gone);
                    yield located.view().present().minus(gone).isEmpty()
                            ? ItemOperationsStatus.SUCCESS
                            : ItemOperationsStatus.PARTIAL_SUCCESS;
                }
                case Outcome.Refused<UidSet>(var why, var _) -> refusal(why);
            };
        }

        /**
         * Those right below go, each with what is below it. The items are gone already, so a refusal is a part of success. What
         * FolderDelete may not take stays here, too: some servers have Sent, Drafts and Trash below INBOX.
         */
        private ItemOperationsStatus deleteSubFolders(Located located) {
            var status = ItemOperationsStatus.SUCCESS;
            var mailboxes = account.mail().mailboxes();
            for (var mailbox : mailboxes) {
                boolean below = mailbox.parent()
                        .filter(located.folder().mailbox()::equals)
                        .isPresent();
                if (below
                        && (Folders.holdsSpecial(mailboxes, mailbox.name())
                                || !account.mail().delete(mailbox.name()).isDone())) {
                    status = ItemOperationsStatus.PARTIAL_SUCCESS;
                }
            }
            return status;
        }

        private static ItemOperationsStatus refusal(Outcome.Refusal why) {
            return switch (why) {
                case NO_PERMISSION -> ItemOperationsStatus.ACCESS_DENIED;
                case NOT_FOUND -> ItemOperationsStatus.NOT_FOUND;
                case OVER_QUOTA, TOO_LARGE, EXISTS, HOLDS_HIDDEN, OTHER -> ItemOperationsStatus.SERVER_ERROR;
            };
        }
    }
}
