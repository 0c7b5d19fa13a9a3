package org.airpost.backend.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldif.LDIFReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.airpost.backend.Directory.Found;
import org.airpost.backend.Directory.Query;
import org.airpost.backend.Person.Field;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
import org.airpost.backend.ldap.LdapAttributes.Schema;
import org.airpost.backend.ldap.LdapAttributes.What;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class InMemoryLdapTest extends LdapContract {

    private static final String BASE = "dc=example,dc=org";

    private InMemoryDirectoryServer server;
    private LdapDirectory directory;

    @BeforeAll
    void start() throws LDAPException {
        server = server(People.ldif(BASE));
        directory = new LdapDirectory(settings(server.getListenPort()));
    }

    @AfterAll
    void stop() {
        directory.close();
        server.shutDown(true);
    }

    private static InMemoryDirectoryServer server(String ldif) throws LDAPException {
        var config = new InMemoryDirectoryServerConfig(BASE);
        config.setSchema(null);
        config.addAdditionalBindCredentials("cn=airpost", "secret");
        var server = new InMemoryDirectoryServer(config);
        server.add(new Entry(BASE, new Attribute("objectClass", "domain"), new Attribute("dc", "example")));
        server.importFromLDIF(false, new LDIFReader(new ByteArrayInputStream(ldif.getBytes(StandardCharsets.UTF_8))));
        server.startListening();
        return server;
    }

    private static LdapSettings settings(int port) {
        return LdapSettings.of("127.0.0.1", port, Security.PLAIN, new Trust.Platform(), BASE)
                .withBind("cn=airpost", "secret")
                .withFilter("(objectClass=inetOrgPerson)")
                .withLimits(Duration.ofSeconds(1), Duration.ofSeconds(1), 200);
    }

    @Override
    LdapDirectory directory() {
        return directory;
    }

    @Test
    void activeDirectoryHasItsOwnNames() throws LDAPException {
        var ad = server("""
                dn: cn=Dora,%s
                objectClass: user
                cn: Dora
                displayName: Dora Dean
                sAMAccountName: ddean
                mail: dora@example.org
                proxyAddresses: SMTP:dora@example.org
                proxyAddresses: smtp:dean@example.org
                proxyAddresses: X400:c=DE
                company: Example AG
                physicalDeliveryOfficeName: 2.71
                thumbnailPhoto:: AQID
                """.formatted(BASE));
        var settings = settings(ad.getListenPort())
                .withAttributes(LdapAttributes.of(
                        Schema.ACTIVEDIRECTORY, Map.of(What.TITLE, List.of("company"), What.PHONE, List.of())))
                .withFilter("(objectClass=user)");
        try (var people = new LdapDirectory(settings)) {
            for (var words : List.of("ddean", "dean@", "dean", "dora")) {
                var dora = persons(people.find(ACCOUNT, new Query(words, 5, true, true)))
                        .persons()
                        .getFirst();
                assertThat(dora.addresses()).containsExactly("dora@example.org", "dean@example.org");
                assertThat(dora.get(Field.ALIAS)).hasValue("ddean");
                assertThat(dora.get(Field.COMPANY)).hasValue("Example AG");
                assertThat(dora.get(Field.OFFICE)).hasValue("2.71");
                assertThat(dora.get(Field.TITLE))
                        .as("of an attribute of the configuration")
                        .hasValue("Example AG");
                assertThat(dora.photo()).isPresent();
            }
        } finally {
            ad.shutDown(true);
        }
    }

    @Test
    void theLimitOfTheConfigurationHoldsBeforeThatOfTheQuery() {
        var settings = settings(server.getListenPort()).withLimits(Duration.ofSeconds(1), Duration.ofSeconds(1), 7);
        try (var people = new LdapDirectory(settings)) {
            var some = persons(people.find(ACCOUNT, new Query("carol", 20)));
            assertThat(some.persons()).hasSize(7);
            assertThat(some.more()).isTrue();
        }
    }

    @Test
    void whatAServerSaysOfTheSearchIsNotInTheWordsForTheLog() throws IOException {
        var success = new byte[] {0x30, 0x0c, 0x02, 0x01, 0x01, 0x61, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00};
        var refusal = new byte[] {
            0x30, 0x13, 0x02, 0x01, 0x02, 0x65, 0x0e, 0x0a, 0x01, 0x35, 0x04, 0x00, 0x04, 0x07, 'z', 'e', 'b', 'e', 'd',
            'e', 'e'
        };
        try (var refuses = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var people = new LdapDirectory(settings(refuses.getLocalPort()))) {
            Thread.ofVirtual().start(() -> {
                try (var client = refuses.accept()) {
                    var in = client.getInputStream();
                    assertThat(in.read()).isEqualTo(0x30);
                    in.readNBytes(in.read());
                    client.getOutputStream().write(success);
                    assertThat(in.read()).isEqualTo(0x30);
                    client.getOutputStream().write(refusal);
                    in.transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // The client went away.
                }
            });
            assertThat(people.find(ACCOUNT, new Query("zebedee", 5)))
                    .isEqualTo(new Found.Unavailable(
                            "127.0.0.1:%d: unwilling to perform (53)".formatted(refuses.getLocalPort())));
        }
    }

    @Test
    void nobodyThereIsAnAbsence() throws IOException {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (var people = new LdapDirectory(settings(port))) {
            assertThat(people.find(ACCOUNT, new Query("bob", 5))).isInstanceOf(Found.Unavailable.class);
        }
    }

    @Test
    void aServerThatAcceptsAndSaysNothingIsWaitedForWithinTheLimits() throws IOException {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var people = new LdapDirectory(settings(silent.getLocalPort()))) {
            long began = System.nanoTime();
            var found = people.find(ACCOUNT, new Query("bob", 5));
            assertThat(found).isNotInstanceOf(Found.Persons.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        }
    }
}
