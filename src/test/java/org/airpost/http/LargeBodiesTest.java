package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.airpost.command.Answer;
import org.airpost.eas.Spool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 50 MB over TLS, up and down, with the heap looked at in the middle of it. Source: DESIGN §14. */
class LargeBodiesTest {

    private static final long SIZE = 50_000_000;
    private static final long MORE_HEAP = 16L << 20;

    /** Bytes that follow from their position. */
    private static final class Pattern extends InputStream {

        private long position;

        @Override
        public int read() {
            return position == SIZE ? -1 : value(position++);
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            int count = (int) Math.min(length, SIZE - position);
            for (int i = 0; i < count; i++) {
                to[offset + i] = (byte) value(position++);
            }
            return count == 0 && length > 0 ? -1 : count;
        }

        private static int value(long position) {
            return (int) (position * 31 + (position >> 13)) & 0xFF;
        }
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long checksum(InputStream bytes) throws IOException {
        var sum = new CRC32();
        try (var in = new CheckedInputStream(bytes, sum)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return sum.getValue();
    }

    @Test
    void largeBodiesPassWithoutFillingTheHeap(@TempDir Path folder) throws Exception {
        var certificates = new Certificates(folder, List.of(), Clock.systemUTC());
        var inside = new AtomicLong();
        var sum = new AtomicLong();
        var server = Server.start(
                TestGateway.settings(),
                new TlsContext(certificates),
                TestGateway.gateway(TestGateway::signIn, request -> {
                    inside.set(usedHeap());
                    try {
                        sum.set(checksum(request.openBody()));
                        return new Answer.Document(copy(request.openBody()));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(CertificatesTest.trust(certificates))
                .build()) {
            var before = usedHeap();
            var response = client.send(
                    HttpRequest.newBuilder(java.net.URI.create("https://localhost:" + server.port()
                                    + "/Microsoft-Server-ActiveSync?" + TestGateway.SEND_MAIL))
                            .header("Authorization", TestGateway.ANNA)
                            .header("Accept-Encoding", "gzip")
                            .timeout(Duration.ofMinutes(2))
                            .POST(BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(Pattern::new), SIZE))
                            .build(),
                    BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Length")).contains("" + SIZE);
            assertThat(inside.get() - before).as("heap with the body received").isLessThan(MORE_HEAP);
            try (var body = response.body()) {
                assertThat(body.readNBytes(1_000_000)).hasSize(1_000_000);
                assertThat(usedHeap() - before)
                        .as("heap with the answer half written")
                        .isLessThan(MORE_HEAP);
                body.transferTo(OutputStream.nullOutputStream());
            }
            assertThat(sum.get()).isEqualTo(checksum(new Pattern()));
        } finally {
            server.stop(Duration.ofMillis(200));
        }
    }

    private static Spool copy(InputStream bytes) throws IOException {
        var spool = new Spool(Answer.IN_MEMORY, Answer.MOST);
        try (bytes) {
            bytes.transferTo(spool.out());
        }
        return spool;
    }
}
