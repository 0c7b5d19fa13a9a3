package org.airpost.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.airpost.app.Gateway;
import org.airpost.config.Config;

/**
 * A gateway to an IMAP server with STARTTLS on this machine, as the child process of a measurement: {@link GatewayLoop},
 * without {@code deliver}. Its arguments are a folder for its files, the server's port, its certificate, and how many
 * connections it may have.
 */
final class ImapGateway {

    private ImapGateway() {}

    public static void main(String[] arguments) throws IOException {
        var settings = GatewayLoop.settings(Path.of(arguments[0]));
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", arguments[1]);
        settings.put("AIRPOST_IMAP_SECURITY", "starttls");
        settings.put("AIRPOST_IMAP_TRUST", arguments[2]);
        settings.put("AIRPOST_IMAP_CONNECTIONS", arguments[3]);
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        GatewayLoop.run(Gateway.start(Config.load(Optional.empty(), settings)), count -> {
            throw new IllegalArgumentException(count + " mails: whoever measures appends them");
        });
    }
}
