package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures from the start of a child JVM to the line that says it answers requests. */
@Command(
        name = "start",
        description = "Starts `airpost serve` several times and prints how long each took until it was ready.",
        mixinStandardHelpOptions = true)
public final class BenchStart implements Callable<Integer> {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--runs",
            defaultValue = "5",
            description = "starts that count, after one that does not; ${DEFAULT-VALUE}")
    private int runs;

    @Option(names = "--config", paramLabel = "FILE", description = "configuration to start with")
    private @Nullable Path config;

    private final Class<?> main;
    private final String ready;

    /** A measurement of the program with this main class, whose {@code serve} prints a line that starts so when it is ready. */
    public BenchStart(Class<?> main, String ready) {
        this.main = main;
        this.ready = ready;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (runs < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--runs must be at least 1");
        }
        var out = spec.commandLine().getOut();
        var times = new ArrayList<Long>();
        var directory = Files.createTempDirectory("airpost-bench");
        for (int run = 0; run <= runs; run++) {
            long millis = start(directory);
            if (run == 0) {
                out.printf("warm-up  %5d ms%n", millis);
            } else {
                out.printf("run %3d  %5d ms%n", run, millis);
                times.add(millis);
            }
            out.flush();
        }
        times.sort(Long::compare);
        out.printf(
                "median   %5d ms, best %d ms, worst %d ms%n",
                times.get(times.size() / 2), times.getFirst(), times.getLast());
        out.flush();
        return 0;
    }

    /** Starts it with its own store and certificates, which the warm-up makes, on a free port. */
    private long start(Path directory) throws IOException, InterruptedException {
        var log = directory.resolve("log");
        var builder = new ProcessBuilder(command()).redirectError(log.toFile());
        builder.environment().put("AIRPOST_HTTP_PORT", "0");
        builder.environment().put("AIRPOST_CONSOLE_PORT", "0");
        builder.environment()
                .put("AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString());
        builder.environment()
                .put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        long begin = System.nanoTime();
        var child = builder.start();
        try {
            var isReady = CompletableFuture.supplyAsync(
                            () -> isReady(child), task -> Thread.ofVirtual().start(task))
                    .completeOnTimeout(false, LONGEST.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            if (!isReady) {
                throw new IOException(
                        "`airpost serve` was not ready after %d ms:%n%s".formatted(millis, Files.readString(log)));
            }
            return millis;
        } finally {
            child.destroy();
            if (!child.waitFor(20, TimeUnit.SECONDS)) {
                child.destroyForcibly().waitFor();
            }
        }
    }

    private boolean isReady(Process child) {
        try (BufferedReader lines = child.inputReader(UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(ready)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // the child is gone: the log says why
        }
        return false;
    }

    /** This very JVM with its flags and class path, and {@code serve}. */
    private List<String> command() {
        var runtime = ManagementFactory.getRuntimeMXBean();
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(runtime.getInputArguments());
        command.addAll(List.of("-cp", runtime.getClassPath(), main.getName(), "serve"));
        if (config != null) {
            command.addAll(List.of("--config", config.toString()));
        }
        return command;
    }
}
