package org.airpost.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.airpost.app.Gateway;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Attachment;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows mails as a phone gets them: a gateway with a mail server in memory, a phone that syncs and fetches, a page. */
@Command(
        name = "render",
        description =
                "Makes one HTML page of mails as a phone gets them, to be looked at in a browser. The mails go"
                        + " through a gateway and a phone in this process; no mail server is asked, nothing leaves the machine.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  airpost render strange.eml mails/ --out page.html"})
final class RenderCommand implements Callable<Integer> {

    private static final String USER = "anna";
    private static final String PASSWORD = "secret";
    private static final long MOST_BODY = 1 << 20;
    private static final long MOST_IMAGE = 4 << 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "mails, or folders with files that end with .eml")
    private List<Path> files = List.of();

    @Option(names = "--out", paramLabel = "FILE", defaultValue = "page.html", description = "${DEFAULT-VALUE}")
    private Path out = Path.of("page.html");

    @Option(names = "--most", defaultValue = "100", description = "mails at most, spread over all; ${DEFAULT-VALUE}")
    private int most = 100;

    @Option(names = "--text", description = "as a phone that takes plain text alone")
    private boolean text;

    @Override
    public Integer call() throws IOException {
        var mails = mails();
        if (mails.isEmpty()) {
            throw new Failure("no file that ends with .eml among " + files);
        }
        var directory = Files.createTempDirectory("airpost-render");
        try {
            render(mails, directory);
        } finally {
            delete(directory);
        }
        return 0;
    }

    private List<Path> mails() throws IOException {
        var all = new ArrayList<Path>();
        for (var file : files) {
            if (Files.isDirectory(file)) {
                try (var listed = Files.list(file)) {
                    listed.filter(one -> one.toString().endsWith(".eml"))
                            .sorted()
                            .forEach(all::add);
                }
            } else {
                all.add(file);
            }
        }
        if (all.size() <= most) {
            return all;
        }
        var spread = new ArrayList<Path>();
        for (int i = 0; i < most; i++) {
            spread.add(all.get((int) ((long) i * all.size() / most)));
        }
        return spread;
    }

    private void render(List<Path> mails, Path directory) throws IOException {
        var server = new MemoryMail(InstantSource.system()).user(USER, PASSWORD);
        var names = new HashMap<Long, String>();
        for (var mail : mails) {
            long uid = server.deliver(USER, "INBOX", Files.readAllBytes(mail), Set.of());
            names.put(uid, mail.getFileName().toString());
        }
        var config = Config.load(
                Optional.empty(),
                Map.of(
                        "AIRPOST_HTTP_PORT", "0",
                        "AIRPOST_CONSOLE_ENABLED", "false",
                        "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                        "AIRPOST_HTTP_GRACEFUL_STOP", "1 s",
                        "AIRPOST_LOG_LEVEL", "warn",
                        "AIRPOST_THROTTLE_PER_DEVICE", "1000000",
                        "AIRPOST_THROTTLE_PER_USER", "1000000",
                        "AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString(),
                        "AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString()));
        try (var gateway = Gateway.start(config, server, new MemorySubmission(server))) {
            var tls = new Tls(new Trust.Authorities(gateway.authority().orElseThrow())).context();
            try (var phone = new Phone(
                    gateway.address(), USER, PASSWORD, ProtocolVersion.V16_1, "render", "AirpostPhone", tls)) {
                phone.provision();
                phone.folderSync();
                var inbox =
                        phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
                phone.syncAll(inbox, SyncRequest.PLAIN.withBody(wanted()).withWindowSize(50));
                write(
                        phone,
                        phone.replica(inbox).all().stream()
                                .sorted(Comparator.comparingLong(RenderCommand::uid))
                                .toList(),
                        names);
            }
        }
    }

    private BodyOptions wanted() {
        var plain = new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(MOST_BODY), false, 100);
        var html = new BodyPreference(BodyType.HTML, Optional.of(MOST_BODY), false, 100);
        return new BodyOptions(text ? List.of(plain) : List.of(plain, html), Optional.empty(), 0, Optional.empty());
    }

    /** The number of the message, which a ServerId of ours ends with. */
    private static long uid(Item item) {
        var id = item.serverId();
        return Long.parseLong(id.substring(id.lastIndexOf(':') + 1));
    }

    private void write(Phone phone, List<Item> items, Map<Long, String> names) throws IOException {
        var page = new MailPage();
        for (var item : items) {
            page.mail(names.getOrDefault(uid(item), ""), item, attachment -> content(phone, attachment));
        }
        Files.writeString(out, page.html());
        var print = spec.commandLine().getOut();
        phone.violations().forEach(violation -> print.println("against the protocol: " + violation));
        print.println(items.size() + " mails in " + out);
        print.flush();
    }

    private static byte[] content(Phone phone, Attachment attachment) {
        return attachment.size() > MOST_IMAGE
                ? new byte[0]
                : phone.itemOperationsFetch(attachment.fileReference(), Optional.empty(), true)
                        .data()
                        .orElse(new byte[0]);
    }

    private static void delete(Path directory) throws IOException {
        try (var all = Files.walk(directory)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
