package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;

/**
 * What of a message has come with its description: a part that lies in it whole, or far enough, need not be asked for. Where a
 * part begins and ends is said by the sizes in BODYSTRUCTURE, and believed where a delimiter stands at either end; of what is
 * in doubt nothing is taken, and the mail server is asked. Source: RFC 2046 §5.1.1; RFC 9051 "BODYSTRUCTURE".
 */
final class MessageStart {

    /** Bytes in which the first delimiter must come, or the next one behind a multipart. */
    private static final int MOST_BETWEEN = 1_024;

    private static final byte[] LINE_END = {'\r', '\n'};

    private final MessageData message;
    private final byte[] bytes;
    private final boolean isWhole;
    private final Map<String, Place> places = new HashMap<>();

    /** Where a part lies; it may go on behind what is here. */
    private record Place(int from, long size) {}

    /**
     * What has come.
     *
     * @param asked bytes that were asked for: if fewer came there are no more
     */
    MessageStart(MessageData message, int asked) {
        this.message = message;
        this.bytes = message.start();
        this.isWhole = bytes.length < asked;
        if (bytes.length > 0) {
            place(message.structure());
        }
    }

    /** Takes sections that are here from the list of those to be read, and puts them to what was read. */
    void take(List<Section> wanted, Map<Section, byte[]> read) {
        wanted.removeIf(section -> {
            var found = content(section);
            found.ifPresent(content -> read.put(section, content));
            return found.isPresent();
        });
    }

    private Optional<byte[]> content(Section section) {
        if (section.section().isEmpty()) {
            return whole(section);
        }
        var place = places.get(section.section());
        if (place == null || section.offset() != 0) {
            return Optional.empty();
        }
        long end = place.from() + Math.min(place.size(), section.length());
        return end <= bytes.length ? Optional.of(Arrays.copyOfRange(bytes, place.from(), (int) end)) : Optional.empty();
    }

    private Optional<byte[]> whole(Section section) {
        int header = message.header().length;
        if (!isWhole || section.offset() != 0 || header + (long) bytes.length != message.size()) {
            return Optional.empty();
        }
        byte[] all = Arrays.copyOf(message.header(), header + bytes.length);
        System.arraycopy(bytes, 0, all, header, bytes.length);
        return Optional.of(section.length() < all.length ? Arrays.copyOf(all, (int) section.length()) : all);
    }

    private void place(BodyStructure top) {
        if (top.isMultipart()) {
            multipart(top, 0);
        } else if (isWhole ? top.size() == bytes.length : top.size() >= bytes.length) {
            places.put(top.section(), new Place(0, top.size()));
        }
    }

    /** Places the parts of a multipart that begins here; where it ends, or -1 if that is not known. */
    private int multipart(BodyStructure multipart, int from) {
        var boundary = multipart.parameters().get("boundary");
        if (boundary == null || boundary.isEmpty()) {
            return -1;
        }
        var delimiter = ("\r\n--" + boundary).getBytes(ISO_8859_1);
        // The first one has no line before it, if there is no preamble.
        int at = isAt(from, delimiter, LINE_END.length)
                ? from + delimiter.length - LINE_END.length
                : behind(delimiter, from);
        for (var part : multipart.children()) {
            int body = at < 0 ? -1 : body(at);
            at = body < 0 ? -1 : behind(part, body, delimiter);
            if (at < 0) {
                return -1;
            }
        }
        return isAt(at, new byte[] {'-', '-'}, 0) ? at + 2 : -1;
    }

    /** Places a part; what is behind the delimiter that follows it, or -1 if there is none here. */
    private int behind(BodyStructure part, int body, byte[] delimiter) {
        if (part.isMultipart()) {
            int end = multipart(part, body);
            return end < 0 ? -1 : behind(delimiter, end);
        }
        long end = body + part.size();
        if (isAt(end, delimiter, 0)) {
            places.put(part.section(), new Place(body, part.size()));
            return (int) end + delimiter.length;
        }
        if (!isWhole && end + delimiter.length > bytes.length) {
            places.put(part.section(), new Place(body, part.size()));
        }
        return -1;
    }

    /** Where the content of a part begins whose delimiter ends here; -1 if not here. */
    private int body(int delimiterEnd) {
        int line = delimiterEnd;
        while (line < bytes.length && (bytes[line] == ' ' || bytes[line] == '\t')) {
            line++;
        }
        if (!isAt(line, LINE_END, 0)) {
            return -1;
        }
        line += LINE_END.length;
        while (line < bytes.length && !isAt(line, LINE_END, 0)) {
            line = nextLine(line);
        }
        return line < bytes.length ? line + LINE_END.length : -1;
    }

    /** Behind a line of a header; the end of all if it is none that everybody reads alike. */
    private int nextLine(int line) {
        boolean isField = bytes[line] == ' ' || bytes[line] == '\t';
        int at = line;
        while (at < bytes.length && bytes[at] != '\n') {
            isField |= bytes[at] == ':';
            at++;
        }
        return isField && at < bytes.length && bytes[at - 1] == '\r' ? at + 1 : bytes.length;
    }

    private int behind(byte[] delimiter, int from) {
        int at = find(delimiter, from, Math.min(bytes.length, from + MOST_BETWEEN));
        return at < 0 ? -1 : at + delimiter.length;
    }

    private int find(byte[] what, int from, int end) {
        for (int i = from; i <= end - what.length; i++) {
            if (isAt(i, what, 0)) {
                return i;
            }
        }
        return -1;
    }

    /** True if these bytes stand here, without so many of the first of them. */
    private boolean isAt(long at, byte[] what, int without) {
        int length = what.length - without;
        return at >= 0
                && at + length <= bytes.length
                && Arrays.equals(bytes, (int) at, (int) at + length, what, without, what.length);
    }
}
