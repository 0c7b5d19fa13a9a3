package org.airpost.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.airpost.admin.AdminCommands;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the messages that phones got a placeholder for, and has them sent anew. */
@Command(
        name = "broken",
        description =
                "Lists the messages that could not be converted or read: phones got a placeholder with the original"
                        + " attached. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost broken",
            "  airpost broken retry anna/3:1207",
            "  airpost broken retry --all"
        })
final class BrokenCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    BrokenCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        var answer = ask(List.of("broken"));
        var out = spec.commandLine().getOut();
        if (answer.lines().isEmpty()) {
            out.println("No message is broken.");
        } else {
            out.println("ID  user  folder  UID  received  reason");
            answer.lines().forEach(line -> out.println(line.replace("\t", "  ")));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "retry",
            description = "Has messages sent anew to the phones of their user.",
            mixinStandardHelpOptions = true)
    int retry(
            @Option(names = "--all", description = "all that are listed") boolean all,
            @Parameters(paramLabel = "ID", arity = "0..*", description = "as listed by airpost broken")
                    List<String> ids) {
        var asked = ids == null ? List.<String>of() : ids;
        if (all == !asked.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Which messages? Their IDs, or --all.");
        }
        var words = new ArrayList<>(List.of("retry"));
        words.addAll(all ? List.of("--all") : asked);
        var answer = ask(words);
        var out = spec.commandLine().getOut();
        answer.lines().forEach(id -> out.println(id + " will be sent anew"));
        out.flush();
        return 0;
    }

    private AdminCommands.Answer ask(List<String> words) {
        return config.askGateway(environment, words);
    }
}
