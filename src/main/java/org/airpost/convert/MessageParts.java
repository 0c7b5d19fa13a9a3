package org.airpost.convert;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.BodyStructure;

/**
 * What of a message is its text and what is attached. Source: RFC 2046 section 5; RFC 2387; RFC 1847; RFC 6522.
 *
 * @param texts what is shown, in order, each possibly in two formats
 * @param attachments everything else, in order
 */
record MessageParts(List<Text> texts, List<Attached> attachments) {

    /** How a leaf becomes text. */
    enum Kind {
        PLAIN,
        HTML,
        ENRICHED,
        CALENDAR,
        STATUS,
        /** A piece of a message that was cut for its way. */
        PARTIAL,
        /** Rich text of a message that has no other text. */
        RTF,
        /** The winmail.dat of a message that has no other text. */
        TNEF
    }

    /** A part that is shown. */
    record Leaf(BodyStructure part, Kind kind) {

        String charset() {
            return part.parameters().getOrDefault("charset", "");
        }
    }

    /** A piece of the text: what to show without markup and what to show with it. One of the two may be empty. */
    record Text(List<Leaf> plain, List<Leaf> html) {

        Text {
            plain = List.copyOf(plain);
            html = List.copyOf(html);
        }

        /** The leaves for HTML, or for plain text; if there are none, the others. */
        List<Leaf> leaves(boolean asHtml) {
            return asHtml ? html.isEmpty() ? plain : html : plain.isEmpty() ? html : plain;
        }

        /**
         * The leaves of the other kind, if these may say nothing: HTML is longer than the same words without tags, and a few
         * words of text may tell to take the HTML.
         */
        List<Leaf> instead(boolean asHtml) {
            var own = asHtml ? html : plain;
            var other = asHtml ? plain : html;
            if (own.size() != 1 || other.isEmpty()) {
                return List.of();
            }
            long most = asHtml ? Math.max(BARE_HTML, other.getFirst().part.size()) : SHORT;
            return own.getFirst().part.size() <= most ? other : List.of();
        }
    }

    /** A part that is attached; {@code related} if it came along with HTML that may refer to it. */
    record Attached(BodyStructure part, boolean related) {

        /** The id that HTML refers to it by: its own, or one for HTML that refers to it by its location. */
        Optional<String> id() {
            return part.contentId()
                    .filter(id -> !id.isBlank())
                    .or(() -> location().map(_ -> "part." + part.section() + "@location.invalid"));
        }

        /** Where it says that it is, if nothing else names it. Source: RFC 2557 section 4. */
        Optional<String> location() {
            return part.location()
                    .map(String::strip)
                    .filter(where ->
                            related && !where.isEmpty() && part.contentId().isEmpty());
        }
    }

    private static final long MOST_CALENDAR = 384 << 10;
    private static final int MOST_DEPTH = 50;
    private static final int MOST_TEXTS = 30;

    /** Bytes of a text that says nothing which another format of it does not. */
    private static final int BLANK = 4;

    /** Bytes of a text that says no more than that another one is there. */
    private static final int SHORT = 300;

    /** Bytes of a page with nothing in it. */
    private static final int BARE_HTML = 32;

    private static final int MOST_ATTACHMENTS = 1_000;

    /** Alternatives for special readers, of no use as attachments. */
    private static final Set<String> OTHER_READERS = Set.of("text/x-amp-html", "text/watch-html");

    MessageParts {
        texts = List.copyOf(texts);
        attachments = List.copyOf(attachments);
    }

    static MessageParts of(BodyStructure root) {
        var walk = new Walk();
        walk.any(root, 0, false, true);
        if (walk.texts.isEmpty()) {
            walk.promote();
        } else if (walk.texts.stream().allMatch(text -> Walk.isBlank(text.plain) && Walk.isBlank(text.html))) {
            walk.promotePacked();
        }
        return new MessageParts(walk.texts, walk.attachments);
    }

    /** True if some of the text is stored as HTML. */
    boolean isHtml() {
        return texts.stream().anyMatch(text -> text.html.stream().anyMatch(leaf -> leaf.kind == Kind.HTML));
    }

    /** True if there is no text, or nothing in it. */
    boolean isBlank() {
        return texts.stream().allMatch(text -> Walk.isBlank(text.plain) && Walk.isBlank(text.html));
    }

    /** The calendar that says what a message about a meeting wants; one that names its method goes before others. */
    Optional<BodyStructure> calendar() {
        return attachments.stream()
                .map(Attached::part)
                .filter(part -> part.mediaType().equals("text/calendar")
                        || (part.mediaType().equals("application/ics")
                                && part.parameters().containsKey("method")))
                .filter(part -> part.size() <= MOST_CALENDAR)
                .min(Comparator.comparing(part -> !part.parameters().containsKey("method")));
    }

    /** Charset of the first text as declared; empty if none is. */
    String charset() {
        return texts.stream()
                .flatMap(text -> text.leaves(true).stream())
                .map(Leaf::charset)
                .findFirst()
                .orElse("");
    }

    /** The structure with a section number, if it is there. */
    static Optional<BodyStructure> find(BodyStructure root, String section) {
        return find(root, section, 0);
    }

    private static Optional<BodyStructure> find(BodyStructure node, String section, int depth) {
        if (!node.isMultipart() && node.section().equals(section)) {
            return Optional.of(node);
        }
        if (depth < MOST_DEPTH) {
            for (var child : node.children()) {
                var found = find(child, section, depth + 1);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static final class Walk {

        private final List<Text> texts = new ArrayList<>();
        private final List<Attached> attachments = new ArrayList<>();

        void any(BodyStructure part, int depth, boolean related, boolean root) {
            if (part.isMultipart()) {
                if (depth < MOST_DEPTH) {
                    multipart(part, depth);
                }
                return;
            }
            leaf(part, related, root);
        }

        private void multipart(BodyStructure part, int depth) {
            var children = part.children();
            switch (part.subtype()) {
                case "alternative" -> alternative(part, depth);
                case "related" -> {
                    var start = part.parameters()
                            .getOrDefault("start", "")
                            .replace("<", "")
                            .replace(">", "");
                    int shown = 0;
                    for (int i = children.size() - 1; i > 0; i--) {
                        if (!start.isEmpty()
                                && children.get(i)
                                        .contentId()
                                        .filter(start::equals)
                                        .isPresent()) {
                            shown = i;
                        }
                    }
                    for (int i = 0; i < children.size(); i++) {
                        var child = children.get(i);
                        if (i == shown || child.isMultipart()) {
                            any(child, depth + 1, i != shown, false);
                        } else {
                            attach(child, true);
                        }
                    }
                }
                case "signed" -> {
                    for (int i = 0; i < children.size(); i++) {
                        // A damaged one may have several parts of parts; as such they can be told, and not as a file.
                        if (i == 0 || children.get(i).isMultipart()) {
                            any(children.get(i), depth + 1, false, false);
                        } else {
                            attach(children.get(i), false);
                        }
                    }
                }
                case "encrypted" ->
                    children.forEach(child -> {
                        if (child.isMultipart()) {
                            any(child, depth + 1, false, false);
                        } else {
                            attach(child, false);
                        }
                    });
                case "appledouble" ->
                    children.stream()
                            .filter(child -> !child.mediaType().equals("application/applefile"))
                            .forEach(child -> any(child, depth + 1, false, false));
                default -> children.forEach(child -> any(child, depth + 1, false, false));
            }
        }

        /** Takes the simplest and the richest of the alternatives; what else is there and is no text is attached. */
        private void alternative(BodyStructure part, int depth) {
            var plain = new ArrayList<Leaf>();
            var html = new ArrayList<Leaf>();
            for (var child : part.children()) {
                if (OTHER_READERS.contains(child.mediaType())) {
                    continue;
                }
                var inner = new Walk();
                // A name makes no attachment of the only text of its kind.
                boolean isOnly =
                        child.type().equals("text") && (child.subtype().equals("html") ? html : plain).isEmpty();
                inner.any(child, depth + 1, false, isOnly);
                inner.attachments.forEach(one -> attach(one.part, one.related));
                boolean rich = inner.texts.stream()
                        .anyMatch(text -> text.html.stream().anyMatch(leaf -> leaf.kind == Kind.HTML));
                if (rich) {
                    html.clear();
                    inner.texts.forEach(text -> html.addAll(text.leaves(true)));
                } else if (!inner.texts.isEmpty() && (plain.isEmpty() || plain.getFirst().kind != Kind.PLAIN)) {
                    plain.clear();
                    inner.texts.forEach(text -> plain.addAll(text.leaves(false)));
                }
            }
            if (isBlank(plain) != isBlank(html)) { // many newsletters have a text side without a word
                (isBlank(plain) ? plain : html).clear();
            }
            add(new Text(plain, html));
        }

        private static boolean isBlank(List<Leaf> leaves) {
            return leaves.stream().allMatch(leaf -> leaf.part.size() <= BLANK);
        }

        private void leaf(BodyStructure part, boolean related, boolean root) {
            boolean attached = part.disposition().filter("attachment"::equals).isPresent()
                    || (part.fileName().isPresent() && !root)
                    || (related && part.contentId().isPresent());
            switch (part.mediaType()) {
                case "text/plain" -> show(part, Kind.PLAIN, attached);
                case "text/html", "application/xhtml+xml" -> show(part, Kind.HTML, attached);
                case "text/enriched", "text/richtext" -> show(part, Kind.ENRICHED, attached);
                case "message/delivery-status",
                        "message/global-delivery-status",
                        "message/disposition-notification",
                        "message/feedback-report" -> show(part, Kind.STATUS, attached);
                case "message/partial" -> {
                    if (root) {
                        show(part, Kind.PARTIAL, attached);
                    }
                    attach(part, false);
                }
                default -> attach(part, related);
            }
        }

        private void show(BodyStructure part, Kind kind, boolean attached) {
            if (attached || texts.size() >= MOST_TEXTS) {
                attach(part, false);
                return;
            }
            var leaf = List.of(new Leaf(part, kind));
            add(kind == Kind.HTML ? new Text(List.of(), leaf) : new Text(leaf, List.of()));
        }

        private void add(Text text) {
            if (!text.plain.isEmpty() || !text.html.isEmpty()) {
                texts.add(text);
            }
        }

        private void attach(BodyStructure part, boolean related) {
            if (attachments.size() < MOST_ATTACHMENTS) {
                attachments.add(new Attached(part, related));
            }
        }

        /** A blank text beside what an invitation or a winmail.dat says is none. */
        void promotePacked() {
            var packed = attachments.stream()
                    .map(Attached::part)
                    .filter(part -> Tnef.isTnef(part) || part.mediaType().equals("text/calendar"))
                    .findFirst();
            if (packed.isPresent()) {
                texts.clear();
                add(new Text(
                        List.of(new Leaf(packed.get(), Tnef.isTnef(packed.get()) ? Kind.TNEF : Kind.CALENDAR)),
                        List.of())); // it stays attached as well
            }
        }

        /** Nothing would be shown: a text that only bears a name after all, or what an invitation says. */
        void promote() {
            for (var one : attachments) {
                var part = one.part;
                boolean isText = part.type().equals("text")
                        && part.disposition().filter("attachment"::equals).isEmpty();
                if (part.mediaType().equals("text/calendar") || part.mediaType().equals("application/ics")) {
                    add(new Text(List.of(new Leaf(part, Kind.CALENDAR)), List.of())); // stays attached as well
                    return;
                }
                if (Tnef.isTnef(part)) {
                    add(new Text(List.of(new Leaf(part, Kind.TNEF)), List.of())); // so does this
                    return;
                }
                boolean isRichText = part.subtype().equals("rtf")
                        && Set.of("text", "application").contains(part.type());
                if (isRichText
                        && part.disposition().filter("attachment"::equals).isEmpty()) {
                    add(new Text(List.of(new Leaf(part, Kind.RTF)), List.of())); // and this
                    return;
                }
                if (isText
                        && !Set.of("rtf", "vcard", "x-vcard", "directory", "csv")
                                .contains(part.subtype())) {
                    attachments.remove(one);
                    show(part, part.subtype().equals("html") ? Kind.HTML : Kind.PLAIN, false);
                    return;
                }
            }
        }
    }
}
