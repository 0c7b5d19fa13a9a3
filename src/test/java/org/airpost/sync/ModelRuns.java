package org.airpost.sync;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.airpost.sync.ModelWorld.Op;
import org.slf4j.LoggerFactory;

/**
 * Runs of the model, each of {@link #LENGTH} operations that follow from its seed. A failure is an AssertionError with the
 * seed and a short list of operations that fails too.
 *
 * @param world makes what one run happens in, by its seed
 * @param atOnce how many runs there are at the same time; their worlds have nothing in common but the server
 * @param shrinking how long a failure is made smaller
 */
record ModelRuns(LongFunction<ModelRun> world, int atOnce, Duration shrinking) {

    static final int LENGTH = 250;

    private static final long FIRST_SEED = 20_261_124L;

    /** Worlds with a mailbox on a server, which is made anew for each run. */
    static LongFunction<ModelRun> on(Function<InstantSource, ModelServer> server) {
        return seed -> new ModelWorld(server, seed % 4 == 0 ? 2_000 : 1 << 20);
    }

    /** As many as asked for, unless {@code -Dairpost.model.runs} and {@code -Dairpost.model.seed} say otherwise. */
    void run(String name, long usual) {
        long runs = Long.getLong("airpost.model.runs", usual);
        long first = Long.getLong("airpost.model.seed", FIRST_SEED);
        run(name, LongStream.range(first, first + runs).toArray());
    }

    /** Those with these seeds. */
    void run(String name, long[] seeds) {
        long began = System.nanoTime();
        var next = new AtomicInteger();
        var failures = new ConcurrentSkipListMap<Long, Throwable>();
        quietly(() -> {
            var workers = new ArrayList<Thread>();
            for (int i = 0; i < atOnce; i++) {
                workers.add(Thread.ofPlatform().daemon().name("model-" + i).start(() -> {
                    for (int at = next.getAndIncrement();
                            at < seeds.length && failures.isEmpty();
                            at = next.getAndIncrement()) {
                        long seed = seeds[at];
                        run(operations(seed), seed).ifPresent(failure -> failures.put(seed, failure));
                    }
                }));
            }
            workers.forEach(ModelRuns::join);
            if (!failures.isEmpty()) {
                var failed = failures.firstEntry();
                throw new AssertionError(
                        explain(operations(failed.getKey()), failed.getKey(), failed.getValue()), failed.getValue());
            }
        });
        System.out.printf(
                "model on %s: %,d operations in %d runs, %.1f s%n",
                name, (long) seeds.length * LENGTH, seeds.length, (System.nanoTime() - began) / 1e9);
    }

    private static void join(Thread worker) {
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Faults are what is wanted here, and not logged. */
    private static void quietly(Runnable work) {
        if (!(LoggerFactory.getLogger("org.airpost") instanceof Logger logger)) {
            work.run();
            return;
        }
        var before = Optional.ofNullable(logger.getLevel()).orElse(Level.INFO);
        logger.setLevel(Level.ERROR);
        try {
            work.run();
        } finally {
            logger.setLevel(before);
        }
    }

    private static List<Op> operations(long seed) {
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

    private Optional<Throwable> run(List<Op> ops, long seed) {
        try (var world = this.world.apply(seed)) {
            for (var op : ops) {
                world.step(op);
            }
            world.catchUp();
            return Optional.empty();
        } catch (RuntimeException | Error e) {
            return Optional.of(e);
        }
    }

    /** What failed, without the numbers and names in it. */
    private static String kind(Throwable failure) {
        var words = String.valueOf(failure.getMessage()).replaceAll("[0-9]+|old|new", "");
        return words.substring(0, Math.min(40, words.length()));
    }

    /** Leaves out operations as long as what is left still fails in the same way. */
    private String explain(List<Op> ops, long seed, Throwable first) {
        var left = ops;
        var failure = first;
        long end = System.nanoTime() + shrinking.toNanos();
        boolean smaller = true;
        for (int chunk = left.size() / 2; chunk > 1 || smaller; chunk = Math.max(1, chunk / 2)) {
            smaller = false;
            int at = 0;
            while (at < left.size() && System.nanoTime() < end) {
                var fewer = new ArrayList<>(left.subList(0, at));
                fewer.addAll(left.subList(Math.min(left.size(), at + chunk), left.size()));
                var again = run(fewer, seed);
                if (again.isPresent() && kind(again.get()).equals(kind(first))) {
                    left = fewer;
                    failure = again.get();
                    smaller = true;
                } else {
                    at += chunk;
                }
            }
        }
        var text = new StringBuilder("seed %d, first %s%nrepeat with -Dairpost.model.runs=1 -Dairpost.model.seed=%d%n"
                .formatted(seed, first, seed));
        text.append("shrunk to %d: %s".formatted(left.size(), failure));
        try (var words = world.apply(seed)) {
            left.forEach(op -> text.append("\n  ").append(op).append(" = ").append(words.words(op)));
        }
        return text.toString();
    }
}
