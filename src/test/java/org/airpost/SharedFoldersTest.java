package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Mailbox.Role;
import org.airpost.backend.Security;
import org.airpost.backend.imap.Dovecot;
import org.airpost.backend.imap.ImapBackend;
import org.airpost.backend.imap.ImapSettings;
import org.airpost.config.Config;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.ClientCommand;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Folders that another user shares, at Dovecot with ACLs; and which folders phones see. Source: RFC 2342, RFC 4314. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SharedFoldersTest {

    private static final SyncRequest WINDOW = SyncRequest.PLAIN.withWindowSize(100);

    private Dovecot dovecot;
    private Desktop alice;

    @BeforeEach
    void share() {
        Dovecot.assumeInstalled();
        dovecot = Dovecot.startWithSharing();
        dovecot.addUser("alice", "secret").addUser("bob", "secret");
        alice = new Desktop(dovecot.port(), "alice", "secret");
        for (var mailbox : List.of("Team", "Team/Plans", "Notices")) {
            alice.command("CREATE " + mailbox);
        }
        alice.append("Team/Plans", "plan");
        alice.append("Notices", "notice");
        alice.command("SETACL Team/Plans bob lrswipkxte");
        alice.command("SETACL Notices bob lr");
        alice.command("SETACL Trash bob lr");
    }

    @AfterEach
    void stop() {
        alice.close();
        dovecot.close();
    }

    private MailAccount bob(boolean subscribedOnly, boolean sharedToo) {
        var settings =
                ImapSettings.of("127.0.0.1", dovecot.port(), Security.PLAIN).withShown(subscribedOnly, sharedToo);
        var backend = new ImapBackend(settings, InstantSource.system());
        if (backend.signIn(new Credentials("bob", "secret")) instanceof SignIn.Accepted(var there)) {
            return there;
        }
        throw new AssertionError("bob cannot sign in");
    }

    private static List<String> names(MailAccount account) {
        return account.mailboxes().stream().map(Mailbox::name).toList();
    }

    @Test
    void sharedFoldersAreShownBelowTheirOwnerAndHaveNoRole() {
        try (var bob = bob(false, true)) {
            assertThat(names(bob))
                    .contains("shared", "shared/alice", "shared/alice/Team/Plans", "shared/alice/Notices")
                    .contains("shared/alice/Trash", "Trash");
            var trash = bob.mailboxes().stream()
                    .filter(mailbox -> mailbox.role().equals(Optional.of(Role.TRASH)))
                    .map(Mailbox::name);
            assertThat(trash).containsExactly("Trash");
        }
    }

    @Test
    void theyAreLeftOutWhereTheyAreNotWanted() {
        try (var bob = bob(false, false)) {
            assertThat(names(bob)).contains("INBOX", "Trash").noneMatch(name -> name.startsWith("shared"));
            assertThat(bob.isHidden("shared/alice/Notices")).isTrue();
            assertThat(bob.isHidden("Trash")).isFalse();
        }
    }

    @Test
    void subscribedFoldersAloneAreShownAndThoseWithARole() {
        try (var desktop = new Desktop(dovecot.port(), "bob", "secret");
                var bob = bob(true, true)) {
            for (var mailbox : List.of("Work", "Work/Old", "Private")) {
                desktop.command("CREATE " + mailbox);
            }
            desktop.command("SUBSCRIBE Work/Old");
            desktop.command("UNSUBSCRIBE Sent");
            assertThat(names(bob))
                    .contains("INBOX", "Sent", "Trash", "Work", "Work/Old")
                    .doesNotContain("Private", "shared/alice/Notices");
            desktop.command("SUBSCRIBE shared/alice/Notices");
            assertThat(names(bob)).contains("shared/alice/Notices");
        }
    }

    @Test
    void subscriptionsAreFoundWithoutListExtendedToo() {
        dovecot.close();
        dovecot = Dovecot.start("LIST-EXTENDED");
        dovecot.addUser("bob", "secret");
        try (var desktop = new Desktop(dovecot.port(), "bob", "secret");
                var bob = bob(true, true)) {
            desktop.command("CREATE Work");
            desktop.command("CREATE Private");
            desktop.command("SUBSCRIBE Work");
            assertThat(names(bob)).contains("INBOX", "Sent", "Work").doesNotContain("Private");
        }
    }

    private Gateway gateway(Map<String, String> more) throws Exception {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_PLAIN", "true");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "0 s");
        settings.put("AIRPOST_STORE_KIND", "memory");
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(dovecot.port()));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.putAll(more);
        return Gateway.start(Config.load(Optional.empty(), settings));
    }

    private static Phone phone(Gateway gateway) throws Exception {
        var phone = new Phone(
                gateway.address(),
                "bob",
                "secret",
                ProtocolVersion.V16_1,
                "BOB1",
                "AirpostPhone",
                SSLContext.getDefault());
        phone.provision();
        phone.folderSync();
        return phone;
    }

    private static Item only(Phone phone, String folder) {
        assertThat(phone.replica(folder).all()).hasSize(1);
        return phone.replica(folder).all().iterator().next();
    }

    private static String id(Phone phone, String name) {
        return phone.hierarchy().named(name).orElseThrow().id();
    }

    @Test
    void aPhoneReadsAndWritesWhereItMay() throws Exception {
        try (var gateway = gateway(Map.of());
                var phone = phone(gateway)) {
            var plans = id(phone, "Plans");
            phone.syncAll(plans, WINDOW);
            var plan = only(phone, plans);
            assertThat(plan.subject()).isEqualTo("plan");
            assertThat(phone.sync(plans, WINDOW.withCommand(ClientCommand.read(plan.serverId(), true)))
                            .succeeded())
                    .isTrue();
            assertThat(alice.flags("Team/Plans", 1)).contains("\\Seen");
            assertThat(phone.violations()).isEmpty();
        }
    }

    @Test
    void whatAPhoneMayNotDoIsRefusedAndItIsPutRight() throws Exception {
        try (var gateway = gateway(Map.of());
                var phone = phone(gateway)) {
            var notices = id(phone, "Notices");
            var inbox = phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
            phone.syncAll(notices, WINDOW);
            phone.syncAll(inbox, WINDOW);
            var notice = only(phone, notices).serverId();

            var changed = phone.sync(notices, WINDOW.withCommand(ClientCommand.read(notice, true)));
            assertThat(changed.responses().getFirst().status()).isEqualTo(6);
            phone.syncAll(notices, WINDOW);
            assertThat(only(phone, notices).read()).isFalse();

            var deleted = phone.sync(notices, WINDOW.withCommand(ClientCommand.delete(notice)));
            assertThat(deleted.responses().getFirst().status()).isNotEqualTo(1);
            phone.forgetViolations();
            phone.syncAll(notices, WINDOW);
            assertThat(phone.replica(notices).all()).hasSize(1);

            assertThat(phone.moveItems(List.of(only(phone, notices).serverId()), notices, inbox)
                            .getFirst()
                            .status())
                    .isEqualTo(5);
            assertThat(phone.folderDelete(notices).status()).isEqualTo(6);
            assertThat(phone.folderUpdate(notices, "0", "Mine").status()).isEqualTo(6);
            phone.folderSync();
            phone.syncAll(notices, WINDOW);
            phone.syncAll(inbox, WINDOW);
            assertThat(phone.replica(notices).all()).hasSize(1);
            assertThat(phone.replica(inbox).all()).isEmpty();
            assertThat(alice.messages("Notices")).hasSize(1);
            assertThat(alice.flags("Notices", 1)).doesNotContain("\\Seen");
        }
    }

    @Test
    void aFolderThatIsUnsubscribedGoesFromThePhone() throws Exception {
        try (var desktop = new Desktop(dovecot.port(), "bob", "secret")) {
            desktop.command("CREATE Work");
            desktop.command("SUBSCRIBE Work");
            desktop.append("Work", "job");
            try (var gateway = gateway(Map.of("AIRPOST_IMAP_FOLDERS", "subscribed"));
                    var phone = phone(gateway)) {
                var work = id(phone, "Work");
                phone.syncAll(work, WINDOW);
                desktop.command("UNSUBSCRIBE Work");
                phone.folderSync();
                assertThat(phone.hierarchy().named("Work")).isEmpty();
                desktop.command("SUBSCRIBE Work");
                phone.folderSync();
                phone.syncAll(id(phone, "Work"), WINDOW);
                assertThat(phone.replica(id(phone, "Work")).all()).hasSize(1);
            }
        }
    }

    /** Mail that its user cannot see on the phone does not go because of what is deleted there. Source: MS-ASCMD_R4046. */
    @Test
    void aFolderAboveOneThatIsNotSubscribedIsNotDeleted() throws Exception {
        try (var desktop = new Desktop(dovecot.port(), "bob", "secret")) {
            for (var mailbox : List.of("Work", "Work/New", "Work/Old", "Work/Old/Older", "Workshop")) {
                desktop.command("CREATE " + mailbox);
                desktop.append(mailbox, "job");
            }
            for (var mailbox : List.of("Work", "Work/New", "Workshop")) {
                desktop.command("SUBSCRIBE " + mailbox);
            }
            try (var gateway = gateway(Map.of("AIRPOST_IMAP_FOLDERS", "subscribed"));
                    var phone = phone(gateway)) {
                var work = id(phone, "Work");
                assertThat(phone.hierarchy().named("Old")).isEmpty();
                assertThat(phone.folderDelete(work).status()).isEqualTo(3);
                for (var mailbox : List.of("Work", "Work/New", "Work/Old", "Work/Old/Older")) {
                    assertThat(desktop.messages(mailbox)).hasSize(1);
                }
                phone.folderSync();
                assertThat(id(phone, "Work")).isEqualTo(work);

                assertThat(phone.folderDelete(id(phone, "New")).status()).isEqualTo(1);
                assertThat(phone.folderDelete(id(phone, "Workshop")).status()).isEqualTo(1);
                assertThat(String.join("\n", desktop.command("LIST \"\" \"*\"")))
                        .contains("Work/Old/Older")
                        .doesNotContain("Work/New", "Workshop");
                assertThat(phone.violations()).isEmpty();
            }
        }
    }

    @Test
    void emptyingAFolderKeepsThoseBelowThatHoldWhatIsNotSubscribed() throws Exception {
        try (var desktop = new Desktop(dovecot.port(), "bob", "secret")) {
            for (var mailbox : List.of("Trash/Work", "Trash/Work/Old", "Trash/Plans", "Trash/Private")) {
                desktop.command("CREATE " + mailbox);
                desktop.append(mailbox, "job");
            }
            desktop.command("SUBSCRIBE Trash/Work");
            desktop.command("SUBSCRIBE Trash/Plans");
            try (var gateway = gateway(Map.of("AIRPOST_IMAP_FOLDERS", "subscribed"));
                    var phone = phone(gateway)) {
                var trash = phone.hierarchy()
                        .ofType(FolderType.DELETED_ITEMS)
                        .orElseThrow()
                        .id();
                phone.syncAll(trash, WINDOW);
                assertThat(phone.emptyFolderContents(trash, true)).isEqualTo(17);
                for (var mailbox : List.of("Trash/Work", "Trash/Work/Old", "Trash/Private")) {
                    assertThat(desktop.messages(mailbox)).hasSize(1);
                }
                assertThat(String.join("\n", desktop.command("LIST \"\" \"*\"")))
                        .doesNotContain("Trash/Plans");
                assertThat(phone.violations()).isEmpty();
            }
        }
    }
}
