package org.airpost.command;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.FindStatus;
import org.airpost.eas.FolderCreateStatus;
import org.airpost.eas.FolderDeleteStatus;
import org.airpost.eas.FolderSyncStatus;
import org.airpost.eas.FolderUpdateStatus;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.PingStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.ProvisionStatus;
import org.airpost.eas.SettingsStatus;
import org.airpost.eas.Status;
import org.airpost.eas.SyncStatus;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.ComposeMail;
import org.airpost.wbxml.page.Find;
import org.airpost.wbxml.page.FolderHierarchy;
import org.airpost.wbxml.page.GetItemEstimate;
import org.airpost.wbxml.page.ItemOperations;
import org.airpost.wbxml.page.MeetingResponse;
import org.airpost.wbxml.page.Move;
import org.airpost.wbxml.page.Ping;
import org.airpost.wbxml.page.Provision;
import org.airpost.wbxml.page.ResolveRecipients;
import org.airpost.wbxml.page.Search;
import org.airpost.wbxml.page.Settings;
import org.airpost.wbxml.page.ValidateCert;

/**
 * Since which version there is a command, where the status of the whole stands in its answer, and which one says that the
 * request is malformed. Source: MS-ASCMD 2.2.1 and "Status" of each command.
 */
final class Commands {

    private static final Map<CommandName, Row> ROWS = Map.ofEntries(
            row(CommandName.SYNC, AirSync.SYNC, AirSync.STATUS, SyncStatus.PROTOCOL_ERROR),
            row(CommandName.SEND_MAIL, ComposeMail.SEND_MAIL, ComposeMail.STATUS, CommonStatus.INVALID_XML),
            row(CommandName.SMART_FORWARD, ComposeMail.SMART_FORWARD, ComposeMail.STATUS, CommonStatus.INVALID_XML),
            row(CommandName.SMART_REPLY, ComposeMail.SMART_REPLY, ComposeMail.STATUS, CommonStatus.INVALID_XML),
            row(
                    CommandName.FOLDER_SYNC,
                    FolderHierarchy.FOLDER_SYNC,
                    FolderHierarchy.STATUS,
                    FolderSyncStatus.INCORRECT_REQUEST),
            row(
                    CommandName.FOLDER_CREATE,
                    FolderHierarchy.FOLDER_CREATE,
                    FolderHierarchy.STATUS,
                    FolderCreateStatus.INCORRECT_REQUEST),
            row(
                    CommandName.FOLDER_DELETE,
                    FolderHierarchy.FOLDER_DELETE,
                    FolderHierarchy.STATUS,
                    FolderDeleteStatus.INCORRECT_REQUEST),
            row(
                    CommandName.FOLDER_UPDATE,
                    FolderHierarchy.FOLDER_UPDATE,
                    FolderHierarchy.STATUS,
                    FolderUpdateStatus.INCORRECT_REQUEST),
            row(CommandName.MOVE_ITEMS, Move.MOVE_ITEMS, Move.STATUS, CommonStatus.INVALID_XML),
            row(
                    CommandName.GET_ITEM_ESTIMATE,
                    GetItemEstimate.GET_ITEM_ESTIMATE,
                    GetItemEstimate.STATUS,
                    CommonStatus.INVALID_XML),
            row(
                    CommandName.MEETING_RESPONSE,
                    MeetingResponse.MEETING_RESPONSE,
                    MeetingResponse.STATUS,
                    CommonStatus.INVALID_XML),
            row(CommandName.SEARCH, Search.SEARCH, Search.STATUS, CommonStatus.INVALID_XML),
            row(CommandName.SETTINGS, Settings.SETTINGS, Settings.STATUS, SettingsStatus.PROTOCOL_ERROR),
            row(CommandName.PING, Ping.PING, Ping.STATUS, PingStatus.SYNTAX_ERROR),
            row(
                    CommandName.ITEM_OPERATIONS,
                    ItemOperations.ITEM_OPERATIONS,
                    ItemOperations.STATUS,
                    ItemOperationsStatus.PROTOCOL_ERROR),
            row(CommandName.PROVISION, Provision.PROVISION, Provision.STATUS, ProvisionStatus.PROTOCOL_ERROR),
            row(
                    CommandName.RESOLVE_RECIPIENTS,
                    ResolveRecipients.RESOLVE_RECIPIENTS,
                    ResolveRecipients.STATUS,
                    CommonStatus.INVALID_XML),
            row(CommandName.VALIDATE_CERT, ValidateCert.VALIDATE_CERT, ValidateCert.STATUS, CommonStatus.INVALID_XML),
            entry(
                    CommandName.FIND,
                    new Row(ProtocolVersion.V16_1, Find.FIND, Find.STATUS, FindStatus.INVALID_REQUEST)));

    private Commands() {}

    /**
     * A command.
     *
     * @param first the version that it came with
     * @param root root element of its answer
     * @param status element for the status of the whole, a child of the root
     * @param malformed what it answers to a request that it cannot read
     */
    record Row(ProtocolVersion first, Tag root, Tag status, Status malformed) {

        /** An answer that holds a status and nothing else. */
        Answer answer(Status value) {
            return Answer.document(
                    out -> out.start(root).text(status, value.code()).end());
        }
    }

    /** What is known of a command; nothing about those of 12.1 and before that answer without a document. */
    static Optional<Row> row(CommandName name) {
        return Optional.ofNullable(ROWS.get(name));
    }

    private static Map.Entry<CommandName, Row> row(CommandName name, Tag root, Tag status, Status malformed) {
        return entry(name, new Row(ProtocolVersion.V12_1, root, status, malformed));
    }
}
