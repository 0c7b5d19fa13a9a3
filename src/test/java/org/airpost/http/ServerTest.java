package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.command.Answer;
import org.airpost.command.Request;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.store.StoreException;
import org.airpost.wbxml.MalformedRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTest {

    private static final byte[] BODY = {3, 1, 106, 0, 69};

    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS", "POST"})
    void noCredentialsGetAChallengeWhateverTheMethod(String method) throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var response = gateway.send(HttpRequest.newBuilder(gateway.uri("/Microsoft-Server-ActiveSync"))
                    .method(method, BodyPublishers.noBody()));
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.headers().firstValue("WWW-Authenticate"))
                    .contains("Basic realm=\"Airpost\", charset=\"UTF-8\"");
            assertThat(gateway.signIns).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"anna:wrong", "anna:", ":secret", "anna", "an\nna:secret"})
    void wrongCredentialsGetAChallenge(String credentials) throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var response = gateway.send(gateway.request(TestGateway.PING)
                    .setHeader("Authorization", TestGateway.basic(credentials.getBytes(StandardCharsets.UTF_8)))
                    .POST(BodyPublishers.noBody()));
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
        }
    }

    @Test
    void credentialsMayBeUtf8OrLatin1() throws Exception {
        var user = new AtomicReference<>("");
        try (var gateway = TestGateway.start(request -> {
            user.set(request.account().user());
            return new Answer.Empty();
        })) {
            for (var charset : List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1)) {
                user.set("");
                var response = gateway.send(gateway.request(TestGateway.PING)
                        .setHeader("Authorization", TestGateway.basic("müller:geheim".getBytes(charset)))
                        .POST(BodyPublishers.noBody()));
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(user).hasValue("müller");
            }
        }
    }

    @Test
    void optionsTellVersionsAndCommands() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var response = gateway.send(gateway.request("").method("OPTIONS", BodyPublishers.noBody()));
            assertThat(response.statusCode()).isEqualTo(200);
            var headers = response.headers();
            assertThat(headers.firstValue("MS-ASProtocolVersions")).contains("12.1,14.0,14.1,16.0,16.1");
            assertThat(headers.firstValue("MS-ASProtocolCommands")).contains("Sync,Ping");
            assertThat(headers.firstValue("MS-Server-ActiveSync")).contains("16.1");
            assertThat(headers.firstValue("Public")).contains("OPTIONS,POST");
            assertThat(headers.firstValue("Allow")).contains("OPTIONS,POST");
            assertThat(headers.firstValue("Content-Length")).contains("0");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/Microsoft-Server-ActiveSync", "/microsoft-server-activesync/", "/MICROSOFT-SERVER-ACTIVESYNC"})
    void aPostReachesTheCommandAtTheAddressInAnyCase(String path) throws Exception {
        var seen = new CompletableFuture<Request>();
        var body = new AtomicReference<>(new byte[0]);
        try (var gateway = TestGateway.start(request -> {
            seen.complete(request);
            body.set(TestGateway.bytes(request));
            return TestGateway.document(BODY);
        })) {
            var response = gateway.send(
                    HttpRequest.newBuilder(gateway.uri(path + "?cmd=Sync&user=anna&deviceid=dev1&devicetype=iPhone"))
                            .header("Authorization", TestGateway.ANNA)
                            .header("MS-ASProtocolVersion", "14.1")
                            .header("Content-Type", "Application/vnd.ms-sync.wbxml; charset=utf-8")
                            .header("User-Agent", "Apple-iPhone/1")
                            .POST(BodyPublishers.ofByteArray(BODY)));
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(BODY);
            var headers = response.headers();
            assertThat(headers.firstValue("Content-Type")).contains("application/vnd.ms-sync.wbxml");
            assertThat(headers.firstValue("Content-Length")).contains("5");
            assertThat(headers.firstValue("Cache-Control")).contains("private");
            assertThat(headers.firstValue("MS-Server-ActiveSync")).contains("16.1");
            assertThat(headers.firstValue("Transfer-Encoding")).isEmpty();
            var request = seen.get(20, TimeUnit.SECONDS);
            assertThat(request.line().command()).isEqualTo(CommandName.SYNC);
            assertThat(request.line().version()).isEqualTo(ProtocolVersion.V14_1);
            assertThat(request.line().deviceId()).isEqualTo("dev1");
            assertThat(request.contentType()).isEqualTo("application/vnd.ms-sync.wbxml");
            assertThat(request.userAgent()).isEqualTo("Apple-iPhone/1");
            assertThat(body.get()).isEqualTo(BODY);
        }
    }

    @Test
    void aBase64QueryReachesTheCommand() throws Exception {
        var seen = new CompletableFuture<Request>();
        try (var gateway = TestGateway.start(request -> {
            seen.complete(request);
            return new Answer.Empty();
        })) {
            var query = new ByteArrayOutputStream();
            query.writeBytes(new byte[] {(byte) 161, 18, 9, 4, 4, 1, 2, 3, (byte) 0xAB, 0, 2, 'W', 'P'});
            var response = gateway.post(Base64.getEncoder().encodeToString(query.toByteArray()), new byte[0]);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(seen.get(20, TimeUnit.SECONDS).line().command()).isEqualTo(CommandName.PING);
            assertThat(seen.get(20, TimeUnit.SECONDS).line().deviceId()).isEqualTo("010203AB");
        }
    }

    @Test
    void gzipIsUndoneInRequestsAndUsedInAnswersIfAsked() throws Exception {
        var text = "ABCDEFGH".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        try (var gateway = TestGateway.start(request -> TestGateway.document(TestGateway.bytes(request)))) {
            var response = gateway.send(gateway.request(TestGateway.PING)
                    .header("Content-Encoding", "gzip")
                    .header("Accept-Encoding", "deflate, gzip;q=0.5")
                    .POST(BodyPublishers.ofByteArray(gzip(text))));
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
            assertThat(response.headers().firstValue("Content-Length")).contains("" + response.body().length);
            assertThat(new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes())
                    .isEqualTo(text);

            var plain = gateway.send(gateway.request(TestGateway.PING)
                    .header("Accept-Encoding", "gzip;q=0")
                    .POST(BodyPublishers.ofByteArray(text)));
            assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
            assertThat(plain.body()).isEqualTo(text);

            var small = gateway.send(gateway.request(TestGateway.PING)
                    .header("Accept-Encoding", "gzip")
                    .POST(BodyPublishers.ofByteArray(BODY)));
            assertThat(small.headers().firstValue("Content-Encoding")).isEmpty();
        }
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    @Test
    void anEmptyAnswerHasItsTypeAndItsLength() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var response = gateway.post(TestGateway.PING, BODY);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type")).contains("application/vnd.ms-sync.wbxml");
            assertThat(response.headers().firstValue("Content-Length")).contains("0");
        }
    }

    @Test
    void aMultiPartAnswerBeginsWithTheTableOfItsParts() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.MultiPart(
                TestGateway.spool(BODY),
                List.of(TestGateway.spool(new byte[] {7, 8, 9}), TestGateway.spool(new byte[0]))))) {
            var response = gateway.send(gateway.request(TestGateway.PING)
                    .header("Accept-Encoding", "gzip")
                    .POST(BodyPublishers.noBody()));
            assertThat(response.headers().firstValue("Content-Type")).contains("application/vnd.ms-sync.multipart");
            var bytes = ByteBuffer.wrap(response.body()).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(bytes.getInt()).isEqualTo(3);
            assertThat(List.of(
                            bytes.getInt(),
                            bytes.getInt(),
                            bytes.getInt(),
                            bytes.getInt(),
                            bytes.getInt(),
                            bytes.getInt()))
                    .containsExactly(28, 5, 33, 3, 36, 0);
            var rest = new byte[bytes.remaining()];
            bytes.get(rest);
            assertThat(rest).containsExactly(3, 1, 106, 0, 69, 7, 8, 9);
        }
    }

    @Test
    void anHttpStatusOfACommandGoesOutWithItsHeaders() throws Exception {
        try (var gateway =
                TestGateway.start(_ -> new Answer.Http(451, Map.of("X-MS-Location", "https://other.example.org")))) {
            var response = gateway.post(TestGateway.PING, BODY);
            assertThat(response.statusCode()).isEqualTo(451);
            assertThat(response.headers().firstValue("X-MS-Location")).contains("https://other.example.org");
            assertThat(response.headers().firstValue("Content-Length")).contains("0");
        }
    }

    @Test
    void whatCannotBeServedSaysWhy() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var unknown = gateway.post("Cmd=Fly&User=anna&DeviceId=dev1&DeviceType=t", BODY);
            assertThat(unknown.statusCode()).isEqualTo(501);
            assertThat(new String(unknown.body(), StandardCharsets.UTF_8)).contains("Fly");
            assertThat(gateway.post("Cmd=Sync", BODY).statusCode()).isEqualTo(400);
            assertThat(gateway.post("", BODY).statusCode()).isEqualTo(400);
            assertThat(gateway.send(gateway.request(TestGateway.PING)
                                    .setHeader("MS-ASProtocolVersion", "2.5")
                                    .POST(BodyPublishers.noBody()))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(gateway.send(gateway.request(TestGateway.PING)
                                    .setHeader("Content-Type", "text/html")
                                    .POST(BodyPublishers.ofByteArray(BODY)))
                            .statusCode())
                    .isEqualTo(415);
            assertThat(gateway.send(gateway.request(TestGateway.PING)
                                    .setHeader("Content-Encoding", "br")
                                    .POST(BodyPublishers.ofByteArray(BODY)))
                            .statusCode())
                    .isEqualTo(415);
            var get = gateway.send(gateway.request(TestGateway.PING).GET());
            assertThat(get.statusCode()).isEqualTo(405);
            assertThat(get.headers().firstValue("Allow")).contains("OPTIONS,POST");
            assertThat(gateway.send(gateway.request(TestGateway.PING).method("HEAD", BodyPublishers.noBody()))
                            .statusCode())
                    .isEqualTo(405);
            assertThat(gateway.send(gateway.request(TestGateway.PING).method("BREW", BodyPublishers.noBody()))
                            .statusCode())
                    .isEqualTo(501);
            assertThat(gateway.post(TestGateway.PING, BODY).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aTypeIsNotNeededAndMailComesAsItself() throws Exception {
        var types = new ConcurrentLinkedQueue<String>();
        try (var gateway = TestGateway.start(request -> {
            types.add(request.contentType());
            return new Answer.Empty();
        })) {
            gateway.send(HttpRequest.newBuilder(gateway.uri("/Microsoft-Server-ActiveSync?" + TestGateway.PING))
                    .header("Authorization", TestGateway.ANNA)
                    .POST(BodyPublishers.noBody()));
            gateway.send(gateway.request(TestGateway.SEND_MAIL)
                    .setHeader("Content-Type", "message/rfc822")
                    .POST(BodyPublishers.ofString("Subject: x\r\n\r\n")));
            assertThat(types).containsExactly("", "message/rfc822");
        }
    }

    @Test
    void exceptionsBecomeStatuses() throws Exception {
        var thrown = new AtomicReference<RuntimeException>(new IllegalStateException());
        try (var gateway = TestGateway.start(_ -> {
            throw thrown.get();
        })) {
            thrown.set(new BackendUnavailableException("imap is away", Duration.ofSeconds(20)));
            var away = gateway.post(TestGateway.PING, BODY);
            assertThat(away.statusCode()).isEqualTo(503);
            assertThat(Long.parseLong(away.headers().firstValue("Retry-After").orElseThrow()))
                    .isBetween(20L, 31L);
            thrown.set(new StoreException("disk"));
            assertThat(gateway.post(TestGateway.PING, BODY).statusCode()).isEqualTo(503);
            thrown.set(new MalformedRequestException("not WBXML", 3, ""));
            assertThat(gateway.post(TestGateway.PING, BODY).statusCode()).isEqualTo(400);
            thrown.set(new StatusException(CommonStatus.SERVER_ERROR, "test"));
            assertThat(gateway.post(TestGateway.PING, BODY).statusCode()).isEqualTo(500);
            thrown.set(new IllegalStateException("a bug, of this test"));
            assertThat(gateway.post(TestGateway.PING, BODY).statusCode()).isEqualTo(500);
            // It is counted down after the answer has left.
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.server.requestsUnderWay() == 0);
        }
    }

    @Test
    void whoCannotBeCheckedNowComesBackLater() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            for (var user : List.of("limited:x", "away:x")) {
                var response = gateway.send(gateway.request(TestGateway.PING)
                        .setHeader("Authorization", TestGateway.basic(user.getBytes(StandardCharsets.UTF_8)))
                        .POST(BodyPublishers.noBody()));
                assertThat(response.statusCode()).isEqualTo(503);
                assertThat(response.headers().firstValue("Retry-After")).isPresent();
            }
        }
    }

    @Test
    void otherAddressesHaveHealthAPageOrNothing() throws Exception {
        try (var gateway = TestGateway.start(_ -> new Answer.Empty())) {
            var health = gateway.send(HttpRequest.newBuilder(gateway.uri("/healthz")));
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(new String(health.body(), StandardCharsets.UTF_8)).isEqualTo("ok\n");
            assertThat(gateway.send(HttpRequest.newBuilder(gateway.uri("/readyz")))
                            .statusCode())
                    .isEqualTo(200);
            var page = gateway.send(HttpRequest.newBuilder(gateway.uri("/")));
            assertThat(new String(page.body(), StandardCharsets.UTF_8)).contains("Exchange ActiveSync");
            assertThat(gateway.send(HttpRequest.newBuilder(gateway.uri("/autodiscover/other.xml")))
                            .statusCode())
                    .isEqualTo(404);
            assertThat(gateway.send(HttpRequest.newBuilder(gateway.uri("/healthz"))
                                    .POST(BodyPublishers.ofString("x")))
                            .statusCode())
                    .isEqualTo(405);
        }
    }
}
