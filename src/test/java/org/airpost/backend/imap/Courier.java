package org.airpost.backend.imap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.airpost.bench.ChildServer;
import org.junit.jupiter.api.Assumptions;

/**
 * Debian's Courier-IMAP as a child of the test, with a daemon of its own that knows the users. Its paths are compiled in, so
 * it runs in a root directory of its own: a copy of the one that {@code .ci/servers} has made. Needs to run as root.
 *
 * <p>It has neither CONDSTORE nor MOVE nor SPECIAL-USE nor literals without asking, and all mailboxes are below INBOX.
 */
public final class Courier implements ImapServer {

    private static final Path HOME = Path.of("/opt/airpost-servers/courier");

    private static final Map<String, String> ENVIRONMENT = Map.ofEntries(
            Map.entry("MAILDIRPATH", "Maildir"),
            Map.entry(
                    "IMAP_CAPABILITY",
                    "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE"),
            Map.entry("IMAP_KEYWORDS", "1"),
            Map.entry("IMAP_ACL", "1"),
            Map.entry("IMAP_IDLE_TIMEOUT", "1"),
            Map.entry("IMAP_USELOCKS", "1"),
            Map.entry("IMAP_ENHANCEDIDLE", "1"),
            Map.entry("IMAP_UMASK", "022"));

    private final Path root;
    private final int port;
    private final Map<String, String> users = new TreeMap<>();
    private final List<Process> processes = new ArrayList<>();

    private Courier(Path root, int port) {
        this.root = root;
        this.port = port;
    }

    static boolean isInstalled() {
        return Files.isExecutable(HOME.resolve("usr/sbin/couriertcpd"))
                && "root".equals(System.getProperty("user.name"));
    }

    /** Skips the test where there is no Courier; on the build server that is a failure. */
    public static void assumeInstalled() {
        if ("true".equals(System.getenv("CI")) && !isInstalled()) {
            throw new AssertionError("CI needs root and .ci/servers");
        }
        Assumptions.assumeTrue(isInstalled(), "needs root and .ci/servers");
    }

    public static Courier start() {
        try {
            var root = Files.createTempDirectory(Path.of("/tmp"), "courier");
            ChildServer.run("", "cp", "-a", HOME + "/.", root.toString());
            Files.writeString(root.resolve("etc/courier/authdaemonrc"), """
                    authmodulelist="authuserdb"
                    authmodulelistorig="authuserdb"
                    daemons=3
                    authdaemonvar=/run/courier/authdaemon
                    """);
            var courier = new Courier(root, ChildServer.freePort());
            courier.addUser("nobody", "");
            try {
                courier.run();
            } catch (IllegalStateException e) {
                courier.close(); // or its processes outlive the test
                throw e;
            }
            return courier;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run() throws IOException {
        processes.clear();
        processes.add(run("/usr/lib/courier/courier-authlib/authdaemond"));
        processes.add(run(
                "/usr/sbin/couriertcpd",
                "-address=127.0.0.1",
                "-maxprocs=200",
                "-maxperip=200",
                "-nodnslookup",
                "-noidentlookup",
                Integer.toString(port),
                "/usr/lib/courier/courier/imaplogin",
                "/usr/bin/imapd",
                "Maildir"));
        ChildServer.awaitGreeting("courier", processes.getLast(), port, '*', this::log);
    }

    private Process run(String... command) throws IOException {
        var all = new ArrayList<>(List.of("/usr/sbin/chroot", root.toString()));
        all.addAll(List.of(command));
        var builder = new ProcessBuilder(all);
        builder.environment().clear();
        builder.environment().putAll(ENVIRONMENT);
        return builder.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(root.resolve("output").toFile()))
                .start();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public synchronized Courier addUser(String name, String password) {
        var home = root.resolve("mail/" + name);
        for (String below : new String[] {"cur", "new", "tmp"}) {
            try {
                Files.createDirectories(home.resolve("Maildir/" + below));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        ChildServer.run("", "chown", "-R", "65534:65534", home.toString());
        users.put(name, crypted(password));
        var places = new StringBuilder();
        var passwords = new StringBuilder();
        users.forEach((user, word) -> {
            places.append("%s\tuid=65534|gid=65534|home=/mail/%s|_=\n".formatted(user, user));
            passwords.append("%s\timappw=%s\n".formatted(user, word));
        });
        index("userdb", places);
        index("userdbshadow", passwords);
        return this;
    }

    /** As crypt(3) has it, in the old way that Courier knows. */
    private String crypted(String password) {
        return ChildServer.run(password, "openssl", "passwd", "-1", "-stdin").strip();
    }

    private void index(String name, StringBuilder lines) {
        ChildServer.run(
                lines + ".\n",
                "/usr/sbin/chroot",
                root.toString(),
                "/usr/lib/courier/courier-authlib/makedatprog",
                "-",
                "/etc/courier/" + name + ".tmp",
                "/etc/courier/" + name + ".dat");
    }

    /** What has its root directory there: one of its processes leaves the others. */
    private List<ProcessHandle> inside() {
        return ProcessHandle.allProcesses()
                .filter(handle -> {
                    try {
                        return Files.readSymbolicLink(Path.of("/proc/" + handle.pid() + "/root"))
                                .equals(root);
                    } catch (IOException e) {
                        return false; // it has just ended
                    }
                })
                .toList();
    }

    @Override
    public String log() {
        return ChildServer.log(root);
    }

    @Override
    public void kill() {
        processes.forEach(Process::destroyForcibly);
        // One that is just being started by another may be seen the second time only.
        for (int i = 0; i < 2; i++) {
            inside().forEach(ProcessHandle::destroyForcibly);
        }
        processes.forEach(ChildServer::await);
    }

    @Override
    public void restart() {
        kill();
        try {
            run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        ChildServer.delete(root);
    }
}
