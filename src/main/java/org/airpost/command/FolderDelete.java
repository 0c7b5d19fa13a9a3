package org.airpost.command;

import org.airpost.eas.FolderDeleteStatus;
import org.airpost.eas.StatusException;
import org.airpost.sync.Hierarchy;
import org.airpost.wbxml.page.FolderHierarchy;

/** Deletes a folder with all that is in it. Source: MS-ASCMD "FolderDelete". */
public final class FolderDelete implements Command {

    private final Hierarchy hierarchy;

    public FolderDelete(Hierarchy hierarchy) {
        this.hierarchy = hierarchy;
    }

    @Override
    public Answer run(Request request) {
        var asked = FolderFields.read(request.document(), FolderHierarchy.FOLDER_DELETE);
        if (asked.syncKey().isEmpty() || asked.serverId().isEmpty()) {
            throw new StatusException(FolderDeleteStatus.INCORRECT_REQUEST, "FolderDelete of " + asked);
        }
        return switch (hierarchy.delete(request.device(), request.account(), asked.syncKey(), asked.serverId())) {
            case Hierarchy.Result.Done done ->
                Answer.document(out -> out.start(FolderHierarchy.FOLDER_DELETE)
                        .text(FolderHierarchy.STATUS, FolderDeleteStatus.SUCCESS.code())
                        .text(FolderHierarchy.SYNC_KEY, done.syncKey())
                        .end());
            case Hierarchy.Result.BadKey() ->
                throw new StatusException(
                        FolderDeleteStatus.INVALID_SYNC_KEY, "SyncKey \"%s\"".formatted(asked.syncKey()));
            case Hierarchy.Result.Failed(var why, var words) -> throw new StatusException(status(why), words);
        };
    }

    private static FolderDeleteStatus status(Hierarchy.Why why) {
        return switch (why) {
            case SPECIAL, RECIPIENTS -> FolderDeleteStatus.SPECIAL_FOLDER;
            case NOT_FOUND, PARENT_NOT_FOUND -> FolderDeleteStatus.NOT_FOUND;
            case EXISTS, REFUSED -> FolderDeleteStatus.SERVER_ERROR;
        };
    }
}
