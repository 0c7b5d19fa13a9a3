package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.phone.SearchAnswer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures Search and Find in a large mailbox beside the same IMAP SEARCH alone. Target: issue 8, p50 below 300 ms. */
@Command(
        name = "search",
        description = {
            "Measures Search and Find over HTTPS on a Dovecot of its own, with the full-text index of dovecot-fts-xapian",
            "where that is installed, beside the IMAP SEARCH alone in the same run. Takes minutes."
        },
        mixinStandardHelpOptions = true)
public final class BenchSearch implements Callable<Integer> {

    private static final BodyOptions BODIES = new BodyOptions(
            List.of(new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(512L), false, 0)),
            Optional.empty(),
            0,
            Optional.empty());

    /** How rare the words are: the n-th stands in about one of so many messages. */
    private static final Map<String, Integer> WORDS = words();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--messages", defaultValue = "100000", description = "messages to search; ${DEFAULT-VALUE}")
    private int messages;

    @Option(names = "--runs", defaultValue = "50", description = "searches that count, of each kind; ${DEFAULT-VALUE}")
    private int runs;

    @Option(names = "--no-index", description = "Dovecot without a full-text index")
    private boolean noIndex;

    private static Map<String, Integer> words() {
        var words = new LinkedHashMap<String, Integer>();
        words.put("zebra", 10_000);
        words.put("walrus", 1_000);
        words.put("otter", 100);
        words.put("badger", 10);
        return words;
    }

    @Override
    public Integer call() throws IOException {
        if (messages < 1 || runs < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "numbers must be at least 1");
        }
        var out = spec.commandLine().getOut();
        out.printf("machine   %s%n", Stage.machine());
        boolean indexed = !noIndex && DovecotServer.hasIndex();
        out.printf(
                "index     %s%n",
                indexed ? "dovecot-fts-xapian" : noIndex ? "none" : "none: dovecot-fts-xapian is not installed");
        try (var stage = new Stage(new Stage.Lines(indexed ? DovecotServer.WITH_INDEX : ""))) {
            stage.user(
                    "anna",
                    () -> IntStream.range(0, messages)
                            .mapToObj(BenchSearch::message)
                            .iterator());
            long begin = System.nanoTime();
            if (indexed) {
                stage.dovecot().index("anna", "INBOX");
            }
            out.printf("%,d messages; filling the index: %.1f s%n%n", messages, since(begin));
            out.flush();
            measure(out, stage);
        }
        out.printf("load at the end: %s%n", Stage.machine());
        out.flush();
        return 0;
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private void measure(PrintWriter out, Stage stage) throws IOException {
        out.printf("%-22s %8s  %s%n", "query", "hits", "time");
        var all = new Durations();
        try (var phone = stage.phone("anna");
                var imap = stage.bare("anna")) {
            imap.command("SELECT INBOX");
            var queries = new ArrayList<>(WORDS.keySet());
            queries.add("subject:walrus");
            queries.add("from:bob7");
            queries.add("otter badger");
            for (var query : queries) {
                var search = new Durations();
                var find = new Durations();
                var raw = new Durations();
                int hits = 0;
                for (int n = -3; n < runs; n++) {
                    long begin = System.nanoTime();
                    var answer = phone.search(query, List.of(), 0, 49, BODIES);
                    long took = System.nanoTime() - begin;
                    hits = counted("Search", answer);
                    begin = System.nanoTime();
                    var found = phone.find("bench" + n, query, Optional.empty(), 0, 49);
                    long foundIn = System.nanoTime() - begin;
                    counted("Find", found);
                    begin = System.nanoTime();
                    imap.command("UID SEARCH RETURN (ALL) " + keys(query));
                    long rawIn = System.nanoTime() - begin;
                    if (n >= 0) {
                        search.add(took);
                        all.add(took);
                        find.add(foundIn);
                        raw.add(rawIn);
                    }
                }
                out.printf("%-22s %,8d  Search %s%n", query, hits, search);
                out.printf("%-22s %8s  Find   %s%n", "", "", find);
                out.printf("%-22s %8s  raw    %s%n", "", "", raw);
                out.flush();
            }
        }
        out.printf("%nall Searches: %s; target p50 300 ms%n", all);
    }

    private static int counted(String what, SearchAnswer answer) throws IOException {
        if (answer.status() != 1 || answer.hits().size() != Math.min(50, answer.total())) {
            throw new IOException("%s: status %d, %d results of %d"
                    .formatted(what, answer.status(), answer.hits().size(), answer.total()));
        }
        return answer.total();
    }

    /** What Airpost asks the server for. */
    private static String keys(String query) {
        if (query.startsWith("subject:") || query.startsWith("from:")) {
            return query.replace(':', ' ').replace("subject", "SUBJECT").replace("from", "FROM");
        }
        var keys = new StringBuilder();
        for (var word : query.split(" ", -1)) {
            keys.append("OR FROM %1$s OR TO %1$s OR CC %1$s OR SUBJECT %1$s BODY %1$s ".formatted(word));
        }
        return keys.toString().strip();
    }

    private static byte[] message(int n) {
        var random = new Random(n);
        var text = new StringBuilder();
        for (int word = 0; word < 12; word++) {
            text.append("w").append(random.nextInt(5_000)).append(word == 11 ? "\r\n" : " ");
        }
        WORDS.forEach((word, one) -> {
            if (n % one == 7 % one) {
                text.append(word).append("\r\n");
            }
        });
        var subject = n % 500 == 3 ? "The walrus" : "Number " + n;
        return """
                Message-ID: <%d@example.org>
                Date: Tue, 03 Mar 2026 10:00:00 +0000
                From: Bob <bob%d@example.org>
                To: Anna <anna@example.org>
                Subject: %s
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8

                %s""".replace("\n", "\r\n").formatted(n, n % 1_000, subject, text).getBytes(UTF_8);
    }
}
