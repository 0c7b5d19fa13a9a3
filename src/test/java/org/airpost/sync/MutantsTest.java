package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That the model finds bugs: each mutant is the engine with one place broken, and the model must fail on it. A mutant whose
 * text is not in the source any more fails too, so that the list stays true.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MutantsTest {

    private static final Path SOURCES = Path.of("src/main/java");

    @TempDir
    Path classes;

    /**
     * @param what the bug
     * @param type the class it is in
     * @param right a text that is in its source once
     * @param wrong what stands there instead
     */
    record Mutant(String what, String type, String right, String wrong) {

        Path source() {
            return SOURCES.resolve(type.replace('.', '/') + ".java");
        }

        @Override
        public String toString() {
            return what;
        }
    }

    static List<Mutant> mutants() {
        return List.of(
                new Mutant(
                        "a lost answer is not repeated",
                        "org.airpost.sync.LedgerRecord",
                        "if (syncKey.equals(Long.toString(generation))) {",
                        "if (syncKey.equals(Long.toString(generation)) && next.isEmpty()) {"),
                new Mutant(
                        "a lost answer is taken as heard",
                        "org.airpost.sync.LedgerRecord",
                        "new LedgerRecord(uidValidity, generation, named, state, Optional.empty(), options, drafts)",
                        "new LedgerRecord(uidValidity, generation, named, latest(), Optional.empty(), options, drafts)"),
                new Mutant(
                        "UIDVALIDITY is not looked at",
                        "org.airpost.command.CollectionSync",
                        ".filter(record -> record.uidValidity() == view.uidValidity())",
                        ".filter(record -> record.uidValidity() != 0)"),
                new Mutant(
                        "MoreAvailable is never said",
                        "org.airpost.command.CollectionSync",
                        "told.more = comesAgain || !window.whole() || difference.size() - told.count() - adds.missing > 0;",
                        "told.more = false;"),
                new Mutant(
                        "the phone's own changes are not in its ledger",
                        "org.airpost.command.ClientCommands",
                        "uids.forEach(uid -> ledger = ledger.withFlags(uid, add, remove));",
                        "uids.forEach(uid -> ledger = ledger.withFlags(uid, Set.of(), Set.of()));"),
                new Mutant(
                        "moves are not noted",
                        "org.airpost.sync.MoveJournal",
                        "if (made.isEmpty()) {",
                        "if (!made.isEmpty()) {"),
                new Mutant(
                        "mail that is gone is not told",
                        "org.airpost.sync.Difference",
                        "var deletes = ledger.present().minus(view.present()).or(again);",
                        "var deletes = again;"),
                new Mutant(
                        "what left the filter's window is not told",
                        "org.airpost.sync.Difference",
                        "var softDeletes = ledger.present().and(view.present()).minus(window).minus(again);",
                        "var softDeletes = UidSet.EMPTY;"),
                new Mutant(
                        "a waiting phone is judged by what it had before the last answer",
                        "org.airpost.sync.News",
                        "Difference.of(record.latest(), view, window.uids(), version)",
                        "Difference.of(record.state(), view, window.uids(), version)"),
                new Mutant(
                        "the older messages of a conversation are not told",
                        "org.airpost.sync.Views",
                        "return new Window(widened.uids, received.uids, widened.whole);",
                        "return new Window(received.uids, received.uids, widened.whole);"));
    }

    /** Those of sending, which {@link SendWorld} must find. */
    static List<Mutant> sendMutants() {
        return List.of(
                new Mutant(
                        "there is no journal of what was sent",
                        "org.airpost.command.SentJournal",
                        "return store.get(key).map(stored -> {",
                        "return store.get(key).filter(stored -> false).map(stored -> {"),
                new Mutant(
                        "that the server has taken a mail is not written down at once",
                        "org.airpost.command.Sending",
                        "entry = means.journal().put(key, entry, State.HANDED_OVER, unreached, lifetime(State.HANDED_OVER));",
                        ""),
                new Mutant(
                        "a mail that was handed over is done with, copy or not",
                        "org.airpost.command.Sending",
                        "case HANDED_OVER -> finish();",
                        "case HANDED_OVER -> record(State.SAVED);"),
                new Mutant(
                        "a repeat does not look for the copy of the first try",
                        "org.airpost.command.SentCopies",
                        "return holds(account, sent, messageId, savesSent == SavesSent.NO ? ONCE : looks(known))",
                        "return savesSent == SavesSent.YES"),
                new Mutant(
                        "a copy that could not be kept is forgotten",
                        "org.airpost.command.Sending",
                        "if (!kept && entry.state() == State.HANDED_OVER && isYoung()) {",
                        "if (kept && entry.state() == State.OPEN) {"),
                new Mutant(
                        "all mails of 12.1 are the same one",
                        "org.airpost.command.SendRequest",
                        "HexFormat.of().formatHex(digest.digest()),",
                        "\"x\","),
                new Mutant(
                        "a draft is sent anew by each repeat",
                        "org.airpost.command.Drafts",
                        "var identity = mark(\"send \" + number, \"\", view);",
                        "var identity = mark(\"send \" + number, clock.instant().toString(), view);"));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void theModelFindsIt(Mutant mutant) throws Exception {
        isFound(mutant, "org.airpost.sync.MutantRun");
    }

    @ParameterizedTest
    @MethodSource("sendMutants")
    void theModelOfSendingFindsIt(Mutant mutant) throws Exception {
        isFound(mutant, "org.airpost.sync.MutantSendRun");
    }

    private void isFound(Mutant mutant, String runs) throws Exception {
        var source = Files.readString(mutant.source());
        assertThat(source.split(Pattern.quote(mutant.right()), -1))
                .as("\"%s\" stands in %s once", mutant.right(), mutant.source())
                .hasSize(2);
        compile(mutant.type(), source.replace(mutant.right(), mutant.wrong()));
        assertThatThrownBy(() -> model(runs).run())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("seed ")
                .cause()
                .isNotInstanceOf(LinkageError.class);
    }

    @Test
    void theEngineAsItIsPassesTheSameRuns() {
        assertThatCode(() -> model("org.airpost.sync.MutantRun").run()).doesNotThrowAnyException();
        assertThatCode(() -> model("org.airpost.sync.MutantSendRun").run()).doesNotThrowAnyException();
    }

    /** The class and those inside it, into the folder that the loader looks in first. */
    private void compile(String type, String source) throws IOException {
        var file = Files.createDirectories(classes.resolve("source"))
                .resolve(type.substring(type.lastIndexOf('.') + 1) + ".java");
        Files.writeString(file, source);
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
            var options = List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
            var task = compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(file));
            assertThat(task.call()).as("the mutant compiles").isTrue();
        }
    }

    /** The model with everything of Airpost loaded anew, broken classes before whole ones. */
    private Runnable model(String runs) throws ReflectiveOperationException, IOException {
        var urls = new ArrayList<URL>();
        urls.add(url(classes));
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> url(Path.of(entry)))
                .forEach(urls::add);
        var loader = new AnewLoader(urls.toArray(URL[]::new));
        return (Runnable) loader.loadClass(runs).getDeclaredConstructor().newInstance();
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(path.toString(), e);
        }
    }

    /** Loads what is Airpost's itself, and leaves the rest to the loader of the tests. */
    private static final class AnewLoader extends URLClassLoader {

        AnewLoader(URL[] urls) {
            super(urls, MutantsTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                var loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                return name.startsWith("org.airpost.") ? findClass(name) : super.loadClass(name, resolve);
            }
        }
    }
}
