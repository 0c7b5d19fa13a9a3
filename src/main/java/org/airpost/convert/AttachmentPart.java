package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.airpost.backend.MessageSource;

/** An attachment that a phone adds to a draft, as a MIME part. Source: RFC 2183; RFC 2231 for names that are not ASCII. */
final class AttachmentPart {

    private static final String TYPE = "[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}";
    private static final int MOST_NAME = 200;

    /** So that even with each character in twelve the line is not too long. */
    private static final int MOST_ENCODED_NAME = 80;

    private AttachmentPart() {}

    /** Writes the part: header, empty line, content. A message is written as it is, all else in base64. */
    static void write(DraftEdit.NewAttachment file, MessageSource content, OutputStream out) throws IOException {
        var name = name(file.name());
        boolean isMessage = file.isMessage() || file.contentType().equalsIgnoreCase("message/rfc822");
        var header = new StringBuilder("Content-Type: " + (isMessage ? "message/rfc822" : type(file.contentType())));
        header.append("\r\nContent-Transfer-Encoding: ").append(isMessage ? "8bit" : "base64");
        header.append("\r\nContent-Disposition: ").append(file.inline() ? "inline" : "attachment");
        header.append(";\r\n ").append(parameter("filename", name)).append("\r\n");
        file.contentId()
                .map(AttachmentPart::word)
                .filter(id -> !id.isEmpty())
                .ifPresent(id -> header.append("Content-ID: <").append(id).append(">\r\n"));
        file.location()
                .map(AttachmentPart::word)
                .filter(where -> !where.isEmpty())
                .ifPresent(where ->
                        header.append("Content-Location: ").append(where).append("\r\n"));
        out.write((header + "\r\n").getBytes(ISO_8859_1));
        try (var in = content.open()) {
            if (isMessage) {
                in.transferTo(out);
            } else {
                try (var encoder = Base64.getMimeEncoder().wrap(new Unclosed(out))) {
                    in.transferTo(encoder);
                }
            }
        }
    }

    /** Without path, line ends and what a file system would take for something else. */
    private static String name(String wished) {
        var line = EncodedWords.oneLine(wished);
        var last = line.substring(Math.max(line.lastIndexOf('/'), line.lastIndexOf('\\')) + 1)
                .strip();
        boolean isAscii = last.chars().allMatch(c -> c < 0x80);
        return last.isEmpty() ? "attachment" : Preview.firstCharacters(last, isAscii ? MOST_NAME : MOST_ENCODED_NAME);
    }

    private static String type(String wished) {
        boolean usable =
                wished.matches(TYPE) && !wished.toLowerCase(Locale.ROOT).startsWith("multipart/");
        return usable ? wished : "application/octet-stream";
    }

    private static String word(String text) {
        return Optional.of(text)
                .map(word -> word.replaceAll("[<>\\s]", ""))
                .filter(word -> word.chars().allMatch(c -> c > ' ' && c < 0x7F))
                .orElse("");
    }

    /** A parameter of a field, such as a name, by RFC 2231 where it must be. */
    static String parameter(String name, String value) {
        if (value.chars().allMatch(c -> c >= ' ' && c < 0x7F && c != '"' && c != '\\')) {
            return name + "=\"" + value + "\"";
        }
        var encoded = new StringBuilder(name + "*=UTF-8''");
        for (byte b : value.getBytes(UTF_8)) {
            boolean plain = b > 0 && (Character.isLetterOrDigit(b) || "._-".indexOf(b) >= 0);
            encoded.append(plain ? String.valueOf((char) b) : "%%%02X".formatted(b & 0xFF));
        }
        return encoded.toString();
    }

    /** Closing it ends the encoding, and not what is beneath. */
    static final class Unclosed extends FilterOutputStream {

        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
