package org.airpost.backend.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.airpost.backend.Directory.Found;
import org.airpost.backend.Directory.Query;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class OpenLdapTest extends LdapContract {

    private OpenLdap server;
    private LdapDirectory directory;

    @BeforeAll
    void start() {
        OpenLdap.assumeInstalled();
        server = OpenLdap.start(People.ldif(OpenLdap.BASE));
        directory = new LdapDirectory(settings(server.port(), Security.PLAIN, new Trust.Platform()));
    }

    @AfterAll
    void stop() {
        if (server != null) {
            directory.close();
            server.close();
        }
    }

    private static LdapSettings settings(int port, Security security, Trust trust) {
        return LdapSettings.of("127.0.0.1", port, security, trust, OpenLdap.BASE)
                .withBind(OpenLdap.ADMIN, OpenLdap.PASSWORD)
                .withLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), 200);
    }

    @Override
    LdapDirectory directory() {
        return directory;
    }

    @Test
    void tlsAndStartTlsProtectTheConnection() {
        var trust = new Trust.Authorities(server.certificate());
        try (var tls = new LdapDirectory(settings(server.tlsPort(), Security.TLS, trust));
                var startTls = new LdapDirectory(settings(server.port(), Security.STARTTLS, trust))) {
            assertThat(names(tls.find(ACCOUNT, new Query("bob", 5)))).containsExactly("Bob Baker");
            assertThat(names(startTls.find(ACCOUNT, new Query("bob", 5)))).containsExactly("Bob Baker");
        }
    }

    @Test
    void aCertificateThatIsNotBelievedIsNotTalkedTo() {
        for (var security : new Security[] {Security.TLS, Security.STARTTLS}) {
            int port = security == Security.TLS ? server.tlsPort() : server.port();
            try (var wary = new LdapDirectory(settings(port, security, new Trust.Platform()))) {
                assertThat(wary.find(ACCOUNT, new Query("bob", 5)))
                        .as("%s", security)
                        .isInstanceOf(Found.Unavailable.class);
            }
        }
    }

    @Test
    void aWrongPasswordOfTheServiceAccountIsAnAbsence() {
        var settings =
                settings(server.port(), Security.PLAIN, new Trust.Platform()).withBind(OpenLdap.ADMIN, "wrong");
        try (var wrong = new LdapDirectory(settings)) {
            assertThat(wrong.find(ACCOUNT, new Query("bob", 5))).isInstanceOf(Found.Unavailable.class);
        }
    }

    @Test
    void aServerThatEndsAndComesBackIsFoundAgain() {
        try (var own = OpenLdap.start(People.ldif(OpenLdap.BASE));
                var people = new LdapDirectory(settings(own.port(), Security.PLAIN, new Trust.Platform()))) {
            assertThat(names(people.find(ACCOUNT, new Query("bob", 5)))).containsExactly("Bob Baker");
            own.kill();
            assertThat(people.find(ACCOUNT, new Query("bob", 5))).isInstanceOf(Found.Unavailable.class);
            own.restart();
            assertThat(names(people.find(ACCOUNT, new Query("bob", 5)))).containsExactly("Bob Baker");
            own.restart(); // the connections of the pool are broken, and nobody has noticed yet
            assertThat(names(people.find(ACCOUNT, new Query("bob", 5)))).containsExactly("Bob Baker");
        }
    }

    @Test
    void moreSearchesThanConnectionsAllEnd() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = IntStream.range(0, 40)
                    .mapToObj(_ -> threads.submit(() -> directory.find(ACCOUNT, new Query("bob", 5))))
                    .toList();
            assertThat(all).allSatisfy(one -> assertThat(names(one.get())).containsExactly("Bob Baker"));
        }
    }
}
