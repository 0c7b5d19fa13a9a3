package org.airpost.convert;

import jakarta.mail.internet.ContentDisposition;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.ParameterList;
import jakarta.mail.internet.ParseException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Section;
import org.jspecify.annotations.Nullable;

/**
 * An account that holds messages as bytes and answers describe and read from them, as an IMAP server would. It counts what is
 * read. Anything else is refused.
 */
final class FakeMail extends RefusingMail {

    static final Instant RECEIVED = Instant.parse("2026-11-20T08:30:00Z");

    private final Map<Long, byte[]> messages = new TreeMap<>();
    private final Map<Long, Set<String>> flags = new HashMap<>();
    final List<Section> sectionsRead = new ArrayList<>();
    long bytesRead;
    int reads;

    /** Bytes behind the header that are told with a description at most, whatever is asked for. */
    int mostStart;

    static FakeMail with(byte[] message) {
        var mail = new FakeMail();
        mail.add(1, message);
        return mail;
    }

    void add(long uid, byte[] message, String... flagged) {
        messages.put(uid, message);
        flags.put(uid, Set.of(flagged));
    }

    void remove(long uid) {
        messages.remove(uid);
    }

    MailConverter.Place place() {
        return new MailConverter.Place("anna", this, "INBOX", 7, "5");
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
        return uids.stream().filter(messages::containsKey).map(this::describe).toList();
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids, int start) {
        return describe(mailbox, uidValidity, uids).stream()
                .map(message -> message.startingWith(start(message, Math.min(start, mostStart))))
                .toList();
    }

    private byte[] start(MessageData message, int most) {
        var bytes = messages.getOrDefault(message.uid(), new byte[0]);
        int from = bodyStart(bytes, 0, bytes.length);
        return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + most));
    }

    private MessageData describe(long uid) {
        var bytes = messages.getOrDefault(uid, new byte[0]);
        return new MessageData(
                uid,
                RECEIVED,
                bytes.length,
                flags.getOrDefault(uid, Set.of()),
                Arrays.copyOf(bytes, Math.min(bodyStart(bytes, 0, bytes.length), 256 << 10)),
                new Parser(bytes).root());
    }

    @Override
    public Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections) {
        reads++;
        var result = new HashMap<Section, byte[]>();
        for (var section : sections) {
            find(section).ifPresent(bytes -> result.put(section, bytes));
        }
        return result;
    }

    @Override
    public long read(String mailbox, long uidValidity, Section section, OutputStream out) throws IOException {
        reads++;
        var bytes = find(section);
        if (bytes.isEmpty()) {
            return -1;
        }
        for (int at = 0; at < bytes.get().length; at += 1_000) {
            out.write(bytes.get(), at, Math.min(1_000, bytes.get().length - at));
        }
        return bytes.get().length;
    }

    private Optional<byte[]> find(Section section) {
        var bytes = messages.get(section.uid());
        if (bytes == null) {
            return Optional.empty();
        }
        sectionsRead.add(section);
        var parser = new Parser(bytes);
        parser.root();
        var range = section.section().isEmpty() ? new int[] {0, bytes.length} : parser.ranges.get(section.section());
        if (range == null) {
            return Optional.empty();
        }
        long from = Math.min(range[1], range[0] + section.offset());
        long to = section.length() >= range[1] - from ? range[1] : from + section.length();
        bytesRead += to - from;
        return Optional.of(Arrays.copyOfRange(bytes, (int) from, (int) to));
    }

    private static int bodyStart(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n' && (i == from || (i + 1 < to && bytes[i + 1] == '\n'))) {
                return i == from ? i + 1 : i + 2;
            }
            if (bytes[i] == '\n' && i + 2 < to && bytes[i + 1] == '\r' && bytes[i + 2] == '\n') {
                return i + 3;
            }
            if (i == from && bytes[i] == '\r' && i + 1 < to && bytes[i + 1] == '\n') {
                return i + 2;
            }
        }
        return to;
    }

    /** Just enough of MIME for a structure with section numbers. */
    private static final class Parser {

        private final byte[] bytes;
        final Map<String, int[]> ranges = new LinkedHashMap<>();

        Parser(byte[] bytes) {
            this.bytes = bytes;
        }

        BodyStructure root() {
            return part(0, bytes.length, "", true, 0);
        }

        private BodyStructure part(int from, int to, String number, boolean message, int depth) {
            int body = bodyStart(bytes, from, to);
            var header = HeaderBlock.parse(Arrays.copyOfRange(bytes, from, body));
            var type = type(header.first("content-type").orElse("text/plain"));
            var primary = type.getPrimaryType().toLowerCase(Locale.ROOT);
            var subtype = type.getSubType().toLowerCase(Locale.ROOT);
            var parameters = parameters(type.getParameterList());
            var section = number.isEmpty() || (message && !primary.equals("multipart"))
                    ? number.isEmpty() ? (primary.equals("multipart") ? "" : "1") : number + ".1"
                    : number;
            var children = new ArrayList<BodyStructure>();
            if (primary.equals("multipart") && depth < 60) {
                var prefix = section.isEmpty() ? "" : section + ".";
                int index = 1;
                for (var range : split(body, to, parameters.getOrDefault("boundary", ""))) {
                    children.add(part(range[0], range[1], prefix + index++, false, depth + 1));
                }
            } else if (primary.equals("message") && subtype.equals("rfc822") && depth < 60) {
                children.add(part(body, to, section, true, depth + 1));
            }
            if (primary.equals("multipart") && children.isEmpty()) {
                primary = "text"; // as servers do with a multipart that has no parts
                subtype = "plain";
                section = section.isEmpty() ? "1" : section;
            }
            if (!primary.equals("multipart")) {
                ranges.put(section, new int[] {body, to});
            }
            var disposition = header.first("content-disposition").flatMap(Parser::disposition);
            return new BodyStructure(
                    section,
                    primary,
                    subtype,
                    parameters,
                    header.first("content-id").map(id -> id.replace("<", "").replace(">", "")),
                    header.first("content-transfer-encoding").orElse("7bit").toLowerCase(Locale.ROOT),
                    primary.equals("multipart") ? 0 : to - body,
                    disposition.map(d -> d.getDisposition().toLowerCase(Locale.ROOT)),
                    disposition
                            .flatMap(d -> Optional.ofNullable(d.getParameter("filename")))
                            .or(() -> Optional.ofNullable(parameters.get("name"))),
                    header.first("content-location"),
                    children);
        }

        private static ContentType type(String value) {
            try {
                var type = new ContentType(value);
                return type.getPrimaryType().isEmpty() || type.getSubType().isEmpty()
                        ? new ContentType("text", "plain", new ParameterList())
                        : type;
            } catch (ParseException e) {
                return new ContentType("text", "plain", new ParameterList());
            }
        }

        private static Optional<ContentDisposition> disposition(String value) {
            try {
                return Optional.of(new ContentDisposition(value)).filter(d -> d.getDisposition() != null);
            } catch (ParseException e) {
                return Optional.empty();
            }
        }

        private static Map<String, String> parameters(@Nullable ParameterList list) {
            var parameters = new HashMap<String, String>();
            if (list != null) {
                for (var names = list.getNames(); names.hasMoreElements(); ) {
                    var name = names.nextElement();
                    Optional.ofNullable(list.get(name))
                            .ifPresent(value -> parameters.put(name.toLowerCase(Locale.ROOT), value));
                }
            }
            return parameters;
        }

        private List<int[]> split(int from, int to, String boundary) {
            var parts = new ArrayList<int[]>();
            if (boundary.isEmpty()) {
                return parts;
            }
            var mark = ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
            int open = -1;
            for (int line = from; line < to; line = nextLine(line, to)) {
                if (line + mark.length > to || !Arrays.equals(bytes, line, line + mark.length, mark, 0, mark.length)) {
                    continue;
                }
                if (open >= 0) {
                    int end = line > open && bytes[line - 1] == '\n' ? line - 1 : line;
                    end = end > open && bytes[end - 1] == '\r' ? end - 1 : end;
                    parts.add(new int[] {open, Math.max(open, end)});
                }
                open = nextLine(line, to);
                if (line + mark.length + 1 < to
                        && bytes[line + mark.length] == '-'
                        && bytes[line + mark.length + 1] == '-') {
                    return parts;
                }
            }
            if (open >= 0) {
                parts.add(new int[] {open, to});
            }
            return parts;
        }

        private int nextLine(int from, int to) {
            for (int i = from; i < to; i++) {
                if (bytes[i] == '\n') {
                    return i + 1;
                }
            }
            return to;
        }
    }
}
