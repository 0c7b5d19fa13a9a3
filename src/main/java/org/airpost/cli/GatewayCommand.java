package org.airpost.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.airpost.admin.AdminWords;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** What is common to the commands that ask the gateway which runs on this machine, and print what it says. */
abstract class GatewayCommand {

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "as JSON, for programs")
    private boolean json;

    GatewayCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Words without those that are empty. */
    static List<String> words(String... words) {
        return Arrays.stream(words).filter(word -> !word.isEmpty()).toList();
    }

    static List<String> words(List<String> first, List<String> more) {
        var all = new ArrayList<>(first);
        all.addAll(more);
        return all;
    }

    private List<String> ask(List<String> words) {
        return config.askGateway(environment, AdminWords.encode(words)).lines();
    }

    /** Asks, and prints the lines of the answer. */
    int say(List<String> words) {
        var lines = ask(words);
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.array(lines.stream().map(Json::text).toList()));
        } else {
            lines.forEach(out::println);
        }
        out.flush();
        return 0;
    }

    /** Asks, and prints the table of the answer: its columns are in the first line. */
    int table(List<String> words, String ifEmpty) {
        var rows =
                ask(words).stream().map(line -> List.of(line.split("\t", -1))).toList();
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.table(rows));
        } else if (rows.size() <= 1) {
            out.println(ifEmpty);
        } else {
            aligned(rows).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    /** Columns one below the other; the last one is as long as it is. */
    private static List<String> aligned(List<List<String>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        var widths = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(
                        widths[i], row.get(i).codePointCount(0, row.get(i).length()));
            }
        });
        return rows.stream()
                .map(row -> {
                    var line = new StringBuilder();
                    for (int i = 0; i < row.size(); i++) {
                        var cell = row.get(i);
                        line.append(cell);
                        if (i < row.size() - 1) {
                            line.append(" ".repeat(widths[i] - cell.codePointCount(0, cell.length()) + 2));
                        }
                    }
                    return line.toString().stripTrailing();
                })
                .toList();
    }

    /** The little JSON that a table needs. */
    private static final class Json {

        private Json() {}

        static String table(List<List<String>> rows) {
            if (rows.isEmpty()) {
                return "[]";
            }
            var names = rows.getFirst();
            return array(rows.subList(1, rows.size()).stream()
                    .map(row -> {
                        var members = new ArrayList<String>();
                        for (int i = 0; i < Math.min(names.size(), row.size()); i++) {
                            members.add(text(names.get(i)) + ": " + text(row.get(i)));
                        }
                        return "{" + String.join(", ", members) + "}";
                    })
                    .toList());
        }

        static String array(List<String> values) {
            return values.isEmpty() ? "[]" : "[\n  " + String.join(",\n  ", values) + "\n]";
        }

        static String text(String value) {
            var out = new StringBuilder("\"");
            value.chars().forEach(c -> {
                switch (c) {
                    case '"' -> out.append("\\\"");
                    case '\\' -> out.append("\\\\");
                    default -> {
                        if (c < ' ') {
                            out.append("\\u%04x".formatted(c));
                        } else {
                            out.append((char) c);
                        }
                    }
                }
            });
            return out.append('"').toString();
        }
    }
}
