package org.airpost.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;

/** A gateway to mail in memory, with the user anna, and her phones. */
final class WatchedGateway implements AutoCloseable {

    static final String USER = "anna";
    static final String DEVICE = "D1";
    static final DeviceKey KEY = new DeviceKey(USER, DEVICE);

    final MemoryMail mail = new MemoryMail(InstantSource.system());
    final Gateway gateway;

    private WatchedGateway(Map<String, String> more) throws IOException {
        mail.user(USER, "secret");
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_PLAIN", "true");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "0 s");
        settings.put("AIRPOST_STORE_KIND", "memory");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.putAll(more);
        gateway = Gateway.start(Config.load(Optional.empty(), settings), mail, new MemorySubmission(mail));
    }

    static WatchedGateway start() throws IOException {
        return new WatchedGateway(Map.of());
    }

    static WatchedGateway start(Map<String, String> more) throws IOException {
        return new WatchedGateway(more);
    }

    Telemetry telemetry() {
        return gateway.telemetry();
    }

    Phone phone() throws GeneralSecurityException {
        return phone("secret");
    }

    Phone phone(String password) throws GeneralSecurityException {
        return new Phone(
                gateway.address(), USER, password, ProtocolVersion.V16_1, DEVICE, "iPhone", SSLContext.getDefault());
    }

    static String inbox(Phone phone) {
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
    }

    void deliver(String subject) {
        mail.deliver(
                USER,
                "INBOX",
                "From: ben@example.org\r\nTo: anna@example.org\r\nSubject: %s\r\n\r\nThe words of %s\r\n"
                        .formatted(subject, subject)
                        .getBytes(UTF_8),
                Set.of());
    }

    @Override
    public void close() {
        gateway.close();
    }
}
