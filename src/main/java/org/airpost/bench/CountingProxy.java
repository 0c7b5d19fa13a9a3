package org.airpost.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** Stands between Airpost and the IMAP server and counts what is said. */
final class CountingProxy implements AutoCloseable {

    private static final int BUFFER = 64 << 10;
    private static final int LONGEST_COMMAND = 200;

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final List<String> commands = new ArrayList<>();
    private long roundTrips;
    private long bytes;

    CountingProxy(int target) throws IOException {
        this.target = target;
        Thread.ofVirtual().name("counting-proxy").start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /**
     * What was said so far.
     *
     * @param roundTrips times that the client wrote after it had heard something
     * @param bytes in both directions
     */
    record Count(int commands, long roundTrips, long bytes) {

        Count since(Count before) {
            return new Count(commands - before.commands, roundTrips - before.roundTrips, bytes - before.bytes);
        }
    }

    Count count() {
        lock.lock();
        try {
            return new Count(commands.size(), roundTrips, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** The commands after a number of them, without tags, each cut to 200 characters; without passwords. */
    List<String> commandsAfter(int number) {
        lock.lock();
        try {
            return List.copyOf(commands.subList(number, commands.size()));
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var client = listening.accept();
                var server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                open.add(client);
                open.add(server);
                var talk = new Talk();
                Thread.ofVirtual().start(() -> copy(client, server, talk, true));
                Thread.ofVirtual().start(() -> copy(server, client, talk, false));
            } catch (IOException e) {
                // closed, or the server is away: the next one who connects will see
            }
        }
    }

    /** One connection. */
    private static final class Talk {
        private final StringBuilder line = new StringBuilder();
        private boolean heard = true;
        private long literal;
    }

    private void copy(Socket from, Socket to, Talk talk, boolean up) {
        byte[] buffer = new byte[BUFFER];
        try (from;
                to) {
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                note(talk, buffer, n, up);
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // the other side ended it
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private void note(Talk talk, byte[] buffer, int n, boolean up) {
        lock.lock();
        try {
            bytes += n;
            if (!up) {
                talk.heard = true;
                return;
            }
            if (talk.heard) {
                roundTrips++;
                talk.heard = false;
            }
            for (int i = 0; i < n; i++) {
                if (talk.literal > 0) {
                    talk.literal--;
                } else if (buffer[i] == '\n') {
                    command(talk, talk.line.toString());
                    talk.line.setLength(0);
                } else if (buffer[i] != '\r') {
                    talk.line.append(new String(buffer, i, 1, ISO_8859_1));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void command(Talk talk, String line) {
        int open = line.endsWith("}") ? line.lastIndexOf('{') : -1;
        if (open >= 0) {
            talk.literal =
                    Long.parseLong(line.substring(open + 1, line.length() - 1).replace("+", ""));
        }
        var words = line.substring(line.indexOf(' ') + 1);
        if (words.startsWith("AUTHENTICATE") || words.startsWith("LOGIN")) {
            words = words.substring(0, words.indexOf(' '));
        }
        if (!words.isEmpty()) {
            commands.add(words.substring(0, Math.min(LONGEST_COMMAND, words.length())));
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
