package org.airpost.command;

import java.util.List;
import org.airpost.device.Devices;
import org.airpost.eas.FolderSyncStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folder;
import org.airpost.sync.Hierarchy;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.FolderHierarchy;

/** Tells a device about the user's folders. Source: MS-ASCMD "FolderSync". */
public final class FolderSync implements Command {

    private final Hierarchy hierarchy;
    private final Devices devices;
    private final boolean hasRecipients;

    public FolderSync(Hierarchy hierarchy, Devices devices) {
        this(hierarchy, devices, false);
    }

    /**
     * The command.
     *
     * @param hasRecipients whether there is a recipient information cache, for the versions that know it (MS-ASCNTC_R2261)
     */
    public FolderSync(Hierarchy hierarchy, Devices devices, boolean hasRecipients) {
        this.hierarchy = hierarchy;
        this.devices = devices;
        this.hasRecipients = hasRecipients;
    }

    @Override
    public Answer run(Request request) {
        var syncKey = read(request.document());
        if (!syncKey.equals("0")) {
            // A device that comes back is no mere try of an account (FH-18).
            devices.keep(request.device());
        }
        boolean recipients = hasRecipients && request.version().atLeast(ProtocolVersion.V14_0);
        return switch (hierarchy.sync(request.device(), request.account(), syncKey, recipients)) {
            case Hierarchy.Result.Done done -> Answer.document(out -> write(out, done));
            case Hierarchy.Result.BadKey() ->
                throw new StatusException(
                        FolderSyncStatus.INVALID_SYNC_KEY, "SyncKey \"%s\" is not a known one".formatted(syncKey));
            case Hierarchy.Result.Failed(var why, var words) ->
                throw new StatusException(FolderSyncStatus.SERVER_ERROR, why + ": " + words);
        };
    }

    /** The key that a phone names. */
    static String read(WbxmlReader in) {
        var syncKey = "";
        in.root(FolderHierarchy.FOLDER_SYNC);
        while (in.child()) {
            if (in.tag() == FolderHierarchy.SYNC_KEY) {
                syncKey = in.text();
            } else {
                in.skip();
            }
        }
        if (syncKey.isEmpty()) {
            throw new StatusException(FolderSyncStatus.INCORRECT_REQUEST, "FolderSync without SyncKey");
        }
        return syncKey;
    }

    static void write(WbxmlWriter out, Hierarchy.Result.Done done) {
        out.start(FolderHierarchy.FOLDER_SYNC)
                .text(FolderHierarchy.STATUS, FolderSyncStatus.SUCCESS.code())
                .text(FolderHierarchy.SYNC_KEY, done.syncKey())
                .start(FolderHierarchy.CHANGES)
                .text(
                        FolderHierarchy.COUNT,
                        done.adds().size()
                                + done.updates().size()
                                + done.deletes().size());
        write(out, FolderHierarchy.UPDATE, done.updates());
        for (var id : done.deletes()) {
            out.start(FolderHierarchy.DELETE)
                    .text(FolderHierarchy.SERVER_ID, id)
                    .end();
        }
        write(out, FolderHierarchy.ADD, done.adds());
        out.end().end();
    }

    private static void write(WbxmlWriter out, FolderHierarchy tag, List<Folder> folders) {
        for (var folder : folders) {
            out.start(tag)
                    .text(FolderHierarchy.SERVER_ID, folder.id())
                    .text(FolderHierarchy.PARENT_ID, folder.parentId())
                    .text(FolderHierarchy.DISPLAY_NAME, folder.displayName())
                    .text(FolderHierarchy.TYPE, folder.type().code())
                    .end();
        }
    }
}
