package org.airpost.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.PingResult;
import org.airpost.phone.SyncRequest;

/** Many phones in this process at a gateway in another one, each of a user of its own. */
final class Fleet implements AutoCloseable {

    static final String PASSWORD = "secret";

    private static final int SIGN_INS_AT_ONCE = 32;

    /** Phones that begin to wait at once: fewer than the requests under way that a gateway allows. */
    private static final int AT_A_TIME = 200;

    private static final int UNAVAILABLE = 503;
    private static final Duration COMES_AGAIN = Duration.ofSeconds(3);
    private static final Duration HEARTBEAT = Duration.ofMinutes(50);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Child gateway;
    private final PrintWriter out;
    private final URI address;
    private final HttpClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Phones for a gateway that has just been started. */
    Fleet(Child gateway, PrintWriter out) throws IOException {
        this.gateway = gateway;
        this.out = out;
        var ready = gateway.line().split(" ", 3);
        this.address = URI.create("https://localhost:" + ready[1]);
        this.client = Phone.client(new Tls(new Trust.Authorities(Path.of(ready[2]))).context());
    }

    static String user(int number) {
        return "u" + number;
    }

    static String mail(String user) {
        return "From: bench@example.org\r\nTo: %s@example.org\r\nSubject: News\r\n\r\nHello.\r\n".formatted(user);
    }

    /** A phone that knows its Inbox. */
    record Synced(Phone phone, String inbox) {}

    /** Is told of a Ping that was answered with changes. */
    interface Woken {
        void woken(int number);
    }

    ExecutorService threads() {
        return threads;
    }

    /** The phones of users with these numbers, which have their folders and their Inbox. */
    List<Synced> signIn(int from, int to) throws InterruptedException {
        int count = to - from;
        var synced = new Synced[count];
        var room = new Semaphore(SIGN_INS_AT_ONCE);
        var done = new CountDownLatch(count);
        var failed = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            int number = i;
            room.acquire();
            threads.execute(() -> {
                try {
                    synced[number] = synced(phone(from + number));
                } catch (RuntimeException e) {
                    if (failed.incrementAndGet() == 1) {
                        out.printf("phone %d: %s%n", from + number, e.getMessage());
                    }
                } finally {
                    room.release();
                    done.countDown();
                }
            });
        }
        done.await();
        if (failed.get() > 0) {
            throw new IllegalStateException("%d of %d phones could not sync".formatted(failed.get(), count));
        }
        return List.of(synced);
    }

    private Phone phone(int number) {
        return Phone.sharing(
                client, address, user(number), PASSWORD, ProtocolVersion.V16_1, "BENCH" + number, "AirpostPhone");
    }

    private static Synced synced(Phone phone) {
        phone.provision();
        phone.folderSync();
        var inbox = phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
        phone.syncAll(inbox, SyncRequest.PLAIN);
        return new Synced(phone, inbox);
    }

    /** Has these phones wait, the first of them the one with this number; they do when this returns. */
    void wait(List<Synced> phones, int first, Woken woken) throws IOException, InterruptedException {
        for (int i = 0; i < phones.size(); i++) {
            int number = first + i;
            var one = phones.get(i);
            threads.execute(() -> {
                try {
                    if (ping(one).changes()) {
                        woken.woken(number);
                    }
                } catch (PhoneException e) {
                    // The measurement is over; before that, it is missed where phones are counted.
                }
            });
            if ((i + 1) % AT_A_TIME == 0) {
                awaitWaiting(number + 1);
            }
        }
        awaitWaiting(first + phones.size());
    }

    /** Waits for news; a phone that is told to come later does. */
    private static PingResult ping(Synced one) {
        while (true) {
            try {
                return one.phone().ping(List.of(one.inbox()), HEARTBEAT);
            } catch (PhoneException e) {
                if (e.httpStatus() != UNAVAILABLE) {
                    throw e;
                }
                LockSupport.parkNanos(COMES_AGAIN.toNanos());
            }
        }
    }

    private void awaitWaiting(int phones) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        var waiting = gateway.ask("waiting");
        while (Integer.parseInt(waiting) < phones) {
            if (System.nanoTime() > end) {
                throw new IOException("%s of %d phones wait".formatted(waiting, phones));
            }
            TimeUnit.MILLISECONDS.sleep(20);
            waiting = gateway.ask("waiting");
        }
    }

    /** Waits until as many phones have been woken. */
    static void await(CountDownLatch woken, int of) throws IOException, InterruptedException {
        if (!woken.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("%d of %d phones were not woken".formatted(woken.getCount(), of));
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
    }
}
