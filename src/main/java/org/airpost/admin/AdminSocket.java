package org.airpost.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from a command line on the same machine into a gateway that runs: a Unix domain socket in a directory of its own
 * that nobody else may enter (0700, the socket 0600). A request is one line of words, an answer a line {@code OK} or {@code
 * NO}, then lines, then the end. See docs/decisions/008.
 */
public final class AdminSocket implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminSocket.class);

    /** Characters of a path that fit into an address on every system. */
    private static final int LONGEST_PATH = 100;

    private static final int LONGEST_REQUEST = 64 << 10;
    private static final int AT_ONCE = 4;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What may take longer: a backup reads all of the store, and an explanation may ask a mail server that is slow. */
    private static final Map<String, Duration> LONG =
            Map.of("backup", Duration.ofMinutes(30), "explain", Duration.ofMinutes(1));

    private final Path path;
    private final ServerSocketChannel server;
    private final AdminCommands commands;
    private final Semaphore permits = new Semaphore(AT_ONCE);

    private AdminSocket(Path path, ServerSocketChannel server, AdminCommands commands) {
        this.path = path;
        this.server = server;
        this.commands = commands;
    }

    /** Where the socket of a gateway with this store file is. */
    public static Path beside(Path storeFile) {
        return storeFile
                .toAbsolutePath()
                .resolveSibling(storeFile.getFileName() + ".admin")
                .resolve("socket");
    }

    /**
     * Begins to listen. Whoever calls must hold the lock of the store, so that a socket left behind is nobody's. Empty, and a
     * warning in the log, if the place does not allow it: mail is more important.
     */
    public static Optional<AdminSocket> listen(Path path, AdminCommands commands) {
        if (path.toString().getBytes(UTF_8).length > LONGEST_PATH) {
            LOG.warn("no admin socket: its path is longer than {} bytes path={}", LONGEST_PATH, path);
            return Optional.empty();
        }
        try {
            var parent = path.toAbsolutePath().getParent();
            if (parent == null) {
                throw new IOException("it has no directory");
            }
            directory(parent);
            Files.deleteIfExists(path);
            var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                server.bind(UnixDomainSocketAddress.of(path));
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            var socket = new AdminSocket(path, server, commands);
            Thread.ofVirtual().name("admin").start(socket::accept);
            return Optional.of(socket);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("no admin socket path={} reason={}", path, e.toString());
            return Optional.empty();
        }
    }

    /** A directory that only we may enter, before there is anything in it. */
    private static void directory(Path directory) throws IOException {
        var mine = PosixFilePermissions.fromString("rwx------");
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory.getParent());
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mine));
        }
        Files.setPosixFilePermissions(directory, mine);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                var client = server.accept();
                if (permits.tryAcquire()) {
                    Thread.ofVirtual().name("admin request").start(() -> serve(client));
                } else {
                    client.close();
                }
            } catch (AsynchronousCloseException e) {
                return;
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.warn("admin socket reason={}", e.toString());
                    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
                }
            }
        }
    }

    private void serve(SocketChannel client) {
        var isOver = new AtomicBoolean();
        var until = new AtomicLong(System.nanoTime() + LIMIT.toNanos());
        // A channel has no time limit of its own.
        var watch = Thread.ofVirtual().name("admin limit").start(() -> {
            for (long left = LIMIT.toNanos(); left > 0 && !isOver.get(); left = until.get() - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            if (!isOver.get()) {
                close(client);
            }
        });
        try (client) {
            var actor = Actor.ofSocket(systemUser(client));
            var words = request(Channels.newInputStream(client));
            var longer = words.isEmpty() ? Optional.<Duration>empty() : Optional.ofNullable(LONG.get(words.getFirst()));
            longer.ifPresent(limit -> until.set(System.nanoTime() + limit.toNanos()));
            AdminCommands.Answer answer;
            try {
                answer = commands.run(actor, words);
            } catch (RuntimeException e) {
                LOG.warn("admin request failed", e);
                answer = AdminCommands.Answer.refused("it failed: " + e.getMessage());
            }
            try (var out = new BufferedWriter(new OutputStreamWriter(Channels.newOutputStream(client), UTF_8))) {
                out.write(answer.done() ? "OK\n" : "NO\n");
                for (var line : answer.lines()) {
                    out.write(printable(line) + "\n");
                }
            }
        } catch (IOException e) {
            LOG.debug("admin request not answered reason={}", e.toString());
        } finally {
            isOver.set(true);
            LockSupport.unpark(watch);
            permits.release();
        }
    }

    /** What phones and mail servers call things is shown in a terminal, and must not command it. */
    private static String printable(String line) {
        return line.replaceAll("[\\p{Cc}&&[^\\t]]", " ");
    }

    /** Who has opened the other end, where the system says it. */
    private static String systemUser(SocketChannel client) {
        try {
            return client.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        } catch (IOException | UnsupportedOperationException e) {
            return "somebody";
        }
    }

    private static void close(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debug("admin client not closed reason={}", e.toString());
        }
    }

    private static List<String> request(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.write(b);
            if (line.size() > LONGEST_REQUEST) {
                throw new IOException("a request of more than " + LONGEST_REQUEST + " bytes");
            }
        }
        var words = new ArrayList<String>();
        for (String word : line.toString(UTF_8).strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /** Asks the gateway that listens there. */
    public static AdminCommands.Answer ask(Path path, List<String> words) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            var out = Channels.newOutputStream(channel);
            out.write((String.join(" ", words) + "\n").getBytes(UTF_8));
            out.flush();
            var lines = new String(Channels.newInputStream(channel).readAllBytes(), UTF_8)
                    .lines()
                    .toList();
            if (lines.isEmpty()) {
                throw new IOException("no answer from " + path);
            }
            return new AdminCommands.Answer(lines.getFirst().equals("OK"), lines.subList(1, lines.size()));
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.debug("admin socket not closed reason={}", e.toString());
        }
    }
}
