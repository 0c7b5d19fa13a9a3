package org.airpost.backend.smtp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.backend.imap.Dovecot;
import org.airpost.bench.ChildServer;
import org.junit.jupiter.api.Assumptions;

/**
 * Debian's Postfix 3.7 as a child of the test: submission on a free port of the loopback address with STARTTLS, sign-in by
 * Dovecot, and delivery into Dovecot's mailboxes by LMTP. Everything of it lies in a temporary directory; {@code
 * /etc/postfix} is neither read nor written. Serves {@code example.org} and nothing else. Needs to run as root.
 */
public final class Postfix implements AutoCloseable {

    /** The largest message it takes, in bytes. */
    public static final int MOST_BYTES = 1 << 20;

    private static final Path MASTER = Path.of("/usr/lib/postfix/sbin/master");
    private static final Path LMTP = Path.of("/usr/lib/dovecot/lmtp");

    private final Path directory;
    private final int port;
    private final Process process;

    private Postfix(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /** Skips the test where there is no Postfix or no LMTP server; on the build server that is a failure. */
    public static void assumeInstalled() {
        boolean installed = Files.isExecutable(MASTER)
                && Files.isExecutable(LMTP)
                && "root".equals(System.getProperty("user.name"));
        String needs = "needs root and apt-get install postfix dovecot-lmtpd";
        if (!installed && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("CI " + needs);
        }
        Assumptions.assumeTrue(installed, needs);
    }

    /** Starts it for these users of a Dovecot, each with the address {@code user@example.org}. */
    public static Postfix start(Dovecot dovecot, List<String> users) {
        try {
            var directory = Files.createTempDirectory(Path.of("/tmp"), "postfix");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            int port = freePort();
            queue(directory);
            certify(directory);
            configure(directory, port, dovecot, users);
            // Postfix tries each number of a file below the limit, and the limit of a container may be a billion.
            var process = new ProcessBuilder(
                            "/bin/sh", "-c", "ulimit -n 1024; exec " + MASTER + " -c " + directory + "/conf -d")
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output").toFile())
                    .start();
            var postfix = new Postfix(directory, port, process);
            try {
                postfix.awaitReady();
            } catch (IllegalStateException e) {
                postfix.close();
                throw e;
            }
            return postfix;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The directories that {@code postfix check} would make, with the owners that its daemons insist on. */
    private static void queue(Path directory) throws IOException {
        var lookup = directory.getFileSystem().getUserPrincipalLookupService();
        var postfix = lookup.lookupPrincipalByName("postfix");
        var queue = Files.createDirectories(directory.resolve("queue"));
        Files.createDirectories(queue.resolve("pid"));
        var owned = Stream.of(
                        "active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public"
                                .split(" "))
                .map(queue::resolve)
                .collect(Collectors.toCollection(ArrayList::new));
        owned.add(directory.resolve("data"));
        for (var path : owned) {
            Files.createDirectories(path);
            Files.setOwner(path, postfix);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
        Files.setAttribute(queue.resolve("public"), "posix:group", lookup.lookupPrincipalByGroupName("postdrop"));
        Files.setPosixFilePermissions(queue.resolve("public"), PosixFilePermissions.fromString("rwx--x---"));
    }

    private static void certify(Path directory) throws IOException {
        var openssl = new ProcessBuilder(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                                + " -subj /CN=airpost-test -addext subjectAltName=IP:127.0.0.1 -keyout "
                                + directory.resolve("key.pem") + " -out " + directory.resolve("cert.pem"))
                        .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl").toFile())
                .start();
        ChildServer.await(openssl);
    }

    private static void configure(Path directory, int port, Dovecot dovecot, List<String> users) throws IOException {
        var conf = Files.createDirectories(directory.resolve("conf"));
        Files.writeString(
                conf.resolve("users"),
                users.stream().map(user -> user + "@example.org " + user + "\n").collect(Collectors.joining()));
        Files.writeString(conf.resolve("main.cf"), """
                compatibility_level = 3.6
                queue_directory = %1$s/queue
                data_directory = %1$s/data
                command_directory = /usr/sbin
                daemon_directory = /usr/lib/postfix/sbin
                maillog_file = %1$s/log
                maillog_file_prefixes = /tmp
                inet_interfaces = 127.0.0.1
                inet_protocols = ipv4
                myhostname = mail.example.org
                mydestination =
                mynetworks =
                alias_maps =
                alias_database =
                local_recipient_maps =
                disable_dns_lookups = yes
                smtpd_peername_lookup = no
                smtpd_error_sleep_time = 0
                virtual_mailbox_domains = example.org
                virtual_mailbox_maps = texthash:%1$s/conf/users
                virtual_transport = lmtp:unix:%2$s
                default_transport = error:5.7.1 only example.org is served here
                message_size_limit = %4$d
                smtpd_tls_security_level = may
                smtpd_tls_auth_only = yes
                smtpd_tls_cert_file = %1$s/cert.pem
                smtpd_tls_key_file = %1$s/key.pem
                smtpd_sasl_auth_enable = yes
                smtpd_sasl_type = dovecot
                smtpd_sasl_path = %3$s
                smtpd_relay_restrictions = permit_sasl_authenticated, reject
                smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
                """.formatted(
                        directory, dovecot.lmtpSocket(), dovecot.authSocket(), MOST_BYTES));
        Files.writeString(conf.resolve("master.cf"), """
                127.0.0.1:%d inet n - n - - smtpd
                cleanup unix n - n - 0 cleanup
                qmgr unix n - n 300 1 qmgr
                tlsmgr unix - - n 1000? 1 tlsmgr
                rewrite unix - - n - - trivial-rewrite
                bounce unix - - n - 0 bounce
                defer unix - - n - 0 bounce
                trace unix - - n - 0 bounce
                verify unix - - n - 1 verify
                flush unix n - n 1000? 0 flush
                proxymap unix - - n - - proxymap
                error unix - - n - - error
                retry unix - - n - - error
                lmtp unix - - n - - lmtp
                anvil unix - - n - 1 anvil
                postlog unix-dgram n - n - 1 postlogd
                """.formatted(port));
    }

    private void awaitReady() {
        ChildServer.awaitGreeting("postfix", process, port, '2', this::log);
    }

    public int port() {
        return port;
    }

    /** Its certificate, which signs itself, for {@code 127.0.0.1}, as PEM. */
    public Path certificate() {
        return directory.resolve("cert.pem");
    }

    /** What Postfix has logged. */
    public String log() {
        return ChildServer.log(directory);
    }

    @Override
    public void close() {
        var all = new ArrayList<ProcessHandle>();
        process.descendants().forEach(all::add);
        process.destroy();
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        ChildServer.await(process);
        ChildServer.delete(directory);
    }
}
