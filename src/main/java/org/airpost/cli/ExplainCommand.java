package org.airpost.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.airpost.admin.AdminWords;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A device in words. */
@Command(
        name = "explain",
        description =
                "Says in words who a device is, whether it may come in, what it waits for, which folders are in step, and"
                        + " what was wrong last, with the cure. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  airpost explain ab12cd34", "  airpost explain anna/ab12cd34"})
final class ExplainCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    @Parameters(paramLabel = "DEVICE", description = "its id, or user/id")
    private String device = "";

    ExplainCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        var answer = config.askGateway(environment, AdminWords.encode(List.of("explain", device)));
        var out = spec.commandLine().getOut();
        answer.lines().forEach(out::println);
        out.flush();
        return 0;
    }
}
