package org.airpost.backend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a message line by line and finds its parts. A line that looks like the delimiter of any open multipart ends all
 * that is inside of it, so a missing close delimiter costs nothing. Where the delimiter that the header tells never comes, and
 * another line looks like one, that is taken; a multipart without any part is a text. Source: RFC 2046 §5.1.
 */
final class MimeScanner {

    /** Nesting that mail in the field never has; below it a part is taken as opaque. */
    private static final int DEEPEST = 40;

    private static final int MOST_PARTS = 5_000;
    private static final int KEPT_OF_LINE = 16 << 10;
    private static final int KEPT_OF_FIELD = 64 << 10;

    private static final int MOST_DESCRIPTION = 100;

    private static final Set<String> FIELDS = Set.of(
            "content-type",
            "content-transfer-encoding",
            "content-disposition",
            "content-id",
            "content-location",
            "content-description");

    /** A line that surely is a field of a header, so that what stands before it is no body. */
    private static final Pattern FIELD = Pattern.compile(
            "(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]{2,40}|reply-to|sender|received"
                    + "|return-path|delivered-to|references|in-reply-to|dkim-signature|list-[a-z-]{2,20}|x-[a-z0-9-]{2,40})"
                    + "[ \\t]{0,5}:.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** As much of a line as tells whether it is a field, and as much of a message as tells how its lines end. */
    private static final int LOOK_AHEAD = 64;

    private static final int FIRST_LOOK = 4 << 10;

    private final InputStream in;
    private final byte[] buffer = new byte[32 << 10];
    private int at;
    private int filled;
    private long bufferStart;

    private byte[] line = new byte[256];
    private int lineLength;
    private long lineStart;
    private long lineTextEnd;
    private long previousTextEnd;
    private boolean held;
    private boolean ended;
    private char lineEnd = '\n';

    private final List<byte[]> boundaries = new ArrayList<>();
    private int matched = -1;
    private boolean closing;
    private int parts;

    MimeScanner(InputStream in) {
        this.in = in;
    }

    MimeStructure scan() throws IOException {
        fill(FIRST_LOOK);
        var start = new String(buffer, 0, filled, ISO_8859_1);
        if (start.stripTrailing().indexOf('\n') < 0 && start.contains("\r\r")) {
            lineEnd = '\r'; // as on the Macintosh of old
        }
        return entity("", true, "text/plain", 0);
    }

    private MimeStructure entity(String prefix, boolean message, String defaultType, int depth) throws IOException {
        parts++;
        long headerStart = position();
        var fields = header(message);
        long bodyStart = position();
        var rawType = fields.getOrDefault("content-type", defaultType);
        var contentType = HeaderValue.parse(HeaderValue.ofBytes(rawType));
        var mediaType = contentType.value().toLowerCase(Locale.ROOT);
        if (!mediaType.matches("[^/\\s]+/[^/\\s]+")) {
            mediaType = mediaType.equals("text") ? "text/plain" : defaultType;
        }
        var encoding =
                fields.getOrDefault("content-transfer-encoding", "7bit").strip().toLowerCase(Locale.ROOT);
        boolean identity = encoding.equals("7bit") || encoding.equals("8bit") || encoding.equals("binary");

        List<MimeStructure> children = List.of();
        boolean saysMultipart = mediaType.startsWith("multipart/");
        var section = !message ? prefix : prefix.isEmpty() ? "1" : prefix + ".1";
        if (saysMultipart && depth < DEEPEST) {
            var boundary = HeaderValue.parse(rawType).parameters().getOrDefault("boundary", "");
            children = multipart(prefix, boundary, mediaType.equals("multipart/digest"), depth);
        } else if (mediaType.equals("message/rfc822") && identity && depth < DEEPEST) {
            children = List.of(entity(section, true, "text/plain", depth + 1));
        }
        boolean multipart = saysMultipart && !children.isEmpty();
        if (multipart) {
            section = prefix;
        } else if (saysMultipart) {
            mediaType = "text/plain";
        }
        skipToDelimiter();
        long bodyEnd = held ? Math.max(bodyStart, previousTextEnd) : position();
        var disposition = Optional.ofNullable(fields.get("content-disposition"))
                .map(raw -> HeaderValue.parse(HeaderValue.ofBytes(raw)));
        boolean isFile = !multipart && !mediaType.startsWith("text/") && !mediaType.startsWith("message/");
        var structure = new BodyStructure(
                section,
                mediaType.substring(0, mediaType.indexOf('/')),
                mediaType.substring(mediaType.indexOf('/') + 1),
                contentType.parameters(),
                Optional.ofNullable(fields.get("content-id"))
                        .map(id -> id.strip().replaceAll("^<|>$", ""))
                        .filter(id -> !id.isEmpty()),
                encoding,
                multipart ? 0 : bodyEnd - bodyStart,
                disposition.map(d -> d.value().toLowerCase(Locale.ROOT)).filter(d -> !d.isEmpty()),
                disposition
                        .flatMap(d -> Optional.ofNullable(d.parameters().get("filename")))
                        .or(() -> Optional.ofNullable(contentType.parameters().get("name")))
                        .or(() -> isFile ? describing(fields.get("content-description")) : Optional.empty())
                        .map(HeaderValue::decodeWords),
                Optional.ofNullable(fields.get("content-location"))
                        .map(raw -> HeaderValue.ofBytes(raw).strip()),
                children.stream().map(MimeStructure::structure).toList());
        return new MimeStructure(structure, headerStart, bodyStart, bodyEnd, children);
    }

    /** A description of a file, which may stand for its name. */
    private static Optional<String> describing(@Nullable String field) {
        return Optional.ofNullable(field)
                .map(raw -> HeaderValue.ofBytes(raw).strip())
                .filter(text -> !text.isEmpty() && text.length() <= MOST_DESCRIPTION);
    }

    private List<MimeStructure> multipart(String section, String boundary, boolean digest, int depth)
            throws IOException {
        int mine = boundaries.size();
        boundaries.add(boundary.getBytes(ISO_8859_1));
        // The line held now, if any, was judged before this boundary was known.
        judge();
        boolean guessed = preamble();
        boolean begins = guessed;
        var children = new ArrayList<MimeStructure>();
        while (begins || (held && (matched == mine || (guessed && matched == mine + 1)))) {
            if (!begins) {
                if (closing && matched == mine && !children.isEmpty()) {
                    break;
                }
                if (guessed && matched == mine) { // the true delimiter after all
                    children.clear();
                    boundaries.removeLast();
                    guessed = false;
                }
                held = false;
            }
            if (parts >= MOST_PARTS || (!begins && closing)) { // an end before any part ends nothing
                begins = false;
                skipToDelimiter();
                continue;
            }
            begins = false;
            var childSection = (section.isEmpty() ? "" : section + ".") + (children.size() + 1);
            children.add(entity(childSection, false, digest ? "message/rfc822" : "text/plain", depth + 1));
        }
        if (held && matched >= mine) {
            held = false; // the close delimiter; what follows is the epilogue
        }
        while (boundaries.size() > mine) {
            boundaries.removeLast();
        }
        return children;
    }

    /**
     * Passes over what stands before the first part. True if it begins with the line held now, behind a line that only looks
     * like a delimiter: that is one from now on.
     */
    private boolean preamble() throws IOException {
        byte[] candidate = {};
        while (!(held && matched >= 0) && nextLine()) {
            held = matched >= 0;
            if (!held && candidate.length > 0 && isContentField()) {
                boundaries.add(candidate);
                held = true;
                return true;
            }
            candidate = candidate();
        }
        return false;
    }

    private boolean isContentField() {
        var text = new String(line, 0, Math.min(lineLength, LOOK_AHEAD), ISO_8859_1);
        return text.regionMatches(true, 0, "content-", 0, 8)
                && FIELD.matcher(text).matches();
    }

    /** What would be the boundary if this line were a delimiter; empty if it cannot be. */
    private byte[] candidate() {
        int end = lineLength;
        while (end > 2 && (line[end - 1] == ' ' || line[end - 1] == '\t')) {
            end--;
        }
        boolean isOne = end > 2 && end < 200 && line[0] == '-' && line[1] == '-';
        return isOne ? Arrays.copyOfRange(line, 2, end) : new byte[0];
    }

    /** The fields of a header that say something of the content; ends behind the empty line, or before what is no header. */
    private Map<String, String> header(boolean message) throws IOException {
        var fields = new HashMap<String, String>();
        var field = new StringBuilder();
        boolean first = true;
        while (nextLine()) {
            if (matched >= 0) {
                held = true;
                break;
            }
            if (lineLength == 0) {
                break;
            }
            boolean continued = line[0] == ' ' || line[0] == '\t';
            var text = new String(line, 0, lineLength, ISO_8859_1);
            if (continued && !first) {
                if (field.length() + text.length() < KEPT_OF_FIELD) {
                    field.append(text);
                }
                continue;
            }
            if (text.indexOf(':') < 1) {
                if (first && (text.startsWith("From ") || text.startsWith(">From "))) {
                    continue; // an mbox line
                }
                if (message && isFieldNext()) {
                    continue; // a line that something wrote into the header
                }
                held = true;
                break;
            }
            first = false;
            add(field, fields);
            field.setLength(0);
            field.append(text);
        }
        add(field, fields);
        return fields;
    }

    private static void add(StringBuilder field, Map<String, String> fields) {
        int colon = field.indexOf(":");
        if (colon > 0) {
            var name = field.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            if (FIELDS.contains(name)) {
                fields.putIfAbsent(name, field.substring(colon + 1).strip());
            }
        }
    }

    private boolean isFieldNext() throws IOException {
        fill(LOOK_AHEAD);
        return FIELD.matcher(new String(buffer, at, Math.min(LOOK_AHEAD, filled - at), ISO_8859_1))
                .matches();
    }

    /** Has so many bytes at hand that were not looked at yet, if there are so many. */
    private void fill(int wanted) throws IOException {
        if (filled - at >= wanted) {
            return;
        }
        System.arraycopy(buffer, at, buffer, 0, filled - at);
        bufferStart += at;
        filled -= at;
        at = 0;
        while (filled < wanted) {
            int read = in.read(buffer, filled, buffer.length - filled);
            if (read <= 0) {
                return;
            }
            filled += read;
        }
    }

    private void skipToDelimiter() throws IOException {
        while (!(held && matched >= 0) && nextLine()) {
            held = matched >= 0;
        }
    }

    /** Offset of the next byte that is not yet part of anything. */
    private long position() {
        return held ? lineStart : bufferStart + at;
    }

    /** Reads the next line, or the held one again; false at the end. */
    private boolean nextLine() throws IOException {
        if (held) {
            held = false;
            return true;
        }
        if (ended) {
            matched = -1;
            return false;
        }
        previousTextEnd = lineTextEnd;
        lineStart = bufferStart + at;
        lineLength = 0;
        while (true) {
            if (at == filled) {
                bufferStart += filled;
                at = 0;
                filled = Math.max(0, in.read(buffer));
                if (filled == 0) {
                    ended = true;
                    if (bufferStart == lineStart) {
                        matched = -1;
                        return false;
                    }
                    lineTextEnd = bufferStart;
                    break;
                }
            }
            int end = at;
            while (end < filled && buffer[end] != lineEnd) {
                end++;
            }
            keep(at, end);
            boolean complete = end < filled;
            at = complete ? end + 1 : end;
            if (complete) {
                boolean cr = lineEnd == '\n' && lineLength > 0 && lastByteWasCr(end);
                lineTextEnd = bufferStart + end - (cr ? 1 : 0);
                if (cr && lineLength > 0 && line[lineLength - 1] == '\r') {
                    lineLength--;
                }
                break;
            }
        }
        judge();
        return true;
    }

    private boolean lastByteWasCr(int end) {
        // The CR may have been the last byte of the buffer before.
        return end > 0 ? buffer[end - 1] == '\r' : line[lineLength - 1] == '\r';
    }

    private void keep(int from, int to) {
        int more = Math.min(to - from, KEPT_OF_LINE - lineLength);
        if (more <= 0) {
            return;
        }
        if (lineLength + more > line.length) {
            line = Arrays.copyOf(line, Math.min(KEPT_OF_LINE, Math.max(line.length * 2, lineLength + more)));
        }
        System.arraycopy(buffer, from, line, lineLength, more);
        lineLength += more;
    }

    /** Decides whether the present line is a delimiter, and of which multipart. */
    private void judge() {
        matched = -1;
        closing = false;
        if (lineLength < 3 || line[0] != '-' || line[1] != '-') {
            return;
        }
        for (int i = boundaries.size() - 1; i >= 0; i--) {
            var boundary = boundaries.get(i);
            int end = 2 + boundary.length;
            if (boundary.length == 0
                    || lineLength < end
                    || !Arrays.equals(line, 2, end, boundary, 0, boundary.length)) {
                continue;
            }
            boolean close = lineLength >= end + 2 && line[end] == '-' && line[end + 1] == '-';
            if (new String(line, 0, lineLength, ISO_8859_1)
                    .substring(close ? end + 2 : end)
                    .isBlank()) {
                matched = i;
                closing = close;
                return;
            }
        }
    }
}
