package org.airpost.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.DocumentLibrary;
import org.airpost.wbxml.page.ItemOperations;
import org.airpost.wbxml.page.Search;

/** One operation of an ItemOperations request, as it was asked for. Source: MS-ASCMD "ItemOperations". */
sealed interface ItemOperation {

    /** Twice as many as the specification allows (sync-rules HT-09, IO-15). */
    int MOST = 200;

    /** Bytes of a ConversationId; Exchange's have 16. */
    int LONGEST_CONVERSATION_ID = 256;

    /**
     * Reads an item or an attachment.
     *
     * @param store such as {@code Mailbox}
     * @param range as sent, {@code m-n}
     * @param schema the properties that are wanted; all if there are none
     */
    record Fetch(
            String store,
            Optional<String> collectionId,
            Optional<String> serverId,
            Optional<String> longId,
            Optional<String> linkId,
            Optional<String> fileReference,
            Optional<String> range,
            Set<Tag> schema,
            BodyOptionsReader bodies)
            implements ItemOperation {

        boolean wantsBody() {
            return schema.isEmpty() || schema.contains(AirSyncBase.BODY);
        }
    }

    /** Deletes all items of a folder for good. */
    record EmptyFolderContents(String collectionId, boolean deleteSubFolders) implements ItemOperation {}

    /** Moves a conversation to a folder, now and in future. */
    record Move(byte[] conversationId, String folderId, boolean moveAlways) implements ItemOperation {}

    /** Reads a request of a version. More than {@link #MOST} operations are a {@link StatusException} 11. */
    static List<ItemOperation> readAll(WbxmlReader in, ProtocolVersion version) {
        boolean hasMove = version.atLeast(ProtocolVersion.V14_0);
        in.root(ItemOperations.ITEM_OPERATIONS);
        var operations = new ArrayList<ItemOperation>();
        while (in.child()) {
            switch (in.tag()) {
                case ItemOperations.FETCH -> operations.add(readFetch(in));
                case ItemOperations.EMPTY_FOLDER_CONTENTS -> operations.add(readEmpty(in));
                case ItemOperations.MOVE -> {
                    var move = readMove(in);
                    if (hasMove) {
                        operations.add(move);
                    }
                }
                default -> in.skip();
            }
            if (operations.size() > MOST) {
                throw new StatusException(ItemOperationsStatus.TOO_LARGE, "more than %d operations".formatted(MOST));
            }
        }
        return operations;
    }

    private static Fetch readFetch(WbxmlReader in) {
        var store = "Mailbox";
        var collectionId = Optional.<String>empty();
        var serverId = Optional.<String>empty();
        var longId = Optional.<String>empty();
        var linkId = Optional.<String>empty();
        var fileReference = Optional.<String>empty();
        var range = Optional.<String>empty();
        var schema = new HashSet<Tag>();
        var bodies = new BodyOptionsReader();
        while (in.child()) {
            switch (in.tag()) {
                case ItemOperations.STORE -> store = in.text();
                case AirSync.COLLECTION_ID -> collectionId = Optional.of(in.text());
                case AirSync.SERVER_ID -> serverId = Optional.of(in.text());
                case Search.LONG_ID -> longId = Optional.of(in.text());
                case DocumentLibrary.LINK_ID -> linkId = Optional.of(in.text());
                case AirSyncBase.FILE_REFERENCE -> fileReference = Optional.of(in.text());
                case ItemOperations.OPTIONS -> {
                    while (in.child()) {
                        if (in.tag().equals(ItemOperations.RANGE)) {
                            range = Optional.of(in.text());
                        } else if (in.tag().equals(ItemOperations.SCHEMA)) {
                            while (in.child()) {
                                schema.add(in.tag());
                                in.skip();
                            }
                        } else if (!bodies.take(in)) {
                            // UserName and Password are for document libraries, and not even read.
                            in.skip();
                        }
                    }
                }
                default -> in.skip();
            }
        }
        return new Fetch(store, collectionId, serverId, longId, linkId, fileReference, range, schema, bodies);
    }

    private static EmptyFolderContents readEmpty(WbxmlReader in) {
        var collectionId = "";
        boolean deleteSubFolders = false;
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.COLLECTION_ID -> collectionId = in.text();
                case ItemOperations.OPTIONS -> deleteSubFolders |= hasOption(in, ItemOperations.DELETE_SUB_FOLDERS);
                default -> in.skip();
            }
        }
        return new EmptyFolderContents(collectionId, deleteSubFolders);
    }

    private static Move readMove(WbxmlReader in) {
        var conversationId = new byte[0];
        var folderId = "";
        boolean moveAlways = false;
        while (in.child()) {
            switch (in.tag()) {
                case ItemOperations.CONVERSATION_ID -> conversationId = readConversationId(in);
                case ItemOperations.DST_FLD_ID -> folderId = in.text();
                case ItemOperations.OPTIONS -> moveAlways |= hasOption(in, ItemOperations.MOVE_ALWAYS);
                default -> in.skip();
            }
        }
        return new Move(conversationId, folderId, moveAlways);
    }

    private static byte[] readConversationId(WbxmlReader in) {
        try (var bytes = in.bytes()) {
            var id = bytes.readNBytes(LONGEST_CONVERSATION_ID + 1);
            if (id.length > LONGEST_CONVERSATION_ID) {
                throw in.malformed("a ConversationId of more than %d bytes".formatted(LONGEST_CONVERSATION_ID));
            }
            return id;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An option that is there or not there. DeleteSubFolders with a 0 in it asks for the opposite. */
    private static boolean hasOption(WbxmlReader in, ItemOperations option) {
        boolean found = false;
        while (in.child()) {
            if (in.tag().equals(option)) {
                found = in.flag();
            } else {
                in.skip();
            }
        }
        return found;
    }
}
