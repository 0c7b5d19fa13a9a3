package org.airpost.backend.sieve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.airpost.backend.Absences.Result;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What servers may do wrong: none of it hangs, and none is taken for a success. */
@Timeout(30)
class ScriptedManageSieveTest {

    private static final Account ACCOUNT = new Account(
            "anna",
            new Credentials("anna", "secret"),
            new RefusingMail() {},
            List.of("anna@example.org"),
            "anna@example.org");

    /** What comes of a server that says this, and then is silent. */
    private static Result<?> of(String says, Security security) throws IOException {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var server = Thread.ofVirtual().start(() -> {
                try (var socket = listener.accept()) {
                    socket.getOutputStream().write(says.getBytes(UTF_8));
                    socket.getOutputStream().flush();
                    socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // The client went away.
                }
            });
            var settings = new SieveSettings(
                    "127.0.0.1",
                    listener.getLocalPort(),
                    security,
                    new Trust.Any(),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(500));
            long began = System.nanoTime();
            var result = new SieveAbsences(settings).get(ACCOUNT);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            server.interrupt();
            return result;
        }
    }

    @Test
    void silenceAtAnyPlaceHasAnEnd() throws IOException {
        assertThat(of("", Security.PLAIN)).isInstanceOf(Result.Unavailable.class);
        assertThat(of("", Security.TLS)).isInstanceOf(Result.Unavailable.class);
        assertThat(of("\"SIEVE\" \"vaca", Security.PLAIN)).isInstanceOf(Result.Unavailable.class);
        assertThat(of("\"SIEVE\" \"vacation\"\r\nOK\r\n", Security.PLAIN)).isInstanceOf(Result.Unavailable.class);
        assertThat(of("\"SIEVE\" \"vacation\"\r\nOK\r\nOK\r\n{1000}\r\nx", Security.PLAIN))
                .isInstanceOf(Result.Unavailable.class);
    }

    @Test
    void nonsenseIsNoSuccess() throws IOException {
        assertThat(of("BYE \"too many\"\r\n", Security.PLAIN)).isInstanceOf(Result.Unavailable.class);
        assertThat(of("{99999999999}\r\n", Security.PLAIN)).isInstanceOf(Result.Unavailable.class);
        assertThat(of("{5}x", Security.PLAIN)).isInstanceOf(Result.Unavailable.class);
        assertThat(of("\"SIEVE\" \"fileinto\"\r\nOK\r\nNO \"who are you\"\r\n", Security.PLAIN))
                .isInstanceOf(Result.Refused.class);
    }

    @Test
    void noPasswordIsSaidWithoutStartTls() throws IOException {
        assertThat(of("\"SIEVE\" \"vacation\"\r\nOK\r\n", Security.STARTTLS)).isInstanceOf(Result.Refused.class);
        assertThat(of("\"SIEVE\" \"vacation\"\r\n\"STARTTLS\"\r\nOK\r\nOK\r\nOK \"injected\"\r\n", Security.STARTTLS))
                .isInstanceOf(Result.Unavailable.class);
    }
}
