package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.airpost.app.Gateway;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.config.Config;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One gateway, two domains with servers of their own, and the same device with the same user name in both. */
@Timeout(120)
class DomainsTest {

    private final GreenMail org = server("anna@example.org", "org");
    private final GreenMail net = server("anna@example.net", "net");

    @TempDir
    Path directory;

    private static GreenMail server(String address, String password) {
        var server = new GreenMail(new ServerSetup[] {
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_IMAP),
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP)
        });
        server.start();
        server.setUser(address, "anna", password);
        return server;
    }

    @BeforeEach
    void mail() {
        deliver(org, "anna@example.org", "Mail of org");
        deliver(net, "anna@example.net", "Mail of net");
    }

    @AfterEach
    void stop() {
        org.stop();
        net.stop();
    }

    private static void deliver(GreenMail server, String to, String subject) {
        com.icegreen.greenmail.util.GreenMailUtil.sendTextEmail(
                to, "bob@example.com", subject, "Text", server.getSmtp().getServerSetup());
    }

    private Gateway gateway() throws Exception {
        var file = Files.writeString(directory.resolve("airpost.conf"), """
                http { address = 127.0.0.1, port = 0, plain = true, gracefulStop = 0 s }
                console.enabled = false
                store.path = "%s"
                users.domain = example.org
                imap { host = 127.0.0.1, port = %d, security = plain, userTemplate = "{local}" }
                smtp { host = 127.0.0.1, port = %d, security = plain }
                domains {
                    example.net { imap.port = %d, smtp.port = %d }
                }
                """.formatted(
                        directory.resolve("airpost.db"),
                        org.getImap().getPort(),
                        org.getSmtp().getPort(),
                        net.getImap().getPort(),
                        net.getSmtp().getPort()));
        return Gateway.start(Config.load(Optional.of(file), Map.of()));
    }

    private static Phone phone(URI gateway, String user, String password) {
        var phone = new Phone(
                gateway,
                user,
                password,
                ProtocolVersion.V16_1,
                "A1B2C3D4",
                "AirpostPhone",
                new Tls(new Trust.Platform()).context());
        assertThat(phone.provision().succeeded()).isTrue();
        phone.folderSync();
        return phone;
    }

    private static String inbox(Phone phone) {
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
    }

    private static void sync(Phone phone) {
        assertThat(phone.syncAll(inbox(phone), SyncRequest.PLAIN.withWindowSize(10))
                        .succeeded())
                .isTrue();
    }

    @Test
    void theSameNameInTwoDomainsIsTwoUsers() throws Exception {
        try (var gateway = gateway();
                var one = phone(gateway.address(), "anna", "org");
                var two = phone(gateway.address(), "anna@example.net", "net")) {
            sync(one);
            sync(two);
            // Interleaved, with the same device id: neither has the other's keys.
            sync(one);
            sync(two);
            assertThat(one.replica(inbox(one)).all()).extracting(Item::subject).containsExactly("Mail of org");
            assertThat(two.replica(inbox(two)).all()).extracting(Item::subject).containsExactly("Mail of net");
            assertThat(one.policyKey()).isNotEqualTo(two.policyKey());
            assertThat(one.settingsUserInformation().addresses()).containsExactly("anna@example.org");
            assertThat(two.settingsUserInformation().addresses()).containsExactly("anna@example.net");

            var mime = "From: anna@example.net\r\nTo: anna@example.net\r\nSubject: Sent by net\r\n\r\nText\r\n";
            assertThat(two.sendMail("client-1", mime.getBytes(StandardCharsets.US_ASCII), false))
                    .isEqualTo(1);
            assertThat(net.waitForIncomingEmail(10_000, 2)).isTrue();
            assertThat(net.getReceivedMessages()).hasSize(2);
            assertThat(org.getReceivedMessages()).hasSize(1);
            assertThat(one.violations()).isEmpty();
            assertThat(two.violations()).isEmpty();
        }
    }
}
