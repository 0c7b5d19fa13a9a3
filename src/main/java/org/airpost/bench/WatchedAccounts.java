package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Accounts that are watched over real IMAP: a Dovecot that offers IDLE and no NOTIFY, over TLS, with a process for each
 * connection (about 3 MB each), and a gateway in a process of its own with a waiting phone for each account.
 */
final class WatchedAccounts {

    /** Connections beside the watches and a quarter more, for all users together: an unused one goes to the next who needs it. */
    private static final int WORKING = 50;

    private static final int WOKEN = 20;
    private static final int AT_A_TIME = 100;

    /** A connection that nobody uses is closed after two minutes. */
    private static final Duration UNUSED_KEPT = Duration.ofSeconds(125);

    private static final int MOST_CONNECTIONS = 200_000;

    private final int accounts;
    private final String heap;
    private final PrintWriter out;

    WatchedAccounts(int accounts, String heap, PrintWriter out) {
        this.accounts = accounts;
        this.heap = heap;
        this.out = out;
    }

    void measure() throws IOException, InterruptedException {
        if (!DovecotServer.isInstalled()) {
            throw new IOException(
                    "this measurement needs Dovecot, and root to start it: apt-get install dovecot-imapd");
        }
        var directory = Files.createTempDirectory("airpost-bench");
        try (var dovecot = DovecotServer.start("maildir", true, roomy(), "NOTIFY")) {
            for (int i = 0; i < accounts; i++) {
                dovecot.addUser(Fleet.user(i), Fleet.PASSWORD);
            }
            try (var gateway = Child.start(
                            ImapGateway.class,
                            directory.resolve("log"),
                            List.of("-Xmx" + heap),
                            List.of(
                                    directory.toString(),
                                    Integer.toString(dovecot.port()),
                                    dovecot.certificate().toString(),
                                    Integer.toString(accounts + accounts / 4 + WORKING)));
                    var fleet = new Fleet(gateway, out)) {
                measure(gateway, fleet, dovecot);
            }
        } finally {
            ChildServer.delete(directory);
        }
    }

    /** Dovecot's own limits must not bind. */
    private String roomy() {
        return """
                mail_fsync = never
                default_client_limit = %1$d
                default_process_limit = %2$d
                service imap {
                  process_limit = %2$d
                }
                service imap-login {
                  client_limit = %2$d
                  vsz_limit = 1G
                }
                service auth {
                  client_limit = %1$d
                }
                service anvil {
                  client_limit = %1$d
                }
                """.formatted(MOST_CONNECTIONS, 2 * (accounts + WORKING));
    }

    private void measure(Child gateway, Fleet fleet, DovecotServer dovecot) throws IOException, InterruptedException {
        out.printf("accounts  %d on a Dovecot with IDLE, over TLS; gateway with -Xmx%s%n", accounts, heap);
        out.flush();
        var times = new Durations();
        var woken = new CountDownLatch(WOKEN);
        var appendedAt = new long[accounts];
        long heapBefore = 0;
        long began = System.nanoTime();
        for (int from = 0; from < accounts; from += AT_A_TIME) {
            int to = Math.min(accounts, from + AT_A_TIME);
            fleet.wait(fleet.signIn(from, to), from, number -> {
                times.add(System.nanoTime() - appendedAt[number]);
                woken.countDown();
            });
            if (from == 0) {
                // What Java makes once and for all is there now.
                awaitConnections(dovecot, to);
                heapBefore = heap(gateway);
                out.printf("before    %d MiB of heap with the first %d%n", heapBefore >> 20, to);
                out.flush();
            }
        }
        long connections = awaitConnections(dovecot, accounts);
        out.printf(
                "waiting   after %.0f s, %d IMAP connections, the unused ones of %d s too%n",
                (System.nanoTime() - began) / 1e9, connections, UNUSED_KEPT.toSeconds());
        out.flush();
        Thread.sleep(UNUSED_KEPT);
        connections = dovecot.connections();
        double each = (heap(gateway) - heapBefore) / 1024.0 / Math.max(1, accounts - AT_A_TIME);
        out.printf(
                "watched   %d accounts, %d IMAP connections: %.1f KiB of heap for each account after the first %d, its phone"
                        + " and all; target 64; %d MiB resident%n",
                accounts, connections, each, AT_A_TIME, gateway.residentBytes() >> 20);
        out.flush();
        int some = Math.min(WOKEN, accounts);
        for (int i = 0; i < some; i++) {
            try (var imap = new BareImap(dovecot.host(), dovecot.port(), Fleet.user(i), Fleet.PASSWORD)) {
                appendedAt[i] = System.nanoTime();
                imap.append("INBOX", List.of(Fleet.mail(Fleet.user(i)).getBytes(UTF_8)));
            }
        }
        Fleet.await(woken, some);
        out.printf(
                "woken     %d of them: %s; Dovecot looks but every 30 s where Linux has no more inotify instances for it%n",
                some, times);
        out.flush();
    }

    private static long heap(Child gateway) throws IOException {
        return Long.parseLong(gateway.ask("heap"));
    }

    /** A watch has its connection a little after its phone began to wait. */
    private static long awaitConnections(DovecotServer dovecot, int accounts) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        long connections = dovecot.connections();
        while (connections < accounts) {
            if (System.nanoTime() > end) {
                throw new IOException("%d of %d IMAP connections".formatted(connections, accounts));
            }
            TimeUnit.MILLISECONDS.sleep(500);
            connections = dovecot.connections();
        }
        return connections;
    }
}
