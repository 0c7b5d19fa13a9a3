package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MimeStructure;
import org.airpost.convert.Composer.Draft;
import org.airpost.convert.MessageHead.Field;
import org.airpost.convert.Original.Attached;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.Spool;
import org.airpost.eas.StatusException;

/**
 * The body of a reply or forward: the phone's parts copied as they are, its texts with the original's text below, and the
 * original's parts that come along, copied as they are stored. Source: MS-ASCMD_R3775, MS-ASCMD_R548.
 */
final class MergedBody {

    private static final int COPY_BYTES = 64 << 10;
    private static final int TEXT_BYTES = 4 << 20;

    private final Draft draft;
    private final Original.Described original;
    private final boolean forward;
    private final RandomGenerator random;
    private final long mostBytes;

    MergedBody(Draft draft, Original.Described original, boolean forward, RandomGenerator random, long mostBytes) {
        this.draft = draft;
        this.original = original;
        this.forward = forward;
        this.random = random;
        this.mostBytes = mostBytes;
    }

    /** Copies the phone's body as it is, with its lines ended by CRLF. */
    static void copy(Draft draft, Spool body) throws IOException {
        var out = new CrlfOutput(body.out());
        copy(draft, draft.head().bodyStart(), Long.MAX_VALUE, out);
        out.endLine();
    }

    private static void copy(Draft draft, long start, long end, OutputStream out) throws IOException {
        try (var in = draft.source().open()) {
            in.skipNBytes(start);
            var buffer = new byte[COPY_BYTES];
            long left = end - start;
            while (left > 0) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    return;
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        }
    }

    /** Writes the body; the fields of the header that it needs. */
    List<Field> write(List<Field> fields, Spool body) throws IOException {
        MimeStructure phone;
        try (var in = draft.source().open()) {
            phone = MimeStructure.scan(in);
        }
        boolean sealed = TextParts.isSealed(phone.structure());
        if (sealed && !forward) {
            copy(draft, body); // its signature is worth more than the original's text
            return fields;
        }
        var quotation = sealed ? Optional.<Quotation>empty() : original.quotation(forward);
        SequencedMap<Long, Extended> texts = quotation.isPresent() ? extended(phone, quotation.get()) : new TreeMap<>();
        var attached = texts.isEmpty()
                ? List.of(original.whole())
                : forward ? original.attachments() : original.inline(quotation.orElseThrow());
        checkSize(attached);
        var out = new CrlfOutput(body.out());
        var written = attached.isEmpty()
                ? withoutAttachments(fields, phone, texts, out)
                : phone.structure().mediaType().equals("multipart/mixed")
                                && !phone.children().isEmpty()
                        ? intoMixed(fields, phone, texts, attached, out)
                        : asMixed(fields, phone, texts, attached, out);
        out.endLine();
        return written;
    }

    private void checkSize(List<Attached> attached) {
        long size = draft.source().size()
                + attached.stream().mapToLong(Attached::size).sum();
        if (size > mostBytes) {
            throw new StatusException(
                    CommonStatus.ATTACHMENT_IS_TOO_LARGE,
                    "%d bytes with the original, at most %d".formatted(size, mostBytes));
        }
    }

    /** A part of the phone's message with its new text. */
    private record Extended(MimeStructure part, MailText.Encoded text) {

        /** Writes it in place of the old one: the fields that do not concern the text stay. */
        void write(MessageHead head, OutputStream out) throws IOException {
            out.write(fields(head).getBytes(ISO_8859_1));
            out.write("\r\n".getBytes(ISO_8859_1));
            out.write(text.body());
        }

        String fields(MessageHead head) {
            return head.fields().stream()
                            .filter(f ->
                                    f.describesContent() && !f.is("Content-Type") && !f.is("Content-Transfer-Encoding"))
                            .map(f -> f.raw() + "\r\n")
                            .collect(Collectors.joining())
                    + text.header();
        }
    }

    /** The phone's texts with the original's below, by their place; none if one of them cannot be read. */
    private SequencedMap<Long, Extended> extended(MimeStructure phone, Quotation quotation) throws IOException {
        var extended = new TreeMap<Long, Extended>();
        var texts = TextParts.of(phone.structure());
        for (var part : List.of(texts.plain(), texts.html())) {
            if (part.isEmpty()) {
                continue;
            }
            var place = find(phone, part.get()).orElseThrow();
            if (part.get().size() > TEXT_BYTES) {
                return new TreeMap<>();
            }
            var bytes = new java.io.ByteArrayOutputStream();
            copy(draft, place.bodyStart(), place.bodyEnd(), bytes);
            var text = MailText.read(part.get(), bytes.toByteArray());
            if (text.isEmpty()) {
                return new TreeMap<>();
            }
            boolean html = part.get().subtype().equals("html");
            boolean flowed = part.get().parameters().getOrDefault("format", "").equalsIgnoreCase("flowed");
            var below = html
                    ? quotation.belowHtml(text.get().text())
                    : quotation.below(text.get().text(), flowed);
            var encoded = new MailText(
                    html ? utf8Meta(below, text.get()) : below, text.get().charset());
            extended.put(place.headerStart(), new Extended(place, encoded.encode(part.get())));
        }
        return extended;
    }

    /** A charset named within the page must not contradict the part's own. */
    private static String utf8Meta(String page, MailText before) {
        return before.charset().canEncode() && before.charset().newEncoder().canEncode(page)
                ? page
                : page.replaceFirst("(?i)(<meta[^<>]{0,500}charset=[\"']?)[a-z0-9_-]+", "$1utf-8");
    }

    private static Optional<MimeStructure> find(MimeStructure place, BodyStructure part) {
        if (place.structure().equals(part)) {
            return Optional.of(place);
        }
        return place.children().stream().flatMap(c -> find(c, part).stream()).findFirst();
    }

    private List<Field> withoutAttachments(
            List<Field> fields, MimeStructure phone, SequencedMap<Long, Extended> texts, CrlfOutput out)
            throws IOException {
        if (phone.structure().isMultipart()) {
            copyReplacing(phone.bodyStart(), Long.MAX_VALUE, texts, out);
            return fields;
        }
        // The message is the text.
        var text = texts.firstEntry().getValue();
        out.write(text.text().body());
        var changed = new ArrayList<>(fields);
        changed.removeIf(f -> f.is("Content-Type") || f.is("Content-Transfer-Encoding"));
        changed.addAll(lines(text.text().header()));
        return changed;
    }

    private List<Field> intoMixed(
            List<Field> fields,
            MimeStructure phone,
            SequencedMap<Long, Extended> texts,
            List<Attached> attached,
            CrlfOutput out)
            throws IOException {
        copyReplacing(phone.bodyStart(), phone.children().getLast().bodyEnd(), texts, out);
        attach(attached, phone.structure().parameters().getOrDefault("boundary", ""), out);
        return fields;
    }

    private List<Field> asMixed(
            List<Field> fields,
            MimeStructure phone,
            SequencedMap<Long, Extended> texts,
            List<Attached> attached,
            CrlfOutput out)
            throws IOException {
        var boundary = "=_airpost_%016x%016x".formatted(random.nextLong(), random.nextLong());
        print(out, "--" + boundary + "\r\n");
        if (phone.structure().isMultipart() || texts.isEmpty()) {
            print(
                    out,
                    draft.head().fields().stream()
                            .filter(Field::describesContent)
                            .map(f -> f.raw() + "\r\n")
                            .collect(Collectors.joining("", "", "\r\n")));
            copyReplacing(phone.bodyStart(), Long.MAX_VALUE, texts, out);
        } else {
            texts.firstEntry().getValue().write(draft.head(), out);
        }
        attach(attached, boundary, out);
        var changed = new ArrayList<>(fields);
        changed.removeIf(Field::describesContent);
        changed.add(MessageHead.field("Content-Type", "multipart/mixed;\r\n boundary=\"" + boundary + "\""));
        return changed;
    }

    /** Copies the phone's bytes, with the extended texts in place of the old ones. */
    private void copyReplacing(long start, long end, SequencedMap<Long, Extended> texts, CrlfOutput out)
            throws IOException {
        long at = start;
        for (var entry : texts.entrySet()) {
            var part = entry.getValue().part();
            copy(draft, at, part.headerStart(), out);
            try (var in = new BufferedInputStream(draft.source().open())) {
                in.skipNBytes(part.headerStart());
                entry.getValue().write(header(in, part), out);
            }
            at = part.bodyEnd();
        }
        copy(draft, at, end, out);
    }

    private static MessageHead header(BufferedInputStream in, MimeStructure part) throws IOException {
        if (part.bodyStart() - part.headerStart() <= 2) {
            return new MessageHead(List.of(), 0);
        }
        return MessageHead.read(in);
    }

    private void attach(List<Attached> attached, String boundary, CrlfOutput out) throws IOException {
        for (var part : attached) {
            print(out, "\r\n--" + boundary + "\r\n");
            out.write(part.headerBytes());
            print(out, "\r\n");
            original.copy(part, out);
        }
        print(out, "\r\n--" + boundary + "--\r\n");
    }

    private static List<Field> lines(String header) {
        return header.replace("\r\n ", "\u0000")
                .lines()
                .map(line -> {
                    var raw = line.replace("\u0000", "\r\n ");
                    return new Field(raw.substring(0, raw.indexOf(':')), raw);
                })
                .toList();
    }

    private static void print(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
    }
}
