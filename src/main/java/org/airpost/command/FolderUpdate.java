package org.airpost.command;

import org.airpost.eas.FolderUpdateStatus;
import org.airpost.eas.StatusException;
import org.airpost.sync.Hierarchy;
import org.airpost.wbxml.page.FolderHierarchy;

/** Renames or moves a folder. Source: MS-ASCMD "FolderUpdate". */
public final class FolderUpdate implements Command {

    private final Hierarchy hierarchy;

    public FolderUpdate(Hierarchy hierarchy) {
        this.hierarchy = hierarchy;
    }

    @Override
    public Answer run(Request request) {
        var asked = FolderFields.read(request.document(), FolderHierarchy.FOLDER_UPDATE);
        if (asked.syncKey().isEmpty()
                || asked.serverId().isEmpty()
                || asked.displayName().isBlank()
                || asked.parentId().isEmpty()) {
            throw new StatusException(FolderUpdateStatus.INCORRECT_REQUEST, "FolderUpdate of " + asked);
        }
        return switch (hierarchy.update(
                request.device(),
                request.account(),
                asked.syncKey(),
                asked.serverId(),
                asked.parentId(),
                asked.displayName())) {
            case Hierarchy.Result.Done done ->
                Answer.document(out -> out.start(FolderHierarchy.FOLDER_UPDATE)
                        .text(FolderHierarchy.STATUS, FolderUpdateStatus.SUCCESS.code())
                        .text(FolderHierarchy.SYNC_KEY, done.syncKey())
                        .end());
            case Hierarchy.Result.BadKey() ->
                throw new StatusException(
                        FolderUpdateStatus.INVALID_SYNC_KEY, "SyncKey \"%s\"".formatted(asked.syncKey()));
            case Hierarchy.Result.Failed(var why, var words) -> throw new StatusException(status(why), words);
        };
    }

    private static FolderUpdateStatus status(Hierarchy.Why why) {
        return switch (why) {
            case EXISTS, SPECIAL -> FolderUpdateStatus.EXISTS_OR_SPECIAL;
            case RECIPIENTS -> FolderUpdateStatus.RECIPIENT_CACHE;
            case NOT_FOUND -> FolderUpdateStatus.NOT_FOUND;
            case PARENT_NOT_FOUND -> FolderUpdateStatus.PARENT_NOT_FOUND;
            case REFUSED -> FolderUpdateStatus.SERVER_ERROR;
        };
    }
}
