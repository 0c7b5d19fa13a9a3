package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeUtility;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.airpost.backend.MessageSource;
import org.airpost.backend.MimeStructure;
import org.eclipse.angus.mail.util.CRLFOutputStream;

/**
 * A message as it may be sent by SMTP: as it is, or with those parts encoded anew that the server would refuse or break:
 * lines of more than 998 bytes, and bytes above 127 where 8BITMIME is not offered. What a signature covers is never changed.
 * Nothing is held in memory but a buffer. Source: RFC 5321 §4.5.3.1.6; RFC 6152 §3; RFC 2045 §6.
 */
final class WireForm {

    private static final int BUFFER_BYTES = 32 << 10;
    private static final int LONGEST_LINE = 998;
    private static final int BASE64_LINE = 76;
    private static final int LONGEST_HEADER = 256 << 10;
    private static final Set<String> IDENTITY = Set.of("7bit", "8bit", "binary", "");

    private final MessageSource message;
    private final List<Change> changes;
    private final long size;

    private WireForm(MessageSource message, List<Change> changes) throws IOException {
        this.message = message;
        this.changes = List.copyOf(changes);
        if (changes.isEmpty()) {
            this.size = message.size();
        } else {
            var counter = new Counter();
            writeTo(counter);
            this.size = counter.count;
        }
    }

    /** How a part is written: its header with another encoding, and its content in that one. */
    private record Change(long headerStart, long bodyStart, long bodyEnd, String from, String to) {

        boolean changesBody() {
            return bodyEnd > bodyStart;
        }
    }

    /** The form of a message for a server that takes bytes above 127 or not. */
    static WireForm of(MessageSource message, boolean takes8Bit) throws IOException {
        Bytes all;
        try (var in = message.open()) {
            all = Bytes.count(in, Long.MAX_VALUE);
        }
        if (all.fit(takes8Bit)) {
            return new WireForm(message, List.of());
        }
        MimeStructure structure;
        try (var in = message.open()) {
            structure = MimeStructure.scan(in);
        }
        var changes = new ArrayList<Change>();
        collect(message, structure, takes8Bit, changes);
        return new WireForm(message, changes);
    }

    /** Its size in bytes. */
    long size() {
        return size;
    }

    /** Adds what must change in a part, in the order of the message; true if something must. */
    private static boolean collect(MessageSource message, MimeStructure part, boolean takes8Bit, List<Change> changes)
            throws IOException {
        var structure = part.structure();
        if (structure.mediaType().equals("multipart/signed")) {
            return false;
        }
        var encoding = structure.encoding().toLowerCase(Locale.ROOT);
        if (!part.children().isEmpty()) {
            int mine = changes.size();
            boolean changed = false;
            for (var child : part.children()) {
                changed |= collect(message, child, takes8Bit, changes);
            }
            // A part within that is no longer 8bit must not stand in one that says it is.
            if (changed && !takes8Bit && !encoding.equals("7bit")) {
                changes.add(mine, new Change(part.headerStart(), part.bodyStart(), part.bodyStart(), encoding, "7bit"));
            }
            return changed;
        }
        Bytes bytes;
        try (var in = message.open()) {
            in.skipNBytes(part.bodyStart());
            bytes = Bytes.count(in, part.bodyEnd() - part.bodyStart());
        }
        if (bytes.fit(takes8Bit)) {
            return false;
        }
        boolean dense = bytes.high > bytes.all / 4;
        var to = switch (encoding) {
            case "base64" -> "base64";
            case "quoted-printable" -> "quoted-printable";
            default -> structure.type().equals("text") && !dense ? "quoted-printable" : "base64";
        };
        if (!IDENTITY.contains(encoding) && !encoding.equals(to)) {
            return false; // uuencode and such: not ours to change
        }
        changes.add(new Change(part.headerStart(), part.bodyStart(), part.bodyEnd(), encoding, to));
        return true;
    }

    /** Writes it, lines ended by CRLF, without the dots that SMTP wants. */
    void writeTo(OutputStream out) throws IOException {
        try (var in = message.open()) {
            long at = 0;
            for (var change : changes) {
                copy(in, change.headerStart - at, out);
                int length = Math.toIntExact(Math.min(LONGEST_HEADER, change.bodyStart - change.headerStart));
                out.write(header(new String(in.readNBytes(length), ISO_8859_1), change.to)
                        .getBytes(ISO_8859_1));
                copy(in, change.bodyStart - change.headerStart - length, out);
                at = change.bodyStart;
                if (change.changesBody()) {
                    encode(new Limited(in, change.bodyEnd - change.bodyStart), change, out);
                    at = change.bodyEnd;
                }
            }
            copy(in, Long.MAX_VALUE, out);
        }
    }

    /** Writes it as the server is to have it, without a writer that mends line ends: each is CRLF, the last one too. */
    void writeLines(OutputStream out) throws IOException {
        var lines = new Lines(out);
        writeTo(lines);
        lines.end();
    }

    /** The bytes that {@link #writeLines} writes. */
    long lineBytes() throws IOException {
        var counter = new Counter();
        writeLines(counter);
        return counter.count;
    }

    /** A header with another Content-Transfer-Encoding. */
    private static String header(String header, String encoding) {
        var kept = header.replaceAll("(?im)^Content-Transfer-Encoding[ \t]*:.*(\r?\n[ \t].*)*\r?\n", "");
        var field = "Content-Transfer-Encoding: " + encoding + "\r\n";
        return kept.endsWith("\r\n\r\n") ? kept.substring(0, kept.length() - 2) + field + "\r\n" : field + kept;
    }

    private static void encode(InputStream in, Change change, OutputStream out) throws IOException {
        if (change.from.equals("base64")) {
            wrap(in, out);
            return;
        }
        try {
            var decoded = change.from.equals("quoted-printable") ? MimeUtility.decode(in, change.from) : in;
            var encoder = MimeUtility.encode(new Unclosed(out), change.to);
            copy(decoded, Long.MAX_VALUE, encoder);
            encoder.close();
        } catch (MessagingException e) {
            throw new IOException(e);
        }
    }

    /** Base64 in lines of a proper length. */
    private static void wrap(InputStream in, OutputStream out) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        var line = new byte[BASE64_LINE + 2];
        line[BASE64_LINE] = '\r';
        line[BASE64_LINE + 1] = '\n';
        int filled = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            for (int i = 0; i < n; i++) {
                if (buffer[i] <= ' ') {
                    continue;
                }
                if (filled == BASE64_LINE) {
                    out.write(line);
                    filled = 0;
                }
                line[filled++] = buffer[i];
            }
        }
        out.write(line, 0, filled);
    }

    private static void copy(InputStream in, long most, OutputStream out) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        long left = most;
        while (left > 0) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                return;
            }
            out.write(buffer, 0, n);
            left -= n;
        }
    }

    /** What some bytes hold. */
    private record Bytes(long all, long high, long longestLine) {

        static Bytes count(InputStream in, long most) throws IOException {
            var buffer = new byte[BUFFER_BYTES];
            long all = 0;
            long high = 0;
            long line = 0;
            long longest = 0;
            while (all < most) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, most - all));
                if (n < 0) {
                    break;
                }
                for (int i = 0; i < n; i++) {
                    byte b = buffer[i];
                    if (b == '\n') {
                        line = 0;
                    } else if (b != '\r') {
                        line++;
                        longest = Math.max(longest, line);
                        high += b < 0 ? 1 : 0;
                    }
                }
                all += n;
            }
            return new Bytes(all, high, longest);
        }

        boolean fit(boolean takes8Bit) {
            return longestLine <= LONGEST_LINE && (takes8Bit || high == 0);
        }
    }

    private static final class Counter extends OutputStream {

        private long count;

        @Override
        public void write(int b) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }
    }

    /** Ends lines by CRLF, however they came. */
    private static final class Lines extends CRLFOutputStream {

        Lines(OutputStream out) {
            super(out);
        }

        void end() throws IOException {
            if (!atBOL) {
                writeln();
            }
        }
    }

    /** So many bytes of another stream. */
    private static final class Limited extends FilterInputStream {

        private long left;

        Limited(InputStream in, long left) {
            super(in);
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            if (left <= 0) {
                return -1;
            }
            left--;
            return super.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int n = super.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(0, n);
            return n;
        }

        @Override
        public void close() {
            // The rest is still to be read.
        }
    }

    /** Lets an encoder end without ending what it writes to. */
    private static final class Unclosed extends java.io.FilterOutputStream {

        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {
            // Not ours.
        }
    }
}
