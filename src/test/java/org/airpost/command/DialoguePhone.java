package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import org.airpost.eas.ProtocolVersion;
import org.awaitility.Awaitility;

/** One device of a dialogue: sends whatever it is told to, and keeps the answers that have not been looked at. */
final class DialoguePhone {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** How long a request must stay unanswered to be taken for a held one. */
    private static final Duration HELD = Duration.ofMillis(200);

    private final HttpClient client;
    private final URI server;
    private final String user;
    private final String device;
    private final ProtocolVersion version;
    private final Deque<CompletableFuture<HttpResponse<byte[]>>> open = new ArrayDeque<>();
    private Optional<HttpRequest> last = Optional.empty();
    private Optional<String> policyKey = Optional.empty();

    DialoguePhone(HttpClient client, URI server, String user, String device, ProtocolVersion version) {
        this.client = client;
        this.server = server;
        this.user = user;
        this.device = device;
        this.version = version;
    }

    void policyKey(String key) {
        policyKey = Optional.of(key);
    }

    /** Sends a request; headers and parameters replace the usual ones, a header "none" takes one away. */
    void send(String command, String parameters, Map<String, String> changed, byte[] body) {
        var headers = new LinkedHashMap<String, String>();
        var credentials = (user + ":secret").getBytes(UTF_8);
        headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
        headers.put("MS-ASProtocolVersion", version.text());
        policyKey.ifPresent(key -> headers.put("X-MS-PolicyKey", key));
        if (body.length > 0) {
            headers.put("Content-Type", "application/vnd.ms-sync.wbxml");
        }
        headers.putAll(changed);
        boolean isMethod = command.equals("OPTIONS") || command.equals("GET") || command.equals("BREW");
        var query = isMethod
                ? ""
                : "?Cmd=%s&User=%s&DeviceId=%s&DeviceType=Dialogue%s".formatted(command, user, device, parameters);
        var request = HttpRequest.newBuilder(server.resolve("/Microsoft-Server-ActiveSync" + query))
                .timeout(PATIENCE)
                .method(isMethod ? command : "POST", BodyPublishers.ofByteArray(body));
        headers.forEach((name, value) -> {
            if (!value.equals("none")) {
                request.header(name, value);
            }
        });
        send(request.build());
    }

    /** Sends the last request once more, byte for byte, as after a lost answer. */
    void sendAgain() {
        send(last.orElseThrow(() -> new AssertionError("nothing to send again")));
    }

    private void send(HttpRequest request) {
        last = Optional.of(request);
        open.add(client.sendAsync(request, BodyHandlers.ofByteArray()));
    }

    /** The answer to the oldest request that has not been looked at. */
    HttpResponse<byte[]> answer() throws InterruptedException {
        try {
            return present(open.poll()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer: " + e, e);
        }
    }

    /** True if the newest request comes to be held, and stays so for a moment. */
    boolean waits(IntSupplier held) throws InterruptedException {
        var newest = present(open.peekLast());
        Awaitility.await().atMost(PATIENCE).until(() -> newest.isDone() || held.getAsInt() > 0);
        try {
            newest.get(HELD.toMillis(), TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        } catch (ExecutionException e) {
            throw new AssertionError("no answer: " + e, e);
        }
    }

    int unanswered() {
        return open.size();
    }

    private static CompletableFuture<HttpResponse<byte[]>> present(
            @org.jspecify.annotations.Nullable CompletableFuture<HttpResponse<byte[]>> future) {
        return Optional.ofNullable(future).orElseThrow(() -> new AssertionError("no request is under way"));
    }
}
