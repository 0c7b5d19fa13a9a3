package org.airpost.backend.imap;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend;
import org.airpost.backend.ServerMeter;
import org.airpost.backend.Tls;

/** An IMAP server. */
public final class ImapBackend implements MailBackend {

    /** A watch has a connection for as many rounds at least before another one has it, when they are short. */
    private static final int ROUNDS_A_TURN = 4;

    private final ImapSettings settings;
    private final InstantSource clock;
    private final ServerMeter meter;
    private final Tls tls;
    private final Budget budget;
    private final Sweeper sweeper;
    private final Reach reach = new Reach(this::probe);
    private final Turns turns = new Turns();

    /** Does not connect yet. An unreadable file of authorities is an {@link IllegalArgumentException}. */
    public ImapBackend(ImapSettings settings, InstantSource clock) {
        this(settings, clock, ServerMeter.NONE);
    }

    /** The same; the meter is told how it goes. */
    public ImapBackend(ImapSettings settings, InstantSource clock, ServerMeter meter) {
        this.settings = settings;
        this.clock = clock;
        this.meter = meter;
        this.tls = new Tls(settings.trust());
        this.budget = new Budget(
                settings.place(), settings.connections(), settings.statusRound().multipliedBy(ROUNDS_A_TURN));
        this.sweeper = new Sweeper(budget::round);
    }

    @Override
    public SignIn signIn(Credentials credentials) {
        if (credentials.name().indexOf('\0') >= 0 || credentials.password().indexOf('\0') >= 0) {
            return new SignIn.Refused("a NUL in the credentials"); // RFC 4616 has no way to send it
        }
        var connection = connect(work());
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
        return open(credentials, work(), onRefused);
    }

    /** The same for who has a place among the connections already, which ends with the connection. */
    ImapConnection open(Credentials credentials, Budget.Place place, Runnable onRefused) {
        var connection = connect(place);
        var refusal = signIn(connection, credentials);
        if (refusal.isPresent()) {
            connection.close();
            onRefused.run();
            throw noMore(settings, refusal.get());
        }
        return connection;
    }

    private Budget.Place work() {
        var place = budget.enter(Budget.Purpose.WORK);
        try {
            if (place.await(settings.connectTimeout())) {
                return place;
            }
        } catch (RuntimeException e) {
            place.close();
            throw e;
        }
        place.close();
        throw new BackendUnavailableException(
                "imap server " + settings.place() + ": all " + settings.connections() + " connections are in use",
                Duration.ofSeconds(30));
    }

    private ImapConnection connect(Budget.Place place) {
        try {
            var connection = ImapConnection.open(settings, tls, clock, sweeper, meter, place);
            meter.reached();
            reach.made();
            return connection;
        } catch (BackendUnavailableException e) {
            place.close();
            meter.failed(String.valueOf(e.getMessage()));
            reach.failed();
            throw e;
        } catch (RuntimeException | Error e) {
            place.close();
            throw e;
        }
    }

    private void probe() {
        connect(work()).close();
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

    Budget budget() {
        return budget;
    }

    Reach reach() {
        return reach;
    }

    Turns turns() {
        return turns;
    }
}
