package org.airpost.convert;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.FolderView;
import org.airpost.eas.Annotation;
import org.airpost.eas.EasDate;
import org.airpost.eas.FollowUp;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/** What IMAP flags say in an EAS item. Source: MS-ASEMAIL "Flag", "Read", "Categories", "LastVerbExecuted". */
final class Flags {

    private static final int COMPLETE = 1;
    private static final int ACTIVE = 2;
    private static final int REPLIED = 1;
    private static final int FORWARDED = 3;

    private Flags() {}

    static boolean has(Set<String> flags, String flag) {
        return flags.contains(flag) || flags.stream().anyMatch(flag::equalsIgnoreCase);
    }

    /**
     * Flag, empty if the message is not flagged and nothing is noted as done. IMAP knows no more than that it is; dates and
     * reminder are noted beside it. Where nothing is, what it is for is what Outlook says.
     */
    static void writeFlag(WbxmlWriter out, Set<String> flags, Annotation annotation) {
        boolean flagged = has(flags, FolderView.FLAGGED);
        var followUp = annotation.followUp().filter(one -> flagged || one.isComplete());
        out.start(Email.FLAG);
        if (flagged || followUp.isPresent()) {
            var values = new EnumMap<FollowUp.Element, String>(FollowUp.Element.class);
            followUp.ifPresent(one -> values.putAll(one.values()));
            values.putIfAbsent(FollowUp.Element.FLAG_TYPE, "for Follow Up");
            if (flagged) { // again, after it was done
                values.remove(FollowUp.Element.COMPLETE_TIME);
                values.remove(FollowUp.Element.DATE_COMPLETED);
            }
            text(out, values, FollowUp.Element.SUBJECT);
            out.text(Email.STATUS, flagged ? ACTIVE : COMPLETE);
            values.forEach((element, value) -> {
                if (element != FollowUp.Element.SUBJECT) {
                    out.text(element.tag(), value);
                }
            });
        }
        out.end();
    }

    private static void text(WbxmlWriter out, Map<FollowUp.Element, String> values, FollowUp.Element element) {
        Optional.ofNullable(values.get(element)).ifPresent(value -> out.text(element.tag(), value));
    }

    /** Categories, empty if there are none. */
    static void writeCategories(WbxmlWriter out, Set<String> flags) {
        out.start(Email.CATEGORIES);
        Categories.of(flags).forEach(category -> out.text(Email.CATEGORY, category));
        out.end();
    }

    /** What was done last and when; nothing if nothing was. Source: MS-ASEMAIL "LastVerbExecuted". */
    static void writeVerb(WbxmlWriter out, Set<String> flags, Annotation annotation) {
        int verb = lastVerb(flags, annotation);
        if (verb > 0) {
            out.text(Email2.LAST_VERB_EXECUTED, verb);
            annotation
                    .verbTime()
                    .filter(_ -> verb == annotation.verb())
                    .ifPresent(time -> out.text(Email2.LAST_VERB_EXECUTION_TIME, EasDate.separated(time)));
        }
    }

    /** What is noted, if the flags do not say otherwise; else a reply counts for more, since IMAP does not say which was last. */
    private static int lastVerb(Set<String> flags, Annotation annotation) {
        boolean answered = has(flags, FolderView.ANSWERED);
        boolean forwarded = has(flags, FolderView.FORWARDED);
        if (annotation.verb() > 0 && (annotation.verb() == FORWARDED ? forwarded : answered)) {
            return annotation.verb();
        }
        return answered ? REPLIED : forwarded ? FORWARDED : 0;
    }

    static void writeChanged(
            WbxmlWriter out,
            ProtocolVersion version,
            Set<String> flags,
            Set<String> changed,
            boolean isPurpose,
            boolean isVerb,
            Annotation annotation) {
        boolean verb = isVerb;
        boolean flag = isPurpose;
        boolean categories = false;
        for (var one : changed) {
            switch (one.toLowerCase(Locale.ROOT)) {
                case "\\seen" -> out.flag(Email.READ, has(flags, FolderView.SEEN));
                case "\\flagged" -> flag = true;
                case "\\answered", "$forwarded" -> verb = true;
                default -> categories |= Categories.ofKeyword(one).isPresent();
            }
        }
        if (flag) {
            writeFlag(out, flags, annotation);
        }
        if (version.atLeast(ProtocolVersion.V14_0)) {
            if (verb && lastVerb(flags, annotation) > 0) {
                writeVerb(out, flags, annotation);
            } else if (verb && !isVerb) {
                out.text(Email2.LAST_VERB_EXECUTED, 0);
            }
            if (categories) {
                writeCategories(out, flags);
            }
        }
    }
}
