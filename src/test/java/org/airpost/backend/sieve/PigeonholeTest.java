package org.airpost.backend.sieve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Absence;
import org.airpost.backend.Absence.Audience;
import org.airpost.backend.Absence.Reply;
import org.airpost.backend.Absence.Span;
import org.airpost.backend.Absence.State;
import org.airpost.backend.Absences.Refusal;
import org.airpost.backend.Absences.Result;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
import org.airpost.backend.sieve.ManageSieve.RefusedException;
import org.airpost.backend.sieve.ManageSieve.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Absences on Debian's Pigeonhole: what is kept, who is answered, and what becomes of the user's own rules. */
@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class PigeonholeTest {

    private static final String RULES = """
            require ["fileinto", "mailbox"];
            if header :contains "subject" "rule" {
                fileinto :create "Ruled";
                stop;
            }
            """;

    private static final Absence FOR_ALL = new Absence(
            State.ON,
            Optional.empty(),
            Map.of(
                    Audience.INTERNAL, reply("inside \"quoted\" \\ back\r\nsecond line"),
                    Audience.KNOWN, reply("for friends"),
                    Audience.UNKNOWN, reply("für Fremde")));

    private Pigeonhole server;
    private SieveAbsences absences;

    @BeforeAll
    void start() {
        Pigeonhole.assumeInstalled();
        server = Pigeonhole.start(false, "");
        absences = new SieveAbsences(server.settings(Security.PLAIN, new Trust.Platform()));
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static Reply reply(String text) {
        return new Reply(true, text, Optional.empty());
    }

    @Test
    void aMasterUserSetsTheAnswerOfItsUser() {
        var anna = server.user("annamaster");
        var byMaster = new Account(
                anna.user(),
                new Credentials(anna.user(), "master", "", anna.user() + "*root", ""),
                anna.mail(),
                anna.addresses(),
                anna.displayName());
        assertThat(absences.set(byMaster, FOR_ALL, List.of())).isInstanceOf(Result.Done.class);
        assertThat(absences.get(anna)).isEqualTo(new Result.Done<>(FOR_ALL));
    }

    private Absence set(Account account, Absence absence, String... known) {
        var result = absences.set(account, absence, List.of(known));
        assertThat(result).as(server.log()).isInstanceOf(Result.Done.class);
        return ((Result.Done<Absence>) result).value();
    }

    private Absence get(Account account) {
        var result = absences.get(account);
        assertThat(result).as(server.log()).isInstanceOf(Result.Done.class);
        return ((Result.Done<Absence>) result).value();
    }

    private static Absence off(Absence absence) {
        return new Absence(State.OFF, Optional.empty(), absence.replies());
    }

    private void rules(Account account, String name, String script) throws IOException, RefusedException {
        try (var own = server.open(account)) {
            own.put(name, script);
            own.activate(name);
        }
    }

    private List<Script> scripts(Account account) throws IOException, RefusedException {
        try (var own = server.open(account)) {
            return own.scripts();
        }
    }

    @Test
    void whatIsSetIsThereAgain() {
        var account = server.user("anna");
        assertThat(get(account)).isEqualTo(Absence.NONE);
        set(account, FOR_ALL);
        assertThat(get(account)).isEqualTo(FOR_ALL);

        var start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var timed = new Absence(
                State.TIMED,
                Optional.of(new Span(start, start.plusSeconds(3600))),
                Map.of(Audience.INTERNAL, new Reply(false, "", Optional.of("<p>x"))));
        set(account, timed);
        assertThat(get(account)).isEqualTo(timed);
        set(account, off(FOR_ALL));
        assertThat(get(account)).as("the texts are kept").isEqualTo(off(FOR_ALL));
    }

    @Test
    void eachAudienceIsToldItsOwn() {
        var account = server.user("berta");
        set(account, FOR_ALL, "friend@elsewhere.org");
        server.deliver(account, "colleague@example.org", "one");
        assertThat(server.takeAnswers()).singleElement().satisfies(answer -> {
            assertThat(answer).contains("colleague@example.org");
            assertThat(answer).contains("inside \"quoted\" \\ back", "second line");
        });
        server.deliver(account, "friend@elsewhere.org", "two");
        assertThat(server.takeAnswers()).singleElement().asString().contains("for friends");
        server.deliver(account, "stranger@elsewhere.org", "three");
        assertThat(server.takeAnswers()).singleElement().asString().doesNotContain("friends", "inside");
        server.deliver(account, "stranger@elsewhere.org", "four");
        assertThat(server.takeAnswers()).as("the same sender soon again").isEmpty();
        assertThat(server.count(account, "")).as("all of it is in INBOX").isEqualTo(4);
    }

    @Test
    void anAudienceThatIsNotEnabledIsToldNothing() {
        var account = server.user("carla");
        set(account, new Absence(State.ON, Optional.empty(), Map.of(Audience.INTERNAL, reply("inside"))));
        server.deliver(account, "stranger@elsewhere.org", "one");
        assertThat(server.takeAnswers()).isEmpty();
        server.deliver(account, "colleague@example.org", "two");
        assertThat(server.takeAnswers()).hasSize(1);
        assertThat(server.count(account, "")).isEqualTo(2);
    }

    @Test
    void aTimeThatIsNotNowAnswersNobody() {
        var account = server.user("dora");
        var now = Instant.now();
        var replies = Map.of(
                Audience.INTERNAL, reply("away"), Audience.KNOWN, reply("away"), Audience.UNKNOWN, reply("away"));
        for (var span : List.of(
                new Span(now.plusSeconds(3600), now.plusSeconds(7200)),
                new Span(now.minusSeconds(7200), now.minusSeconds(3600)))) {
            set(account, new Absence(State.TIMED, Optional.of(span), replies));
            server.deliver(account, "stranger@elsewhere.org", "one");
            assertThat(server.takeAnswers()).as("%s", span).isEmpty();
        }
        set(
                account,
                new Absence(
                        State.TIMED, Optional.of(new Span(now.minusSeconds(3600), now.plusSeconds(3600))), replies));
        server.deliver(account, "stranger@elsewhere.org", "two");
        assertThat(server.takeAnswers()).hasSize(1);
    }

    @Test
    void theUsersOwnRulesGoOnAndAreNotTouched() throws IOException, RefusedException {
        var account = server.user("emil");
        rules(account, "my \"rules\"", RULES);
        set(account, FOR_ALL);
        server.deliver(account, "stranger@elsewhere.org", "a rule for this");
        assertThat(server.takeAnswers()).hasSize(1);
        assertThat(server.count(account, "Ruled")).isEqualTo(1);
        assertThat(server.count(account, "")).isZero();

        set(account, FOR_ALL); // again, while ours is the active one
        server.deliver(account, "other@elsewhere.org", "a rule for that");
        assertThat(server.count(account, "Ruled")).isEqualTo(2);

        set(account, off(FOR_ALL));
        server.takeAnswers();
        server.deliver(account, "third@elsewhere.org", "a rule again");
        assertThat(server.takeAnswers()).isEmpty();
        assertThat(server.count(account, "Ruled")).isEqualTo(3);
        assertThat(scripts(account)).contains(new Script("my \"rules\"", true));
        try (var own = server.open(account)) {
            assertThat(own.script("my \"rules\"").replace("\r\n", "\n").strip()).isEqualTo(RULES.strip());
        }
    }

    @Test
    void whoHadNoRulesHasNoneAgain() throws IOException, RefusedException {
        var account = server.user("fritz");
        set(account, FOR_ALL);
        assertThat(scripts(account)).anyMatch(Script::isActive);
        set(account, off(FOR_ALL));
        assertThat(scripts(account)).noneMatch(Script::isActive);
    }

    @Test
    void rulesThatTheUserDeletesMeanwhileAreNoError() throws IOException, RefusedException {
        var account = server.user("gerda");
        rules(account, "rules", RULES);
        set(account, FOR_ALL);
        try (var own = server.open(account)) {
            own.delete("rules");
        }
        server.deliver(account, "stranger@elsewhere.org", "a rule");
        assertThat(server.takeAnswers()).hasSize(1);
        assertThat(server.count(account, "")).isEqualTo(1);
        set(account, off(FOR_ALL));
        assertThat(scripts(account)).noneMatch(Script::isActive);
    }

    @Test
    void anotherScriptThatTheUserActivatesEndsTheAbsence() throws IOException, RefusedException {
        var account = server.user("hanna");
        set(account, FOR_ALL);
        rules(account, "rules", RULES);
        assertThat(get(account)).isEqualTo(off(FOR_ALL));
        set(account, off(FOR_ALL));
        assertThat(scripts(account)).contains(new Script("rules", true));
    }

    @Test
    void rulesThatAnswerByThemselvesAreNotMixedWithOurs() throws IOException, RefusedException {
        var account = server.user("ida");
        rules(account, "rules", "require [\"fileinto\",\r\n \"vacation\"];\r\nvacation \"mine\";\r\n");
        assertThat(absences.set(account, FOR_ALL, List.of()))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.why()).isEqualTo(Refusal.OWN_ANSWERS));
        assertThat(scripts(account)).containsExactly(new Script("rules", true));
    }

    @Test
    void aWrongPasswordIsARefusal() {
        var account = server.user("jana");
        var wrong = new Account(
                "jana",
                new org.airpost.backend.Credentials("jana", "wrong"),
                account.mail(),
                account.addresses(),
                "jana");
        assertThat(absences.get(wrong))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.why()).isEqualTo(Refusal.NOT_OFFERED));
    }

    @Test
    void aServerWithoutExtensionsRefusesWhatNeedsThem() throws IOException, RefusedException {
        try (var poor = Pigeonhole.start(false, "sieve_extensions = -date -include")) {
            var account = poor.user("kurt");
            var theirs = new SieveAbsences(poor.settings(Security.PLAIN, new Trust.Platform()));
            var now = Instant.now();
            var timed = new Absence(State.TIMED, Optional.of(new Span(now, now.plusSeconds(60))), FOR_ALL.replies());
            assertThat(theirs.set(account, timed, List.of())).isInstanceOf(Result.Refused.class);
            assertThat(theirs.set(account, FOR_ALL, List.of())).isInstanceOf(Result.Done.class);
            poor.deliver(account, "stranger@elsewhere.org", "one");
            assertThat(poor.takeAnswers()).hasSize(1);
            assertThat(theirs.set(account, off(FOR_ALL), List.of())).isInstanceOf(Result.Done.class);
            try (var own = poor.open(account)) {
                own.put("rules", "require [\"fileinto\"];\r\nfileinto \"Trash\";\r\n");
                own.activate("rules");
            }
            assertThat(theirs.set(account, FOR_ALL, List.of()))
                    .as("rules of the user, and no way to include them")
                    .isInstanceOf(Result.Refused.class);
        }
        try (var none = Pigeonhole.start(false, "sieve_extensions = -vacation -vacation-seconds")) {
            var account = none.user("lena");
            var theirs = new SieveAbsences(none.settings(Security.PLAIN, new Trust.Platform()));
            assertThat(theirs.get(account)).isInstanceOf(Result.Refused.class);
            assertThat(theirs.set(account, FOR_ALL, List.of())).isInstanceOf(Result.Refused.class);
        }
    }

    @Test
    void startTlsProtectsTheConnection() {
        try (var secured = Pigeonhole.start(true, "")) {
            var account = secured.user("max");
            var trust = new Trust.Authorities(secured.certificate());
            assertThat(new SieveAbsences(secured.settings(Security.STARTTLS, trust)).get(account))
                    .isEqualTo(new Result.Done<>(Absence.NONE));
            assertThat(new SieveAbsences(secured.settings(Security.STARTTLS, new Trust.Platform())).get(account))
                    .as("a certificate that is not believed")
                    .isInstanceOf(Result.Unavailable.class);
        }
    }

    @Test
    void aServerThatIsAwayIsUnavailable() {
        try (var own = Pigeonhole.start(false, "")) {
            var account = own.user("nina");
            var theirs = new SieveAbsences(own.settings(Security.PLAIN, new Trust.Platform()));
            assertThat(theirs.get(account)).isInstanceOf(Result.Done.class);
            own.kill();
            assertThat(theirs.get(account)).isInstanceOf(Result.Unavailable.class);
        }
    }
}
