package org.airpost.phone;

import java.util.Optional;

/** What FolderCreate, FolderDelete or FolderUpdate answered; the id is that of a folder created. */
public record FolderResult(int status, Optional<String> serverId) {

    public boolean succeeded() {
        return status == 1;
    }
}
