package org.airpost.eas;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Tasks;

/**
 * What a flag on a message is for: its dates and its reminder, as the phone wrote them. Source: MS-ASEMAIL "Flag".
 *
 * @param isComplete true if what was to be done is done
 * @param values at most one for each element
 */
public record FollowUp(boolean isComplete, Map<Element, String> values) {

    /** Source: MS-ASEMAIL_R1059. */
    private static final Pattern USUAL = Pattern.compile("\\s*(?:flag )?for follow ?up\\s*", Pattern.CASE_INSENSITIVE);

    private static final int MOST_CHARACTERS = 255;

    /** The elements besides Status, in the order of the schema. */
    public enum Element {
        SUBJECT(Tasks.SUBJECT),
        FLAG_TYPE(Email.FLAG_TYPE),
        DATE_COMPLETED(Tasks.DATE_COMPLETED),
        COMPLETE_TIME(Email.COMPLETE_TIME),
        START_DATE(Tasks.START_DATE),
        DUE_DATE(Tasks.DUE_DATE),
        UTC_START_DATE(Tasks.UTC_START_DATE),
        UTC_DUE_DATE(Tasks.UTC_DUE_DATE),
        REMINDER_SET(Tasks.REMINDER_SET),
        REMINDER_TIME(Tasks.REMINDER_TIME),
        ORDINAL_DATE(Tasks.ORDINAL_DATE),
        SUB_ORDINAL_DATE(Tasks.SUB_ORDINAL_DATE);

        private final Tag tag;

        Element(Tag tag) {
            this.tag = tag;
        }

        public Tag tag() {
            return tag;
        }

        /** The element with a tag, if it is one of these. */
        public static Optional<Element> of(Tag tag) {
            for (var element : values()) {
                if (element.tag.equals(tag)) {
                    return Optional.of(element);
                }
            }
            return Optional.empty();
        }
    }

    public FollowUp {
        var kept = new EnumMap<Element, String>(Element.class);
        values.forEach((element, value) -> {
            if (!value.isBlank()) {
                kept.put(element, value.length() > MOST_CHARACTERS ? value.substring(0, MOST_CHARACTERS) : value);
            }
        });
        values = Collections.unmodifiableMap(kept);
    }

    public Optional<String> value(Element element) {
        return Optional.ofNullable(values.get(element));
    }

    /** True if it says more than that there is a flag. */
    public boolean saysMore() {
        return isComplete
                || values.keySet().stream().anyMatch(element -> element != Element.FLAG_TYPE)
                || value(Element.FLAG_TYPE)
                        .filter(type -> !USUAL.matcher(type).matches())
                        .isPresent();
    }

    /** False for what must be refused: a reminder without its time, an end before the start. Source: MS-ASEMAIL_R702, R739. */
    public boolean isValid() {
        boolean reminds = value(Element.REMINDER_SET).filter("1"::equals).isPresent();
        return (!reminds || value(Element.REMINDER_TIME).isPresent())
                && isInOrder(Element.START_DATE, Element.DUE_DATE)
                && isInOrder(Element.UTC_START_DATE, Element.UTC_DUE_DATE);
    }

    private boolean isInOrder(Element first, Element second) {
        var start = value(first).flatMap(EasDate::parse);
        var end = value(second).flatMap(EasDate::parse);
        return start.isEmpty() || end.isEmpty() || !start.get().isAfter(end.get());
    }
}
