package org.airpost.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.airpost.phone.SyncRequest;
import org.jspecify.annotations.Nullable;
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

    /** Files of a process that are not connections of phones: jars, the store, its own. */
    private static final int OTHER_FILES = 300;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--phones",
            defaultValue = "20000",
            description = "phones that wait, their mail in memory; ${DEFAULT-VALUE}")
    private int phones;

    @Option(names = "--woken", defaultValue = "1000", description = "phones that get a mail at once; ${DEFAULT-VALUE}")
    private int woken;

    @Option(names = "--rate", defaultValue = "100", description = "Sync requests a second meanwhile; ${DEFAULT-VALUE}")
    private int rate;

    @Option(names = "--seconds", defaultValue = "30", description = "how long those are sent; ${DEFAULT-VALUE}")
    private int seconds;

    @Option(
            names = "--accounts",
            defaultValue = "2000",
            description =
                    "then, accounts that are watched by IMAP IDLE on a Dovecot, each with a phone that waits; ${DEFAULT-VALUE}")
    private int accounts;

    @Option(names = "--plot", paramLabel = "FILE", description = "draw the times of the Syncs into an SVG file")
    private @Nullable Path plot;

    @Option(names = "--heap", defaultValue = "1200m", description = "-Xmx of the gateway; ${DEFAULT-VALUE}")
    private String heap = "1200m";

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (phones < 0 || accounts < 0 || woken < 1 || rate < 1 || seconds < 1 || (phones > 0 && woken > phones)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "--woken, --rate and --seconds must be at least 1, --woken at most --phones; --phones and --accounts"
                            + " at least 0");
        }
        var out = spec.commandLine().getOut();
        out.printf("machine   %s%n", Stage.machine());
        if (phones > 0) {
            waitingPhones(out);
        }
        if (accounts > 0) {
            new WatchedAccounts(accounts, heap, out).measure();
        }
        return 0;
    }

    private void waitingPhones(PrintWriter out) throws IOException, InterruptedException {
        int most = openFiles() - OTHER_FILES - rate;
        if (phones > most) {
            out.printf("a process may have %d open files here: %d phones, not %d%n", openFiles(), most, phones);
            phones = most;
            woken = Math.min(woken, phones);
        }
        var directory = Files.createTempDirectory("airpost-bench");
        out.printf("gateway   %d users, mail in memory, -Xmx%s%n", phones + rate, heap);
        out.flush();
        try (var gateway = Child.start(
                        MemoryGateway.class,
                        directory.resolve("log"),
                        List.of("-Xmx" + heap),
                        List.of(directory.toString(), Integer.toString(phones + rate)));
                var fleet = new Fleet(gateway, out)) {
            measure(gateway, fleet, out);
        } finally {
            ChildServer.delete(directory);
        }
    }

    private static int openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? Math.toIntExact(Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount()))
                : Integer.MAX_VALUE;
    }

    private void measure(Child gateway, Fleet fleet, PrintWriter out) throws IOException, InterruptedException {
        long before = gateway.residentBytes();
        long began = System.nanoTime();
        var all = fleet.signIn(0, phones + rate);
        out.printf("synced    %d phones after %.0f s%n", all.size(), (System.nanoTime() - began) / 1e9);
        out.flush();
        var answers = new Durations();
        var answered = new CountDownLatch(woken);
        var wokenAt = new Moment();
        fleet.wait(all.subList(0, phones), 0, _ -> {
            answers.add(System.nanoTime() - wokenAt.value);
            answered.countDown();
        });
        long heapBytes = Long.parseLong(gateway.ask("heap"));
        out.printf(
                "waiting   %d phones: %d MiB resident (%d MiB before the first came), %d MiB of heap in use, %.1f KiB of heap a phone%n",
                phones, gateway.residentBytes() >> 20, before >> 20, heapBytes >> 20, heapBytes / 1024.0 / phones);
        out.flush();

        var syncs = load(fleet, all.subList(phones, phones + rate));
        out.printf("syncs     %d a second meanwhile: %s; target p99 100%n", rate, syncs);
        out.flush();
        if (plot != null) {
            var drawing = new Plot("%d phones wait; %d Syncs a second".formatted(phones, rate), 200);
            drawing.add("Sync", syncs);
            drawing.write(plot);
        }

        wokenAt.value = System.nanoTime();
        gateway.ask("deliver " + woken);
        Fleet.await(answered, woken);
        out.printf(
                "woken     %d phones at once: %s, the last after %.0f ms; target 2000%n",
                woken, answers, answers.millis(1));
        out.printf("resident  %d MiB at the end; target 2048%n", gateway.residentBytes() >> 20);
        out.flush();
    }

    /** Written before the mails are delivered, read after. */
    private static final class Moment {
        private volatile long value;
    }

    /** A Sync of each phone once a second, evenly; times count from when a request was due. */
    private Durations load(Fleet fleet, List<Fleet.Synced> syncing) throws InterruptedException {
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
