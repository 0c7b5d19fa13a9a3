package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.FolderCreateStatus;
import org.airpost.eas.FolderDeleteStatus;
import org.airpost.eas.FolderSyncStatus;
import org.airpost.eas.FolderUpdateStatus;
import org.airpost.eas.GetItemEstimateStatus;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.MoveItemsStatus;
import org.airpost.eas.PingStatus;
import org.airpost.eas.PolicyStatus;
import org.airpost.eas.ProvisionStatus;
import org.airpost.eas.ResolveRecipientsStatus;
import org.airpost.eas.SettingsStatus;
import org.airpost.eas.Status;
import org.airpost.eas.SyncStatus;
import org.airpost.eas.ValidateCertStatus;
import org.junit.jupiter.api.Test;

/**
 * Keeps {@code docs/statuses.tsv} honest: each status of the specification once, and each that Airpost gives shown by the
 * test that the table names. That the dialogues hold is shown by {@code DialogueTest}.
 */
class StatusesTest {

    private static final Path TABLE = Path.of("docs/statuses.tsv");
    private static final Path DIALOGUES = Path.of("src/test/dialogues");
    private static final Pattern VERSION = Pattern.compile("(?m)^(\\s*)\\[[0-9.+-]+\\] ?");
    private static final Pattern BLOCK = Pattern.compile("(?m)^(?=(?:C|S|IMAP|SMTP|LDAP|SIEVE)(?: \\w+)?:)");
    private static final Pattern ROOT = Pattern.compile("<(\\w+) xmlns");
    private static final Pattern STATUS = Pattern.compile("<(?:\\w+:)?Status(?: [^>]*)?>(\\d+)</");
    private static final Set<String> GIVEN = Set.of("yes", "no", "open");

    /** The tables in the code, by the command's name in this one. */
    private static final Map<String, Status[]> TABLES = Map.ofEntries(
            Map.entry("any", CommonStatus.values()),
            Map.entry("Sync", SyncStatus.values()),
            Map.entry("FolderSync", FolderSyncStatus.values()),
            Map.entry("FolderCreate", FolderCreateStatus.values()),
            Map.entry("FolderDelete", FolderDeleteStatus.values()),
            Map.entry("FolderUpdate", FolderUpdateStatus.values()),
            Map.entry("GetItemEstimate", GetItemEstimateStatus.values()),
            Map.entry("MoveItems", MoveItemsStatus.values()),
            Map.entry("ItemOperations", ItemOperationsStatus.values()),
            Map.entry("Ping", PingStatus.values()),
            Map.entry("Settings", SettingsStatus.values()),
            Map.entry("Provision", ProvisionStatus.values()),
            Map.entry("ResolveRecipients", ResolveRecipientsStatus.values()),
            Map.entry("ValidateCert", ValidateCertStatus.values()),
            Map.entry("Provision/Policy", PolicyStatus.values()));

    private record Row(
            int line,
            String command,
            int status,
            String source,
            String meaning,
            String given,
            List<String> tests,
            String instead) {

        String name() {
            return "line %d, %s %d".formatted(line, command, status);
        }
    }

    private static List<Row> rows() throws IOException {
        var lines = Files.readAllLines(TABLE);
        assertThat(lines.getFirst()).isEqualTo("command\tstatus\tsource\tmeaning\tgiven\ttests\tinstead");
        return IntStream.range(1, lines.size())
                .mapToObj(i -> row(i + 1, lines.get(i)))
                .toList();
    }

    private static Row row(int line, String text) {
        var columns = text.split("\t", -1);
        assertThat(columns).as("columns of line %d: %s", line, text).hasSize(7);
        return new Row(
                line,
                columns[0],
                Integer.parseInt(columns[1]),
                columns[2],
                columns[3],
                columns[4],
                columns[5].isBlank() ? List.of() : Arrays.asList(columns[5].split(" ")),
                columns[6]);
    }

    @Test
    void everyRowIsWhole() throws IOException {
        assertThat(rows()).isNotEmpty().allSatisfy(row -> {
            assertThat(row.source()).as(row.name()).isNotBlank();
            assertThat(row.meaning()).as(row.name()).isNotBlank();
            assertThat(row.given()).as(row.name()).isIn(GIVEN);
            assertThat(row.tests().isEmpty())
                    .as("%s has a test if it is given, and none else", row.name())
                    .isNotEqualTo(row.given().equals("yes"));
            assertThat(row.instead().isBlank())
                    .as("%s says what comes instead if it is not given", row.name())
                    .isNotEqualTo(row.given().equals("no"));
        });
    }

    @Test
    void eachStatusStandsThereOnce() throws IOException {
        assertThat(rows()).extracting(row -> row.command() + " " + row.status()).doesNotHaveDuplicates();
    }

    @Test
    void theTablesOfTheCodeAreInIt() throws IOException {
        var there = new HashSet<String>();
        rows().forEach(row -> there.add(row.command() + " " + row.status()));
        var missing = new TreeSet<String>();
        TABLES.forEach((command, statuses) -> Stream.of(statuses)
                .filter(status -> !(command.equals("any") && status.code() == 1))
                .map(status -> command + " " + status.code())
                .filter(name -> !there.contains(name))
                .forEach(missing::add));
        assertThat(missing).isEmpty();
    }

    @Test
    void eachTestShowsTheStatusThatItIsNamedFor() throws IOException {
        var shown = shown();
        var classes = classes();
        assertThat(rows())
                .allSatisfy(row -> assertThat(row.tests()).allSatisfy(test -> {
                    if (test.endsWith(".txt")) {
                        assertThat(shown.getOrDefault(test, Set.of()))
                                .as("%s by %s", row.name(), test)
                                .anyMatch(found -> row.command().equals("any")
                                        ? found.endsWith(" " + row.status())
                                        : found.equals(row.command().replaceFirst("/.*", "") + " " + row.status()));
                    } else {
                        assertThat(classes).as("%s by %s", row.name(), test).containsKey(test);
                        assertThat(names(Objects.requireNonNull(classes.get(test)), row))
                                .as("%s: the status stands in %s", row.name(), test)
                                .isTrue();
                    }
                }));
    }

    /** A dialogue is played, so what it shows is given. */
    @Test
    void whatADialogueShowsIsNotSaidToBeNeverGiven() throws IOException {
        var shown = new HashSet<String>();
        shown().values().forEach(shown::addAll);
        assertThat(rows().stream()
                        .filter(row -> row.given().equals("no"))
                        // Both statuses of Provision stand in one answer.
                        .filter(row -> !row.command().startsWith("Provision")))
                .allSatisfy(row -> assertThat(shown)
                        .as(row.name())
                        .noneMatch(found -> row.command().equals("any")
                                ? found.endsWith(" " + row.status())
                                : found.equals(row.command() + " " + row.status())));
    }

    /** The statuses in the answers of each dialogue, as "Command status". */
    private static Map<String, Set<String>> shown() throws IOException {
        var shown = new HashMap<String, Set<String>>();
        try (var files = Files.walk(DIALOGUES)) {
            for (var file : files.filter(f -> f.toString().endsWith(".txt")).toList()) {
                var found = new HashSet<String>();
                for (var block :
                        BLOCK.split(VERSION.matcher(Files.readString(file)).replaceAll("$1"), -1)) {
                    var root = ROOT.matcher(block);
                    if (block.matches("(?s)S(?: \\w+)?:.*") && root.find()) {
                        STATUS.matcher(block)
                                .results()
                                .forEach(status -> found.add(root.group(1) + " " + status.group(1)));
                    }
                }
                shown.put(DIALOGUES.relativize(file).toString(), found);
            }
        }
        return shown;
    }

    private static Map<String, Path> classes() throws IOException {
        var classes = new HashMap<String, Path>();
        try (var files = Files.walk(Path.of("src/test/java"))) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> classes.put(file.getFileName().toString().replaceFirst("\\.java$", ""), file));
        }
        return classes;
    }

    private static boolean names(Path file, Row row) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var constant = Stream.of(TABLES.getOrDefault(row.command(), new Status[0]))
                .filter(status -> status.code() == row.status())
                .map(Object::toString)
                .findFirst();
        return (constant.isPresent() && text.contains("." + constant.get()))
                || Pattern.compile("\\b" + row.status() + "\\b").matcher(text).find();
    }
}
