package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;

/**
 * What of a message has come with its description: a part that lies in it whole, or far enough, need not be asked for. Where a
 * part begins and ends is said by the sizes in BODYSTRUCTURE, and believed where a delimiter stands at either end; of what is
 * in doubt nothing is taken, and the mail server is asked. In doubt is all that servers read each in its own way: Cyrus takes
 * the start of a boundary for it, Courier does not tell large letters from small ones. Source: RFC 2046 §5.1.1; RFC 9051
 * "BODYSTRUCTURE".
 */
final class MessageStart {

    /** Bytes in which the first delimiter must come, or the next one behind a multipart. */
    private static final int MOST_BETWEEN = 1_024;

    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] DASHES = {'-', '-'};

    /** A boundary without spaces, quotes, backslashes and other letters, which not every server reads alike. */
    private static final Pattern BOUNDARY = Pattern.compile("[!#-\\[\\]-~]+");

    /** A line of a header that is that for everybody, and no delimiter and no end of the header for anybody. */
    private static final Pattern FIELD = Pattern.compile(
            "(?!--)[!-9;-~]+:[^\\x00-\\x08\\x0A-\\x1F]*+|[ \\t]++[^\\x00-\\x20][^\\x00-\\x08\\x0A-\\x1F]*+");

    private final MessageData message;
    private final byte[] bytes;
    private final boolean isWhole;
    private final Map<String, Place> places = new HashMap<>();

    /** Bytes that are of a part without doubt; whether it ends there. */
    private record Place(int from, int to, boolean isWhole) {}

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
        int here = place.to() - place.from();
        return section.length() <= here || place.isWhole()
                ? Optional.of(
                        Arrays.copyOfRange(bytes, place.from(), place.from() + (int) Math.min(here, section.length())))
                : Optional.empty();
    }

    private Optional<byte[]> whole(Section section) {
        int header = message.header().length;
        if (!isWhole || bytes.length == 0 || section.offset() != 0 || header + (long) bytes.length != message.size()) {
            return Optional.empty();
        }
        byte[] all = Arrays.copyOf(message.header(), header + bytes.length);
        System.arraycopy(bytes, 0, all, header, bytes.length);
        return Optional.of(section.length() < all.length ? Arrays.copyOf(all, (int) section.length()) : all);
    }

    private void place(BodyStructure top) {
        if (top.isMultipart()) {
            multipart(top, 0);
        } else if (!isMessage(top) && (isWhole ? top.size() == bytes.length : top.size() >= bytes.length)) {
            places.put(top.section(), new Place(0, bytes.length, isWhole));
        }
    }

    /** A message in a message: what its number stands for is not the same everywhere. */
    private static boolean isMessage(BodyStructure part) {
        return !part.children().isEmpty()
                || part.mediaType().equals("message/rfc822")
                || part.mediaType().equals("message/global");
    }

    /** Places the parts of a multipart that begins here; where it ends, or -1 if that is not known. */
    private int multipart(BodyStructure multipart, int from) {
        var boundary = multipart.parameters().get("boundary");
        if (boundary == null || !BOUNDARY.matcher(boundary).matches()) {
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
        return isAt(at, DASHES, 0) ? at + DASHES.length : -1;
    }

    /** Places a part; what is behind the delimiter that follows it, or -1 if there is none here. */
    private int behind(BodyStructure part, int body, byte[] delimiter) {
        if (part.isMultipart()) {
            int end = multipart(part, body);
            return end < 0 ? -1 : behind(delimiter, end);
        }
        int last = bytes.length - delimiter.length;
        if (part.size() <= last - body) {
            int end = body + (int) part.size();
            if (!isAt(end, delimiter, 0)) {
                return -1;
            }
            put(part, new Place(body, end, true));
            return end + delimiter.length;
        }
        // It goes on behind what is here, if the size is right; if not, its end may be cut.
        if (!isWhole && body < last && find(delimiter, LINE_END.length, body, bytes.length) < 0) {
            put(part, new Place(body, last, false));
        }
        return -1;
    }

    private void put(BodyStructure part, Place place) {
        if (!isMessage(part)) {
            places.put(part.section(), place);
        }
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
        if (line < bytes.length && (bytes[line] == ' ' || bytes[line] == '\t')) {
            return -1; // more of no field
        }
        while (line < bytes.length && !isAt(line, LINE_END, 0)) {
            line = nextLine(line);
        }
        return line < bytes.length ? line + LINE_END.length : -1;
    }

    /** Behind a line of a header; the end of all if it is none that everybody reads alike. */
    private int nextLine(int line) {
        int at = line;
        while (at < bytes.length && bytes[at] != '\n') {
            at++;
        }
        boolean isEnded = at < bytes.length && bytes[at - 1] == '\r';
        return isEnded
                        && FIELD.matcher(new String(bytes, line, at - 1 - line, ISO_8859_1))
                                .matches()
                ? at + 1
                : bytes.length;
    }

    /** Behind the next delimiter, if that is the first thing that anybody could take for one. */
    private int behind(byte[] delimiter, int from) {
        int at = find(DASHES, 0, from, Math.min(bytes.length, from + MOST_BETWEEN)) - LINE_END.length;
        return at >= from && isAt(at, delimiter, 0) ? at + delimiter.length : -1;
    }

    /** Where these bytes, without so many of the first of them, stand; -1 if they do not. */
    private int find(byte[] what, int without, int from, int end) {
        for (int i = from; i <= end - what.length + without; i++) {
            if (bytes[i] == what[without] && isAt(i, what, without)) {
                return i;
            }
        }
        return -1;
    }

    /** True if these bytes stand here, without so many of the first of them. */
    private boolean isAt(int at, byte[] what, int without) {
        int length = what.length - without;
        return at >= 0
                && at <= bytes.length - length
                && Arrays.equals(bytes, at, at + length, what, without, what.length);
    }
}
