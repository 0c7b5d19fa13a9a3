package org.airpost.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.config.Config;

/** The configuration of the demo, as if it had been set by environment variables. */
final class DemoConfig {

    private DemoConfig() {}

    /** Of the real environment, only what is about the log and the certificates holds for the demo. */
    static Config of(
            Map<String, String> environment,
            List<String> lanAddresses,
            String address,
            int port,
            int consolePort,
            DemoMailServer mail,
            Path data) {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_TLS_NAMES", names(lanAddresses));
        environment.forEach((name, value) -> {
            if (name.startsWith("AIRPOST_LOG_") || name.startsWith("AIRPOST_TLS_")) {
                settings.put(name, value);
            }
        });
        settings.put("AIRPOST_HTTP_ADDRESS", address);
        settings.put("AIRPOST_HTTP_PORT", Integer.toString(port));
        settings.put("AIRPOST_CONSOLE_PORT", Integer.toString(consolePort));
        // Whoever looks at a demo has no app for it; the console listens on the loopback only.
        settings.put("AIRPOST_CONSOLE_SECOND_FACTOR", "false");
        settings.put("AIRPOST_IMAP_HOST", DemoMailServer.HOST);
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(mail.imapPort()));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_SMTP_HOST", DemoMailServer.HOST);
        settings.put("AIRPOST_SMTP_PORT", Integer.toString(mail.smtpPort()));
        settings.put("AIRPOST_SMTP_SECURITY", "plain");
        settings.put("AIRPOST_SMTP_SAVES_SENT", "no");
        settings.put("AIRPOST_STORE_PATH", data.resolve("airpost.db").toString());
        return Config.load(Optional.empty(), settings);
    }

    private static String names(List<String> lanAddresses) {
        return Stream.concat(Stream.of("localhost", "127.0.0.1"), lanAddresses.stream())
                .collect(Collectors.joining(","));
    }
}
