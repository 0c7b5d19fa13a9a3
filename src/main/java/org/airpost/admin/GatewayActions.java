package org.airpost.admin;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.airpost.admin.Audit.Subject;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.store.mapdb.Backup;

/** What is done with the gateway as a whole, while it runs. Only for administrators. */
public final class GatewayActions {

    private final Store store;
    private final Supplier<Result<List<String>>> reload;
    private final Audit audit;
    private final InstantSource clock;

    /** Held while a backup is made: a second one into the same file would take the first one's from under it. */
    private final ReentrantLock backingUp = new ReentrantLock();

    /** With a way to read the configuration again, which says what has changed. */
    public GatewayActions(Store store, Supplier<Result<List<String>>> reload, Audit audit, InstantSource clock) {
        this.store = store;
        this.reload = reload;
        this.audit = audit;
        this.clock = clock;
    }

    /** Writes a backup of the store into a file that is not there yet; the path is absolute. */
    public Result<Backup.Contents> backup(Actor actor, Path file) {
        Result<Backup.Contents> result;
        if (actor.role() != Role.ADMIN) {
            result = Result.notAllowed(actor);
        } else if (!file.isAbsolute()) {
            result = Result.invalid("the path of a backup is absolute, not " + file);
        } else if (!backingUp.tryLock()) {
            result = Result.conflict("a backup is being made already");
        } else {
            try {
                result = new Result.Done<>(Backup.write(store, file, clock.instant()));
            } catch (StoreException e) {
                result = Result.conflict(String.valueOf(e.getMessage()));
            } finally {
                backingUp.unlock();
            }
        }
        note(actor, "gateway.backup", result, file.toString());
        return result;
    }

    /** Reads the configuration again and takes over what can be; what has changed, or why nothing was. */
    public Result<List<String>> reload(Actor actor) {
        Result<List<String>> result = actor.role() == Role.ADMIN ? reload.get() : Result.notAllowed(actor);
        note(
                actor,
                "gateway.reload",
                result,
                result instanceof Result.Done<List<String>>(var lines) ? String.join("; ", lines) : "");
        return result;
    }

    private void note(Actor actor, String action, Result<?> result, String words) {
        audit.note(
                actor,
                action,
                Subject.NONE,
                result.isDone(),
                result instanceof Result.Refused<?>(var _, var why) ? why : words);
    }
}
