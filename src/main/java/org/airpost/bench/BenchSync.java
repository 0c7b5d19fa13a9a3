package org.airpost.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Security;
import org.airpost.backend.UidSet;
import org.airpost.backend.imap.ImapBackend;
import org.airpost.backend.imap.ImapSettings;
import org.airpost.eas.BodyType;
import org.airpost.phone.Phone;
import org.airpost.phone.PingResult;
import org.airpost.phone.SyncRequest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what a Sync costs, beside what bare IMAP costs, on a Dovecot that it starts. Targets: DESIGN §14. */
@Command(
        name = "sync",
        description = {
            "Measures Sync over HTTPS on a Dovecot of its own, beside bare IMAP in the same run: the first Sync, Sync",
            "without change in small and large folders, one new mail, bytes written, heap of a view. Takes minutes."
        },
        mixinStandardHelpOptions = true)
public final class BenchSync implements Callable<Integer> {

    private static final int WINDOW = 512;
    private static final SyncRequest REQUEST =
            SyncRequest.PLAIN.withWindowSize(WINDOW).withBody(BodyType.HTML, 32 << 10);
    private static final SyncRequest SHORT =
            SyncRequest.PLAIN.withWindowSize(WINDOW).withBody(BodyType.PLAIN_TEXT, 200);
    private static final Pattern FETCH = Pattern.compile("UID FETCH \\S+ \\((.*)\\)");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--messages", defaultValue = "10000", description = "messages of the first Sync; ${DEFAULT-VALUE}")
    private int messages;

    @Option(names = "--bytes", defaultValue = "8000", description = "bytes of each of them; ${DEFAULT-VALUE}")
    private int bytes;

    @Option(
            names = "--folders",
            split = ",",
            defaultValue = "1000,10000,100000",
            description = "messages of the folders that are synced without change; ${DEFAULT-VALUE}")
    private List<Integer> folders = List.of();

    @Option(
            names = "--format",
            defaultValue = "maildir",
            description = "mailboxes of the first Sync: maildir or sdbox; ${DEFAULT-VALUE}. The others are sdbox")
    private String format = "maildir";

    @Option(
            names = "--warm-up",
            defaultValue = "1",
            description = {
                "first Syncs before those that count, as many in windows of 10 messages: a gateway that runs has answered",
                "many; ${DEFAULT-VALUE}"
            })
    private int warmUp;

    @Option(names = "--runs", defaultValue = "1000", description = "Syncs without change that count; ${DEFAULT-VALUE}")
    private int runs;

    @Override
    public Integer call() throws IOException {
        if (messages < 1 || bytes < 1 || runs < 1 || warmUp < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "numbers must be at least 1");
        }
        var out = spec.commandLine().getOut();
        out.printf("machine   %s%n", Stage.machine());
        first(out, rawCommand());
        try (var stage = new Stage()) {
            if (!folders.isEmpty()) {
                var phones = unchanged(out, stage);
                oneMail(out, stage, phones);
                heap(out, stage);
            }
        }
        out.printf("load at the end: %s%n", Stage.machine());
        out.flush();
        return 0;
    }

    /**
     * The first Sync of a new device beside one UID FETCH of the same parts, by turns: the time until the last byte has come,
     * in both; what a phone or a mail client does with it is not counted. Each in mailboxes whose structures Dovecot has not
     * in its cache, as after a delivery by file, and then in the same ones with all of it cached.
     */
    private void first(PrintWriter out, String command) throws IOException {
        out.printf("%nFirst Sync of %,d messages of %,d bytes%n  raw: %s%n", messages, bytes, command);
        try (var stage = Stage.direct(format)) {
            first(out, command, stage);
        }
    }

    @SuppressWarnings("ReferenceEquality") // which of the two lists it is, whatever is in them
    private void first(PrintWriter out, String command, Stage stage) throws IOException {
        var unread = new First();
        var cached = new First();
        for (int run = -warmUp; run < 3; run++) {
            var synced = "synced" + (run + warmUp);
            var fetched = "fetched" + (run + warmUp);
            for (var user : List.of(synced, fetched)) {
                stage.user(
                        user,
                        () -> IntStream.range(0, messages)
                                .mapToObj(n -> Stage.message(n, bytes))
                                .iterator());
                stage.forgetCache(user);
            }
            for (var first : List.of(unread, cached)) {
                boolean isWarmUpOfAnswers = run < 0 && first == cached;
                double ours = firstSync(stage, synced, messages, isWarmUpOfAnswers ? 10 : WINDOW);
                double raw = firstFetch(stage, fetched, command);
                if (run >= 0) {
                    first.add(ours, raw);
                }
                out.printf(
                        "  %-8s %-8s Airpost %.2f s, raw %.2f s%n",
                        run < 0 ? "warm-up" : "run " + (run + 1), first == unread ? "unread" : "cached", ours, raw);
                out.flush();
            }
        }
        out.printf("  nothing cached, median of 3: %s; target 60 %%%n", unread.says(messages));
        out.printf("  all cached,     median of 3: %s; target 60 %%%n", cached.says(messages));
        out.flush();
    }

    /** Seconds of the first Syncs that count, and of the fetches beside them. */
    private record First(List<Double> synced, List<Double> raw) {

        First() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        void add(double ours, double fetch) {
            synced.add(ours);
            raw.add(fetch);
        }

        String says(int messages) {
            double ours = median(synced);
            double limit = median(raw);
            return "raw %.2f s (%,.0f messages/s), Airpost %.2f s (%,.0f messages/s): %.0f %% of raw"
                    .formatted(limit, messages / limit, ours, messages / ours, 100 * limit / ours);
        }

        private static double median(List<Double> values) {
            return values.stream().sorted().toList().get(values.size() / 2);
        }
    }

    private static double firstSync(Stage stage, String user, int messages, int window) throws IOException {
        try (var phone = stage.phone(user)) {
            var begin = phone.waited();
            var answer = phone.syncAll(Stage.inbox(phone), REQUEST.withWindowSize(window));
            double seconds = phone.waited().minus(begin).toNanos() / 1e9;
            int got = phone.replica(Stage.inbox(phone)).items().size();
            if (!answer.succeeded() || got != messages) {
                throw new IOException("the phone has %d of %d messages".formatted(got, messages));
            }
            return seconds;
        }
    }

    private static double firstFetch(Stage stage, String user, String command) throws IOException {
        try (var imap = stage.bare(user)) {
            imap.command("SELECT INBOX");
            long begin = System.nanoTime();
            imap.command(command);
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    /** What Airpost asks the server for in a first Sync, as the proxy hears it. */
    private String rawCommand() throws IOException {
        try (var stage = Stage.of(format)) {
            stage.user(
                    "few",
                    () -> IntStream.range(0, 10)
                            .mapToObj(n -> Stage.message(n, bytes))
                            .iterator());
            int before = stage.proxy().count().commands();
            firstSync(stage, "few", 10, WINDOW);
            return rawCommand(stage.proxy().commandsAfter(before));
        }
    }

    /** One command for all messages that asks for whatever Airpost has asked for in many. */
    private static String rawCommand(List<String> commands) {
        Set<String> items = new LinkedHashSet<>();
        for (var command : commands) {
            var fetch = FETCH.matcher(command);
            if (fetch.matches() && !fetch.group(1).equals("UID FLAGS")) {
                items.addAll(List.of(fetch.group(1).split(" ")));
            }
        }
        return "UID FETCH 1:* (" + String.join(" ", items) + ")";
    }

    /** A folder with a phone that has synced it. */
    private record Synced(int size, Phone phone) {}

    private List<Synced> unchanged(PrintWriter out, Stage stage) throws IOException {
        var synced = new ArrayList<Synced>();
        for (int size : folders) {
            var user = "folder" + size;
            stage.user(
                    user,
                    () -> IntStream.range(0, size)
                            .mapToObj(n -> Stage.message(n, 400))
                            .iterator());
            var phone = stage.phone(user);
            long begin = System.nanoTime();
            phone.syncAll(Stage.inbox(phone), SHORT);
            out.printf(
                    "%s%,d messages synced in %.1f s%n",
                    synced.isEmpty() ? "\nSync without change\n  " : "  ", size, (System.nanoTime() - begin) / 1e9);
            out.flush();
            synced.add(new Synced(size, phone));
        }
        try (var imap = stage.bare("folder" + folders.getFirst())) {
            imap.command("SELECT INBOX");
            var noop = new Durations();
            for (int n = -runs / 5; n < runs; n++) {
                long begin = System.nanoTime();
                imap.command("NOOP");
                if (n >= 0) {
                    noop.add(System.nanoTime() - begin);
                }
            }
            out.printf("  raw: one NOOP             %s%n", noop);
        }
        measure(out, stage, synced, "no watcher");
        for (var one : synced) {
            watch(stage, one.phone());
        }
        measure(out, stage, synced, "live watcher");
        return synced;
    }

    /** Sync by turns in all folders, so that whatever else runs on the machine hits them alike. */
    private void measure(PrintWriter out, Stage stage, List<Synced> synced, String what) throws IOException {
        Map<Integer, Durations> times = new TreeMap<>();
        var before = stage.proxy().count();
        for (int n = -runs / 5; n < runs; n++) {
            if (n == 0) {
                before = stage.proxy().count();
            }
            for (var one : synced) {
                long begin = System.nanoTime();
                var answer = one.phone().sync(Stage.inbox(one.phone()), SyncRequest.PLAIN);
                long took = System.nanoTime() - begin;
                if (!answer.succeeded() || !answer.commands().isEmpty()) {
                    throw new IOException("a Sync that should tell nothing: " + answer);
                }
                if (n >= 0) {
                    times.computeIfAbsent(one.size(), _ -> new Durations()).add(took);
                }
            }
        }
        var said = stage.proxy().count().since(before);
        times.forEach((size, took) -> out.printf("  %-12s %,9d    %s%n", what, size, took));
        var p50 = times.values().stream().map(took -> took.millis(0.5)).toList();
        out.printf(
                "  %-12s largest folder %.0f %% of the smallest at p50; target 80–120 %%; IMAP: %.2f commands, %.0f bytes a Sync%n",
                what,
                100 * p50.getLast() / p50.getFirst(),
                said.commands() / (double) (runs * synced.size()),
                said.bytes() / (double) (runs * synced.size()));
        out.flush();
    }

    /** Makes the gateway watch: a Ping, ended by Syncs; returns when a Sync costs no IMAP any more. */
    private static void watch(Stage stage, Phone phone) throws IOException {
        var ping = ping(phone);
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (System.nanoTime() < end) {
            pause(Duration.ofMillis(300));
            phone.sync(Stage.inbox(phone), SyncRequest.PLAIN);
            var before = stage.proxy().count();
            phone.sync(Stage.inbox(phone), SyncRequest.PLAIN);
            if (ping.isDone() && stage.proxy().count().since(before).bytes() == 0) {
                return;
            }
        }
        throw new IOException("the watcher does not come to rest");
    }

    private static CompletableFuture<PingResult> ping(Phone phone) {
        return CompletableFuture.supplyAsync(
                () -> phone.ping(List.of(Stage.inbox(phone)), Duration.ofMinutes(2)),
                Executors.newVirtualThreadPerTaskExecutor());
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One mail comes, the phone is woken and syncs it. */
    private void oneMail(PrintWriter out, Stage stage, List<Synced> synced) throws IOException {
        out.printf("%nOne new mail, told by Ping, then synced%n");
        int mails = 100;
        for (var one : synced) {
            var times = new Durations();
            var inSync = new ArrayList<CountingProxy.Count>();
            var inAll = new ArrayList<CountingProxy.Count>();
            var written = new ArrayList<Long>();
            var commands = List.<String>of();
            try (var imap = stage.bare("folder" + one.size())) {
                for (int n = 0; n < mails; n++) {
                    var ping = ping(one.phone());
                    pause(Duration.ofMillis(50));
                    var before = stage.proxy().count();
                    imap.append("INBOX", List.of(Stage.message(n, 4000)));
                    if (!ping.join().changes()) {
                        throw new IOException("the Ping was not woken");
                    }
                    var woken = stage.proxy().count();
                    long storeBefore = stage.store().bytes();
                    long begin = System.nanoTime();
                    var answer = one.phone().sync(Stage.inbox(one.phone()), SyncRequest.PLAIN);
                    times.add(System.nanoTime() - begin);
                    written.add(stage.store().bytes() - storeBefore);
                    var after = stage.proxy().count();
                    inSync.add(after.since(woken));
                    inAll.add(after.since(before));
                    commands = stage.proxy().commandsAfter(before.commands());
                    if (answer.added().size() != 1) {
                        throw new IOException("a Sync that should tell of one mail: " + answer);
                    }
                }
            }
            out.printf("  %,9d  Sync %s%n", one.size(), times);
            out.printf(
                    "             IMAP round trips: %d in the Sync (target 2), %d from the event on; median bytes %,d and %,d%n",
                    median(inSync, CountingProxy.Count::roundTrips),
                    median(inAll, CountingProxy.Count::roundTrips),
                    median(inSync, CountingProxy.Count::bytes),
                    median(inAll, CountingProxy.Count::bytes));
            var sorted = written.stream().sorted().toList();
            out.printf(
                    "             bytes to the store: median %,d, mean %,.0f, most %,d; target 4,096%n",
                    sorted.get(mails / 2),
                    written.stream().mapToLong(Long::longValue).average().orElse(0),
                    sorted.getLast());
            if (one.equals(synced.getLast())) {
                commands.forEach(command -> out.printf("             %s%n", command));
            }
            out.flush();
            one.phone().close();
        }
    }

    private static long median(List<CountingProxy.Count> counts, ToLongFunction<CountingProxy.Count> what) {
        return counts.stream().mapToLong(what).sorted().toArray()[counts.size() / 2];
    }

    /** What a view takes, as it is kept for each folder of each user. */
    private void heap(PrintWriter out, Stage stage) {
        int size = folders.getLast();
        var settings = ImapSettings.of("127.0.0.1", stage.dovecot().port(), Security.PLAIN);
        var signIn =
                new ImapBackend(settings, Clock.systemUTC()).signIn(new Credentials("folder" + size, Stage.PASSWORD));
        if (!(signIn instanceof SignIn.Accepted(var account))
                || !(account.refresh("INBOX", FolderView.UNKNOWN) instanceof Refreshed.Current(var view))) {
            throw new IllegalStateException("no view: " + signIn);
        }
        account.close();
        out.printf("%nHeap of a view%n");
        var random = new Random(7);
        var gaps = UidSet.of(IntStream.rangeClosed(1, size)
                .filter(_ -> random.nextInt(10) > 0)
                .mapToLong(n -> n)
                .toArray());
        var flags = new TreeMap<String, UidSet>();
        for (var flag : List.of("\\Seen", "\\Answered", "\\Flagged", "$Forwarded", "Work", "Home")) {
            flags.put(
                    flag,
                    UidSet.of(gaps.ascending().stream()
                            .filter(_ -> random.nextBoolean())
                            .toList()));
        }
        Map<String, FolderView> views = new LinkedHashMap<>();
        views.put("%,d messages as listed".formatted(view.present().size()), view);
        views.put(
                "%,d messages, every tenth gone, six flags at random".formatted(gaps.size()),
                new FolderView(1, size + 1L, 1, gaps, flags));
        views.forEach(
                (what, one) -> out.printf("  %-60s %,9d bytes; target 262,144%n", what, HeapSize.of(() -> copy(one))));
        out.flush();
    }

    private static FolderView copy(FolderView view) {
        var flags = new TreeMap<String, UidSet>();
        view.flags().forEach((flag, uids) -> flags.put(flag, uids.toBuilder().build()));
        return new FolderView(
                view.uidValidity(),
                view.uidNext(),
                view.highestModSeq(),
                view.present().toBuilder().build(),
                flags);
    }
}
