package org.airpost.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {

    private static final Path COMMITTED = Path.of("conf/airpost.conf");

    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("airpost.conf"), text);
    }

    private Config load(String text) throws IOException {
        return Config.load(Optional.of(file(text)), Map.of());
    }

    private List<String> problems(String text, Map<String, String> environment) throws IOException {
        var file = file(text);
        var thrown = catchThrowableOfType(ConfigException.class, () -> Config.load(Optional.of(file), environment));
        return thrown.problems().stream()
                .map(problem -> problem.replace(file.toString(), "airpost.conf"))
                .toList();
    }

    private List<String> problems(String text) throws IOException {
        return problems(text, Map.of());
    }

    // The file in the tree

    /** With {@code -Dgolden.rewrite=true} it writes the file instead. */
    @Test
    void theCommittedFileIsWhatTheTableOfOptionsPrints() throws IOException {
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.writeString(COMMITTED, Config.document());
        }
        assertThat(Files.readString(COMMITTED, UTF_8))
                .as("conf/airpost.conf; rewrite it with -Dtest=ConfigTest -Dgolden.rewrite=true")
                .isEqualTo(Config.document());
    }

    @Test
    void theCommittedFileSetsEverythingToItsDefault() {
        assertThat(Config.load(Optional.of(COMMITTED), Map.of())).isEqualTo(Config.defaults());
    }

    @Test
    void eachOptionStandsInTheFileWithDefaultSentenceAndVariable() {
        var text = Config.document();
        var names = new HashSet<String>();
        for (var option : Options.ALL) {
            assertThat(text).contains("    " + option.name() + " = ").contains(option.environmentVariable() + ":");
            assertThat(option.sentence()).endsWith(".");
            assertThat(names.add(option.path())).as("once: %s", option.path()).isTrue();
        }
        for (var section : Options.SECTIONS) {
            assertThat(section.options()).allMatch(option -> option.section().equals(section.name()));
        }
    }

    @Test
    void eachDefaultIsReadAsItIsPrinted() {
        for (var option : Options.ALL) {
            checkDefault(option);
        }
    }

    private <T> void checkDefault(Option<T> option) {
        if (!option.kind().takesMany()) {
            var printed = option.kind().print().apply(option.standard()).replaceAll("^\"|\"$", "");
            assertThat(option.kind().parse().apply(List.of(printed)))
                    .as(option.path())
                    .contains(option.standard());
        }
    }

    // Values

    @Test
    void aShortFileChangesWhatItNames() throws IOException {
        var config = load("""
                http.port = 443
                http { maxBodyBytes = 100 MiB, readTimeout = 2 m }
                tls.names = [mail.example.org, "10.0.0.1"]
                imap {
                    host = imap.example.org
                    security = starttls
                    trust = certs/our-ca.pem
                    userTemplate = "{local}"
                }
                smtp.trust = any
                users.domain = example.org
                store { kind = memory, path = /var/lib/airpost/db }
                policy.requirePassword = true
                """);
        var standard = Config.defaults();
        assertThat(config.http().port()).isEqualTo(443);
        assertThat(config.http().maxBodyBytes()).isEqualTo(100L * 1024 * 1024);
        assertThat(config.http().readTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.http().idleTimeout()).isEqualTo(standard.http().idleTimeout());
        assertThat(config.tls().names()).containsExactly("mail.example.org", "10.0.0.1");
        assertThat(config.imap().host()).isEqualTo("imap.example.org");
        assertThat(config.imap().security()).isEqualTo(Config.Security.STARTTLS);
        assertThat(config.imap().trust()).isEqualTo(new Trust.PemFile(Path.of("certs/our-ca.pem")));
        assertThat(config.imap().userTemplate()).isEqualTo("{local}");
        assertThat(config.smtp().trust()).isEqualTo(new Trust.Anybody());
        assertThat(config.users().domain()).contains("example.org");
        assertThat(config.store())
                .isEqualTo(new Config.StoreFile(Config.StoreKind.MEMORY, Path.of("/var/lib/airpost/db")));
        assertThat(config.policy().requirePassword()).isTrue();
        assertThat(config.log()).isEqualTo(standard.log());
    }

    @Test
    void anEmptyFileAndNoFileAreTheDefaults() throws IOException {
        assertThat(load("# nothing\n")).isEqualTo(Config.defaults());
        assertThat(Config.defaults().http().port()).isEqualTo(8443);
        assertThat(Config.defaults().users().domain()).isEmpty();
        assertThat(Config.defaults().ping().greatestHeartbeat()).isEqualTo(Duration.ofMinutes(59));
    }

    @Test
    void theEnvironmentOverridesTheFile() throws IOException {
        var config = Config.load(
                Optional.of(file("http.port = 443\nimap.host = one\n")),
                Map.of(
                        "AIRPOST_HTTP_PORT", "9443",
                        "AIRPOST_HTTP_MAX_BODY_BYTES", "1 MiB",
                        "AIRPOST_TLS_NAMES", "a.example, b.example",
                        "AIRPOST_USERS_DOMAIN", "",
                        "AIRPOST_SERVICE_HOST", "10.1.1.1",
                        "HTTP_PORT", "1"));
        assertThat(config.http().port()).isEqualTo(9443);
        assertThat(config.http().maxBodyBytes()).isEqualTo(1024 * 1024);
        assertThat(config.tls().names()).containsExactly("a.example", "b.example");
        assertThat(config.imap().host()).isEqualTo("one");
        assertThat(config.users().domain()).isEmpty();
    }

    @Test
    void aGoodVariableMendsABadValueInTheFileOnlyIfTheFileIsMended() throws IOException {
        assertThat(problems("http.port = many\n", Map.of("AIRPOST_HTTP_PORT", "443")))
                .hasSize(1);
    }

    // What is wrong

    @Test
    void allProblemsAreSaidAtOnceWithLineAndReason() throws IOException {
        assertThat(problems("""
                        http {
                            prot = 443
                            readTimeout = 60
                            maxBodyBytes = 64 MB
                        }
                        imap.security = ssl

                        nonsense = 1
                        tls.names = localhost
                        smtp = fast
                        imap.port = [1, 2]
                        store.path = null
                        """, Map.of("AIRPOST_LOG_LEVEL", "loud")))
                .containsExactly(
                        "airpost.conf:2: there is no option http.prot; did you mean http.port?",
                        "airpost.conf:3: http.readTimeout is \"60\"; wanted is a time from 1 s to 60 m with its unit"
                                + " (ms, s, m, h, d)",
                        "airpost.conf:4: http.maxBodyBytes is \"64 MB\"; wanted is a size from 64 KiB to 2 GiB with its"
                                + " unit (B, KiB, MiB, GiB)",
                        "airpost.conf:6: imap.security is \"ssl\"; wanted is tls or starttls or plain",
                        "airpost.conf:8: there is no option nonsense",
                        "airpost.conf:9: tls.names is a string; wanted is a list of host names or IP addresses",
                        "airpost.conf:10: smtp is a section, so write smtp { … }",
                        "airpost.conf:11: imap.port is a list; wanted is a number from 1 to 65535",
                        "airpost.conf:12: store.path is nothing; wanted is a file",
                        "AIRPOST_LOG_LEVEL: log.level is \"loud\"; wanted is error or warn or info or debug or trace");
    }

    @Test
    void aFileThatIsNoHoconIsRefusedWithItsLine() throws IOException {
        assertThat(problems("http {\n  port = 1\n  address = \"open\n}\n"))
                .singleElement()
                .asString()
                .startsWith("airpost.conf:3: ");
        assertThat(problems("http.port = ${NOT_THERE}\n"))
                .singleElement()
                .asString()
                .startsWith("airpost.conf:1: ");
    }

    @Test
    void aMissingFileIsRefusedByName() {
        var thrown = catchThrowableOfType(
                ConfigException.class, () -> Config.load(Optional.of(directory.resolve("none.conf")), Map.of()));
        assertThat(thrown).hasMessageContaining("none.conf").hasMessageContaining("no such file");
    }

    @Test
    void plainHttpIsOnlyForLoopback() throws IOException {
        assertThat(problems("http.plain = true\n"))
                .containsExactly("airpost.conf:1: http.plain is true, but http.address is 0.0.0.0; wanted is a loopback"
                        + " address such as 127.0.0.1, or TLS");
        assertThat(problems("", Map.of("AIRPOST_HTTP_PLAIN", "true")))
                .singleElement()
                .asString()
                .startsWith("AIRPOST_HTTP_PLAIN: ");
        for (var address : List.of("127.0.0.1", "\"::1\"", "localhost", "127.9.9.9")) {
            assertThat(load("http { plain = true, address = " + address + " }")
                            .http()
                            .plain())
                    .isTrue();
        }
    }

    @Test
    void boundsThatContradictEachOtherAreRefused() throws IOException {
        assertThat(problems("ping.greatestHeartbeat = 5 m\nping.leastHeartbeat = 10 m\n"))
                .containsExactly("airpost.conf:2: ping.leastHeartbeat is longer than ping.greatestHeartbeat");
    }

    // Kinds

    @Test
    void timesAndSizesNeedUnitsAndStayInBounds() {
        var time = Kind.duration(Duration.ZERO, Duration.ofDays(2)).parse();
        assertThat(time.apply(List.of("1500 ms"))).contains(Duration.ofMillis(1500));
        assertThat(time.apply(List.of("2d"))).contains(Duration.ofDays(2));
        for (var bad :
                List.of("3 d", "5", "s", "-1 s", "1.5 s", "1 S", "999999999999999 d", "99999999999999999999 s")) {
            assertThat(time.apply(List.of(bad))).as(bad).isEmpty();
        }
        var size = Kind.size(1, Long.MAX_VALUE).parse();
        assertThat(size.apply(List.of("3 KiB"))).contains(3072L);
        assertThat(size.apply(List.of("7B"))).contains(7L);
        for (var bad : List.of("0 B", "5", "5 KB", "5 kib", "999999999999999 GiB")) {
            assertThat(size.apply(List.of(bad))).as(bad).isEmpty();
        }
    }

    @Test
    void aLoginTemplateMustNameTheUser() {
        var template = Kind.loginTemplate().parse();
        assertThat(template.apply(List.of("{local}@example.org"))).isPresent();
        assertThat(template.apply(List.of("{address}"))).isPresent();
        for (var bad : List.of("", "postmaster", "{domain}", "{user}{unknown}")) {
            assertThat(template.apply(List.of(bad))).as(bad).isEmpty();
        }
    }

    // Domains

    @Test
    void aDomainHasWhatItSetsAndElseWhatAllHave() throws IOException {
        var config = load("""
                imap { host = imap.example.org, connectTimeout = 7 s }
                smtp.port = 465
                domains {
                    example.net { imap { host = imap.example.net, userTemplate = "{local}" } }
                    "example.com" {
                        imap.port = 143
                        smtp { host = smtp.example.com }
                        autodiscover.redirect = "https://mail.example.com:8443"
                    }
                    mail.example.edu { autodiscover { redirect = example.org } }
                }
                """);
        assertThat(config.domains().keySet())
                .containsExactlyInAnyOrder("example.net", "example.com", "mail.example.edu");
        var net = requireNonNull(config.domains().get("example.net"));
        assertThat(net.imap().host()).isEqualTo("imap.example.net");
        assertThat(net.imap().userTemplate()).isEqualTo("{local}");
        assertThat(net.imap().connectTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(net.smtp()).isEqualTo(config.smtp());
        assertThat(net.redirect()).isEqualTo(new Config.Redirect.None());
        var com = requireNonNull(config.domains().get("example.com"));
        assertThat(com.imap().port()).isEqualTo(143);
        assertThat(com.imap().host()).isEqualTo("imap.example.org");
        assertThat(com.smtp().port()).isEqualTo(465);
        assertThat(com.redirect())
                .isEqualTo(new Config.Redirect.ToServer(java.net.URI.create("https://mail.example.com:8443")));
        assertThat(requireNonNull(config.domains().get("mail.example.edu")).redirect())
                .isEqualTo(new Config.Redirect.ToDomain("example.org"));
        assertThat(config.imap().port()).isEqualTo(993);
    }

    @Test
    void whatADomainCannotHaveIsRefusedWithItsLine() throws IOException {
        assertThat(problems("""
                domains {
                    example.net { imap { hots = x } }
                    example.org { http { port = 1 } }
                    example.com { smtp { savesSent = yes } }
                    localdomain { imap { host = x } }
                    example.edu { autodiscover { redirect = "http://x.example" } }
                    example.info = 5
                }
                """))
                .satisfiesExactly(
                        problem -> assertThat(problem)
                                .isEqualTo("airpost.conf:2: a domain has no option imap.hots; did you mean imap.host?"),
                        problem -> assertThat(problem).startsWith("airpost.conf:3: a domain has no option http"),
                        problem ->
                                assertThat(problem).startsWith("airpost.conf:4: a domain has no option smtp.savesSent"),
                        problem -> assertThat(problem).startsWith("airpost.conf:5: \"localdomain\" is no mail domain"),
                        problem -> assertThat(problem)
                                .startsWith("airpost.conf:6: autodiscover.redirect is \"http://x.example\"; wanted is"),
                        problem -> assertThat(problem)
                                .startsWith("airpost.conf:7: domains.example.info is a mail domain"));
    }

    @Test
    void domainsToLookUpAreInLowerCase() throws IOException {
        assertThat(load("lookup.domains = [Example.NET, \"*\"]").lookup().domains())
                .containsExactly("example.net", "*");
        assertThat(problems("lookup.domains = [example]")).hasSize(1);
        assertThat(load("autodiscover.url = \"https://mail.example.org/\"")
                        .autodiscover()
                        .url())
                .contains(java.net.URI.create("https://mail.example.org"));
    }

    @Test
    void aSecretIsNotPrinted() {
        var kind = Kind.secret("a password");
        var secret = kind.parse().apply(List.of("geheim")).orElseThrow();
        assertThat(secret.reveal()).isEqualTo("geheim");
        assertThat(secret).hasToString("***").isEqualTo(new Secret("geheim"));
        assertThat("%s".formatted(List.of(secret))).doesNotContain("geheim");
    }
}
