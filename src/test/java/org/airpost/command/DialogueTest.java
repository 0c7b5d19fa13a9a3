package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plays the files of {@code src/test/dialogues} against a gateway, each at every version that it names. One of them alone:
 * {@code -Dairpost.dialogue=sync/first}.
 */
class DialogueTest {

    private static final Path DIALOGUES = Path.of("src/test/dialogues");

    @TestFactory
    Stream<DynamicContainer> everyDialogueIsKept(@TempDir Path directory) throws IOException {
        return files().stream()
                .filter(file -> name(file).contains(System.getProperty("airpost.dialogue", "")))
                .map(file -> dynamicContainer(name(file), file.toUri(), versions(file, directory)));
    }

    private static Stream<DynamicNode> versions(Path file, Path directory) {
        try {
            return Dialogue.versions(file).stream().map(version -> test(file, version, directory));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static DynamicTest test(Path file, ProtocolVersion version, Path directory) {
        return dynamicTest(version.text(), () -> {
            try (var run = new DialogueRun(Dialogue.read(file, version), directory)) {
                run.play();
            }
        });
    }

    @Test
    void everyFileNamesItsVersionsAndItsRules() throws IOException {
        assertThat(files()).isNotEmpty().allSatisfy(file -> {
            assertThat(Dialogue.versions(file)).as("versions of %s", file).isNotEmpty();
            assertThat(Files.readString(file)).as("rules of %s", file).containsPattern("(?m)^rules: [A-Z]{2}-\\d\\d");
        });
    }

    @Test
    void aPatternTakesComparesAndTellsApart() {
        var taken = new java.util.HashMap<>(Map.of("key1", "1"));
        var pattern = XmlPattern.of("<Sync xmlns='AirSync'><SyncKey>{key2}</SyncKey>{...}<Status>1</Status></Sync>");
        var answer = "<Sync xmlns='AirSync'><SyncKey>%s</SyncKey><Limit>5</Limit><Status>%s</Status></Sync>";

        pattern.check("here", answer.formatted("2", "1"), taken);

        assertThat(taken).containsEntry("key2", "2");
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> pattern.check("here", answer.formatted("3", "1"), taken))
                .as("another value for a name that was taken")
                .isInstanceOf(AssertionError.class);
        org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                        pattern.check("here", answer.formatted("1", "1"), new java.util.HashMap<>(Map.of("key1", "1"))))
                .as("the value of a name that differs in its number")
                .isInstanceOf(AssertionError.class);
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> pattern.check("here", answer.formatted("2", "3"), taken))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Status");
    }

    private static List<Path> files() throws IOException {
        try (var files = Files.walk(DIALOGUES)) {
            return files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
    }

    private static String name(Path file) {
        return DIALOGUES.relativize(file).toString().replace(".txt", "");
    }
}
