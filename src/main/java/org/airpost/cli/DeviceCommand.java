package org.airpost.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an administrator does with one device. */
@Command(
        name = "device",
        description =
                "Admits a device, keeps it out, wipes it, has it start over. Each action is in the audit log. Asks the"
                        + " gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The ID is user/device, as airpost devices lists it.",
            "",
            "Examples:",
            "  airpost device show anna/4f3c1a",
            "  airpost device allow anna/4f3c1a \"her new phone\"",
            "  airpost device block anna/4f3c1a --hours 24 \"loops\"",
            "  airpost device wipe anna/4f3c1a            only what the account brought (16.1)",
            "  airpost device wipe --all anna/4f3c1a      everything; a second administrator agrees with:",
            "  airpost device wipe --approve anna/4f3c1a"
        })
final class DeviceCommand extends AdminCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    DeviceCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "What is to be done? See airpost device --help.");
    }

    private static String reason(@Nullable List<String> words) {
        return words == null ? "" : String.join(" ", words);
    }

    @Command(name = "show", description = "All that is known of it.", mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "ID") String id) {
        return table(words("device", "show", id), "");
    }

    @Command(
            name = "allow",
            description = "Admits it: out of quarantine, after a block, and again after a wipe.",
            mixinStandardHelpOptions = true)
    int allow(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "REASON", arity = "0..*") List<String> why) {
        return say(words("device", "allow", id, reason(why)));
    }

    @Command(name = "block", description = "Keeps it out.", mixinStandardHelpOptions = true)
    int block(
            @Option(names = "--hours", paramLabel = "HOURS", description = "for so long; without it for ever") @Nullable
                    Integer hours,
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "REASON", arity = "0..*") List<String> why) {
        return say(words("device", "block", id, hours == null ? "" : "hours=" + hours, reason(why)));
    }

    @Command(
            name = "quarantine",
            description = "Shows it one explaining message and nothing else.",
            mixinStandardHelpOptions = true)
    int quarantine(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "REASON", arity = "0..*") List<String> why) {
        return say(words("device", "quarantine", id, reason(why)));
    }

    @Command(
            name = "undecide",
            description = "Has the rules decide about it, and nobody else.",
            mixinStandardHelpOptions = true)
    int undecide(@Parameters(paramLabel = "ID") String id) {
        return say(words("device", "undecide", id));
    }

    @Command(
            name = "wipe",
            description = "Has it remove what the account brought, at its next request; with --all everything on it.",
            mixinStandardHelpOptions = true)
    int wipe(
            @Option(names = "--all", description = "everything, as it came from the factory") boolean all,
            @Option(names = "--approve", description = "agree to what another administrator has asked for")
                    boolean approve,
            @Option(names = "--cancel", description = "take it back") boolean cancel,
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "REASON", arity = "0..*") List<String> why) {
        if ((all ? 1 : 0) + (approve ? 1 : 0) + (cancel ? 1 : 0) > 1) {
            throw new ParameterException(spec.commandLine(), "One of --all, --approve, --cancel.");
        }
        var action = approve ? "wipe-approve" : cancel ? "wipe-cancel" : all ? "wipe-all" : "wipe-account";
        return say(words("device", action, id, reason(why)));
    }

    @Command(
            name = "forget",
            description = "Removes all that is kept for it. If it comes again it is a new device.",
            mixinStandardHelpOptions = true)
    int forget(@Parameters(paramLabel = "ID") String id) {
        return say(words("device", "forget", id));
    }

    @Command(
            name = "resync",
            description = "Has it start over with all folders, or with one.",
            mixinStandardHelpOptions = true)
    int resync(
            @Option(names = "--folder", paramLabel = "NUMBER", description = "as airpost device show lists them")
                    @Nullable
                    String folder,
            @Parameters(paramLabel = "ID") String id) {
        return say(words("device", "resync", id, folder == null ? "" : "folder=" + folder));
    }

    @Command(name = "rename", description = "Gives it a name.", mixinStandardHelpOptions = true)
    int rename(@Parameters(paramLabel = "ID") String id, @Parameters(paramLabel = "NAME") String name) {
        return say(words("device", "rename", id, name));
    }
}
