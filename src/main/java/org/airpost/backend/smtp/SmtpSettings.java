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
 * @param replyTimeout for each reply and each write; when it has passed before the final dot, nothing was handed over
 * @param finalTimeout for the reply to the final dot: a server may check a mail for minutes before it gives it, and whoever
 *     does not wait for it does not know whether the mail was taken
 */
public record SmtpSettings(
        String host,
        int port,
        Security security,
        Trust trust,
        boolean authenticate,
        String helloName,
        Duration connectTimeout,
        Duration replyTimeout,
        Duration finalTimeout) {

    public SmtpSettings {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("SMTP server \"%s\" port %d".formatted(host, port));
        }
        if (!helloName.matches("[A-Za-z0-9.:\\[\\]-]{1,255}")) {
            throw new IllegalArgumentException("EHLO name \"%s\"".formatted(helloName));
        }
        if (!connectTimeout.isPositive() || !replyTimeout.isPositive() || !finalTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "timeouts %s, %s and %s".formatted(connectTimeout, replyTimeout, finalTimeout));
        }
    }

    /** With one time limit for all replies. */
    public SmtpSettings(
            String host,
            int port,
            Security security,
            Trust trust,
            boolean authenticate,
            String helloName,
            Duration connectTimeout,
            Duration replyTimeout) {
        this(host, port, security, trust, authenticate, helloName, connectTimeout, replyTimeout, replyTimeout);
    }

    /**
     * The usual: with the user's credentials, 10 s to connect, 60 s for a reply, 10 minutes for the last one. Source: RFC 5321
     * §4.5.3.2.6.
     */
    public SmtpSettings(String host, int port, Security security, Trust trust) {
        this(
                host,
                port,
                security,
                trust,
                true,
                "airpost.invalid",
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofMinutes(10));
    }
}
