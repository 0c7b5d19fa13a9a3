package org.airpost.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.airpost.app.Gateway;
import org.airpost.config.Config;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the gateway until it is told to stop. */
@Command(
        name = "serve",
        description = "Runs the gateway until SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Options of the configuration can be set by environment variables too: airpost config lists them.",
            "Example:",
            "  airpost serve --config /etc/airpost/airpost.conf"
        })
final class Serve implements Callable<Integer> {

    /** What is printed when requests are answered; the address follows. {@code bench start} waits for it. */
    static final String READY = "airpost: ready at ";

    private static final Path USUAL = Path.of("conf/airpost.conf");

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--config", paramLabel = "FILE", description = "configuration; conf/airpost.conf if that is there")
    private @Nullable Path config;

    Serve(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var stop = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        var loaded = Config.load(file(), environment);
        Logging.apply(loaded.log());
        var gateway = Gateway.start(loaded);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop.countDown();
            gateway.close();
            stopped.countDown();
        }));
        var out = spec.commandLine().getOut();
        out.println(READY + gateway.address());
        out.flush();
        stop.await();
        stopped.await();
        return 0;
    }

    private Optional<Path> file() {
        if (config == null) {
            return Files.exists(USUAL) ? Optional.of(USUAL) : Optional.empty();
        }
        if (!Files.isReadable(config)) {
            throw new Failure("%s cannot be read".formatted(config));
        }
        return Optional.of(config);
    }
}
