package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.app.Gateway;
import org.airpost.config.Config;

/**
 * A gateway whose heap is watched, to an IMAP server on this machine, as the child process of a measurement. Its arguments are
 * a folder for its files and the server's port. It prints {@code ready PORT CA-FILE}, then obeys the lines of its input, each
 * with one line: {@code begin}, the bytes of heap that live now, and from then on the heap is collected and looked at all the
 * time; {@code end}, the most that lived meanwhile. It ends with its input.
 */
final class HeapGateway {

    private HeapGateway() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var directory = Path.of(arguments[0]);
        var config = Config.load(
                Optional.empty(),
                Map.of(
                        "AIRPOST_HTTP_PORT", "0",
                        "AIRPOST_CONSOLE_ENABLED", "false",
                        "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                        "AIRPOST_LOG_LEVEL", "warn",
                        "AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString(),
                        "AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString(),
                        "AIRPOST_IMAP_HOST", "127.0.0.1",
                        "AIRPOST_IMAP_PORT", arguments[1],
                        "AIRPOST_IMAP_SECURITY", "plain",
                        "AIRPOST_USERS_DOMAIN", "example.org"));
        try (var gateway = Gateway.start(config);
                var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            say("ready %d %s"
                    .formatted(gateway.address().getPort(), gateway.authority().orElseThrow()));
            Optional<Looking> looking = Optional.empty();
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                switch (line) {
                    case "begin" -> {
                        say(Long.toString(living()));
                        looking = Optional.of(new Looking());
                    }
                    case "end" -> say(Long.toString(looking.orElseThrow().end()));
                    default -> throw new IllegalArgumentException("\"%s\"".formatted(line));
                }
            }
        }
    }

    /** Collects and looks, some times a second: a collection stops all else. */
    private static final class Looking {

        private static final long PAUSE_MILLIS = 250;

        private final AtomicLong most = new AtomicLong();
        private final CountDownLatch ended = new CountDownLatch(1);
        private final Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                do {
                    most.accumulateAndGet(living(), Math::max);
                } while (!ended.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        long end() throws InterruptedException {
            ended.countDown();
            thread.join();
            return most.get();
        }
    }

    private static long living() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
