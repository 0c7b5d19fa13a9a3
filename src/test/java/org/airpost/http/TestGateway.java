package org.airpost.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.RefusingMail;
import org.airpost.command.Answer;
import org.airpost.command.Request;
import org.airpost.eas.Spool;

/** A server on a free port without TLS, with three users: anna/secret, müller/geheim; "limited" and "away" cannot sign in. */
final class TestGateway implements AutoCloseable {

    static final String PING = "Cmd=Ping&User=anna&DeviceId=dev1&DeviceType=test";
    static final String SEND_MAIL = "Cmd=SendMail&User=anna&DeviceId=dev1&DeviceType=test";
    static final String ANNA = basic("anna:secret".getBytes(StandardCharsets.UTF_8));

    final Server server;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final AtomicInteger signIns = new AtomicInteger();

    private TestGateway(UnaryOperator<HttpSettings> tune, Discovery discovery, Function<Request, Answer> commands) {
        server = Server.start(tune.apply(settings()), gateway(this::authenticate, discovery, commands));
    }

    static TestGateway start(Discovery discovery, Function<Request, Answer> commands) {
        return new TestGateway(UnaryOperator.identity(), discovery, commands);
    }

    static TestGateway start(Function<Request, Answer> commands) {
        return new TestGateway(UnaryOperator.identity(), Discovery.AS_ASKED, commands);
    }

    static TestGateway start(UnaryOperator<HttpSettings> tune, Function<Request, Answer> commands) {
        return new TestGateway(tune, Discovery.AS_ASKED, commands);
    }

    static HttpSettings settings() {
        return HttpSettings.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    static Gateway gateway(Authenticator authenticator, Function<Request, Answer> commands) {
        return gateway(authenticator, Discovery.AS_ASKED, commands);
    }

    static Gateway gateway(Authenticator authenticator, Discovery discovery, Function<Request, Answer> commands) {
        return new Gateway(
                authenticator, commands, () -> "Sync,Ping", () -> true, discovery, Clock.systemUTC(), new Random(1));
    }

    private Authenticator.Result authenticate(Authenticator.Shown shown) {
        signIns.incrementAndGet();
        return signIn(shown);
    }

    static Authenticator.Result signIn(Authenticator.Shown shown) {
        var credentials = shown.credentials().orElseThrow();
        return switch (credentials.user() + ":" + credentials.password()) {
            case "anna:secret", "müller:geheim" -> new Authenticator.Result.Accepted(account(credentials));
            case "limited:x" -> new Authenticator.Result.Limited(Duration.ofSeconds(60));
            case "away:x" ->
                throw new BackendUnavailableException("imap.example.org does not answer", Duration.ofSeconds(20));
            default -> new Authenticator.Result.Refused();
        };
    }

    private static Account account(Credentials credentials) {
        return new Account(credentials.user(), credentials, new RefusingMail(), List.of("anna@example.org"), "Anna");
    }

    static String basic(byte[] credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials);
    }

    static Answer document(byte[] bytes) {
        return new Answer.Document(spool(bytes));
    }

    static Spool spool(byte[] bytes) {
        var spool = new Spool(Answer.IN_MEMORY, Answer.MOST);
        try {
            spool.out().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return spool;
    }

    static byte[] bytes(Request request) {
        try (var in = request.openBody()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.port();
    }

    URI uri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:" + port() + pathAndQuery);
    }

    HttpRequest.Builder request(String query) {
        return HttpRequest.newBuilder(uri("/Microsoft-Server-ActiveSync?" + query))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", ANNA)
                .header("MS-ASProtocolVersion", "16.1")
                .header("Content-Type", "application/vnd.ms-sync.wbxml");
    }

    HttpResponse<byte[]> post(String query, byte[] body) throws IOException, InterruptedException {
        return send(request(query).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    RawPhone raw() throws IOException {
        return new RawPhone(new Socket(InetAddress.getLoopbackAddress(), port()));
    }

    /** One that the server cannot send much ahead to. */
    RawPhone rawWithSmallBuffer() throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(32 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
        return new RawPhone(socket);
    }

    /** The head of a POST as bytes on the wire. */
    static String head(String query, Map<String, String> headers) {
        var text = new StringBuilder("POST /Microsoft-Server-ActiveSync?" + query + " HTTP/1.1\r\n"
                + "Host: localhost\r\nMS-ASProtocolVersion: 16.1\r\nContent-Type: application/vnd.ms-sync.wbxml\r\n");
        headers.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        return text.append("\r\n").toString();
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.stop(Duration.ofMillis(200));
    }
}
