package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.airpost.sync.ModelWorld.Op;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * The engine against a model: random operations of two phones and another mail client, with faults between them.
 *
 * <p>The build runs the same seeds each time. {@code -Dairpost.model.runs=10000} runs more of them, {@code
 * -Dairpost.model.seed=…} begins elsewhere, and both together repeat one seed alone. A failure prints its seed and a short
 * list of operations that fails too.
 *
 * <p>That it sees something was tried by hand, by breaking the engine in one line each. Found within the runs of the build:
 * no replay of the old key (LedgerRecord.at), no check of UIDVALIDITY (CollectionSync.inTurn), the ledger without the
 * phone's own changes (ClientCommands.believe), MoreAvailable never said (CollectionSync.tell), a dropped answer left in the
 * record (CollectionSync.advance), moved mail not owed (MoveItems), a filter window computed once (Views.window).
 */
class EngineModelTest {

    private static final int LENGTH = 250;

    /** Runs of the build, always the same ones; {@code -Dairpost.model.runs} and {@code -Dairpost.model.seed} for others. */
    private static final long RUNS = 200;

    private static final int SHRINK_TRIES = 4_000;
    private static final long FIRST_SEED = 20_261_124L;

    private static Level before = Level.INFO;

    @BeforeAll
    static void faultsAreNotLogged() {
        if (LoggerFactory.getLogger("org.airpost") instanceof Logger logger) {
            before = Optional.ofNullable(logger.getLevel()).orElse(Level.INFO);
            logger.setLevel(Level.ERROR);
        }
    }

    @AfterAll
    static void logsAgain() {
        if (LoggerFactory.getLogger("org.airpost") instanceof Logger logger) {
            logger.setLevel(before);
        }
    }

    @Test
    void phonesComeToHaveWhatTheMailboxHas() {
        run("model", Op::words, seed -> new ModelWorld(seed % 4 == 0 ? 2_000 : 1 << 20));
    }

    /** Nothing is doubled and nothing lost: one draft for each that was written, and each mail sent is delivered once. */
    @Test
    void eachDraftIsThereOnceAndSentOnce() {
        run("drafts", DraftWorld::words, _ -> new DraftWorld());
    }

    private static void run(String name, Function<Op, String> words, LongFunction<ModelRun> world) {
        long runs = Long.getLong("airpost.model.runs", RUNS);
        long first = Long.getLong("airpost.model.seed", FIRST_SEED);
        long done = 0;
        for (long seed = first; seed < first + runs; seed++) {
            var ops = operations(seed);
            var failure = run(ops, world.apply(seed));
            if (failure.isPresent()) {
                throw new AssertionError(explain(ops, seed, failure.get(), words, world), failure.get());
            }
            done += ops.size();
        }
        System.out.printf("%s: %,d operations in %d runs%n", name, done, runs);
        assertThat(done).isPositive();
    }

    static List<Op> operations(long seed) {
        var random = new SplittableRandom(seed);
        var ops = new ArrayList<Op>();
        for (int i = 0; i < LENGTH; i++) {
            ops.add(new Op(
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16),
                    random.nextInt(1 << 16)));
        }
        return ops;
    }

    private static Optional<Throwable> run(List<Op> ops, ModelRun world) {
        try {
            for (var op : ops) {
                world.step(op);
            }
            world.catchUp();
            return Optional.empty();
        } catch (AssertionError | RuntimeException e) {
            return Optional.of(e);
        }
    }

    /** What failed, without the numbers and names in it. */
    private static String kind(Throwable failure) {
        var words = String.valueOf(failure.getMessage()).replaceAll("[0-9]+|old|new", "");
        return words.substring(0, Math.min(40, words.length()));
    }

    /** Leaves out operations as long as what is left still fails in the same way. */
    private static String explain(
            List<Op> ops, long seed, Throwable first, Function<Op, String> words, LongFunction<ModelRun> world) {
        var left = ops;
        var failure = first;
        int tries = 0;
        boolean smaller = true;
        for (int chunk = left.size() / 2; chunk > 1 || smaller; chunk = Math.max(1, chunk / 2)) {
            smaller = false;
            int at = 0;
            while (at < left.size() && tries++ < SHRINK_TRIES) {
                var fewer = new ArrayList<>(left.subList(0, at));
                fewer.addAll(left.subList(Math.min(left.size(), at + chunk), left.size()));
                var again = run(fewer, world.apply(seed));
                if (again.isPresent() && kind(again.get()).equals(kind(first))) {
                    left = fewer;
                    failure = again.get();
                    smaller = true;
                } else {
                    at += chunk;
                }
            }
        }
        var text =
                new StringBuilder("seed %d, first %s%nshrunk to %d: %s".formatted(seed, first, left.size(), failure));
        left.forEach(op -> text.append("\n  ").append(op).append(" = ").append(words.apply(op)));
        return text.toString();
    }
}
