package org.airpost.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.backend.Accounts.SignedIn;
import org.airpost.backend.memory.MemoryMail;
import org.junit.jupiter.api.Test;

final class AccountsTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-24T12:00:00Z"));
    private final InstantSource clock = now::get;
    private final MemoryMail mail = new MemoryMail(clock).user("anna", "right").user("anna@example.org", "right");

    private Accounts accounts(String template) {
        return new Accounts(mail, new Accounts.Settings("Example.org", template), clock);
    }

    private void pass(Duration time) {
        now.updateAndGet(t -> t.plus(time));
    }

    private static Account accepted(SignedIn result) {
        assertThat(result).isInstanceOf(SignedIn.Accepted.class);
        return ((SignedIn.Accepted) result).account();
    }

    @Test
    void othersGuessesLockOutNoDeviceThatHasSignedInBefore() {
        try (var accounts = accounts("{user}")) {
            accepted(accounts.signIn(new Credentials("anna", "right"), "phone"));
            pass(Duration.ofMinutes(6));
            for (int i = 0; i < 10; i++) {
                assertThat(accounts.signIn(new Credentials("anna", "guess" + i), "stranger" + i))
                        .isInstanceOf(SignedIn.Refused.class);
            }
            assertThat(accounts.signIn(new Credentials("anna", "guess"), "another stranger"))
                    .isInstanceOf(SignedIn.Limited.class);
            mail.user("anna", "new");
            accepted(accounts.signIn(new Credentials("anna", "new"), "phone"));
            pass(Duration.ofMinutes(6));
            accepted(accounts.signIn(new Credentials("anna", "new"), "a new tablet"));
        }
    }

    @Test
    void aDeviceThatHasSignedInBeforeMayNotGuessWithoutEndEither() {
        try (var accounts = accounts("{user}")) {
            accepted(accounts.signIn(new Credentials("anna", "right"), "phone"));
            for (int i = 0; i < 10; i++) {
                assertThat(accounts.signIn(new Credentials("anna", "guess" + i), "phone"))
                        .isInstanceOf(SignedIn.Refused.class);
            }
            assertThat(accounts.signIn(new Credentials("anna", "guess"), "phone"))
                    .isInstanceOf(SignedIn.Limited.class);
            accepted(accounts.signIn(new Credentials("anna", "right"), "phone"));
        }
    }

    @Test
    void aUserIsTheSameWhicheverWayTheNameWasTyped() {
        for (var template : List.of("{user}", "{local}", "{address}")) {
            try (var accounts = accounts(template)) {
                var users = new ArrayList<String>();
                for (var name : List.of("anna", "EXAMPLE\\Anna", "anna@example.org", "ANNA@Example.ORG")) {
                    var account = accepted(accounts.signIn(new Credentials(name, "right")));
                    users.add(account.user());
                    assertThat(account.address()).isEqualTo("anna@example.org");
                }
                assertThat(Set.copyOf(users)).as(template).hasSize(1);
            }
        }
    }

    @Test
    void aDomainThatTheBackendNeverSeesGivesNoAddress() {
        try (var accounts = accounts("{local}")) {
            var account = accepted(accounts.signIn(new Credentials("anna@other.example", "right")));
            assertThat(account.addresses()).containsExactly("anna@example.org");
        }
    }

    @Test
    void rightCredentialsAreRememberedForFiveMinutesAndTheAccountLonger() {
        try (var accounts = accounts("{local}")) {
            var first = accepted(accounts.signIn(new Credentials("anna", "right")));
            pass(Duration.ofMinutes(4));
            assertThat(accepted(accounts.signIn(new Credentials("anna", "right")))
                            .mail())
                    .isSameAs(first.mail());
            assertThat(mail.signIns()).isEqualTo(1);
            pass(Duration.ofMinutes(2));
            assertThat(accepted(accounts.signIn(new Credentials("anna", "right")))
                            .mail())
                    .isSameAs(first.mail());
            assertThat(mail.signIns()).isEqualTo(2);
            pass(Duration.ofMinutes(66));
            assertThat(accepted(accounts.signIn(new Credentials("anna", "right")))
                            .mail())
                    .isNotSameAs(first.mail());
        }
    }

    @Test
    void anotherPasswordIsAskedAtTheBackend() {
        try (var accounts = accounts("{local}")) {
            accepted(accounts.signIn(new Credentials("anna", "right")));
            assertThat(accounts.signIn(new Credentials("anna", "wrong"))).isInstanceOf(SignedIn.Refused.class);
            mail.user("anna", "new");
            accepted(accounts.signIn(new Credentials("anna", "new")));
            pass(Duration.ofMinutes(6));
            assertThat(accounts.signIn(new Credentials("anna", "right"))).isInstanceOf(SignedIn.Refused.class);
            assertThat(accepted(accounts.signIn(new Credentials("anna", "new")))
                            .credentials()
                            .password())
                    .isEqualTo("new");
        }
    }

    @Test
    void manyDifferentWrongPasswordsEndTheTrying() {
        try (var accounts = accounts("{local}")) {
            for (int i = 0; i < 30; i++) {
                assertThat(accounts.signIn(new Credentials("anna", "old"))).isInstanceOf(SignedIn.Refused.class);
            }
            for (int i = 0; i < 9; i++) {
                assertThat(accounts.signIn(new Credentials("EXAMPLE\\anna", "guess" + i)))
                        .isInstanceOf(SignedIn.Refused.class);
            }
            assertThat(accounts.signIn(new Credentials("anna", "right")))
                    .isEqualTo(new SignedIn.Limited(Duration.ofMinutes(15)));
            pass(Duration.ofMinutes(16));
            accepted(accounts.signIn(new Credentials("anna", "right")));
        }
    }

    @Test
    void domainsThatLeadToOneServerShareItsLimit() {
        var settings = new Accounts.Settings("Example.org", "{user}");
        var theirs = new MemoryMail(clock);
        String[] place = {"theirs.example"};
        Home.Finder homes = domain -> new Home(
                domain,
                domain.startsWith("d1") ? "{local}@EXAMPLE.org" : "{local}@example.org",
                place[0].equals("theirs.example") ? theirs : mail,
                HomeSubmission.NONE,
                place[0]);
        try (var accounts = new Accounts(homes, settings, clock)) {
            // Their own server takes whatever they say, from the device that they say.
            for (int i = 0; i < 20; i++) {
                theirs.user("anna@example.org", "guess" + i);
                accepted(accounts.signIn(new Credentials("anna@d0.example", "guess" + i), "device"));
            }
            pass(Duration.ofMinutes(6));
            place[0] = "Imap.example.org.";
            for (int i = 0; i < 10; i++) {
                assertThat(accounts.signIn(new Credentials("anna@d" + i + ".example", "guess" + i), "device"))
                        .isInstanceOf(SignedIn.Refused.class);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(accounts.signIn(new Credentials("anna@d" + i + ".example", "guess" + (i + 1)), "device"))
                        .isInstanceOf(SignedIn.Limited.class);
            }
        }
    }

    @Test
    void whoIsRememberedIsNotLockedOutByOthers() {
        try (var accounts = accounts("{local}")) {
            accepted(accounts.signIn(new Credentials("anna", "right")));
            for (int i = 0; i < 20; i++) {
                accounts.signIn(new Credentials("anna", "guess" + i));
            }
            accepted(accounts.signIn(new Credentials("anna", "right")));
        }
    }

    @Test
    void signInsAtTheSameTimeAskOnce() throws Exception {
        try (var accounts = accounts("{local}");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<Future<SignedIn>>();
            for (int i = 0; i < 50; i++) {
                results.add(threads.submit(() -> accounts.signIn(new Credentials("anna", "right"))));
            }
            for (var result : results) {
                accepted(result.get());
            }
            assertThat(mail.signIns()).isEqualTo(1);
        }
    }

    @Test
    void namesThatCannotBeAreRefusedAndAnAwayBackendIsSaid() {
        try (var accounts = accounts("{user}")) {
            for (var name : List.of("", "a/b", "@example.org", "a b", "x".repeat(300), "DOMAIN\\")) {
                assertThat(accounts.signIn(new Credentials(name, "right"))).isInstanceOf(SignedIn.Refused.class);
            }
            mail.down(true);
            assertThatThrownBy(() -> accounts.signIn(new Credentials("anna", "right")))
                    .isInstanceOf(BackendUnavailableException.class);
        }
    }
}
