package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/coverage.tsv} honest: its form, and that every test that it names is there. */
class CoverageTest {

    private static final Path TABLE = Path.of("docs/coverage.tsv");
    private static final Path DIALOGUES = Path.of("src/test/dialogues");
    private static final Set<String> STATES = Set.of("done", "partly", "open");

    private record Row(int line, String id, String source, String behaviour, List<String> tests, String state) {

        static Row of(int line, String text) {
            var columns = text.split("\t", -1);
            assertThat(columns).as("columns of line %d: %s", line, text).hasSize(5);
            var tests = columns[3].isBlank() ? List.<String>of() : Arrays.asList(columns[3].split(" "));
            return new Row(line, columns[0], columns[1], columns[2], tests, columns[4]);
        }
    }

    private static List<Row> rows() throws IOException {
        var lines = Files.readAllLines(TABLE);
        assertThat(lines.getFirst()).isEqualTo("id\tsource\tbehaviour\ttest\tstate");
        return java.util.stream.IntStream.range(1, lines.size())
                .filter(i -> !lines.get(i).isBlank())
                .mapToObj(i -> Row.of(i + 1, lines.get(i)))
                .toList();
    }

    @Test
    void everyRowIsWhole() throws IOException {
        assertThat(rows()).isNotEmpty().allSatisfy(row -> {
            assertThat(row.id()).as("id in line %d", row.line()).matches("[A-Z]{2,4}-[0-9]{2,3}");
            assertThat(row.source()).as("source in line %d", row.line()).isNotBlank();
            assertThat(row.behaviour()).as("behaviour in line %d", row.line()).isNotBlank();
            assertThat(row.state()).as("state in line %d", row.line()).isIn(STATES);
        });
    }

    @Test
    void noIdStandsTwice() throws IOException {
        assertThat(rows()).extracting(Row::id).doesNotHaveDuplicates();
    }

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        Set<String> classes;
        try (var files = Files.walk(Path.of("src/test/java"))) {
            classes = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toUnmodifiableSet());
        }
        assertThat(rows())
                .allSatisfy(row -> assertThat(row.tests())
                        .as("tests in line %d", row.line())
                        .allMatch(test -> test.endsWith(".txt")
                                ? Files.isRegularFile(DIALOGUES.resolve(test))
                                : classes.contains(test.replaceFirst("#.*", ""))));
    }

    @Test
    void whatIsDoneIsTested() throws IOException {
        assertThat(rows().stream().filter(row -> row.state().equals("done")))
                .allSatisfy(row -> assertThat(row.tests())
                        .as("tests in line %d, %s", row.line(), row.id())
                        .isNotEmpty());
    }
}
