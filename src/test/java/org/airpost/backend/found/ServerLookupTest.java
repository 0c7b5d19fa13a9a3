package org.airpost.backend.found;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Home;
import org.airpost.backend.Security;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.found.Dns.Looked;
import org.airpost.backend.found.ServerLookup.Found;
import org.airpost.backend.found.ServerLookup.Place;
import org.airpost.backend.found.ServerLookup.Result;
import org.airpost.backend.found.WebFiles.Got;
import org.airpost.backend.memory.MemoryMail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerLookupTest {

    private static final String FILE = """
            <?xml version="1.0"?>
            <clientConfig version="1.1"><emailProvider id="example.net"><domain>example.net</domain>
              <incomingServer type="pop3"><hostname>pop.example.net</hostname><port>995</port>
                <socketType>SSL</socketType><username>%EMAILADDRESS%</username></incomingServer>
              <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port>
                <socketType>SSL</socketType><authentication>password-cleartext</authentication>
                <username>%EMAILLOCALPART%</username></incomingServer>
              <outgoingServer type="smtp"><hostname>smtp.example.net</hostname><port>587</port>
                <socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username>
                <authentication>password-cleartext</authentication></outgoingServer>
            </emailProvider></clientConfig>""";

    private final Map<String, Looked<List<Dns.Service>>> services = new HashMap<>();
    private final Map<String, Looked<List<InetAddress>>> addresses = new HashMap<>();
    private final Map<String, Got> files = new HashMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    /** What happens before a question is answered. */
    private final Map<String, Runnable> held = new ConcurrentHashMap<>();

    private final Dns dns = new Dns() {
        @Override
        public Looked<List<Service>> services(String name) {
            asked.add(name);
            held.getOrDefault(name, () -> {}).run();
            return services.getOrDefault(name, new Looked.None<>());
        }

        @Override
        public Looked<List<InetAddress>> addresses(String name) {
            return addresses.getOrDefault(name, new Looked.None<>());
        }

        @Override
        public Looked<List<String>> alias(String name) {
            return new Looked.None<>();
        }
    };

    private final ServerLookup lookup = new ServerLookup(
            dns,
            address -> {
                asked.add(address);
                return files.getOrDefault(address, new Got.None());
            },
            Set.of("Mail.operator.example", "smtp.operator.example"));

    private Result find(boolean strictly) {
        return lookup.find("example.net", strictly, Duration.ofMinutes(1));
    }

    private void service(String name, Dns.Service... records) {
        services.put(name, new Looked.Found<>(List.of(records)));
    }

    private void address(String name, String address) {
        addresses.put(name, new Looked.Found<>(List.of(InetAddress.ofLiteral(address))));
    }

    private void file(String content) {
        files.put("https://autoconfig.example.net/mail/config-v1.1.xml", new Got.File(content.getBytes(UTF_8)));
    }

    private void srv(String imap, String smtp) {
        service("_imaps._tcp.example.net", new Dns.Service(0, 1, 993, imap));
        service("_submission._tcp.example.net", new Dns.Service(0, 1, 587, smtp));
    }

    @Test
    void serversByService() {
        service(
                "_imaps._tcp.example.net",
                new Dns.Service(10, 1, 993, "second.example.net"),
                new Dns.Service(0, 1, 993, "third.example.net"),
                new Dns.Service(0, 5, 1993, "first.example.net"));
        service("_submissions._tcp.example.net", new Dns.Service(0, 1, 465, "smtp.example.net"));
        assertThat(find(false))
                .isEqualTo(new Result.Servers(new Found(
                        new Place("first.example.net", 1993, Security.TLS),
                        new Place("smtp.example.net", 465, Security.TLS),
                        "{address}")));
        assertThat(asked).noneMatch(name -> name.startsWith("https:"));
    }

    @Test
    void serversByStartTlsWhereTlsIsDecidedlyNot() {
        service("_imaps._tcp.example.net", new Dns.Service(0, 0, 0, "."));
        service("_imap._tcp.example.net", new Dns.Service(0, 0, 143, "mail.example.net"));
        service("_submission._tcp.example.net", new Dns.Service(0, 0, 587, "mail.example.net"));
        assertThat(find(false))
                .isEqualTo(new Result.Servers(new Found(
                        new Place("mail.example.net", 143, Security.STARTTLS),
                        new Place("mail.example.net", 587, Security.STARTTLS),
                        "{address}")));
    }

    @Test
    void serversByTheDomainsFile() {
        file(FILE);
        assertThat(find(false))
                .isEqualTo(new Result.Servers(new Found(
                        new Place("imap.example.net", 993, Security.TLS),
                        new Place("smtp.example.net", 587, Security.STARTTLS),
                        "{local}")));
    }

    @Test
    void theSecondPlaceOfTheFile() {
        files.put(
                "https://example.net/.well-known/autoconfig/mail/config-v1.1.xml", new Got.File(FILE.getBytes(UTF_8)));
        assertThat(find(false)).isInstanceOf(Result.Servers.class);
    }

    @Test
    void nothingIsNothingAndNotNowIsNotNow() {
        assertThat(find(false)).isEqualTo(new Result.None());
        services.put("_imaps._tcp.example.net", new Looked.Failed<>("timed out"));
        assertThat(find(false)).isEqualTo(new Result.Failed("timed out"));
        services.clear();
        files.put("https://autoconfig.example.net/mail/config-v1.1.xml", new Got.Failed("HTTP 503"));
        assertThat(find(false)).isEqualTo(new Result.Failed("HTTP 503"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no xml",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><clientConfig>&x;</clientConfig>",
                "<clientConfig version='1.1'><emailProvider id='x'><incomingServer type='exchange'/></emailProvider></clientConfig>"
            })
    void aFileThatNamesNoServersIsNone(String content) {
        file(content);
        assertThat(find(false)).isEqualTo(new Result.None());
    }

    @Test
    void onlyProtectedConnectionsWithAPasswordAreTaken() {
        for (var bad : List.of(
                FILE.replace("<socketType>SSL</socketType>", "<socketType>plain</socketType>"),
                FILE.replace("password-cleartext", "OAuth2"),
                FILE.replace("%EMAILLOCALPART%", "everybody"),
                FILE.replace("imap.%EMAILDOMAIN%", "imap.example.net/x"),
                FILE.replace("<port>993</port>", "<port>99999</port>"))) {
            file(bad);
            assertThat(find(false)).as(bad).isEqualTo(new Result.None());
        }
    }

    // A domain that nobody has named

    @Test
    void strictlyAServerOutsideOfTheDomainIsNotBelieved() {
        srv("mail.attacker.example", "mail.attacker.example");
        address("mail.attacker.example", "192.0.2.1");
        assertThat(find(false)).isInstanceOf(Result.Servers.class);
        assertThat(find(true)).isEqualTo(new Result.None());
        srv("mail.example.net", "mail.example.net");
        address("mail.example.net", "192.0.2.1");
        assertThat(find(true)).isInstanceOf(Result.Servers.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "192.168.0.1",
                "169.254.169.254",
                "0.1.2.3",
                "100.64.0.1",
                "100.127.255.255",
                "255.255.255.255",
                "::1",
                "fd00::1",
                "fe80::1",
                "64:ff9b::a00:1",
                "64:ff9b:1::a00:1",
                "::10.0.0.1"
            })
    void strictlyNoServerInAPrivateNetwork(String address) {
        srv("mail.example.net", "mail.example.net");
        address("mail.example.net", address);
        assertThat(find(true)).isEqualTo(new Result.None());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0.0.1", "100.63.255.255", "100.128.0.1", "64:ff9b:2::1", "2001:db8::1"})
    void strictlyAServerInThePublicNetwork(String address) {
        srv("mail.example.net", "mail.example.net");
        address("mail.example.net", address);
        assertThat(find(true)).isInstanceOf(Result.Servers.class);
    }

    @Test
    void strictlyNoAddressThatIsMapped() throws Exception {
        srv("mail.example.net", "mail.example.net");
        var mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xFF;
        mapped[12] = 10;
        addresses.put(
                "mail.example.net",
                new Looked.Found<>(List.of(Inet6Address.getByAddress("mail.example.net", mapped, -1))));
        assertThat(find(true)).isEqualTo(new Result.None());
    }

    @Test
    void strictlyNoFileIsFetchedFromAPrivateNetwork() {
        file(FILE);
        address("imap.example.net", "192.0.2.1");
        address("smtp.example.net", "192.0.2.1");
        for (var host : List.of("10.0.0.1", "127.0.0.1")) {
            address("autoconfig.example.net", host);
            address("example.net", host);
            assertThat(find(true)).isEqualTo(new Result.None());
        }
        assertThat(asked).noneMatch(name -> name.startsWith("https:"));
        address("autoconfig.example.net", "192.0.2.1");
        assertThat(find(true)).isInstanceOf(Result.Servers.class);
    }

    @Test
    void strictlyTheUsualPortsAlone() {
        srv("mail.example.net", "mail.example.net");
        address("mail.example.net", "192.0.2.1");
        service("_imaps._tcp.example.net", new Dns.Service(0, 1, 6379, "mail.example.net"));
        assertThat(find(true)).isEqualTo(new Result.None());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mail.operator.example", "MAIL.Operator.example."})
    void strictlyNoServerOfOurs(String ours) {
        address(ours, "192.0.2.1");
        address("imap.example.net", "192.0.2.1");
        address("smtp.example.net", "192.0.2.1");
        address("autoconfig.example.net", "192.0.2.1");
        for (var own : List.of("imap.%EMAILDOMAIN%", "smtp.example.net")) {
            file(FILE);
            assertThat(find(true)).isInstanceOf(Result.Servers.class);
            file(FILE.replace(own, ours));
            assertThat(find(true)).isEqualTo(new Result.None());
            assertThat(find(false)).as("a domain that is configured").isInstanceOf(Result.Servers.class);
        }
    }

    // What is remembered

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-26T12:00:00Z"));
    private final Home everybody = home("");

    private Home home(String domain) {
        return new Home(
                domain, "{user}", new MemoryMail(now::get), (_, _, _, _) -> new Submitted.Deferred("not in this test"));
    }

    private FoundHomes homes(String... domains) {
        return new FoundHomes(
                lookup,
                everybody,
                (domain, _) -> home(domain),
                new FoundHomes.Settings(List.of(domains), Duration.ofHours(1), Duration.ofSeconds(5)),
                now::get);
    }

    @Test
    void onlyNamedDomainsAreLookedUp() {
        srv("mail.example.net", "mail.example.net");
        var homes = homes("example.net");
        assertThat(homes.of("example.org")).isSameAs(everybody);
        assertThat(homes.of("")).isSameAs(everybody);
        assertThat(asked).isEmpty();
        assertThat(homes.of("example.net").domain()).isEqualTo("example.net");
    }

    @Test
    void anOutcomeIsBelievedForAWhile() {
        var homes = homes("example.net");
        assertThat(homes.of("example.net")).isSameAs(everybody);
        srv("mail.example.net", "mail.example.net");
        assertThat(homes.of("example.net")).isSameAs(everybody);
        now.updateAndGet(t -> t.plus(Duration.ofMinutes(61)));
        var home = homes.of("example.net");
        assertThat(home.domain()).isEqualTo("example.net");
        now.updateAndGet(t -> t.plus(Duration.ofMinutes(61)));
        assertThat(homes.of("example.net")).as("the same servers").isSameAs(home);
    }

    @Test
    void aNameServerThatIsAwayTakesNoServersAwayAndGivesNoneToOthers() {
        var homes = homes("*");
        services.put("_imaps._tcp.example.net", new Looked.Failed<>("timed out"));
        assertThatThrownBy(() -> homes.of("example.net"))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("timed out");
        srv("mail.example.net", "mail.example.net");
        address("mail.example.net", "192.0.2.1");
        var home = homes.of("example.net");
        now.updateAndGet(t -> t.plus(Duration.ofMinutes(61)));
        services.put("_imaps._tcp.example.net", new Looked.Failed<>("timed out"));
        assertThat(homes.of("example.net")).isSameAs(home);
    }

    @Test
    void aLookHasOneTimeForAllItsQuestions() {
        srv("mail.example.net", "mail.example.net");
        assertThat(lookup.find("example.net", false, Duration.ZERO)).isInstanceOf(Result.Failed.class);
        assertThat(asked).isEmpty();
    }

    @Test
    void strangersThatHoldAllLooksKeepNoKnownDomainFromItsServers() throws Exception {
        var homes = homes("*");
        srv("mail.example.net", "mail.example.net");
        address("mail.example.net", "192.0.2.1");
        var home = homes.of("example.net");
        assertThat(homes.of("example.org")).isSameAs(everybody);
        now.updateAndGet(t -> t.plus(Duration.ofMinutes(61)));

        var go = new CountDownLatch(1);
        var begun = new CountDownLatch(32);
        try (var strangers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 32; i++) {
                var domain = "d" + i + ".example";
                held.put("_imaps._tcp." + domain, () -> {
                    begun.countDown();
                    await(go);
                });
                strangers.execute(() -> homes.of(domain));
            }
            try {
                assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
                assertThat(homes.of("example.net")).isSameAs(home);
                assertThat(homes.of("example.org")).isSameAs(everybody);
            } finally {
                go.countDown();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"example", "exämple.net", "example.net?x", "example.net:1", "a b.net", "..", "-"})
    void whatIsNoDomainIsNotAskedFor(String domain) {
        assertThat(homes("*").of(domain)).isSameAs(everybody);
        assertThat(asked).isEmpty();
    }
}
