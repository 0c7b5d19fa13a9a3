package org.airpost.command;

import org.airpost.eas.FolderCreateStatus;
import org.airpost.eas.StatusException;
import org.airpost.sync.Hierarchy;
import org.airpost.wbxml.page.FolderHierarchy;

/** Makes a mail folder. Source: MS-ASCMD "FolderCreate". */
public final class FolderCreate implements Command {

    private final Hierarchy hierarchy;

    public FolderCreate(Hierarchy hierarchy) {
        this.hierarchy = hierarchy;
    }

    @Override
    public Answer run(Request request) {
        var asked = FolderFields.read(request.document(), FolderHierarchy.FOLDER_CREATE);
        if (asked.syncKey().isEmpty()
                || asked.displayName().isBlank()
                || asked.parentId().isEmpty()) {
            throw new StatusException(FolderCreateStatus.INCORRECT_REQUEST, "FolderCreate of " + asked);
        }
        if (asked.type() != 1 && asked.type() != 12) {
            // Only folders of mail are made so far; the types of special folders are reserved anyway (FH-09).
            throw new StatusException(
                    FolderCreateStatus.INCORRECT_REQUEST, "FolderCreate of type %d".formatted(asked.type()));
        }
        return switch (hierarchy.create(
                request.device(), request.account(), asked.syncKey(), asked.parentId(), asked.displayName())) {
            case Hierarchy.Result.Done done ->
                Answer.document(out -> out.start(FolderHierarchy.FOLDER_CREATE)
                        .text(FolderHierarchy.STATUS, FolderCreateStatus.SUCCESS.code())
                        .text(FolderHierarchy.SYNC_KEY, done.syncKey())
                        .text(FolderHierarchy.SERVER_ID, done.id())
                        .end());
            case Hierarchy.Result.BadKey() ->
                throw new StatusException(
                        FolderCreateStatus.INVALID_SYNC_KEY, "SyncKey \"%s\"".formatted(asked.syncKey()));
            case Hierarchy.Result.Failed(var why, var words) -> throw new StatusException(status(why), words);
        };
    }

    private static FolderCreateStatus status(Hierarchy.Why why) {
        return switch (why) {
            case EXISTS -> FolderCreateStatus.EXISTS;
            case SPECIAL, RECIPIENTS -> FolderCreateStatus.SPECIAL_PARENT;
            case PARENT_NOT_FOUND, NOT_FOUND -> FolderCreateStatus.PARENT_NOT_FOUND;
            case REFUSED -> FolderCreateStatus.SERVER_ERROR;
        };
    }
}
