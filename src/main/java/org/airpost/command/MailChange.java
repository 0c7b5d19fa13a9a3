package org.airpost.command;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.FolderView;
import org.airpost.convert.Categories;
import org.airpost.eas.FollowUp;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Email;

/**
 * Collects what a phone changed in a mail: Read, Flag and Categories; what else it sends is ignored. Source: MS-ASCMD_R873;
 * MS-ASEMAIL "Flag", "Read", "Categories".
 */
final class MailChange {

    /**
     * Flags to add and to remove; keywords that stand for categories are replaced as a whole if they were sent.
     *
     * @param followUp what the flag is for, if a flag was sent; empty within for one that was cleared
     */
    record MailFlags(
            Set<String> add,
            Set<String> remove,
            Optional<Set<String>> keywords,
            Optional<Optional<FollowUp>> followUp) {

        boolean isEmpty() {
            return add.isEmpty() && remove.isEmpty() && keywords.isEmpty();
        }
    }

    private static final int COMPLETE = 1;
    private static final int ACTIVE = 2;

    private final Set<String> add = new HashSet<>();
    private final Set<String> remove = new HashSet<>();
    private Optional<Set<String>> keywords = Optional.empty();
    private Optional<Optional<FollowUp>> followUp = Optional.empty();

    /** Reads a child of ApplicationData if it is one of these; false, and nothing read, if not. */
    boolean take(WbxmlReader in) {
        switch (in.tag()) {
            case Email.READ -> set(FolderView.SEEN, in.flag());
            case Email.FLAG -> set(FolderView.FLAGGED, readFlag(in));
            case Email.CATEGORIES -> keywords = Optional.of(readCategories(in));
            default -> {
                return false;
            }
        }
        return true;
    }

    MailFlags flags() {
        return new MailFlags(Set.copyOf(add), Set.copyOf(remove), keywords, followUp);
    }

    private void set(String flag, boolean on) {
        (on ? add : remove).add(flag);
        (on ? remove : add).remove(flag);
    }

    /** True for an active flag (Status 2); a completed one (1), a cleared one (0) and an empty tag are no flag to IMAP. */
    private boolean readFlag(WbxmlReader in) {
        long status = 0;
        var values = new EnumMap<FollowUp.Element, String>(FollowUp.Element.class);
        while (in.child()) {
            var element = FollowUp.Element.of(in.tag());
            if (in.tag() == Email.STATUS) {
                status = in.number(0, 2);
            } else if (element.isPresent()) {
                values.put(element.get(), in.text());
            } else {
                in.skip();
            }
        }
        boolean isFlag = status != 0;
        followUp = Optional.of(
                Optional.of(new FollowUp(status == COMPLETE, values)).filter(one -> isFlag && one.saysMore()));
        return status == ACTIVE;
    }

    private static Set<String> readCategories(WbxmlReader in) {
        var keywords = new HashSet<String>();
        while (in.child()) {
            if (in.tag() == Email.CATEGORY) {
                keywords.add(Categories.toKeyword(in.text()));
            } else {
                in.skip();
            }
        }
        return keywords;
    }
}
