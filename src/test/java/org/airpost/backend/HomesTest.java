package org.airpost.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.airpost.backend.Accounts.SignedIn;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.memory.MemoryMail;
import org.junit.jupiter.api.Test;

/** Users of several domains, each with servers of its own. */
final class HomesTest {

    private static final InstantSource CLOCK = InstantSource.system();

    private final MemoryMail everybodys = new MemoryMail(CLOCK);
    private final MemoryMail nets = new MemoryMail(CLOCK).user("anna", "net");
    private final MemoryMail coms = new MemoryMail(CLOCK).user("anna@example.com", "com");
    private final List<String> sentBy = new ArrayList<>();
    private final AtomicBoolean away = new AtomicBoolean();
    private final Map<String, Home> own = Map.of(
            "example.net", home("example.net", "{local}", nets),
            "example.com", home("example.com", "{address}", coms));

    private Home home(String domain, String template, MailBackend mail) {
        return new Home(domain, template, mail, (_, _, _, _) -> {
            sentBy.add(domain);
            return new Submitted.Taken(List.of());
        });
    }

    private Home find(String domain) {
        if (away.get() && domain.equals("example.com")) {
            throw new BackendUnavailableException("no name server", Duration.ofSeconds(20));
        }
        return own.getOrDefault(domain, home("", "{user}", everybodys));
    }

    private Accounts accounts() {
        return new Accounts((Home.Finder) this::find, new Accounts.Settings("example.org", "{user}"), CLOCK);
    }

    private static Account accepted(SignedIn result) {
        assertThat(result).isInstanceOf(SignedIn.Accepted.class);
        return ((SignedIn.Accepted) result).account();
    }

    @Test
    void eachDomainHasItsOwnServerAndTemplate() {
        everybodys.user("anna", "org");
        try (var accounts = accounts()) {
            var org = accepted(accounts.signIn(new Credentials("anna", "org")));
            var net = accepted(accounts.signIn(new Credentials("Anna@Example.NET", "net")));
            var com = accepted(accounts.signIn(new Credentials("anna@example.com", "com")));
            assertThat(List.of(org.user(), net.user(), com.user()))
                    .containsExactly("anna", "example.net:anna", "example.com:anna");
            assertThat(List.of(org.address(), net.address(), com.address()))
                    .containsExactly("anna@example.org", "anna@example.net", "anna@example.com");
        }
    }

    @Test
    void theDomainMayStandInItsOwnField() {
        try (var accounts = accounts()) {
            var net = accepted(accounts.signIn(new Credentials("example.net\\anna", "net")));
            assertThat(net.user()).isEqualTo("example.net:anna");
            assertThat(net.address()).isEqualTo("anna@example.net");
        }
    }

    @Test
    void aPasswordOfOneDomainIsNoneOfAnother() {
        everybodys.user("anna", "org");
        try (var accounts = accounts()) {
            for (var wrong : List.of(
                    new Credentials("anna@example.net", "org"),
                    new Credentials("anna@example.com", "net"),
                    new Credentials("anna", "net"))) {
                assertThat(accounts.signIn(wrong)).isInstanceOf(SignedIn.Refused.class);
            }
        }
    }

    /** Whatever a server takes as a login name, what is kept of its users is not what is kept of another domain's. */
    @Test
    void noNameAtOneServerIsThatOfAUserOfAnother() {
        for (var odd : List.of(
                "anna@example.net@example.org",
                "anna@example.net",
                "example.net:anna",
                "example.net\\anna@example.org")) {
            everybodys.user(odd, "org").user(odd.replaceFirst(".*\\\\", ""), "org");
        }
        try (var accounts = accounts()) {
            var net = accepted(accounts.signIn(new Credentials("anna@example.net", "net")))
                    .user();
            for (var name : List.of(
                    "anna@example.net@example.org",
                    "anna@example.net",
                    "example.net:anna",
                    "x\\example.net:anna",
                    "example.net\\anna@example.org")) {
                var result = accounts.signIn(new Credentials(name, "org"));
                if (result instanceof SignedIn.Accepted(var account)) {
                    assertThat(account.user()).as(name).isNotEqualTo(net);
                }
            }
        }
    }

    @Test
    void anAddressWithTwoDomainsIsNotThatWithOne() {
        everybodys.user("anna@example.edu", "edu").user("anna@example.edu@example.org", "org");
        try (var accounts = accounts()) {
            var one = accepted(accounts.signIn(new Credentials("anna@example.edu", "edu")));
            var two = accepted(accounts.signIn(new Credentials("anna@example.edu@example.org", "org")));
            assertThat(one.user()).isNotEqualTo(two.user());
        }
    }

    @Test
    void mailGoesOutByTheServerOfTheDomain() {
        try (var accounts = accounts()) {
            var submission = new HomeSubmission(this::find);
            var com = accepted(accounts.signIn(new Credentials("anna@example.com", "com")));
            var net = accepted(accounts.signIn(new Credentials("anna@example.net", "net")));
            submission.submit(com.credentials(), com.address(), List.of("a@b.c"), MessageSource.of(new byte[0]));
            submission.submit(net.credentials(), net.address(), List.of("a@b.c"), MessageSource.of(new byte[0]));
            assertThat(sentBy).containsExactly("example.com", "example.net");
        }
    }

    @Test
    void aDomainWhoseServersCannotBeFoundNowIsNotEverybodys() {
        everybodys.user("anna@example.com", "com");
        try (var accounts = accounts()) {
            var com = accepted(accounts.signIn(new Credentials("anna@example.com", "com")));
            away.set(true);
            assertThatThrownBy(() -> accounts.signIn(new Credentials("anna@example.com", "other")))
                    .isInstanceOf(BackendUnavailableException.class);
            assertThat(everybodys.signIns()).isZero();
            assertThat(new HomeSubmission(this::find)
                            .submit(com.credentials(), com.address(), List.of("a@b.c"), MessageSource.of(new byte[0])))
                    .isInstanceOf(Submitted.Deferred.class);
        }
    }

    @Test
    void aDomainThatLostItsServersSendsNoPasswordToThoseOfEverybody() {
        var sent = new HomeSubmission(domain -> home("", "{user}", everybodys))
                .submit(
                        new Credentials("anna", "net", "example.net"),
                        "anna@example.net",
                        List.of("a@b.c"),
                        MessageSource.of(new byte[0]));
        assertThat(sent).isInstanceOf(Submitted.Deferred.class);
        assertThat(sentBy).isEmpty();
    }
}
