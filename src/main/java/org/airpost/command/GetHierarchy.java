package org.airpost.command;

import org.airpost.eas.CommonStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.wbxml.page.FolderHierarchy;

/**
 * Lists the folders of mail, without a key and without changes. Part of 12.1 and before, and the only command whose answer
 * has another root than its name. Source: MS-ASCMD "GetHierarchy"; GetHierarchyResponse.xsd; R6033 for the 500.
 */
public final class GetHierarchy implements Command {

    private final Folders folders;

    public GetHierarchy(Folders folders) {
        this.folders = folders;
    }

    @Override
    public Answer run(Request request) {
        if (request.version().atLeast(ProtocolVersion.V14_0)) {
            throw new StatusException(CommonStatus.COMMAND_NOT_SUPPORTED, "GetHierarchy ends with 12.1");
        }
        var all = folders.list(request.account());
        return Answer.document(out -> {
            out.start(FolderHierarchy.FOLDERS);
            all.stream()
                    .filter(Folder::holdsMail)
                    .forEach(folder -> out.start(FolderHierarchy.FOLDER)
                            .text(FolderHierarchy.DISPLAY_NAME, folder.displayName())
                            .text(FolderHierarchy.SERVER_ID, folder.id())
                            .text(FolderHierarchy.TYPE, folder.type().code())
                            .text(FolderHierarchy.PARENT_ID, folder.parentId())
                            .end());
            out.end();
        });
    }
}
