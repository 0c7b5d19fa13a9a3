package org.airpost.backend.imap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.airpost.bench.ChildServer;
import org.junit.jupiter.api.Assumptions;

/**
 * Debian's Cyrus 3.6 as a child of the test, from where {@code .ci/servers} has unpacked it, with its own configuration,
 * users and mailboxes in a temporary directory. Needs to run as root: it becomes nobody by itself.
 */
public final class Cyrus implements ImapServer {

    private static final Path HOME = Path.of("/opt/airpost-servers/cyrus");
    private static final Path PROGRAMS = HOME.resolve("usr/lib/cyrus/bin");

    private final Path directory;
    private final int port;
    private final int calendarPort;
    private Process process;

    private Cyrus(Path directory, int port, int calendarPort, Process process) {
        this.directory = directory;
        this.port = port;
        this.calendarPort = calendarPort;
        this.process = process;
    }

    static boolean isInstalled() {
        return Files.isExecutable(PROGRAMS.resolve("master")) && "root".equals(System.getProperty("user.name"));
    }

    /** The same for its CalDAV. */
    public static void assumeCalendarsInstalled() {
        assumeInstalled();
        boolean isThere = Files.isExecutable(PROGRAMS.resolve("httpd"));
        if ("true".equals(System.getenv("CI")) && !isThere) {
            throw new AssertionError("CI needs .ci/servers with cyrus-caldav");
        }
        Assumptions.assumeTrue(isThere, "needs .ci/servers with cyrus-caldav");
    }

    /** Skips the test where there is no Cyrus; on the build server that is a failure. */
    public static void assumeInstalled() {
        if ("true".equals(System.getenv("CI")) && !isInstalled()) {
            throw new AssertionError("CI needs root and .ci/servers");
        }
        Assumptions.assumeTrue(isInstalled(), "needs root and .ci/servers");
    }

    public static Cyrus start() {
        return start(false);
    }

    /** The same with CalDAV for the addresses of example.org; users have calendars once they have signed in to IMAP. */
    public static Cyrus startWithCalendars() {
        return start(true);
    }

    /** Where CalDAV is; 0 if it is not. */
    public int calendarPort() {
        return calendarPort;
    }

    private static Cyrus start(boolean calendars) {
        try {
            int calendarPort = calendars ? ChildServer.freePort() : 0;
            // It writes each change through to the disk, which costs 10 ms; in memory it costs nothing.
            var memory = Path.of("/dev/shm");
            var directory = Files.createTempDirectory(Files.isWritable(memory) ? memory : Path.of("/tmp"), "cyrus");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            int port = ChildServer.freePort();
            configure(directory, port, calendarPort);
            addUser(directory, "cyrus", "cyrus"); // its file of passwords must be there
            ChildServer.run("", "chown", "-R", "nobody:nogroup", directory.toString());
            var cyrus = new Cyrus(directory, port, calendarPort, run(directory));
            try {
                cyrus.awaitReady();
            } catch (IllegalStateException e) {
                cyrus.close(); // or its processes outlive the test
                throw e;
            }
            return cyrus;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void configure(Path directory, int port, int calendarPort) throws IOException {
        var http = calendarPort == 0
                ? ""
                : "http cmd=\"%s/httpd -C %s/imapd.conf\" listen=\"127.0.0.1:%d\" prefork=2"
                        .formatted(PROGRAMS, directory, calendarPort);
        for (String name : new String[] {"config", "spool"}) {
            Files.createDirectories(directory.resolve(name));
        }
        Files.writeString(directory.resolve("imapd.conf"), """
                configdirectory: %1$s/config
                defaultpartition: default
                partition-default: %1$s/spool
                cyrus_user: nobody
                cyrus_group: nogroup
                servername: localhost
                admins: cyrus
                allowplaintext: yes
                sasl_mech_list: PLAIN
                sasl_pwcheck_method: auxprop
                sasl_auxprop_plugin: sasldb
                sasl_sasldb_path: %1$s/sasldb2
                unixhierarchysep: yes
                altnamespace: yes
                autocreate_quota: 0
                autocreate_inbox_folders: Drafts | Sent | Trash | Junk
                autocreate_subscribe_folders: Drafts | Sent | Trash | Junk
                xlist-drafts: Drafts
                xlist-sent: Sent
                xlist-trash: Trash
                xlist-junk: Junk
                idlesocket: %1$s/idle
                imapidlepoll: 1
                skiplist_unsafe: yes
                httpmodules: caldav
                caldav_create_default: 1
                caldav_allowscheduling: on
                calendar_user_address_set: example.org
                """.formatted(directory));
        Files.writeString(directory.resolve("cyrus.conf"), """
                START {
                  recover cmd="%2$s/ctl_cyrusdb -C %1$s/imapd.conf -r"
                }
                SERVICES {
                  imap cmd="%2$s/imapd -C %1$s/imapd.conf" listen="127.0.0.1:%3$d" prefork=2 maxchild=100
                  %4$s
                }
                DAEMON {
                  idled cmd="%2$s/idled -C %1$s/imapd.conf"
                }
                EVENTS {
                }
                """.formatted(directory, PROGRAMS, port, http));
    }

    private static Process run(Path directory) throws IOException {
        var builder = new ProcessBuilder(
                PROGRAMS.resolve("master").toString(),
                "-C",
                directory.resolve("imapd.conf").toString(),
                "-M",
                directory.resolve("cyrus.conf").toString(),
                "-p",
                directory.resolve("pid").toString());
        builder.environment()
                .put("LD_LIBRARY_PATH", HOME.resolve("usr/lib/x86_64-linux-gnu").toString());
        return builder.directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()))
                .start();
    }

    private void awaitReady() {
        ChildServer.awaitGreeting("cyrus", process, port, '*', this::log);
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public Cyrus addUser(String name, String password) {
        addUser(directory, name, password);
        return this;
    }

    private static void addUser(Path directory, String name, String password) {
        var file = directory.resolve("sasldb2").toString();
        ChildServer.run(password, "saslpasswd2", "-c", "-p", "-f", file, "-u", "localhost", name);
    }

    /** Little: Cyrus logs to syslog alone. */
    @Override
    public String log() {
        return ChildServer.log(directory);
    }

    @Override
    public void kill() {
        ChildServer.kill(process);
    }

    @Override
    public void restart() {
        kill();
        try {
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
