package org.airpost.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the mails that are to be delivered later, and has them tried or given back. */
@Command(
        name = "queue",
        description =
                "Lists the mails that the mail server did not take yet (smtp.deliverLater). A mail is tried while its user is"
                        + " signed in. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost queue",
            "  airpost queue retry --all",
            "  airpost queue return 5f0c2a9be1d4"
        })
final class QueueCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    QueueCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        var answer = config.askGateway(environment, List.of("queue"));
        var out = spec.commandLine().getOut();
        if (answer.lines().isEmpty()) {
            out.println("No mail waits.");
        } else {
            out.println("ID  user  since  next try  tries  recipients  last words of the server");
            answer.lines().forEach(line -> out.println(line.replace("\t", "  ")));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "retry",
            description = "Has mails tried as soon as their user is signed in.",
            mixinStandardHelpOptions = true)
    int retry(
            @Option(names = "--all", description = "all that are listed") boolean all,
            @Parameters(paramLabel = "ID", arity = "0..*", description = "as listed by airpost queue")
                    List<String> ids) {
        return each("queue-retry", all, ids, "will be tried");
    }

    @Command(
            name = "return",
            description = "Gives mails back to their users, undelivered, as a mail in their Inbox.",
            mixinStandardHelpOptions = true)
    int giveBack(
            @Option(names = "--all", description = "all that are listed") boolean all,
            @Parameters(paramLabel = "ID", arity = "0..*", description = "as listed by airpost queue")
                    List<String> ids) {
        return each("queue-return", all, ids, "will be given back");
    }

    private int each(String request, boolean all, List<String> ids, String what) {
        var asked = ids == null ? List.<String>of() : ids;
        if (all == !asked.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Which mails? Their IDs, or --all.");
        }
        var words = new ArrayList<>(List.of(request));
        words.addAll(all ? List.of("--all") : asked);
        var answer = config.askGateway(environment, words);
        var out = spec.commandLine().getOut();
        answer.lines().forEach(id -> out.println(id + " " + what));
        out.flush();
        return 0;
    }
}
