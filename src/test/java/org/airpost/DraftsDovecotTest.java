package org.airpost;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.imap.Dovecot;
import org.airpost.backend.smtp.Postfix;
import org.airpost.config.Config;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Drafts of phones, in both forms, on Dovecot, and sent through Postfix. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DraftsDovecotTest {

    private static final SyncRequest WINDOW =
            SyncRequest.PLAIN.withWindowSize(100).withBody(BodyType.HTML, 4096);

    @TempDir
    private java.nio.file.Path directory;

    private Dovecot dovecot;
    private Postfix postfix;
    private Gateway gateway;
    private Desktop anna;
    private Desktop bob;

    @BeforeEach
    void start() throws Exception {
        Dovecot.assumeInstalled();
        Postfix.assumeInstalled();
        dovecot = Dovecot.start();
        dovecot.addUser("anna", "secret").addUser("bob", "secret");
        postfix = Postfix.start(dovecot, List.of("anna", "bob"));
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_PLAIN", "true");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "1 s");
        settings.put("AIRPOST_STORE_KIND", "memory");
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(dovecot.port()));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.put("AIRPOST_SMTP_HOST", "127.0.0.1");
        settings.put("AIRPOST_SMTP_PORT", Integer.toString(postfix.port()));
        settings.put("AIRPOST_SMTP_SECURITY", "starttls");
        settings.put("AIRPOST_SMTP_TRUST", postfix.certificate().toString());
        gateway = Gateway.start(Config.load(Optional.empty(), settings));
        anna = new Desktop(dovecot.port(), "anna", "secret");
        bob = new Desktop(dovecot.port(), "bob", "secret");
    }

    @AfterEach
    void stop() {
        for (var one : new AutoCloseable[] {anna, bob, gateway, postfix, dovecot}) {
            if (one != null) {
                close(one);
            }
        }
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A phone that has signed in, with its folder of drafts. */
    private final class Signed implements AutoCloseable {

        final Phone phone;
        final String folder;
        final DraftPhone drafts;

        Signed(String deviceId) throws GeneralSecurityException {
            phone = new Phone(
                    gateway.address(),
                    "anna",
                    "secret",
                    ProtocolVersion.V16_1,
                    deviceId,
                    "AirpostPhone",
                    SSLContext.getDefault());
            phone.provision();
            phone.folderSync();
            folder = phone.hierarchy().ofType(FolderType.DRAFTS).orElseThrow().id();
            drafts = new DraftPhone(gateway.address(), "anna", deviceId, phone, folder);
        }

        @Override
        public void close() {
            phone.close();
        }
    }

    private static Consumer<WbxmlWriter> elements(String subject, String text) {
        return out -> out.text(Email.TO, "bob@example.org")
                .text(Email.SUBJECT, subject)
                .start(AirSyncBase.BODY)
                .text(AirSyncBase.TYPE, 2)
                .text(AirSyncBase.DATA, "<p>" + text + "</p>")
                .end();
    }

    private static Consumer<WbxmlWriter> mime(String subject, String text) {
        var message = """
                From: Anna <anna@example.org>
                To: bob@example.org
                Subject: %s
                Message-ID: <%s@phone.example.org>
                Date: Sun, 1 Mar 2026 12:00:00 +0000
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8

                %s
                """.formatted(subject, "draft", text).replace("\n", "\r\n");
        return out -> out.start(AirSyncBase.BODY)
                .text(AirSyncBase.TYPE, 4)
                .opaque(AirSyncBase.DATA, message.getBytes(UTF_8))
                .end();
    }

    private static void attach(WbxmlWriter out, String clientId, String name, String content) {
        out.start(AirSyncBase.ADD)
                .text(AirSyncBase.CLIENT_ID, clientId)
                .text(AirSyncBase.METHOD, 1)
                .opaque(AirSyncBase.CONTENT, content.getBytes(UTF_8))
                .text(AirSyncBase.DISPLAY_NAME, name)
                .text(AirSyncBase.CONTENT_TYPE, "text/plain")
                .end();
    }

    private String text(Desktop desktop, String mailbox) {
        desktop.select(mailbox);
        return String.join("\n", desktop.command("UID FETCH 1:* (BODY.PEEK[])"));
    }

    private List<String> subjects(Desktop desktop, String mailbox) {
        return desktop.messages(mailbox).values().stream()
                .map(Desktop.Message::subject)
                .toList();
    }

    private void isDeliveredOnce(String subject) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> subjects(bob, "INBOX").contains(subject));
        assertThat(subjects(bob, "INBOX")).containsExactly(subject);
        assertThat(subjects(anna, "Sent")).containsExactly(subject);
        assertThat(anna.messages("Drafts")).isEmpty();
    }

    @Test
    void aDraftOfElementsIsEditedAndSentOnce() throws Exception {
        try (var android = new Signed("ANDROID1");
                var other = new Signed("OTHER1")) {
            var made = android.drafts.sync(List.of(DraftPhone.add("c1", false, out -> {
                elements("Papers", "one").accept(out);
                out.start(AirSyncBase.ATTACHMENTS);
                attach(out, "a1", "one.txt", "first file");
                attach(out, "a2", "two.txt", "second file");
                out.end();
            })));
            var id = requireNonNull(made.ids().get("c1"));
            assertThat(made.statuses()).containsEntry("c1", 1);
            assertThat(made.files()).containsOnlyKeys("a1", "a2");
            assertThat(subjects(anna, "Drafts")).containsExactly("Papers");

            other.phone.syncAll(other.folder, WINDOW);
            var seen = other.phone.replica(other.folder).bySubject("Papers").orElseThrow();
            assertThat(seen.attachments())
                    .extracting(file -> file.displayName())
                    .containsExactlyInAnyOrder("one.txt", "two.txt");

            // The answer to the edit is lost, and the phone asks again.
            android.drafts.syncAndLoseTheAnswer(List.of(DraftPhone.change(id, false, out -> {
                elements("Papers, edited", "two").accept(out);
                out.start(AirSyncBase.ATTACHMENTS);
                out.start(AirSyncBase.DELETE)
                        .text(
                                AirSyncBase.FILE_REFERENCE,
                                requireNonNull(made.files().get("a1")))
                        .end();
                attach(out, "a3", "three.txt", "third file");
                out.end();
            })));
            var edited = android.drafts.repeat();
            assertThat(edited.files()).containsOnlyKeys("a3");
            assertThat(subjects(anna, "Drafts")).containsExactly("Papers, edited");
            other.phone.syncAll(other.folder, WINDOW);
            assertThat(other.phone.replica(other.folder).items()).hasSize(1);
            assertThat(other.phone
                            .replica(other.folder)
                            .bySubject("Papers, edited")
                            .orElseThrow()
                            .attachments())
                    .extracting(file -> file.displayName())
                    .containsExactlyInAnyOrder("two.txt", "three.txt");

            android.drafts.syncAndLoseTheAnswer(List.of(DraftPhone.send(id)));
            android.drafts.repeat();

            isDeliveredOnce("Papers, edited");
            assertThat(text(bob, "INBOX"))
                    .contains("two.txt", "three.txt", "<p>two</p>")
                    .doesNotContain("one.txt", "X-Airpost");
            android.drafts.sync(List.of());
            assertThat(android.drafts.drafts).doesNotContainKey(id);
            other.phone.syncAll(other.folder, WINDOW);
            assertThat(other.phone.replica(other.folder).items()).isEmpty();
            assertThat(other.phone.violations()).isEmpty();
        }
    }

    @Test
    void aDraftOfMimeIsEditedAndSentOnce() throws Exception {
        try (var iphone = new Signed("IPHONE1")) {
            var made = iphone.drafts.sync(List.of(DraftPhone.add("c1", false, mime("From a phone", "one"))));
            var id = requireNonNull(made.ids().get("c1"));
            assertThat(made.statuses()).containsEntry("c1", 1);

            iphone.drafts.sync(List.of(DraftPhone.change(id, false, mime("From a phone", "two"))));
            assertThat(subjects(anna, "Drafts")).containsExactly("From a phone");
            assertThat(text(anna, "Drafts")).contains("two").doesNotContain("one\n");

            iphone.drafts.syncAndLoseTheAnswer(List.of(DraftPhone.change(id, true, mime("From a phone", "three"))));
            iphone.drafts.repeat();

            isDeliveredOnce("From a phone");
            assertThat(text(bob, "INBOX")).contains("three").doesNotContain("X-Airpost", "two\n");
            assertThat(text(bob, "INBOX")).contains("<draft@phone.example.org>");
        }
    }

    @Test
    void aDraftThatIsSentAtOnceIsInNoFolderOfDrafts() throws Exception {
        try (var iphone = new Signed("IPHONE2")) {
            iphone.drafts.sync(List.of());
            iphone.drafts.syncAndLoseTheAnswer(List.of(DraftPhone.add("c1", true, mime("At once", "now"))));
            var sent = iphone.drafts.repeat();
            assertThat(sent.statuses()).containsEntry("c1", 1);
            isDeliveredOnce("At once");
        }
    }

    /** The desktop replaces the draft by another message with its Message-ID, as mail programs do. */
    @Test
    void aDraftThatIsEditedOnADesktopAtTheSameTimeIsThereOnce() throws Exception {
        try (var iphone = new Signed("IPHONE3")) {
            var made = iphone.drafts.sync(List.of(DraftPhone.add("c1", false, mime("Both", "the phone's"))));
            var id = requireNonNull(made.ids().get("c1"));
            long old = anna.messages("Drafts").firstKey();
            var edit = """
                    From: Anna <anna@example.org>
                    To: bob@example.org
                    Subject: Both, on a desktop
                    Message-ID: <draft@phone.example.org>

                    the desktop's
                    """.replace("\n", "\r\n").getBytes(UTF_8);
            anna.append("Drafts", edit, "\\Draft", "\\Seen");
            anna.select("Drafts");
            anna.command("UID STORE " + old + " +FLAGS.SILENT (\\Deleted)");
            anna.command("EXPUNGE");

            // By the phone's rule, Conflict 1, the server's side is kept, and the phone is told so.
            var answer = iphone.drafts.sync(List.of(DraftPhone.change(id, false, mime("Both, on the phone", "again"))));

            assertThat(answer.statuses()).containsEntry(id, 7);
            assertThat(subjects(anna, "Drafts")).containsExactly("Both, on a desktop");
            iphone.drafts.sync(List.of());
            assertThat(iphone.drafts.drafts.values()).containsExactly("Both, on a desktop");

            var now = iphone.drafts.drafts.keySet().iterator().next();
            iphone.drafts.sync(List.of(DraftPhone.send(now)));
            isDeliveredOnce("Both, on a desktop");
        }
    }
}
