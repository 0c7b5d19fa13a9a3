package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.airpost.device.ClientQuirks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientQuirksHttpTest {

    @TempDir
    Path directory;

    private Optional<Server> server = Optional.empty();

    @BeforeEach
    void start() throws IOException {
        var file = Files.writeString(
                directory.resolve("quirks.tsv"),
                "UserAgent\tCarKit\tOFFER_UP_TO=14.1\twhy\twho\nUserAgent\tCarKit\tNO_GZIP\twhy\twho\n");
        server = Optional.of(Server.start(
                TestGateway.settings(),
                TestGateway.gateway(TestGateway::signIn, _ -> TestGateway.document(new byte[5_000]))
                        .with(ClientQuirks.with(Optional.of(file)), Observer.NONE)));
    }

    @AfterEach
    void stop() {
        server.ifPresent(it -> it.stop(Duration.ofMillis(200)));
    }

    private RawPhone.Seen ask(String method, String agent) throws IOException {
        try (var phone = new RawPhone(new Socket(
                InetAddress.getLoopbackAddress(), server.orElseThrow().port()))) {
            phone.send(
                    "%s /Microsoft-Server-ActiveSync?%s HTTP/1.1\r\nHost: x\r\nUser-Agent: %s\r\nAuthorization: %s\r\n"
                                    .formatted(method, TestGateway.PING, agent, TestGateway.ANNA)
                            + "MS-ASProtocolVersion: 14.1\r\nAccept-Encoding: gzip\r\nContent-Length: 0\r\n\r\n");
            return phone.read();
        }
    }

    @Test
    void aClientIsOfferedWhatItsRowSays() throws IOException {
        assertThat(ask("OPTIONS", "CarKit/2").header("MS-ASProtocolVersions")).isEqualTo("12.1,14.0,14.1");
        assertThat(ask("OPTIONS", "Other/2").header("MS-ASProtocolVersions")).isEqualTo("12.1,14.0,14.1,16.0,16.1");
    }

    @Test
    void aClientIsSparedGzip() throws IOException {
        assertThat(ask("POST", "CarKit/2").header("Content-Encoding")).isEmpty();
        assertThat(ask("POST", "Other/2").header("Content-Encoding")).isEqualTo("gzip");
    }
}
