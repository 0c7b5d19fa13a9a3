package org.airpost.backend.sieve;

import java.time.Duration;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;

/**
 * Where scripts are kept.
 *
 * @param port usually 4190
 * @param connectTimeout for the connection alone
 * @param timeLimit for all that is done on one connection
 */
public record SieveSettings(
        String host, int port, Security security, Trust trust, Duration connectTimeout, Duration timeLimit) {

    public SieveSettings {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("ManageSieve server \"%s\" port %d".formatted(host, port));
        }
        if (!connectTimeout.isPositive() || !timeLimit.isPositive()) {
            throw new IllegalArgumentException("timeouts %s and %s".formatted(connectTimeout, timeLimit));
        }
    }
}
