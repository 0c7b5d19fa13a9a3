package org.airpost.phone;

import java.util.List;

/** What a FolderSync answered. The lists hold folder ids. */
public record FolderChanges(int status, List<String> added, List<String> updated, List<String> deleted) {

    public FolderChanges {
        added = List.copyOf(added);
        updated = List.copyOf(updated);
        deleted = List.copyOf(deleted);
    }

    public boolean succeeded() {
        return status == 1;
    }

    public boolean isEmpty() {
        return added.isEmpty() && updated.isEmpty() && deleted.isEmpty();
    }
}
