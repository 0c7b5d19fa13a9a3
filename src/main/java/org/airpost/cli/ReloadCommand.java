package org.airpost.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Has the gateway read its configuration again. */
@Command(
        name = "reload",
        description =
                "Has the gateway that runs on this machine read its configuration, its table of quirks and its certificate"
                        + " again. Phones that wait go on waiting. If something has changed that needs a restart, or is wrong, nothing"
                        + " is taken over.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "conf/airpost.conf says which options can be changed so. SIGHUP does the same, and says in the log what came of it.",
            "Example:",
            "  airpost reload"
        })
final class ReloadCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    ReloadCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        var answer = config.askGateway(environment, List.of("reload"));
        var out = spec.commandLine().getOut();
        if (answer.lines().isEmpty()) {
            out.println("Nothing has changed.");
        } else {
            out.println("Taken over: " + String.join(", ", answer.lines()));
        }
        out.flush();
        return 0;
    }
}
