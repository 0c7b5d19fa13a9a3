package org.airpost.backend.imap;

import java.nio.file.Path;
import org.airpost.bench.DovecotServer;
import org.junit.jupiter.api.Assumptions;

/** Debian's Dovecot 2.3 as a child of the test: {@link DovecotServer}. */
public final class Dovecot implements ImapServer {

    private static final String MAILDIR = "maildir";

    /** The disk of a test's mail may be lost. */
    private static final String HASTY = "mail_fsync = never";

    private final DovecotServer server;

    private Dovecot(DovecotServer server) {
        this.server = server;
    }

    /** Skips the test where there is no Dovecot; on the build server that is a failure. */
    public static void assumeInstalled() {
        if ("true".equals(System.getenv("CI")) && !DovecotServer.isInstalled()) {
            throw new AssertionError("CI needs root and apt-get install dovecot-imapd");
        }
        Assumptions.assumeTrue(DovecotServer.isInstalled(), "needs root and apt-get install dovecot-imapd");
    }

    /** Starts it with all that it can do, but for these capabilities, such as QRESYNC, MOVE or IDLE. */
    public static Dovecot start(String... without) {
        return new Dovecot(DovecotServer.start(MAILDIR, false, HASTY, without));
    }

    /** The same with its full-text index. */
    public static Dovecot startWithIndex() {
        if ("true".equals(System.getenv("CI")) && !DovecotServer.hasIndex()) {
            throw new AssertionError("CI needs apt-get install dovecot-fts-xapian");
        }
        Assumptions.assumeTrue(DovecotServer.hasIndex(), "needs apt-get install dovecot-fts-xapian");
        return new Dovecot(DovecotServer.start(MAILDIR, false, HASTY + "\n" + DovecotServer.WITH_INDEX));
    }

    /** The same with mails that are compressed on the disk. */
    static Dovecot startWithCompression() {
        return new Dovecot(DovecotServer.start(MAILDIR, false, HASTY + """

                mail_plugins = zlib
                plugin {
                  zlib_save = gz
                }
                """));
    }

    /** The same with its own format of mailboxes, sdbox, and all that it can do. */
    public static Dovecot startWithSdbox() {
        return new Dovecot(DovecotServer.start("sdbox", false, HASTY));
    }

    /** The same with STARTTLS and a certificate for 127.0.0.1 that signs itself: {@link #certificate}. */
    public static Dovecot startWithTls() {
        return new Dovecot(DovecotServer.start(MAILDIR, true, HASTY));
    }

    /** The same, and these are the ways to sign in, such as {@code scram-sha-256}. */
    public static Dovecot startWithMechanisms(String mechanisms) {
        return new Dovecot(DovecotServer.start(MAILDIR, false, HASTY + "\nauth_mechanisms = " + mechanisms + "\n"));
    }

    /** The same with a master user: who signs in as {@code anna*master} with this password is anna. */
    public static Dovecot startWithMaster(String password) {
        return new Dovecot(DovecotServer.start(MAILDIR, false, HASTY + """

                auth_master_user_separator = *
                passdb {
                  driver = static
                  master = yes
                  args = password=%s
                }
                """.formatted(password)));
    }

    /** The same, and users may share mailboxes: those of alice are below {@code shared/alice} at who has a right to them. */
    public static Dovecot startWithSharing() {
        return new Dovecot(DovecotServer.start(MAILDIR, false, HASTY + """

                mail_plugins = acl
                protocol imap {
                  mail_plugins = acl imap_acl
                }
                plugin {
                  acl = vfile
                  acl_shared_dict = file:$DIRECTORY/mail/shared.db
                }
                namespace shared {
                  type = shared
                  separator = /
                  prefix = shared/%%u/
                  location = maildir:%%h
                  list = children
                  subscriptions = no
                }
                """));
    }

    /** The certificate of a server with TLS, as PEM. */
    public Path certificate() {
        return server.certificate();
    }

    public String host() {
        return server.host();
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public Dovecot addUser(String name, String password) {
        server.addUser(name, password);
        return this;
    }

    /** The socket by which another server, such as Postfix, asks it whether a password is right. */
    public Path authSocket() {
        return server.authSocket();
    }

    /** The socket that takes mail for {@code user@any.domain}, if dovecot-lmtpd is installed. */
    public Path lmtpSocket() {
        return server.lmtpSocket();
    }

    /** Where a user's Maildir is: what lies there can be changed behind Dovecot's back. */
    public Path maildir(String user) {
        return server.mail(user);
    }

    @Override
    public String log() {
        return server.log();
    }

    @Override
    public void kill() {
        server.kill();
    }

    @Override
    public void restart() {
        server.restart();
    }

    @Override
    public void close() {
        server.close();
    }
}
