package org.airpost.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.airpost.phone.Folder;
import org.airpost.phone.SyncRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how long a new mail takes to a phone that waits, beside a bare IMAP client that waits for the same mail. */
@Command(
        name = "push",
        description = {
            "Measures from IMAP's answer to APPEND until the Ping is answered at the phone, on a Dovecot of its own with",
            "NOTIFY and with IDLE alone; and in the same run until a bare IMAP client hears of the same mail."
        },
        mixinStandardHelpOptions = true)
public final class BenchPush implements Callable<Integer> {

    private static final String OTHER = "Other";
    private static final String NOTIFY =
            "NOTIFY SET (mailboxes (" + OTHER + ") (MessageNew MessageExpunge FlagChange))";

    /** Dovecot gathers events for half a second: a mail that comes sooner is told with the one before. */
    private static final int LEAST_PAUSE_MILLIS = 700;

    /** Mails of each user that do not count: Java compiles what runs often while it runs. */
    private static final int WARM_UP = 10;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--mails", defaultValue = "500", description = "mails that count, of each kind; ${DEFAULT-VALUE}")
    private int mails;

    @Option(names = "--users", defaultValue = "10", description = "users with a waiting phone each; ${DEFAULT-VALUE}")
    private int users;

    @Option(names = "--plot", paramLabel = "FILE", description = "draw the times into an SVG file")
    private @Nullable Path plot;

    /** Times of one kind. */
    private record Times(Durations bare, Durations phone, Durations between, ReentrantLock lock) {
        Times() {
            this(new Durations(), new Durations(), new Durations(), new ReentrantLock());
        }

        void add(long bareNanos, long phoneNanos) {
            lock.lock();
            try {
                bare.add(bareNanos);
                phone.add(phoneNanos);
                between.add(phoneNanos - bareNanos);
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        if (mails < 1 || users < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "numbers must be at least 1");
        }
        var out = spec.commandLine().getOut();
        out.printf("machine   %s%n", Stage.machine());
        out.printf(
                "from the answer to APPEND; %d users, a mail each at once, %d mails each for warm-up%n",
                users, WARM_UP);
        out.flush();
        var drawing = new Plot("From the answer to APPEND until it is heard", 1000);
        try (var stage = new Stage()) {
            report(out, drawing, "Inbox, NOTIFY", measure(stage, "INBOX"));
            report(out, drawing, "another folder, NOTIFY", measure(stage, OTHER));
        }
        try (var stage = new Stage("NOTIFY")) {
            report(out, drawing, "Inbox, IDLE alone", measure(stage, "INBOX"));
        }
        if (plot != null) {
            drawing.write(plot);
        }
        out.printf("load at the end: %s%n", Stage.machine());
        out.flush();
        return 0;
    }

    private static void report(PrintWriter out, Plot drawing, String what, Times times) {
        out.printf("%n%s%n", what);
        out.printf("  bare client hears       %s%n", times.bare());
        out.printf("  Ping at the phone       %s%n", times.phone());
        out.printf("  the phone after it      %s; target p50 20, p99 100%n", times.between());
        out.flush();
        drawing.add(what + ": bare client", times.bare());
        drawing.add(what + ": phone", times.phone());
    }

    private Times measure(Stage stage, String mailbox) {
        var times = new Times();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<CompletableFuture<Void>>();
            for (int n = 0; n < users; n++) {
                var user = "push%d%s".formatted(n, mailbox.toLowerCase(Locale.ROOT));
                int each = (mails + users - 1) / users;
                work.add(CompletableFuture.runAsync(() -> one(stage, user, mailbox, each, times, threads), threads));
            }
            work.forEach(CompletableFuture::join);
        }
        return times;
    }

    private static void one(Stage stage, String user, String mailbox, int mails, Times times, ExecutorService threads) {
        try {
            stage.user(user, List.of());
            try (var appending = stage.bare(user);
                    var hearing = stage.bare(user)) {
                if (mailbox.equals(OTHER)) {
                    appending.command("CREATE " + OTHER);
                    hearing.command("ENABLE QRESYNC");
                    hearing.command(NOTIFY);
                } else {
                    hearing.command("EXAMINE " + mailbox);
                }
                hearing.idle();
                try (var phone = stage.phone(user)) {
                    var inbox = Stage.inbox(phone);
                    var folder = phone.hierarchy()
                            .named(mailbox)
                            .map(Folder::id)
                            .filter(_ -> mailbox.equals(OTHER))
                            .orElse(inbox);
                    var watched = Stream.of(inbox, folder).distinct().toList();
                    phone.syncAll(inbox, SyncRequest.PLAIN);
                    phone.syncAll(folder, SyncRequest.PLAIN);
                    for (int n = -WARM_UP; n < mails; n++) {
                        var ping = CompletableFuture.supplyAsync(
                                () -> {
                                    var result = phone.ping(watched, Duration.ofSeconds(60));
                                    return result.changes() ? System.nanoTime() : 0L;
                                },
                                threads);
                        BenchSync.pause(Duration.ofMillis(
                                LEAST_PAUSE_MILLIS + ThreadLocalRandom.current().nextInt(500)));
                        int count = n + WARM_UP + 1;
                        var heard = CompletableFuture.supplyAsync(() -> await(hearing, mailbox, count), threads);
                        appending.append(mailbox, List.of(Stage.message(n, 2000)));
                        long acknowledged = System.nanoTime();
                        long bare = heard.join() - acknowledged;
                        long answered = ping.join();
                        if (answered == 0) {
                            throw new IllegalStateException("the Ping was not woken");
                        }
                        if (n >= 0) {
                            times.add(bare, answered - acknowledged);
                        }
                        phone.sync(folder, SyncRequest.PLAIN);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the server says that the mailbox holds so many messages. */
    private static long await(BareImap hearing, String mailbox, int count) {
        try {
            hearing.awaitLine(line -> line.equals("* %d EXISTS".formatted(count))
                    || line.startsWith("* STATUS %s (MESSAGES %d ".formatted(mailbox, count)));
            return System.nanoTime();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
