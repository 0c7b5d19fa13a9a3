package org.airpost.backend.smtp;

import java.time.Duration;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;

/**
 * Where and how to hand mail over.
 *
 * @param host name or address
 * @param port usually 587 for STARTTLS, 465 for TLS
 * @param security how the connection is protected
 * @param trust which certificates are good
 * @param authenticate false for a relay that trusts this machine
 * @param helloName the name given in EHLO
 * @param connectTimeout for the connection alone
 * @param replyTimeout for each reply and each write; the reply to the final dot may take a server minutes
 */
public record SmtpSettings(
        String host,
        int port,
        Security security,
        Trust trust,
        boolean authenticate,
        String helloName,
        Duration connectTimeout,
        Duration replyTimeout) {

    public SmtpSettings {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("SMTP server \"%s\" port %d".formatted(host, port));
        }
        if (!helloName.matches("[A-Za-z0-9.:\\[\\]-]{1,255}")) {
            throw new IllegalArgumentException("EHLO name \"%s\"".formatted(helloName));
        }
        if (!connectTimeout.isPositive() || !replyTimeout.isPositive()) {
            throw new IllegalArgumentException("timeouts %s and %s".formatted(connectTimeout, replyTimeout));
        }
    }

    /** The usual: with the user's credentials, 10 s to connect, 60 s for a reply. */
    public SmtpSettings(String host, int port, Security security, Trust trust) {
        this(host, port, security, trust, true, "airpost.invalid", Duration.ofSeconds(10), Duration.ofSeconds(60));
    }
}
