package org.airpost.backend.imap;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import jdk.net.ExtendedSocketOptions;
import org.airpost.backend.Security;
import org.airpost.backend.ServerMeter;
import org.airpost.backend.Tls;
import org.eclipse.angus.mail.iap.ByteArray;

/**
 * The bytes to and from a server: socket, TLS, time limits. Read by one thread; {@link #abort} may be called by any.
 *
 * <p>Reads obey two limits: the silence that the settings allow, and the deadline of the command. Where there is much time
 * left, and for writes, which cannot be limited by a socket, {@link Sweeper} aborts the connection when that has passed.
 */
final class Transport {

    /** Bytes of one response at most, literals included: above the largest that we ask for, and above a plain SEARCH of 1M. */
    static final int MAX_RESPONSE = 32 << 20;

    private final ImapSettings settings;
    private final ServerMeter meter;
    private static final int BUFFER = 32 << 10;

    /** While it waits in silence, as thousands do, it needs little room. */
    private static final int SILENT_BUFFER = 64;

    /** Room that is made for a literal at once. */
    private static final int LITTLE = 32 << 10;

    /** What is sent in one go, of commands; what is longer goes by itself. */
    private static final int COMMAND = 512;

    /** Up to this the socket limits a read, to the millisecond. That costs two turns of a timer, for each read anew. */
    private static final Duration EXACT = Duration.ofSeconds(5);

    private byte[] buffer = new byte[SILENT_BUFFER];
    private int next;
    private int end;

    private final Socket tcp = new Socket();

    /** The TCP socket, or TLS over it. */
    private volatile Socket socket = tcp;

    private volatile long deadline;
    private volatile boolean aborted;

    /** By when the read that waits must have got something, by {@code nanoTime}; 0 if the socket limits it, or none waits. */
    private volatile long readBy;

    /** True if it was aborted because something took too long. */
    private volatile boolean late;

    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();

    Transport(ImapSettings settings, ServerMeter meter) {
        this.settings = settings;
        this.meter = meter;
        deadlineIn(settings.connectTimeout().multipliedBy(3));
    }

    /** Connects, and starts TLS as the settings say; the greeting is read only if STARTTLS needs it. */
    void connect(Tls tls) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        probe(ExtendedSocketOptions.TCP_KEEPIDLE, 60);
        probe(ExtendedSocketOptions.TCP_KEEPINTERVAL, 15);
        probe(ExtendedSocketOptions.TCP_KEEPCOUNT, 4);
        socket.connect(
                new InetSocketAddress(settings.host(), settings.port()),
                Math.toIntExact(settings.connectTimeout().toMillis()));
        socket.setSoTimeout(Math.toIntExact(settings.connectTimeout().toMillis()));
        if (settings.security() == Security.TLS) {
            socket = tls.over(socket, settings.host(), settings.port());
        }
        open();
        if (settings.security() == Security.STARTTLS) {
            startTls(tls);
        }
        if (aborted) {
            abort();
            throw new IOException("closed while connecting");
        }
    }

    /** A peer that has vanished is found within two minutes, also in the silence of IDLE, where the system can do that. */
    private void probe(SocketOption<Integer> option, int value) throws IOException {
        if (socket.supportedOptions().contains(option)) {
            socket.setOption(option, value);
        }
    }

    private void startTls(Tls tls) throws IOException {
        String greeting = plainLine();
        if (!greeting.toUpperCase(Locale.ROOT).startsWith("* OK")) {
            // PREAUTH would mean a session that somebody on the way may have begun (RFC 9051 §7.1.4).
            throw new IOException("greeting: " + greeting);
        }
        out.write("S1 STARTTLS\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        String line = plainLine();
        for (int i = 0; !line.startsWith("S1 ") && i < 100; i++) {
            line = plainLine();
        }
        if (!line.toUpperCase(Locale.ROOT).startsWith("S1 OK")) {
            throw new IOException("STARTTLS: " + line);
        }
        if (next < end) {
            // Bytes that came before TLS must not count as said under it (CVE-2011-0411).
            throw new IOException("bytes after STARTTLS before the handshake");
        }
        socket = tls.over(socket, settings.host(), settings.port());
        open();
    }

    private void open() throws IOException {
        in = socket.getInputStream();
        out = new BufferedOutputStream(socket.getOutputStream(), COMMAND);
    }

    private String plainLine() throws IOException {
        var line = new StringBuilder();
        for (int b = read(); b != '\n'; b = read()) {
            if (line.length() > 8192) {
                throw new IOException("a greeting without end");
            }
            line.append((char) b);
        }
        return line.toString().strip();
    }

    /** True if the greeting is still to be read. */
    boolean greetingIsDue() {
        return settings.security() != Security.STARTTLS;
    }

    boolean isSecure() {
        return settings.security() != Security.PLAIN;
    }

    void deadlineIn(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /** No deadline: nothing is under way, or the wait has its own. Little room is needed until there is an answer again. */
    void noDeadline() {
        deadline = 0;
        if (next == end) {
            room(SILENT_BUFFER);
        }
    }

    /** Aborts if something takes longer than it may; true if so. */
    boolean abortIfOverdue(long now, Duration grace) {
        long at = deadline;
        long by = readBy;
        boolean overdue = (by != 0 && now - by > 0) || (at != 0 && now - at > grace.toNanos());
        if (overdue) {
            late = true;
            abort();
        }
        return overdue;
    }

    /** The next byte. */
    int read() throws IOException {
        if (next == end) {
            fill();
        }
        return buffer[next++] & 0xFF;
    }

    /** Some bytes, at least one. */
    int read(byte[] into, int from, int length) throws IOException {
        if (next == end) {
            fill();
        }
        int n = Math.min(length, end - next);
        System.arraycopy(buffer, next, into, from, n);
        next += n;
        return n;
    }

    private void fill() throws IOException {
        long limit = settings.readTimeout().toNanos();
        long at = deadline;
        if (at != 0) {
            limit = Math.min(limit, at - System.nanoTime());
        }
        if (limit <= 0) {
            throw new SocketTimeoutException("the answer took too long");
        }
        room(BUFFER);
        boolean came = limit > EXACT.toNanos() ? fillBy(System.nanoTime() + limit) : fill(Duration.ofNanos(limit));
        if (!came) {
            throw new SocketTimeoutException(
                    "no answer in " + Duration.ofNanos(limit).toMillis() + " ms");
        }
    }

    /** Waits until the Sweeper has enough of it; false then. */
    private boolean fillBy(long end) throws IOException {
        socket.setSoTimeout(0);
        readBy = end == 0 ? 1 : end;
        int n;
        try {
            n = in.read(buffer, 0, buffer.length);
        } catch (IOException e) {
            if (late) {
                return false;
            }
            throw e;
        } finally {
            readBy = 0;
        }
        return filled(n);
    }

    private boolean fill(Duration limit) throws IOException {
        socket.setSoTimeout(Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE));
        int n;
        try {
            n = in.read(buffer, 0, buffer.length);
        } catch (SocketTimeoutException _) {
            return false;
        }
        return filled(n);
    }

    private boolean filled(int n) throws IOException {
        if (n < 0) {
            throw new EOFException("the server closed the connection");
        }
        meter.read(n);
        next = 0;
        end = n;
        return true;
    }

    /** Waits in silence until there is something to read; false if there was nothing in this time. */
    boolean await(Duration limit) throws IOException {
        if (next < end) {
            return true;
        }
        room(SILENT_BUFFER);
        return fill(limit);
    }

    /** Makes the buffer this large; it is empty. */
    private void room(int bytes) {
        if (buffer.length != bytes) {
            buffer = new byte[bytes];
        }
    }

    /** True if bytes are here already. */
    boolean hasBytes() throws IOException {
        return next < end || in.available() > 0;
    }

    void write(byte[] bytes, int from, int length) throws IOException {
        meter.wrote(length);
        try {
            out.write(bytes, from, length);
        } catch (IOException e) {
            throw late ? tooLong(e) : e;
        }
    }

    void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            throw late ? tooLong(e) : e;
        }
    }

    private static IOException tooLong(IOException e) {
        var late = new SocketTimeoutException("the server took too long to take what it was sent");
        late.initCause(e);
        return late;
    }

    /** Ends the connection at once; a read or write under way fails. */
    void abort() {
        aborted = true;
        try {
            // Not TLS, whose close waits for a write under way: that is what may have to be ended.
            tcp.close();
        } catch (IOException _) {
            // It is closed for us in any case.
        }
    }

    boolean isAborted() {
        return aborted;
    }

    /** One response with its literals, as sent, CRLF included. Source: RFC 9051 §4.3. */
    ByteArray response() throws IOException {
        var bytes = new byte[256];
        int n = 0;
        while (true) {
            if (next == end) {
                fill();
            }
            int some = Math.min(restOfLine(), MAX_RESPONSE - n);
            if (some == 0) {
                throw new IOException("a response above " + MAX_RESPONSE + " bytes");
            }
            if (n + some > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(n + some, n * 2));
            }
            n += read(bytes, n, some);
            if (bytes[n - 1] != '\n' || n < 2 || bytes[n - 2] != '\r') {
                continue;
            }
            long literal = announced(bytes, n - 2);
            if (literal < 0) {
                return new ByteArray(bytes, 0, n);
            }
            if (n + literal > MAX_RESPONSE) {
                throw new IOException("a literal of " + literal + " bytes");
            }
            // Room for more than a little is made as the bytes come, not as they are promised.
            for (int left = (int) literal; left > 0; ) {
                if (n + Math.min(left, LITTLE) > bytes.length) {
                    bytes = Arrays.copyOf(bytes, n + Math.min(left + 256, Math.max(n, LITTLE)));
                }
                int got = read(bytes, n, Math.min(left, bytes.length - n));
                n += got;
                left -= got;
            }
        }
    }

    /** Bytes that are here up to the end of the line. */
    private int restOfLine() {
        int at = next;
        while (at < end && buffer[at] != '\n') {
            at++;
        }
        return Math.min(at + 1, end) - next;
    }

    /** The size of the literal that a line announces at its end, or -1. */
    private static long announced(byte[] line, int length) {
        if (length < 3 || line[length - 1] != '}') {
            return -1;
        }
        int at = length - 2;
        if (line[at] == '+') {
            at--;
        }
        long size = 0;
        long unit = 1;
        int digits = 0;
        for (; at >= 0 && line[at] >= '0' && line[at] <= '9' && digits < 18; at--, digits++) {
            size += unit * (line[at] - '0');
            unit *= 10;
        }
        return digits > 0 && at >= 0 && line[at] == '{' ? size : -1;
    }
}
