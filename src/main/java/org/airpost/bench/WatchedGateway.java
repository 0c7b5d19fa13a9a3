package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.airpost.app.Gateway;
import org.airpost.config.Config;

/**
 * A gateway whose heap is watched, as the child process of a measurement; its configuration comes by the environment. It
 * prints {@code ready PORT CA-FILE}, then obeys the lines of its input, each with one line: {@code watch} begins to collect
 * garbage again and again and gives the bytes in use now; {@code peak} ends that and gives the most bytes that were in use
 * after a collection, and how many there were. It ends with its input.
 */
final class WatchedGateway {

    private static final long PAUSE_NANOS = 20_000_000;

    private final AtomicBoolean watching = new AtomicBoolean();
    private final AtomicLong peak = new AtomicLong();
    private final AtomicLong collections = new AtomicLong();
    private Thread watcher = Thread.ofPlatform().unstarted(() -> {});

    private WatchedGateway() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (var gateway = Gateway.start(Config.load(Optional.empty(), System.getenv()));
                var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            say("ready %d %s"
                    .formatted(gateway.address().getPort(), gateway.authority().orElseThrow()));
            var watched = new WatchedGateway();
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                switch (line) {
                    case "watch" -> watched.watch();
                    case "peak" -> watched.peak();
                    default -> throw new IllegalArgumentException("\"%s\"".formatted(line));
                }
            }
        }
    }

    private void watch() {
        // What the last work left behind goes with the second collection, or the third.
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, used());
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        peak.set(least);
        say(Long.toString(peak.get()));
        collections.set(0);
        watching.set(true);
        watcher = Thread.ofPlatform().name("heap watch").daemon().start(() -> {
            while (watching.get()) {
                System.gc();
                peak.accumulateAndGet(used(), Math::max);
                collections.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        });
    }

    private void peak() throws InterruptedException {
        watching.set(false);
        watcher.join();
        say("%d %d".formatted(peak.get(), collections.get()));
    }

    private static long used() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
