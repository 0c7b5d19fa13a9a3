package org.airpost.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.EasDate;
import org.airpost.eas.FilterType;
import org.airpost.eas.PingStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.SettingsStatus;
import org.airpost.eas.Status;
import org.airpost.phone.ByteRange;
import org.airpost.phone.Folder;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.QueryForm;
import org.airpost.phone.SyncRequest;
import org.airpost.wbxml.page.Email;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** An EAS phone for the command line: works against any EAS server, and keeps nothing between two calls. */
@Command(
        name = "phone",
        description = "Signs in to an EAS server as a phone does.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The password comes from --password, else from AIRPOST_PASSWORD, else it is asked for.",
            "Examples:",
            "  airpost phone --server https://mail.example.org --user alice sign-in",
            "  airpost phone --server https://mail.example.org --user alice sync Inbox --window 20",
            "  airpost phone --server https://mail.example.org --user alice search from:anna plan",
            "  airpost phone --server https://localhost:8443 --ca certs/ca.crt --user alice ping Inbox"
        })
final class PhoneCommand implements Runnable {

    private static final String DEVICE_TYPE = "AirpostPhone";

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--server", required = true, paramLabel = "URL", description = "https://host[:port][/path]")
    private URI server = URI.create("https://localhost");

    @Option(names = "--user", required = true, paramLabel = "NAME", description = "login name")
    private String user = "";

    @Option(names = "--password", paramLabel = "TEXT", description = "visible to others on this machine: better not")
    private @Nullable String password;

    @Option(
            names = "--eas",
            paramLabel = "VERSION",
            defaultValue = "16.1",
            description = "12.1 to 16.1; ${DEFAULT-VALUE}")
    private String version = "16.1";

    @Option(names = "--base64", description = "name command and device in a base64 query, as iPhones do")
    private boolean base64;

    @Option(names = "--device-id", paramLabel = "ID", description = "made of server and user if not given")
    private @Nullable String deviceId;

    @Option(names = "--ca", paramLabel = "FILE", description = "certificates (PEM) to trust instead of Java's own")
    private @Nullable Path authorities;

    @Option(names = "--insecure", description = "do not check the server's certificate")
    private boolean insecure;

    PhoneCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "What should the phone do? See its --help.");
    }

    @Command(
            name = "sign-in",
            description = "OPTIONS, Provision, FolderSync and Settings, a line each.",
            mixinStandardHelpOptions = true)
    int signIn() {
        try (var phone = phone()) {
            var offer = phone.options();
            out().printf("versions   %s%n", String.join(" ", offer.versions()));
            out().printf("commands   %s%n", String.join(" ", offer.commands()));
            provision(phone);
            out().printf(
                            "policy key %s%n",
                            phone.policyKey().map(Object::toString).orElse("none"));
            folderSync(phone);
            out().printf("folders    %d%n", phone.hierarchy().folders().size());
            var information = phone.settingsUserInformation();
            succeeded("Settings", information.status());
            out().printf("addresses  %s%n", String.join(" ", information.addresses()));
            return ended(phone);
        }
    }

    @Command(name = "folders", description = "Lists the folders: id, type, name.", mixinStandardHelpOptions = true)
    int folders() {
        try (var phone = ready()) {
            for (var folder : phone.hierarchy().folders()) {
                out().printf("%6s  %-13s  %s%n", folder.id(), word(folder), path(phone, folder));
            }
            return ended(phone);
        }
    }

    @Command(
            name = "search",
            description = "Searches the mail: with Find from 16.1 on, before that with Search.",
            mixinStandardHelpOptions = true)
    int search(
            @Parameters(paramLabel = "WORDS", arity = "1..*", description = "such as: from:anna plan") List<String> words,
            @Option(names = "--folder", paramLabel = "FOLDER", description = "name or id; all if it is left out")
                    @Nullable String folder,
            @Option(names = "--most", defaultValue = "20", description = "results at most; ${DEFAULT-VALUE}") int most) {
        try (var phone = ready()) {
            var place = Optional.ofNullable(folder).map(name -> folder(phone, name).id());
            var text = String.join(" ", words);
            long start = System.nanoTime();
            boolean find = ProtocolVersion.ofText(version).filter(ProtocolVersion.V16_1::equals).isPresent();
            var answer = find
                    ? phone.find(UUID.randomUUID().toString(), text, place, 0, Math.max(1, most) - 1)
                    : phone.search(
                            text, place.stream().toList(), 0, Math.max(1, most) - 1, BodyOptions.DEFAULT);
            succeeded(find ? "Find" : "Search", answer.status());
            answer.hits().forEach(hit -> out().println(line(hit.item())));
            out().printf(
                            "%d of %d found, %.2f s%n",
                            answer.hits().size(), answer.total(), (System.nanoTime() - start) / 1e9);
            return ended(phone);
        }
    }

    @Command(
            name = "sync",
            description = "Syncs a folder from the start and lists its items.",
            mixinStandardHelpOptions = true)
    int sync(
            @Parameters(paramLabel = "FOLDER", description = "name or id") String folder,
            @Option(names = "--window", defaultValue = "100", description = "items an answer; ${DEFAULT-VALUE}")
                    int window,
            @Option(names = "--days", defaultValue = "0", description = "1, 3, 7, 14 or 30 days back; 0 is everything")
                    int days) {
        try (var phone = ready()) {
            var id = folder(phone, folder).id();
            long start = System.nanoTime();
            var answer = phone.syncAll(
                    id,
                    SyncRequest.PLAIN
                            .withWindowSize(window)
                            .withFilter(filter(days))
                            .withBody(BodyType.PLAIN_TEXT, 512));
            succeeded("Sync", answer.topStatus() == 1 ? answer.status() : answer.topStatus());
            var items = phone.replica(id).all().stream()
                    .sorted(Comparator.comparing(i -> i.text(Email.DATE_RECEIVED), Comparator.reverseOrder()))
                    .toList();
            items.forEach(item -> out().println(line(item)));
            out().printf(
                            "%d items, %d unread, %.1f s%n",
                            items.size(),
                            items.stream().filter(i -> !i.read()).count(),
                            (System.nanoTime() - start) / 1e9);
            return ended(phone);
        }
    }

    @Command(
            name = "show",
            description = "Shows one item with its text and attachments.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "FOLDER", description = "name or id") String folder,
            @Parameters(paramLabel = "ITEM", description = "ServerId, as sync lists it") String item,
            @Option(names = "--type", defaultValue = "PLAIN_TEXT", description = "${COMPLETION-CANDIDATES}")
                    BodyType type) {
        try (var phone = ready()) {
            var options = new BodyOptions(
                    List.of(new BodyPreference(type, Optional.empty(), false, 0)),
                    Optional.empty(),
                    type == BodyType.MIME ? 2 : 0,
                    Optional.empty());
            var fetched = phone.itemOperationsFetch(folder(phone, folder).id(), item, options, false);
            succeeded("ItemOperations", fetched.status());
            var data = fetched.item();
            for (var tag : List.of(Email.FROM, Email.TO, Email.CC, Email.DATE_RECEIVED, Email.SUBJECT)) {
                Optional.ofNullable(data.properties().get(tag))
                        .ifPresent(text -> out().printf("%-13s %s%n", tag.tagName() + ":", text));
            }
            for (var attachment : data.attachments().orElse(List.of())) {
                out().printf(
                                "%-13s %s, %d bytes, %s%n",
                                "Attachment:", attachment.displayName(), attachment.size(), attachment.fileReference());
            }
            data.body().ifPresent(body -> out().printf("%n%s%n", body.text()));
            return ended(phone);
        }
    }

    @Command(name = "fetch-attachment", description = "Saves an attachment.", mixinStandardHelpOptions = true)
    int fetchAttachment(
            @Parameters(paramLabel = "REFERENCE", description = "FileReference, as show lists it") String reference,
            @Parameters(paramLabel = "FILE", description = "where to; must not be there yet") Path file,
            @Option(names = "--range", paramLabel = "M-N", description = "these bytes only, from 0, both included")
                    @Nullable
                    String range)
            throws IOException {
        try (var phone = ready()) {
            var fetched = phone.itemOperationsFetch(
                    reference, Optional.ofNullable(range).map(this::range), true);
            succeeded("ItemOperations", fetched.status());
            var bytes = fetched.data().orElseThrow(() -> new Failure("the answer holds no data"));
            if (Files.exists(file)) {
                throw new Failure("%s is there already".formatted(file));
            }
            Files.write(file, bytes);
            out().printf(
                            "%d bytes, %s, saved as %s%n",
                            bytes.length, fetched.contentType().orElse("unknown"), file);
            return ended(phone);
        }
    }

    @Command(
            name = "send",
            description = "Sends a plain mail; the text comes from --text or standard input.",
            mixinStandardHelpOptions = true)
    int send(
            @Option(names = "--to", required = true, paramLabel = "ADDRESS") List<String> recipients,
            @Option(names = "--from", paramLabel = "ADDRESS", description = "the user's primary address if not given")
                    @Nullable
                    String from,
            @Option(names = "--subject", required = true) String subject,
            @Option(names = "--text") @Nullable String text)
            throws IOException {
        var content = text == null ? new String(System.in.readAllBytes(), UTF_8) : text;
        try (var phone = ready()) {
            var sender = from == null
                    ? phone.settingsUserInformation().primaryAddress().orElse(user)
                    : from;
            var id = UUID.randomUUID().toString();
            var mime = PlainMail.of(sender, recipients, subject, content, id);
            succeeded("SendMail", phone.sendMail(id.substring(0, 36), mime, true));
            out().println("sent");
            return ended(phone);
        }
    }

    @Command(name = "ping", description = "Waits until something happens in a folder.", mixinStandardHelpOptions = true)
    int ping(
            @Parameters(arity = "1..*", paramLabel = "FOLDER", description = "names or ids") List<String> folders,
            @Option(names = "--heartbeat", defaultValue = "480", description = "seconds; ${DEFAULT-VALUE}")
                    int heartbeat) {
        try (var phone = ready()) {
            var ids = folders.stream().map(f -> folder(phone, f).id()).toList();
            ids.forEach(id -> phone.syncAll(id, SyncRequest.PLAIN.withWindowSize(512)));
            out().printf("waiting for %s, %d s at most%n", String.join(", ", folders), heartbeat);
            out().flush();
            var result = phone.ping(ids, Duration.ofSeconds(heartbeat));
            var names = result.folders().stream()
                    .map(id -> phone.hierarchy().folder(id).map(Folder::name).orElse(id))
                    .toList();
            out().printf(
                            "status %d (%s) after %.1f s %s%n",
                            result.status(),
                            meaning(PingStatus.values(), result.status()),
                            result.took().toMillis() / 1e3,
                            String.join(", ", names));
            return result.status() <= 2 ? ended(phone) : 1;
        }
    }

    @Command(
            name = "people",
            description = "Looks for people by the beginning of a name, an address or a number.",
            mixinStandardHelpOptions = true)
    int people(@Parameters(arity = "1..*", paramLabel = "WORD", description = "what to look for") List<String> words) {
        try (var phone = ready()) {
            var found = phone.searchPeople(String.join(" ", words));
            if (found.status() != 1) {
                throw new Failure("Search was answered with status %d (%s)"
                        .formatted(found.status(), meaning(SearchStatus.values(), found.status())));
            }
            found.people()
                    .forEach(person -> out().printf(
                                    "%-28s  %-32s  %-18s  %s%n",
                                    cut(person.name(), 28), person.address(), person.phone(), person.title()));
            out().printf("%d of %d%n", found.people().size(), found.total());
            return ended(phone);
        }
    }

    @Command(
            name = "away",
            description = "Says what is answered while the user is away; with --text or --end it is set.",
            mixinStandardHelpOptions = true)
    int away(
            @Option(names = "--text", paramLabel = "TEXT", description = "what all are told from now on") @Nullable
                    String text,
            @Option(names = "--from", paramLabel = "TIME", description = "only from then on, as 2026-12-24T08:00:00Z")
                    @Nullable
                    String from,
            @Option(names = "--until", paramLabel = "TIME", description = "and until then") @Nullable String until,
            @Option(names = "--end", description = "the user is back") boolean end) {
        try (var phone = ready()) {
            if (end) {
                awaySet(phone.endAway());
            } else if (text != null) {
                if ((from == null) != (until == null)) {
                    throw new CommandLine.ParameterException(spec.commandLine(), "--from and --until belong together");
                }
                awaySet(phone.setAway(text, time(from), time(until)));
            }
            var away = phone.away();
            awaySet(away.status());
            out().println(
                            switch (away.state()) {
                                case 0 -> "not away";
                                case 1 -> "away";
                                default ->
                                    "away from %s until %s"
                                            .formatted(
                                                    away.from()
                                                            .map(Instant::toString)
                                                            .orElse("?"),
                                                    away.until()
                                                            .map(Instant::toString)
                                                            .orElse("?"));
                            });
            if (away.state() != 0) {
                out().printf("inside   %s%n", away.internal());
                out().printf("outside  %s%n", away.external());
            }
            return ended(phone);
        }
    }

    private static void awaySet(int status) {
        if (status != 1) {
            throw new Failure("the absence was answered with status %d (%s)"
                    .formatted(status, meaning(SettingsStatus.values(), status)));
        }
    }

    private Optional<Instant> time(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        return Optional.of(EasDate.parse(text)
                .orElseThrow(() -> new CommandLine.ParameterException(
                        spec.commandLine(), "%s: a time as 2026-12-24T08:00:00Z is meant".formatted(text))));
    }

    private Phone phone() {
        var eas = ProtocolVersion.ofText(version)
                .orElseThrow(() -> new CommandLine.ParameterException(
                        spec.commandLine(), "--eas %s: one of %s".formatted(version, ProtocolVersion.offered())));
        if (server.getHost() == null || !List.of("http", "https").contains(server.getScheme())) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--server %s: https://host[:port][/path] is meant".formatted(server));
        }
        var device = deviceId == null ? madeDeviceId() : deviceId;
        return new Phone(
                server,
                user,
                password(),
                eas,
                device,
                DEVICE_TYPE,
                trust(),
                base64 ? QueryForm.BASE64 : QueryForm.PLAIN);
    }

    /** A phone with policy and folders. */
    private Phone ready() {
        var phone = phone();
        try {
            provision(phone);
            folderSync(phone);
            return phone;
        } catch (RuntimeException e) {
            phone.close();
            throw e;
        }
    }

    private static void provision(Phone phone) {
        var result = phone.provision();
        if (result.wipe()) {
            throw new Failure("the server asks this device to wipe itself; nothing was done");
        }
        succeeded("Provision", result.status());
        if (!result.succeeded()) {
            throw new Failure("Provision gave policy status %d".formatted(result.policyStatus()));
        }
    }

    private static void folderSync(Phone phone) {
        succeeded("FolderSync", phone.folderSync().status());
    }

    private static void succeeded(String command, int status) {
        if (status != 1) {
            var words = status > 100 ? " (" + meaning(CommonStatus.values(), status) + ")" : "";
            throw new Failure("%s was answered with status %d%s".formatted(command, status, words));
        }
    }

    private static String meaning(Status[] table, int code) {
        return Arrays.stream(table)
                .filter(status -> status.code() == code)
                .findFirst()
                .map(Status::meaning)
                .orElse("unknown");
    }

    /** What the server did wrong goes to standard error; it did work, so the exit code is 0. */
    private int ended(Phone phone) {
        var err = spec.commandLine().getErr();
        phone.violations().forEach(violation -> err.println("note: the server breaks " + violation));
        err.flush();
        out().flush();
        return 0;
    }

    private static Folder folder(Phone phone, String nameOrId) {
        return phone.hierarchy()
                .folder(nameOrId)
                .or(() -> phone.hierarchy().named(nameOrId))
                .orElseThrow(() -> new Failure("there is no folder \"%s\"".formatted(nameOrId)));
    }

    private static String path(Phone phone, Folder folder) {
        var parent = phone.hierarchy().folder(folder.parentId());
        return parent.map(above -> path(phone, above) + "/").orElse("") + folder.name();
    }

    private static String word(Folder folder) {
        return folder.type().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String line(Item item) {
        return "%-10s %s %-16s %-28s %s"
                .formatted(
                        item.serverId(),
                        item.read() ? " " : "*",
                        item.text(Email.DATE_RECEIVED).replaceFirst("T(..:..).*", " $1"),
                        cut(item.from(), 28),
                        item.subject());
    }

    private static String cut(String text, int length) {
        return text.codePointCount(0, text.length()) <= length
                ? text
                : text.substring(0, text.offsetByCodePoints(0, length - 1)) + "…";
    }

    private FilterType filter(int days) {
        return switch (days) {
            case 0 -> FilterType.ALL;
            case 1 -> FilterType.ONE_DAY;
            case 3 -> FilterType.THREE_DAYS;
            case 7 -> FilterType.ONE_WEEK;
            case 14 -> FilterType.TWO_WEEKS;
            case 30 -> FilterType.ONE_MONTH;
            default ->
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "--days %d: 0, 1, 3, 7, 14 or 30".formatted(days));
        };
    }

    private ByteRange range(String text) {
        if (!text.matches("[0-9]{1,18}-[0-9]{1,18}")) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--range %s: M-N is meant".formatted(text));
        }
        int dash = text.indexOf('-');
        return new ByteRange(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
    }

    private SSLContext trust() {
        if (insecure) {
            return new Tls(new Trust.Any()).context();
        }
        if (authorities == null) {
            return new Tls(new Trust.Platform()).context();
        }
        try {
            return new Tls(new Trust.Authorities(authorities)).context();
        } catch (IllegalArgumentException e) {
            throw new Failure("certificates in %s cannot be read: %s".formatted(authorities, e.getMessage()), e);
        }
    }

    private String password() {
        if (password != null) {
            return password;
        }
        var given = environment.get("AIRPOST_PASSWORD");
        if (given != null) {
            return given;
        }
        // Without a terminal Java 25 has no console; some versions before gave one that reads from anywhere.
        var console = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .orElseThrow(() -> new CommandLine.ParameterException(
                        spec.commandLine(), "no password: set AIRPOST_PASSWORD, or give --password"));
        var typed = console.readPassword("Password of %s: ", user);
        return typed == null ? "" : new String(typed);
    }

    /** The same device each time, so that the server's list does not grow with each call. */
    private String madeDeviceId() {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest((server + " " + user).getBytes(UTF_8));
            return HexFormat.of().withUpperCase().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new Failure("SHA-256 is missing in this Java", e);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
