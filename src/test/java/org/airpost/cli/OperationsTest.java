package org.airpost.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.airpost.admin.Actor;
import org.airpost.admin.Explain;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.app.Gateway;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;
import org.airpost.config.ConfigSource;
import org.airpost.device.ClientQuirks;
import org.airpost.device.Wipe;
import org.airpost.eas.BodyType;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an administrator does with a gateway that runs, by the command line, while phones use it. */
class OperationsTest {

    private static final SyncRequest TEXT =
            SyncRequest.PLAIN.withWindowSize(100).withBody(BodyType.PLAIN_TEXT, 4096);

    @TempDir
    Path directory;

    private final MemoryMail mail = new MemoryMail(InstantSource.system());
    private final AtomicReference<Config.LogLevel> level = new AtomicReference<>(Config.LogLevel.INFO);
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Optional<Gateway> gateway = Optional.empty();

    @BeforeEach
    void start() throws IOException {
        mail.user("anna", "secret").user("test", "secret");
        for (int i = 0; i < 20; i++) {
            deliver("anna", "Mail " + i);
            deliver("test", "Trial " + i);
        }
        Files.writeString(file(), """
                http { address = "127.0.0.1", port = 0, plain = true, gracefulStop = 0 s }
                store.path = "%s"
                users.domain = example.org
                console { port = 0 }
                """.formatted(directory.resolve("data/airpost.db")));
        begin();
    }

    private void begin() throws IOException {
        gateway = Optional.of(Gateway.start(
                ConfigSource.of(Optional.of(file()), Map.of()),
                log -> level.set(log.level()),
                mail,
                new MemorySubmission(mail)));
    }

    @AfterEach
    void stop() {
        gateway.ifPresent(Gateway::close);
        gateway = Optional.empty();
    }

    private Path file() {
        return directory.resolve("airpost.conf");
    }

    private Gateway gateway() {
        return gateway.orElseThrow();
    }

    private void deliver(String user, String subject) {
        mail.deliver(
                user,
                "INBOX",
                "From: ben@example.org\r\nTo: anna@example.org\r\nSubject: %s\r\n\r\nThe words of it\r\n"
                        .formatted(subject)
                        .getBytes(UTF_8),
                Set.of());
    }

    private Phone phone(String user, String device) throws Exception {
        var phone = new Phone(
                gateway().address(), user, "secret", ProtocolVersion.V16_1, device, "iPhone", SSLContext.getDefault());
        phone.provision();
        phone.folderSync();
        return phone;
    }

    private static String inbox(Phone phone) {
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
    }

    private static List<String> subjects(Phone phone) {
        return phone.replica(inbox(phone)).all().stream()
                .map(Item::subject)
                .sorted()
                .toList();
    }

    private List<String> inMailbox(String user) {
        return mail.messages(user, "INBOX").stream()
                .map(message -> new String(
                                mail.bytes(user, "INBOX", message.uid()).orElseThrow(), UTF_8)
                        .replaceFirst("(?s).*Subject: ([^\r]*).*", "$1"))
                .sorted()
                .toList();
    }

    /** The exit code. */
    private int run(String... arguments) {
        return run(Map.of(), arguments);
    }

    private int run(Map<String, String> environment, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of(arguments));
        if (!all.contains("replay")) {
            all.add(1, "--config");
            all.add(2, file().toString());
        }
        return Airpost.commandLine(environment)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }

    private String said() {
        return out.toString();
    }

    // Explain

    @Test
    void aDeviceIsExplainedInWords() throws Exception {
        try (var phone = phone("anna", "D1")) {
            phone.syncAll(inbox(phone), TEXT);
            deliver("anna", "One more");
            var ping = CompletableFuture.supplyAsync(() -> phone.ping(List.of(inbox(phone)), Duration.ofMinutes(10)));
            ping.get(20, TimeUnit.SECONDS); // there was news already
            assertThat(run("explain", "D1")).as(err.toString()).isZero();
            assertThat(said())
                    .contains("D1: ", " of anna")
                    .contains("type iPhone", "a client of the kind ios")
                    .contains("speaks 16.1")
                    .contains("Access: it may come in")
                    .contains("Policy: ", "it keeps it, and said: applied")
                    .contains("Now: it does not wait")
                    .containsPattern(
                            "INBOX: 20 items, key \\d+, all mail; 1 changes to be told|Inbox: 20 items, key \\d+, all mail; 1 changes to be told")
                    .contains("Ping 16.1: answered in")
                    .contains("Nothing was wrong lately.");
            assertThat(said()).doesNotContain("Mail 1").doesNotContain("One more");
        }
    }

    @Test
    void aSlowMailServerDoesNotKeepAnExplanationWaiting() throws Exception {
        try (var phone = phone("anna", "D1")) {
            for (var type : List.of(FolderType.INBOX, FolderType.SENT_ITEMS, FolderType.DELETED_ITEMS)) {
                phone.syncAll(phone.hierarchy().ofType(type).orElseThrow().id(), TEXT);
            }
            var began = Instant.now();
            var now = new AtomicReference<>(began);
            var explain = new Explain(
                    gateway().deviceActions(),
                    gateway().telemetry(),
                    ClientQuirks.builtIn(),
                    (_, _) -> {
                        now.updateAndGet(before -> before.plusSeconds(4));
                        return OptionalInt.of(0);
                    },
                    now::get);
            assertThat(explain.explain(new Actor("root", Role.ADMIN, "test"), new DeviceKey("anna", "D1")))
                    .isInstanceOfSatisfying(
                            Result.Done.class,
                            done -> assertThat(done.value().toString())
                                    .contains("in step")
                                    .contains("was not asked"));
            assertThat(now.get()).isEqualTo(began.plusSeconds(4));
        }
    }

    @Test
    void whatIsWrongComesWithItsCure() throws Exception {
        try (var phone = new Phone(
                gateway().address(),
                "anna",
                "secret",
                ProtocolVersion.V16_1,
                "D1",
                "iPhone",
                SSLContext.getDefault())) {
            phone.policyKey(Optional.of(77L));
            assertThat(phone.folderSync().status()).isEqualTo(144);
            assertThat(run("explain", "anna/D1")).as(err.toString()).isZero();
            assertThat(said())
                    .contains("What is wrong: ", "FolderSync: answered", "status 144, the policy key is wrong")
                    .contains("Cure: Its policy key is an old one");
        }
        assertThat(run("explain", "D2")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no device D2");
    }

    // Traces

    @Test
    void aTraceIsExportedAndReplayedWithTheKeysAndIdsOfAnotherMailbox() throws Exception {
        var trace = directory.resolve("phone.trace");
        try (var phone = new Phone(
                gateway().address(),
                "anna",
                "secret",
                ProtocolVersion.V16_1,
                "D1",
                "iPhone",
                SSLContext.getDefault())) {
            // So that ids of the two mailboxes differ.
            mail.create("test", "Projects", Optional.empty());
            mail.expunge("test", "INBOX", 1);
            deliver("test", "Trial 21");
            assertThat(run("trace", "start", "anna/D1", "--for", "20m"))
                    .as(err.toString())
                    .isZero();
            assertThat(said()).contains("anna/D1 is traced until");
            phone.provision();
            phone.folderSync();
            phone.syncAll(inbox(phone), TEXT);
            deliver("anna", "One more");
            phone.sync(inbox(phone), TEXT);
            assertThat(run("trace", "export", "D1", "--out", trace.toString()))
                    .as(err.toString())
                    .isZero();
            assertThat(run("trace", "stop", "D1")).isZero();
            assertThat(said()).containsPattern("anna/D1: [5-9] exchanges");
            assertThat(run("trace")).isZero();
            assertThat(said()).contains("anna/D1  ended");
        }
        var text = Files.readString(trace);
        assertThat(text).startsWith("# Airpost trace 1").contains("=== 1 ").doesNotContain("Mail 1");
        assertThat(text).doesNotContain("One more").doesNotContain("secret").doesNotContain("ben@");

        assertThat(run(
                        Map.of("AIRPOST_PASSWORD", "secret"),
                        "trace",
                        "replay",
                        trace.toString(),
                        "--server",
                        gateway().address().toString(),
                        "--user",
                        "test"))
                .as("%s %s", out, err)
                .isZero();
        assertThat(said()).contains("same").containsPattern("[5-9] as before, 0 different, 0 left out");
        // It went into the other mailbox, and came to its end there.
        assertThat(gateway()
                        .telemetry()
                        .exchanges()
                        .of(new DeviceKey("test", "REPLAY"))
                        .getFirst()
                        .isGood())
                .isTrue();
    }

    @Test
    void aReplaySaysWhatDiffers() throws Exception {
        var trace = directory.resolve("phone.trace");
        try (var phone = phone("anna", "D1")) {
            run("trace", "start", "D1");
            phone.syncAll(inbox(phone), TEXT);
            assertThat(run("trace", "export", "D1", "--out", trace.toString())).isZero();
        }
        // Without the FolderSync before it nobody knows the folder; and the key is of somebody else.
        assertThat(run(
                        Map.of("AIRPOST_PASSWORD", "secret"),
                        "trace",
                        "replay",
                        trace.toString(),
                        "--server",
                        gateway().address().toString(),
                        "--user",
                        "test"))
                .isEqualTo(1);
        assertThat(said()).contains("DIFFERENT", "Sync/Status 142");
        Files.writeString(trace, "something else");
        assertThat(run(
                        Map.of("AIRPOST_PASSWORD", "secret"),
                        "trace",
                        "replay",
                        trace.toString(),
                        "--server",
                        gateway().address().toString(),
                        "--user",
                        "test"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("not a trace");
    }

    // Backup

    @Test
    void phonesGoOnAfterARestoreAndNothingIsThereTwice() throws Exception {
        var backup = directory.resolve("monday.backup");
        try (var quiet = phone("anna", "QUIET");
                var busy = phone("anna", "BUSY")) {
            quiet.syncAll(inbox(quiet), TEXT);
            busy.syncAll(inbox(busy), TEXT);
            var stop = new AtomicBoolean();
            var load = load(busy, stop);
            assertThat(run("backup", backup.toString())).as(err.toString()).isZero();
            assertThat(said()).contains("values");
            // Time goes on after the backup: the busy phone syncs, the quiet one does not.
            deliver("anna", "After the backup");
            stop.set(true);
            load.get(60, TimeUnit.SECONDS);
            busy.syncAll(inbox(busy), TEXT);
            assertThat(subjects(busy)).contains("After the backup");
            var quietKey = quiet.replica(inbox(quiet)).key();

            assertThat(run("restore", backup.toString())).isEqualTo(1);
            assertThat(err.toString()).contains("open");
            int port = gateway().address().getPort();
            stop();
            assertThat(run("restore", "--check", backup.toString())).isZero();
            assertThat(run("restore", backup.toString())).as(err.toString()).isZero();
            Files.writeString(
                    file(), Files.readString(file()).replace("port = 0, plain", "port = " + port + ", plain"));
            begin();

            assertThat(run("audit", "--action", "gateway.restore")).isZero();
            assertThat(said()).contains("monday.backup");
            // The quiet one has not synced since: it goes on where it was.
            var first = quiet.sync(inbox(quiet), TEXT);
            assertThat(first.succeeded()).isTrue();
            assertThat(quietKey).isNotEqualTo("0");
            catchUp(quiet);
            // The busy one starts the folder over, and all is as in the mailbox.
            catchUp(busy);
            assertThat(subjects(quiet)).isEqualTo(inMailbox("anna"));
            assertThat(subjects(busy)).isEqualTo(inMailbox("anna"));
            assertThat(quiet.violations()).isEmpty();
            // It was told once that its key is not known, and that is all.
            assertThat(busy.violations())
                    .singleElement()
                    .satisfies(one -> assertThat(one.toString()).contains("3 in the collection"));
        }
    }

    @Test
    void aWipeOfABackupWaitsForSomebodyToAgreeOnceMore() throws Exception {
        var backup = directory.resolve("monday.backup");
        var key = new DeviceKey("anna", "FOUND");
        var admin = new Actor("root", Role.ADMIN, "test");
        try (var phone = phone("anna", "FOUND")) {
            gateway().deviceActions().wipe(admin, key, Wipe.Kind.ACCOUNT_ONLY, "lost");
            assertThat(run("backup", backup.toString())).as(err.toString()).isZero();
            assertThat(gateway().deviceActions().cancelWipe(admin, key).isDone())
                    .isTrue();
            int port = gateway().address().getPort();
            stop();
            assertThat(run("restore", backup.toString())).as(err.toString()).isZero();
            assertThat(said()).contains("anna/FOUND was to be wiped");
            Files.writeString(
                    file(), Files.readString(file()).replace("port = 0, plain", "port = " + port + ", plain"));
            begin();

            assertThat(phone.folderSync().status())
                    .as("neither wiped nor let in")
                    .isEqualTo(129);
            assertThat(gateway().deviceActions().approveWipe(admin, key).isDone())
                    .isTrue();
            assertThat(phone.folderSync().status()).isEqualTo(140);
        }
    }

    private CompletableFuture<Void> load(Phone phone, AtomicBoolean stop) {
        return CompletableFuture.runAsync(() -> {
            for (int i = 0; !stop.get(); i++) {
                deliver("anna", "Load " + i);
                phone.syncAll(inbox(phone), TEXT);
            }
        });
    }

    /** As a phone does: a folder whose key is not known is started over, an old policy is fetched again. */
    private static void catchUp(Phone phone) {
        var seen = new ArrayList<String>();
        for (int i = 0; i < 6; i++) {
            int folders = phone.folderSync().status();
            if (folders >= 140) {
                phone.provision();
            }
            var answer = phone.syncAll(inbox(phone), TEXT);
            if (answer.succeeded()) {
                return;
            }
            if (answer.status() == 3) {
                phone.replica(inbox(phone)).startOver();
            }
            seen.add("FolderSync %d, Sync %d".formatted(folders, answer.status()));
        }
        throw new AssertionError("the phone does not come to an end: " + seen);
    }

    @Test
    void aBackupIsRefusedWhereItCannotBe() {
        assertThat(run("backup", directory.resolve("no/such/place").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("no/such/place");
        assertThat(run("restore", directory.resolve("none").toString())).isEqualTo(1);
    }

    // Reload

    @Test
    void aReloadChangesWhatCanBeChangedAndHeldPhonesStay() throws Exception {
        try (var phone = phone("anna", "D1")) {
            phone.syncAll(inbox(phone), TEXT);
            var ping = CompletableFuture.supplyAsync(() -> phone.ping(List.of(inbox(phone)), Duration.ofMinutes(10)));
            await().until(() -> gateway().waiting() == 1);
            change("throttle.perDevice = 10", "log.level = debug", "quirks.file = \"%s\"".formatted(quirks("ios-x")));
            assertThat(run("reload")).as(err.toString()).isZero();
            assertThat(said()).contains("log.level", "throttle.perDevice", "quirks.file");
            assertThat(level).hasValue(Config.LogLevel.DEBUG);
            assertThat(gateway().waiting()).isEqualTo(1);

            deliver("anna", "News");
            assertThat(ping.get(20, TimeUnit.SECONDS).changes()).isTrue();
            assertThat(run("explain", "D1")).isZero();
            assertThat(said()).contains("kind ios-x");
            for (int i = 0; i < 12; i++) {
                tooOften(phone);
            }
            assertThat(gateway()
                            .telemetry()
                            .exchanges()
                            .of(new DeviceKey("anna", "D1"))
                            .getFirst()
                            .httpStatus())
                    .contains(503);

            assertThat(run("reload")).isZero();
            assertThat(said()).contains("Nothing has changed");
        }
    }

    @Test
    void aReloadAsksForAnotherPolicyAndMeetsNewDevicesOtherwise() throws Exception {
        try (var phone = phone("anna", "D1")) {
            change("policy.requirePassword = true", "gate.default = quarantine", "gate.message = \"Call Zoe\"");
            assertThat(run("reload")).as(err.toString()).isZero();
            assertThat(said()).contains("policy.requirePassword", "gate.default", "gate.message");

            assertThat(phone.folderSync().status()).isEqualTo(143); // until it keeps the new policy
            phone.provision();
            phone.folderSync();
            deliver("anna", "News");
            phone.syncAll(inbox(phone), TEXT);
            assertThat(subjects(phone)).contains("News"); // who is in stays in
        }
        try (var phone = phone("anna", "D2")) {
            phone.syncAll(inbox(phone), TEXT);
            assertThat(phone.replica(inbox(phone)).all())
                    .singleElement()
                    .satisfies(
                            item -> assertThat(item.body().orElseThrow().text()).contains("Call Zoe"));
        }
        // Back again: whoever comes now is in.
        change("gate.default = allow");
        assertThat(run("reload")).as(err.toString()).isZero();
        try (var phone = phone("anna", "D3")) {
            phone.syncAll(inbox(phone), TEXT);
            assertThat(subjects(phone)).contains("News");
        }
    }

    private static void tooOften(Phone phone) {
        try {
            phone.folderSync();
        } catch (PhoneException e) {
            assertThat(e.httpStatus()).isEqualTo(503);
        }
    }

    private Path quirks(String family) throws IOException {
        return Files.writeString(
                directory.resolve("quirks.tsv"), "DeviceType\tiPhone\tFAMILY=%s\twhy\twho\n".formatted(family));
    }

    private void change(String... lines) throws IOException {
        Files.writeString(file(), Files.readString(file()) + String.join("\n", lines) + "\n");
    }

    @Test
    void whatNeedsARestartIsRefusedAndNothingIsTakenOver() throws Exception {
        change("log.level = debug", "imap.host = imap.example.net");
        assertThat(run("reload")).isEqualTo(1);
        assertThat(err.toString()).contains("imap.host").contains("restart");
        assertThat(level).hasValue(Config.LogLevel.INFO);
        change("nonsense = 1");
        assertThat(run("reload")).isEqualTo(1);
        assertThat(err.toString()).contains("nonsense");
        assertThat(level).hasValue(Config.LogLevel.INFO);
    }

    @Test
    void aWrongTableOfQuirksIsRefusedWithItsLine() throws Exception {
        change("quirks.file = \"%s\"".formatted(quirks("Not A Word")), "log.level = debug");
        assertThat(run("reload")).isEqualTo(1);
        assertThat(err.toString()).contains("quirks.tsv, line 1");
        assertThat(level).hasValue(Config.LogLevel.INFO);
    }

    @Test
    void aCertificateThatCannotBeUsedIsSaidToWhoReloads() throws Exception {
        stop();
        var certificates = directory.resolve("certs");
        Files.writeString(
                file(),
                Files.readString(file()).replace("plain = true", "plain = false")
                        + "tls.directory = \"%s\"\n".formatted(certificates));
        begin();
        var good = Files.readString(certificates.resolve("server.crt"));
        Files.writeString(certificates.resolve("server.crt"), "not one");
        change("log.level = debug");
        assertThat(run("reload")).isEqualTo(1);
        assertThat(err.toString()).contains("the certificate cannot be taken over", "server.crt");
        assertThat(level).hasValue(Config.LogLevel.INFO);
        Files.writeString(certificates.resolve("server.crt"), good + "\n");
        assertThat(run("reload")).as(err.toString()).isZero();
        assertThat(said()).contains("log.level", "the certificate");
    }

    // Metrics and readiness

    @Test
    void measurementsAreForThoseWhoMayReadThem() throws Exception {
        var metrics = gateway().consoleAddress().orElseThrow().resolve("/metrics");
        assertThat(get(metrics, Map.of()).statusCode()).isEqualTo(200);
        assertThat(get(metrics, Map.of()).body()).contains("airpost_connections");
        assertThat(get(metrics, Map.of()).headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        // Not at the phones' port.
        assertThat(get(gateway().address().resolve("/metrics"), Map.of()).statusCode())
                .isEqualTo(404);
        change("metrics.token = \"a token\"");
        assertThat(run("reload")).isZero();
        assertThat(get(metrics, Map.of()).statusCode()).isEqualTo(401);
        assertThat(get(metrics, Map.of("Authorization", "Bearer another")).statusCode())
                .isEqualTo(401);
        assertThat(get(metrics, Map.of("Authorization", "Bearer a token")).statusCode())
                .isEqualTo(200);
        change("metrics.from = [\"192.0.2.1\"]");
        assertThat(run("reload")).isZero();
        assertThat(get(metrics, Map.of("Authorization", "Bearer a token")).statusCode())
                .isEqualTo(403);
    }

    @Test
    void readinessSaysWhatIsWrong() throws Exception {
        var ready = get(gateway().address().resolve("/readyz"), Map.of());
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body()).startsWith("ready\nstore: writes");
        assertThat(get(gateway().address().resolve("/healthz"), Map.of()).body())
                .isEqualTo("ok\n");
    }

    private static HttpResponse<String> get(URI address, Map<String, String> headers) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(20));
            new HashMap<>(headers).forEach(request::header);
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
