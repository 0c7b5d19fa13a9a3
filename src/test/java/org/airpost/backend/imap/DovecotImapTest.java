package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract over Dovecot with all that it can do, and with less and less of it. */
class DovecotImapTest {

    abstract static class OnDovecot extends RealImapContract {

        abstract String[] without();

        @Override
        ImapServer start() {
            Dovecot.assumeInstalled();
            return Dovecot.start(without());
        }
    }

    @Nested
    class WithEverything extends OnDovecot {
        @Override
        String[] without() {
            return new String[0];
        }
    }

    @Nested
    class WithSdbox extends RealImapContract {
        @Override
        ImapServer start() {
            Dovecot.assumeInstalled();
            return Dovecot.startWithSdbox();
        }
    }

    @Nested
    class WithCondstoreButNotQresync extends OnDovecot {
        @Override
        String[] without() {
            return new String[] {"QRESYNC", "MOVE", "LIST-STATUS", "SASL-IR", "LITERAL+"};
        }
    }

    @Nested
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

    @Nested
    class WithTls {

        private SignIn signIn(Dovecot server, String host, Security security, Trust trust) {
            var settings = ImapSettings.of(host, server.port(), security).withTrust(trust);
            return new ImapBackend(settings, Clock.systemUTC()).signIn(new Credentials("tls", "secret"));
        }

        @Test
        void startTlsBelievesOnlyWhatItIsToldToBelieve() {
            Dovecot.assumeInstalled();
            try (var server = Dovecot.startWithTls()) {
                server.addUser("tls", "secret");
                var own = new Trust.Authorities(server.certificate());
                assertThat(signIn(server, "127.0.0.1", Security.STARTTLS, own)).isInstanceOf(SignIn.Accepted.class);
                assertThat(signIn(server, "127.0.0.1", Security.STARTTLS, new Trust.Any()))
                        .isInstanceOf(SignIn.Accepted.class);
                assertThatThrownBy(() -> signIn(server, "127.0.0.1", Security.STARTTLS, new Trust.Platform()))
                        .isInstanceOf(BackendUnavailableException.class);
                assertThatThrownBy(() -> signIn(server, "localhost", Security.STARTTLS, own))
                        .as("the certificate is for another name")
                        .isInstanceOf(BackendUnavailableException.class);
                assertThatThrownBy(() -> signIn(server, "127.0.0.1", Security.TLS, own))
                        .as("no TLS from the first byte")
                        .isInstanceOf(BackendUnavailableException.class);
            }
        }
    }

    @Nested
    class ThatGoesAway {

        @Test
        void anAccountWorksAgainAfterARestartAndItsWatchTellsOfAll() {
            Dovecot.assumeInstalled();
            try (var server = Dovecot.start()) {
                server.addUser("again", "secret");
                var settings = ImapSettings.of("127.0.0.1", server.port(), Security.PLAIN);
                var backend = new ImapBackend(settings, Clock.systemUTC());
                var account = ((SignIn.Accepted) backend.signIn(new Credentials("again", "secret"))).account();
                var view = MailAccountContract.view(account, "INBOX");
                var heard = new ConcurrentLinkedQueue<String>();
                try (account;
                        var _ = account.watch(Set.of("INBOX"), heard::add)) {
                    await().atMost(Duration.ofSeconds(20)).until(() -> heard.contains("INBOX"));
                    server.kill();
                    assertThatThrownBy(() -> account.refresh("INBOX", view))
                            .isInstanceOf(BackendUnavailableException.class);
                    heard.clear();
                    server.restart();
                    assertThat(MailAccountContract.view(account, "INBOX", view)).isEqualTo(view);
                    await().atMost(Duration.ofSeconds(30)).until(() -> heard.contains("INBOX"));
                }
            }
        }
    }
}
