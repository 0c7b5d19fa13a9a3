package org.airpost.convert;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.convert.ItemContent.AttachmentEntry;
import org.airpost.eas.Spool;

/**
 * A file within a part: in a winmail.dat, or encoded within a text. The part is read from its start, spooled beyond a few
 * hundred KiB, and the file taken out.
 */
final class InnerAttachment implements MailConverter.Attachment {

    private static final Pattern SECTION = Pattern.compile("([0-9.]{1,200})([tu])([0-9]{1,3})");
    private static final int IN_MEMORY = 256 << 10;
    private static final long MOST_WINMAIL = 200L << 20;
    private static final int MOST_TEXT = 16 << 20;

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("pdf", "application/pdf"),
            Map.entry("doc", "application/msword"),
            Map.entry("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            Map.entry("xls", "application/vnd.ms-excel"),
            Map.entry("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            Map.entry("ppt", "application/vnd.ms-powerpoint"),
            Map.entry("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            Map.entry("txt", "text/plain"),
            Map.entry("csv", "text/csv"),
            Map.entry("html", "text/html"),
            Map.entry("htm", "text/html"),
            Map.entry("ics", "text/calendar"),
            Map.entry("vcf", "text/vcard"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("png", "image/png"),
            Map.entry("gif", "image/gif"),
            Map.entry("zip", "application/zip"),
            Map.entry("eml", "message/rfc822"));

    /** How a file is taken out of its part. */
    private interface Source {

        /** Writes a range of the file, if it is still there; its size, or -1. */
        long write(OutputStream out, long first, long last) throws IOException;
    }

    private final String name;
    private final String contentType;
    private final long bytes;
    private final Instant received;
    private final Source source;

    private InnerAttachment(String name, String contentType, long bytes, Instant received, Source source) {
        this.name = name;
        this.contentType = contentType;
        this.bytes = bytes;
        this.received = received;
        this.source = source;
    }

    static boolean isInner(String section) {
        return SECTION.matcher(section).matches();
    }

    /** The rows of what is in a winmail.dat; inline is what the HTML refers to. */
    static List<AttachmentEntry> entries(Tnef tnef, FileReference part, Set<String> references) {
        var entries = new ArrayList<AttachmentEntry>();
        for (var file : tnef.files()) {
            entries.add(new AttachmentEntry(
                    name(file),
                    new FileReference(part.folderId(), part.uid(), part.section() + "t" + entries.size()),
                    file.isMessage() ? AttachmentEntry.MESSAGE : AttachmentEntry.ORDINARY,
                    Math.max(1, file.length()),
                    file.contentId().filter(id -> !id.isEmpty()),
                    Optional.empty(),
                    file.contentId().filter(references::contains).isPresent()));
        }
        return entries;
    }

    /** The rows of what is in a text. */
    static List<AttachmentEntry> entries(List<UuText.File> files, FileReference part) {
        var entries = new ArrayList<AttachmentEntry>();
        for (var file : files) {
            entries.add(new AttachmentEntry(
                    name(file.name(), "attachment.bin"),
                    new FileReference(part.folderId(), part.uid(), part.section() + "u" + entries.size()),
                    AttachmentEntry.ORDINARY,
                    Math.max(1, file.content().length),
                    Optional.empty(),
                    Optional.empty(),
                    false));
        }
        return entries;
    }

    /** The file with a section such as {@code 2t0}; empty if its part is not there. */
    static Optional<MailConverter.Attachment> of(MailConverter.Place place, MessageData message, String section) {
        var parsed = SECTION.matcher(section);
        if (!parsed.matches()) {
            return Optional.empty();
        }
        int number = Integer.parseInt(parsed.group(3));
        var part = MessageParts.find(message.structure(), parsed.group(1));
        return parsed.group(2).equals("t")
                ? part.filter(Tnef::isTnef).flatMap(winmail -> inWinmail(place, message, winmail, number))
                : part.filter(text -> text.type().equals("text")).flatMap(text -> inText(place, message, text, number));
    }

    private static Optional<MailConverter.Attachment> inWinmail(
            MailConverter.Place place, MessageData message, BodyStructure part, int number) {
        long uid = message.uid();
        try (var spool = spooled(place, uid, part, MOST_WINMAIL);
                var in = spool.open()) {
            return Tnef.read(in)
                    .filter(tnef -> number < tnef.files().size())
                    .map(tnef -> tnef.files().get(number))
                    .map(file -> new InnerAttachment(
                            name(file),
                            file.isMessage()
                                    ? "message/rfc822"
                                    : file.contentType().orElseGet(() -> type(file.name())),
                            file.length(),
                            message.internalDate(),
                            (out, first, last) -> file.isMessage()
                                    ? copyMessage(place, uid, part, file, out, first, last)
                                    : copy(place, uid, part, file, out, first, last)));
        } catch (IOException e) {
            return Optional.empty(); // larger than anything that is mailed, or not readable to its end
        }
    }

    private static long copy(
            MailConverter.Place place,
            long uid,
            BodyStructure part,
            Tnef.File file,
            OutputStream out,
            long first,
            long last)
            throws IOException {
        try (var spool = spooled(place, uid, part, MOST_WINMAIL);
                var in = spool.open()) {
            long end = Math.min(last, file.length() - 1);
            if (first <= end) {
                copy(in, file.offset() + first, end - first + 1, out);
            }
            return file.length();
        } catch (EOFException _) {
            return -1;
        }
    }

    /** Copies so many bytes from an offset on, or as many as there are: the message may be cut off there. */
    private static void copy(InputStream in, long offset, long length, OutputStream out) throws IOException {
        in.skipNBytes(offset);
        long left = length;
        var buffer = new byte[16 << 10];
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                break;
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    /** A message in a winmail.dat as one of the internet: the same bytes each time, so that a range of them can be had. */
    private static long copyMessage(
            MailConverter.Place place,
            long uid,
            BodyStructure part,
            Tnef.File file,
            OutputStream out,
            long first,
            long last)
            throws IOException {
        try (var winmail = spooled(place, uid, part, MOST_WINMAIL);
                var message = new Spool(IN_MEMORY, MOST_WINMAIL * 3 / 2)) {
            new TnefMail(winmail).write(file, message.out());
            long end = Math.min(last, message.size() - 1);
            if (first <= end) {
                try (var in = message.open()) {
                    copy(in, first, end - first + 1, out);
                }
            }
            return message.size();
        } catch (EOFException _) {
            return -1;
        }
    }

    private static Optional<MailConverter.Attachment> inText(
            MailConverter.Place place, MessageData message, BodyStructure part, int number) {
        try {
            var raw = new Spool(IN_MEMORY, MOST_TEXT);
            byte[] text;
            try (raw) {
                var whole = Section.whole(message.uid(), part.section());
                if (place.mail().read(place.mailbox(), place.uidValidity(), whole, raw.out()) < 0) {
                    return Optional.empty();
                }
                try (var in = raw.open()) {
                    text = TextBytes.of(in.readAllBytes(), part.encoding()); // as the body is read
                }
            }
            var files = UuText.of(text).files();
            if (number >= files.size()) {
                return Optional.empty();
            }
            var file = files.get(number);
            return Optional.of(new InnerAttachment(
                    name(file.name(), "attachment.bin"),
                    type(file.name()),
                    file.content().length,
                    message.internalDate(),
                    (out, first, last) -> {
                        long end = Math.min(last, file.content().length - 1L);
                        if (first <= end) {
                            out.write(file.content(), (int) first, (int) (end - first + 1));
                        }
                        return file.content().length;
                    }));
        } catch (IOException e) {
            return Optional.empty(); // larger than any text
        }
    }

    /** The winmail.dat; an {@link EOFException} if it is gone or cannot be read to its end. */
    private static Spool spooled(MailConverter.Place place, long uid, BodyStructure part, long most)
            throws IOException {
        var spool = new Spool(IN_MEMORY, most);
        try {
            var decoder = TransferDecoder.of(part.encoding(), spool.out());
            if (place.mail().read(place.mailbox(), place.uidValidity(), Section.whole(uid, part.section()), decoder)
                    < 0) {
                throw new EOFException("section %s of %d cannot be read to its end".formatted(part.section(), uid));
            }
            decoder.finish();
            return spool;
        } catch (IOException | RuntimeException e) {
            spool.close();
            throw e;
        }
    }

    private static String name(Tnef.File file) {
        if (!file.isMessage()) {
            return name(file.name(), "attachment.bin");
        }
        var name = name(file.name(), "message");
        return name.toLowerCase(Locale.ROOT).endsWith(".eml") ? name : name + ".eml";
    }

    private static String name(String name, String otherwise) {
        var clean = FileNames.cleaned(name);
        return clean.isEmpty() ? otherwise : clean;
    }

    private static String type(String name) {
        var ending = name.substring(name.lastIndexOf('.') + 1).strip().toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(ending, "application/octet-stream");
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
        return bytes;
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
        return source.write(out, first, last);
    }
}
