package org.airpost.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.airpost.store.TestClock;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;

class AppPasswordsTest {

    private final TestClock clock = new TestClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final AppPasswords passwords = new AppPasswords(store, clock, new SecureRandom());

    private AppPasswords.Made made() {
        return passwords.make("anna", "Anna's phone", Optional.empty());
    }

    @Test
    void oneIsRightHoweverItIsTyped() {
        var made = made();
        assertThat(made.secret())
                .matches("[a-z2-9]{4}(-[a-z2-9]{4}){4}")
                .startsWith(made.password().id());
        for (var typed : new String[] {
            made.secret(),
            made.secret().toUpperCase(Locale.ROOT),
            made.secret().replace("-", ""),
            made.secret().replace('-', ' ')
        }) {
            assertThat(AppPasswords.shaped(typed).flatMap(secret -> passwords.check("anna", secret)))
                    .as(typed)
                    .contains(made.password());
        }
    }

    @Test
    void anotherUsersAndAWrongOneAreNotRight() {
        var made = made();
        assertThat(passwords.check("bob", made.secret())).isEmpty();
        var other = passwords.make("bob", "x", Optional.empty()).secret();
        assertThat(passwords.check("anna", made.secret().substring(0, 4) + other.substring(4)))
                .isEmpty();
    }

    @Test
    void aMailPasswordIsNotTakenForOne() {
        assertThat(AppPasswords.shaped("secret")).isEmpty();
        assertThat(AppPasswords.shaped("abcd-efgh-jkmn-pqrs-tuvw"))
                .as("without its check letters")
                .isEmpty();
        assertThat(AppPasswords.shaped("-".repeat(2_000))).isEmpty();
    }

    @Test
    void whatIsRememberedIsForgottenWhenItIsRevoked() {
        var made = made();
        assertThat(passwords.known("anna", made.secret())).isEmpty();
        assertThat(passwords.check("anna", made.secret())).isPresent();
        assertThat(passwords.known("anna", made.secret())).isPresent();
        assertThat(passwords.holds(made.password())).isTrue();
        assertThat(passwords.revoke("anna", made.password().id())).isTrue();
        assertThat(passwords.known("anna", made.secret())).isEmpty();
        assertThat(passwords.check("anna", made.secret())).isEmpty();
        assertThat(passwords.holds(made.password())).isFalse();
        assertThat(passwords.use(made.password(), "D1")).isEmpty();
        assertThat(passwords.revoke("anna", made.password().id())).isFalse();
    }

    @Test
    void itIsRememberedWhileItIsInUse() {
        var made = made();
        assertThat(passwords.check("anna", made.secret())).isPresent();
        for (int hour = 0; hour < 5; hour++) {
            clock.advance(Duration.ofHours(1));
            assertThat(passwords.known("anna", made.secret())).isPresent();
        }
        clock.advance(Duration.ofMinutes(121));
        assertThat(passwords.known("anna", made.secret())).isEmpty();
    }

    @Test
    void theFirstDeviceBindsItAndNoOtherMayUseIt() {
        var made = made();
        assertThat(passwords.use(made.password(), "D1")).isPresent();
        assertThat(passwords.use(made.password(), "D2"))
                .as("with what was read before it was bound")
                .isEmpty();
        var bound = passwords.of("anna").getFirst();
        assertThat(bound.device()).contains("D1");
        assertThat(bound.lastUsed()).contains(clock.instant());
        assertThat(passwords.use(bound, "D1")).isPresent();
        assertThat(passwords.use(bound, "D2")).isEmpty();
    }

    @Test
    void useIsWrittenOnceAnHour() {
        var made = passwords.make("anna", "x", Optional.of("D1"));
        var first = passwords.use(made.password(), "D1").orElseThrow();
        clock.advance(Duration.ofMinutes(59));
        assertThat(passwords.use(first, "D1").orElseThrow().lastUsed()).isEqualTo(first.lastUsed());
        clock.advance(Duration.ofMinutes(2));
        assertThat(passwords.use(first, "D1").orElseThrow().lastUsed()).contains(clock.instant());
    }

    @Test
    void noOtherUsersAreReachedByOddIds() {
        var made = passwords.make("bob", "x", Optional.empty());
        assertThat(passwords.revoke("anna", "../bob/" + made.password().id())).isFalse();
        assertThat(passwords.revoke("anna", made.password().id())).isFalse();
        assertThat(passwords.of("bob")).hasSize(1);
        assertThat(passwords.of("anna")).isEmpty();
    }

    @Test
    void theSecretIsNowhereInTheStore() {
        var made = made();
        var kept = store.scan("", "", 10).getFirst();
        var text = new String(kept.versioned().value(), StandardCharsets.ISO_8859_1);
        assertThat(text).contains("Anna's phone").doesNotContain(made.secret().substring(5));
        assertThat(made.toString()).doesNotContain(made.secret());
    }

    @Test
    void aNameIsKeptCleanAndTheirNumberHasABound() {
        var made = passwords.make("anna", "a\r\nSet-Cookie: x\u0000" + "y".repeat(200), Optional.empty());
        assertThat(made.password().name()).hasSizeLessThanOrEqualTo(64).doesNotContain("\r", "\n", "\u0000");
        for (int i = 1; i < AppPasswords.MOST; i++) {
            made();
        }
        assertThatThrownBy(this::made).isInstanceOf(AppPasswords.TooManyException.class);
    }

    /** Of several pairs of runs the fastest each: what else the machine does adds, and never takes away. */
    @Test
    void whoGuessesCannotTellByTheTimeWhetherThereIsOne() {
        var made = made();
        var wrong = made.secret().substring(0, 5) + "aaaa-aaaa-aaaa-aaaa";
        long there = Long.MAX_VALUE;
        long notThere = Long.MAX_VALUE;
        for (int i = 0; i < 8; i++) {
            there = Math.min(there, nanos("anna", wrong));
            notThere = Math.min(notThere, nanos("nobody", wrong));
        }
        assertThat((double) there / notThere).isBetween(0.5, 2.0);
        assertThat(notThere)
                .as("the work is done")
                .isGreaterThan(Duration.ofMillis(2).toNanos());
    }

    private long nanos(String user, String secret) {
        long start = System.nanoTime();
        assertThat(passwords.check(user, secret)).isEmpty();
        return System.nanoTime() - start;
    }
}
