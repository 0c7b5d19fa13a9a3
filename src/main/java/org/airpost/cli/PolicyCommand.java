package org.airpost.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Policies: what is asked of devices, and what they may have. */
@Command(
        name = "policy",
        description =
                "Named policies, and whom they are for: everybody (default), a domain, a group, a user, each over the one"
                        + " before. A policy says only what it changes. Devices are told at their next request. Asks the gateway that"
                        + " runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost policy elements                       what can be set",
            "  airpost policy try strict DevicePasswordEnabled=1 MinDevicePasswordLength=8 --for default",
            "  airpost policy set strict DevicePasswordEnabled=1 MinDevicePasswordLength=8",
            "  airpost policy set strict AllowCamera=inherit   not this policy's business any more",
            "  airpost policy assign domain/example.org strict",
            "  airpost policy group sales --add anna --add bob",
            "  airpost policy assign group/sales none",
            "  airpost policy of anna                        what is in force, and why"
        })
final class PolicyCommand extends AdminCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    PolicyCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "What is to be done? See airpost policy --help.");
    }

    @Command(name = "list", description = "All policies, and whom they are for.", mixinStandardHelpOptions = true)
    int list() {
        return table(words("policy", "list"), "No policy but that of the configuration.");
    }

    @Command(name = "elements", description = "What can be set, and what it means.", mixinStandardHelpOptions = true)
    int elements() {
        return table(words("policy", "elements"), "");
    }

    @Command(name = "show", description = "What a policy sets.", mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "POLICY") String name) {
        return table(words("policy", "show", name), "It changes nothing.");
    }

    @Command(
            name = "of",
            description = "What is in force for a user, and which policy says so.",
            mixinStandardHelpOptions = true)
    int of(@Parameters(paramLabel = "USER") String user) {
        return table(words("policy", "of", user), "");
    }

    @Command(
            name = "set",
            description = "Makes a policy, or changes some of its settings; inherit takes one away.",
            mixinStandardHelpOptions = true)
    int set(
            @Parameters(paramLabel = "POLICY") String name,
            @Parameters(paramLabel = "SETTING=VALUE", arity = "0..*") @Nullable List<String> settings) {
        return table(words(words("policy", "set", name), list(settings)), "It changes nothing.");
    }

    @Command(name = "remove", description = "Removes a policy that nobody has.", mixinStandardHelpOptions = true)
    int remove(@Parameters(paramLabel = "POLICY") String name) {
        return say(words("policy", "remove", name));
    }

    @Command(
            name = "assign",
            description = "Gives a policy to default, domain/NAME, group/NAME or user/NAME; none takes it away.",
            mixinStandardHelpOptions = true)
    int assign(@Parameters(paramLabel = "WHOM") String scope, @Parameters(paramLabel = "POLICY") String name) {
        return say(words("policy", "assign", scope, name));
    }

    @Command(
            name = "try",
            description = "Which known devices would fail a policy with these settings. Changes nothing.",
            mixinStandardHelpOptions = true)
    int tryOut(
            @Option(
                            names = "--for",
                            paramLabel = "WHOM",
                            description = "as if it were assigned to them; without it, to whom it is assigned now")
                    @Nullable
                    String scope,
            @Parameters(paramLabel = "POLICY") String name,
            @Parameters(paramLabel = "SETTING=VALUE", arity = "0..*") @Nullable List<String> settings) {
        var all = new ArrayList<>(list(settings));
        if (scope != null) {
            all.add("for=" + scope);
        }
        return table(words(words("policy", "try", name), all), "No known device would get another policy.");
    }

    @Command(name = "groups", description = "Groups, and the users in them.", mixinStandardHelpOptions = true)
    int groups() {
        return table(words("group", "list"), "No group.");
    }

    @Command(
            name = "group",
            description = "Puts users into a group, or takes them out.",
            mixinStandardHelpOptions = true)
    int group(
            @Option(names = "--add", paramLabel = "USER", description = "put in") @Nullable List<String> add,
            @Option(names = "--remove", paramLabel = "USER", description = "take out") @Nullable List<String> remove,
            @Parameters(paramLabel = "GROUP") String name) {
        if (list(add).isEmpty() == list(remove).isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Whom? --add USER or --remove USER.");
        }
        return say(words(
                words("group", list(add).isEmpty() ? "remove" : "add", name),
                list(add).isEmpty() ? list(remove) : list(add)));
    }

    private static List<String> list(@Nullable List<String> words) {
        return words == null ? List.of() : words;
    }
}
