package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.backend.BackendUnavailableException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SitesTest {

    private final AtomicReference<@Nullable WebRequest> seen = new AtomicReference<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Server server = Server.start(
            TestGateway.settings(),
            Gateway.ofSites(Map.of("try", this::answer), () -> Readiness.of(true), Clock.systemUTC(), new Random(1)));

    private WebReply answer(WebRequest request) {
        seen.set(request);
        return switch (request.path().size() > 1 ? request.path().get(1) : "") {
            case "cookies" ->
                WebReply.html(200, "<p>").withCookie("a=1; Path=/").withCookie("b=2; Path=/");
            case "away" -> throw new BackendUnavailableException("imap is away", Duration.ofSeconds(20));
            case "bug" -> throw new IllegalStateException("a bug");
            case "own" -> WebReply.text(200, "own").with("Cache-Control", "public");
            default -> WebReply.text(200, "there");
        };
    }

    /** The last one that the site got. */
    private WebRequest request() {
        return Objects.requireNonNull(seen.get());
    }

    @AfterEach
    void stop() {
        client.shutdownNow();
        server.stop(Duration.ofMillis(200));
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(to(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** As no client library would send it. */
    private String raw(String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write((request + "\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aSiteGetsWhatIsBelowItsPlaceDecodedSegmentBySegment() throws Exception {
        assertThat(get("/try/a%2Fb/anna%40example.org/?q=x%26y&q=z&w").statusCode())
                .isEqualTo(200);
        var request = request();
        assertThat(request.path()).containsExactly("try", "a/b", "anna@example.org");
        assertThat(request.query().all("q")).containsExactly("x&y", "z");
        assertThat(request.query().has("w")).isTrue();
        assertThat(request.secure()).isFalse();
        assertThat(request.remote()).isEqualTo("127.0.0.1");
        assertThat(get("/trying").statusCode()).isEqualTo(404);
        assertThat(get("/").statusCode()).isEqualTo(200); // the page that says what this is
    }

    @Test
    void aPathThatTriesSomethingIsRefused() throws Exception {
        for (var path : List.of(
                "/try/../etc",
                "/try/./x",
                "/try//x",
                "/try/%2e%2e/x",
                "/try/%2E/x",
                "/try/%00",
                "/try/%zz",
                "/try/%0d%0aX:%20y",
                "/try/%C0%AE%C0%AE/x",
                "/try/%")) {
            seen.set(null);
            assertThat(raw("GET " + path + " HTTP/1.1")).as(path).startsWith("HTTP/1.1 400 ");
            assertThat(seen.get()).as(path).isNull();
        }
    }

    @Test
    void aFormIsReadAndAnotherBodyIsNoForm() throws Exception {
        client.send(
                to("/try")
                        .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                        .POST(BodyPublishers.ofString("name=M%C3%BCller+Anna&box=1&box=2"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(request().form().text("name")).isEqualTo("Müller Anna");
        assertThat(request().form().all("box")).containsExactly("1", "2");
        client.send(
                to("/try")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("a=1"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(request().form()).isEqualTo(Fields.NONE);
        assertThat(request().body()).asString(StandardCharsets.UTF_8).isEqualTo("a=1");
        var broken = client.send(
                to("/try")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("a=%zz"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(broken.statusCode()).isEqualTo(400);
    }

    @Test
    void aBodyThatIsTooLargeOrCompressedIsRefused() throws Exception {
        var large = client.send(
                to("/try")
                        .POST(BodyPublishers.ofByteArray(new byte[WebRequest.MOST_BYTES + 1]))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(large.statusCode()).isEqualTo(413);
        var zipped = client.send(
                to("/try")
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofString("x"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(zipped.statusCode()).isEqualTo(415);
        assertThat(seen.get()).isNull();
    }

    @Test
    void eachReplyHasTheSecurityHeadersUnlessItHasItsOwn() throws Exception {
        var headers = get("/try").headers();
        assertThat(headers.firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'")
                .doesNotContain("unsafe");
        assertThat(headers.map())
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .containsEntry("x-frame-options", List.of("DENY"))
                .containsEntry("referrer-policy", List.of("same-origin"))
                .containsEntry("cache-control", List.of("no-store"));
        assertThat(get("/try/own").headers().firstValue("Cache-Control")).hasValue("public");
    }

    @Test
    void eachCookieHasALineOfItsOwn() throws Exception {
        assertThat(get("/try/cookies").headers().allValues("Set-Cookie"))
                .containsExactlyInAnyOrder("a=1; Path=/", "b=2; Path=/");
        client.send(to("/try").header("Cookie", "x=1; __Host-a=b=c; y").build(), HttpResponse.BodyHandlers.ofString());
        assertThat(request().cookie("__Host-a")).hasValue("b=c");
        assertThat(request().cookie("Host-a")).isEmpty();
    }

    @Test
    void whatASiteThrowsIsAnsweredAsForAPhone() throws Exception {
        assertThat(get("/try/away").statusCode()).isEqualTo(503);
        assertThat(get("/try/bug").statusCode()).isEqualTo(500);
        assertThat(get("/try/bug").body()).doesNotContain("IllegalState");
    }

    @Test
    void whereSitesAloneAreThereIsNoActiveSyncAndNoAutodiscover() throws Exception {
        assertThat(get("/Microsoft-Server-ActiveSync").statusCode()).isEqualTo(404);
        assertThat(get("/autodiscover/autodiscover.json/v1.0/a@example.org?Protocol=ActiveSync")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aHeaderThatWouldBeTwoIsRefused() {
        assertThatThrownBy(() -> WebReply.text(200, "x").with("Location", "/a\r\nSet-Cookie: b=c"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WebReply.text(200, "x").withCookie("a=\nb"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WebReply.text(200, "x").with("A: b\r\nC", "d"))
                .isInstanceOf(IllegalArgumentException.class);
        for (var elsewhere : List.of("//evil.example", "https://evil.example", "/\\evil.example", "evil", "")) {
            assertThatThrownBy(() -> WebReply.redirect(elsewhere))
                    .as(elsewhere)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(WebReply.redirect("/admin?x=1").headers()).containsEntry("Location", "/admin?x=1");
    }

    @Test
    void aProxyThatIsBelievedSaysThatItWasTls() throws Exception {
        var behind = Server.start(
                TestGateway.settings().withProxies(Proxies.of(List.of("127.0.0.1"))),
                Gateway.ofSites(
                        Map.of("try", this::answer), () -> Readiness.of(true), Clock.systemUTC(), new Random(1)));
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + behind.port() + "/try"))
                    .header("X-Forwarded-Proto", "https")
                    .header("X-Forwarded-For", "203.0.113.7")
                    .build();
            client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(request().secure()).isTrue();
            assertThat(request().remote()).isEqualTo("203.0.113.7");
        } finally {
            behind.stop(Duration.ofMillis(200));
        }
    }
}
