package org.airpost.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.airpost.admin.AdminWords;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who may use the console and the JSON API. */
@Command(
        name = "admin",
        description =
                "Lists who may use the console, and adds and removes them. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost admin                            who there is",
            "  airpost admin add anna --role admin      prints a link where anna sets password and second factor",
            "  airpost admin reset anna                 takes both away, and prints a new link",
            "  airpost admin token backup --role auditor --days 365",
            "  airpost admin tokens"
        })
final class AdminCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    /** What somebody is. */
    enum Role {
        ADMIN,
        HELPDESK,
        AUDITOR
    }

    AdminCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        table(
                List.of("admin", "list"),
                "name  role  signs in with  last sign-in",
                "There is nobody yet: airpost admin add NAME --role admin");
        return 0;
    }

    @Command(name = "add", description = "Adds somebody; prints the link to set up.", mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--role", required = true, description = "${COMPLETION-CANDIDATES}") Role role) {
        link(List.of("admin", "add", name, role.name()), name);
        return 0;
    }

    @Command(
            name = "reset",
            description = "Takes password, second factor and sessions away; prints a new link to set up.",
            mixinStandardHelpOptions = true)
    int reset(@Parameters(paramLabel = "NAME") String name) {
        link(List.of("admin", "reset", name), name);
        return 0;
    }

    @Command(name = "role", description = "Makes somebody something else.", mixinStandardHelpOptions = true)
    int role(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--role", required = true, description = "${COMPLETION-CANDIDATES}") Role role) {
        ask(List.of("admin", "role", name, role.name()));
        return 0;
    }

    @Command(name = "remove", description = "Removes somebody.", mixinStandardHelpOptions = true)
    int remove(@Parameters(paramLabel = "NAME") String name) {
        ask(List.of("admin", "remove", name));
        return 0;
    }

    @Command(name = "tokens", description = "Lists the tokens of programs.", mixinStandardHelpOptions = true)
    int tokens() {
        table(List.of("token", "list"), "ID  name  role  until  made by", "There is no token.");
        return 0;
    }

    @Command(
            name = "token",
            description = "Makes a token for a program that uses the JSON API, and prints it this once.",
            mixinStandardHelpOptions = true)
    int token(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--role", required = true, description = "${COMPLETION-CANDIDATES}") Role role,
            @Option(names = "--days", defaultValue = "365", description = "how long it works; ${DEFAULT-VALUE}")
                    int days) {
        print(ask(List.of("token", "add", name, role.name(), Integer.toString(days))));
        return 0;
    }

    @Command(name = "revoke", description = "Ends a token.", mixinStandardHelpOptions = true)
    int revoke(@Parameters(paramLabel = "ID") String id) {
        ask(List.of("token", "remove", id));
        return 0;
    }

    private List<String> ask(List<String> words) {
        return config.askGateway(environment, AdminWords.encode(words)).lines();
    }

    private void link(List<String> words, String name) {
        var link = ask(words);
        print(List.of("%s sets a password and a second factor there; it works once, for a day:".formatted(name)));
        print(link);
    }

    private void table(List<String> words, String head, String nothing) {
        var lines = ask(words);
        print(List.of(lines.isEmpty() ? nothing : head));
        print(lines.stream().map(line -> line.replace("\t", "  ")).toList());
    }

    private void print(List<String> lines) {
        var out = spec.commandLine().getOut();
        lines.forEach(out::println);
        out.flush();
    }
}
