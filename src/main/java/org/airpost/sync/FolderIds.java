package org.airpost.sync;

import java.nio.ByteBuffer;
import org.airpost.backend.Account;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * How far the ids of a user's folders have been given, kept apart from the folder table so that none is given twice even if
 * that is damaged. Key: {@code folderids/<user>}.
 */
final class FolderIds {

    /** Ids that are reserved at a time, so that this is rarely written. */
    private static final long BLOCK = 100;

    /** Where ids begin if even this is damaged: no user has had so many folders. */
    private static final long FAR = 1_000_000_000L;

    private static final int TRIES = 20;

    private final Store store;

    FolderIds(Store store) {
        this.store = store;
    }

    /** Sees to it that ids below this one are not given by anybody who comes later. */
    void reserve(Account account, long nextId) {
        for (int tries = 0; tries < TRIES; tries++) {
            var stored = store.get(key(account));
            if (stored.isPresent() && read(stored.get()) >= nextId) {
                return;
            }
            long version = stored.map(Store.Versioned::version).orElse(Store.ABSENT);
            byte[] bytes =
                    ByteBuffer.allocate(Long.BYTES).putLong(nextId + BLOCK).array();
            if (store.put(key(account), bytes, version).isPresent()) {
                return;
            }
        }
        throw new StoreException("folder ids of %s are written by others all the time".formatted(account.user()));
    }

    /** The first id that was not given by a table that is damaged, in this version of it. */
    long first(Account account, long tableVersion) {
        return store.get(key(account)).map(FolderIds::read).filter(id -> id > 0).orElse(FAR + tableVersion * BLOCK);
    }

    private static long read(Store.Versioned stored) {
        return stored.value().length == Long.BYTES
                ? ByteBuffer.wrap(stored.value()).getLong()
                : 0;
    }

    private static String key(Account account) {
        return "folderids/" + account.user();
    }
}
