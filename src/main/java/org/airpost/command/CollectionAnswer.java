package org.airpost.command;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.convert.MailConverter;
import org.airpost.eas.Annotation;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.Status;
import org.airpost.eas.SyncStatus;
import org.airpost.sync.Annotations;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email2;

/**
 * What a Sync answers for one collection; written in the order of the schema, MoreAvailable before Commands.
 *
 * @param syncKey the key to name; the phone's own when nothing was done
 * @param renewed items that have changed in more than flags, and are told whole
 * @param silent nothing was done and there is nothing to say: left out of the answer
 */
record CollectionAnswer(
        String collectionId,
        SyncStatus status,
        String syncKey,
        boolean silent,
        boolean moreAvailable,
        List<String> deletes,
        List<String> softDeletes,
        List<FlagChange> changes,
        List<NewItem> renewed,
        List<NewItem> adds,
        List<Response> responses) {

    /** A message whose flags changed: those that it has now, and those that differ from what the phone knows. */
    record FlagChange(String serverId, Set<String> flags, Set<String> changed, Optional<Annotation> annotation) {

        FlagChange(String serverId, Set<String> flags, Set<String> changed) {
            this(serverId, flags, changed, Optional.empty());
        }

        /** The same with what the user did that the mail server has no place for. */
        FlagChange with(Optional<Annotation> noted) {
            return new FlagChange(serverId, flags, changed, noted);
        }
    }

    /** A message that is new to the phone, with the flags that its ledger will hold. */
    record NewItem(String serverId, MailConverter.Item item, Set<String> flags) {}

    /** What the phone does not know yet of a draft that it has made. Source: MS-ASEMAIL_R1184, R1190. */
    record NewDraft(byte[] conversationId, byte[] conversationIndex, List<NewAttachment> attachments) {}

    /** By which reference an attachment is fetched that the phone has added. Source: MS-ASAIRS_R1336. */
    record NewAttachment(String clientId, String fileReference) {}

    /** What became of a command of the phone, where it must be told. */
    sealed interface Response {

        /** An Add: without ServerId if it failed, and if the draft was sent at once and is in no folder of drafts. */
        record Added(String clientId, Status status, Optional<String> serverId, Optional<NewDraft> draft)
                implements Response {

            static Added failed(String clientId, Status status) {
                return new Added(clientId, status, Optional.empty(), Optional.empty());
            }
        }

        record Changed(String serverId, Status status, List<NewAttachment> attachments) implements Response {

            static Changed failed(String serverId, Status status) {
                return new Changed(serverId, status, List.of());
            }
        }

        record Deleted(String serverId, SyncStatus status) implements Response {}

        record Fetched(String serverId, SyncStatus status, Optional<NewItem> item) implements Response {}
    }

    /** The collection as a whole failed. */
    static CollectionAnswer failed(String collectionId, SyncStatus status, String syncKey) {
        return withoutItems(collectionId, status, syncKey, false);
    }

    /** SyncKey 0 was answered: a key, and nothing told. */
    static CollectionAnswer started(String collectionId, String syncKey) {
        return withoutItems(collectionId, SyncStatus.SUCCESS, syncKey, false);
    }

    /** Nothing was done and there is nothing to say. */
    static CollectionAnswer silent(String collectionId, String syncKey) {
        return withoutItems(collectionId, SyncStatus.SUCCESS, syncKey, true);
    }

    private static CollectionAnswer withoutItems(
            String collectionId, SyncStatus status, String syncKey, boolean silent) {
        return new CollectionAnswer(
                collectionId,
                status,
                syncKey,
                silent,
                false,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    /** Items that count against the window. */
    int count() {
        return deletes.size() + softDeletes.size() + changes.size() + renewed.size() + adds.size();
    }

    void write(WbxmlWriter out, MailConverter converter, ProtocolVersion version) {
        out.start(AirSync.COLLECTION);
        if (version == ProtocolVersion.V12_1 && status == SyncStatus.SUCCESS) {
            out.text(AirSync.CLASS, "Email");
        }
        out.text(AirSync.SYNC_KEY, syncKey);
        out.text(AirSync.COLLECTION_ID, collectionId);
        out.text(AirSync.STATUS, status.code());
        if (moreAvailable) {
            out.empty(AirSync.MORE_AVAILABLE);
        }
        if (count() > 0) {
            writeCommands(out, converter, version);
        }
        if (!responses.isEmpty()) {
            writeResponses(out);
        }
        out.end();
    }

    private void writeCommands(WbxmlWriter out, MailConverter converter, ProtocolVersion version) {
        out.start(AirSync.COMMANDS);
        for (var id : deletes) {
            out.start(AirSync.DELETE).text(AirSync.SERVER_ID, id).end();
        }
        for (var id : softDeletes) {
            out.start(AirSync.SOFT_DELETE).text(AirSync.SERVER_ID, id).end();
        }
        for (var change : changes) {
            out.start(AirSync.CHANGE).text(AirSync.SERVER_ID, change.serverId());
            out.start(AirSync.APPLICATION_DATA);
            converter.writeFlags(
                    out,
                    version,
                    change.flags(),
                    change.changed(),
                    Annotations.isPurposeAmong(change.changed()),
                    Annotations.isVerbAmong(change.changed()),
                    change.annotation().orElse(Annotation.NONE));
            out.end().end();
        }
        renewed.forEach(item -> write(out, AirSync.CHANGE, item));
        adds.forEach(item -> write(out, AirSync.ADD, item));
        out.end();
    }

    private static void write(WbxmlWriter out, AirSync command, NewItem item) {
        out.start(command).text(AirSync.SERVER_ID, item.serverId());
        out.start(AirSync.APPLICATION_DATA);
        item.item().write(out, item.flags());
        out.end().end();
    }

    private void writeResponses(WbxmlWriter out) {
        out.start(AirSync.RESPONSES);
        for (var response : responses) {
            switch (response) {
                case Response.Added(var clientId, var how, var serverId, var draft) -> {
                    out.start(AirSync.ADD).text(AirSync.CLIENT_ID, clientId);
                    serverId.ifPresent(id -> out.text(AirSync.SERVER_ID, id));
                    out.text(AirSync.STATUS, how.code());
                    draft.ifPresent(made -> {
                        out.start(AirSync.APPLICATION_DATA);
                        writeAttachments(out, made.attachments());
                        out.opaque(Email2.CONVERSATION_ID, made.conversationId());
                        out.opaque(Email2.CONVERSATION_INDEX, made.conversationIndex());
                        out.end();
                    });
                    out.end();
                }
                case Response.Changed(var serverId, var how, var attachments) -> {
                    out.start(AirSync.CHANGE).text(AirSync.SERVER_ID, serverId).text(AirSync.STATUS, how.code());
                    if (!attachments.isEmpty()) {
                        out.start(AirSync.APPLICATION_DATA);
                        writeAttachments(out, attachments);
                        out.end();
                    }
                    out.end();
                }
                case Response.Deleted(var serverId, var how) ->
                    out.start(AirSync.DELETE)
                            .text(AirSync.SERVER_ID, serverId)
                            .text(AirSync.STATUS, how.code())
                            .end();
                case Response.Fetched(var serverId, var how, var item) -> {
                    out.start(AirSync.FETCH).text(AirSync.SERVER_ID, serverId).text(AirSync.STATUS, how.code());
                    if (item.isPresent()) {
                        out.start(AirSync.APPLICATION_DATA);
                        item.get().item().write(out, item.get().flags());
                        out.end();
                    }
                    out.end();
                }
            }
        }
        out.end();
    }

    private static void writeAttachments(WbxmlWriter out, List<NewAttachment> attachments) {
        if (attachments.isEmpty()) {
            return;
        }
        out.start(AirSyncBase.ATTACHMENTS);
        for (var one : attachments) {
            out.start(AirSyncBase.ATTACHMENT)
                    .text(AirSyncBase.FILE_REFERENCE, one.fileReference())
                    .text(AirSyncBase.CLIENT_ID, one.clientId())
                    .end();
        }
        out.end();
    }
}
