package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.time.Clock;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
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

    @Override
    @Test
    @Disabled("GreenMail encodes a part anew instead of giving it as it was stored")
    void whatIsTakenOfTheStartOfAMessageIsWhatTheServerGives() {}

    @Test
    void tlsFromTheFirstByteBelievesOnlyWhatItIsToldToBelieve() {
        var green = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_IMAPS));
        green.start();
        try {
            green.setUser("anna@example.org", "anna", "secret");
            var settings = ImapSettings.of("127.0.0.1", green.getImaps().getPort(), Security.TLS);
            var anna = new Credentials("anna", "secret");
            assertThat(new ImapBackend(settings.withTrust(new Trust.Any()), Clock.systemUTC()).signIn(anna))
                    .isInstanceOf(SignIn.Accepted.class);
            assertThatThrownBy(() ->
                            new ImapBackend(settings.withTrust(new Trust.Platform()), Clock.systemUTC()).signIn(anna))
                    .isInstanceOf(BackendUnavailableException.class);
        } finally {
            green.stop();
        }
    }

    @Test
    void wrongCredentialsAreRefused() {
        var signIn = new ImapBackend(settings(), Clock.systemUTC()).signIn(new Credentials(newUser(), "wrong"));
        assertThat(signIn).isInstanceOf(SignIn.Refused.class);
    }
}
