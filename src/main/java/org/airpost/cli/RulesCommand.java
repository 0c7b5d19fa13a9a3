package org.airpost.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The rules of the gate. */
@Command(
        name = "rules",
        description =
                "Which devices come in: the first rule that fits decides, else gate.default for a new device. What was"
                        + " said of one device (airpost device) counts for more. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost rules                                      in their order",
            "  airpost rules fields                               what conditions there are",
            "  airpost rules try quarantine type=Android*         which known devices that would change",
            "  airpost rules add block version-below=14.0 --comment \"too old\"",
            "  airpost rules add block devices-over=3 --place 1",
            "  airpost rules add allow address=10.0.0.0/8,192.0.2.0/24 group=sales",
            "  airpost rules remove r8x2k1"
        })
final class RulesCommand extends AdminCommand implements Callable<Integer> {

    RulesCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        return list();
    }

    @Command(name = "list", description = "The rules in their order.", mixinStandardHelpOptions = true)
    int list() {
        return table(words("rules", "list"), "");
    }

    @Command(name = "fields", description = "What conditions there are.", mixinStandardHelpOptions = true)
    int fields() {
        return table(words("rules", "fields"), "");
    }

    @Command(
            name = "add",
            description = "Adds a rule: allow, block or quarantine the devices for which all conditions hold.",
            mixinStandardHelpOptions = true)
    int add(
            @Option(names = "--comment", paramLabel = "TEXT", description = "why; users in quarantine read it, too")
                    @Nullable
                    String comment,
            @Option(names = "--place", paramLabel = "NUMBER", description = "1 is the first; without it the last")
                    @Nullable
                    Integer place,
            @Parameters(paramLabel = "WHAT", description = "allow, block or quarantine") String what,
            @Parameters(paramLabel = "CONDITION", arity = "1..*", description = "such as type=iPhone")
                    List<String> conditions) {
        return say(rule("add", what, conditions, comment, place));
    }

    @Command(
            name = "try",
            description = "Which known devices a rule would let in or keep out. Changes nothing.",
            mixinStandardHelpOptions = true)
    int tryOut(
            @Option(names = "--place", paramLabel = "NUMBER", description = "1 is the first; without it the last")
                    @Nullable
                    Integer place,
            @Parameters(paramLabel = "WHAT", description = "allow, block or quarantine") String what,
            @Parameters(paramLabel = "CONDITION", arity = "1..*", description = "such as type=iPhone")
                    List<String> conditions) {
        return table(rule("try", what, conditions, null, place), "It fits no known device, or changes nothing.");
    }

    private static List<String> rule(
            String action, String what, List<String> conditions, @Nullable String comment, @Nullable Integer place) {
        var words = new ArrayList<>(List.of("rules", action, what));
        words.addAll(conditions);
        if (comment != null) {
            words.add("comment=" + comment);
        }
        if (place != null) {
            words.add("place=" + place);
        }
        return words;
    }

    @Command(name = "move", description = "Moves a rule to a place.", mixinStandardHelpOptions = true)
    int move(@Parameters(paramLabel = "ID") String id, @Parameters(paramLabel = "NUMBER") int place) {
        return say(words("rules", "move", id, Integer.toString(place)));
    }

    @Command(name = "remove", description = "Removes a rule.", mixinStandardHelpOptions = true)
    int remove(@Parameters(paramLabel = "ID") String id) {
        return say(words("rules", "remove", id));
    }
}
