package org.airpost.backend.calendar;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.airpost.backend.Account;
import org.airpost.backend.FreeBusy;
import org.airpost.backend.LimitedHttp;
import org.airpost.backend.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Busy times by a calendar server. All people are asked for with one request to the user's scheduling outbox; those of whom it
 * knows nothing are looked up where they publish their times, some at a time. Source: RFC 6638 §5; RFC 5545 §3.6.4.
 */
public final class CalendarServer implements FreeBusy, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CalendarServer.class);
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Bytes of an answer of an outbox, and of one person's times. */
    private static final int LARGEST_ANSWER = 8 << 20;

    private static final int LARGEST_TIMES = 1 << 20;

    /** People whose published times are read at the same time, for all users together. */
    private static final int AT_A_TIME = 16;

    private final CalendarSettings settings;
    private final InstantSource clock;
    private final HttpClient http;
    private final Semaphore places = new Semaphore(AT_A_TIME);

    /** Connects to nobody yet. A CA file that cannot be read is an IllegalArgumentException that names it. */
    public CalendarServer(CalendarSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.timeLimit())
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(new Tls(settings.trust()).context())
                .executor(Thread::startVirtualThread)
                .build();
    }

    @Override
    public Map<String, Times> of(Account account, List<String> addresses, Instant from, Instant until, Duration limit) {
        long end = System.nanoTime()
                + (limit.compareTo(settings.timeLimit()) < 0 ? limit : settings.timeLimit()).toNanos();
        var known = new LinkedHashMap<String, Times>();
        settings.outboxOf(account).ifPresent(outbox -> known.putAll(ask(account, outbox, addresses, from, until, end)));
        if (settings.url().isPresent()) {
            var left = addresses.stream()
                    .distinct()
                    .filter(address -> !(known.get(address) instanceof Times.Known))
                    .toList();
            known.putAll(read(left, end));
        }
        return known;
    }

    // The outbox

    private Map<String, Times> ask(
            Account account, URI outbox, List<String> addresses, Instant from, Instant until, long end) {
        try {
            var request = HttpRequest.newBuilder(outbox)
                    .header("Authorization", account.credentials().basic())
                    .header("Content-Type", "text/calendar; charset=utf-8; method=REQUEST; component=VFREEBUSY")
                    .POST(HttpRequest.BodyPublishers.ofString(question(account.address(), addresses, from, until)));
            var answer = send(request, LARGEST_ANSWER, end);
            var told = new LinkedHashMap<String, ScheduleResponse.Recipient>();
            ScheduleResponse.read(new ByteArrayInputStream(answer)).forEach(one -> told.put(one.address(), one));
            var times = new LinkedHashMap<String, Times>();
            for (var address : addresses) {
                var one = told.get(address.toLowerCase(Locale.ROOT));
                times.put(address, one == null ? new Times.Unknown("the outbox says nothing") : times(one));
            }
            return times;
        } catch (TimeoutException e) {
            LOG.info("free times not told in time by the outbox user={}", account.user());
            return Map.of();
        } catch (IOException e) {
            LOG.warn("free times not told by the outbox user={} reason={}", account.user(), e.toString());
            var failed = new LinkedHashMap<String, Times>();
            addresses.forEach(address -> failed.put(address, failure(e)));
            return failed;
        }
    }

    /** What is no success will be none another time either: Cyrus says 5.1 of each address that is not one of its own. */
    private static Times times(ScheduleResponse.Recipient one) {
        if (!one.status().startsWith("2.") || one.calendar().isEmpty()) {
            return new Times.Unknown(one.status());
        }
        try {
            return BusyTimes.read(one.calendar());
        } catch (IOException e) {
            return new Times.Unknown(e.toString());
        }
    }

    private String question(String user, List<String> addresses, Instant from, Instant until) {
        var lines = new ArrayList<>(List.of(
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//Airpost//EN",
                "METHOD:REQUEST",
                "BEGIN:VFREEBUSY",
                "UID:" + UUID.randomUUID(),
                "DTSTAMP:" + UTC.format(clock.instant()),
                "DTSTART:" + UTC.format(from),
                "DTEND:"
                        + UTC.format(
                                until.truncatedTo(ChronoUnit.SECONDS).isBefore(until) ? until.plusSeconds(1) : until),
                "ORGANIZER:mailto:" + clean(user)));
        addresses.stream().distinct().forEach(address -> lines.add("ATTENDEE:mailto:" + clean(address)));
        lines.add("END:VFREEBUSY");
        lines.add("END:VCALENDAR");
        return String.join("\r\n", lines.stream().map(CalendarServer::folded).toList()) + "\r\n";
    }

    private static String clean(String address) {
        return address.replaceAll("[\\x00-\\x20\\x7F]", "");
    }

    /** Lines of more than 75 octets go on in the next one (RFC 5545 §3.1). */
    private static String folded(String line) {
        return line.replaceAll("(.{60})(?=.)", "$1\r\n ");
    }

    // Published times

    private Map<String, Times> read(List<String> addresses, long end) {
        var times = new ConcurrentHashMap<String, Times>();
        var readers = new ArrayList<Thread>();
        for (var address : addresses) {
            var place = settings.urlOf(address);
            if (place.isEmpty()) {
                times.put(address, new Times.Unknown("no address"));
                continue;
            }
            readers.add(Thread.ofVirtual().name("free-times").start(() -> {
                var told = read(place.get(), end);
                told.forEach(one -> times.put(address, one));
            }));
        }
        try {
            for (var reader : readers) {
                var _ = reader.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Map.copyOf(times);
    }

    /** What one person publishes; nothing if the time is up before. */
    private List<Times> read(URI place, long end) {
        try {
            if (!places.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return List.of();
            }
            try {
                var answer = send(HttpRequest.newBuilder(place).GET(), LARGEST_TIMES, end);
                return List.of(BusyTimes.read(new String(answer, UTF_8)));
            } finally {
                places.release();
            }
        } catch (TimeoutException e) {
            return List.of();
        } catch (IOException e) {
            LOG.info("free times not read host={} reason={}", place.getHost(), e.toString());
            return List.of(failure(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** The server has answered something else than what was asked for. */
    private static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;

        RefusedException(int status) {
            super("HTTP " + status);
            this.status = status;
        }
    }

    /** A server that says no will say it again; one that fails may not. */
    private static Times failure(IOException e) {
        return e instanceof RefusedException refused && refused.status < 500
                ? new Times.Unknown(e.toString())
                : new Times.Failed(e.toString());
    }

    private byte[] send(HttpRequest.Builder request, int mostBytes, long end) throws IOException, TimeoutException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            throw new TimeoutException();
        }
        try {
            var answer = LimitedHttp.send(http, request, 200, mostBytes, Duration.ofNanos(left));
            if (answer.status() != 200) {
                throw new RefusedException(answer.status());
            }
            if (answer.isCut()) {
                throw new IOException("an answer of more than %d bytes".formatted(mostBytes));
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
