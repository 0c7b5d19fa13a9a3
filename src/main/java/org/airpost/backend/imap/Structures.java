package org.airpost.backend.imap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MimeStructure;
import org.eclipse.angus.mail.iap.ParsingException;
import org.jspecify.annotations.Nullable;

/**
 * Structures of messages from what a server says, or a guess. Numbers of
 * sections: RFC 9051 §6.4.5. A multipart inside a message/rfc822 at 2 is {@code 2.TEXT}, its parts are {@code 2.1} and on;
 * if there is no multipart in it, its body is {@code 2.1}.
 */
final class Structures {

    private static final int MOST_DESCRIPTION = 100;

    private static final int MOST_ODD = 20;

    /** What a message has at most; a number of RFC 3501 is less. */
    static final long MOST_BYTES = 1L << 40;

    private static final Set<String> IDENTITY = Set.of("7bit", "8bit", "binary");

    /** A name whose backslashes the server took for something else: {@code C:Usersadareport.pdf}. */
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:[^\\\\/].*");

    private Structures() {}

    /**
     * True if it is likely that the server has not found what is in the message: a multipart of nothing, or a header that ends
     * too early or never. Each server has its own way with delimiters and lines that are against the rules.
     *
     * @param header as the server gives it
     * @param size bytes of the whole message
     */
    static boolean isDoubtful(BodyStructure structure, byte[] header, long size) {
        if (structure.isMultipart()) {
            return holdsNothing(structure);
        }
        if (structure.size() == 0 && structure.children().isEmpty() && size > 0) {
            return size > header.length || MimeStructure.scan(header).holdsWords(header);
        }
        return structure.mediaType().equals("text/plain")
                && !structure.parameters().containsKey("charset")
                && ((!declares(header, "subject:") && !declares(header, "date:"))
                        || declaresParts(MimeStructure.scan(header).structure()));
    }

    /** True of a multipart without parts, or with one that is empty and has no name, and of one in which such a multipart is. */
    private static boolean holdsNothing(BodyStructure part) {
        var children = part.children();
        if (!part.isMultipart()) {
            return false;
        }
        if (children.isEmpty()) {
            return true;
        }
        var first = children.getFirst();
        boolean isEmpty = children.size() == 1
                && !first.isMultipart()
                && first.size() == 0
                && first.fileName().isEmpty();
        return isEmpty || children.stream().anyMatch(Structures::holdsNothing);
    }

    /** From BODYSTRUCTURE. Source: RFC 9051 §7.5.2. */
    static BodyStructure of(Value value) throws ParsingException {
        return top(value, "");
    }

    private static BodyStructure top(Value value, String message) throws ParsingException {
        boolean multipart = isMultipart(value);
        String section =
                multipart ? (message.isEmpty() ? "" : message + ".TEXT") : (message.isEmpty() ? "1" : message + ".1");
        return part(value, section, multipart ? message : section);
    }

    private static boolean isMultipart(Value value) {
        var values = value.values();
        return !values.isEmpty() && values.getFirst() instanceof Value.Many;
    }

    /**
     * @param section of this part
     * @param prefix of the sections of its parts
     */
    private static BodyStructure part(Value value, String section, String prefix) throws ParsingException {
        var values = value.values();
        if (isMultipart(value)) {
            return multipart(values, section, prefix);
        }
        if (values.size() < 7) {
            throw new ParsingException("BODYSTRUCTURE of a part with " + values.size() + " fields");
        }
        String type = values.get(0).lower();
        String subtype = values.get(1).lower();
        if (type.isEmpty() || type.equals("multipart")) {
            throw new ParsingException("BODYSTRUCTURE of a part of type " + type);
        }
        List<BodyStructure> children = List.of();
        int extension = 7;
        if (type.equals("message")
                && (subtype.equals("rfc822") || subtype.equals("global"))
                && values.size() > 8
                && values.get(8) instanceof Value.Many) {
            children = List.of(top(values.get(8), section));
            extension = 10;
        } else if (type.equals("text") && values.size() > 7 && values.get(7).number() >= 0) {
            extension = 8;
        }
        return new BodyStructure(
                section,
                type,
                subtype.isEmpty() ? "octet-stream" : subtype,
                Parameters.decoded(values.get(2).values()),
                contentId(values.get(3).text()),
                encoding(values.get(5).lower()),
                size(values.get(6)),
                disposition(at(values, extension + 1)),
                fileName(at(values, extension + 1), values.get(2))
                        .or(() -> type.equals("text") || type.equals("message")
                                ? Optional.empty()
                                : describing(values.get(4).text())),
                location(at(values, extension + 3)),
                children);
    }

    /** A number of bytes with which can be reckoned, whatever the server says. */
    private static long size(Value said) {
        return Math.clamp(said.number(), 0, MOST_BYTES);
    }

    /** A description of a file, which may stand for its name. */
    private static Optional<String> describing(String text) {
        return text.length() > MOST_DESCRIPTION ? Optional.empty() : name(text);
    }

    private static BodyStructure multipart(List<Value> values, String section, String prefix) throws ParsingException {
        var children = new ArrayList<BodyStructure>();
        int i = 0;
        for (; i < values.size() && values.get(i) instanceof Value.Many; i++) {
            String number = prefix.isEmpty() ? "" + (i + 1) : prefix + "." + (i + 1);
            children.add(part(values.get(i), number, number));
        }
        String subtype = at(values, i).lower();
        return new BodyStructure(
                section,
                "multipart",
                subtype.isEmpty() ? "mixed" : subtype,
                Parameters.decoded(at(values, i + 1).values()),
                Optional.empty(),
                "7bit",
                0,
                disposition(at(values, i + 2)),
                Optional.empty(),
                location(at(values, i + 4)),
                children);
    }

    private static Value at(List<Value> values, int i) {
        return i < values.size() ? values.get(i) : new Value.Nil();
    }

    private static Optional<String> contentId(String text) {
        String id = text.strip();
        if (id.startsWith("<") && id.endsWith(">") && id.length() > 2) {
            id = id.substring(1, id.length() - 1);
        }
        return id.isEmpty() ? Optional.empty() : Optional.of(id);
    }

    private static String encoding(String text) {
        String name = text.strip();
        return name.isEmpty() ? "7bit" : name;
    }

    private static Optional<String> disposition(Value value) {
        var values = value.values();
        String type = values.isEmpty() ? value.lower() : values.getFirst().lower();
        return type.isBlank() ? Optional.empty() : Optional.of(type.strip());
    }

    private static Optional<String> fileName(Value disposition, Value parameters) {
        String name = Parameters.decoded(at(disposition.values(), 1).values()).get("filename");
        if (name == null || name.isBlank()) {
            name = Parameters.decoded(parameters.values()).get("name");
        }
        return name(name);
    }

    private static Optional<String> name(@Nullable String name) {
        return name == null || name.isBlank()
                ? Optional.empty()
                : Optional.of(Parameters.unworded(name).strip());
    }

    private static Optional<String> location(Value value) {
        String text = value.text().strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    /** One part of plain text: what is left when nothing can be known. */
    static BodyStructure plain(long size) {
        return new BodyStructure(
                "1",
                "text",
                "plain",
                Map.of(),
                Optional.empty(),
                "7bit",
                Math.max(0, size),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /**
     * What a server said, put right from the header: Courier takes a message without MIME-Version for plain text in
     * US-ASCII, as RFC 2045 §4 has it, and every mail program believes its Content-Type all the same. Several parts stay one
     * text here: the server has no numbers for them.
     */
    static BodyStructure of(Value value, byte[] header) throws ParsingException {
        var said = of(value);
        boolean isOne = !said.isMultipart() && said.children().isEmpty();
        boolean isEncoded = IDENTITY.contains(said.encoding()) && declares(header, "content-transfer-encoding:");
        if (isOne && (isOdd(said) || isEncoded)) {
            var meant = MimeStructure.scan(header).structure();
            if (isOdd(said) || !IDENTITY.contains(meant.encoding())) {
                return corrected(said, meant);
            }
        }
        if (!said.mediaType().equals("text/plain") || !said.parameters().isEmpty()) {
            return said;
        }
        var meant = MimeStructure.scan(header).structure();
        boolean isOnePart = !meant.type().equals("message") && !declaresParts(meant);
        return isOnePart && !declares(header, "mime-version:") && declares(header, "content-type:")
                ? new BodyStructure(
                        said.section(),
                        meant.type(),
                        meant.subtype(),
                        meant.parameters(),
                        meant.contentId(),
                        said.encoding(),
                        said.size(),
                        meant.disposition(),
                        meant.fileName(),
                        meant.location(),
                        List.of())
                : said;
    }

    /** True of a header that says that there are parts. */
    private static boolean declaresParts(BodyStructure header) {
        return header.isMultipart() || header.parameters().containsKey("boundary");
    }

    /**
     * The parts of which the server says so little, or something so odd, that it may have misread their header: servers differ
     * in what they make of names without quotes, of backslashes and of types against the rules.
     */
    static List<BodyStructure> odd(BodyStructure structure) {
        var odd = new ArrayList<BodyStructure>();
        collect(structure, odd);
        return List.copyOf(odd.subList(0, Math.min(MOST_ODD, odd.size())));
    }

    private static void collect(BodyStructure part, List<BodyStructure> odd) {
        if (part.isMultipart()) {
            part.children().forEach(child -> collect(child, odd));
        } else if (isOdd(part)) {
            odd.add(part);
        }
    }

    private static boolean isOdd(BodyStructure leaf) {
        if (leaf.type().equals("text") || leaf.type().equals("message")) {
            return false;
        }
        var name = leaf.fileName().orElse("");
        boolean isNameless = name.isEmpty()
                && (leaf.subtype().equals("octet-stream")
                        || leaf.disposition().filter("attachment"::equals).isPresent());
        return isNameless
                || (!name.isEmpty() && name.indexOf('.') < 0)
                || DRIVE.matcher(name).matches();
    }

    /** The structure with some of its parts as their own headers tell them. */
    static BodyStructure corrected(BodyStructure said, Map<BodyStructure, byte[]> headers) {
        var header = headers.get(said);
        if (header != null) {
            return corrected(said, MimeStructure.scan(header).structure());
        }
        return said.isMultipart()
                ? new BodyStructure(
                        said.section(),
                        said.type(),
                        said.subtype(),
                        said.parameters(),
                        said.contentId(),
                        said.encoding(),
                        said.size(),
                        said.disposition(),
                        said.fileName(),
                        said.location(),
                        said.children().stream()
                                .map(child -> corrected(child, headers))
                                .toList())
                : said;
    }

    private static BodyStructure corrected(BodyStructure said, BodyStructure meant) {
        return declaresParts(meant) || meant.type().equals("message")
                ? said
                : new BodyStructure(
                        said.section(),
                        meant.type(),
                        meant.subtype(),
                        meant.parameters(),
                        said.contentId(),
                        meant.encoding(),
                        said.size(),
                        meant.disposition(),
                        meant.fileName(),
                        said.location(),
                        List.of());
    }

    /** True if a header has a field, its name in lower case and with the colon. */
    private static boolean declares(byte[] header, String field) {
        var text = '\n' + new String(header, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        return text.contains('\n' + field);
    }
}
