package org.airpost.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.convert.MessageParts.Kind;
import org.airpost.convert.MessageParts.Leaf;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;

/**
 * Which body a phone gets of a message and what has to be read for it, decided from the structure alone. Source: MS-ASAIRS
 * "BodyPreference", "AllOrNone (BodyPreference)", "TruncationSize"; MS-ASCMD "MIMESupport", "MIMETruncation".
 *
 * @param mime the whole message, if that is what is asked
 * @param candidates otherwise text or HTML, the first that can be kept; never empty then
 * @param bodyPart the newest part of the message, besides the body
 * @param preview characters of a preview, 0 for none
 * @param sections what to read: section → bytes at most. A message as it is stored is among them only if it is small
 * @param enough of some of them, in quoted-printable: section → decoded bytes that are wanted. They are read as far as that
 *     likely takes ({@link #first}), and further only if they decode to less
 * @param styled sections of HTML of which no more is read at first than the phone takes, and more if that has no word in it
 * @param protectedHeader section of a header within the message that is the true one; empty if there is none
 * @param sanitised true if HTML is to go without what can act by itself
 */
record BodyPlan(
        MessageParts parts,
        Smime smime,
        Optional<Mime> mime,
        List<BodyPreference> candidates,
        Optional<BodyPreference> bodyPart,
        int preview,
        Map<String, Long> sections,
        Map<String, Long> enough,
        Map<String, Long> styled,
        Optional<String> protectedHeader,
        boolean sanitised) {

    /** A message as it is stored: so many of its bytes. */
    record Mime(long length, boolean truncated) {}

    /** Bytes of MIME data by MIMETruncation; 8 is everything. Source: MS-ASCMD "MIMETruncation". */
    private static final List<Long> MIME_TRUNCATION =
            List.of(0L, 4_096L, 5_120L, 7_168L, 10_240L, 20_480L, 51_200L, 102_400L);

    /** What is sent to a phone that says nothing of bodies. */
    private static final BodyPreference DEFAULT =
            new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(32L << 10), false, 0);

    /** A signature that is cut is useless, so S/MIME messages up to this size are sent whole. */
    private static final long WHOLE_SMIME = 1 << 20;

    /** HTML has this much around few words: styles, conditional comments, layout tables. */
    private static final long LEAST_HTML = 32 << 10;

    private static final long HTML_PER_TEXT = 6;

    /** Bytes for which it is not worth to ask a second time. */
    private static final long FEW = 2_048;

    /** Where most letters are not encoded in quoted-printable. */
    private static final Set<TextEncoding> LATIN = Set.of(
            TextEncoding.UTF_8,
            TextEncoding.US_ASCII,
            TextEncoding.ISO_8859_1,
            TextEncoding.ISO_8859_15,
            TextEncoding.WINDOWS_1252);

    private static final long STATUS = 16 << 10;

    private static final long PROTECTED_HEADER = 16 << 10;

    /** Decoded bytes that are read beyond a cut. */
    private static final long MARGIN = 1_024;

    /** Bytes of a message that are read together with its description, at most. */
    private static final int MOST_START = 16 << 10;

    BodyPlan {
        candidates = List.copyOf(candidates);
        sections = Map.copyOf(sections);
        enough = Map.copyOf(enough);
        styled = Map.copyOf(styled);
    }

    static BodyPlan of(
            MessageData message, BodyOptions asked, ProtocolVersion version, MailConverter.Settings settings) {
        var limits = settings.limits();
        var parts = MessageParts.of(message.structure());
        var smime = Smime.of(message.structure());
        // A message as it is stored has all in it that a policy may keep from the phone.
        var mime = limits.admitsWholeMessages() ? mime(message, smime, asked, settings) : Optional.<Mime>empty();
        var options = limited(settings.html() == MailConverter.HtmlBodies.NONE ? withoutHtml(asked) : asked, limits);
        var candidates = mime.isPresent() ? List.<BodyPreference>of() : candidates(options, parts.isHtml());
        var bodyPart = version.atLeast(ProtocolVersion.V14_1) ? options.bodyPart() : Optional.<BodyPreference>empty();
        int preview = version.atLeast(ProtocolVersion.V14_0) ? preview(options, mime.isPresent(), candidates) : 0;

        var sections = new LinkedHashMap<String, Long>();
        var enough = new LinkedHashMap<String, Long>();
        var styled = new LinkedHashMap<String, Long>();
        boolean sanitised = settings.html() == MailConverter.HtmlBodies.SANITISED;
        for (var candidate : candidates) {
            boolean isHtml = candidate.type() == BodyType.HTML;
            want(sections, parts, isHtml, candidate.truncationSize(), settings);
            // What is sanitised gets shorter, nobody knows by how much.
            enough(enough, parts, isHtml, sanitised ? Optional.empty() : candidate.truncationSize());
        }
        boolean isAllHtml = !candidates.isEmpty() && candidates.stream().allMatch(one -> one.type() == BodyType.HTML);
        if (isAllHtml && !sanitised) {
            styled(styled, sections, parts);
        }
        bodyPart.ifPresent(part -> {
            want(sections, parts, true, part.truncationSize(), settings);
            enough(enough, parts, true, Optional.empty()); // so does what goes without quotes
        });
        int longest = Math.max(preview, bodyPart.map(BodyPreference::preview).orElse(0));
        if (longest > 0) {
            want(sections, parts, false, Optional.of(longest * 4L), settings);
            enough(enough, parts, false, Optional.of(longest * 4L));
        }
        parts.calendar().ifPresent(part -> sections.merge(part.section(), part.size() + 1_024, Math::max));
        for (var attached : parts.attachments()) { // what is in it is listed
            if (Tnef.isTnef(attached.part())) {
                sections.merge(
                        attached.part().section(),
                        Math.min(attached.part().size() + 1_024, settings.mostText()),
                        Math::max);
            }
        }
        for (var text : parts.texts()) { // its first lines tell the message class
            text.plain().stream()
                    .filter(leaf -> leaf.kind() == Kind.STATUS)
                    .forEach(leaf -> sections.merge(leaf.part().section(), STATUS, Math::max));
        }
        var protectedHeader = protectedHeader(message.structure())
                .filter(_ -> isHidden(
                        HeaderBlock.parse(message.header()).first("subject").orElse("")));
        protectedHeader.ifPresent(section -> sections.put(section, PROTECTED_HEADER));
        mime.filter(whole -> whole.length() > 0 && whole.length() <= settings.inMemory())
                .ifPresent(whole -> sections.put("", whole.length()));
        enough.entrySet()
                .removeIf(one -> one.getValue() >= settings.mostText()
                        || TransferDecoder.likelyEncodedSize(one.getValue()) + FEW
                                > sections.getOrDefault(one.getKey(), 0L));
        styled.entrySet().removeIf(one -> one.getValue() >= sections.getOrDefault(one.getKey(), 0L));
        return new BodyPlan(
                parts,
                smime,
                mime,
                candidates,
                bodyPart,
                preview,
                sections,
                enough,
                styled,
                protectedHeader,
                sanitised);
    }

    /** The header of what is signed, where it says that it repeats that of the message. Source: RFC 9788 section 4. */
    private static Optional<String> protectedHeader(BodyStructure structure) {
        return structure.isMultipart() && !structure.children().isEmpty()
                ? Optional.of(structure.children().getFirst())
                        .filter(part -> part.parameters().containsKey("protected-headers")
                                || part.parameters().containsKey("hp"))
                        .filter(part -> !Section.isPlace(part.section()))
                        .map(part -> part.section() + ".MIME")
                : Optional.empty();
    }

    /** What mailers write for a subject that only the recipient may read. Source: RFC 9788 section 2.1. */
    private static boolean isHidden(String subject) {
        return subject.equals("...") || subject.equals("[...]") || subject.equalsIgnoreCase("Encrypted Message");
    }

    /** What is read at first of HTML that is cut: further on it may have its first word behind a long style sheet. */
    private static void styled(Map<String, Long> styled, Map<String, Long> sections, MessageParts parts) {
        for (var text : parts.texts()) {
            for (var leaf : text.leaves(true)) {
                var section = leaf.part().section();
                long first = sections.getOrDefault(section, 0L);
                long most = Math.min(LEAST_HTML, leaf.part().size() + 1_024);
                if (leaf.kind() == Kind.HTML && first > 0 && first < most) {
                    styled.put(section, first);
                    sections.put(section, most);
                }
            }
        }
    }

    /** What a phone may have, in the form in which it asks. */
    private static BodyOptions limited(BodyOptions options, MailLimits limits) {
        if (limits.textBytes().isEmpty() && limits.htmlBytes().isEmpty()) {
            return options;
        }
        // A phone that names no type gets our default, and that must not be more.
        var preferences = options.preferences().stream().allMatch(one -> one.type() == BodyType.MIME)
                ? List.of(DEFAULT)
                : options.preferences();
        return new BodyOptions(
                preferences.stream().map(one -> limited(one, limits)).toList(),
                options.bodyPart().map(one -> limited(one, limits)),
                options.mimeSupport(),
                options.mimeTruncation());
    }

    private static BodyPreference limited(BodyPreference asked, MailLimits limits) {
        var most = asked.type() == BodyType.HTML ? limits.htmlBytes() : limits.textBytes();
        // A preview is of the text too.
        int preview = (int) Math.min(asked.preview(), limits.textBytes().orElse(Long.MAX_VALUE));
        boolean isWithin = most.isEmpty()
                || asked.truncationSize()
                        .filter(size -> size <= most.getAsLong())
                        .isPresent();
        // Rather nothing than a part: that was said of what the phone can show, and not of what it may have.
        return isWithin
                ? new BodyPreference(asked.type(), asked.truncationSize(), asked.allOrNone(), preview)
                : new BodyPreference(asked.type(), Optional.of(most.getAsLong()), false, preview);
    }

    /** Who wants HTML alone gets text of the same length. */
    private static BodyOptions withoutHtml(BodyOptions options) {
        boolean isText = options.preferences().stream().anyMatch(one -> one.type() == BodyType.PLAIN_TEXT);
        return new BodyOptions(
                options.preferences().stream()
                        .filter(one -> one.type() != BodyType.HTML || !isText)
                        .map(one -> one.type() == BodyType.HTML
                                ? new BodyPreference(
                                        BodyType.PLAIN_TEXT, one.truncationSize(), one.allOrNone(), one.preview())
                                : one)
                        .toList(),
                Optional.empty(),
                options.mimeSupport(),
                options.mimeTruncation());
    }

    /**
     * Bytes behind the header that are worth to be read together with it: the text that stands before HTML, and what is wanted of
     * that.
     */
    static int likelyStart(BodyOptions options) {
        var asked = Stream.concat(options.preferences().stream(), options.bodyPart().stream())
                .mapToLong(one -> Math.min(one.truncationSize().orElse((long) MOST_START), MOST_START))
                .max()
                .orElse(DEFAULT.truncationSize().orElse((long) MOST_START));
        return (int) Math.min(2 * asked + 2 * MARGIN, MOST_START);
    }

    /** Bytes of a section that are read at first. */
    long first(String section) {
        var decoded = enough.get(section);
        return decoded != null
                ? TransferDecoder.likelyEncodedSize(decoded)
                : Optional.ofNullable(styled.get(section)).orElseGet(() -> sections.getOrDefault(section, 0L));
    }

    /** Bytes that are read, unless they turn out to be too few. */
    long likelyBytes(MessageData message) {
        return sections.keySet().stream()
                .mapToLong(section -> Math.min(
                        first(section),
                        MessageParts.find(message.structure(), section)
                                .map(BodyStructure::size)
                                .orElse(first(section))))
                .sum();
    }

    /** Bytes that are read at most. */
    long bytes(MessageData message) {
        return sections.entrySet().stream()
                .mapToLong(section -> Math.min(
                        section.getValue(),
                        MessageParts.find(message.structure(), section.getKey())
                                .map(BodyStructure::size)
                                .orElse(section.getValue())))
                .sum();
    }

    private static Optional<Mime> mime(
            MessageData message, Smime smime, BodyOptions options, MailConverter.Settings settings) {
        boolean asked = options.mimeSupport() == 2 || (options.mimeSupport() == 1 && smime != Smime.NONE);
        var preference = options.preferences().stream()
                .filter(one -> one.type() == BodyType.MIME)
                .findFirst();
        if (!asked || preference.isEmpty()) {
            return Optional.empty();
        }
        long most = preference
                .get()
                .truncationSize()
                .or(() -> options.mimeTruncation()
                        .filter(code -> code >= 0 && code < MIME_TRUNCATION.size())
                        .map(MIME_TRUNCATION::get))
                .orElse(Long.MAX_VALUE);
        if (smime != Smime.NONE) {
            most = Math.max(most, WHOLE_SMIME);
        }
        most = Math.min(most, settings.mostMime());
        boolean truncated = message.size() > most;
        if (truncated
                && preference.get().allOrNone()
                && preference.get().truncationSize().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Mime(Math.min(message.size(), most), truncated));
    }

    /** The native type first, then the others in the phone's order, up to the first that can always be kept. */
    private static List<BodyPreference> candidates(BodyOptions options, boolean html) {
        var preferred = html ? BodyType.HTML : BodyType.PLAIN_TEXT;
        var ordered = new ArrayList<BodyPreference>();
        options.preferences().stream().filter(one -> one.type() == preferred).forEach(ordered::add);
        options.preferences().stream()
                .filter(one ->
                        one.type() != preferred && (one.type() == BodyType.HTML || one.type() == BodyType.PLAIN_TEXT))
                .forEach(ordered::add);
        for (int i = 0; i < ordered.size(); i++) {
            var one = ordered.get(i);
            if (!one.allOrNone() || one.truncationSize().isEmpty()) {
                return List.copyOf(ordered.subList(0, i + 1));
            }
        }
        if (ordered.isEmpty()) {
            // Rich text is for those who take nothing else.
            return List.of(options.preferences().stream()
                    .filter(one -> one.type() == BodyType.RTF)
                    .findFirst()
                    .orElse(DEFAULT));
        }
        return ordered;
    }

    private static int preview(BodyOptions options, boolean mime, List<BodyPreference> candidates) {
        return options.preferences().stream()
                .filter(one -> mime ? one.type() == BodyType.MIME : candidates.contains(one))
                .mapToInt(BodyPreference::preview)
                .max()
                .orElse(0);
    }

    private static void want(
            Map<String, Long> sections,
            MessageParts parts,
            boolean html,
            Optional<Long> truncationSize,
            MailConverter.Settings settings) {
        for (var text : parts.texts()) {
            for (var leaf : text.leaves(html)) {
                want(sections, leaf, html, truncationSize, settings);
            }
            for (var leaf : text.instead(html)) {
                want(sections, leaf, html, truncationSize, settings);
            }
        }
    }

    private static void want(
            Map<String, Long> sections,
            Leaf leaf,
            boolean html,
            Optional<Long> truncationSize,
            MailConverter.Settings settings) {
        long need = need(leaf, html, truncationSize, settings.mostText());
        // No more than there is; a little more, since some servers tell a size that is too small.
        sections.merge(leaf.part().section(), Math.min(need, leaf.part().size() + 1_024), Math::max);
    }

    private static long need(Leaf leaf, boolean html, Optional<Long> truncationSize, long most) {
        if (truncationSize.isEmpty()
                || truncationSize.get() >= most
                || leaf.kind() == Kind.TNEF
                || leaf.kind() == Kind.RTF) {
            return most;
        }
        long decoded = truncationSize.get();
        if (leaf.kind() == Kind.HTML && !html) {
            decoded = Math.max(LEAST_HTML, decoded * HTML_PER_TEXT);
        }
        var charset = charset(leaf);
        int growth = switch (charset) {
            case UTF_16BE, UTF_16LE -> 2;
            case UTF_7 -> 3;
            default -> 1;
        };
        return Math.min(
                most,
                TransferDecoder.encodedSize(
                        decoded * growth + MARGIN, leaf.part().encoding()));
    }

    private static TextEncoding charset(Leaf leaf) {
        return TextEncoding.ofLabel(leaf.charset()).orElse(TextEncoding.UTF_8);
    }

    /**
     * A byte may take three in quoted-printable, and seldom does. Says how many decoded bytes are wanted of each part of
     * which that can be said: of what is in another alphabet or becomes shorter, all is read at once.
     */
    private static void enough(
            Map<String, Long> enough, MessageParts parts, boolean html, Optional<Long> truncationSize) {
        for (var text : parts.texts()) {
            for (var leaf : text.leaves(html)) {
                boolean asItIs = leaf.kind() == Kind.PLAIN || (leaf.kind() == Kind.HTML && html);
                boolean isSparse =
                        TransferDecoder.isQuotedPrintable(leaf.part().encoding()) && LATIN.contains(charset(leaf));
                long decoded = asItIs && isSparse && truncationSize.isPresent()
                        ? Math.min(truncationSize.get(), Long.MAX_VALUE / 8) + MARGIN
                        : Long.MAX_VALUE / 4;
                enough.merge(leaf.part().section(), decoded, Math::max);
            }
            for (var leaf : text.instead(html)) {
                enough.merge(leaf.part().section(), Long.MAX_VALUE / 4, Math::max);
            }
        }
    }
}
