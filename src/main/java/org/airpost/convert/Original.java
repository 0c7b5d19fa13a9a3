package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.StatusException;

/**
 * The message that is replied to or forwarded: where it is.
 *
 * @param mailbox full name
 */
public record Original(MailAccount mail, String mailbox, long uidValidity, long uid) {

    /** Text of one part that is still taken into a reply; what is longer comes along as a whole message. */
    private static final int TEXT_BYTES = 2 << 20;

    /** What the message is, if it is there. */
    Optional<Described> describe() {
        return mail.describe(mailbox, uidValidity, List.of(uid)).stream()
                .findFirst()
                .map(data -> new Described(this, data, head(data)));
    }

    private static MessageHead head(MessageData data) {
        try {
            return MessageHead.read(new ByteArrayInputStream(data.header()));
        } catch (StatusException e) {
            return new MessageHead(List.of(), 0); // the phone's message can be sent all the same
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An original that is there. */
    record Described(Original place, MessageData data, MessageHead head) {

        /**
         * Its text, for a forward the first alone, since the others come along as parts; empty if it cannot be read in full.
         */
        Optional<Quotation> quotation(boolean forward) {
            if (TextParts.isSealed(data.structure())) {
                return Optional.empty();
            }
            var said = new ArrayList<Quotation.Said>();
            for (var text : texts(forward)) {
                var plain = text(text.plain());
                var html = text(text.html());
                if (plain.isEmpty() || html.isEmpty()) {
                    return Optional.empty();
                }
                said.add(new Quotation.Said(plain.get(), html.get()));
            }
            return Optional.of(Quotation.of(data, head, said));
        }

        /** Parts that say one thing, without markup and with it. */
        private record Text(List<BodyStructure> plain, List<BodyStructure> html) {

            static Text of(MessageParts.Text text) {
                return new Text(
                        parts(text.plain(), MessageParts.Kind.PLAIN), parts(text.html(), MessageParts.Kind.HTML));
            }

            private static List<BodyStructure> parts(List<MessageParts.Leaf> leaves, MessageParts.Kind kind) {
                return leaves.stream()
                        .filter(leaf -> leaf.kind() == kind)
                        .map(MessageParts.Leaf::part)
                        .toList();
            }

            boolean isEmpty() {
                return plain.isEmpty() && html.isEmpty();
            }

            boolean holds(BodyStructure part) {
                return plain.contains(part) || html.contains(part);
            }
        }

        private List<Text> texts(boolean forward) {
            var first = TextParts.of(data.structure());
            var all = MessageParts.of(data.structure()).texts().stream()
                    .map(Text::of)
                    .filter(text -> !text.isEmpty())
                    .toList();
            boolean holdsFirst = !first.isEmpty()
                    && Stream.concat(first.plain().stream(), first.html().stream())
                            .allMatch(part -> all.stream().anyMatch(text -> text.holds(part)));
            return holdsFirst && !forward
                    ? all
                    : List.of(new Text(
                            first.plain().stream().toList(),
                            first.html().stream().toList()));
        }

        /** The texts of these parts, one each; empty if one of them cannot be read. */
        private Optional<List<String>> text(List<BodyStructure> parts) {
            var texts = parts.stream().map(this::text).toList();
            return texts.stream().allMatch(Optional::isPresent)
                    ? Optional.of(texts.stream().flatMap(Optional::stream).toList())
                    : Optional.empty();
        }

        private Optional<String> text(BodyStructure part) {
            if (part.size() > TEXT_BYTES) {
                return Optional.empty();
            }
            var bytes = new ByteArrayOutputStream();
            try {
                copy(new Section(place.uid, part.section(), 0, TEXT_BYTES), bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return MailText.read(part, bytes.toByteArray()).map(text -> unfolded(text.text(), part));
        }

        /** Without the soft breaks of format=flowed, which are none of the text. Source: RFC 3676 sections 4.1 and 4.3. */
        private static String unfolded(String text, BodyStructure part) {
            boolean isFlowed = part.subtype().equals("plain") && isSaid(part, "format", "flowed");
            return isFlowed
                    ? PlainText.flowed(text, isSaid(part, "delsp", "yes")).text()
                    : text;
        }

        private static boolean isSaid(BodyStructure part, String name, String value) {
            return part.parameters().getOrDefault(name, "").equalsIgnoreCase(value);
        }

        /** What comes along with the text, as it is stored. */
        List<Attached> attachments() {
            var parts = TextParts.of(data.structure()).others(data.structure());
            var sections = parts.stream().map(p -> header(place.uid, p)).toList();
            var headers = place.mail.read(
                    place.mailbox,
                    place.uidValidity,
                    sections.stream().flatMap(Optional::stream).toList());
            var attached = new ArrayList<Attached>();
            for (int i = 0; i < parts.size(); i++) {
                var part = parts.get(i);
                // The header of a message's only part is that of the message.
                var fields = data.structure().isMultipart()
                        ? sections.get(i)
                                .flatMap(section -> Optional.ofNullable(headers.get(section)))
                                .map(Described::fields)
                                .orElse(List.of())
                        : head.fields();
                var header = fields.stream()
                        .filter(MessageHead.Field::describesContent)
                        .map(f -> f.raw() + "\r\n")
                        .collect(Collectors.joining());
                attached.add(new Attached(header.isEmpty() ? header(part) : header, part.section(), part.size()));
            }
            return List.copyOf(attached);
        }

        private static List<MessageHead.Field> fields(byte[] header) {
            try {
                return MessageHead.read(new ByteArrayInputStream(header)).fields();
            } catch (StatusException e) {
                return List.of();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Where the header of a part is; not of one whose place alone is known. */
        private static Optional<Section> header(long uid, BodyStructure part) {
            return Section.isPlace(part.section())
                    ? Optional.empty()
                    : Optional.of(Section.whole(uid, part.section() + ".MIME"));
        }

        private static String header(BodyStructure part) {
            var header = new StringBuilder("Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n"
                    .formatted(part.mediaType(), part.encoding()));
            part.fileName()
                    .map(FileNames::cleaned)
                    .filter(name -> !name.isEmpty())
                    .ifPresent(name -> header.append("Content-Disposition: attachment;\r\n ")
                            .append(AttachmentPart.parameter("filename", name))
                            .append("\r\n"));
            return header.toString();
        }

        /** The parts that the text shows by their Content-ID. */
        List<Attached> inline(Quotation quotation) {
            var ids = BodyMaker.references(quotation.html().orElse(""));
            var shown = TextParts.of(data.structure()).others(data.structure()).stream()
                    .filter(p -> p.contentId().filter(ids::contains).isPresent())
                    .map(BodyStructure::section)
                    .toList();
            return shown.isEmpty()
                    ? List.of()
                    : attachments().stream()
                            .filter(a -> shown.contains(a.section()))
                            .toList();
        }

        /** The whole message, as a part. */
        Attached whole() {
            var name = head.text("Subject")
                    .orElse("")
                    .replaceAll("[^\\p{Alnum} ._-]", "")
                    .strip();
            var file = (name.isEmpty() ? "message" : name.substring(0, Math.min(60, name.length()))) + ".eml";
            return new Attached(
                    "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"
                            + "Content-Disposition: attachment; filename=\"" + file + "\"\r\n",
                    "",
                    data.size());
        }

        /** Copies a part of it; Status 150 if it has gone in the meantime. */
        void copy(Section section, OutputStream out) throws IOException {
            if (place.mail.read(place.mailbox, place.uidValidity, section, out) < 0) {
                throw new StatusException(
                        CommonStatus.ITEM_NOT_FOUND, "section %s of %d".formatted(section.section(), place.uid));
            }
        }

        void copy(Attached part, OutputStream out) throws IOException {
            copy(Section.whole(place.uid, part.section), out);
        }
    }

    /**
     * A part of the original that comes along.
     *
     * @param header its header lines, each with its CRLF, one byte a character
     */
    record Attached(String header, String section, long size) {

        byte[] headerBytes() {
            return header.getBytes(ISO_8859_1);
        }
    }
}
