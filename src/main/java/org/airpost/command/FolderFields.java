package org.airpost.command;

import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.FolderHierarchy;

/** The fields of a FolderCreate, FolderDelete or FolderUpdate; empty, and 0 for the type, where they were not sent. */
record FolderFields(String syncKey, String serverId, String parentId, String displayName, int type) {

    static FolderFields read(WbxmlReader in, FolderHierarchy root) {
        var syncKey = "";
        var serverId = "";
        var parentId = "";
        var displayName = "";
        int type = 0;
        in.root(root);
        while (in.child()) {
            switch (in.tag()) {
                case FolderHierarchy.SYNC_KEY -> syncKey = in.text();
                case FolderHierarchy.SERVER_ID -> serverId = in.text();
                case FolderHierarchy.PARENT_ID -> parentId = in.text();
                case FolderHierarchy.DISPLAY_NAME -> displayName = in.text();
                case FolderHierarchy.TYPE -> type = (int) in.number(0, 255);
                default -> in.skip();
            }
        }
        return new FolderFields(syncKey, serverId, parentId, displayName, type);
    }
}
