package org.airpost.convert;

import java.util.Locale;
import java.util.Set;
import org.airpost.backend.FolderView;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/** What IMAP flags say in an EAS item. Source: MS-ASEMAIL "Flag", "Read", "Categories", "LastVerbExecuted". */
final class Flags {

    private static final int ACTIVE = 2;
    private static final int REPLIED = 1;
    private static final int FORWARDED = 3;

    private Flags() {}

    static boolean has(Set<String> flags, String flag) {
        return flags.contains(flag) || flags.stream().anyMatch(flag::equalsIgnoreCase);
    }

    /** Flag, empty if the message is not flagged. IMAP knows no more than that; what it is for is what Outlook says. */
    static void writeFlag(WbxmlWriter out, Set<String> flags) {
        out.start(Email.FLAG);
        if (has(flags, FolderView.FLAGGED)) {
            out.text(Email.STATUS, ACTIVE).text(Email.FLAG_TYPE, "for Follow Up");
        }
        out.end();
    }

    /** Categories, empty if there are none. */
    static void writeCategories(WbxmlWriter out, Set<String> flags) {
        out.start(Email.CATEGORIES);
        Categories.of(flags).forEach(category -> out.text(Email.CATEGORY, category));
        out.end();
    }

    /** 0 nothing, 1 replied, 3 forwarded; a reply counts for more, since IMAP does not say which was last. */
    static int lastVerb(Set<String> flags) {
        return has(flags, FolderView.ANSWERED) ? REPLIED : has(flags, FolderView.FORWARDED) ? FORWARDED : 0;
    }

    static void writeChanged(WbxmlWriter out, ProtocolVersion version, Set<String> flags, Set<String> changed) {
        boolean verb = false;
        boolean categories = false;
        for (var flag : changed) {
            switch (flag.toLowerCase(Locale.ROOT)) {
                case "\\seen" -> out.flag(Email.READ, has(flags, FolderView.SEEN));
                case "\\flagged" -> writeFlag(out, flags);
                case "\\answered", "$forwarded" -> verb = true;
                default -> categories |= Categories.ofKeyword(flag).isPresent();
            }
        }
        if (version.atLeast(ProtocolVersion.V14_0)) {
            if (verb) {
                out.text(Email2.LAST_VERB_EXECUTED, lastVerb(flags));
            }
            if (categories) {
                writeCategories(out, flags);
            }
        }
    }
}
