package org.airpost.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.airpost.app.Gateway;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    Serve(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var stop = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        var source = config.source(environment);
        Logging.apply(source.config().log());
        var gateway = Gateway.start(source, Logging::apply);
        HangUp.then(gateway::hangUp);
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
}
