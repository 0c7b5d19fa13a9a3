package org.airpost.cli.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.airpost.app.Gateway;
import org.airpost.backend.found.Dns;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.cli.check.Finding.Verdict;
import org.airpost.config.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Good set-ups and broken ones, and the cure for each. */
@Timeout(60)
class CheckTest {

    private static final String USER = "alice@example.org";
    private static final String[] NAMES = {"mail.example.org", "autodiscover.example.org"};
    private static Certificates.Signed authority;

    private final MemoryMail mail = new MemoryMail(InstantSource.system()).user(USER, "secret");
    private final List<AutoCloseable> started = new ArrayList<>();
    private ScriptedNetwork network;

    @TempDir
    Path directory;

    /** The gateway answers 3 s before that. */
    private Duration hold = Duration.ofSeconds(4);

    private String password = "secret";
    private Optional<URI> server = Optional.of(URI.create("https://mail.example.org"));

    @BeforeAll
    static void authority() throws Exception {
        authority = Certificates.authority("CN=Authority of the test");
    }

    @BeforeEach
    void start() throws Exception {
        network = closing(new ScriptedNetwork());
        network.aliases.put("autodiscover.example.org", "mail.example.org");
        mail.deliver(USER, "INBOX", "Subject: Hello\r\n\r\nText\r\n".getBytes(UTF_8), Set.of());
    }

    @AfterEach
    void stop() throws Exception {
        for (var one : started.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T closing(T one) {
        started.add(one);
        return one;
    }

    private Gateway gateway(Map<String, String> more) throws Exception {
        var settings = new HashMap<>(Map.of(
                "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                "AIRPOST_HTTP_PORT", "0",
                "AIRPOST_CONSOLE_ENABLED", "false",
                "AIRPOST_HTTP_PLAIN", "true",
                "AIRPOST_HTTP_GRACEFUL_STOP", "0 s",
                "AIRPOST_STORE_KIND", "memory",
                "AIRPOST_USERS_DOMAIN", "example.org",
                "AIRPOST_PING_LEAST_HEARTBEAT", "1 s",
                "AIRPOST_IMAP_USER_TEMPLATE", "{address}",
                "AIRPOST_AUTODISCOVER_URL", "https://mail.example.org"));
        settings.putAll(more);
        return closing(Gateway.start(Config.load(Optional.empty(), settings), mail, new MemorySubmission(mail)));
    }

    private Front front(SSLContext tls, URI target) throws Exception {
        var front = closing(new Front(tls, target));
        network.place("mail.example.org", front.port()).place("autodiscover.example.org", front.port());
        return front;
    }

    private Front good() throws Exception {
        return good(Map.of());
    }

    private Front good(Map<String, String> more) throws Exception {
        return front(
                Certificates.server(authority, NAMES).server(1), gateway(more).address());
    }

    private List<Finding> check() throws Exception {
        var believed = Certificates.believing(authority);
        var tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {believed}, null);
        return new Check(
                        new Check.Settings(server, USER, password, hold, 2_000_000, "A1B2C3D4"),
                        network,
                        tls,
                        believed,
                        InstantSource.system(),
                        _ -> {})
                .run();
    }

    private static List<Finding> bad(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.verdict() == Verdict.BAD)
                .toList();
    }

    /** The one thing that is wrong has these words, and this cure; the rest is well. */
    private void one(String step, String words, String cure) throws Exception {
        var findings = check();
        assertThat(bad(findings)).as("%s", findings).singleElement().satisfies(finding -> {
            assertThat(finding.step()).isEqualTo(step);
            assertThat(finding.words()).contains(words);
            assertThat(finding.cure().orElseThrow()).contains(cure);
        });
    }

    /** The last thing that was tried has these words, and this cure. */
    private void ends(String step, String words, String cure) throws Exception {
        var findings = check();
        assertThat(findings.getLast().step()).as("%s", findings).isEqualTo("end");
        assertThat(bad(findings)).as("%s", findings).anySatisfy(finding -> {
            assertThat(finding.step()).isEqualTo(step);
            assertThat(finding.words()).contains(words);
            assertThat(finding.cure().orElseThrow()).contains(cure);
        });
    }

    // Good ones

    @Test
    void aGoodServerIsGoodStepByStep() throws Exception {
        good();
        var findings = check();
        assertThat(bad(findings)).as("%s", findings).isEmpty();
        assertThat(findings)
                .extracting(Finding::step)
                .containsSubsequence(
                        "DNS",
                        "DNS",
                        "autodiscover",
                        "connection",
                        "TLS",
                        "certificate",
                        "server",
                        "sign-in",
                        "OPTIONS",
                        "Provision",
                        "FolderSync",
                        "Sync",
                        "large mail",
                        "Ping");
        assertThat(findings.getFirst()).hasToString("✓ DNS          mail.example.org is 192.0.2.7");
    }

    @Test
    void aMailAddressIsEnough() throws Exception {
        good();
        server = Optional.empty();
        var findings = check();
        assertThat(bad(findings)).as("%s", findings).isEmpty();
        assertThat(findings)
                .extracting(Finding::words)
                .contains(
                        "autodiscover.example.org is mail.example.org (192.0.2.7)",
                        "autodiscover.example.org names the server https://mail.example.org/Microsoft-Server-ActiveSync",
                        "the newest mail of the Inbox came through");
    }

    @Test
    void aPolicyIsSaidAndIsNoFault() throws Exception {
        good(Map.of("AIRPOST_POLICY_REQUIRE_PASSWORD", "true", "AIRPOST_POLICY_MIN_PASSWORD_LENGTH", "6"));
        var findings = check();
        assertThat(bad(findings)).as("%s", findings).isEmpty();
        assertThat(findings)
                .extracting(Finding::words)
                .contains("phones must be locked with a PIN or password of 6 characters or more");
    }

    // DNS

    @Test
    void noAddress() throws Exception {
        good();
        network.noAddress("mail.example.org");
        ends("DNS", "there is no address for mail.example.org", "Make an A record");
    }

    @Test
    void noNameServer() throws Exception {
        good();
        network.addresses.put("mail.example.org", new Dns.Looked.Failed<>("timed out"));
        ends("DNS", "no name server could say: timed out", "working name server");
    }

    @Test
    void noAutodiscoverName() throws Exception {
        good();
        network.noAddress("autodiscover.example.org");
        one(
                "DNS",
                "there is no autodiscover.example.org",
                "Make a CNAME record autodiscover.example.org that points to the gateway's name");
        server = Optional.empty();
        ends("DNS", "there is no autodiscover.example.org", "CNAME");
    }

    @Test
    void aServiceRecordAlone() throws Exception {
        good();
        network.noAddress("autodiscover.example.org");
        network.services.put(
                "_autodiscover._tcp.example.org",
                new Dns.Looked.Found<>(List.of(new Dns.Service(0, 0, 443, "mail.example.org"))));
        server = Optional.empty();
        var findings = check();
        assertThat(bad(findings)).as("%s", findings).isEmpty();
        assertThat(findings)
                .extracting(Finding::words)
                .anyMatch(words -> words.contains("some phones do not look there"));
    }

    // Autodiscover

    @Test
    void autodiscoverPointsElsewhere() throws Exception {
        good(Map.of("AIRPOST_AUTODISCOVER_URL", "https://old.example.org"));
        one(
                "autodiscover",
                "phones are sent to old.example.org:443, not to mail.example.org:443",
                "point the CNAME record autodiscover.example.org to this one");
    }

    @Test
    void autodiscoverIsNotPassedOn() throws Exception {
        good().answers("/autodiscover/", new Front.Page(404, "text/html", "<html>Not Found</html>", ""));
        one("autodiscover", "does not know Autodiscover (HTTP 404)", "pass /autodiscover/ on");
    }

    @Test
    void theCertificateLacksTheNameOfAutodiscover() throws Exception {
        front(
                Certificates.server(authority, "mail.example.org").server(1),
                gateway(Map.of()).address());
        one(
                "autodiscover",
                "it is for mail.example.org, not for autodiscover.example.org",
                "Get a certificate with autodiscover.example.org in it");
    }

    // Connection and TLS

    @Test
    void nobodyListens() throws Exception {
        good();
        network.nobodyAt("mail.example.org");
        ends("connection", "nobody listens at mail.example.org, port 443", "Start Airpost");
    }

    @Test
    void aPlainPort() throws Exception {
        good();
        var plain = gateway(Map.of()).address().getPort();
        network.place("mail.example.org", plain).place("autodiscover.example.org", plain);
        ends("TLS", "speaks plain HTTP", "Name the port with TLS");
    }

    /** As a server does that knows TLS 1.1 and older: a fatal alert, protocol_version. Source: RFC 5246 §7.2. */
    @Test
    void oldTlsOnly() throws Exception {
        var old = closing(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(() -> {
            while (true) {
                try (var socket = old.accept()) {
                    socket.getInputStream().readNBytes(5);
                    socket.getOutputStream().write(new byte[] {21, 3, 1, 0, 2, 2, 70});
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (java.io.IOException e) {
                    if (old.isClosed()) {
                        return;
                    }
                }
            }
        });
        network.place("mail.example.org", old.getLocalPort()).place("autodiscover.example.org", old.getLocalPort());
        ends("TLS", "only TLS versions that phones refuse", "Allow TLS 1.2 and 1.3");
    }

    @Test
    void theWrongNameInTheCertificate() throws Exception {
        front(
                Certificates.server(authority, "www.example.org", "*.mail.example.org")
                        .server(1),
                gateway(Map.of()).address());
        ends(
                "certificate",
                "it is for *.mail.example.org, www.example.org, not for mail.example.org",
                "Get a certificate with mail.example.org in it");
    }

    @Test
    void aCertificateThatHasEnded() throws Exception {
        front(
                Certificates.server(authority, Duration.ofDays(-3), NAMES).server(1),
                gateway(Map.of()).address());
        ends("certificate", "it ended on ", "Renew it");
    }

    @Test
    void aCertificateThatEndsSoonIsANote() throws Exception {
        front(
                Certificates.server(authority, Duration.ofDays(5), NAMES).server(1),
                gateway(Map.of()).address());
        var findings = check();
        assertThat(bad(findings)).as("%s", findings).isEmpty();
        assertThat(findings).extracting(Finding::words).anyMatch(words -> words.startsWith("it ends soon"));
    }

    @Test
    void anAuthorityThatNobodyKnows() throws Exception {
        var other = Certificates.authority("CN=Somebody");
        front(Certificates.server(other, NAMES).server(2), gateway(Map.of()).address());
        ends("certificate", "no authority that is known here has signed it: CN=Somebody", "Let's Encrypt");
    }

    @Test
    void airpostsOwnAuthority() throws Exception {
        var own = Certificates.authority("CN=Airpost CA 1234");
        front(Certificates.server(own, NAMES).server(2), gateway(Map.of()).address());
        ends("certificate", "Airpost's own authority", "certs/ca.crt");
    }

    @Test
    void aChainWithoutItsMiddle() throws Exception {
        var middle = Certificates.intermediate("CN=Middle", authority);
        front(Certificates.server(middle, NAMES).server(1), gateway(Map.of()).address());
        ends("certificate", "the server sends its own certificate alone", "fullchain.pem");
    }

    @Test
    void aWholeChainIsGood() throws Exception {
        var middle = Certificates.intermediate("CN=Middle", authority);
        front(
                Certificates.server(middle, "*.example.org").server(2),
                gateway(Map.of()).address());
        assertThat(bad(check())).isEmpty();
    }

    // The server and the proxy before it

    @Test
    void noActiveSyncServer() throws Exception {
        good().answers("Microsoft-Server", new Front.Page(404, "text/html", "<html>Not Found</html>", ""));
        ends("server", "there is no ActiveSync server", "a proxy must pass /Microsoft-Server-ActiveSync on");
    }

    @Test
    void aWebPageForEverybody() throws Exception {
        good().answers("Microsoft-Server", new Front.Page(200, "text/html", "<html>Welcome</html>", ""));
        ends("server", "strangers are let in", "Let /Microsoft-Server-ActiveSync lead to Airpost");
    }

    @Test
    void sentOn() throws Exception {
        good().answers("Microsoft-Server", new Front.Page(301, "text/html", "", "https://www.example.org/"));
        ends("server", "it sends on to https://www.example.org/", "itself answer at this name");
    }

    @Test
    void theProxyDoesNotReachAirpost() throws Exception {
        var gone = new ServerSocket(0);
        int port = gone.getLocalPort();
        gone.close();
        front(Certificates.server(authority, NAMES).server(1), URI.create("http://127.0.0.1:" + port));
        ends("server", "the proxy does not reach Airpost (HTTP 502)", "compare the proxy's target");
    }

    @Test
    void optionsAreNotLetThrough() throws Exception {
        good().answers("OPTIONS", new Front.Page(405, "no"));
        ends("server", "the method OPTIONS is not let through (HTTP 405)", "Allow OPTIONS and POST");
    }

    @Test
    void theAuthorizationIsTakenOut() throws Exception {
        good().strips = true;
        ends("sign-in", "takes the Authorization header out", "Let the proxy pass it on");
    }

    @Test
    void theWrongPassword() throws Exception {
        good();
        password = "wrong";
        ends("sign-in", "the user name or the password is refused", "imap.userTemplate");
    }

    @Test
    void theMailServerIsAway() throws Exception {
        good();
        mail.down(true);
        ends("sign-in", "does not reach the IMAP server (HTTP 503)", "imap.host");
    }

    @Test
    void aDeviceInQuarantineIsNotWell() throws Exception {
        good(Map.of("AIRPOST_GATE_DEFAULT", "quarantine"));
        one("quarantine", "A1B2C3D4, waits to be admitted", "airpost device allow USER/A1B2C3D4");
    }

    @Test
    void largeMailsAreRefused() throws Exception {
        good().mostBytes = 1 << 20;
        one("large mail", "a request of 2 MB is refused (HTTP 413)", "client_max_body_size 0");
    }

    @Test
    void largeMailsDoNotGetThroughTheProxy() throws Exception {
        var front = good();
        front.mostBytes = 1 << 20;
        front.tooLarge = 504;
        one("large mail", "a request of 2 MB is answered with HTTP 504", "proxy_request_buffering off");
    }

    @Test
    void answersAreCollectedAndRewritten() throws Exception {
        good().chunks = true;
        one("answers", "they come without a Content-Length", "proxy_buffering off");
    }

    @Test
    void aWaitingPhoneIsCutOffWithAnAnswer() throws Exception {
        good().patience = Duration.ofSeconds(2);
        hold = Duration.ofSeconds(20);
        one("Ping", "a waiting phone is cut off after 2.", "proxy_read_timeout 3660s");
    }

    @Test
    void aWaitingPhoneIsCutOffWithoutAWord() throws Exception {
        var front = good();
        front.patience = Duration.ofSeconds(2);
        front.cutsWithoutAWord = true;
        hold = Duration.ofSeconds(20);
        one("Ping", "the connection was closed", "timeout server 3660s");
    }

    @Test
    void somethingAnswersInTheServersPlace() throws Exception {
        good().answers("Cmd=Ping", new Front.Page(200, ""));
        hold = Duration.ofSeconds(8);
        one("Ping", "it was answered after 0.", "let the proxy wait");
    }

    @Test
    void aLargerHeartbeatIsTakenWhereTheServerWantsOne() throws Exception {
        good(Map.of("AIRPOST_PING_LEAST_HEARTBEAT", "5 s"));
        var findings = check();
        assertThat(bad(findings)).as("%s", findings).isEmpty();
        assertThat(findings).extracting(Finding::words).anyMatch(words -> words.startsWith("it was let alone for 2."));
    }
}
