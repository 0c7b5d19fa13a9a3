package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.internet.MimeUtility;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.airpost.eas.Spool;

/**
 * Writes a message that is attached within a winmail.dat as a message of the internet: header, text, HTML and files, messages
 * attached to it among them. The same input gives the same bytes. Source: MS-OXTNEF; RFC 5322; RFC 2046.
 */
final class TnefMail {

    /** What is deeper within is a file as it is. */
    private static final int DEEPEST = 8;

    private static final int MOST_NAME = 150;

    private final Spool winmail;

    TnefMail(Spool winmail) {
        this.winmail = winmail;
    }

    /** Writes a message; if it turns out to be none, its bytes as they are. */
    void write(Tnef.File file, OutputStream out) throws IOException {
        var mail = read(file.offset(), file.length());
        if (mail.isPresent()) {
            write(mail.get(), file.offset(), out, 1);
        } else {
            copy(file.offset(), file.length(), out);
        }
    }

    private Optional<Tnef> read(long offset, long length) throws IOException {
        try (var in = winmail.open()) {
            in.skipNBytes(offset);
            return Tnef.read(new Limited(new BufferedInputStream(in), length));
        }
    }

    private void write(Tnef mail, long start, OutputStream out, int depth) throws IOException {
        print(out, header(mail.head()));
        var texts = new ArrayList<String>();
        mail.text().ifPresent(text -> texts.add(part("text/plain", text)));
        mail.html().ifPresent(html -> texts.add(part("text/html", Html.declaredAsUtf8(html))));
        if (texts.isEmpty()) {
            texts.add(part("text/plain", ""));
        }
        if (mail.files().isEmpty()) {
            print(out, text(texts, "alternative", depth));
            return;
        }
        var html = mail.html().orElse("");
        boolean related = mail.files().stream()
                .anyMatch(file -> file.contentId()
                        .filter(id -> !id.isEmpty() && html.contains("cid:" + id))
                        .isPresent());
        var boundary = boundary("files", depth);
        print(
                out,
                "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n--%s\r\n"
                        .formatted(related ? "related" : "mixed", boundary, boundary));
        print(out, text(texts, "texts", depth));
        for (var file : mail.files()) {
            print(out, "\r\n--" + boundary + "\r\n");
            var inner = file.isMessage() && depth < DEEPEST
                    ? read(start + file.offset(), file.length())
                    : Optional.<Tnef>empty();
            if (inner.isPresent()) {
                print(
                        out,
                        "Content-Type: message/rfc822\r\nContent-Disposition: attachment;\r\n "
                                + AttachmentPart.parameter("filename", name(file, ".eml")) + "\r\n\r\n");
                write(inner.get(), start + file.offset(), out, depth + 1);
            } else {
                print(out, header(file));
                try (var encoder = Base64.getMimeEncoder().wrap(new AttachmentPart.Unclosed(out))) {
                    copy(start + file.offset(), file.length(), encoder);
                }
            }
        }
        print(out, "\r\n--" + boundary + "--\r\n");
    }

    private void copy(long offset, long length, OutputStream out) throws IOException {
        try (var in = winmail.open()) {
            in.skipNBytes(offset);
            new Limited(in, length).transferTo(out);
        }
    }

    private static String boundary(String what, int depth) {
        return "=_airpost_%s_%d".formatted(what, depth);
    }

    /** One text with its header, or several as alternatives. */
    private static String text(List<String> texts, String what, int depth) {
        if (texts.size() == 1) {
            return texts.getFirst();
        }
        var boundary = boundary(what, depth);
        return "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n"
                + texts.stream()
                        .map(text -> "--" + boundary + "\r\n" + text + "\r\n")
                        .collect(Collectors.joining())
                + "--" + boundary + "--\r\n";
    }

    private static String part(String type, String text) {
        return "Content-Type: " + type + "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Base64.getMimeEncoder().encodeToString(text.getBytes(UTF_8)) + "\r\n";
    }

    private static String header(Tnef.Head head) {
        var header = new StringBuilder();
        head.from().ifPresent(from -> field(header, "From", mailbox(from)));
        mailboxes(header, "To", head.to());
        mailboxes(header, "Cc", head.cc());
        head.subject().ifPresent(subject -> field(header, "Subject", words(EncodedWords.oneLine(subject))));
        head.date()
                .ifPresent(date -> field(
                        header, "Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(date.atOffset(ZoneOffset.UTC))));
        head.messageId()
                .map(EncodedWords::oneLine)
                .filter(id -> id.matches("<[!-~]{1,900}>"))
                .ifPresent(id -> field(header, "Message-ID", id));
        return header.append("MIME-Version: 1.0\r\n").toString();
    }

    private static void mailboxes(StringBuilder header, String name, List<Tnef.Correspondent> who) {
        if (!who.isEmpty()) {
            field(header, name, who.stream().map(TnefMail::mailbox).collect(Collectors.joining(",\r\n ")));
        }
    }

    private static void field(StringBuilder header, String name, String value) {
        header.append(name).append(": ").append(value).append("\r\n");
    }

    /** Of somebody within an organisation the name alone is known. */
    private static String mailbox(Tnef.Correspondent who) {
        var name = Preview.firstCharacters(EncodedWords.oneLine(who.name()).replace("\"", ""), MOST_NAME);
        var address = Addresses.isAddress(who.address()) ? who.address() : "unknown@unknown.invalid";
        return new Addresses.Mailbox(address, Optional.of(name).filter(text -> !text.isEmpty())).toHeader();
    }

    private static String words(String text) {
        try {
            return MimeUtility.fold(9, MimeUtility.encodeText(text, "UTF-8", "B"));
        } catch (java.io.UnsupportedEncodingException e) {
            throw new UncheckedIOException(e); // every Java platform has UTF-8
        }
    }

    private static String header(Tnef.File file) {
        var header = new StringBuilder();
        field(header, "Content-Type", file.contentType().orElse("application/octet-stream"));
        field(header, "Content-Transfer-Encoding", "base64");
        boolean isInline = file.contentId().filter(id -> !id.isEmpty()).isPresent();
        field(
                header,
                "Content-Disposition",
                (isInline ? "inline" : "attachment") + ";\r\n " + AttachmentPart.parameter("filename", name(file, "")));
        file.contentId()
                .filter(id -> id.matches("[!-;=?-~]{1,300}"))
                .ifPresent(id -> field(header, "Content-ID", "<" + id + ">"));
        return header.append("\r\n").toString();
    }

    private static String name(Tnef.File file, String ending) {
        var name = FileNames.cleaned(file.name());
        var whole = name.isEmpty() ? "attachment" + (ending.isEmpty() ? ".bin" : "") : name;
        return whole.toLowerCase(Locale.ROOT).endsWith(ending) ? whole : whole + ending;
    }

    private static void print(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
    }

    /** As many bytes of a stream, at most. */
    private static final class Limited extends InputStream {

        private final InputStream in;
        private long left;

        Limited(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            if (left <= 0) {
                return -1;
            }
            int b = in.read();
            left -= b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int read = in.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(0, read);
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = in.skip(Math.min(count, left));
            left -= skipped;
            return skipped;
        }
    }
}
