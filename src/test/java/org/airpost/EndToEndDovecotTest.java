package org.airpost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.imap.Dovecot;
import org.airpost.backend.smtp.Postfix;
import org.airpost.config.Config;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.ClientCommand;
import org.airpost.phone.Flag;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.PingResult;
import org.airpost.phone.Source;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole gateway between phones and the servers that companies run: Dovecot and Postfix, each a child of the test. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EndToEndDovecotTest {

    private static final List<ProtocolVersion> VERSIONS =
            List.of(ProtocolVersion.V12_1, ProtocolVersion.V14_1, ProtocolVersion.V16_1);
    private static final SyncRequest WINDOW =
            SyncRequest.PLAIN.withWindowSize(100).withBody(BodyType.HTML, 4096);
    private static final String[] EXTENSIONS = {
        "QRESYNC", "CONDSTORE", "ENABLE", "MOVE", "UIDPLUS", "ESEARCH", "SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS"
    };

    /** What both sides must agree on for a message. */
    private record Seen(String subject, boolean read, boolean flagged) {}

    @TempDir
    private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void needsDovecot() {
        Dovecot.assumeInstalled();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (var one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T closing(T one) {
        open.add(one);
        return one;
    }

    private Dovecot dovecot(String... without) {
        var dovecot = closing(Dovecot.start(without));
        dovecot.addUser("anna", "secret").addUser("bob", "secret");
        return dovecot;
    }

    private Map<String, String> plainSettings(int imapPort) {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_PLAIN", "true");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "1 s");
        settings.put("AIRPOST_STORE_KIND", "memory");
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(imapPort));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        return settings;
    }

    private void addSubmission(Map<String, String> settings, Postfix postfix) {
        settings.put("AIRPOST_SMTP_HOST", "127.0.0.1");
        settings.put("AIRPOST_SMTP_PORT", Integer.toString(postfix.port()));
        settings.put("AIRPOST_SMTP_SECURITY", "starttls");
        settings.put("AIRPOST_SMTP_TRUST", postfix.certificate().toString());
    }

    private static Gateway start(Map<String, String> settings) throws IOException {
        return Gateway.start(Config.load(Optional.empty(), settings));
    }

    private Desktop desktop(Dovecot dovecot, String user) {
        return closing(new Desktop(dovecot.port(), user, "secret"));
    }

    private Phone phone(Gateway gateway, String user, ProtocolVersion version) throws GeneralSecurityException {
        var id = "D" + user + version.text().replace(".", "");
        var phone = closing(
                new Phone(gateway.address(), user, "secret", version, id, "AirpostPhone", SSLContext.getDefault()));
        phone.provision();
        phone.folderSync();
        return phone;
    }

    private List<Phone> threePhones(Gateway gateway) throws GeneralSecurityException {
        var phones = new ArrayList<Phone>();
        for (var version : VERSIONS) {
            phones.add(phone(gateway, "anna", version));
        }
        return phones;
    }

    private static String id(Phone phone, FolderType type) {
        return phone.hierarchy().ofType(type).orElseThrow().id();
    }

    private static String named(Phone phone, String name) {
        return phone.hierarchy().named(name).orElseThrow().id();
    }

    private static String inbox(Phone phone) {
        return id(phone, FolderType.INBOX);
    }

    private static void catchUp(Phone phone) {
        phone.folderSync();
        for (var folder : List.copyOf(phone.hierarchy().folders())) {
            if (folder.holdsMail()) {
                assertThat(phone.syncAll(folder.id(), WINDOW).succeeded())
                        .as("Sync of %s", folder)
                        .isTrue();
            }
        }
    }

    private static void equalsMailbox(Phone phone, String folder, Desktop desktop, String mailbox) {
        var theirs = new TreeMap<Long, Seen>();
        desktop.messages(mailbox)
                .forEach(
                        (uid, m) -> theirs.put(uid, new Seen(ascii(m.subject()), m.has("\\Seen"), m.has("\\Flagged"))));
        var ours = new TreeMap<Long, Seen>();
        phone.replica(folder)
                .all()
                .forEach(item -> ours.put(
                        Long.parseLong(item.serverId().substring(item.serverId().indexOf(':') + 1)),
                        new Seen(ascii(item.subject()), item.read(), item.flag().status() == 2)));
        assertThat(ours).as("%s on the phone", mailbox).isEqualTo(theirs);
        assertThat(phone.violations()).isEmpty();
    }

    /** Broken letters may look different on both sides. */
    private static String ascii(String subject) {
        return subject.replaceAll("[^!-~]+", " ").strip();
    }

    private static CompletableFuture<PingResult> ping(Phone phone, String... folders) {
        return CompletableFuture.supplyAsync(
                () -> phone.ping(List.of(folders), Duration.ofSeconds(60)),
                Executors.newVirtualThreadPerTaskExecutor());
    }

    private static byte[] mail(String from, String to, String subject, int bytes) {
        return "From: %s\r\nTo: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n%s\r\n"
                .formatted(
                        from,
                        to,
                        subject,
                        "0123456789 ".repeat(5).concat("\r\n").repeat(bytes / 57 + 1))
                .getBytes(US_ASCII);
    }

    @Test
    void aThousandMailsOfAllKindsArriveOnThreePhones() throws Exception {
        var dovecot = dovecot();
        var desktop = desktop(dovecot, "anna");
        var mails = new VariedMails(new Random(7));
        for (int n = 0; n < 1000; n++) {
            desktop.append("INBOX", mails.mail(n), n % 3 == 0 ? "\\Seen" : "");
        }
        var gateway = closing(start(plainSettings(dovecot.port())));

        for (var phone : threePhones(gateway)) {
            phone.syncAll(inbox(phone), WINDOW);

            assertThat(phone.replica(inbox(phone)).items()).hasSize(1000);
            equalsMailbox(phone, inbox(phone), desktop, "INBOX");
        }
    }

    @Test
    void changesFromBothSidesReachEveryPhone() throws Exception {
        changesFromBothSides(dovecot(), 100);
    }

    @Test
    void changesFromBothSidesReachEveryPhoneOverTheBareProtocol() throws Exception {
        changesFromBothSides(dovecot(EXTENSIONS), 100);
    }

    private void changesFromBothSides(Dovecot dovecot, int mails) throws Exception {
        var desktop = desktop(dovecot, "anna");
        IntStream.rangeClosed(1, mails).forEach(n -> desktop.append("INBOX", "mail " + n));
        desktop.command("CREATE Projects");
        desktop.command("CREATE Old");
        var gateway = closing(start(plainSettings(dovecot.port())));
        var phones = threePhones(gateway);
        phones.forEach(EndToEndDovecotTest::catchUp);
        var phone = phones.getLast();
        var inbox = inbox(phone);

        phone.sync(
                inbox,
                WINDOW.withCommands(List.of(
                        ClientCommand.read(inbox + ":1", true),
                        ClientCommand.flag(inbox + ":2", Flag.ACTIVE),
                        ClientCommand.categories(inbox + ":3", List.of("Blue", "To do")),
                        ClientCommand.delete(inbox + ":4"),
                        ClientCommand.delete(inbox + ":5"))));
        var moved = phone.moveItems(List.of(inbox + ":6", inbox + ":7"), inbox, named(phone, "Projects"));
        assertThat(moved).allMatch(result -> result.succeeded());
        assertThat(phone.folderCreate("0", "From phone", FolderType.USER_MAIL).succeeded())
                .isTrue();
        assertThat(phone.folderUpdate(named(phone, "Old"), "0", "Older").succeeded())
                .isTrue();

        desktop.select("INBOX");
        desktop.command("UID STORE 10:19 +FLAGS.SILENT (\\Seen Green)");
        desktop.command("UID STORE 1 -FLAGS.SILENT (\\Seen)");
        desktop.command("UID STORE 20 +FLAGS.SILENT (\\Deleted)");
        desktop.command("EXPUNGE");
        desktop.command("UID COPY 30:34 Projects");
        desktop.command("UID STORE 30:34 +FLAGS.SILENT (\\Deleted)");
        desktop.command("EXPUNGE");
        desktop.command("CREATE Desk");
        desktop.append("Desk", "on the desk");
        desktop.command("RENAME \"From phone\" \"From phone, renamed\"");
        desktop.append("INBOX", "the last");

        for (var each : phones) {
            catchUp(each);
            equalsMailbox(each, inbox(each), desktop, "INBOX");
            equalsMailbox(each, named(each, "Projects"), desktop, "Projects");
            equalsMailbox(each, named(each, "Desk"), desktop, "Desk");
            equalsMailbox(each, id(each, FolderType.DELETED_ITEMS), desktop, "Trash");
            assertThat(each.hierarchy().folders())
                    .extracting(folder -> folder.name())
                    .contains("From phone, renamed", "Older")
                    .doesNotContain("From phone", "Old");
        }
        assertThat(desktop.flags("INBOX", 3)).contains("Blue");
        assertThat(phone.replica(inbox).item(inbox + ":3").orElseThrow().categories())
                .containsExactlyInAnyOrder("Blue", "To do");
        assertThat(phones.get(1).replica(inbox).item(inbox + ":3").orElseThrow().categories())
                .containsExactlyInAnyOrder("Blue", "To do");
        assertThat(phone.replica(inbox).item(inbox + ":12").orElseThrow().categories())
                .containsExactly("Green");

        assertThat(phone.folderDelete(named(phone, "Older")).succeeded()).isTrue();
        desktop.command("DELETE Desk");
        for (var each : phones) {
            catchUp(each);
            assertThat(each.hierarchy().folders())
                    .extracting(folder -> folder.name())
                    .doesNotContain("Older", "Desk");
            assertThat(each.violations()).isEmpty();
        }
    }

    @Test
    void aNewMailWakesThePhoneWithinFiveSecondsAndItsOwnChangeDoesNot() throws Exception {
        var dovecot = dovecot();
        var desktop = desktop(dovecot, "anna");
        desktop.append("INBOX", "first");
        var gateway = closing(start(plainSettings(dovecot.port())));
        var phone = phone(gateway, "anna", ProtocolVersion.V16_1);
        var inbox = inbox(phone);
        phone.syncAll(inbox, WINDOW);

        var waiting = ping(phone, inbox);
        await().atMost(Duration.ofSeconds(10)).until(() -> gateway.waiting() == 1);
        long start = System.nanoTime();
        desktop.append("INBOX", "second");
        var woken = waiting.get(20, TimeUnit.SECONDS);
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        System.out.println("a new mail woke the phone after " + millis + " ms");
        assertThat(woken.changes()).isTrue();
        assertThat(woken.folders()).containsExactly(inbox);
        assertThat(millis).isLessThan(5000);
        phone.syncAll(inbox, WINDOW);

        // A Sync ends the Ping of its own device, without news; the one after it must not find its change to be news.
        var ended = ping(phone, inbox);
        await().atMost(Duration.ofSeconds(10)).until(() -> gateway.waiting() == 1);
        phone.sync(inbox, WINDOW.withCommand(ClientCommand.read(inbox + ":1", true)));
        assertThat(ended.get(20, TimeUnit.SECONDS).changes()).isFalse();
        var again = ping(phone, inbox);
        await().atMost(Duration.ofSeconds(10)).until(() -> gateway.waiting() == 1);
        // The sentinel: another device hears of that change, so the gateway has seen it by then.
        var other = phone(gateway, "anna", ProtocolVersion.V14_1);
        other.syncAll(inbox(other), WINDOW);
        assertThat(other.replica(inbox(other)).item(inbox + ":1").orElseThrow().read())
                .isTrue();
        assertThat(again).isNotDone();
        desktop.append("INBOX", "third");
        assertThat(again.get(20, TimeUnit.SECONDS).changes()).isTrue();
        phone.syncAll(inbox, WINDOW);
        equalsMailbox(phone, inbox, desktop, "INBOX");
    }

    @Test
    void lostAnswersLeaveNoTrace() throws Exception {
        var dovecot = dovecot();
        var desktop = desktop(dovecot, "anna");
        IntStream.rangeClosed(1, 120).forEach(n -> desktop.append("INBOX", "mail " + n));
        var gateway = closing(start(plainSettings(dovecot.port())));
        var random = new Random(20261124);

        int phones = 0;
        for (var phone : threePhones(gateway)) {
            phones++;
            var inbox = inbox(phone);
            var request = WINDOW.withWindowSize(15);
            phone.sync(inbox, request);
            for (int round = 0; round < 30; round++) {
                var ids = List.copyOf(phone.replica(inbox).items().keySet());
                var commands = new ArrayList<ClientCommand>();
                if (ids.size() > 10) {
                    var first = ids.get(random.nextInt(ids.size() / 2));
                    var second = ids.get(ids.size() / 2 + random.nextInt(ids.size() / 2));
                    commands.add(ClientCommand.read(first, random.nextBoolean()));
                    if (random.nextInt(4) == 0) {
                        commands.add(ClientCommand.delete(second));
                    }
                }
                if (random.nextInt(3) == 0) {
                    desktop.append("INBOX", "later " + phones + " " + round);
                }
                var said = request.withCommands(commands);
                if (random.nextBoolean()) {
                    phone.syncAndLoseTheAnswer(inbox, said);
                    phone.repeatLastSync(inbox);
                } else {
                    phone.sync(inbox, said);
                }
            }
            phone.syncAll(inbox, request);
            equalsMailbox(phone, inbox, desktop, "INBOX");
        }
    }

    @Test
    void mailsAreSentOnceThroughPostfix() throws Exception {
        Postfix.assumeInstalled();
        var dovecot = dovecot();
        var postfix = closing(Postfix.start(dovecot, List.of("anna", "bob")));
        var anna = desktop(dovecot, "anna");
        var bob = desktop(dovecot, "bob");
        anna.append("INBOX", "question");
        var settings = plainSettings(dovecot.port());
        addSubmission(settings, postfix);
        var gateway = closing(start(settings));
        var phone = phone(gateway, "anna", ProtocolVersion.V16_1);
        var inbox = inbox(phone);
        phone.syncAll(inbox, WINDOW);
        var original = new Source.ById(inbox, inbox + ":1");

        var hello = mail("anna@example.org", "bob@example.org", "hello", 100);
        assertThat(phone.sendMail("c1", hello, true)).isEqualTo(1);
        assertThat(phone.sendMail("c1", hello, true)).as("repeated").isEqualTo(1);
        assertThat(phone.smartReply(
                        "c2", mail("anna@example.org", "bob@example.org", "Re: question", 10), true, original, false))
                .isEqualTo(1);
        assertThat(phone.smartForward(
                        "c3", mail("anna@example.org", "bob@example.org", "Fwd: question", 10), true, original, false))
                .isEqualTo(1);

        await().atMost(Duration.ofSeconds(20)).until(() -> bob.messages("INBOX").size() >= 3);
        assertThat(bob.messages("INBOX").values())
                .extracting(Desktop.Message::subject)
                .containsExactlyInAnyOrder("hello", "Re: question", "Fwd: question");
        assertThat(anna.messages("Sent").values())
                .extracting(Desktop.Message::subject)
                .containsExactlyInAnyOrder("hello", "Re: question", "Fwd: question");
        assertThat(anna.flags("INBOX", 1)).contains("\\Answered", "$Forwarded");

        var refused = mail("anna@example.org", "nobody@example.org", "to nobody", 10);
        assertThat(phone.sendMail("c4", refused, true)).as("bounced").isEqualTo(1);
        assertThat(anna.messages("INBOX").values())
                .extracting(Desktop.Message::subject)
                .contains("Not delivered");
        var large = mail("anna@example.org", "bob@example.org", "large", Postfix.MOST_BYTES + 100_000);
        assertThat(phone.sendMail("c5", large, true)).isEqualTo(122);
        assertThat(anna.messages("Sent")).hasSize(3);
        assertThat(bob.messages("INBOX")).hasSize(3);

        var both = mail("anna@example.org", "bob@example.org, nobody@example.org", "to one of two", 10);
        assertThat(phone.sendMail("c6", both, true)).isEqualTo(1);
        await().atMost(Duration.ofSeconds(20)).until(() -> bob.messages("INBOX").size() == 4);
        assertThat(anna.messages("INBOX").values())
                .extracting(Desktop.Message::subject)
                .contains("Not delivered to all recipients");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void aStoppedDovecotIs503AndNothingIsLost() throws Exception {
        var dovecot = dovecot();
        var before = new Desktop(dovecot.port(), "anna", "secret");
        IntStream.rangeClosed(1, 20).forEach(n -> before.append("INBOX", "mail " + n));
        before.close();
        var gateway = closing(start(plainSettings(dovecot.port())));
        var phone = phone(gateway, "anna", ProtocolVersion.V14_1);
        var inbox = inbox(phone);
        phone.syncAll(inbox, WINDOW);

        dovecot.kill();
        isUnavailable(() -> phone.sync(inbox, WINDOW));
        isUnavailable(phone::folderSync);
        isUnavailable(() -> phone.ping(List.of(inbox), Duration.ofSeconds(60)));
        var key = phone.replica(inbox).key();
        dovecot.restart();

        var desktop = desktop(dovecot, "anna");
        desktop.append("INBOX", "after the stop");
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> phone.folderSync().succeeded());
        assertThat(phone.replica(inbox).key()).isEqualTo(key);
        assertThat(phone.syncAll(inbox, WINDOW).added()).hasSize(1);
        equalsMailbox(phone, inbox, desktop, "INBOX");
    }

    private static void isUnavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable request) {
        assertThatThrownBy(request).isInstanceOfSatisfying(PhoneException.class, e -> {
            assertThat(e.httpStatus()).isEqualTo(503);
            assertThat(e.getMessage()).contains("retry after");
        });
    }

    @Test
    void aGatewayStartedAgainSendsNoItemTwice() throws Exception {
        var dovecot = dovecot();
        var desktop = desktop(dovecot, "anna");
        IntStream.rangeClosed(1, 50).forEach(n -> desktop.append("INBOX", "mail " + n));
        var settings = plainSettings(dovecot.port());
        settings.put("AIRPOST_STORE_KIND", "mapdb");
        settings.put("AIRPOST_STORE_PATH", directory.resolve("store.db").toString());
        String inbox;
        Phone phone;
        int port;
        try (var first = start(settings)) {
            phone = phone(first, "anna", ProtocolVersion.V16_1);
            inbox = inbox(phone);
            phone.syncAll(inbox, WINDOW);
            port = first.address().getPort();
        }
        settings.put("AIRPOST_HTTP_PORT", Integer.toString(port));
        desktop.append("INBOX", "while it was away");
        closing(start(settings));

        assertThat(phone.folderSync().isEmpty()).isTrue();
        var answer = phone.sync(inbox, WINDOW);
        assertThat(answer.succeeded()).isTrue();
        assertThat(answer.added()).containsExactly(inbox + ":51");
        assertThat(answer.changed()).isEmpty();
        assertThat(answer.deleted()).isEmpty();
        equalsMailbox(phone, inbox, desktop, "INBOX");
    }

    @Test
    void starttlsBelievesTheRightAuthorityOnly() throws Exception {
        Postfix.assumeInstalled();
        var dovecot = closing(Dovecot.startWithTls());
        dovecot.addUser("anna", "secret").addUser("bob", "secret");
        var postfix = closing(Postfix.start(dovecot, List.of("anna", "bob")));
        var settings = plainSettings(dovecot.port());
        settings.put("AIRPOST_IMAP_SECURITY", "starttls");
        settings.put("AIRPOST_IMAP_TRUST", dovecot.certificate().toString());
        addSubmission(settings, postfix);
        var note = mail("anna@example.org", "bob@example.org", "sealed", 10);

        try (var right = start(settings)) {
            var phone = phone(right, "anna", ProtocolVersion.V16_1);
            assertThat(phone.sendMail("c1", note, true)).isEqualTo(1);
            var bobs = phone(right, "bob", ProtocolVersion.V16_1);
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                bobs.syncAll(inbox(bobs), WINDOW);
                return bobs.replica(inbox(bobs)).bySubject("sealed").isPresent();
            });
        }
        settings.put("AIRPOST_SMTP_TRUST", dovecot.certificate().toString());
        try (var wrongSmtp = start(settings)) {
            assertThat(phone(wrongSmtp, "anna", ProtocolVersion.V16_1).sendMail("c2", note, true))
                    .as("an SMTP server that nobody vouches for: try later")
                    .isEqualTo(111);
        }
        settings.put("AIRPOST_IMAP_TRUST", postfix.certificate().toString());
        try (var wrongImap = start(settings)) {
            isUnavailable(() -> phone(wrongImap, "anna", ProtocolVersion.V16_1));
        }
    }
}
