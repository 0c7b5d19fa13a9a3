package org.airpost.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.config.Config;

/** The configuration of the demo, as if it had been set by environment variables. */
final class DemoConfig {

    private DemoConfig() {}

    /** The gateway's own authority, which signed its certificate. */
    static Path authority() {
        return Path.of("certs", "ca.crt");
    }

    static Config of(Map<String, String> environment, String host, int port, DemoMailServer mail, Path data) {
        var settings = new HashMap<>(environment);
        settings.put("AIRPOST_HTTP_ADDRESS", host);
        settings.put("AIRPOST_HTTP_PORT", Integer.toString(port));
        settings.put("AIRPOST_IMAP_HOST", DemoMailServer.HOST);
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(mail.imapPort()));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_SMTP_HOST", DemoMailServer.HOST);
        settings.put("AIRPOST_SMTP_PORT", Integer.toString(mail.smtpPort()));
        settings.put("AIRPOST_SMTP_SECURITY", "plain");
        settings.put("AIRPOST_STORE_PATH", data.resolve("airpost.db").toString());
        return Config.load(Optional.empty(), settings);
    }
}
