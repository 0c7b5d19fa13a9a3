package org.airpost;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house rules of {@code DESIGN.md} §3, read from the class files. */
class RoomsTest {

    private static final Path CLASSES = Path.of("target/classes");
    private static final Path SOURCES = Path.of("src/main/java");
    private static final String OURS = "org.airpost.";

    private static final Set<String> EVERYTHING = Set.of(
            "wbxml",
            "eas",
            "store",
            "backend",
            "convert",
            "sync",
            "device",
            "identity",
            "command",
            "http",
            "telemetry",
            "admin",
            "console",
            "phone",
            "config",
            "cli",
            "bench",
            "app");

    /** Which rooms a room may import. A room is the first package below {@code org.airpost}, with all packages in it. */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(
            entry("wbxml", Set.of()),
            entry("eas", Set.of("wbxml")),
            entry("store", Set.of()),
            entry("backend", Set.of()),
            entry("convert", Set.of("wbxml", "eas", "backend")),
            entry("sync", Set.of("eas", "store", "backend")),
            entry("device", Set.of("eas", "store")),
            entry("identity", Set.of("store", "backend")),
            entry("command", Set.of("wbxml", "eas", "store", "backend", "convert", "sync", "device")),
            // backend: Account and Credentials, which a Request of command carries.
            entry("http", Set.of("wbxml", "eas", "store", "backend", "device", "identity", "command")),
            // Above http, which tells it what it sees by an interface of its own.
            entry("telemetry", Set.of("wbxml", "eas", "store", "backend", "device", "command", "http")),
            entry("admin", Set.of("eas", "store", "backend", "device", "sync", "identity", "telemetry")),
            // device and sync: the facts that operations of admin give.
            entry(
                    "console",
                    Set.of("eas", "store", "backend", "device", "sync", "identity", "http", "telemetry", "admin")),
            entry("phone", Set.of("wbxml", "eas")),
            entry("config", Set.of()),
            entry("cli", EVERYTHING),
            entry("bench", EVERYTHING),
            entry("app", EVERYTHING));

    /** Where the types of a library may be named: in these packages and those below them. */
    private static final Map<String, Set<String>> LIBRARIES = Map.ofEntries(
            entry("io.netty", Set.of("http")),
            entry("org.eclipse.angus", Set.of("backend.imap", "backend.smtp", "convert")),
            entry("jakarta.mail", Set.of("backend.imap", "backend.smtp", "convert", "bench")),
            entry("jakarta.activation", Set.of("backend.imap", "backend.smtp", "convert", "bench")),
            // The mail server of the demo.
            entry("com.icegreen", Set.of("cli", "app")),
            entry("biweekly", Set.of("convert", "backend.calendar")),
            entry("org.mapdb", Set.of("store.mapdb")),
            entry("io.prometheus", Set.of("telemetry")),
            entry("com.unboundid", Set.of("backend.ldap")),
            entry("ezvcard", Set.of("backend.carddav")),
            entry("org.xbill.DNS", Set.of("backend.found")),
            entry("com.typesafe.config", Set.of("config")),
            entry("j2html", Set.of("console")),
            entry("com.google.gson", Set.of("console")),
            entry("io.nayuki", Set.of("console.web")),
            entry("picocli", Set.of("cli", "bench")));

    private static final Set<String> NO_NAMES_FOR_PACKAGES =
            Set.of("util", "utils", "common", "helper", "impl", "manager");

    private static final Pattern TYPE_IN_DESCRIPTOR = Pattern.compile("L([\\w$]+(?:/[\\w$]+)+)[;<]");

    /** Javadoc of more than a word, then the annotation. */
    private static final Pattern PACKAGE_DOCUMENT = Pattern.compile("(?s)/\\*\\*.{40,}\\*/\\s*@NullMarked\\s+package ");

    /** One class that names another. */
    private record Use(String from, String to) {}

    @Test
    void importsGoInOneDirection() throws IOException {
        assertThat(uses().stream().flatMap(use -> wrongRoom(use).stream()).distinct())
                .isEmpty();
    }

    @Test
    void librariesStayInTheirRooms() throws IOException {
        assertThat(uses().stream().flatMap(use -> wrongLibrary(use).stream()).distinct())
                .isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsForAndHasNoNulls() throws IOException {
        var silent = new ArrayList<Path>();
        for (var directory : packageDirectories()) {
            var info = directory.resolve("package-info.java");
            if (!Files.exists(info)
                    || !PACKAGE_DOCUMENT.matcher(Files.readString(info)).find()) {
                silent.add(info);
            }
        }
        assertThat(silent).as("packages without Javadoc and @NullMarked").isEmpty();
    }

    @Test
    void noPackageIsNamedByKind() throws IOException {
        for (var directory : packageDirectories()) {
            assertThat(NO_NAMES_FOR_PACKAGES)
                    .as("%s", directory)
                    .doesNotContain(directory.getFileName().toString());
        }
    }

    @Test
    void theTableKnowsEveryRoom() {
        assertThat(MAY_IMPORT.keySet()).isEqualTo(EVERYTHING);
        MAY_IMPORT.values().forEach(rooms -> assertThat(EVERYTHING).containsAll(rooms));
    }

    @Test
    void theDocumentShowsTheSameTable() throws IOException {
        var rows = Pattern.compile("(?m)^\\| `(\\w+)` \\|.*\\| ([^|]*) \\|$")
                .matcher(Files.readString(Path.of("docs/architecture.md")))
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1),
                        row -> Pattern.compile("`(\\w+)`")
                                .matcher(row.group(2))
                                .results()
                                .map(room -> room.group(1))
                                .collect(Collectors.toSet())));
        var expected = new HashMap<>(MAY_IMPORT);
        // These are in a row together, in words.
        expected.keySet().removeAll(Set.of("config", "cli", "bench", "app"));
        assertThat(rows).isEqualTo(expected);
    }

    // The checker itself

    @Test
    void aWrongImportIsFoundWhereverTheClassNamesIt() {
        var http = ClassDesc.of("org.airpost.http.Server");
        var inCode = ClassFile.of()
                .build(
                        ClassDesc.of("org.airpost.wbxml.Bad"),
                        builder -> builder.withMethodBody(
                                "run",
                                MethodTypeDesc.of(ConstantDescs.CD_void),
                                ClassFile.ACC_STATIC,
                                code -> code.invokestatic(http, "start", MethodTypeDesc.of(ConstantDescs.CD_void))
                                        .return_()));
        var inDescriptor = ClassFile.of()
                .build(ClassDesc.of("org.airpost.wbxml.Bad"), builder -> builder.withField("server", http, 0));
        var inArray = ClassFile.of()
                .build(
                        ClassDesc.of("org.airpost.wbxml.Bad"),
                        builder -> builder.withField("servers", http.arrayType(2), 0));
        for (var bytes : List.of(inCode, inDescriptor, inArray)) {
            assertThat(uses(ClassFile.of().parse(bytes)).stream().flatMap(use -> wrongRoom(use).stream()))
                    .containsExactly("wbxml may not import http: org.airpost.wbxml.Bad names org.airpost.http.Server");
        }
    }

    @Test
    void aLibraryOutsideItsRoomIsFound() {
        assertThat(wrongLibrary(new Use("org.airpost.command.Sync", "io.netty.buffer.ByteBuf")))
                .containsExactly("io.netty is not for command: org.airpost.command.Sync names io.netty.buffer.ByteBuf");
        assertThat(wrongLibrary(new Use("org.airpost.store.memory.MemoryStore", "org.mapdb.DB")))
                .hasSize(1);
        assertThat(wrongLibrary(new Use("org.airpost.backend.Account", "jakarta.mail.Message")))
                .hasSize(1);
        assertThat(wrongLibrary(new Use("org.airpost.store.mapdb.Trees", "org.mapdb.DB")))
                .isEmpty();
        assertThat(wrongLibrary(new Use("org.airpost.backend.imap.Pool", "jakarta.mail.Message")))
                .isEmpty();
        assertThat(wrongLibrary(new Use("org.airpost.http.tls.Keys", "io.netty.handler.ssl.SslContext")))
                .isEmpty();
    }

    @Test
    void aRoomThatNobodyPlannedIsFound() {
        assertThat(wrongRoom(new Use("org.airpost.extras.Thing", "org.airpost.eas.Status")))
                .containsExactly("extras is not a room: org.airpost.extras.Thing names org.airpost.eas.Status");
        assertThat(wrongRoom(new Use("org.airpost.http.Server", "org.airpost.backend.Account")))
                .isEmpty();
        assertThat(wrongRoom(new Use("org.airpost.store.mapdb.Trees", "org.airpost.store.Store")))
                .isEmpty();
    }

    // How it works

    private static List<String> wrongRoom(Use use) {
        if (!use.to().startsWith(OURS)) {
            return List.of();
        }
        var from = room(use.from());
        var to = room(use.to());
        if (!MAY_IMPORT.containsKey(from)) {
            return List.of(from + " is not a room: " + use.from() + " names " + use.to());
        }
        return from.equals(to) || MAY_IMPORT.get(from).contains(to)
                ? List.of()
                : List.of(from + " may not import " + to + ": " + use.from() + " names " + use.to());
    }

    private static List<String> wrongLibrary(Use use) {
        var inside = packageOf(use.from());
        return LIBRARIES.entrySet().stream()
                .filter(library -> use.to().startsWith(library.getKey() + "."))
                .filter(library -> library.getValue().stream()
                        .noneMatch(place -> inside.equals(place) || inside.startsWith(place + ".")))
                .map(library -> library.getKey() + " is not for " + inside + ": " + use.from() + " names " + use.to())
                .toList();
    }

    /** {@code backend} of {@code org.airpost.backend.imap.Pool}. */
    private static String room(String className) {
        return className.substring(OURS.length()).replaceFirst("\\..*", "");
    }

    /** {@code backend.imap} of {@code org.airpost.backend.imap.Pool}. */
    private static String packageOf(String className) {
        return className.substring(OURS.length(), className.lastIndexOf('.'));
    }

    private static List<Use> uses() throws IOException {
        var all = new ArrayList<Use>();
        try (Stream<Path> files = Files.walk(CLASSES)) {
            for (var file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                all.addAll(uses(ClassFile.of().parse(file)));
            }
        }
        assertThat(all).as("class files under %s", CLASSES).isNotEmpty();
        return all;
    }

    /** What the constant pool names: classes, and the types in descriptors and generic signatures. */
    private static List<Use> uses(ClassModel model) {
        var from = model.thisClass().asInternalName().replace('/', '.');
        var named = new TreeSet<String>();
        for (var constant : model.constantPool()) {
            switch (constant) {
                case ClassEntry type -> named.add(type.asInternalName());
                case Utf8Entry text -> {
                    var types = TYPE_IN_DESCRIPTOR.matcher(text.stringValue());
                    while (types.find()) {
                        named.add(types.group(1));
                    }
                }
                default -> {}
            }
        }
        return named.stream()
                .map(name -> name.replaceFirst("^\\[+L(.*);$", "$1").replace('/', '.'))
                .map(name -> new Use(from, name))
                .toList();
    }

    private static Set<Path> packageDirectories() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
