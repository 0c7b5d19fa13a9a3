package org.airpost.phone;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.wbxml.MalformedRequestException;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;

/** EAS over HTTP/1.1, from the phone's side: request line, headers, time limits. Source: MS-ASHTTP. For several threads. */
final class Wire implements AutoCloseable {

    static final String WBXML = "application/vnd.ms-sync.wbxml";
    static final String MULTIPART = "application/vnd.ms-sync.multipart";
    static final String RFC822 = "message/rfc822";
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int MOST_BYTES = 256 << 20;
    private static final WbxmlLimits ANSWER = new WbxmlLimits(32, 2_000_000, 64 << 20, MOST_BYTES);
    private static final byte[] ENGLISH = {0x09, 0x04}; // MS-LCID 0x0409, little endian
    private static final int LONGEST_DEVICE_ID = 16;
    private static final int OPTIONS_TAG = 7;
    private static final int SAVE_IN_SENT_BIT = 1;
    private static final int ACCEPT_MULTI_PART_BIT = 2;

    /** One command to be sent. */
    record Post(
            CommandName command,
            String contentType,
            byte[] body,
            Map<Parameter, String> parameters,
            boolean saveInSent,
            boolean acceptMultiPart,
            Duration patience) {

        static Post of(CommandName command, byte[] body) {
            return new Post(command, WBXML, body, Map.of(), false, false, PATIENCE);
        }

        Post patience(Duration longer) {
            return new Post(command, contentType, body, parameters, saveInSent, acceptMultiPart, longer);
        }

        Post multiPart() {
            return new Post(command, contentType, body, parameters, saveInSent, true, patience);
        }
    }

    private final HttpClient client;
    private final boolean ownsClient;
    private final URI address;
    private final String user;
    private final String authorization;
    private final ProtocolVersion version;
    private final String deviceId;
    private final String deviceType;
    private final QueryForm form;
    private final Violations violations;
    private volatile Optional<Long> policyKey = Optional.empty();

    /** One over a client that it closes in the end, if it owns it. */
    private final AtomicLong waited = new AtomicLong();

    /** How long it has waited for answers in all, from the request until the last byte. */
    Duration waited() {
        return Duration.ofNanos(waited.get());
    }

    Wire(
            HttpClient client,
            boolean ownsClient,
            URI server,
            String user,
            String password,
            ProtocolVersion version,
            String deviceId,
            String deviceType,
            QueryForm form,
            Violations violations) {
        var path = server.getPath();
        this.address = path == null || path.isEmpty() || path.equals("/")
                ? server.resolve("/Microsoft-Server-ActiveSync")
                : server;
        this.user = user;
        this.authorization = "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
        this.version = version;
        this.deviceId = deviceId;
        this.deviceType = deviceType;
        this.form = form;
        this.violations = violations;
        this.client = client;
        this.ownsClient = ownsClient;
    }

    static HttpClient client(SSLContext tls) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(20))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(tls)
                .build();
    }

    ProtocolVersion version() {
        return version;
    }

    Optional<Long> policyKey() {
        return policyKey;
    }

    void policyKey(Optional<Long> key) {
        policyKey = key;
    }

    /** Sends a command; the answer has HTTP status 200, of whatever content. */
    Reply post(Post post) {
        var reply = answer(post);
        if (reply.status() != 200) {
            throw new PhoneException(
                    reply.status(),
                    "%s at %s was answered with HTTP %d%s"
                            .formatted(post.command().text(), address, reply.status(), explain(reply)));
        }
        return reply;
    }

    /** Sends a command; the answer has whatever HTTP status. */
    Reply answer(Post post) {
        var request = HttpRequest.newBuilder(address(post))
                .timeout(post.patience())
                .header("Authorization", authorization)
                .header("MS-ASProtocolVersion", version.text())
                .header("User-Agent", "Airpost-Phone/1")
                .header("Accept-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(post.body()));
        if (post.body().length > 0) {
            request.header("Content-Type", post.contentType());
        }
        if (post.acceptMultiPart() && form == QueryForm.PLAIN) {
            request.header("MS-ASAcceptMultiPart", "T");
        }
        if (form == QueryForm.PLAIN) {
            policyKey.ifPresent(key -> request.header("X-MS-PolicyKey", Long.toString(key)));
        }
        return send(request.build(), post.command().text(), post.patience());
    }

    /** Asks for OPTIONS. */
    Reply options() {
        var request = HttpRequest.newBuilder(address)
                .timeout(PATIENCE)
                .header("Authorization", authorization)
                .header("User-Agent", "Airpost-Phone/1")
                .method("OPTIONS", BodyPublishers.noBody())
                .build();
        var reply = send(request, "OPTIONS", PATIENCE);
        if (reply.status() != 200) {
            throw new PhoneException(
                    reply.status(),
                    "OPTIONS at %s was answered with HTTP %d%s".formatted(address, reply.status(), explain(reply)));
        }
        return reply;
    }

    @Override
    public void close() {
        if (ownsClient) {
            client.shutdownNow(); // a held Ping need not end first
            client.close();
        }
    }

    /** A document as bytes. */
    static byte[] document(Consumer<WbxmlWriter> content) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            content.accept(out);
        }
        return bytes.toByteArray();
    }

    /** Reads the answer of a command. */
    static void read(CommandName command, byte[] body, Consumer<WbxmlReader> content) {
        try {
            content.accept(new WbxmlReader(new ByteArrayInputStream(body), ANSWER));
        } catch (MalformedRequestException e) {
            throw new PhoneException(
                    200, "the answer to %s cannot be read: %s".formatted(command.text(), e.getMessage()));
        }
    }

    private Reply send(HttpRequest request, String what, Duration patience) {
        long begin = System.nanoTime();
        var sent = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            // The time limit of HttpRequest ends with the headers; this one holds for the body too.
            var response = sent.get(patience.toMillis() + 1_000, TimeUnit.MILLISECONDS);
            waited.addAndGet(System.nanoTime() - begin);
            var reply = new Reply(response.statusCode(), response.headers(), plain(response));
            checkHeaders(what, response, reply);
            return reply;
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new PhoneException("%s at %s failed: %s".formatted(what, address, reason(cause)), cause);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new PhoneException("%s at %s was not answered in %s".formatted(what, address, patience), e);
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new PhoneException("%s at %s was interrupted".formatted(what, address), e);
        }
    }

    private static String reason(Throwable cause) {
        var message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private void checkHeaders(String what, HttpResponse<byte[]> response, Reply reply) {
        if (reply.status() != 200 || what.equals("OPTIONS")) {
            return;
        }
        violations.check(
                response.headers().firstValue("Content-Length").isPresent(), "HT-01", what, "no Content-Length");
        if (!reply.isEmpty()) {
            var type = reply.contentType();
            violations.check(
                    type.equals(WBXML) || type.equals(MULTIPART), "HT-01", what, "Content-Type \"%s\"".formatted(type));
        }
    }

    private static byte[] plain(HttpResponse<byte[]> response) {
        var body = response.body();
        if (!response.headers().firstValue("Content-Encoding").orElse("").equalsIgnoreCase("gzip")) {
            return body;
        }
        try (var in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readNBytes(MOST_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException("the answer is no gzip", e);
        }
    }

    private static String explain(Reply reply) {
        return switch (reply.status()) {
            case 401 -> ": the user name or the password is wrong";
            case 403 -> ": this user or device is not allowed";
            case 404 -> ": there is no EAS server at this address";
            case 449 -> ": Provision first";
            case 451 -> ": use " + reply.headers().firstValue("X-MS-Location").orElse("another server");
            case 503 ->
                ": busy, or the mail server is away"
                        + reply.headers()
                                .firstValue("Retry-After")
                                .map(seconds -> "; retry after " + seconds + " s")
                                .orElse("");
            default -> "";
        };
    }

    private URI address(Post post) {
        var query = form == QueryForm.PLAIN ? plainQuery(post) : base64Query(post);
        return URI.create(address + "?" + query);
    }

    private String plainQuery(Post post) {
        var query = new StringBuilder("Cmd=%s&User=%s&DeviceId=%s&DeviceType=%s"
                .formatted(
                        post.command().text(),
                        URLEncoder.encode(user, UTF_8),
                        URLEncoder.encode(deviceId, UTF_8),
                        URLEncoder.encode(deviceType, UTF_8)));
        post.parameters()
                .forEach((name, value) ->
                        query.append('&').append(name.text()).append('=').append(URLEncoder.encode(value, UTF_8)));
        if (post.saveInSent()) {
            query.append("&SaveInSent=T");
        }
        return query.toString();
    }

    /** Source: MS-ASHTTP "Base64-Encoded Query Value". */
    private String base64Query(Post post) {
        var bytes = new ByteArrayOutputStream();
        bytes.write(version.code());
        bytes.write(post.command().code());
        bytes.writeBytes(ENGLISH);
        sized(bytes, rawDeviceId());
        var key = policyKey;
        if (key.isPresent()) {
            long value = key.get();
            sized(bytes, new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)});
        } else {
            bytes.write(0);
        }
        sized(bytes, deviceType.getBytes(UTF_8));
        post.parameters().forEach((name, value) -> {
            bytes.write(name.tag());
            sized(bytes, value.getBytes(UTF_8));
        });
        int options = (post.saveInSent() ? SAVE_IN_SENT_BIT : 0) | (post.acceptMultiPart() ? ACCEPT_MULTI_PART_BIT : 0);
        if (options != 0) {
            bytes.write(OPTIONS_TAG);
            sized(bytes, new byte[] {(byte) options});
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    /** A device id that is upper case hexadecimal is the text form of raw bytes; any other is its own bytes. */
    private byte[] rawDeviceId() {
        boolean hexadecimal = deviceId.length() % 2 == 0 && deviceId.matches("[0-9A-F]+");
        var raw = hexadecimal ? HexFormat.of().parseHex(deviceId) : deviceId.getBytes(UTF_8);
        if (raw.length > LONGEST_DEVICE_ID) {
            throw new IllegalStateException(
                    "device id \"%s\" does not fit in a base64 query: at most 16 bytes".formatted(deviceId));
        }
        return raw;
    }

    private static void sized(ByteArrayOutputStream out, byte[] value) {
        if (value.length > 255) {
            throw new IllegalArgumentException(
                    "a value of %d bytes does not fit in a base64 query".formatted(value.length));
        }
        out.write(value.length);
        out.writeBytes(value);
    }
}
