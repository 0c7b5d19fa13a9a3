package org.airpost.cli;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.io.IOException;
import java.time.Clock;

/** A mail server within the process: IMAP and SMTP on free ports of the loopback, two accounts, sample mails. */
final class DemoMailServer implements AutoCloseable {

    static final String ALICE = "alice@demo.airpost.example";
    static final String BOB = "bob@demo.airpost.example";
    static final String PASSWORD = "demo";
    static final String HOST = "127.0.0.1";

    private static final long STARTUP_MILLIS = 20_000;

    private final GreenMail server;

    private DemoMailServer(GreenMail server) {
        this.server = server;
    }

    /** Starts it, with empty accounts. */
    static DemoMailServer start() {
        var setups = new ServerSetup[] {
            new ServerSetup(0, HOST, ServerSetup.PROTOCOL_IMAP), new ServerSetup(0, HOST, ServerSetup.PROTOCOL_SMTP)
        };
        for (var setup : setups) {
            setup.setServerStartupTimeout(STARTUP_MILLIS);
        }
        var greenMail = new GreenMail(setups);
        greenMail.withConfiguration(GreenMailConfiguration.aConfig()
                .withUser(ALICE, ALICE, PASSWORD)
                .withUser(BOB, BOB, PASSWORD));
        quietThreads();
        greenMail.start();
        return new DemoMailServer(greenMail);
    }

    /** GreenMail's threads end with an exception when a client goes away without a word, and all of ours do in the end. */
    private static void quietThreads() {
        Thread.setDefaultUncaughtExceptionHandler((thread, problem) -> {
            if (!(problem instanceof IllegalStateException) || !thread.getName().matches("(imap|smtp):.*")) {
                System.err.println("thread " + thread.getName() + " ended:");
                problem.printStackTrace();
            }
        });
    }

    int imapPort() {
        return server.getImap().getPort();
    }

    int smtpPort() {
        return server.getSmtp().getPort();
    }

    /** Puts the sample mails into Alice's folders; how many there are. */
    int fill(Clock clock) throws IOException {
        var mails = SampleMails.all(clock);
        try (var imap = new ImapAppender(HOST, imapPort(), ALICE, PASSWORD)) {
            for (var folder : SampleMails.FOLDERS) {
                imap.create(folder);
            }
            for (var mail : mails) {
                imap.append(mail);
            }
        }
        return mails.size();
    }

    @Override
    public void close() {
        server.stop();
    }
}
