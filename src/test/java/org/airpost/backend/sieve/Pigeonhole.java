package org.airpost.backend.sieve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
import org.airpost.bench.ChildServer;
import org.airpost.bench.DovecotServer;
import org.junit.jupiter.api.Assumptions;

/** Dovecot with Debian's Pigeonhole: ManageSieve, rules at delivery, and the answers that they send, in a directory. */
public final class Pigeonhole implements AutoCloseable {

    private static final Path MANAGE_SIEVE = Path.of("/usr/lib/dovecot/managesieve");
    private static final Path DELIVER = Path.of("/usr/lib/dovecot/dovecot-lda");

    private final DovecotServer server;
    private final int port;
    private final Path directory;

    private Pigeonhole(DovecotServer server, int port) {
        this.server = server;
        this.port = port;
        this.directory = server.mail("x").resolve("../..").normalize();
    }

    /** Skips the test where it is not installed; on the build server that is a failure. */
    public static void assumeInstalled() {
        boolean installed = DovecotServer.isInstalled() && Files.exists(MANAGE_SIEVE) && Files.exists(DELIVER);
        if ("true".equals(System.getenv("CI")) && !installed) {
            throw new AssertionError("CI needs root and apt-get install dovecot-sieve dovecot-managesieved");
        }
        Assumptions.assumeTrue(installed, "needs root and apt-get install dovecot-sieve dovecot-managesieved");
    }

    /** Starts it with STARTTLS or without; more lines for its configuration may say what it does not offer. */
    public static Pigeonhole start(boolean tls, String more) {
        try {
            int port = ChildServer.freePort();
            var server = DovecotServer.start("maildir", tls, "mail_fsync = never\n" + """
                    protocols = imap sieve
                    service managesieve-login {
                      inet_listener sieve {
                        port = %d
                      }
                    }
                    protocol lda {
                      mail_plugins = sieve
                    }
                    auth_master_user_separator = *
                    passdb {
                      driver = static
                      master = yes
                      args = password=master
                    }
                    sendmail_path = $DIRECTORY/sendmail
                    plugin {
                      sieve = file:~/sieve;active=~/active.sieve
                    %s
                    }
                    """.formatted(port, more));
            var pigeonhole = new Pigeonhole(server, port);
            pigeonhole.catchAnswers();
            return pigeonhole;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void catchAnswers() throws IOException {
        var sent = Files.createDirectories(directory.resolve("sent"));
        Files.setPosixFilePermissions(sent, PosixFilePermissions.fromString("rwxrwxrwx"));
        var sendmail = Files.writeString(directory.resolve("sendmail"), """
                #!/bin/sh
                f=$(mktemp %1$s/XXXXXX) && { echo "$@"; cat; } > $f && mv $f $f.mail
                """.formatted(sent));
        Files.setPosixFilePermissions(sendmail, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Makes a user with the address {@code name@example.org}. */
    public Account user(String name) {
        server.addUser(name, "secret");
        return new Account(
                name,
                new Credentials(name, "secret"),
                new RefusingMail() {},
                List.of(name + "@example.org"),
                name + "@example.org");
    }

    /** How to reach it. */
    public SieveSettings settings(Security security, Trust trust) {
        return new SieveSettings("127.0.0.1", port, security, trust, Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    public int imapPort() {
        return server.port();
    }

    public int port() {
        return port;
    }

    public Path certificate() {
        return server.certificate();
    }

    /** A connection as of another program of the user's. */
    ManageSieve open(Account account) throws IOException, ManageSieve.RefusedException {
        var settings = settings(Security.PLAIN, new Trust.Any());
        return ManageSieve.open(settings, new org.airpost.backend.Tls(settings.trust()), account.credentials());
    }

    /** Delivers a mail to a user by their rules. */
    public void deliver(Account account, String from, String subject) {
        var mail = """
                From: Somebody <%s>
                To: %s
                Subject: %s
                Message-ID: <%s@test>
                Date: Thu, 26 Nov 2026 10:00:00 +0000

                Hello
                """.formatted(from, account.address(), subject, subject.replaceAll("\\W", ""));
        ChildServer.run(
                mail,
                DELIVER.toString(),
                "-c",
                directory.resolve("dovecot.conf").toString(),
                "-d",
                account.user(),
                "-f",
                from,
                "-a",
                account.address());
    }

    /** What was sent since the last call: the recipients and the message of each. */
    public List<String> takeAnswers() {
        try (var files = Files.list(directory.resolve("sent"))) {
            var answers = new ArrayList<String>();
            for (var file : files.filter(f -> f.toString().endsWith(".mail")).toList()) {
                answers.add(Files.readString(file, UTF_8));
                Files.delete(file);
            }
            return answers;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Messages in a mailbox; an empty name is INBOX. */
    public long count(Account account, String mailbox) {
        var maildir = server.mail(account.user());
        var box = mailbox.isEmpty() ? maildir : maildir.resolve("." + mailbox);
        long count = 0;
        for (var part : List.of("new", "cur")) {
            if (Files.isDirectory(box.resolve(part))) {
                try (var files = Files.list(box.resolve(part))) {
                    count += files.count();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return count;
    }

    /** Whether somebody listens. */
    boolean isUp() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.getInputStream().read() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    public void kill() {
        server.kill();
    }

    public String log() {
        return server.log();
    }

    @Override
    public void close() {
        server.close();
    }
}
