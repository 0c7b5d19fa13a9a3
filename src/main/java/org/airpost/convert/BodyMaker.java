package org.airpost.convert;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.airpost.backend.BodyStructure;
import org.airpost.convert.MessageParts.Kind;
import org.airpost.convert.MessageParts.Leaf;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.wbxml.XmlText;

/** Makes the bodies that a plan asks for of the parts that were read. */
final class BodyMaker {

    /**
     * A body as it goes to the phone.
     *
     * @param size bytes of UTF-8 before the cut. Exact if all of the text was read; else what was read, converted, and the
     *     size of the rest as the structure tells it
     * @param data empty if nothing is sent at all
     */
    record Body(BodyType type, long size, boolean truncated, Optional<XmlText> data, Optional<String> preview) {

        /** A text that is neither cut nor has a preview. */
        static Body whole(BodyType type, String text) {
            var data = XmlText.of(text);
            return new Body(type, data.length(), false, Optional.of(data), Optional.empty());
        }
    }

    /** The newest part of a message; without a body if it is too large. Source: MS-ASAIRS "Status". */
    record BodyPart(Optional<Body> body) {}

    /**
     * All of the text in one format, as far as it was read.
     *
     * @param left how many bytes are still to come
     */
    private record Rendition(String text, XmlText ready, long left) {

        static Rendition of(String text, long left) {
            return new Rendition(text, XmlText.of(text), left);
        }

        boolean complete() {
            return left == 0;
        }

        long size() {
            return ready.length() + left;
        }
    }

    private static final Word CID_SCHEME = new Word("cid:");
    private static final Pattern CID = Pattern.compile("cid:([^\"'\\s<>)]{1,500})", Pattern.CASE_INSENSITIVE);
    private static final Pattern PERCENT = Pattern.compile("%[0-9A-Fa-f]{2}");

    private final BodyPlan plan;
    private final Map<String, byte[]> read;
    private final Map<String, Tnef> tnefs = new HashMap<>();
    private final Map<String, List<UuText.File>> uuencoded = new LinkedHashMap<>();
    private Optional<Rendition> html = Optional.empty();
    private Optional<Rendition> plain = Optional.empty();

    /** A maker for what was read: section → its bytes, transfer encoding not undone. */
    BodyMaker(BodyPlan plan, Map<String, byte[]> read) {
        this.plan = plan;
        this.read = read;
    }

    /** The body, as text or HTML; only for a plan that has candidates. */
    Body body() {
        for (var candidate : plan.candidates()) {
            if (candidate.type() == BodyType.RTF) {
                return rtf(candidate);
            }
            boolean isHtml = candidate.type() == BodyType.HTML;
            var all = rendition(isHtml);
            long most = candidate.truncationSize().orElse(Long.MAX_VALUE);
            if (all.complete() && all.size() <= most) {
                return new Body(candidate.type(), all.size(), false, Optional.of(all.ready), preview(isHtml));
            }
            if (!candidate.allOrNone() || candidate.truncationSize().isEmpty()) {
                var cut = cut(all, most, isHtml);
                return new Body(
                        candidate.type(),
                        all.size(),
                        true,
                        Optional.of(cut).filter(data -> !data.isEmpty()).map(XmlText::of),
                        preview(isHtml || cut.isEmpty()));
            }
        }
        var first = plan.candidates().getFirst();
        return new Body(
                first.type(), rendition(first.type() == BodyType.HTML).size(), true, Optional.empty(), preview(true));
    }

    private Body rtf(BodyPreference asked) {
        var all = rendition(false);
        var data = RtfText.of(all.text);
        long size = data.length() + all.left;
        long most = asked.truncationSize().orElse(Long.MAX_VALUE);
        if (all.complete() && size <= most) {
            return new Body(BodyType.RTF, size, false, Optional.of(XmlText.of(data)), preview(true));
        }
        int end = asked.allOrNone() ? 0 : RtfText.end(all.text, most);
        var cut = Optional.of(all.text.substring(0, end)).filter(text -> !text.isEmpty());
        return new Body(BodyType.RTF, size, true, cut.map(RtfText::of).map(XmlText::of), preview(true));
    }

    /** The preview, unless it says nothing that the data does not. Source: MS-ASAIRS "Preview (Body)", R1001036. */
    Optional<String> preview(boolean wanted) {
        return wanted && plan.preview() > 0
                ? Optional.of(Preview.of(rendition(false).text, plan.preview()))
                : Optional.empty();
    }

    /** The newest part as HTML. */
    BodyPart bodyPart(BodyPreference asked) {
        var all = rendition(true);
        var own = Html.withoutQuotes(all.text);
        long most = asked.truncationSize().orElse(Long.MAX_VALUE);
        var part = Rendition.of(own, all.left);
        var preview = asked.preview() > 0
                ? Optional.of(Preview.of(HtmlText.of(own), asked.preview()))
                : Optional.<String>empty();
        boolean fits = part.complete() && part.size() <= most;
        if (!fits && asked.allOrNone() && asked.truncationSize().isPresent()) {
            return new BodyPart(Optional.empty());
        }
        var data = fits ? part.ready : XmlText.of(cut(part, most, true));
        return new BodyPart(Optional.of(new Body(BodyType.HTML, part.size(), !fits, Optional.of(data), preview)));
    }

    /** Ids of parts that the HTML refers to; empty if the HTML was not read to its end. */
    Optional<Set<String>> references() {
        if (html.isEmpty()) {
            return Optional.empty();
        }
        return html.get().complete() ? Optional.of(references(html.get().text)) : Optional.empty();
    }

    /** Ids of parts that a page refers to. Source: RFC 2392. */
    static Set<String> references(String page) {
        var ids = new HashSet<String>();
        if (CID_SCHEME.isIn(page)) {
            var matcher = CID.matcher(page);
            while (matcher.find()) {
                ids.add(percentDecoded(matcher.group(1).replace("&amp;", "&")));
            }
        }
        return ids;
    }

    /** The text of a report about delivery or reading, as far as it was read. */
    String status() {
        for (var text : plan.parts().texts()) {
            for (var leaf : text.plain()) {
                if (leaf.kind() == Kind.STATUS) {
                    return decoded(leaf).text.toLowerCase(Locale.ROOT);
                }
            }
        }
        return "";
    }

    private static String percentDecoded(String id) {
        return PERCENT.matcher(id)
                .replaceAll(hex -> Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(hex.group().substring(1), 16))));
    }

    private Rendition rendition(boolean asHtml) {
        var made = asHtml ? html : plain;
        if (made.isPresent()) {
            return made.get();
        }
        var fresh = asHtml ? makeHtml() : makePlain();
        if (asHtml) {
            html = Optional.of(fresh);
        } else {
            plain = Optional.of(fresh);
        }
        return fresh;
    }

    private Rendition makePlain() {
        var pieces = new ArrayList<String>();
        long left = 0;
        for (var leaf : leaves(false)) {
            var source = decoded(leaf);
            left += source.left;
            pieces.add(source.html ? HtmlText.of(source.text) : text(leaf, source.text));
        }
        var text = String.join("\r\n", pieces);
        return Rendition.of(text, left);
    }

    private Rendition makeHtml() {
        var before = new StringBuilder();
        var after = new StringBuilder();
        Optional<String> host = Optional.empty();
        long left = 0;
        for (var leaf : leaves(true)) {
            var source = decoded(leaf);
            left += source.left;
            boolean isHtml = source.html || (leaf.kind() == Kind.TNEF && isHtml(leaf));
            if (isHtml && host.isEmpty()) {
                host = Optional.of(Html.declaredAsUtf8(
                        leaf.kind() == Kind.TNEF
                                ? tnef(leaf.part()).flatMap(Tnef::html).orElse("")
                                : source.text));
                continue;
            }
            var piece = source.html
                    ? "<div>" + Html.bodyOf(source.text) + "</div>"
                    : isFlowed(leaf)
                            ? PlainText.flowed(source.text, isDelSp(leaf)).html()
                            : PlainText.of(text(leaf, source.text)).html();
            (host.isEmpty() ? before : after).append(piece);
        }
        String text;
        if (host.isPresent()) {
            text = before.isEmpty() && after.isEmpty()
                    ? host.get()
                    : Html.surround(before.toString(), host.get(), after.toString());
        } else {
            text = before.isEmpty() ? "" : Html.document(before.toString());
        }
        for (var attached : plan.parts().attachments()) {
            var location = attached.location();
            if (location.isPresent()) {
                text = Html.referringTo(location.get(), attached.id().orElseThrow(), text);
            }
        }
        if (plan.sanitised() && host.isPresent()) {
            text = Html.sanitised(text);
        }
        return Rendition.of(text, left);
    }

    private List<Leaf> leaves(boolean asHtml) {
        var leaves = new ArrayList<Leaf>();
        plan.parts()
                .texts()
                .forEach(text -> leaves.addAll(saysNothing(text, asHtml) ? text.instead(asHtml) : text.leaves(asHtml)));
        return leaves;
    }

    /** True of a text that tells to take the HTML, and of HTML without a word in it, where there is the other. */
    private boolean saysNothing(MessageParts.Text text, boolean asHtml) {
        if (text.instead(asHtml).isEmpty()) {
            return false;
        }
        var words = decoded(text.leaves(asHtml).getFirst()).text;
        if (asHtml) {
            return !Html.saysSomething(words);
        }
        var lower = words.toLowerCase(Locale.ROOT);
        return lower.contains("html") || lower.contains("browser");
    }

    /** Text without markup, lines ended by CRLF. */
    private static String text(Leaf leaf, String source) {
        return switch (leaf.kind()) {
            case ENRICHED -> PlainText.ofEnriched(source);
            case CALENDAR -> CalendarText.of(source);
            case PLAIN, STATUS, HTML, TNEF, PARTIAL, RTF ->
                isFlowed(leaf)
                        ? PlainText.flowed(source, isDelSp(leaf)).text()
                        : source.replace("\r\n", "\n").replace('\r', '\n').replace("\n", "\r\n");
        };
    }

    private static boolean isFlowed(Leaf leaf) {
        return leaf.kind() == Kind.PLAIN
                && leaf.part().parameters().getOrDefault("format", "").equalsIgnoreCase("flowed");
    }

    private static boolean isDelSp(Leaf leaf) {
        return leaf.part().parameters().getOrDefault("delsp", "").equalsIgnoreCase("yes");
    }

    /**
     * The text of a part as far as it was read.
     *
     * @param html true if it is HTML, whatever it is declared as
     * @param left how many bytes are still to come
     */
    private record Source(String text, boolean html, long left) {}

    private Source decoded(Leaf leaf) {
        var part = leaf.part();
        var raw = read.getOrDefault(part.section(), new byte[0]);
        long asked = plan.sections().getOrDefault(part.section(), 0L);
        var bytes = bytes(part, raw);
        boolean first = raw.length < asked && raw.length == plan.first(part.section()); // and that was enough
        boolean complete = (raw.length < asked && !first) || raw.length >= part.size();
        long left = complete ? 0 : Math.max(1, TransferDecoder.estimate(part.size(), part.encoding()) - bytes.length);
        if (leaf.kind() == Kind.TNEF) {
            var packed = tnef(part);
            var text = packed.flatMap(Tnef::text)
                    .or(() -> packed.flatMap(Tnef::html).map(HtmlText::of))
                    .orElse("");
            return new Source(TextDecoder.allowed(text), false, 0);
        }
        return switch (leaf.kind()) {
            case PLAIN -> {
                var parted = UuText.of(bytes);
                if (!parted.files().isEmpty()) {
                    uuencoded.put(part.section(), parted.files());
                }
                var text = WrappedText.isWrapped(part)
                        ? WrappedText.of(parted.text(), part)
                        : text(parted.text(), leaf.charset());
                yield new Source(text, Html.isDocument(text), left);
            }
            case HTML -> new Source(Html.withLines(text(bytes, charset(leaf, bytes))), true, left);
            case CALENDAR -> new Source(text(CalendarText.unfolded(bytes), leaf.charset()), false, left);
            case RTF -> new Source(TextDecoder.allowed(Rtf.of(bytes).text()), false, left);
            case PARTIAL -> new Source(TextDecoder.allowed(WrappedText.ofPiece(bytes, part)), false, left);
            default -> new Source(text(bytes, charset(leaf, bytes)), false, left);
        };
    }

    private static String text(byte[] bytes, String charset) {
        return TextDecoder.allowed(TextDecoder.decode(bytes, charset));
    }

    /** The subject of a header within the message, where that of the message itself hides it; one byte a character. */
    Optional<String> protectedSubject() {
        return plan.protectedHeader()
                .map(section -> read.getOrDefault(section, new byte[0]))
                .flatMap(header -> HeaderBlock.parse(header).first("subject"));
    }

    private boolean isHtml(Leaf leaf) {
        return tnef(leaf.part()).flatMap(Tnef::html).isPresent();
    }

    /** What is in a winmail.dat, as far as it was read; empty if it is none. */
    Optional<Tnef> tnef(BodyStructure part) {
        var raw = read.get(part.section());
        if (raw == null || !Tnef.isTnef(part)) {
            return Optional.empty();
        }
        if (!tnefs.containsKey(part.section())) {
            Tnef.read(TransferDecoder.decode(raw, part.encoding()))
                    .ifPresent(packed -> tnefs.put(part.section(), packed));
        }
        return Optional.ofNullable(tnefs.get(part.section()));
    }

    /** Files within texts, by the section of the text; of the bodies that were made. */
    Map<String, List<UuText.File>> uuencoded() {
        return Map.copyOf(uuencoded);
    }

    /** What the calendar of the message wants, if it is one about a meeting. */
    Optional<Invitation> invitation() {
        return plan.parts().calendar().flatMap(part -> {
            var bytes = TransferDecoder.decode(read.getOrDefault(part.section(), new byte[0]), part.encoding());
            var charset = part.parameters().getOrDefault("charset", "");
            return Invitation.of(TextDecoder.decode(CalendarText.unfolded(bytes), charset));
        });
    }

    /** True if the text is stored as HTML. */
    boolean isHtml() {
        return plan.parts().isHtml()
                || leaves(true).stream().anyMatch(leaf -> leaf.kind() == Kind.TNEF && isHtml(leaf));
    }

    private static byte[] bytes(BodyStructure part, byte[] raw) {
        return TextBytes.of(raw, part.encoding());
    }

    /** The charset that a part declares, outside or, for HTML, within itself; empty if it does not. */
    private static String charset(Leaf leaf, byte[] bytes) {
        if (isToldOutside(leaf)) {
            return leaf.charset();
        }
        return charsetWithin(bytes);
    }

    /** The charset that a page declares for itself; empty if it does not. */
    static String charsetWithin(byte[] bytes) {
        var start = new String(bytes, 0, Math.min(bytes.length, 4 << 10), StandardCharsets.ISO_8859_1);
        var declared = Html.declaredCharset(start).orElse("");
        // Who could read that declaration of UTF-16 knows that it is wrong.
        return declared.toLowerCase(Locale.ROOT).startsWith("utf-16") ? "utf-8" : declared;
    }

    /** The charset of the first text, as declared; empty if it is not. */
    String charset() {
        return leaves(true).stream()
                .findFirst()
                .map(leaf -> isToldOutside(leaf)
                        ? leaf.charset()
                        : charset(
                                leaf,
                                bytes(leaf.part(), read.getOrDefault(leaf.part().section(), new byte[0]))))
                .orElse("");
    }

    private static boolean isToldOutside(Leaf leaf) {
        return leaf.kind() != Kind.HTML || TextEncoding.ofLabel(leaf.charset()).isPresent();
    }

    private static String cut(Rendition all, long most, boolean isHtml) {
        int end = Math.min(all.text.length(), utf8End(all.text, most));
        if (!isHtml) {
            return all.text.substring(0, end);
        }
        var cut = all.text.substring(0, Html.safeEnd(all.text + " ", end));
        if (Html.saysSomething(cut)) {
            return cut;
        }
        // A style sheet or a comment takes all the place: words are worth more.
        var bare = Html.withoutStyles(all.text);
        return bare.substring(0, Html.safeEnd(bare + " ", Math.min(bare.length(), utf8End(bare, most))));
    }

    /** Where the text that fits into so many bytes of UTF-8 ends, at the border of a character. */
    private static int utf8End(String text, long most) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            bytes += pair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            if (bytes > most) {
                return i;
            }
            if (pair) {
                i++;
            }
        }
        return text.length();
    }

    /** What is shown of a message that only S/MIME or OpenPGP can open. */
    static Body protectedNote(BodyType type, String by) {
        var note = "This message is protected with %s. Open it with an app that can read it.".formatted(by);
        return Body.whole(type, type == BodyType.HTML ? Html.document("<p>" + note + "</p>") : note + "\r\n");
    }
}
