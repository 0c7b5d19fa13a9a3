package org.airpost.backend.imap;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An IMAP server. */
public final class ImapBackend implements MailBackend {

    private static final Logger LOG = LoggerFactory.getLogger(ImapBackend.class);
    private static final Duration BUDGET_TOLD_EVERY = Duration.ofMinutes(1);

    private final ImapSettings settings;
    private final InstantSource clock;
    private final Tls tls;
    private final Sweeper sweeper = new Sweeper();
    private final Semaphore budget;
    private final AtomicLong budgetToldAt = new AtomicLong();

    /** Does not connect yet. An unreadable file of authorities is an {@link IllegalArgumentException}. */
    public ImapBackend(ImapSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.tls = new Tls(settings.trust());
        this.budget = new Semaphore(settings.connections());
    }

    @Override
    public SignIn signIn(Credentials credentials) {
        if (credentials.user().indexOf('\0') >= 0 || credentials.password().indexOf('\0') >= 0) {
            return new SignIn.Refused("a NUL in the credentials"); // RFC 4616 has no way to send it
        }
        var connection = connect();
        Optional<String> refusal = signIn(connection, credentials);
        if (refusal.isPresent()) {
            connection.close();
            return new SignIn.Refused(refusal.get());
        }
        return new SignIn.Accepted(new ImapAccount(this, credentials, connection));
    }

    /** Asking again would only look like an attack; the next request of a phone is asked for a password. */
    static BackendUnavailableException noMore(ImapSettings settings, String words) {
        return new BackendUnavailableException(
                "imap server " + settings.place() + " takes the credentials no more: " + words, Duration.ofSeconds(1));
    }

    /** One more connection for an account whose credentials were right before; it is told if they are not any more. */
    ImapConnection open(Credentials credentials, Runnable onRefused) {
        var connection = connect();
        var refusal = signIn(connection, credentials);
        if (refusal.isPresent()) {
            connection.close();
            onRefused.run();
            throw noMore(settings, refusal.get());
        }
        return connection;
    }

    private ImapConnection connect() {
        if (!budget.tryAcquire()) {
            long now = clock.millis();
            long before = budgetToldAt.get();
            if (now - before > BUDGET_TOLD_EVERY.toMillis() && budgetToldAt.compareAndSet(before, now)) {
                LOG.warn(
                        "imap connections used up server={} connections={}: raise imap.connections if the server allows it",
                        settings.place(),
                        settings.connections());
            }
            throw new BackendUnavailableException(
                    "imap server " + settings.place() + ": all " + settings.connections() + " connections are in use",
                    Duration.ofSeconds(30));
        }
        try {
            return ImapConnection.open(settings, tls, clock, sweeper, budget::release);
        } catch (RuntimeException | Error e) {
            budget.release();
            throw e;
        }
    }

    private Optional<String> signIn(ImapConnection connection, Credentials credentials) {
        try {
            return connection.signIn(credentials);
        } catch (ConnectionLostException e) {
            throw ImapConnection.unavailable(settings, e);
        } catch (RuntimeException | Error e) {
            connection.abort();
            throw e;
        }
    }

    ImapSettings settings() {
        return settings;
    }

    InstantSource clock() {
        return clock;
    }

    Sweeper sweeper() {
        return sweeper;
    }
}
