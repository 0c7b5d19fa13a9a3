package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.DummySSLServerSocketFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.airpost.backend.Security;
import org.airpost.backend.ServerMeter;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
@ParameterizedClass
@EnumSource(
        value = Security.class,
        names = {"PLAIN", "TLS"})
class TransportTest {

    private static final Duration DAY = Duration.ofDays(1);

    private final Security security;
    private ServerSocket server;
    private Socket peer;
    private Transport transport;

    TransportTest(Security security) {
        this.security = security;
    }

    @BeforeEach
    void connect() throws IOException {
        var sockets = security == Security.TLS ? new DummySSLServerSocketFactory() : ServerSocketFactory.getDefault();
        server = sockets.createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        transport = new Transport(ImapSettings.of("127.0.0.1", server.getLocalPort(), security), ServerMeter.NONE);
        var accepting = CompletableFuture.supplyAsync(this::accepted, Executors.newVirtualThreadPerTaskExecutor());
        transport.connect(new Tls(new Trust.Any()));
        peer = accepting.join();
    }

    private Socket accepted() {
        try {
            var accepted = server.accept();
            if (accepted instanceof SSLSocket tls) {
                tls.startHandshake();
            }
            return accepted;
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        transport.abort();
        peer.close();
        server.close();
    }

    @Test
    void aServerThatIsSilentForTooLongIsNotWaitedForAnyMore() {
        transport.deadlineIn(DAY);
        var reading = reading();

        // The sweeper comes by, long after: as soon as the read waits it finds it.
        while (!transport.abortIfOverdue(System.nanoTime() + DAY.toNanos() / 2, Duration.ZERO)) {
            Thread.onSpinWait();
        }

        assertThatThrownBy(() -> reading.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("no answer in");
    }

    @Test
    void aSweepInTimeDisturbsNobody() throws Exception {
        transport.deadlineIn(DAY);
        var reading = reading();

        assertThat(transport.abortIfOverdue(System.nanoTime(), Duration.ZERO)).isFalse();
        peer.getOutputStream().write("* OK\r\n".getBytes(StandardCharsets.US_ASCII));

        assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo("* OK\r\n");
        assertThat(transport.abortIfOverdue(System.nanoTime() + DAY.toNanos() / 2, Duration.ZERO))
                .isFalse(); // nothing is read now, and the deadline is a day away
    }

    @Test
    void aCommandGoesOutInOnePiece() throws Exception {
        for (var word : new String[] {"A1", " ", "NOOP", "\r\n"}) {
            var bytes = word.getBytes(StandardCharsets.US_ASCII);
            transport.write(bytes, 0, bytes.length);
        }
        assertThat(peer.getInputStream().available()).isZero();

        transport.flush();

        assertThat(peer.getInputStream().readNBytes(9)).isEqualTo("A1 NOOP\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** Only what was late is not tried again, which would double the wait. */
    @Test
    void aWriteThatIsEndedBecauseItsTimeIsUpWasLate() {
        transport.deadlineIn(DAY);
        var writing = CompletableFuture.runAsync(this::writeWithoutEnd, Executors.newVirtualThreadPerTaskExecutor());

        while (!transport.abortIfOverdue(System.nanoTime() + DAY.multipliedBy(2).toNanos(), Duration.ZERO)) {
            Thread.onSpinWait();
        }

        assertThatThrownBy(() -> writing.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SocketTimeoutException.class);
    }

    private void writeWithoutEnd() {
        try {
            while (true) {
                transport.write(new byte[64 << 10], 0, 64 << 10);
                transport.flush();
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private CompletableFuture<String> reading() {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        var response = transport.response();
                        return new String(response.getBytes(), 0, response.getCount(), StandardCharsets.US_ASCII);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                Executors.newVirtualThreadPerTaskExecutor());
    }
}
