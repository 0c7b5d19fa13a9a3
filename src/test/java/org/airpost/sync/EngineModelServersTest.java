package org.airpost.sync;

import java.time.Duration;
import org.airpost.backend.imap.Courier;
import org.airpost.backend.imap.Cyrus;
import org.airpost.backend.imap.Dovecot;
import org.airpost.backend.imap.GreenMailServer;
import org.airpost.backend.imap.ImapServer;
import org.junit.jupiter.api.Test;

/**
 * The model of {@link EngineModelTest} on real servers: the same operations and faults, and besides them connections that
 * are cut after any number of bytes and servers that are started again.
 */
class EngineModelServersTest {

    private static final Duration SHRINKING = Duration.ofSeconds(60);

    /** Runs one after the other, and the server is started again in the middle of some. */
    private static void run(String name, ImapServer server, long runs) {
        try (server) {
            new ModelRuns(ModelRuns.on(clock -> new ModelImap(server, true, clock)), 1, SHRINKING).run(name, runs);
        }
    }

    /** Several runs at the same time, for a server that takes its time. */
    private static void runAtOnce(String name, ImapServer server, long runs, int atOnce) {
        try (server) {
            new ModelRuns(ModelRuns.on(clock -> new ModelImap(server, false, clock)), atOnce, SHRINKING)
                    .run(name, runs);
        }
    }

    @Test
    void onDovecot() {
        Dovecot.assumeInstalled();
        run("Dovecot", Dovecot.start(), 80);
    }

    /** Seeds that have found something, each another fault. */
    @Test
    void onDovecotAgain() {
        Dovecot.assumeInstalled();
        long[] seeds = {202_611_275, 202_611_307, 202_611_412, 202_611_556, 202_611_600, 202_612_071};
        try (var server = Dovecot.start()) {
            new ModelRuns(ModelRuns.on(clock -> new ModelImap(server, true, clock)), 1, SHRINKING)
                    .run("Dovecot again", seeds);
        }
    }

    @Test
    void onCyrus() {
        Cyrus.assumeInstalled();
        runAtOnce("Cyrus", Cyrus.start(), 20, 5);
    }

    /** Courier sleeps for two seconds at each DELETE, so that no two mailboxes have the same UIDVALIDITY. */
    @Test
    void onCourier() {
        Courier.assumeInstalled();
        runAtOnce("Courier", Courier.start(), 20, 10);
    }

    /** GreenMail answers in small packets, each of which waits for the one before to be acknowledged. */
    @Test
    void onGreenMail() {
        runAtOnce("GreenMail", GreenMailServer.start(), 20, 10);
    }
}
