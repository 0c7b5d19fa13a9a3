package org.airpost.telemetry;

import static java.util.Map.entry;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.FindStatus;
import org.airpost.eas.FolderCreateStatus;
import org.airpost.eas.FolderDeleteStatus;
import org.airpost.eas.FolderSyncStatus;
import org.airpost.eas.FolderUpdateStatus;
import org.airpost.eas.GetItemEstimateStatus;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.MoveItemsStatus;
import org.airpost.eas.PingStatus;
import org.airpost.eas.PolicyStatus;
import org.airpost.eas.ProvisionStatus;
import org.airpost.eas.ResolveRecipientsStatus;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.SettingsStatus;
import org.airpost.eas.Status;
import org.airpost.eas.SyncStatus;
import org.airpost.eas.ValidateCertStatus;
import org.airpost.http.Observer.Body;
import org.airpost.telemetry.Exchange.EasStatus;
import org.airpost.wbxml.MalformedRequestException;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;

/** Finds the status in an answer, and what it says. */
final class AnswerStatus {

    /** Statuses stand before what is long. */
    private static final int LOOKED_AT = 4 << 10;

    /** Those of collections, responses and policies are in this depth; what is deeper is one item's. */
    private static final int DEEPEST = 3;

    private static final Map<CommandName, List<Status>> TABLES = Map.ofEntries(
            entry(CommandName.SYNC, List.of(SyncStatus.values())),
            entry(CommandName.FOLDER_SYNC, List.of(FolderSyncStatus.values())),
            entry(CommandName.FOLDER_CREATE, List.of(FolderCreateStatus.values())),
            entry(CommandName.FOLDER_DELETE, List.of(FolderDeleteStatus.values())),
            entry(CommandName.FOLDER_UPDATE, List.of(FolderUpdateStatus.values())),
            entry(CommandName.MOVE_ITEMS, List.of(MoveItemsStatus.values())),
            entry(CommandName.GET_ITEM_ESTIMATE, List.of(GetItemEstimateStatus.values())),
            entry(CommandName.SEARCH, List.of(SearchStatus.values())),
            entry(CommandName.FIND, List.of(FindStatus.values())),
            entry(CommandName.SETTINGS, List.of(SettingsStatus.values())),
            entry(CommandName.PING, List.of(PingStatus.values())),
            entry(CommandName.ITEM_OPERATIONS, List.of(ItemOperationsStatus.values())),
            entry(CommandName.PROVISION, List.of(ProvisionStatus.values())),
            entry(CommandName.RESOLVE_RECIPIENTS, List.of(ResolveRecipientsStatus.values())),
            entry(CommandName.VALIDATE_CERT, List.of(ValidateCertStatus.values())));

    private AnswerStatus() {}

    /** The first status in an answer that is no success, else the first one. */
    static Optional<EasStatus> of(CommandName command, Body body) {
        if (body.bytes().length == 0) {
            return Optional.empty();
        }
        var looking = new Looking(command);
        try {
            looking.read(body.bytes());
        } catch (MalformedRequestException _) {
            // The kept start ends within an element, or it is no document: what was found before holds.
        }
        return looking.found;
    }

    /** What a status says; a number that no table has is said to be one. */
    static String words(CommandName command, int code) {
        return said(command, code).orElse("a status that no table has");
    }

    private static Optional<String> said(CommandName command, int code) {
        return Stream.concat(TABLES.getOrDefault(command, List.of()).stream(), Stream.of(CommonStatus.values()))
                .filter(row -> row.code() == code)
                .map(Status::meaning)
                .findFirst();
    }

    /** True if nobody needs to look at an answer with this status. */
    static boolean isGood(CommandName command, int code) {
        return switch (command) {
            case MOVE_ITEMS -> code == MoveItemsStatus.SUCCESS.code();
            case PING -> code == PingStatus.EXPIRED.code() || code == PingStatus.CHANGES.code();
            // Nobody of this name, or several, is an answer too.
            case RESOLVE_RECIPIENTS -> code <= ResolveRecipientsStatus.NOT_RESOLVED.code();
            default -> code == CommonStatus.SUCCESS.code();
        };
    }

    private static final class Looking {
        private final CommandName command;
        private Optional<EasStatus> found = Optional.empty();
        private boolean done;

        Looking(CommandName command) {
            this.command = command;
        }

        void read(byte[] document) {
            var in = new WbxmlReader(
                    new ByteArrayInputStream(document, 0, Math.min(document.length, LOOKED_AT)), WbxmlLimits.REQUEST);
            if (in.root()) {
                children(in, 1);
            }
        }

        private void children(WbxmlReader in, int depth) {
            while (!done && in.child()) {
                switch (in.tag().tagName()) {
                    case "Status" -> found((int) in.number(0, 9_999), depth);
                    // Below these are items.
                    case "Commands", "Responses", "Properties", "Changes" -> in.skip();
                    default -> {
                        if (depth < DEEPEST && isHolder(in.tag().tagName())) {
                            children(in, depth + 1);
                        } else {
                            in.skip();
                        }
                    }
                }
            }
        }

        /** Elements that hold elements; of others the reader would refuse the text. */
        private static boolean isHolder(String tag) {
            return switch (tag) {
                case "Collections", "Collection", "Response", "Store", "Fetch", "Move", "EmptyFolderContents" -> true;
                case "Policies", "Policy", "DeviceInformation", "Oof", "UserInformation", "DevicePassword" -> true;
                default -> false;
            };
        }

        private void found(int code, int depth) {
            boolean isPolicy = command == CommandName.PROVISION && depth == DEEPEST;
            var words = isPolicy ? policyWords(code) : words(command, code);
            if (!isGood(command, code)) {
                found = Optional.of(new EasStatus(code, words));
                done = true;
            } else if (found.isEmpty()) {
                found = Optional.of(new EasStatus(code, words));
            }
        }

        private static String policyWords(int code) {
            return Stream.of(PolicyStatus.values())
                    .filter(row -> row.code() == code)
                    .map(PolicyStatus::meaning)
                    .findFirst()
                    .orElse("a status that no table has");
        }
    }
}
