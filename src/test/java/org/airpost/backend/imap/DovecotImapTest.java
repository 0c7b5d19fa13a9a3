package org.airpost.backend.imap;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The contract over Dovecot with all that it can do, and with less and less of it. */
class DovecotImapTest {

    abstract static class OnDovecot extends ImapContract {

        @SuppressWarnings("NullAway.Init")
        private Dovecot server;

        abstract String[] without();

        @BeforeAll
        void startServer() {
            Dovecot.assumeInstalled();
            server = Dovecot.start(without());
        }

        @AfterAll
        void stopServer() {
            if (server != null) {
                server.close();
            }
        }

        Dovecot server() {
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

    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    class WithEverything extends OnDovecot {
        @Override
        String[] without() {
            return new String[0];
        }
    }

    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    class WithCondstoreButNotQresync extends OnDovecot {
        @Override
        String[] without() {
            return new String[] {"QRESYNC", "MOVE", "LIST-STATUS", "SASL-IR", "LITERAL+"};
        }
    }

    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    class WithTheBareProtocol extends OnDovecot {
        @Override
        String[] without() {
            return new String[] {
                "QRESYNC",
                "CONDSTORE",
                "ENABLE",
                "MOVE",
                "UIDPLUS",
                "SPECIAL-USE",
                "ESEARCH",
                "IDLE",
                "LIST-EXTENDED",
                "LIST-STATUS",
                "NAMESPACE",
                "UNSELECT",
                "LITERAL+",
                "SASL-IR",
                "NOTIFY"
            };
        }
    }
}
