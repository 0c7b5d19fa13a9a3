package org.airpost.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.airpost.backend.Absence;
import org.airpost.backend.Absences;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.Directory;
import org.airpost.backend.Directory.Found;
import org.airpost.backend.FreeBusy;
import org.airpost.backend.RefusingMail;
import org.airpost.telemetry.Backends.State;
import org.junit.jupiter.api.Test;

class WatchedTest {

    private static final Account ANNA = new Account(
            "anna", new Credentials("anna", "secret"), new RefusingMail(), List.of("anna@example.org"), "Anna");

    private final Backends backends = new Backends(Clock.systemUTC());

    private State state() {
        return backends.list().getFirst().state();
    }

    private State after(Found found) {
        Watched.directory((_, _) -> found, backends.meter("ldap", "ldap.example.org:636"))
                .find(ANNA, new Directory.Query("x", 1));
        return state();
    }

    @Test
    void aDirectoryIsUpWhenItAnswers() {
        var meter = backends.meter("ldap", "ldap.example.org:636");
        assertThat(state()).isEqualTo(State.UNUSED);
        assertThat(after(new Found.Persons(List.of(), false))).isEqualTo(State.UP);
        assertThat(after(new Found.Unavailable("connect error"))).isEqualTo(State.DOWN);
        assertThat(backends.list().getFirst().words()).isEqualTo("connect error");
        assertThat(after(new Found.TimedOut("time limit"))).isEqualTo(State.DOWN);
        assertThat(backends.list().getFirst().failures()).isEqualTo(2);
        meter.reached();
        assertThat(state()).isEqualTo(State.UP);
    }

    @Test
    void aRefusalOfAbsencesIsAnAnswer() {
        var absences = Watched.absences(Absences.none(), backends.meter("sieve", "sieve.example.org:4190"));
        assertThat(absences.get(ANNA)).isInstanceOf(Absences.Result.Refused.class);
        assertThat(state()).isEqualTo(State.UP);
        var away = Watched.absences(
                new Absences() {

                    @Override
                    public Result<Absence> get(Account account) {
                        return new Result.Unavailable<>("no connection");
                    }

                    @Override
                    public Result<Absence> set(Account account, Absence absence, List<String> known) {
                        return new Result.Unavailable<>("no connection");
                    }
                },
                backends.meter("sieve", "sieve.example.org:4190"));
        assertThat(away.get(ANNA)).isInstanceOf(Absences.Result.Unavailable.class);
        assertThat(state()).isEqualTo(State.DOWN);
    }

    @Test
    void aCalendarServerThatFailsIsAway() {
        var meter = backends.meter("calendar", "https://cal.example.org");
        FreeBusy good = (_, _, _, _, _) -> Map.of("ben@example.org", new FreeBusy.Times.Unknown("nobody"));
        FreeBusy bad = (_, _, _, _, _) -> Map.of("ben@example.org", new FreeBusy.Times.Failed("HTTP 500"));
        FreeBusy silent = (_, _, _, _, _) -> Map.of();
        for (var one : List.of(bad, silent)) {
            ask(Watched.freeBusy(good, meter));
            assertThat(state()).isEqualTo(State.UP);
            ask(Watched.freeBusy(one, meter));
            assertThat(state()).isEqualTo(State.DOWN);
        }
    }

    private static void ask(FreeBusy times) {
        times.of(ANNA, List.of("ben@example.org"), Instant.EPOCH, Instant.MAX, Duration.ofSeconds(1));
    }
}
