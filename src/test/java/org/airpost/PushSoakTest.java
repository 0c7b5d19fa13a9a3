package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.imap.Dovecot;
import org.airpost.config.Config;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A minute of push under faults: phones wait by Ping and by a Sync that is held, mails come all along, and the mail server is
 * killed and started again twice. Whatever the server has taken reaches each waiting phone within 5 s, or within 5 s after
 * the server is back. One server tells by NOTIFY, another by IDLE alone.
 */
class PushSoakTest {

    private static final Duration SOAK = Duration.ofSeconds(55);
    private static final Duration LATE = Duration.ofSeconds(5);
    private static final Duration BETWEEN_MAILS = Duration.ofMillis(400);
    private static final Duration COMES_AGAIN = Duration.ofMillis(200);
    private static final Duration HEARTBEAT = Duration.ofMinutes(5);
    private static final List<String> USERS = List.of("anna", "bob");
    private static final SyncRequest WINDOW =
            SyncRequest.PLAIN.withWindowSize(100).withBody(BodyType.PLAIN_TEXT, 4096);

    @TempDir
    private Path directory;

    /** No more mails. */
    private final CountDownLatch brought = new CountDownLatch(1);

    /** The phones stop. */
    private final CountDownLatch over = new CountDownLatch(1);

    /** A time in which the server was away. */
    private record Outage(long from, long to) {}

    /** A mail that the server has taken, and when it has said so. */
    private record Taken(String user, String subject, long at) {}

    /** A phone that waits, and when it had which mail. */
    private record Waiting(String name, String user, Map<String, Long> seen) {}

    /** A server with its gateway, its phones and the program that brings mails. */
    private final class Site implements AutoCloseable {

        private final String name;
        private final Dovecot dovecot;
        private final Gateway gateway;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Future<?>> running = new ArrayList<>();
        private final List<Waiting> phones = new ArrayList<>();
        private final List<Phone> open = new ArrayList<>();
        private final List<Taken> taken = new CopyOnWriteArrayList<>();
        private final List<Outage> outages = new ArrayList<>();
        private boolean ended;

        Site(String name, String... without) throws Exception {
            this.name = name;
            dovecot = Dovecot.start(without);
            USERS.forEach(user -> dovecot.addUser(user, "secret"));
            gateway = Gateway.start(Config.load(Optional.empty(), settings()));
            for (var user : USERS) {
                start(user, ProtocolVersion.V16_1, this::pings);
                start(user, ProtocolVersion.V12_1, this::pings);
                start(user, ProtocolVersion.V14_1, this::holdsSync);
                running.add(threads.submit(() -> bringMails(user)));
            }
        }

        private Map<String, String> settings() {
            var settings = new HashMap<String, String>();
            settings.put("AIRPOST_HTTP_PORT", "0");
            settings.put("AIRPOST_CONSOLE_ENABLED", "false");
            settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
            settings.put("AIRPOST_HTTP_PLAIN", "true");
            settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "1 s");
            settings.put("AIRPOST_STORE_KIND", "memory");
            settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve(name).toString());
            settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
            settings.put("AIRPOST_IMAP_PORT", Integer.toString(dovecot.port()));
            settings.put("AIRPOST_IMAP_SECURITY", "plain");
            settings.put("AIRPOST_USERS_DOMAIN", "example.org");
            for (var what : List.of("PER_DEVICE", "PER_USER", "PINGS")) {
                settings.put("AIRPOST_THROTTLE_" + what, "100000");
            }
            return settings;
        }

        /** What a phone does each time. */
        private interface Step {
            void run(Phone phone, String inbox);
        }

        private void start(String user, ProtocolVersion version, Step step) throws Exception {
            var id = "D" + user + version.text().replace(".", "");
            var phone =
                    new Phone(gateway.address(), user, "secret", version, id, "AirpostPhone", SSLContext.getDefault());
            open.add(phone);
            phone.provision();
            phone.folderSync();
            var inbox = phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
            phone.syncAll(inbox, WINDOW);
            var waiting = new Waiting(name + " " + id, user, new ConcurrentHashMap<>());
            phones.add(waiting);
            running.add(threads.submit(() -> {
                while (over.getCount() > 0) {
                    try {
                        step.run(phone, inbox);
                        long now = System.nanoTime();
                        phone.replica(inbox).all().stream()
                                .map(Item::subject)
                                .forEach(subject -> waiting.seen().putIfAbsent(subject, now));
                    } catch (PhoneException e) {
                        comeAgain(e);
                    }
                }
                assertThat(phone.violations()).as(waiting.name()).isEmpty();
                assertThat(phone.replica(inbox).all())
                        .as("placeholders, which have the original attached")
                        .allMatch(item -> item.attachments().isEmpty());
                return null;
            }));
        }

        private void pings(Phone phone, String inbox) {
            if (phone.ping(List.of(inbox), HEARTBEAT).changes()) {
                phone.syncAll(inbox, WINDOW);
            }
        }

        private void holdsSync(Phone phone, String inbox) {
            phone.sync(inbox, WINDOW.withHold(HEARTBEAT));
        }

        /** The mail server is away: that is said by 503, and by nothing else. */
        private void comeAgain(PhoneException e) throws InterruptedException {
            if (over.getCount() > 0 && e.httpStatus() != 503) {
                throw e;
            }
            over.await(COMES_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }

        private Void bringMails(String user) throws InterruptedException {
            for (int n = 0; brought.getCount() > 0; ) {
                try (var desktop = new Desktop(dovecot.port(), user, "secret")) {
                    while (!brought.await(BETWEEN_MAILS.toMillis(), TimeUnit.MILLISECONDS)) {
                        var subject = "%s %d".formatted(user, ++n);
                        desktop.append("INBOX", subject);
                        taken.add(new Taken(user, subject, System.nanoTime()));
                    }
                } catch (UncheckedIOException | IllegalStateException e) {
                    brought.await(COMES_AGAIN.toMillis(), TimeUnit.MILLISECONDS); // it is away
                }
            }
            return null;
        }

        void outage(Duration time) throws InterruptedException {
            long from = System.nanoTime();
            dovecot.kill();
            brought.await(time.toMillis(), TimeUnit.MILLISECONDS);
            dovecot.restart();
            outages.add(new Outage(from, System.nanoTime()));
        }

        private long due(Taken mail) {
            long due = mail.at() + LATE.toNanos();
            for (var outage : outages) {
                if (outage.from() <= due && outage.to() >= mail.at()) {
                    due = outage.to() + LATE.toNanos();
                }
            }
            return due;
        }

        /** What came too late or not at all. */
        List<String> missed() {
            var missed = new ArrayList<String>();
            for (var mail : taken) {
                for (var phone : phones) {
                    var seen = phone.seen().get(mail.subject());
                    if (phone.user().equals(mail.user()) && (seen == null || seen > due(mail))) {
                        missed.add("%s: %s, %s"
                                .formatted(
                                        phone.name(),
                                        mail.subject(),
                                        seen == null ? "never" : (seen - mail.at()) / 1_000_000 + " ms"));
                    }
                }
            }
            return missed;
        }

        /** Deliveries that have not been made yet. */
        long missing() {
            return taken.stream()
                    .flatMap(mail -> phones.stream()
                            .filter(phone -> phone.user().equals(mail.user()))
                            .filter(phone -> !phone.seen().containsKey(mail.subject())))
                    .count();
        }

        String report() {
            var times = new LinkedHashMap<String, Long>();
            for (var mail : taken) {
                for (var phone : phones) {
                    var seen = phone.seen().get(mail.subject());
                    if (phone.user().equals(mail.user()) && seen != null) {
                        times.put(phone.name() + mail.subject(), (seen - mail.at()) / 1_000_000);
                    }
                }
            }
            var sorted = times.values().stream().sorted().toList();
            return "PushSoakTest: %s: %d mails, %d deliveries to %d phones, p50 %d ms, longest %d ms, outages of %s ms"
                    .formatted(
                            name,
                            taken.size(),
                            sorted.size(),
                            phones.size(),
                            sorted.get(sorted.size() / 2),
                            sorted.getLast(),
                            outages.stream()
                                    .map(one -> (one.to() - one.from()) / 1_000_000)
                                    .toList());
        }

        /** Ends the gateway, which answers whoever still waits; what a phone has complained of is thrown. */
        void end() throws Exception {
            gateway.close();
            ended = true;
            for (var one : running) {
                one.get(20, TimeUnit.SECONDS);
            }
        }

        @Override
        public void close() {
            threads.shutdownNow();
            if (!ended) {
                gateway.close();
            }
            open.forEach(Phone::close);
            dovecot.close();
        }
    }

    @Test
    @Timeout(value = 150, unit = TimeUnit.SECONDS)
    void noMailIsLostWhileTheMailServerIsKilledTwice() throws Exception {
        Dovecot.assumeInstalled();
        try (var notify = new Site("NOTIFY");
                var idle = new Site("IDLE", "NOTIFY")) {
            long begun = System.nanoTime();
            untilAfter(begun, Duration.ofSeconds(12));
            notify.outage(Duration.ofSeconds(1));
            untilAfter(begun, Duration.ofSeconds(18));
            idle.outage(Duration.ofSeconds(1));
            untilAfter(begun, Duration.ofSeconds(26));
            notify.outage(Duration.ofSeconds(6));
            untilAfter(begun, Duration.ofSeconds(40));
            idle.outage(Duration.ofSeconds(6));
            untilAfter(begun, SOAK);
            brought.countDown();

            await().atMost(LATE.plus(LATE))
                    .untilAsserted(
                            () -> assertThat(notify.missing() + idle.missing()).isZero());
            over.countDown();
            notify.end();
            idle.end();
            for (var site : List.of(notify, idle)) {
                System.out.println(site.report());
                assertThat(site.taken).as(site.name).hasSizeGreaterThan(50);
                assertThat(site.missed()).as(site.name).isEmpty();
            }
        }
    }

    private void untilAfter(long begun, Duration time) throws InterruptedException {
        brought.await(begun + time.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
