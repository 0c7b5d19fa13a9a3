package org.airpost.backend.imap;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Security;

/** The contract over an IMAP server. */
abstract class ImapContract extends MailAccountContract {

    private static final AtomicInteger USERS = new AtomicInteger();

    abstract int port();

    abstract void addUser(String user, String password);

    @Override
    protected String newUser() {
        String user = "user" + USERS.incrementAndGet();
        addUser(user, "pw-" + user);
        return user;
    }

    ImapSettings settings() {
        return ImapSettings.of("127.0.0.1", port(), Security.PLAIN)
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30))
                .withWatch(Duration.ofMillis(100), Duration.ofSeconds(2));
    }

    @Override
    protected MailAccount open(String user) {
        var signIn = new ImapBackend(settings(), Clock.systemUTC()).signIn(new Credentials(user, "pw-" + user));
        return ((SignIn.Accepted) signIn).account();
    }
}
