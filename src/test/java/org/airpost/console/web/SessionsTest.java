package org.airpost.console.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.http.Fields;
import org.airpost.http.WebRequest;
import org.junit.jupiter.api.Test;

final class SessionsTest {

    private static final Sessions.Settings SETTINGS =
            new Sessions.Settings("__Host-try", Duration.ofMinutes(30), Duration.ofHours(12), 3);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-26T08:00:00Z"));
    private final InstantSource clock = now::get;
    private final Sessions<String> sessions = new Sessions<>(SETTINGS, clock, new SecureRandom());

    private static WebRequest request(Map<String, String> headers, String form) {
        var all = new HashMap<>(headers);
        all.put("content-type", "application/x-www-form-urlencoded");
        return new WebRequest(
                "POST", List.of("try"), Fields.NONE, all, form.getBytes(UTF_8), "203.0.113.9", true, Optional.empty());
    }

    private static WebRequest with(String setCookie) {
        return request(Map.of("cookie", setCookie.substring(0, setCookie.indexOf(';'))), "");
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    @Test
    void aSessionIsFoundByItsCookieAlone() {
        var session = sessions.open("anna");
        var cookie = sessions.cookie(session);
        assertThat(cookie).startsWith("__Host-try=").contains("; Path=/; Secure; HttpOnly; SameSite=Strict");
        assertThat(sessions.of(with(cookie))).hasValue(session);
        assertThat(sessions.of(with("__Host-try=" + session.csrf() + ";"))).isEmpty();
        assertThat(sessions.of(with("__Host-try=;"))).isEmpty();
        assertThat(sessions.of(with("try=" + session.id() + ";"))).isEmpty();
    }

    @Test
    void eachSignInHasAnIdOfItsOwn() {
        assertThat(sessions.open("anna").id())
                .isNotEqualTo(sessions.open("anna").id())
                .hasSize(43);
    }

    @Test
    void aSessionEndsWhenItIsNotUsedAndInAnyCase() {
        var cookie = sessions.cookie(sessions.open("anna"));
        pass(Duration.ofMinutes(30));
        assertThat(sessions.of(with(cookie))).isPresent();
        pass(Duration.ofMinutes(31));
        assertThat(sessions.of(with(cookie))).isEmpty();
        pass(Duration.ofMinutes(-31));
        assertThat(sessions.of(with(cookie))).as("over is over").isEmpty();

        var other = sessions.cookie(sessions.open("anna"));
        for (int i = 0; i < 24; i++) {
            pass(Duration.ofMinutes(30));
            assertThat(sessions.of(with(other)))
                    .as("after %d half hours", i + 1)
                    .isPresent();
        }
        pass(Duration.ofMinutes(1));
        assertThat(sessions.of(with(other))).isEmpty();
    }

    @Test
    void sessionsOfSomebodyEndTogether() {
        var anna = sessions.cookie(sessions.open("anna"));
        var bob = sessions.cookie(sessions.open("bob"));
        sessions.endAll("anna"::equals);
        assertThat(sessions.of(with(anna))).isEmpty();
        assertThat(sessions.of(with(bob))).isPresent();
    }

    @Test
    void aFormNeedsTheTokenOfItsSession() {
        var session = sessions.open("anna");
        var other = sessions.open("anna");
        assertThat(session.accepts(request(Map.of(), "csrf=" + session.csrf()))).isTrue();
        assertThat(session.accepts(request(Map.of(), "csrf=" + other.csrf()))).isFalse();
        assertThat(session.accepts(request(Map.of(), ""))).isFalse();
        assertThat(session.accepts(request(Map.of("sec-fetch-site", "same-origin"), "csrf=" + session.csrf())))
                .isTrue();
        for (var site : List.of("cross-site", "same-site", "none")) {
            assertThat(session.accepts(request(Map.of("sec-fetch-site", site), "csrf=" + session.csrf())))
                    .as(site)
                    .isFalse();
        }
    }

    @Test
    void theFormBeforeSignInNeedsItsCookie() {
        var tokens = new LoginToken(new SecureRandom());
        var issued = tokens.issue(request(Map.of(), ""));
        var cookie = issued.cookie().substring(0, issued.cookie().indexOf(';'));
        assertThat(tokens.accepts(request(Map.of("cookie", cookie), "csrf=" + issued.token())))
                .isTrue();
        assertThat(tokens.accepts(request(Map.of(), "csrf=" + issued.token()))).isFalse();
        assertThat(tokens.accepts(request(Map.of("cookie", cookie), "csrf=x"))).isFalse();
        assertThat(tokens.accepts(request(Map.of("cookie", "__Host-airpost-form="), "csrf=")))
                .isFalse();
        assertThat(tokens.issue(request(Map.of("cookie", cookie), "")).token()).isEqualTo(issued.token());
        assertThat(tokens.issue(request(Map.of("cookie", "__Host-airpost-form=\"><b>"), ""))
                        .token())
                .matches("[A-Za-z0-9_-]{22}");
    }

    @Test
    void aCookieWithoutThePrefixIsRefused() {
        assertThatThrownBy(() -> new Sessions.Settings("try", Duration.ofMinutes(1), Duration.ofMinutes(1), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void triesAreCountedForANameAndForAnAddress() {
        var limits = new LoginLimits(3, 5, Duration.ofMinutes(15), clock);
        for (int i = 0; i < 3; i++) {
            assertThat(limits.tooMany("Anna", "203.0.113." + i)).isEmpty();
        }
        assertThat(limits.tooMany("anna", "203.0.113.9"))
                .hasValueSatisfying(wait -> assertThat(wait).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(15)));
        limits.succeeded("anna");
        assertThat(limits.tooMany("anna", "203.0.113.9")).isEmpty();
        for (int i = 0; i < 5; i++) {
            limits.tooMany("name" + i, "198.51.100.1");
        }
        assertThat(limits.tooMany("another", "198.51.100.1")).isPresent();
        assertThat(limits.tooMany("another", "198.51.100.2")).isEmpty();
        pass(Duration.ofMinutes(16));
        assertThat(limits.tooMany("another", "198.51.100.1")).isEmpty();
    }
}
