package org.airpost.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
import org.airpost.phone.SyncRequest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what phones cost that wait for news: each is a user of its own, over TLS, with a held Ping. */
@Command(
        name = "waiting",
        description =
                "Lets many phones wait for news at a gateway in a process of its own, and prints what it needs and how"
                        + " fast it serves and wakes.",
        mixinStandardHelpOptions = true)
public final class BenchWaiting implements Callable<Integer> {

    private static final int SIGN_INS_AT_ONCE = 32;

    /** Phones that begin to wait at once: fewer than the requests under way that a gateway allows. */
    private static final int AT_A_TIME = 200;

    /** Files of a process that are not connections of phones: jars, the store, its own. */
    private static final int OTHER_FILES = 300;

    private static final Duration HEARTBEAT = Duration.ofMinutes(50);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--phones", defaultValue = "20000", description = "phones that wait; ${DEFAULT-VALUE}")
    private int phones;

    @Option(names = "--woken", defaultValue = "1000", description = "phones that get a mail at once; ${DEFAULT-VALUE}")
    private int woken;

    @Option(names = "--rate", defaultValue = "100", description = "Sync requests a second meanwhile; ${DEFAULT-VALUE}")
    private int rate;

    @Option(names = "--seconds", defaultValue = "30", description = "how long those are sent; ${DEFAULT-VALUE}")
    private int seconds;

    @Option(names = "--heap", defaultValue = "1200m", description = "-Xmx of the gateway; ${DEFAULT-VALUE}")
    private String heap = "1200m";

    @Override
    public Integer call() throws IOException, InterruptedException {
        int most = openFiles() - OTHER_FILES - rate;
        if (phones < 1 || woken < 1 || woken > phones || rate < 1 || seconds < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--phones, --woken, --rate and --seconds must be at least 1, --woken at most --phones");
        }
        var out = spec.commandLine().getOut();
        if (phones > most) {
            out.printf("a process may have %d open files here: %d phones, not %d%n", openFiles(), most, phones);
            phones = most;
            woken = Math.min(woken, phones);
        }
        var directory = Files.createTempDirectory("airpost-bench");
        out.printf("gateway with %d users starts, -Xmx%s%n", phones + rate, heap);
        out.flush();
        try (var gateway = Child.start(
                        MemoryGateway.class,
                        directory.resolve("log"),
                        List.of("-Xmx" + heap),
                        List.of(directory.toString(), Integer.toString(phones + rate)));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ready = gateway.line().split(" ", 3);
            var address = URI.create("https://localhost:" + ready[1]);
            var client = Phone.client(new Tls(new Trust.Authorities(Path.of(ready[2]))).context());
            try {
                measure(gateway, new Fleet(client, address, threads), out);
            } finally {
                client.shutdownNow();
                threads.shutdownNow();
            }
        }
        return 0;
    }

    private static int openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? Math.toIntExact(Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount()))
                : Integer.MAX_VALUE;
    }

    /** The phones of this process. */
    private record Fleet(HttpClient client, URI address, ExecutorService threads) {

        Phone phone(int number) {
            return Phone.sharing(
                    client,
                    address,
                    MemoryGateway.user(number),
                    MemoryGateway.PASSWORD,
                    ProtocolVersion.V16_1,
                    "BENCH" + number,
                    "AirpostPhone");
        }
    }

    /** A phone that knows its Inbox. */
    private record Synced(Phone phone, String inbox) {}

    private void measure(Child gateway, Fleet fleet, PrintWriter out) throws IOException, InterruptedException {
        long before = gateway.residentBytes();
        var began = System.nanoTime();
        var all = signIn(fleet, out);
        out.printf("%d phones have synced after %.0f s%n", all.size(), (System.nanoTime() - began) / 1e9);
        out.flush();

        var answers = new Durations();
        var answered = new CountDownLatch(woken);
        var wokenAt = new Moment();
        for (int i = 0; i < phones; i++) {
            var synced = all.get(i);
            boolean counts = i < woken;
            fleet.threads().execute(() -> {
                try {
                    synced.phone().ping(List.of(synced.inbox()), HEARTBEAT);
                } catch (PhoneException e) {
                    return; // the measurement is over; before that, it is missed where phones are counted
                }
                if (counts) {
                    answers.add(System.nanoTime() - wokenAt.value);
                    answered.countDown();
                }
            });
            if ((i + 1) % AT_A_TIME == 0) {
                awaitWaiting(gateway, i + 1);
            }
        }
        awaitWaiting(gateway, phones);
        long heapBytes = Long.parseLong(gateway.ask("heap"));
        long resident = gateway.residentBytes();
        out.printf(
                "waiting   %d phones: %d MiB resident (%d MiB before the first came), %d MiB of heap in use, %.1f KiB of heap a phone%n",
                phones, resident >> 20, before >> 20, heapBytes >> 20, heapBytes / 1024.0 / phones);
        out.flush();

        var syncs = load(fleet, all.subList(phones, phones + rate));
        out.printf("syncs     %d a second meanwhile: %s%n", rate, syncs);
        out.flush();

        wokenAt.value = System.nanoTime();
        gateway.ask("deliver " + woken);
        if (!answered.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("%d of %d phones were not woken".formatted(answered.getCount(), woken));
        }
        out.printf("woken     %d phones at once: %s%n", woken, answers);
        out.printf("resident  %d MiB at the end%n", gateway.residentBytes() >> 20);
        out.flush();
    }

    /** Written before the mails are delivered, read after. */
    private static final class Moment {
        private volatile long value;
    }

    private List<Synced> signIn(Fleet fleet, PrintWriter out) throws InterruptedException {
        int count = phones + rate;
        var synced = new Synced[count];
        var room = new Semaphore(SIGN_INS_AT_ONCE);
        var done = new CountDownLatch(count);
        var failed = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            int number = i;
            room.acquire();
            fleet.threads().execute(() -> {
                try {
                    synced[number] = synced(fleet.phone(number));
                } catch (RuntimeException e) {
                    if (failed.incrementAndGet() == 1) {
                        out.printf("phone %d: %s%n", number, e.getMessage());
                    }
                } finally {
                    room.release();
                    done.countDown();
                }
            });
            if (number > 0 && number % 2_000 == 0) {
                out.printf("%6d phones have begun%n", number);
                out.flush();
            }
        }
        done.await();
        if (failed.get() > 0) {
            throw new IllegalStateException("%d of %d phones could not sync".formatted(failed.get(), count));
        }
        return List.of(synced);
    }

    private static Synced synced(Phone phone) {
        phone.provision();
        phone.folderSync();
        var inbox = phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
        phone.syncAll(inbox, SyncRequest.PLAIN);
        return new Synced(phone, inbox);
    }

    private static void awaitWaiting(Child gateway, int phones) throws IOException, InterruptedException {
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

    /** A Sync of each phone once a second, evenly; times count from when a request was due. */
    private Durations load(Fleet fleet, List<Synced> syncing) throws InterruptedException {
        var times = new Durations();
        var tasks = new ArrayList<Callable<Void>>();
        long start = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        long gap = TimeUnit.SECONDS.toNanos(1) / rate;
        for (int i = 0; i < syncing.size(); i++) {
            var one = syncing.get(i);
            long first = start + i * gap;
            tasks.add(() -> {
                for (int round = 0; round < seconds; round++) {
                    long due = first + TimeUnit.SECONDS.toNanos(round);
                    while (System.nanoTime() < due) {
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                    one.phone().sync(one.inbox(), SyncRequest.PLAIN);
                    times.add(System.nanoTime() - due);
                }
                return null;
            });
        }
        fleet.threads().invokeAll(tasks);
        return times;
    }
}
