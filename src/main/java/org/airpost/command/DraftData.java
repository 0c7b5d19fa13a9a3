package org.airpost.command;

import java.util.List;
import java.util.Optional;
import org.airpost.convert.DraftEdit;
import org.airpost.eas.Status;

/**
 * What an Add or a Change says as one of a draft.
 *
 * @param edit without its deletes: those are known by reference only
 * @param deletedReferences FileReferences of attachments to take out
 * @param send the draft is to be sent
 * @param content a hash of all that it says; a repeat has the same
 * @param problem why nothing can be made of it
 */
record DraftData(
        DraftEdit edit, List<String> deletedReferences, boolean send, String content, Optional<Status> problem) {

    /** Says nothing of a draft. */
    static final DraftData NOTHING = new DraftData(DraftEdit.NOTHING, List.of(), false, "", Optional.empty());

    DraftData {
        deletedReferences = List.copyOf(deletedReferences);
    }

    /** True if it changes what the draft says. */
    boolean hasContent() {
        return !edit.equals(DraftEdit.NOTHING) || !deletedReferences.isEmpty() || problem.isPresent();
    }

    boolean isNothing() {
        return !hasContent() && !send;
    }
}
