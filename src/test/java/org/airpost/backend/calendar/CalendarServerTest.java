package org.airpost.backend.calendar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.FreeBusy;
import org.airpost.backend.FreeBusy.Kind;
import org.airpost.backend.FreeBusy.Span;
import org.airpost.backend.FreeBusy.Times;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Busy times, by a server that says what the test wants. */
@Timeout(30)
class CalendarServerTest {

    private static final Instant FROM = Instant.parse("2026-11-26T08:00:00Z");
    private static final Instant UNTIL = Instant.parse("2026-11-26T18:00:00Z");
    private static final String TIMES = """
            BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//Test//EN
            BEGIN:VFREEBUSY
            UID:1
            DTSTAMP:20261126T070000Z
            DTSTART:20261126T080000Z
            DTEND:20261126T170000Z
            FREEBUSY:20261126T090000Z/20261126T100000Z,20261126T110000Z/PT30M
            FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261126T120000Z/PT1H
            FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261126T140000Z/PT1H
            FREEBUSY;FBTYPE=FREE:20261126T150000Z/PT1H
            FREEBUSY;FBTYPE=X-LUNCH:20261126T160000Z/PT1H
            END:VFREEBUSY
            END:VCALENDAR
            """;

    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final HttpServer server = start();

    private static HttpServer start() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void open() {
        server.setExecutor(Thread::startVirtualThread);
        server.start();
    }

    @AfterEach
    void close() {
        over.countDown();
        server.stop(0);
    }

    private static HttpHandler answering(int status, String body) {
        return exchange -> answer(exchange, status, body);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            var bytes = body.getBytes(UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Map<String, Times> times(boolean outbox, boolean url, List<String> addresses) {
        var place = "http://localhost:" + server.getAddress().getPort();
        var settings = new CalendarSettings(
                outbox ? Optional.of(place + "/out/{user}/") : Optional.empty(),
                url ? Optional.of(place + "/times/{address}") : Optional.empty(),
                new Trust.Platform(),
                Duration.ofSeconds(2));
        var anna = new Account(
                "anna",
                new Credentials("anna", "secret"),
                new RefusingMail() {},
                List.of("anna@example.org"),
                "anna@example.org");
        try (var calendars = new CalendarServer(settings, InstantSource.system())) {
            return calendars.of(anna, addresses, FROM, UNTIL, Duration.ofSeconds(20));
        }
    }

    private static String response(String address, String status, String calendar) {
        return """
                <C:response><C:recipient><D:href>mailto:%s</D:href></C:recipient>
                <C:request-status>%s</C:request-status>%s</C:response>
                """.formatted(address, status, calendar);
    }

    @Test
    void theOutboxIsAskedOnceForAll() throws InterruptedException {
        server.createContext("/out/anna/", exchange -> {
            asked.add(exchange.getRequestMethod() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + "\n"
                    + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            answer(exchange, 200, """
                    <C:schedule-response xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">%s%s%s</C:schedule-response>
                    """.formatted(
                    response("Bob@example.org", "2.0;Success", "<C:calendar-data>" + TIMES + "</C:calendar-data>"),
                    response("carl@example.org", "3.7;Invalid calendar user", ""),
                    response("dora@example.org", "5.1;Service unavailable", "")));
        });

        var times = times(
                true, false, List.of("bob@example.org", "carl@example.org", "dora@example.org", "emil@example.org"));

        assertThat(times.get("bob@example.org"))
                .isEqualTo(new Times.Known(
                        List.of(
                                span("09:00", "10:00", Kind.BUSY),
                                span("11:00", "11:30", Kind.BUSY),
                                span("12:00", "13:00", Kind.TENTATIVE),
                                span("14:00", "15:00", Kind.UNAVAILABLE),
                                span("16:00", "17:00", Kind.BUSY)),
                        Optional.of(FROM),
                        Optional.of(Instant.parse("2026-11-26T17:00:00Z"))));
        assertThat(times.get("carl@example.org")).isInstanceOf(Times.Unknown.class);
        assertThat(times.get("dora@example.org")).isInstanceOf(Times.Unknown.class);
        assertThat(times.get("emil@example.org")).isInstanceOf(Times.Unknown.class);
        assertThat(asked.take())
                .startsWith("POST text/calendar")
                .contains("METHOD:REQUEST", "DTSTART:20261126T080000Z", "DTEND:20261126T180000Z")
                .contains("ORGANIZER:mailto:anna@example.org", "ATTENDEE:mailto:bob@example.org");
        assertThat(asked).isEmpty();
    }

    private static Span span(String from, String until, Kind kind) {
        return new Span(
                Instant.parse("2026-11-26T" + from + ":00Z"), Instant.parse("2026-11-26T" + until + ":00Z"), kind);
    }

    @Test
    void whomTheOutboxDoesNotKnowIsLookedUpWithoutAPassword() throws InterruptedException {
        server.createContext(
                "/out/", answering(200, """
                <C:schedule-response xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">%s</C:schedule-response>
                """.formatted(response("bob@example.org", "3.7;Invalid calendar user", ""))));
        server.createContext("/times/bob@example.org", exchange -> {
            asked.add("" + exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, 200, TIMES);
        });
        assertThat(times(true, true, List.of("bob@example.org")).get("bob@example.org"))
                .isInstanceOf(Times.Known.class);
        assertThat(asked.take()).isEqualTo("null");
    }

    @Test
    void aServerThatFailsMayKnowAnotherTimeAndOneThatSaysNoMayNot() {
        server.createContext("/times/bob@example.org", answering(503, ""));
        server.createContext("/times/carl@example.org", answering(404, ""));
        server.createContext("/times/dora@example.org", answering(200, "no calendar"));
        server.createContext("/times/emil@example.org", answering(302, ""));

        var times = times(
                false, true, List.of("bob@example.org", "carl@example.org", "dora@example.org", "emil@example.org"));

        assertThat(times.get("bob@example.org")).isInstanceOf(Times.Failed.class);
        assertThat(times.get("carl@example.org")).isInstanceOf(Times.Unknown.class);
        assertThat(times.get("dora@example.org")).isInstanceOf(Times.Failed.class);
        assertThat(times.get("emil@example.org")).isInstanceOf(Times.Unknown.class);
    }

    @Test
    void anOutboxThatRefusesIsAFailureOfAll() {
        server.createContext("/out/", answering(500, ""));
        assertThat(times(true, false, List.of("bob@example.org", "carl@example.org"))
                        .values())
                .hasSize(2)
                .allSatisfy(one -> assertThat(one).isInstanceOf(Times.Failed.class));
    }

    @Test
    void whoTakesTooLongKeepsNobodyWaiting() {
        server.createContext("/times/bob@example.org", exchange -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        server.createContext("/times/carl@example.org", answering(200, TIMES));

        var begun = System.nanoTime();
        var times = times(false, true, List.of("bob@example.org", "carl@example.org"));

        assertThat(times).containsOnlyKeys("carl@example.org");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void withoutACalendarServerNothingIsKnown() {
        var anna = new Account(
                "anna",
                new Credentials("anna", "secret"),
                new RefusingMail() {},
                List.of("anna@example.org"),
                "anna@example.org");
        assertThat(FreeBusy.none().of(anna, List.of("a@example.org", "a@example.org"), FROM, UNTIL, Duration.ZERO))
                .hasSize(1)
                .allSatisfy((_, one) -> assertThat(one).isInstanceOf(Times.Unknown.class));
    }
}
