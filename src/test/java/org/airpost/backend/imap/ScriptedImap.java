package org.airpost.backend.imap;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * An IMAP server that says what it is told to, for what no real server does on demand. A command is matched against patterns
 * in the order in which they were given; each pattern has answers that are used one after the other, the last one again and
 * again. In an answer {@code %T} is the tag of the command, and {@link #DROP} ends the connection.
 */
final class ScriptedImap implements AutoCloseable {

    /** At the end of an answer: the connection ends here. */
    static final String DROP = "%DROP";

    private final ServerSocket socket;
    private final String greeting;
    private final Map<Pattern, Deque<String>> answers = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<String> commands = new ConcurrentLinkedQueue<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private ScriptedImap(String greeting) {
        try {
            this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.greeting = greeting;
        Thread.ofVirtual().start(this::accept);
    }

    /** A server with these capabilities, to which any login is right. */
    static ScriptedImap with(String capabilities) {
        return greeting("* OK [CAPABILITY IMAP4rev1 " + capabilities + "] ready\r\n")
                .on("LOGIN.*", "%T OK in")
                .on("CAPABILITY", "* CAPABILITY IMAP4rev1 " + capabilities, "%T OK")
                .on("ENABLE.*", "* ENABLED QRESYNC", "%T OK")
                .on("NOOP", "%T OK");
    }

    /** A server that greets like this. */
    static ScriptedImap greeting(String greeting) {
        return new ScriptedImap(greeting);
    }

    /** One more answer to commands that look like this, of these lines. */
    ScriptedImap on(String pattern, String... lines) {
        lock.lock();
        try {
            for (var entry : answers.entrySet()) {
                if (entry.getKey().pattern().equals(pattern)) {
                    entry.getValue().add(String.join("\r\n", lines));
                    return this;
                }
            }
            var queue = new ArrayDeque<String>();
            queue.add(String.join("\r\n", lines));
            answers.put(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), queue);
            return this;
        } finally {
            lock.unlock();
        }
    }

    /** From now on these lines, and no others, for this pattern. */
    ScriptedImap instead(String pattern, String... lines) {
        lock.lock();
        try {
            answers.keySet().removeIf(known -> known.pattern().equals(pattern));
        } finally {
            lock.unlock();
        }
        return on(pattern, lines);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** All commands so far, without tags. */
    List<String> commands() {
        return new ArrayList<>(commands);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                var connection = socket.accept();
                open.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            var out = connection.getOutputStream();
            out.write(greeting.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                int space = line.indexOf(' ');
                String tag = space < 0 ? line : line.substring(0, space);
                String command = line.substring(space + 1);
                commands.add(command);
                String answer = answer(command).replace("%T", tag);
                boolean drop = answer.endsWith(DROP);
                String text = drop ? answer.substring(0, answer.length() - DROP.length()) : answer + "\r\n";
                out.write(text.getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                if (drop) {
                    return;
                }
            }
        } catch (IOException e) {
            // The other side has gone.
        } finally {
            open.remove(connection);
        }
    }

    private String answer(String command) {
        lock.lock();
        try {
            for (var entry : answers.entrySet()) {
                if (entry.getKey().matcher(command).matches()) {
                    var queue = entry.getValue();
                    String first = queue.size() > 1 ? queue.poll() : queue.peek();
                    return first == null ? "%T BAD" : first;
                }
            }
            return "%T BAD no answer in the script for " + command;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all connections there are. */
    void dropAll() {
        try {
            for (var connection : open) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        dropAll();
    }
}
