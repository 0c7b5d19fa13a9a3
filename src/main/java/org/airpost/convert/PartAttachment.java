package org.airpost.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;

/**
 * A part of a message, or the whole message, as a file. A range of base64 is read from where it begins if the lines are
 * regular; any other encoding has to be read from its start. Takes a few KiB of memory, whatever the size.
 */
final class PartAttachment implements MailConverter.Attachment {

    /** Stands for the whole message in a {@link FileReference}: no part has this number. */
    static final String WHOLE = "0";

    /** Enough for the first line and the last. */
    private static final int PROBE = 2_048;

    private final MailConverter.Place place;
    private final long uid;
    private final String section;
    private final long size;
    private final String encoding;
    private final String contentType;
    private final String name;
    private final Instant received;

    private PartAttachment(
            MailConverter.Place place,
            long uid,
            String section,
            long size,
            String encoding,
            String contentType,
            String name,
            Instant received) {
        this.place = place;
        this.uid = uid;
        this.section = section;
        this.size = size;
        this.encoding = encoding;
        this.contentType = contentType;
        this.name = name;
        this.received = received;
    }

    static Optional<MailConverter.Attachment> of(
            MailConverter.Place place, MessageData message, FileReference reference) {
        if (reference.section().equals(WHOLE)) {
            return Optional.of(new PartAttachment(
                    place,
                    message.uid(),
                    "",
                    message.size(),
                    "binary",
                    "message/rfc822",
                    "original.eml",
                    message.internalDate()));
        }
        if (InnerAttachment.isInner(reference.section())) {
            return InnerAttachment.of(place, message, reference.section());
        }
        return MessageParts.find(message.structure(), reference.section()).map(part -> of(place, message, part));
    }

    private static MailConverter.Attachment of(MailConverter.Place place, MessageData message, BodyStructure part) {
        var charset = MessageParts.of(message.structure()).charset();
        return new PartAttachment(
                place,
                message.uid(),
                part.section(),
                part.size(),
                part.encoding(),
                part.mediaType(),
                FileNames.of(part, charset),
                message.internalDate());
    }

    @Override
    public String contentType() {
        return contentType;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long approximateBytes() {
        return TransferDecoder.estimate(size, encoding);
    }

    @Override
    public Instant received() {
        return received;
    }

    @Override
    public long write(OutputStream out, long first, long last) throws IOException {
        if (first < 0) {
            throw new IllegalArgumentException("first byte " + first);
        }
        if (first > 0 || last < TransferDecoder.estimate(size, encoding) - PROBE) {
            var direct = direct(out, first, last);
            if (direct.isPresent()) {
                return direct.get();
            }
        }
        var range = new Range(out, first, last);
        var decoder = TransferDecoder.of(encoding, range);
        long read = place.mail().read(place.mailbox(), place.uidValidity(), Section.whole(uid, section), decoder);
        if (read < 0) {
            return -1;
        }
        decoder.finish();
        return range.seen;
    }

    /** Reads the range alone; empty if it cannot be told where it is. */
    private Optional<Long> direct(OutputStream out, long first, long last) throws IOException {
        return switch (encoding) {
            case "7bit", "8bit", "binary" -> identity(out, first, last);
            case "base64" -> base64(out, first, last);
            default -> Optional.empty();
        };
    }

    private Optional<Long> identity(OutputStream out, long first, long last) throws IOException {
        long length = Math.min(last, size - 1) - first + 1;
        if (length <= 0) {
            return Optional.of(size);
        }
        long read =
                place.mail().read(place.mailbox(), place.uidValidity(), new Section(uid, section, first, length), out);
        return Optional.of(read < 0 ? -1 : size);
    }

    private Optional<Long> base64(OutputStream out, long first, long last) throws IOException {
        var head = new Section(uid, section, 0, PROBE);
        var tail = new Section(uid, section, Math.max(0, size - PROBE), PROBE);
        var probes = place.mail().read(place.mailbox(), place.uidValidity(), List.of(head, tail));
        if (!probes.containsKey(head) || !probes.containsKey(tail) || size <= PROBE) {
            return Optional.empty();
        }
        var lines = Lines.of(probes.get(head), probes.get(tail), size);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        var regular = lines.get();
        long end = Math.min(last, regular.total - 1);
        if (first > end) {
            return Optional.of(regular.total);
        }
        long firstLine = first / regular.bytes;
        long from = firstLine * regular.pitch;
        long to = Math.min(size, (end / regular.bytes + 1) * regular.pitch);
        if (firstLine > 0) { // the line before must end where it should
            var before = new Section(uid, section, from - regular.pitch, regular.pitch);
            var line = place.mail()
                    .read(place.mailbox(), place.uidValidity(), List.of(before))
                    .getOrDefault(before, new byte[0]);
            if (!regular.isLine(line)) {
                return Optional.empty();
            }
        }
        var range = new Range(out, first - firstLine * regular.bytes, end - firstLine * regular.bytes);
        var decoder = TransferDecoder.of(encoding, range);
        long read = place.mail()
                .read(place.mailbox(), place.uidValidity(), new Section(uid, section, from, to - from), decoder);
        decoder.finish();
        return Optional.of(read < 0 ? -1 : regular.total);
    }

    /**
     * Base64 in lines of one length.
     *
     * @param pitch bytes of a line with its end
     * @param bytes decoded bytes of a line
     * @param total decoded bytes of the whole
     */
    private record Lines(int pitch, int bytes, int breakLength, long total) {

        static Optional<Lines> of(byte[] head, byte[] tail, long size) {
            int length = 0;
            while (length < head.length && head[length] != '\r' && head[length] != '\n') {
                length++;
            }
            if (length == 0 || length % 4 != 0 || length + 1 >= head.length) {
                return Optional.empty();
            }
            int breakLength = head[length] == '\r' && head[length + 1] == '\n' ? 2 : 1;
            int pitch = length + breakLength;
            var regular = new Lines(pitch, length / 4 * 3, breakLength, 0);
            for (int at = 0; at + pitch <= head.length; at += pitch) {
                if (!regular.isLine(Arrays.copyOfRange(head, at, at + pitch))) {
                    return Optional.empty();
                }
            }
            // The tail from the last border of lines that lies in it; all lines before it are full.
            long tailStart = size - tail.length;
            long border = (tailStart + pitch - 1) / pitch * pitch;
            int at = (int) (border - tailStart);
            if (at < breakLength || at > tail.length || (tail[at - 1] != '\n' && tail[at - 1] != '\r')) {
                return Optional.empty();
            }
            var rest = TransferDecoder.decode(Arrays.copyOfRange(tail, at, tail.length), "base64");
            return Optional.of(
                    new Lines(pitch, regular.bytes, breakLength, border / pitch * regular.bytes + rest.length));
        }

        boolean isLine(byte[] line) {
            if (line.length != pitch) {
                return false;
            }
            for (int i = 0; i < pitch; i++) {
                boolean end = line[i] == '\r' || line[i] == '\n';
                if (end != (i >= pitch - breakLength) || line[i] == '=' || line[i] == ' ') {
                    return false;
                }
            }
            return true;
        }
    }

    /** Lets a range of bytes through and counts them all. */
    private static final class Range extends OutputStream {

        private final OutputStream out;
        private final long first;
        private final long last;
        private long seen;

        Range(OutputStream out, long first, long last) {
            this.out = out;
            this.first = first;
            this.last = last;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            long from = Math.max(first - seen, 0);
            long to = last - seen >= length ? length : Math.max(0, last - seen + 1);
            if (from < to) {
                out.write(bytes, offset + (int) from, (int) (to - from));
            }
            seen += length;
        }
    }
}
