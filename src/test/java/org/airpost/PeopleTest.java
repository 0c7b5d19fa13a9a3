package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.app.Gateway;
import org.airpost.backend.Account;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.backend.ldap.OpenLdap;
import org.airpost.backend.sieve.Pigeonhole;
import org.airpost.config.Config;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.PeopleFound;
import org.airpost.phone.Phone;
import org.airpost.phone.QueryForm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A phone that looks people up in OpenLDAP, and is away on Dovecot with Pigeonhole. */
@Timeout(120)
class PeopleTest {

    private static final String PEOPLE = """
            dn: uid=emma,dc=example,dc=org
            objectClass: inetOrgPerson
            uid: emma
            cn: Emma Example
            sn: Example
            mail: emma@example.org
            mail: e.example@example.org
            title: Pilot

            dn: uid=anna,dc=example,dc=org
            objectClass: inetOrgPerson
            uid: anna
            cn: Anna Example
            sn: Example
            mail: anna@example.org
            mail: a.example@example.org

            """;

    @TempDir
    Path directory;

    private Gateway gateway(Pigeonhole mail, OpenLdap people) throws Exception {
        var settings = Map.ofEntries(
                Map.entry("AIRPOST_HTTP_ADDRESS", "127.0.0.1"),
                Map.entry("AIRPOST_HTTP_PORT", "0"),
                Map.entry("AIRPOST_CONSOLE_ENABLED", "false"),
                Map.entry("AIRPOST_HTTP_PLAIN", "true"),
                Map.entry("AIRPOST_HTTP_GRACEFUL_STOP", "0 s"),
                Map.entry("AIRPOST_STORE_KIND", "memory"),
                Map.entry("AIRPOST_USERS_DOMAIN", "example.org"),
                Map.entry("AIRPOST_IMAP_HOST", "127.0.0.1"),
                Map.entry("AIRPOST_IMAP_PORT", Integer.toString(mail.imapPort())),
                Map.entry("AIRPOST_IMAP_SECURITY", "plain"),
                Map.entry("AIRPOST_LDAP_HOST", "127.0.0.1"),
                Map.entry("AIRPOST_LDAP_PORT", Integer.toString(people.tlsPort())),
                Map.entry("AIRPOST_LDAP_TRUST", people.certificate().toString()),
                Map.entry("AIRPOST_LDAP_BIND_DN", OpenLdap.ADMIN),
                Map.entry("AIRPOST_LDAP_PASSWORD", OpenLdap.PASSWORD),
                Map.entry("AIRPOST_LDAP_BASE", OpenLdap.BASE),
                Map.entry("AIRPOST_LDAP_ATTRIBUTES", "phone="),
                Map.entry("AIRPOST_LDAP_TIME_LIMIT", "2 s"),
                Map.entry("AIRPOST_PEOPLE_SEEN", "false"),
                Map.entry("AIRPOST_SIEVE_HOST", "127.0.0.1"),
                Map.entry("AIRPOST_SIEVE_PORT", Integer.toString(mail.port())),
                Map.entry("AIRPOST_SIEVE_SECURITY", "plain"));
        return Gateway.start(Config.load(Optional.empty(), settings));
    }

    private static Phone phone(URI server, Account account) {
        var phone = new Phone(
                server,
                account.user(),
                "secret",
                ProtocolVersion.V16_1,
                "people",
                "Test",
                new Tls(new Trust.Any()).context(),
                QueryForm.PLAIN);
        assertThat(phone.provision().succeeded()).isTrue();
        assertThat(phone.folderSync().status()).isEqualTo(1);
        return phone;
    }

    @Test
    void peopleAreFoundAndTheAbsenceIsAnswered() throws Exception {
        OpenLdap.assumeInstalled();
        Pigeonhole.assumeInstalled();
        try (var mail = Pigeonhole.start(false, "");
                var people = OpenLdap.start(PEOPLE);
                var gateway = gateway(mail, people)) {
            var anna = mail.user("anna");
            try (var phone = phone(gateway.address(), anna)) {
                assertThat(phone.searchPeople("emm"))
                        .isEqualTo(new PeopleFound(
                                1,
                                List.of(new PeopleFound.Person("Emma Example", "emma@example.org", "", "Pilot")),
                                1));
                assertThat(phone.settingsUserInformation().addresses())
                        .containsExactly("anna@example.org", "a.example@example.org");

                assertThat(phone.away().state()).isZero();
                var from = Instant.now().minus(Duration.ofHours(1));
                assertThat(phone.setAway("Grüße, I am away", Optional.of(from), Optional.of(from.plusSeconds(7200))))
                        .isEqualTo(1);
                var away = phone.away();
                assertThat(away.state()).isEqualTo(2);
                assertThat(away.internal()).isEqualTo("Grüße, I am away");
                mail.deliver(anna, "bob@elsewhere.org", "hello");
                assertThat(mail.takeAnswers()).hasSize(1);
                assertThat(phone.endAway()).isEqualTo(1);
                mail.deliver(anna, "carl@elsewhere.org", "hello again");
                assertThat(mail.takeAnswers()).isEmpty();

                people.kill();
                long began = System.nanoTime();
                assertThat(phone.searchPeople("emm").status())
                        .as("the directory is away")
                        .isEqualTo(7);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
                assertThat(phone.violations()).isEmpty();
            }
        }
    }
}
