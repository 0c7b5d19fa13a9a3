package org.airpost.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.airpost.admin.AdminWords;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** App passwords of users. */
@Command(
        name = "password",
        description =
                "App passwords of users: each for one device, and for nothing but ActiveSync. Users make their own on the"
                        + " page /me. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost password make anna --name \"Anna's phone\"",
            "  airpost password list anna",
            "  airpost password revoke anna k7mq"
        })
final class PasswordCommand implements Runnable {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    PasswordCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "make, list or revoke?");
    }

    @Command(
            name = "make",
            description = "Makes one and shows it, once: nobody can show it again.",
            mixinStandardHelpOptions = true)
    int make(
            @Parameters(paramLabel = "USER", description = "as the user signs in") String user,
            @Option(
                            names = "--name",
                            defaultValue = "made by an administrator",
                            description = "what it is to be called")
                    String name,
            @Option(
                            names = "--device",
                            paramLabel = "ID",
                            description = "the device that it is for; otherwise the first one that uses it")
                    @Nullable
                    String device) {
        var words = new ArrayList<>(List.of("password", "make", user, name));
        if (device != null) {
            words.add(device);
        }
        var made = config.askGateway(environment, AdminWords.encode(words)).lines();
        var out = spec.commandLine().getOut();
        out.println(made.get(1));
        out.println("It is the password of the account on the device. Its id is %s: airpost password revoke %s %s"
                .formatted(made.getFirst(), user, made.getFirst()));
        out.flush();
        return 0;
    }

    @Command(name = "list", description = "Lists those of a user.", mixinStandardHelpOptions = true)
    int list(@Parameters(paramLabel = "USER", description = "as the user signs in") String user) {
        var answer = config.askGateway(environment, AdminWords.encode(List.of("password", "list", user)));
        var out = spec.commandLine().getOut();
        if (answer.lines().isEmpty()) {
            out.println("There are none.");
        } else {
            out.println("ID  name  device  made  last used");
            answer.lines().forEach(line -> out.println(line.replace("\t", "  ")));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "revoke",
            description = "Takes one back: the device that uses it is refused at once.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(paramLabel = "USER", description = "as the user signs in") String user,
            @Parameters(paramLabel = "ID", description = "as listed") String id) {
        config.askGateway(environment, AdminWords.encode(List.of("password", "revoke", user, id)));
        spec.commandLine().getOut().println(id + " is revoked");
        spec.commandLine().getOut().flush();
        return 0;
    }
}
