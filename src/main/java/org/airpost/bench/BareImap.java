package org.airpost.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

/** An IMAP client that does nothing with what it reads: the limit that Airpost is compared with. For one thread. */
final class BareImap implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 120_000;
    private static final int BUFFER = 64 << 10;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private int tags;

    BareImap(String host, int port, String user, String password) throws IOException {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), BUFFER);
        out = socket.getOutputStream();
        line();
        command("LOGIN %s %s".formatted(user, password));
    }

    /** Sends a command and reads over all that comes, literals as bytes; the number of bytes read. */
    long command(String text) throws IOException {
        var tag = "b" + ++tags;
        write(tag + " " + text + "\r\n");
        long bytes = 0;
        while (true) {
            var line = line();
            bytes += line.length() + 2L;
            if (line.startsWith(tag + " ")) {
                if (!line.startsWith(tag + " OK")) {
                    throw new IOException(text + ": " + line);
                }
                return bytes;
            }
            int literal = literal(line);
            in.skipNBytes(literal);
            bytes += literal;
        }
    }

    /** A message and its flags, as in {@code \\Seen \\Flagged}. */
    record Mail(byte[] bytes, String flags) {}

    /** Adds messages without flags to a mailbox, all in one command. */
    void append(String mailbox, List<byte[]> messages) throws IOException {
        appendAll(mailbox, messages.stream().map(bytes -> new Mail(bytes, "")).toList());
    }

    /** Adds messages to a mailbox, all in one command. Source: RFC 3502. */
    void appendAll(String mailbox, List<Mail> messages) throws IOException {
        var tag = "b" + ++tags;
        write(tag + " APPEND " + mailbox);
        for (var message : messages) {
            write(" (%s) {%d+}\r\n".formatted(message.flags(), message.bytes().length));
            out.write(message.bytes());
        }
        write("\r\n");
        var line = line();
        while (!line.startsWith(tag + " ")) {
            line = line();
        }
        if (!line.startsWith(tag + " OK")) {
            throw new IOException("APPEND: " + line);
        }
    }

    /** Begins IDLE; {@link #awaitLine} hears what comes. */
    void idle() throws IOException {
        write("b" + ++tags + " IDLE\r\n");
        awaitLine(line -> line.startsWith("+"));
    }

    /** Reads lines until there is one like this. */
    void awaitLine(Predicate<String> wanted) throws IOException {
        while (!wanted.test(line())) {
            // not that one
        }
    }

    private static int literal(String line) {
        int open = line.endsWith("}") ? line.lastIndexOf('{') : -1;
        return open < 0 ? 0 : Integer.parseInt(line.substring(open + 1, line.length() - 1));
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream(128);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the IMAP server closed the connection");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(ISO_8859_1);
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
