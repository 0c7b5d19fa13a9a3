package org.airpost;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import jakarta.mail.internet.MimeUtility;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.UnsupportedEncodingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The user's mail program on a desk: an IMAP client that knows nothing of ours. Each answer within 20 s. */
final class Desktop implements AutoCloseable {

    /** A message as the server has it. */
    record Message(String subject, Set<String> flags) {

        boolean has(String flag) {
            return flags.stream().anyMatch(flag::equalsIgnoreCase);
        }
    }

    private static final Pattern LITERAL = Pattern.compile("\\{(\\d+)}$");
    private static final Pattern UID = Pattern.compile("\\bUID (\\d+)");
    private static final Pattern FLAGS = Pattern.compile("\\bFLAGS \\(([^)]*)\\)");

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private int commands;

    Desktop(int port, String user, String password) {
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 20_000);
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
            line();
            command("LOGIN " + user + " " + password);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a command; the untagged answers. An answer other than OK is an IllegalStateException. */
    List<String> command(String text) {
        try {
            var tag = send(text);
            return answers(tag, text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    void append(String mailbox, byte[] mime, String... flags) {
        try {
            var tag = send("APPEND \"%s\" (%s) {%d}".formatted(mailbox, String.join(" ", flags), mime.length));
            var go = line();
            if (!go.startsWith("+")) {
                throw new IllegalStateException("APPEND: " + go);
            }
            out.write(mime);
            out.write("\r\n".getBytes(ISO_8859_1));
            out.flush();
            answers(tag, "APPEND");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A short mail with this subject. */
    void append(String mailbox, String subject) {
        append(
                mailbox,
                "From: bob@example.org\r\nTo: anna@example.org\r\nMessage-ID: <%s@test>\r\nSubject: %s\r\n\r\nThis is %s.\r\n"
                        .formatted(subject.replace(' ', '.'), subject, subject)
                        .getBytes(ISO_8859_1));
    }

    void select(String mailbox) {
        command("SELECT \"%s\"".formatted(mailbox));
    }

    /** All messages of a mailbox by UID. */
    SortedMap<Long, Message> messages(String mailbox) {
        select(mailbox);
        var found = new TreeMap<Long, Message>();
        for (var answer : command("UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")) {
            var uid = UID.matcher(answer);
            var flags = FLAGS.matcher(answer);
            if (answer.contains("BODY[") && uid.find() && flags.find()) {
                var subject = answer.indexOf('\n') < 0 ? "" : subject(answer.substring(answer.indexOf('\n') + 1));
                var set = new TreeSet<>(Set.of(flags.group(1).split(" ")));
                set.remove("");
                set.remove("\\Recent");
                found.put(Long.parseLong(uid.group(1)), new Message(subject, set));
            }
        }
        return found;
    }

    /** The flags of one message. */
    Set<String> flags(String mailbox, long uid) {
        return Optional.ofNullable(messages(mailbox).get(uid))
                .orElseThrow(() -> new IllegalStateException("no message %d in %s".formatted(uid, mailbox)))
                .flags();
    }

    private static String subject(String header) {
        var text = header.replaceAll("\r?\n(?=[ \t])", "");
        int colon = text.indexOf(':');
        if (!text.regionMatches(true, 0, "subject", 0, 7) || colon < 0) {
            return "";
        }
        try {
            return MimeUtility.decodeText(
                    text.substring(colon + 1, text.indexOf('\n')).strip());
        } catch (UnsupportedEncodingException e) {
            throw new IllegalStateException(header, e);
        }
    }

    private String send(String text) throws IOException {
        var tag = "d" + ++commands;
        out.write((tag + " " + text + "\r\n").getBytes(ISO_8859_1));
        out.flush();
        return tag;
    }

    private List<String> answers(String tag, String what) throws IOException {
        var untagged = new ArrayList<String>();
        for (var line = line(); ; line = line()) {
            if (line.startsWith(tag + " OK")) {
                return untagged;
            }
            if (line.startsWith(tag + " ")) {
                throw new IllegalStateException(what + ": " + line);
            }
            untagged.add(line);
        }
    }

    /** A line with the literals in it. */
    private String line() throws IOException {
        var text = new StringBuilder();
        while (true) {
            var line = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("the IMAP server closed the connection");
                }
                if (b != '\r') {
                    line.write(b);
                }
            }
            text.append(line.toString(ISO_8859_1));
            var literal = LITERAL.matcher(text);
            if (!literal.find()) {
                return text.toString();
            }
            text.append('\n').append(new String(in.readNBytes(Integer.parseInt(literal.group(1))), ISO_8859_1));
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
