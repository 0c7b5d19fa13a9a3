package org.airpost.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the devices. */
@Command(
        name = "devices",
        description =
                "Lists the devices that the gateway knows; those that need somebody come first. Asks the gateway that"
                        + " runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost devices",
            "  airpost devices --standing quarantined",
            "  airpost devices --user anna@example.org",
            "  airpost devices --unseen 60 iphone"
        })
final class DevicesCommand extends AdminCommand implements Callable<Integer> {

    @Option(names = "--user", paramLabel = "USER", description = "of this user alone")
    private String user = "";

    @Option(
            names = "--standing",
            paramLabel = "HOW",
            description = "allowed, blocked, quarantined, wipe-to-approve, wipe-pending or wiped")
    private String standing = "";

    @Option(names = "--unseen", paramLabel = "DAYS", description = "that have not come for so many days")
    private String unseen = "";

    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "in the user, ID, name, type, client or system")
    private List<String> text = List.of();

    DevicesCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        return table(
                words(
                        words(
                                "devices",
                                user.isEmpty() ? "" : "user=" + user,
                                standing.isEmpty() ? "" : "standing=" + standing,
                                unseen.isEmpty() ? "" : "unseen=" + unseen),
                        text),
                "No device.");
    }
}
