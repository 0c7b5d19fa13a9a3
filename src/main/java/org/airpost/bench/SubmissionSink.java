package org.airpost.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A submission server that takes every mail, counts its bytes and forgets it. Source: RFC 5321. */
final class SubmissionSink implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SubmissionSink.class);
    private static final int PATIENCE_MILLIS = 120_000;

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicLong mails = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    SubmissionSink() throws IOException {
        Thread.ofVirtual().name("submission sink").start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Mails that were taken. */
    long mails() {
        return mails.get();
    }

    /** Bytes of them, line ends and doubled dots included. */
    long bytes() {
        return bytes.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                var client = socket.accept();
                Thread.ofVirtual().name("submission").start(() -> serve(client));
            } catch (IOException e) {
                LOG.debug("sink closed reason={}", e.toString());
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var in = new BufferedInputStream(client.getInputStream(), 64 << 10)) {
            client.setSoTimeout(PATIENCE_MILLIS);
            var out = client.getOutputStream();
            say(out, "220 sink");
            for (var line = line(in); !line.isEmpty(); line = line(in)) {
                var verb = line.split("[ \r\n]", 2)[0].toUpperCase(Locale.ROOT);
                switch (verb) {
                    case "EHLO" ->
                        say(out, "250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 SIZE 100000000");
                    case "AUTH" -> say(out, "235 2.7.0 welcome");
                    case "DATA" -> {
                        say(out, "354 go on");
                        bytes.addAndGet(data(in));
                        mails.incrementAndGet();
                        say(out, "250 2.0.0 taken");
                    }
                    case "QUIT" -> say(out, "221 bye");
                    default -> say(out, "250 2.0.0 ok");
                }
            }
        } catch (IOException e) {
            LOG.debug("submission ended reason={}", e.toString());
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            line.append((char) b);
            if (b == '\n') {
                break;
            }
        }
        return line.toString();
    }

    /** Reads up to the final dot. */
    private static long data(InputStream in) throws IOException {
        long count = 0;
        int matched = 2; // of CR LF . CR LF; a message may begin with the dot
        var end = "\r\n.\r\n";
        while (matched < end.length()) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the connection ended within a mail");
            }
            count++;
            matched = b == end.charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return count;
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
