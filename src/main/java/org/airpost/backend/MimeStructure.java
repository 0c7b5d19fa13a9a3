package org.airpost.backend;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * The MIME structure of a message whose bytes are at hand: what each part is, and where in the message it lies. Tolerant:
 * every sequence of bytes has a structure. Source: RFC 2046; RFC 9051 "BODY[section]" for the numbers.
 *
 * @param structure what BODYSTRUCTURE would say of this part
 * @param headerStart offset of the first byte of the part's header in the message
 * @param bodyStart offset of the first byte after the empty line
 * @param bodyEnd offset behind the last byte of the content; the CRLF before a delimiter is not content
 * @param children as in {@link BodyStructure#children}
 */
public record MimeStructure(
        BodyStructure structure, long headerStart, long bodyStart, long bodyEnd, List<MimeStructure> children) {

    public MimeStructure {
        children = List.copyOf(children);
    }

    /** Reads a message to its end, keeping no more than a line of it. The stream is not closed. */
    public static MimeStructure scan(InputStream message) throws IOException {
        return new MimeScanner(message).scan();
    }

    /** The same of a message at hand. */
    public static MimeStructure scan(byte[] message) {
        try {
            return scan(new ByteArrayInputStream(message));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
    }

    /**
     * Where the bytes of a section lie, as FETCH numbers them: {@code ""}, {@code HEADER}, {@code TEXT}, {@code 1.2}, {@code
     * 1.2.MIME}, {@code 1.HEADER}, {@code 1.TEXT}. To be asked of the message itself. Source: RFC 9051 "section-spec".
     */
    public Optional<Range> section(String spec) {
        int numbers = 0;
        while (numbers < spec.length() && (Character.isDigit(spec.charAt(numbers)) || spec.charAt(numbers) == '.')) {
            numbers++;
        }
        var path = spec.substring(0, numbers);
        var what = spec.substring(numbers);
        if (path.endsWith(".") != (!path.isEmpty() && !what.isEmpty())) {
            return Optional.empty();
        }
        return part(path).flatMap(part -> part.range(what, path.isEmpty()));
    }

    /** True if there is something to be read behind the header. */
    public boolean holdsWords(byte[] message) {
        for (long i = bodyStart; i < bodyEnd; i++) {
            if (message[(int) i] > ' ' || message[(int) i] < 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * The structure with sections that name the bytes themselves, as {@link Section#between}: for a message that a server has
     * other numbers of parts for, or none.
     */
    public BodyStructure placed() {
        return new BodyStructure(
                structure.isMultipart() ? structure.section() : Section.between(bodyStart, bodyEnd),
                structure.type(),
                structure.subtype(),
                structure.parameters(),
                structure.contentId(),
                structure.encoding(),
                structure.size(),
                structure.disposition(),
                structure.fileName(),
                structure.location(),
                children.stream().map(MimeStructure::placed).toList());
    }

    private Optional<Range> range(String what, boolean top) {
        return switch (what) {
            case "" -> Optional.of(top ? new Range(0, bodyEnd) : new Range(bodyStart, bodyEnd));
            case "MIME" -> top ? Optional.empty() : Optional.of(new Range(headerStart, bodyStart));
            case "HEADER" -> message(top).map(m -> new Range(m.headerStart, m.bodyStart));
            case "TEXT" -> message(top).map(m -> new Range(m.bodyStart, m.bodyEnd));
            default -> Optional.empty();
        };
    }

    private Optional<MimeStructure> message(boolean top) {
        return top ? Optional.of(this) : embedded();
    }

    private Optional<MimeStructure> embedded() {
        return structure.isMultipart() || children.isEmpty() ? Optional.empty() : Optional.of(children.getFirst());
    }

    /** The part with a number such as {@code 1.2}; the message itself for an empty one. */
    private Optional<MimeStructure> part(String path) {
        var part = this;
        boolean inMessage = true;
        for (var step : path.split("\\.", -1)) {
            if (step.isEmpty()) {
                continue;
            }
            if (step.length() > 6) {
                return Optional.empty();
            }
            int number = Integer.parseInt(step);
            var embedded = inMessage ? Optional.<MimeStructure>empty() : part.embedded();
            var scope = embedded.orElse(part);
            if (scope.structure.isMultipart()) {
                if (number < 1 || number > scope.children.size()) {
                    return Optional.empty();
                }
                part = scope.children.get(number - 1);
            } else if (number == 1 && (inMessage || embedded.isPresent())) {
                part = scope;
            } else {
                return Optional.empty();
            }
            inMessage = false;
        }
        return Optional.of(part);
    }

    /** Bytes of a message from {@code start} up to {@code end}, the latter not included. */
    public record Range(long start, long end) {

        public Range {
            if (start < 0 || end < start) {
                throw new IllegalArgumentException("range %d to %d".formatted(start, end));
            }
        }

        public long length() {
            return end - start;
        }
    }
}
