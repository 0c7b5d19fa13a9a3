package org.airpost.backend.smtp;

import java.nio.file.Path;
import java.time.Duration;

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

    /** How a connection is protected. */
    public enum Security {
        /** Not at all: passwords are readable on the way. */
        PLAIN,
        /** By STARTTLS, without which nothing is sent. Source: RFC 3207. */
        STARTTLS,
        /** By TLS from the first byte. Source: RFC 8314 §3.3. */
        TLS
    }

    /** Which certificates are good. */
    public sealed interface Trust {

        /** Those that Java trusts, for the right host name. */
        record Platform() implements Trust {}

        /** Every one, of whatever name: for trials. */
        record Any() implements Trust {}

        /** Those signed by one of the CA certificates in a PEM file, for the right host name. */
        record CaFile(Path pem) implements Trust {}
    }
}
