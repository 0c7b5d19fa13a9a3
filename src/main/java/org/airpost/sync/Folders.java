package org.airpost.sync;

import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.FolderView;
import org.airpost.eas.FolderType;

/** The folder table of each user: stable ids for the server's mailboxes. */
public final class Folders {

    /** The folder of this user with a CollectionId; empty if the user has none of that id. */
    public Optional<Folder> find(Account account, String collectionId) {
        throw new UnsupportedOperationException();
    }

    /** The one folder of a special type, such as Sent Items; the server makes it if it is missing. */
    public Folder special(Account account, FolderType type) {
        throw new UnsupportedOperationException();
    }

    /** The view of a folder, fresh as of now; empty if the mailbox is gone. */
    public Optional<FolderView> view(Account account, Folder folder) {
        throw new UnsupportedOperationException();
    }
}
