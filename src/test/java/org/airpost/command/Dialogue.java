package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.eas.ProtocolVersion;

/**
 * A file of requests and expected answers, read for one version of the protocol. The form is described in {@code
 * src/test/dialogues/README.md}.
 *
 * @param settings options of the gateway by their environment names
 * @param given phones that have provisioned and know their folders when the dialogue begins
 * @param primed {@code phone/folder} that has been synced once with key 0
 */
record Dialogue(
        Path file,
        ProtocolVersion version,
        Map<String, String> settings,
        List<String> given,
        List<String> primed,
        List<Step> steps) {

    private static final Pattern START = Pattern.compile("(C|S|IMAP|SMTP|LDAP|SIEVE|ADMIN)(?: ([a-z]+))?:(?: (.*))?");
    private static final Pattern CONDITION = Pattern.compile("\\[(-?)([0-9.]+)(\\+?)] ?(.*)");

    /**
     * One line that says what is done, and the lines below it.
     *
     * @param who C, S, IMAP, SMTP, LDAP, SIEVE or ADMIN
     * @param name a phone, a user, or an administrator
     */
    record Step(int line, String who, Optional<String> name, String what, List<String> block) {

        /** The lines of the block that look like headers, before the first that does not. */
        Map<String, String> headers() {
            var headers = new HashMap<String, String>();
            for (var line : block.subList(0, headerLines())) {
                int colon = line.indexOf(':');
                headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
            return headers;
        }

        /** The rest of the block. */
        String body() {
            var rest = block.subList(headerLines(), block.size());
            int from = 0;
            while (from < rest.size() && rest.get(from).isBlank()) {
                from++;
            }
            return String.join("\n", rest.subList(from, rest.size())).stripTrailing();
        }

        private int headerLines() {
            int at = 0;
            while (at < block.size() && block.get(at).matches("[A-Z][A-Za-z-]+:.*")) {
                at++;
            }
            return at;
        }
    }

    /** The versions that a file is for. */
    static List<ProtocolVersion> versions(Path file) throws IOException {
        return headers(Files.readAllLines(file, UTF_8), "versions").stream()
                .map(text -> ProtocolVersion.ofText(text).orElseThrow(() -> new AssertionError(file + ": " + text)))
                .toList();
    }

    static Dialogue read(Path file, ProtocolVersion version) throws IOException {
        var lines = Files.readAllLines(file, UTF_8);
        var settings = new HashMap<String, String>();
        for (var line : lines) {
            if (line.startsWith("config: ")) {
                int equals = line.indexOf('=');
                settings.put(line.substring("config: ".length(), equals), line.substring(equals + 1));
            }
        }
        var given = headers(lines, "given");
        return new Dialogue(
                file,
                version,
                settings,
                given.isEmpty() ? List.of("phone") : given.equals(List.of("nothing")) ? List.of() : given,
                headers(lines, "primed"),
                steps(lines, version));
    }

    private static List<String> headers(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + ": "))
                .flatMap(line -> Pattern.compile(" +")
                        .splitAsStream(line.substring(name.length() + 2).strip()))
                .toList();
    }

    private static List<Step> steps(List<String> lines, ProtocolVersion version) {
        var steps = new ArrayList<Step>();
        var block = new ArrayList<String>();
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.get(i);
            if (line.startsWith("#")) {
                continue;
            }
            var condition = CONDITION.matcher(line.stripLeading());
            if (condition.matches()) {
                if (!holds(condition.group(1), condition.group(2), condition.group(3), version)) {
                    continue;
                }
                line = condition.group(4);
            }
            var start = START.matcher(line);
            if (start.matches()) {
                block = new ArrayList<>();
                steps.add(new Step(
                        i + 1,
                        start.group(1),
                        Optional.ofNullable(start.group(2)),
                        Optional.ofNullable(start.group(3)).orElse("").strip(),
                        block));
            } else {
                block.add(line);
            }
        }
        return steps;
    }

    private static boolean holds(String upTo, String text, String from, ProtocolVersion version) {
        var named = ProtocolVersion.ofText(text).orElseThrow(() -> new AssertionError("version " + text));
        if (!upTo.isEmpty()) {
            return named.atLeast(version);
        }
        return from.isEmpty() ? version == named : version.atLeast(named);
    }
}
