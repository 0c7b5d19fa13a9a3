package org.airpost.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Debian's Dovecot 2.3 as a child process, in the foreground on a free port of the loopback address, with its own
 * configuration, users and mailboxes in a temporary directory. Needs to run as root, as Dovecot does.
 */
public final class DovecotServer implements AutoCloseable {

    private static final Path BINARY = Path.of("/usr/sbin/dovecot");

    /** What Dovecot 2.3 can do after sign-in. */
    private static final List<String> CAPABILITIES = List.of(("IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT"
                    + " THREAD=REFERENCES MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS"
                    + " LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH"
                    + " LIST-STATUS BINARY MOVE PREVIEW SAVEDATE LITERAL+ NOTIFY SPECIAL-USE")
            .split(" "));

    private static final int NOBODY = 65534;

    private final Path directory;
    private final int port;
    private Process process;

    private DovecotServer(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /** Its full-text index of Debian, dovecot-fts-xapian. */
    private static final Path INDEX = Path.of("/usr/lib/dovecot/modules/lib21_fts_xapian_plugin.so");

    /** Lines for its configuration that make it search by its full-text index. */
    public static final String WITH_INDEX = """
            mail_plugins = fts fts_xapian
            plugin {
              fts = xapian
              fts_xapian = partial=3 full=20
              fts_enforced = yes
            }
            service indexer-worker {
              vsz_limit = 2G
            }
            """;

    /** True if its full-text index is installed too. */
    public static boolean hasIndex() {
        return Files.exists(INDEX);
    }

    /** True if it is installed and we may run it. */
    public static boolean isInstalled() {
        return Files.isExecutable(BINARY) && "root".equals(System.getProperty("user.name"));
    }

    /**
     * Starts it.
     *
     * @param format of the mailboxes: {@code maildir}, {@code sdbox}
     * @param tls with STARTTLS and a certificate for 127.0.0.1 that signs itself: {@link #certificate}
     * @param more lines for its configuration; {@code $DIRECTORY} in them is where its files are
     * @param without what it is not to offer, such as QRESYNC, MOVE or IDLE
     */
    public static DovecotServer start(String format, boolean tls, String more, String... without) {
        try {
            var directory = Files.createTempDirectory(Path.of("/tmp"), "dovecot");
            // Dovecot's processes without privileges must reach their sockets below it.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            int port = ChildServer.freePort();
            var lacking = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
            lacking.addAll(Arrays.asList(without));
            configure(
                    directory,
                    format,
                    port,
                    lacking,
                    (tls ? certify(directory) : "ssl = no") + "\n" + more.replace("$DIRECTORY", directory.toString()));
            var dovecot = new DovecotServer(directory, port, run(directory));
            try {
                dovecot.awaitReady();
            } catch (IllegalStateException e) {
                dovecot.close(); // or its processes outlive the test
                throw e;
            }
            return dovecot;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void configure(Path directory, String format, int port, Set<String> without, String more)
            throws IOException {
        Files.createDirectories(directory.resolve("run"));
        var mail = Files.createDirectories(directory.resolve("mail"));
        Files.setAttribute(mail, "unix:uid", NOBODY); // Dovecot opens no mailboxes as root
        Files.setAttribute(mail, "unix:gid", NOBODY);
        Files.createDirectories(directory.resolve("users"));
        String capability = without.isEmpty()
                ? ""
                : "imap_capability = "
                        + String.join(
                                " ",
                                CAPABILITIES.stream()
                                        .filter(name -> !without.contains(name))
                                        .toList());
        Files.writeString(directory.resolve("dovecot.conf"), """
                base_dir = %1$s/run
                state_dir = %1$s/run
                log_path = %1$s/log
                protocols = imap%5$s
                listen = 127.0.0.1
                %4$s
                disable_plaintext_auth = no
                auth_mechanisms = plain login
                auth_failure_delay = 0
                first_valid_uid = 1
                first_valid_gid = 1
                mail_max_userip_connections = 100
                mail_location = %6$s:%1$s/mail/%%n
                mailbox_list_index = yes
                imap_idle_notify_interval = 2 mins
                %3$s
                namespace inbox {
                  inbox = yes
                  separator = /
                  mailbox Drafts {
                    auto = subscribe
                    special_use = \\Drafts
                  }
                  mailbox Sent {
                    auto = subscribe
                    special_use = \\Sent
                  }
                  mailbox Trash {
                    auto = subscribe
                    special_use = \\Trash
                  }
                  mailbox Junk {
                    auto = subscribe
                    special_use = \\Junk
                  }
                }
                service auth {
                  unix_listener auth-client {
                    mode = 0666
                  }
                }
                service lmtp {
                  unix_listener lmtp {
                    mode = 0666
                  }
                }
                postmaster_address = postmaster@example.org
                passdb {
                  driver = passwd-file
                  args = scheme=PLAIN username_format=%%n %1$s/users/%%n
                }
                userdb {
                  driver = static
                  args = uid=65534 gid=65534 home=%1$s/mail/%%n
                }
                service imap-login {
                  service_count = 0
                  inet_listener imap {
                    port = %2$d
                  }
                  inet_listener imaps {
                    port = 0
                  }
                }
                """.formatted(
                        directory, port, capability, more, hasLmtp() ? " lmtp" : "", format));
    }

    private static String certify(Path directory) throws IOException {
        var certificate = directory.resolve("cert.pem");
        var key = directory.resolve("key.pem");
        var openssl = new ProcessBuilder(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                                + " -subj /CN=airpost-test -addext subjectAltName=IP:127.0.0.1 -keyout " + key
                                + " -out "
                                + certificate)
                        .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl").toFile())
                .start();
        ChildServer.await(openssl);
        return "ssl = required\nssl_min_protocol = TLSv1.2\nssl_cert = <%s\nssl_key = <%s".formatted(certificate, key);
    }

    /** The certificate of a server with TLS, as PEM. */
    public Path certificate() {
        return directory.resolve("cert.pem");
    }

    private static Process run(Path directory) throws IOException {
        return new ProcessBuilder(
                        BINARY.toString(),
                        "-F",
                        "-c",
                        directory.resolve("dovecot.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()))
                .start();
    }

    private void awaitReady() {
        ChildServer.awaitGreeting("dovecot", process, port, '*', this::log);
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** Makes a user with empty mailboxes. */
    public DovecotServer addUser(String name, String password) {
        try {
            // One file for each user: a common one would be read again after a second only.
            Files.writeString(directory.resolve("users").resolve(name), name + ":{PLAIN}" + password + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean hasLmtp() {
        return Files.isExecutable(Path.of("/usr/lib/dovecot/lmtp"));
    }

    /** The socket by which another server, such as Postfix, asks it whether a password is right. */
    public Path authSocket() {
        return directory.resolve("run/auth-client");
    }

    /** The socket that takes mail for {@code user@any.domain}, if dovecot-lmtpd is installed. */
    public Path lmtpSocket() {
        return directory.resolve("run/lmtp");
    }

    /** Fills the full-text index of a user's mailbox, which may take a while. */
    public void index(String user, String mailbox) {
        try {
            var doveadm = new ProcessBuilder(
                            "/usr/bin/doveadm",
                            "-c",
                            directory.resolve("dovecot.conf").toString(),
                            "index",
                            "-u",
                            user,
                            mailbox)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("doveadm").toFile())
                    .start();
            if (!doveadm.waitFor(1, TimeUnit.HOURS) || doveadm.exitValue() != 0) {
                doveadm.destroyForcibly();
                throw new IOException("doveadm index: " + Files.readString(directory.resolve("doveadm")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Where a user's mail is: what lies there can be changed behind Dovecot's back. */
    public Path mail(String user) {
        return directory.resolve("mail").resolve(user);
    }

    /** Processes that serve a client each. */
    public long connections() {
        return process.descendants()
                .filter(one -> one.info()
                        .command()
                        .filter(name -> name.endsWith("/imap"))
                        .isPresent())
                .count();
    }

    /** What Dovecot has logged. */
    public String log() {
        return ChildServer.log(directory);
    }

    /** Ends it at once, with all that belongs to it; connections break. The mailboxes stay. */
    public void kill() {
        ChildServer.kill(process);
    }

    /** Ends it, and starts it again on the same port with the same mailboxes. */
    public void restart() {
        kill();
        try {
            Files.deleteIfExists(directory.resolve("run/master.pid"));
            process = run(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
    }

    @Override
    public void close() {
        kill();
        ChildServer.delete(directory);
    }
}
