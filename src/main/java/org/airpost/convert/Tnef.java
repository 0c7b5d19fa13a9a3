package org.airpost.convert;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What Outlook packs into a {@code winmail.dat}: the text of a message and the files attached to it. It is read in one go;
 * files are not kept, only where they lie. What is cut off or broken gives what came before the break. A message attached to
 * it is one of these again. Source: MS-OXTNEF; decision 011.
 *
 * @param head what its header would say
 * @param text plain text, if there is some
 * @param html HTML, if there is some or it can be made of RTF
 * @param files in order
 * @param complete false if it ended too early
 */
record Tnef(Head head, Optional<String> text, Optional<String> html, List<File> files, boolean complete) {

    /** Who wrote it to whom, when and about what, as far as it says so. */
    record Head(
            Optional<String> subject,
            Optional<Correspondent> from,
            List<Correspondent> to,
            List<Correspondent> cc,
            Optional<Instant> date,
            Optional<String> messageId) {

        Head {
            to = List.copyOf(to);
            cc = List.copyOf(cc);
        }
    }

    /** Somebody in the head; either may be empty. */
    record Correspondent(String name, String address) {}

    /**
     * A file in it.
     *
     * @param name may be empty
     * @param contentType as the sender gave it
     * @param isMessage true if the bytes are a message in this form
     * @param offset of its first byte in the winmail.dat
     * @param length in bytes
     */
    record File(
            String name,
            Optional<String> contentType,
            Optional<String> contentId,
            boolean isMessage,
            long offset,
            long length) {}

    private static final int SIGNATURE = 0x223E9F78;
    private static final int MOST_FILES = 500;

    /** What is larger than this is passed over, unless it is a file. */
    private static final int MOST_KEPT = 4 << 20;

    /** So much is kept of all properties together. */
    private static final int MOST_KEPT_IN_ALL = 24 << 20;

    private static final int MOST_RECIPIENTS = 2_000;

    private static final int MOST_PROPERTIES = 4_000;

    // Attributes. Source: MS-OXTNEF 2.1.3.1.
    private static final int BODY = 0x800C;
    private static final int FILE_TITLE = 0x8010;
    private static final int FILE_DATA = 0x800F;
    private static final int FILE_PROPERTIES = 0x9005;
    private static final int FILE_START = 0x9002;
    private static final int MESSAGE_PROPERTIES = 0x9003;
    private static final int RECIPIENTS = 0x9004;
    private static final int CODE_PAGE = 0x9007;
    private static final int SUBJECT_LINE = 0x8004;

    // Properties. Source: MS-OXPROPS.
    private static final int TEXT = 0x1000;
    private static final int RTF = 0x1009;
    private static final int HTML = 0x1013;
    private static final int INTERNET_CODE_PAGE = 0x3FDE;
    private static final int LONG_NAME = 0x3707;
    private static final int NAME = 0x3704;
    private static final int DISPLAY_NAME = 0x3001;
    private static final int MIME_TYPE = 0x370E;
    private static final int CONTENT_ID = 0x3712;
    private static final int DATA = 0x3701;
    private static final int METHOD = 0x3705;
    private static final int SUBJECT = 0x0037;
    private static final int SENT = 0x0039;
    private static final int DELIVERED = 0x0E06;
    private static final int MESSAGE_ID = 0x1035;
    private static final int AUTHOR = 0x0042;
    private static final int AUTHOR_ADDRESS = 0x0065;
    private static final int AUTHOR_SMTP = 0x5D02;
    private static final int SENDER = 0x0C1A;
    private static final int SENDER_ADDRESS = 0x0C1F;
    private static final int SENDER_SMTP = 0x5D01;
    private static final int RECIPIENT_TYPE = 0x0C15;
    private static final int ADDRESS = 0x3003;
    private static final int SMTP_ADDRESS = 0x39FE;

    /** What is read of a message, of somebody who gets it, and of a file; all else is passed over. */
    private static final Set<Integer> READ = Set.of(
            TEXT,
            RTF,
            HTML,
            INTERNET_CODE_PAGE,
            LONG_NAME,
            NAME,
            DISPLAY_NAME,
            MIME_TYPE,
            CONTENT_ID,
            DATA,
            METHOD,
            SUBJECT,
            SENT,
            DELIVERED,
            MESSAGE_ID,
            AUTHOR,
            AUTHOR_ADDRESS,
            AUTHOR_SMTP,
            SENDER,
            SENDER_ADDRESS,
            SENDER_SMTP,
            RECIPIENT_TYPE,
            ADDRESS,
            SMTP_ADDRESS);

    private static final Instant LAST = Instant.parse("2200-01-01T00:00:00Z");

    /** Days from 1601 to 1970, in units of 100 ns. */
    private static final long EPOCH = 116_444_736_000_000_000L;

    private static final int EMBEDDED_MESSAGE = 5;

    Tnef {
        files = List.copyOf(files);
    }

    /** Reads it; empty if it is none. The stream is not closed. */
    static Optional<Tnef> read(InputStream in) throws IOException {
        var reader = new Reader(in);
        try {
            if (reader.int32() != SIGNATURE) {
                return Optional.empty();
            }
            reader.int16(); // a key that nobody needs
        } catch (EOFException e) {
            return Optional.empty();
        }
        return Optional.of(reader.attributes());
    }

    /** True for a part that is one by its type, or by its name. */
    static boolean isTnef(org.airpost.backend.BodyStructure part) {
        return switch (part.mediaType()) {
            case "application/ms-tnef", "application/vnd.ms-tnef" -> true;
            case "application/octet-stream" ->
                part.fileName().filter("winmail.dat"::equalsIgnoreCase).isPresent();
            default -> false;
        };
    }

    /**
     * A property.
     *
     * @param value empty if it is too large to be kept, or a file
     */
    private record Property(int type, long offset, long length, byte[] value) {

        long number() {
            return wide() & 0xFFFF_FFFFL;
        }

        long wide() {
            var bytes = Arrays.copyOf(value, Math.max(8, value.length));
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }
    }

    private static final class Reader {

        private static final int STRING = 0x1E;
        private static final int UNICODE = 0x1F;
        private static final int OBJECT = 0x0D;
        private static final int BINARY = 0x102;
        private static final int TIME = 0x40;
        private static final int MANY = 0x1000;
        private static final int NAMED = 0x8000;
        private static final byte[] NOTHING = {};

        private final InputStream in;
        private long at;
        private int codePage = 1252;
        private long kept;
        private String subject = "";
        private final List<Map<Integer, Property>> recipients = new ArrayList<>();
        private Map<Integer, Property> message = Map.of();
        private Optional<byte[]> body = Optional.empty();
        private final List<File> files = new ArrayList<>();
        private boolean open;
        private String title = "";
        private long offset;
        private long length = -1;
        private Map<Integer, Property> file = Map.of();

        Reader(InputStream in) {
            this.in = in;
        }

        Tnef attributes() throws IOException {
            boolean complete = true;
            try {
                while (at >= 0) {
                    int level = in.read();
                    if (level < 0) {
                        break;
                    }
                    at++;
                    int id = int32() & 0xFFFF;
                    long size = int32() & 0xFFFF_FFFFL;
                    attribute(id, size);
                    int16(); // a sum that broken programs get wrong
                }
            } catch (EOFException | IllegalArgumentException e) {
                complete = false;
            }
            endFile();
            return new Tnef(head(), text(), html(), files, complete);
        }

        private void attribute(int id, long size) throws IOException {
            long start = at;
            switch (id) {
                case FILE_START -> {
                    endFile();
                    open = true;
                    skip(size);
                }
                case FILE_DATA -> {
                    open = true;
                    offset = start;
                    length = passed(size); // of a file that was cut off, what there is of it
                    if (length < size) {
                        throw new EOFException();
                    }
                }
                case FILE_TITLE -> title = trimmed(string(kept(size)));
                case FILE_PROPERTIES -> {
                    file = new HashMap<>();
                    properties(file, start + size);
                    skip(start + size - at);
                }
                case MESSAGE_PROPERTIES -> {
                    message = new HashMap<>();
                    properties(message, start + size);
                    skip(start + size - at);
                }
                case RECIPIENTS -> {
                    recipients(start + size);
                    skip(start + size - at);
                }
                case SUBJECT_LINE -> subject = trimmed(string(kept(size)));
                case BODY -> body = Optional.of(kept(size));
                case CODE_PAGE -> {
                    var bytes = kept(size);
                    if (bytes.length >= 4) {
                        codePage = ByteBuffer.wrap(bytes)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getInt();
                    }
                }
                default -> skip(size);
            }
        }

        private void endFile() {
            if (!open) {
                return;
            }
            boolean isMessage = Optional.ofNullable(file.get(METHOD))
                    .filter(method -> method.number() == EMBEDDED_MESSAGE)
                    .isPresent();
            var data = file.get(DATA);
            if (length < 0 && data != null) {
                long interfaceId = data.type == OBJECT ? Math.min(16, data.length) : 0;
                offset = data.offset + interfaceId;
                length = data.length - interfaceId;
            }
            if (length >= 0 && files.size() < MOST_FILES) {
                var name = property(file, LONG_NAME)
                        .or(() -> property(file, NAME))
                        .or(() -> Optional.of(title).filter(text -> !text.isEmpty()))
                        .or(() -> property(file, DISPLAY_NAME))
                        .orElse("");
                files.add(new File(
                        name,
                        property(file, MIME_TYPE).filter(type -> type.matches("[\\w.+-]{1,100}/[\\w.+-]{1,100}")),
                        property(file, CONTENT_ID).map(id -> id.replaceAll("[<>\\s]", "")),
                        isMessage,
                        offset,
                        length));
            }
            open = false;
            title = "";
            length = -1;
            file = Map.of();
        }

        private Optional<String> text() {
            return property(message, TEXT)
                    .or(() -> body.map(this::string).map(Reader::trimmed))
                    .filter(text -> !text.isBlank())
                    .or(() -> rtf().map(Rtf::text).filter(text -> !text.isBlank()));
        }

        private Optional<String> html() {
            var html = message.get(HTML);
            if (html != null && html.type == BINARY) {
                var start =
                        new String(html.value, 0, Math.min(html.value.length, 4 << 10), StandardCharsets.ISO_8859_1);
                var label = Optional.ofNullable(message.get(INTERNET_CODE_PAGE))
                        .map(page -> label((int) page.number()))
                        .or(() -> Html.declaredCharset(start))
                        .orElse("");
                return Optional.of(TextDecoder.decode(html.value, label));
            }
            return property(message, HTML).or(() -> rtf().flatMap(Rtf::html));
        }

        private Optional<Rtf> rtf() {
            return Optional.ofNullable(message.get(RTF)).flatMap(packed -> Rtf.unpacked(packed.value));
        }

        private Optional<String> property(Map<Integer, Property> properties, int id) {
            return Optional.ofNullable(properties.get(id))
                    .flatMap(property -> switch (property.type) {
                        case UNICODE -> Optional.of(new String(property.value, StandardCharsets.UTF_16LE));
                        case STRING -> Optional.of(string(property.value));
                        default -> Optional.empty();
                    })
                    .map(Reader::trimmed)
                    .filter(text -> !text.isEmpty());
        }

        private String string(byte[] bytes) {
            return TextDecoder.decode(bytes, label(codePage));
        }

        private static String label(int codePage) {
            return Arrays.stream(TextEncoding.values())
                    .filter(encoding -> encoding.codePage() == codePage)
                    .findFirst()
                    .map(TextEncoding::charset)
                    .map(Charset::name)
                    .orElse("");
        }

        private static String trimmed(String text) {
            int end = text.indexOf('\0');
            return end < 0 ? text : text.substring(0, end);
        }

        private Head head() {
            var to = new ArrayList<Correspondent>();
            var cc = new ArrayList<Correspondent>();
            for (var recipient : recipients) {
                var type = recipient.get(RECIPIENT_TYPE);
                long kind = type == null ? 1 : type.number() & 0xF;
                if (kind == 1 || kind == 2) {
                    correspondent(recipient, DISPLAY_NAME, SMTP_ADDRESS, ADDRESS)
                            .ifPresent((kind == 1 ? to : cc)::add);
                }
            }
            return new Head(
                    property(message, SUBJECT).or(() -> Optional.of(subject).filter(line -> !line.isEmpty())),
                    correspondent(message, AUTHOR, AUTHOR_SMTP, AUTHOR_ADDRESS)
                            .or(() -> correspondent(message, SENDER, SENDER_SMTP, SENDER_ADDRESS)),
                    to,
                    cc,
                    time(SENT).or(() -> time(DELIVERED)),
                    property(message, MESSAGE_ID));
        }

        private Optional<Correspondent> correspondent(
                Map<Integer, Property> properties, int name, int smtpAddress, int address) {
            var who = new Correspondent(
                    property(properties, name).orElse(""),
                    property(properties, smtpAddress)
                            .or(() -> property(properties, address))
                            .filter(text -> text.indexOf('@') > 0)
                            .orElse(""));
            return Optional.of(who).filter(one -> !one.name.isEmpty() || !one.address.isEmpty());
        }

        private Optional<Instant> time(int id) {
            return Optional.ofNullable(message.get(id))
                    .filter(property -> property.type == TIME)
                    .map(property -> Instant.ofEpochMilli((property.wide() - EPOCH) / 10_000))
                    .filter(when -> when.isAfter(Instant.EPOCH) && when.isBefore(LAST));
        }

        /** The rows of the table of recipients. */
        private void recipients(long end) throws IOException {
            try {
                long count = number(end);
                for (long i = 0; i < Math.min(count, MOST_RECIPIENTS); i++) {
                    var row = new HashMap<Integer, Property>();
                    recipients.add(row);
                    if (!properties(row, end)) {
                        return;
                    }
                }
            } catch (IllegalArgumentException e) {
                return; // no table at all
            }
        }

        /** Reads properties by number. What is broken ends the list, and false is given. */
        private boolean properties(Map<Integer, Property> found, long end) throws IOException {
            try {
                long count = number(end);
                for (long i = 0; i < Math.min(count, MOST_PROPERTIES); i++) {
                    long head = number(end);
                    int id = (int) (head >>> 16);
                    if (id >= NAMED) {
                        passName(end);
                    }
                    value(id, (int) head & 0xFFFF, end).ifPresent(value -> found.putIfAbsent(id, value));
                }
                return count <= MOST_PROPERTIES;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        private long number(long end) throws IOException {
            checked(4, end);
            return int32() & 0xFFFF_FFFFL;
        }

        private void passName(long end) throws IOException {
            skip(checked(16, end));
            long kind = number(end);
            long size = number(end);
            if (kind != 0) {
                skip(padded(size, end));
            }
        }

        private Optional<Property> value(int id, int type, long end) throws IOException {
            boolean isRead = READ.contains(id);
            int base = type & ~MANY;
            boolean many = (type & MANY) != 0;
            boolean sized = base == STRING || base == UNICODE || base == OBJECT || base == BINARY;
            long count = many || sized ? number(end) : 1;
            if (count > MOST_PROPERTIES) {
                throw new IllegalArgumentException("a property with %d values".formatted(count));
            }
            Optional<Property> first = Optional.empty();
            for (long i = 0; i < count; i++) {
                long size = sized ? number(end) : fixed(base);
                long from = at;
                long whole = padded(size, end);
                boolean isKept = isRead
                        && first.isEmpty()
                        && !many
                        && id != DATA
                        && size <= MOST_KEPT
                        && kept + size <= MOST_KEPT_IN_ALL;
                var value = isKept ? kept(size) : NOTHING;
                kept += value.length;
                skip(whole - value.length);
                first = first.isPresent() || !isRead ? first : Optional.of(new Property(base, from, size, value));
            }
            return many ? Optional.empty() : first;
        }

        private long padded(long size, long end) {
            return checked(size, end) == 0 ? 0 : Math.min((size + 3) & ~3L, end - at);
        }

        /** So many bytes, which must lie before the end. */
        private long checked(long size, long end) {
            if (size > end - at) {
                throw new IllegalArgumentException("%d bytes, where %d are left".formatted(size, end - at));
            }
            return size;
        }

        private static int fixed(int type) {
            return switch (type) {
                case 0x05, 0x06, 0x07, 0x14, 0x40 -> 8;
                case 0x48 -> 16;
                case 0x00, 0x01 -> 0;
                default -> 4;
            };
        }

        private byte[] kept(long size) throws IOException {
            if (size > MOST_KEPT) {
                skip(size);
                return new byte[0];
            }
            var bytes = in.readNBytes((int) size);
            at += bytes.length;
            if (bytes.length < size) {
                throw new EOFException();
            }
            return bytes;
        }

        private void skip(long size) throws IOException {
            if (passed(size) < size) {
                throw new EOFException();
            }
        }

        /** Passes over so many bytes, or as many as there are; how many it were. */
        private long passed(long size) throws IOException {
            long passed = 0;
            while (passed < size) {
                long more = in.skip(size - passed);
                if (more <= 0 && in.read() < 0) {
                    break;
                }
                passed += more <= 0 ? 1 : more;
            }
            at += passed;
            return passed;
        }

        int int32() throws IOException {
            return int16() | int16() << 16;
        }

        int int16() throws IOException {
            int low = in.read();
            int high = in.read();
            if (high < 0) {
                throw new EOFException();
            }
            at += 2;
            return low | high << 8;
        }
    }

    /** The same from bytes at hand. */
    static Optional<Tnef> read(byte[] bytes) {
        try {
            return read(new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
