package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.airpost.admin.Actor;
import org.airpost.app.Gateway;
import org.airpost.app.Servers;
import org.airpost.backend.Absences;
import org.airpost.backend.Directory;
import org.airpost.backend.Outcome;
import org.airpost.backend.Person;
import org.airpost.backend.Submission;
import org.airpost.backend.memory.MemoryAbsences;
import org.airpost.backend.memory.MemoryDirectory;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;
import org.airpost.wbxml.WbxmlXml;

/** Plays one dialogue against a gateway of its own, with mail servers in memory. */
final class DialogueRun implements AutoCloseable {

    private static final Path CERTIFICATES = Path.of("src/test/dialogues/certificates");
    private static final Path MAILS = Path.of("src/test/dialogues/mails");
    private static final Pattern APPEND =
            Pattern.compile("append (\\S+)(?: \\(([^)]*)\\))?(?: (\\d+) days ago| at (\\S+Z))?(?: <(\\S+))?");
    private static final Pattern FLAGS = Pattern.compile("(flags|has) (\\S+) (\\d+) \\(([^)]*)\\)");
    private static final Pattern NUMBERED = Pattern.compile("(fill|expunge|holds|has not|text) (\\S+) (\\d+)");
    private static final Map<String, String> SPECIAL = Map.of("2", "inbox", "3", "drafts", "4", "trash", "5", "sent");

    private final Dialogue dialogue;
    private final MemoryMail mail;
    private final MemorySubmission submission;
    private final MemoryDirectory people = new MemoryDirectory();
    private final MemoryAbsences absences = new MemoryAbsences();
    private final Gateway gateway;
    private final HttpClient client;
    private final Map<String, DialoguePhone> phones = new HashMap<>();
    private final Map<String, String> taken = new HashMap<>();
    private Optional<Instant> received = Optional.empty();
    private int filled;

    DialogueRun(Dialogue dialogue, Path directory) throws IOException {
        this.dialogue = dialogue;
        InstantSource clock = InstantSource.system();
        this.mail = new MemoryMail(() -> received.orElseGet(clock::instant));
        mail.user("alice", "secret").user("bob", "secret");
        this.submission = new MemorySubmission(mail);
        var settings = new HashMap<>(Map.of(
                "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                "AIRPOST_HTTP_PORT", "0",
                "AIRPOST_CONSOLE_ENABLED", "false",
                "AIRPOST_HTTP_PLAIN", "true",
                "AIRPOST_HTTP_GRACEFUL_STOP", "0 s",
                "AIRPOST_STORE_KIND", "memory",
                "AIRPOST_TLS_DIRECTORY", directory.toString(),
                "AIRPOST_USERS_DOMAIN", "example.org"));
        settings.putAll(dialogue.settings());
        absences.answers(new Absences.Result.Refused<>(Absences.Refusal.NOT_OFFERED, "no server"));
        takeCertificates();
        this.gateway = Gateway.start(
                Config.load(Optional.empty(), settings),
                new Servers(mail, submission, people, account -> List.of("friend@elsewhere.org"), absences, () -> {}));
        this.client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    void play() throws IOException, InterruptedException {
        for (var name : dialogue.given()) {
            provision(name);
            folders(name);
        }
        for (var primed : dialogue.primed()) {
            prime(primed.substring(0, primed.indexOf('/')), primed.substring(primed.indexOf('/') + 1));
        }
        for (var step : dialogue.steps()) {
            try {
                play(step);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "%s:%d at %s: %s"
                                .formatted(
                                        dialogue.file(),
                                        step.line(),
                                        dialogue.version().text(),
                                        e.getMessage()),
                        e);
            }
        }
        phones.forEach((name, phone) -> assertThat(phone.unanswered())
                .as("requests of %s not looked at", name)
                .isZero());
    }

    private void play(Dialogue.Step step) throws IOException, InterruptedException {
        switch (step.who()) {
            case "C" -> request(step);
            case "S" -> answer(step);
            case "IMAP" -> imap(step);
            case "LDAP" -> ldap(step);
            case "SIEVE" -> sieve(step);
            case "ADMIN" -> admin(step);
            default -> smtp(step);
        }
    }

    private DialoguePhone phone(String name) {
        return phones.computeIfAbsent(
                name, n -> new DialoguePhone(client, gateway.address(), userOf(n), "device-" + n, dialogue.version()));
    }

    private static String userOf(String phone) {
        return phone.equals("bob") ? "bob" : "alice";
    }

    /** Names of what a phone other than the first takes begin with its own. */
    private static String prefix(String phone) {
        return phone.equals("phone") ? "" : phone + "-";
    }

    // What goes before a dialogue

    private void provision(String name) throws InterruptedException {
        var temporary = exchange(name, "Provision", """
                <Provision xmlns="Provision"><Policies><Policy>
                  <PolicyType>MS-EAS-Provisioning-WBXML</PolicyType>
                </Policy></Policies></Provision>""");
        var acknowledged = exchange(name, "Provision", """
                <Provision xmlns="Provision"><Policies><Policy>
                  <PolicyType>MS-EAS-Provisioning-WBXML</PolicyType><PolicyKey>%s</PolicyKey><Status>1</Status>
                </Policy></Policies></Provision>""".formatted(element("PolicyKey", temporary)));
        phone(name).policyKey(element("PolicyKey", acknowledged));
    }

    private void folders(String name) throws InterruptedException {
        var answer =
                exchange(name, "FolderSync", "<FolderSync xmlns=\"FolderHierarchy\"><SyncKey>0</SyncKey></FolderSync>");
        taken.put(prefix(name) + "folders1", element("SyncKey", answer));
        Pattern.compile("<Add>.*?</Add>", Pattern.DOTALL)
                .matcher(answer)
                .results()
                .map(java.util.regex.MatchResult::group)
                .forEach(add -> Optional.ofNullable(SPECIAL.get(element("Type", add)))
                        .or(() -> Optional.of(element("DisplayName", add).toLowerCase(Locale.ROOT)))
                        .ifPresent(folder -> taken.put(userPrefix(name) + folder, element("ServerId", add))));
    }

    private static String userPrefix(String phone) {
        return phone.equals("bob") ? "bob-" : "";
    }

    private void prime(String name, String folder) throws InterruptedException {
        var id = Optional.ofNullable(taken.get(userPrefix(name) + folder)).orElseThrow();
        var answer = exchange(name, "Sync", """
                <Sync xmlns="AirSync"><Collections><Collection>
                  <SyncKey>0</SyncKey><CollectionId>%s</CollectionId>
                </Collection></Collections></Sync>""".formatted(id));
        taken.put(prefix(name) + folder + "-key", element("SyncKey", answer));
    }

    private String exchange(String name, String command, String xml) throws InterruptedException {
        var phone = phone(name);
        phone.send(command, "", Map.of(), WbxmlXml.fromXml(xml));
        var answer = phone.answer();
        assertThat(answer.statusCode()).as("%s before the dialogue", command).isEqualTo(200);
        hasItsVersionsElements(answer);
        return WbxmlXml.toXml(answer.body());
    }

    private static String element(String name, String xml) {
        var found =
                Pattern.compile("<%s[^>]*>([^<]*)</%s>".formatted(name, name)).matcher(xml);
        assertThat(found.find()).as("%s in %s", name, xml).isTrue();
        return found.group(1);
    }

    // Requests and answers

    private void request(Dialogue.Step step) throws IOException, InterruptedException {
        var phone = phone(step.name().orElse("phone"));
        if (step.what().equals("again")) {
            phone.sendAgain();
            return;
        }
        if (step.what().equals("provisions")) {
            provision(step.name().orElse("phone"));
            return;
        }
        var words = XmlPattern.fill(step.what(), taken).split(" +", 0);
        var parameters = new StringBuilder();
        for (int i = 1; i < words.length; i++) {
            parameters.append('&').append(words[i]);
        }
        var headers = new HashMap<String, String>();
        step.headers().forEach((header, value) -> headers.put(header, XmlPattern.fill(value, taken)));
        phone.send(words[0], parameters.toString(), headers, body(step, headers));
    }

    private byte[] body(Dialogue.Step step, Map<String, String> headers) throws IOException {
        var text = step.body();
        if (text.startsWith("<<")) {
            return mail(text.substring(2).strip());
        }
        text = XmlPattern.fill(text, taken);
        if (text.isEmpty() || headers.getOrDefault("Content-Type", "").equals("message/rfc822")) {
            return crlf(text).getBytes(UTF_8);
        }
        return text.startsWith("<") ? WbxmlXml.fromXml(withMails(repeated(text))) : text.getBytes(UTF_8);
    }

    /** {@code [[513 times <Delete>…</Delete>]]} is so many of them; # in it is the number of each. */
    private static String repeated(String text) {
        return Pattern.compile("\\[\\[(\\d+) times (.*?)\\]\\]", Pattern.DOTALL)
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        java.util.stream.IntStream.rangeClosed(1, Integer.parseInt(found.group(1)))
                                .mapToObj(i -> found.group(2).replace("#", Integer.toString(i)))
                                .collect(java.util.stream.Collectors.joining())));
    }

    /**
     * The content of Mime, and of what is {@code opaque="text"}, is a message or text as it is, without escapes; {@code <<60
     * KiB} is text of that length.
     */
    private static String withMails(String text) {
        var sized = Pattern.compile("<<(\\d+) KiB")
                .matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement("123456789 123456789 123456789 123456789 123456789 123456789 123\n"
                                .repeat(Integer.parseInt(found.group(1)) * 16)));
        return Pattern.compile("<(Mime|\\w+ opaque=\"text\")>(.*?)</(\\w+)>", Pattern.DOTALL)
                .matcher(sized)
                .replaceAll(found -> "<%s opaque=\"base64\">%s</%s>"
                        .formatted(
                                found.group(3),
                                Base64.getEncoder()
                                        .encodeToString(crlf(found.group(2).stripLeading())
                                                .getBytes(UTF_8)),
                                found.group(3)));
    }

    private void answer(Dialogue.Step step) throws InterruptedException {
        var phone = phone(step.name().orElse("phone"));
        if (step.what().equals("waits")) {
            assertThat(phone.waits(gateway::waiting)).as("the request is held").isTrue();
            return;
        }
        var answer = phone.answer();
        hasItsVersionsElements(answer);
        int expected =
                step.what().startsWith("HTTP ") ? Integer.parseInt(step.what().substring(5)) : 200;
        assertThat(answer.statusCode()).as("HTTP status").isEqualTo(expected);
        step.headers()
                .forEach((header, value) -> XmlPattern.checkText(
                        header, value, answer.headers().firstValue(header).orElse("(none)"), taken));
        if (step.what().equals("empty")) {
            assertThat(answer.body()).as("body: %s", printed(answer)).isEmpty();
            assertThat(answer.headers().firstValue("Content-Length")).contains("0");
        } else if (step.what().equals("file")) {
            assertThat(new String(answer.body(), UTF_8)).isEqualToIgnoringNewLines(step.body());
        } else if (step.what().equals("multipart")) {
            multiPart(step, answer);
        } else if (expected == 200 && !step.body().isEmpty()) {
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/vnd.ms-sync.wbxml");
            assertThat(answer.headers().firstValue("Content-Length")).contains(Integer.toString(answer.body().length));
            XmlPattern.of(step.body()).check("the answer", printed(answer), taken);
        }
    }

    /**
     * Whatever a dialogue is about, no answer in it has an element that its version lacks; but that a version lacks a command
     * (138) is said in that command's own words. Source: HT-11; MS-ASCMD R4897.
     */
    private void hasItsVersionsElements(HttpResponse<byte[]> answer) {
        boolean isDocument = answer.headers()
                .firstValue("Content-Type")
                .filter("application/vnd.ms-sync.wbxml"::equals)
                .isPresent();
        if (answer.statusCode() == 200
                && isDocument
                && answer.body().length > 0
                && !printed(answer).contains("<Status>138</Status>")) {
            assertThat(ElementVersions.foreign(answer.body(), dialogue.version()))
                    .as("elements that %s does not have", dialogue.version().text())
                    .isEmpty();
        }
    }

    private static String printed(HttpResponse<byte[]> answer) {
        return answer.body().length == 0 ? "<nothing/>" : WbxmlXml.toXml(answer.body());
    }

    /** A count, and offset and length of each part, little-endian. Source: MS-ASCMD "MultiPartResponse". */
    private void multiPart(Dialogue.Step step, HttpResponse<byte[]> answer) {
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/vnd.ms-sync.multipart");
        var bytes = ByteBuffer.wrap(answer.body()).order(ByteOrder.LITTLE_ENDIAN);
        int parts = bytes.getInt(0);
        var expected = Pattern.compile("\n(?=part \\d+: )").split(step.body(), -1);
        assertThat(parts).as("parts").isEqualTo(expected.length);
        for (int i = 0; i < parts; i++) {
            var part = new byte[bytes.getInt(4 + 8 * i + 4)];
            bytes.get(bytes.getInt(4 + 8 * i), part);
            if (i == 0) {
                XmlPattern.of(expected[0]).check("part 0", WbxmlXml.toXml(part), taken);
            } else {
                XmlPattern.checkText(
                        "part", expected[i].replaceFirst("part \\d+: ", ""), new String(part, UTF_8).strip(), taken);
            }
        }
    }

    // The other side

    /** As by the admin socket; each line of the block stands in the answer. */
    private void admin(Dialogue.Step step) {
        boolean isRefused = step.what().startsWith("refused ");
        var text = XmlPattern.fill(isRefused ? step.what().substring("refused ".length()) : step.what(), taken);
        var answer =
                gateway.adminCommands().run(Actor.ofSocket(step.name().orElse("root")), List.of(text.split(" +", 0)));
        var said = String.join("\n", answer.lines()).replace('\t', ' ');
        assertThat(answer.done()).as("%s: %s", text, said).isEqualTo(!isRefused);
        contains(step, said);
    }

    private void imap(Dialogue.Step step) throws IOException {
        var user = step.name().orElse("alice");
        var what = step.what();
        var append = APPEND.matcher(what);
        var flags = FLAGS.matcher(what);
        var numbered = NUMBERED.matcher(what);
        if (what.equals("down") || what.equals("up")) {
            mail.down(what.equals("down"));
        } else if (what.startsWith("password ")) {
            mail.user(user, what.substring("password ".length()));
        } else if (what.startsWith("fails ")) {
            mail.failNext(Integer.parseInt(what.substring("fails ".length())));
        } else if (what.startsWith("refuses ")) {
            mail.refuse(Optional.of(what.substring("refuses ".length()))
                    .filter(why -> !why.equals("nothing"))
                    .map(Outcome.Refusal::valueOf));
        } else if (what.startsWith("slow ")) {
            mail.slow(what.substring("slow ".length()));
        } else if (what.startsWith("create ")) {
            mail.create(user, what.substring("create ".length()), Optional.empty());
        } else if (what.startsWith("delete ")) {
            mail.delete(user, what.substring("delete ".length()));
        } else if (what.startsWith("renumber ")) {
            mail.renumber(user, what.substring("renumber ".length()));
        } else if (append.matches()) {
            received = Optional.ofNullable(append.group(4))
                    .map(Instant::parse)
                    .or(() -> Optional.ofNullable(append.group(3))
                            .map(days -> Instant.now().minus(Duration.ofDays(Long.parseLong(days)))));
            var message = append.group(5) == null
                    ? crlf(String.join("\n", step.block()).strip() + "\n").getBytes(UTF_8)
                    : mail(append.group(5));
            mail.deliver(user, append.group(1), message, set(append.group(2)));
            received = Optional.empty();
        } else if (flags.matches()) {
            long uid = Long.parseLong(flags.group(3));
            if (flags.group(1).equals("flags")) {
                mail.setFlags(user, flags.group(2), uid, set(flags.group(4)));
            } else {
                assertThat(flagsOf(user, flags.group(2), uid)).as(what).isEqualTo(set(flags.group(4)));
            }
        } else if (numbered.matches()) {
            numbered(step, user, numbered.group(1), numbered.group(2), Integer.parseInt(numbered.group(3)));
        } else {
            throw new AssertionError("IMAP: what is \"" + what + "\"?");
        }
    }

    private void numbered(Dialogue.Step step, String user, String what, String mailbox, int number) {
        switch (what) {
            case "fill" -> {
                for (int i = 0; i < number; i++) {
                    filled++;
                    var message =
                            "From: Bob <bob@example.org>\r\nTo: alice@example.org\r\nSubject: Mail %d\r\n\r\nText %d.\r\n"
                                    .formatted(filled, filled);
                    mail.deliver(user, mailbox, message.getBytes(UTF_8), Set.of());
                }
            }
            case "expunge" -> mail.expunge(user, mailbox, number);
            case "holds" ->
                assertThat(mail.view(user, mailbox).present().ascending())
                        .as("messages in %s", mailbox)
                        .hasSize(number);
            case "has not" ->
                assertThat(mail.bytes(user, mailbox, number))
                        .as("message %d", number)
                        .isEmpty();
            default ->
                contains(step, new String(mail.bytes(user, mailbox, number).orElseThrow(), UTF_8));
        }
    }

    private Set<String> flagsOf(String user, String mailbox, long uid) {
        assertThat(mail.bytes(user, mailbox, uid))
                .as("message %d in %s", uid, mailbox)
                .isPresent();
        var flags = new java.util.HashSet<String>();
        mail.view(user, mailbox).flags().forEach((flag, uids) -> {
            if (uids.contains(uid)) {
                flags.add(flag);
            }
        });
        return flags;
    }

    /** Each certificate is {@code {certificate-good}}, in base64. */
    private void takeCertificates() throws IOException {
        try (var files = Files.list(CERTIFICATES)) {
            for (var file : files.filter(f -> f.toString().endsWith(".pem")).toList()) {
                var name = file.getFileName().toString().replace(".pem", "");
                taken.put("certificate-" + name, base64(file));
            }
        }
    }

    private static String base64(Path pem) throws IOException {
        return Files.readString(pem).replaceAll("-----[^-]+-----|\\s", "");
    }

    private void ldap(Dialogue.Step step) throws IOException {
        var words = List.of(step.what().split(" +", 0));
        switch (words.getFirst()) {
            case "person" -> people.add(person(words.subList(1, words.size()), step.block()));
            case "fill" -> {
                for (int i = 1; i <= Integer.parseInt(words.get(2)); i++) {
                    var name = "%s %03d".formatted(words.get(1), i);
                    people.add(new Person(
                            Person.Source.DIRECTORY,
                            name,
                            name.toLowerCase(Locale.ROOT).replace(" ", "") + "@example.org"));
                }
            }
            case "down" -> people.answers(new Directory.Found.Unavailable("connection refused"));
            case "slow" -> people.answers(new Directory.Found.TimedOut("no answer"));
            case "up" -> people.works();
            default -> throw new AssertionError("LDAP: what is \"" + step.what() + "\"?");
        }
    }

    /** A person with these addresses, of whom each line of the block says something. */
    private static Person person(List<String> addresses, List<String> block) throws IOException {
        var values = new EnumMap<Person.Field, String>(Person.Field.class);
        Optional<Person.Photo> photo = Optional.empty();
        var certificates = new ArrayList<Person.Certificate>();
        for (var line : block) {
            if (line.isBlank()) {
                continue;
            }
            var name = line.substring(0, line.indexOf(':'));
            var value = line.substring(line.indexOf(':') + 1).strip();
            switch (name) {
                case "photo" ->
                    photo = Optional.of(
                            new Person.Photo("P".repeat(Integer.parseInt(value)).getBytes(UTF_8)));
                case "certificate" ->
                    certificates.add(new Person.Certificate(
                            Base64.getDecoder().decode(base64(CERTIFICATES.resolve(value + ".pem")))));
                default ->
                    values.put(
                            Person.Field.valueOf(
                                    name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT)),
                            value);
            }
        }
        return new Person(Person.Source.DIRECTORY, addresses, values, photo, certificates);
    }

    private void sieve(Dialogue.Step step) {
        switch (step.what()) {
            case "up" -> absences.works();
            case "down" -> absences.answers(new Absences.Result.Unavailable<>("connection refused"));
            case "own answers" ->
                absences.answers(new Absences.Result.Refused<>(Absences.Refusal.OWN_ANSWERS, "vacation"));
            case "refuses" -> absences.answers(new Absences.Result.Refused<>(Absences.Refusal.NOT_TAKEN, "too long"));
            case "knows friend@elsewhere.org" ->
                assertThat(absences.known("alice")).contains("friend@elsewhere.org");
            default -> throw new AssertionError("SIEVE: what is \"" + step.what() + "\"?");
        }
    }

    private void smtp(Dialogue.Step step) {
        var words = List.of(step.what().split(" +", 0));
        switch (words.getFirst()) {
            case "sent" -> assertThat(submission.sent()).as("mails sent").hasSize(Integer.parseInt(words.get(1)));
            case "refuse" -> submission.refuse(words.get(1));
            case "to" ->
                assertThat(submission.sent().getLast().recipients())
                        .containsExactlyInAnyOrderElementsOf(words.subList(1, words.size()));
            case "message" ->
                contains(step, new String(submission.sent().getLast().message(), UTF_8));
            case "next" ->
                submission.next(
                        switch (words.get(1)) {
                            case "deferred" -> new Submission.Submitted.Deferred("451 later");
                            case "rejected" -> new Submission.Submitted.Rejected(Outcome.Refusal.OTHER, "550 no");
                            case "over-quota" ->
                                new Submission.Submitted.Rejected(Outcome.Refusal.OVER_QUOTA, "552 full");
                            case "too-large" ->
                                new Submission.Submitted.Rejected(Outcome.Refusal.TOO_LARGE, "552 too large");
                            case "unknown" -> new Submission.Submitted.Unknown("connection lost");
                            default -> throw new AssertionError("SMTP: next " + words.get(1));
                        });
            default -> throw new AssertionError("SMTP: what is \"" + step.what() + "\"?");
        }
    }

    /** Each line of the block stands in the text, in this order; one that begins with "not: " does not. */
    private static void contains(Dialogue.Step step, String text) {
        int at = 0;
        for (var line : step.body().lines().toList()) {
            if (line.startsWith("not: ")) {
                assertThat(text).doesNotContain(line.substring("not: ".length()));
            } else if (!line.isBlank()) {
                int found = text.indexOf(line.strip(), at);
                assertThat(found).as("\"%s\" in\n%s", line.strip(), text).isNotNegative();
                at = found + line.strip().length();
            }
        }
    }

    private static byte[] mail(String name) throws IOException {
        return crlf(Files.readString(MAILS.resolve(name))).getBytes(UTF_8);
    }

    private static String crlf(String text) {
        return text.replace("\r\n", "\n").replace("\n", "\r\n");
    }

    private static Set<String> set(@org.jspecify.annotations.Nullable String flags) {
        return flags == null || flags.isBlank()
                ? Set.of()
                : Set.of(flags.strip().split(" +", 0));
    }

    @Override
    public void close() throws IOException {
        client.shutdownNow();
        gateway.close();
    }
}
