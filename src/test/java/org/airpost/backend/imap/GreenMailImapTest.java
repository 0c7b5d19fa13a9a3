package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** GreenMail has neither CONDSTORE nor ESEARCH nor SPECIAL-USE. */
class GreenMailImapTest extends ImapContract {

    private static final GreenMailServer SERVER = GreenMailServer.start();

    @AfterAll
    static void stopServer() {
        SERVER.close();
    }

    @Override
    int port() {
        return SERVER.port();
    }

    @Override
    void addUser(String user, String password) {
        SERVER.addUser(user, password);
    }

    @Override
    @Test
    @Disabled("GreenMail leaves out RFC 2231 names and cannot read a part of an embedded message")
    void theStructureNumbersItsPartsSoThatTheyCanBeRead() {}

    @Override
    @Test
    @Disabled("GreenMail encodes a part anew instead of giving it as it was stored")
    void aLargePartIsStreamedAsItIs() {}

    @Test
    void wrongCredentialsAreRefused() {
        var signIn = new ImapBackend(settings(), Clock.systemUTC()).signIn(new Credentials(newUser(), "wrong"));
        assertThat(signIn).isInstanceOf(SignIn.Refused.class);
    }
}
