package org.airpost.backend.imap;

import java.time.Duration;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;

/**
 * How to reach an IMAP server.
 *
 * @param connectTimeout for TCP, then again for TLS and the greeting
 * @param readTimeout how long the server may be silent while an answer is due
 * @param commandTimeout how long a whole answer may take, whatever the server keeps sending
 * @param connectionsPerUser working connections of one account, apart from its watch
 * @param connections connections to this server in all
 * @param idleTimeout an unused working connection is closed after this time
 * @param statusRound shortest time between two looks at watched mailboxes that IDLE does not cover; four times as long on a
 *     quiet account
 * @param idleRenewal IDLE is renewed after this time, which also finds dead connections; below 29 minutes (RFC 2177)
 * @param subscribedOnly true if only mailboxes are shown that the user has subscribed to, and those with a role
 * @param sharedToo true if mailboxes of other users and shared ones are shown, in whatever namespaces the server has them
 */
public record ImapSettings(
        String host,
        int port,
        Security security,
        Trust trust,
        Duration connectTimeout,
        Duration readTimeout,
        Duration commandTimeout,
        int connectionsPerUser,
        int connections,
        Duration idleTimeout,
        Duration statusRound,
        Duration idleRenewal,
        boolean subscribedOnly,
        boolean sharedToo) {

    public ImapSettings {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("imap server %s:%d".formatted(host, port));
        }
        positive("connectTimeout", connectTimeout);
        positive("readTimeout", readTimeout);
        positive("commandTimeout", commandTimeout);
        positive("idleTimeout", idleTimeout);
        positive("statusRound", statusRound);
        positive("idleRenewal", idleRenewal);
        if (connectionsPerUser < 1 || connections < 1) {
            throw new IllegalArgumentException(
                    "imap connections: %d per user, %d in all".formatted(connectionsPerUser, connections));
        }
        if (idleRenewal.compareTo(Duration.ofMinutes(29)) > 0) {
            throw new IllegalArgumentException("imap idleRenewal " + idleRenewal + " is above 29 minutes");
        }
    }

    private static void positive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException("imap " + name + " " + value);
        }
    }

    /** A server with the usual limits and the system's certificates. */
    public static ImapSettings of(String host, int port, Security security) {
        return new ImapSettings(
                host,
                port,
                security,
                new Trust.Platform(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(20),
                Duration.ofMinutes(2),
                2,
                50_000,
                Duration.ofMinutes(2),
                Duration.ofSeconds(15),
                Duration.ofMinutes(5),
                false,
                true);
    }

    public ImapSettings withTrust(Trust other) {
        return new ImapSettings(
                host,
                port,
                security,
                other,
                connectTimeout,
                readTimeout,
                commandTimeout,
                connectionsPerUser,
                connections,
                idleTimeout,
                statusRound,
                idleRenewal,
                subscribedOnly,
                sharedToo);
    }

    public ImapSettings withTimeouts(Duration connect, Duration read, Duration command) {
        return new ImapSettings(
                host,
                port,
                security,
                trust,
                connect,
                read,
                command,
                connectionsPerUser,
                connections,
                idleTimeout,
                statusRound,
                idleRenewal,
                subscribedOnly,
                sharedToo);
    }

    public ImapSettings withConnections(int perUser, int inAll, Duration closedWhenIdle) {
        return new ImapSettings(
                host,
                port,
                security,
                trust,
                connectTimeout,
                readTimeout,
                commandTimeout,
                perUser,
                inAll,
                closedWhenIdle,
                statusRound,
                idleRenewal,
                subscribedOnly,
                sharedToo);
    }

    public ImapSettings withWatch(Duration round, Duration renewal) {
        return new ImapSettings(
                host,
                port,
                security,
                trust,
                connectTimeout,
                readTimeout,
                commandTimeout,
                connectionsPerUser,
                connections,
                idleTimeout,
                round,
                renewal,
                subscribedOnly,
                sharedToo);
    }

    public ImapSettings withShown(boolean onlySubscribed, boolean shared) {
        return new ImapSettings(
                host,
                port,
                security,
                trust,
                connectTimeout,
                readTimeout,
                commandTimeout,
                connectionsPerUser,
                connections,
                idleTimeout,
                statusRound,
                idleRenewal,
                onlySubscribed,
                shared);
    }

    /** {@code host:port}, for messages. */
    String place() {
        return host + ":" + port;
    }
}
