package org.airpost.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.airpost.admin.AdminWords;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has the gateway put its store away. */
@Command(
        name = "backup",
        description =
                "Has the gateway that runs on this machine write a backup of its store: who has which devices, what they"
                        + " were told, policies, rules and the audit log. It is one moment, and it is read to its end before it gets its"
                        + " name. The gateway itself writes it, so it must be allowed to.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Not in it: the configuration, tls.directory, and mails that wait for delivery.",
            "Example:",
            "  airpost backup /var/lib/airpost/monday.backup"
        })
final class BackupCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    @Parameters(paramLabel = "FILE", description = "what is there already is not overwritten")
    private Path file = Path.of("");

    BackupCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        var target = file.toAbsolutePath().normalize();
        var answer = config.askGateway(environment, AdminWords.encode(List.of("backup", target.toString())));
        var out = spec.commandLine().getOut();
        out.println("%s: %s values, %s bytes, as of %s"
                .formatted(
                        target,
                        answer.lines().get(1),
                        answer.lines().get(2),
                        answer.lines().get(0)));
        out.flush();
        return 0;
    }
}
