package org.airpost.command;

import java.util.Map;
import java.util.Set;
import org.airpost.backend.Account;
import org.airpost.backend.UidSet;
import org.airpost.eas.Annotation;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;

/** Takes along what is noted of messages that were moved. */
final class CarriedNotes {

    private CarriedNotes() {}

    /**
     * Moves the notes of messages.
     *
     * @param moved UIDs in the source to those in the target
     * @return the flags that stand for what is noted of each message in its new place
     */
    static Map<Long, Set<String>> carry(
            Folders folders,
            Account account,
            Folder source,
            long sourceValidity,
            Folder target,
            Map<Long, Long> moved) {
        var notes = folders.notes();
        var noted = notes.of(account.user(), source.id(), sourceValidity);
        if (moved.keySet().stream().noneMatch(uid -> noted.apply(uid).isPresent())
                && notes.isEmpty(account.user(), target.id())) {
            return Map.of();
        }
        var view = folders.view(account, target);
        if (view.isEmpty()) {
            return Map.of();
        }
        long uidValidity = view.get().uidValidity();
        moved.forEach((uid, now) -> noted.apply(uid)
                .ifPresent(annotation ->
                        notes.change(account.user(), target, uidValidity, UidSet.of(now), _ -> annotation)));
        notes.change(account.user(), source, sourceValidity, UidSet.of(moved.keySet()), _ -> Annotation.NONE);
        return notes.change(account.user(), target, uidValidity, UidSet.of(moved.values()), annotation -> annotation);
    }
}
