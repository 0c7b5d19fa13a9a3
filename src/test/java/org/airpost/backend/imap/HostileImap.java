package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;

/**
 * An IMAP server that holds mail and is honest until it is told otherwise. It can cut the connection at any byte of its own
 * output or of the client's input, be silent there for a while, and put any other answer in the place of the honest one: what
 * the command did stays done. A user is anybody with the password {@code secret}.
 *
 * <p>Bytes are counted over all connections from the moment on when a cut is asked for, so that a session on a server of its
 * own is cut at the same place each time.
 */
public final class HostileImap implements AutoCloseable {

    /** All that a good server can do. */
    public static final String ALL =
            "ENABLE CONDSTORE QRESYNC UIDPLUS MOVE IDLE ESEARCH LIST-EXTENDED SPECIAL-USE UNSELECT LITERAL+";

    /** In a lie: the connection ends here. */
    public static final String DROP = "\0DROP";

    /** In a lie: from here on the same line again and again, without end. */
    public static final String ENDLESS = "\0ENDLESS";

    /** In a lie: what follows comes a byte every 50 ms. */
    public static final String DRIP = "\0DRIP";

    /** In a lie: nothing more comes, and the connection stays. */
    public static final String SILENCE = "\0SILENCE";

    /** The pattern for lies about the greeting. */
    public static final String GREETING = "GREETING";

    private static final long NEVER = Long.MAX_VALUE;

    private final ServerSocket socket;
    private final HostileMailboxes mailboxes;
    private final String capabilities;
    private final Queue<String> commands = new ConcurrentLinkedQueue<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Lie> lies = new CopyOnWriteArrayList<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private volatile long cutOutput = NEVER;
    private volatile long cutInput = NEVER;
    private volatile long pauseOutput = NEVER;
    private volatile long pauseNanos;
    private volatile boolean down;
    private volatile boolean downAfterCut;

    /** Another answer than the honest one; {@code left} counts down. */
    private record Lie(Pattern command, AtomicLong left, UnaryOperator<String> answer) {}

    private HostileImap(String capabilities, ServerSocketFactory sockets) {
        this.capabilities = capabilities;
        this.mailboxes = new HostileMailboxes();
        try {
            this.socket = sockets.createServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** A server with these capabilities. */
    public static HostileImap with(String capabilities) {
        return with(capabilities, ServerSocketFactory.getDefault());
    }

    /** The same on sockets of another kind: with TLS. */
    public static HostileImap with(String capabilities, ServerSocketFactory sockets) {
        return new HostileImap(capabilities, sockets);
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** What is in the mailboxes, past all lies. */
    public HostileMailboxes mailboxes() {
        return mailboxes;
    }

    /** All commands so far, without tags, the password left out. */
    public List<String> commands() {
        return List.copyOf(commands);
    }

    /** Answers commands that look like this otherwise, as often as {@link #honest} has not been called. */
    public HostileImap lie(String command, UnaryOperator<String> answer) {
        return lie(command, NEVER, answer);
    }

    /** Answers the next so many commands that look like this otherwise. In an answer {@code %T} is the tag. */
    public HostileImap lie(String command, long times, UnaryOperator<String> answer) {
        lies.add(new Lie(
                Pattern.compile(command, Pattern.CASE_INSENSITIVE | Pattern.DOTALL), new AtomicLong(times), answer));
        return this;
    }

    /** No lies and no cuts any more. */
    public void honest() {
        lies.clear();
        cutOutput = NEVER;
        cutInput = NEVER;
        pauseOutput = NEVER;
        down = false;
        downAfterCut = false;
    }

    /** Takes connections again. */
    public void comeUp() {
        down = false;
    }

    /** After a cut that is asked for, it is down. */
    public void goDownAfterCut() {
        downAfterCut = true;
    }

    /** True if a cut or a pause that was asked for has not come yet. */
    public boolean isWaitingToHarm() {
        return cutOutput != NEVER || cutInput != NEVER || pauseOutput != NEVER;
    }

    /** Cuts the connection once so many more bytes have been sent. */
    public void cutOutputAfter(long bytes) {
        cutOutput = sent.get() + bytes;
    }

    /** Cuts the connection once so many more bytes have been received. */
    public void cutInputAfter(long bytes) {
        cutInput = received.get() + bytes;
    }

    /** Is silent for a while once so many more bytes have been sent. */
    public void pauseOutputAfter(long bytes, long millis) {
        pauseNanos = millis * 1_000_000;
        pauseOutput = sent.get() + bytes;
    }

    /** Ends all connections and takes no new ones until it is honest again. */
    public void goDown() {
        down = true;
        endAll();
    }

    /** Ends all connections. */
    public void endAll() {
        for (var connection : open) {
            end(connection);
        }
    }

    /** Connections that were open at a time at most. */
    int mostOpen() {
        return mostOpen.get();
    }

    public long sent() {
        return sent.get();
    }

    public long received() {
        return received.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                var connection = socket.accept();
                if (down) {
                    end(connection);
                } else {
                    open.add(connection);
                    mostOpen.accumulateAndGet(open.size(), Math::max);
                    Thread.ofVirtual().start(() -> serve(connection));
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void end(Socket connection) {
        try {
            connection.close();
        } catch (IOException e) {
            // It is over in any case.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            new Dialogue(connection).run();
        } catch (IOException | UncheckedIOException e) {
            // The other side has gone, or was cut off.
        } finally {
            open.remove(connection);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is over in any case.
        }
        endAll();
    }

    /** One connection: reads commands, has them done, and sends what is true or not. */
    private final class Dialogue {

        private final InputStream in;
        private final OutputStream out;
        private final HostileSession session;

        Dialogue(Socket connection) throws IOException {
            this.in = new BufferedInputStream(connection.getInputStream());
            this.out = connection.getOutputStream();
            this.session = new HostileSession(mailboxes, capabilities);
        }

        void run() throws IOException {
            send(told(GREETING, "* OK [CAPABILITY IMAP4rev1 " + capabilities + "] ready\r\n"), "*");
            while (!session.isOver()) {
                String line = command();
                int space = line.indexOf(' ');
                String tag = space < 0 ? line : line.substring(0, space);
                String command = line.substring(space + 1);
                commands.add(command.toUpperCase(Locale.ROOT).startsWith("LOGIN") ? "LOGIN" : command);
                if (command.equalsIgnoreCase("IDLE")) {
                    idle(tag);
                } else {
                    send(told(command, session.answer(tag, command)), tag);
                }
            }
        }

        private String told(String command, String honest) {
            for (var lie : lies) {
                if (lie.command().matcher(command).matches() && lie.left().getAndDecrement() > 0) {
                    return lie.answer().apply(honest);
                }
            }
            return honest;
        }

        private void idle(String tag) throws IOException {
            String begun = told("IDLE", "+ idling\r\n");
            send(begun, tag);
            if (!begun.startsWith("+")) {
                return;
            }
            while (in.available() == 0) {
                String news = session.news();
                if (!news.isEmpty()) {
                    send(told("IDLE NEWS", news), tag);
                }
                LockSupport.parkNanos(2_000_000);
                if (down || socket.isClosed()) {
                    throw new EOFException("down");
                }
            }
            line();
            send(told("DONE", tag + " OK idle over\r\n"), tag);
        }

        /** A command with its literals. */
        private String command() throws IOException {
            var command = new StringBuilder();
            while (true) {
                String line = line();
                command.append(line);
                var literal = HostileSession.LITERAL.matcher(line);
                if (!literal.find()) {
                    return command.toString();
                }
                if (literal.group(2).isEmpty()) {
                    send("+ go on\r\n", "");
                }
                var bytes = new byte[Integer.parseInt(literal.group(1))];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) read();
                }
                command.append("\r\n").append(new String(bytes, ISO_8859_1));
            }
        }

        private String line() throws IOException {
            var line = new StringBuilder();
            for (int b = read(); b != '\n'; b = read()) {
                line.append((char) b);
            }
            return line.toString().strip();
        }

        private int read() throws IOException {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("closed");
            }
            if (received.incrementAndGet() == cutInput) {
                throw cut();
            }
            return b;
        }

        private EOFException cut() {
            cutInput = NEVER;
            cutOutput = NEVER;
            if (downAfterCut) {
                goDown();
            }
            return new EOFException("cut");
        }

        private void send(String answer, String tag) throws IOException {
            String text = answer.replace("%T", tag);
            int mark = text.indexOf('\0');
            write(mark < 0 ? text : text.substring(0, mark));
            if (mark < 0) {
                return;
            }
            String rest = text.substring(mark);
            if (rest.startsWith(DROP)) {
                throw new EOFException("dropped");
            }
            if (rest.startsWith(ENDLESS)) {
                while (true) {
                    write(rest.substring(ENDLESS.length()).repeat(100));
                }
            }
            if (rest.startsWith(DRIP)) {
                for (char c : rest.substring(DRIP.length()).toCharArray()) {
                    LockSupport.parkNanos(50_000_000);
                    write(String.valueOf(c));
                }
            } else {
                while (in.read() >= 0) {
                    // Silent until the other side has had enough.
                }
            }
        }

        private void write(String text) throws IOException {
            byte[] bytes = text.getBytes(ISO_8859_1);
            long before = sent.getAndAdd(bytes.length);
            long pause = pauseOutput - before;
            int from = 0;
            if (pause >= 0 && pause < bytes.length) {
                pauseOutput = NEVER;
                from = (int) pause;
                out.write(bytes, 0, from);
                out.flush();
                LockSupport.parkNanos(pauseNanos);
            }
            long cut = cutOutput - before;
            if (cut >= from && cut <= bytes.length) {
                out.write(bytes, from, (int) cut - from);
                out.flush();
                throw cut();
            }
            out.write(bytes, from, bytes.length - from);
            out.flush();
        }
    }

    /** All commands whose text matches, from a place in the list on. */
    public List<String> commandsFrom(int place, String pattern) {
        var found = new ArrayList<String>();
        var all = commands();
        for (String command : all.subList(Math.min(place, all.size()), all.size())) {
            if (command.matches(pattern)) {
                found.add(command);
            }
        }
        return found;
    }
}
