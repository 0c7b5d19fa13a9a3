package org.airpost.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows who did what. */
@Command(
        name = "audit",
        description =
                "Who did what to which device, policy or rule: the newest first. Asks the gateway that runs on this"
                        + " machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost audit",
            "  airpost audit --device anna/4f3c1a",
            "  airpost audit --action wipe. --limit 200",
            "  airpost audit --before 2026-11-26T10:00:00.000Z/0000   the page after that entry"
        })
final class AuditCommand extends AdminCommand implements Callable<Integer> {

    @Option(names = "--user", paramLabel = "USER", description = "about this user and their devices")
    private String user = "";

    @Option(names = "--device", paramLabel = "ID", description = "about this device")
    private String device = "";

    @Option(names = "--actor", paramLabel = "NAME", description = "by this administrator or user")
    private String actor = "";

    @Option(names = "--action", paramLabel = "ACTION", description = "actions that begin so, such as device.wipe")
    private String action = "";

    @Option(names = "--limit", paramLabel = "LINES", description = "at most; 500 is the greatest")
    private int limit = 50;

    @Option(names = "--before", paramLabel = "TIME", description = "those before an entry, by its first column")
    private String before = "";

    AuditCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        return table(
                words(
                        "audit",
                        named("user", user),
                        named("device", device),
                        named("actor", actor),
                        named("action", action),
                        named("before", before),
                        "limit=" + limit),
                "No entry.");
    }

    private static String named(String name, String value) {
        return value.isEmpty() ? "" : name + "=" + value;
    }
}
