package org.airpost.backend.imap;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The contract over a server that all tests of the class share. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class RealImapContract extends ImapContract {

    @SuppressWarnings("NullAway.Init")
    private ImapServer server;

    /** Starts the server, or skips the test where there is none. */
    abstract ImapServer start();

    @BeforeAll
    void startServer() {
        server = start();
    }

    @AfterAll
    void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    ImapServer server() {
        return server;
    }

    @Override
    int port() {
        return server.port();
    }

    @Override
    void addUser(String user, String password) {
        server.addUser(user, password);
    }
}
