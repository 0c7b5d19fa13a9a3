package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Submission;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.config.Config;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** A gateway with the pages of users, and somebody who looks at them without a browser. */
final class MyFixture implements AutoCloseable {

    final Gateway gateway;
    private final List<Phone> phones = new ArrayList<>();

    private MyFixture(Gateway gateway) {
        this.gateway = gateway;
    }

    static Map<String, String> settings(Path directory, Map<String, String> more) {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "100 ms");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString());
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.put("AIRPOST_LOGIN_VAULT_KEY", directory.resolve("vault.key").toString());
        settings.put("AIRPOST_LOGIN_CERTIFICATES", "accepted");
        settings.putAll(more);
        return settings;
    }

    /** At a mail server of the test. */
    static MyFixture start(Path directory, MailBackend mail, Map<String, String> more) throws IOException {
        Submission submission = (_, _, _, _) -> new Submission.Submitted.Deferred("no");
        return new MyFixture(Gateway.start(Config.load(Optional.empty(), settings(directory, more)), mail, submission));
    }

    /** At the mail server of the settings. */
    static MyFixture start(Path directory, Map<String, String> more) throws IOException {
        return new MyFixture(Gateway.start(Config.load(Optional.empty(), settings(directory, more))));
    }

    String address() {
        return gateway.address().toString();
    }

    SSLContext tls() {
        return new Tls(new Trust.Authorities(gateway.authority().orElseThrow())).context();
    }

    Phone phone(String user, String password, String device) {
        var phone = new Phone(gateway.address(), user, password, ProtocolVersion.V16_1, device, "AirpostPhone", tls());
        phones.add(phone);
        return phone;
    }

    Visitor visitor() {
        return new Visitor(this);
    }

    @Override
    public void close() {
        phones.forEach(Phone::close);
        gateway.close();
    }

    /** A page that came. */
    record Page(int status, HttpResponse<byte[]> answer) {

        String text() {
            return new String(answer.body(), StandardCharsets.UTF_8);
        }

        Document document() {
            return Jsoup.parse(text());
        }

        String header(String name) {
            return answer.headers().firstValue(name).orElse("");
        }

        String csrf() {
            return document().select("input[name=csrf]").attr("value");
        }
    }

    /** Somebody with cookies. */
    static final class Visitor {

        private final MyFixture fixture;
        final CookieManager cookies = new CookieManager();
        private final HttpClient client;

        Visitor(MyFixture fixture) {
            this.fixture = fixture;
            this.client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(fixture.tls())
                    .cookieHandler(cookies)
                    .build();
        }

        Page get(String path, String... headers) throws IOException, InterruptedException {
            return send(request(path, headers).GET());
        }

        Page post(String path, Map<String, String> fields, String... headers) throws IOException, InterruptedException {
            var body = fields.entrySet().stream()
                    .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                    .collect(Collectors.joining("&"));
            return send(request(path, headers)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(body)));
        }

        private static String encode(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }

        private HttpRequest.Builder request(String path, String... headers) {
            var request =
                    HttpRequest.newBuilder(URI.create(fixture.address() + path)).timeout(Duration.ofSeconds(30));
            return headers.length == 0 ? request : request.headers(headers);
        }

        private Page send(HttpRequest.Builder request) throws IOException, InterruptedException {
            var answer = client.send(request.build(), BodyHandlers.ofByteArray());
            return new Page(answer.statusCode(), answer);
        }

        /** The same with the token of a page. */
        Page submit(String from, String path, Map<String, String> fields) throws IOException, InterruptedException {
            var all = new HashMap<>(fields);
            all.put("csrf", get(from).csrf());
            return post(path, all);
        }

        Page signIn(String name, String password) throws IOException, InterruptedException {
            return submit("/me/sign-in", "/me/sign-in", Map.of("name", name, "password", password));
        }

        Visitor signedIn(String name, String password) throws IOException, InterruptedException {
            var answer = signIn(name, password);
            assertThat(answer.status()).as(answer.text()).isEqualTo(303);
            return this;
        }

        /** The value of the session's cookie. */
        String session() {
            return cookies.getCookieStore().getCookies().stream()
                    .filter(cookie -> cookie.getName().equals("__Host-airpost-me"))
                    .map(cookie -> cookie.getValue())
                    .findFirst()
                    .orElse("");
        }
    }
}
