package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.Security;
import org.airpost.backend.Submission;
import org.airpost.backend.Trust;
import org.airpost.backend.imap.HostileImap;
import org.airpost.backend.imap.HostileMailboxes.Seen;
import org.airpost.backend.imap.ImapBackend;
import org.airpost.backend.imap.ImapSettings;
import org.airpost.config.Config;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;

/** A gateway in front of a {@link HostileImap}, and phones that must come to no harm by what that does. */
final class HostileGateway implements AutoCloseable {

    static final SyncRequest WINDOW = SyncRequest.PLAIN.withWindowSize(100).withBody(BodyType.PLAIN_TEXT, 4096);

    static final String USER = "anna";

    final HostileImap imap;
    private final Gateway gateway;
    private Phone phone;

    private HostileGateway(HostileImap imap, Gateway gateway) throws GeneralSecurityException {
        this.imap = imap;
        this.gateway = gateway;
        this.phone = phone(ProtocolVersion.V16_1);
    }

    /** A gateway with a store in memory. */
    static HostileGateway start(HostileImap imap) throws IOException, GeneralSecurityException {
        return start(imap, Security.PLAIN, Map.of());
    }

    /** The same with more settings. */
    static HostileGateway start(HostileImap imap, Security security, Map<String, String> more)
            throws IOException, GeneralSecurityException {
        var settings = ImapSettings.of("127.0.0.1", imap.port(), security)
                .withTrust(new Trust.Any())
                .withTimeouts(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofSeconds(1))
                .withWatch(Duration.ofMillis(50), Duration.ofSeconds(1));
        return new HostileGateway(
                imap,
                Gateway.start(
                        config(more),
                        new ImapBackend(settings, InstantSource.system()),
                        (_, _, _, _) -> new Submission.Submitted.Deferred("no mail is sent here")));
    }

    private static Config config(Map<String, String> more) {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_PLAIN", "true");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "0 s");
        settings.put("AIRPOST_STORE_KIND", "memory");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.putAll(more);
        return Config.load(Optional.empty(), settings);
    }

    Phone phone() {
        return phone;
    }

    Gateway gateway() {
        return gateway;
    }

    /** Another phone of the same user. */
    Phone phone(ProtocolVersion version) throws GeneralSecurityException {
        return new Phone(
                gateway.address(),
                USER,
                "secret",
                version,
                "D" + version.text().replace(".", ""),
                "AirpostPhone",
                SSLContext.getDefault());
    }

    /** Signs in and syncs Inbox and Trash. */
    HostileGateway settled() {
        // Patiently: the limits are tight, and a loaded machine may miss one.
        patiently(phone::provision);
        patiently(phone::folderSync);
        catchUp();
        patiently(() -> phone.syncAll(inbox(), WINDOW)); // so that the server's last word is about Inbox
        return this;
    }

    String inbox() {
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
    }

    String folder(String name) {
        return phone.hierarchy().named(name).orElseThrow().id();
    }

    /** What a phone does until it has all. */
    void catchUp() {
        patiently(phone::folderSync);
        for (var folder : List.copyOf(phone.hierarchy().folders())) {
            if (folder.holdsMail()) {
                var answer = patiently(() -> phone.syncAll(folder.id(), WINDOW));
                assertThat(answer.succeeded()).as("Sync of %s", folder).isTrue();
            }
        }
    }

    /**
     * Does something, and again as long as the answer is 503 with Retry-After; any other failure is one. A server that was
     * down comes up in between.
     */
    <T> T patiently(Supplier<T> act) {
        for (int tries = 1; ; tries++) {
            try {
                return act.get();
            } catch (PhoneException e) {
                if (tries == 6) {
                    throw e;
                }
                isUnavailable(e);
                imap.comeUp();
            }
        }
    }

    static void isUnavailable(PhoneException e) {
        assertThat(e.httpStatus()).as(e.getMessage()).isEqualTo(503);
        assertThat(e.getMessage()).contains("retry after");
    }

    /** The phone has each mailbox as the server has it, and the gateway broke no rule on the way. */
    void isWhole() {
        for (var name : imap.mailboxes().names(USER)) {
            isWhole(name);
        }
        assertThat(phone.violations()).isEmpty();
    }

    /** The phone has a mailbox as the server has it. */
    void isWhole(String mailbox) {
        var there = imap.mailboxes().messages(USER, mailbox);
        var folder = mailbox.equals("INBOX")
                ? Optional.of(inbox())
                : phone.hierarchy().named(mailbox).map(f -> f.id());
        var here = new TreeMap<Long, Seen>();
        folder.ifPresent(id -> phone.replica(id)
                .all()
                .forEach(item -> here.put(
                        Long.parseLong(item.serverId().substring(item.serverId().indexOf(':') + 1)),
                        new Seen(item.subject(), item.read(), item.flag().status() == 2))));
        assertThat(here).as("%s on the phone", mailbox).isEqualTo(there);
    }

    @Override
    public void close() {
        phone.close();
        imap.close();
        gateway.close();
    }
}
