package org.airpost.backend.calendar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.FreeBusy.Kind;
import org.airpost.backend.FreeBusy.Span;
import org.airpost.backend.FreeBusy.Times;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Trust;
import org.airpost.backend.imap.Cyrus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Busy times by the scheduling outbox of Debian's Cyrus. */
@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class CyrusCalendarTest {

    private Cyrus server;

    @BeforeAll
    void start() throws IOException, InterruptedException {
        Cyrus.assumeCalendarsInstalled();
        server = Cyrus.startWithCalendars();
        for (var user : List.of("anna", "bob")) {
            server.addUser(user, "secret");
            signIn(user);
        }
        event("1", "OPAQUE", "CONFIRMED", "20261127T090000Z", "20261127T103000Z");
        event("2", "OPAQUE", "TENTATIVE", "20261127T120000Z", "20261127T123000Z");
        event("3", "TRANSPARENT", "CONFIRMED", "20261127T150000Z", "20261127T160000Z");
    }

    /** The first sign-in makes the mailboxes, and with them the calendars. */
    private void signIn(String user) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("a LOGIN %s secret\r\nb LIST \"\" \"*\"\r\nc LOGOUT\r\n"
                            .formatted(user)
                            .getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .contains("b OK");
        }
    }

    private void event(String uid, String transparency, String status, String from, String until)
            throws IOException, InterruptedException {
        var event = """
                BEGIN:VCALENDAR
                VERSION:2.0
                PRODID:-//Test//EN
                BEGIN:VEVENT
                UID:%s
                DTSTAMP:20261126T070000Z
                DTSTART:%s
                DTEND:%s
                TRANSP:%s
                STATUS:%s
                SUMMARY:Secret
                END:VEVENT
                END:VCALENDAR
                """.formatted(uid, from, until, transparency, status).replace("\n", "\r\n");
        var place = URI.create(
                "http://127.0.0.1:%d/dav/calendars/user/bob/Default/%s.ics".formatted(server.calendarPort(), uid));
        var login = Base64.getEncoder().encodeToString("bob:secret".getBytes(UTF_8));
        try (var http = HttpClient.newHttpClient()) {
            var put = HttpRequest.newBuilder(place)
                    .header("Authorization", "Basic " + login)
                    .header("Content-Type", "text/calendar")
                    .timeout(Duration.ofSeconds(20))
                    .PUT(HttpRequest.BodyPublishers.ofString(event));
            assertThat(http.send(put.build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(201);
        }
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private Map<String, Times> times(String user, String password, String... addresses) {
        var settings = new CalendarSettings(
                Optional.of("http://127.0.0.1:%d/dav/calendars/user/{user}/Outbox/".formatted(server.calendarPort())),
                Optional.empty(),
                new Trust.Platform(),
                Duration.ofSeconds(20));
        var account = new Account(
                user,
                new Credentials(user, password),
                new RefusingMail() {},
                List.of(user + "@example.org"),
                user + "@example.org");
        try (var calendars = new CalendarServer(settings, InstantSource.system())) {
            return calendars.of(
                    account,
                    List.of(addresses),
                    Instant.parse("2026-11-27T08:00:00Z"),
                    Instant.parse("2026-11-27T18:00:00Z"),
                    Duration.ofSeconds(20));
        }
    }

    @Test
    void theOutboxTellsWhenAColleagueIsBusy() {
        var times = times("anna", "secret", "bob@example.org", "nobody@example.org", "far@elsewhere.example");
        assertThat(times.get("bob@example.org"))
                .isInstanceOfSatisfying(
                        Times.Known.class,
                        known -> assertThat(known.spans())
                                .containsExactlyInAnyOrder(
                                        span("09:00", "10:30", Kind.BUSY), span("12:00", "12:30", Kind.TENTATIVE)));
        assertThat(times.get("nobody@example.org")).isInstanceOf(Times.Unknown.class);
        assertThat(times.get("far@elsewhere.example")).isInstanceOf(Times.Unknown.class);
    }

    private static Span span(String from, String until, Kind kind) {
        return new Span(
                Instant.parse("2026-11-27T" + from + ":00Z"), Instant.parse("2026-11-27T" + until + ":00Z"), kind);
    }

    @Test
    void withAWrongPasswordNobodyIsFree() {
        assertThat(times("anna", "wrong", "bob@example.org").get("bob@example.org"))
                .isInstanceOf(Times.Unknown.class);
    }
}
