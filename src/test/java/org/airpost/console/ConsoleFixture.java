package org.airpost.console;

import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.airpost.admin.Actor;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.admin.Totp;
import org.airpost.app.Gateway;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.config.Config;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** A gateway with a console, a mail server in memory, and phones of it. */
final class ConsoleFixture implements AutoCloseable {

    static final String PASSWORD = "correct horse battery";
    static final Actor CLI = Actor.ofSocket("test");

    final MemoryMail mail = new MemoryMail(InstantSource.system())
            .user("anna", "secret")
            .user("bob", "secret")
            .user("carla", "secret");
    final TroubledMail trouble = new TroubledMail(mail);
    final Gateway gateway;
    final Map<String, byte[]> secrets = new HashMap<>();
    private final List<Phone> phones = new ArrayList<>();

    private ConsoleFixture(Path directory, Map<String, String> more) throws IOException {
        var settings = new HashMap<>(Map.of(
                "AIRPOST_HTTP_PORT", "0",
                "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                "AIRPOST_HTTP_GRACEFUL_STOP", "100 ms",
                "AIRPOST_CONSOLE_PORT", "0",
                "AIRPOST_CONSOLE_LOGIN_TRIES", "1000",
                "AIRPOST_LOG_LEVEL", "warn",
                "AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString(),
                "AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString()));
        settings.put("AIRPOST_LOGIN_VAULT_KEY", directory.resolve("vault.key").toString());
        settings.putAll(more);
        this.gateway = Gateway.start(Config.load(Optional.empty(), settings), trouble, trouble);
    }

    static ConsoleFixture start(Path directory) throws IOException {
        return start(directory, Map.of());
    }

    static ConsoleFixture start(Path directory, Map<String, String> more) throws IOException {
        return new ConsoleFixture(directory, more);
    }

    String address() {
        return gateway.consoleAddress().orElseThrow().toString();
    }

    SSLContext tls() {
        return new Tls(new Trust.Authorities(gateway.authority().orElseThrow())).context();
    }

    /** A phone that has synced its Inbox. */
    Phone phone(String user, String deviceId, String type, ProtocolVersion version) {
        var phone = new Phone(gateway.address(), user, "secret", version, deviceId, type, tls());
        phones.add(phone);
        phone.provision();
        phone.settingsDeviceInformation();
        phone.folderSync();
        return phone;
    }

    /** An account that is set up, with the password of all. */
    void admin(String name, Role role) {
        var accounts = gateway.adminAccounts();
        var token = value(accounts.add(CLI, name, role));
        var secret = accounts.invited(token).orElseThrow().secret();
        secrets.put(name, secret);
        // The code of the step before, so that the first sign-in can use the one of now.
        value(accounts.setUp(token, PASSWORD, Totp.code(secret, Instant.now().minusSeconds(30)), "test"));
    }

    /** A code that was not used yet: of now, or if that was used, of the next step, which counts already. */
    String code(String name, int ahead) {
        return Totp.code(
                Objects.requireNonNull(secrets.get(name), name), Instant.now().plusSeconds(30L * ahead));
    }

    static <T> T value(Result<T> result) {
        return switch (result) {
            case Result.Done<T>(var value) -> value;
            case Result.Refused<T>(var why, var words) -> throw new AssertionError(why + ": " + words);
        };
    }

    /** A browser without scripts and pictures: cookies and forms. */
    Visitor visitor() {
        return new Visitor();
    }

    final class Visitor {
        final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
        final HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls())
                .cookieHandler(cookies)
                .build();

        HttpRequest.Builder to(String path) {
            return HttpRequest.newBuilder(URI.create(address() + path)).timeout(Duration.ofSeconds(20));
        }

        HttpResponse<String> send(HttpRequest request) {
            try {
                return client.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                throw new AssertionError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }

        HttpResponse<String> get(String path) {
            return send(to(path).build());
        }

        Document page(String path) {
            return Jsoup.parse(get(path).body());
        }

        HttpResponse<String> post(String path, Map<String, String> fields) {
            return send(to(path).header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Sec-Fetch-Site", "same-origin")
                    .POST(BodyPublishers.ofString(encoded(fields)))
                    .build());
        }

        /** With the token of the session, as a page has it. */
        HttpResponse<String> act(String path, Map<String, String> fields) {
            var all = new HashMap<>(fields);
            all.put("csrf", csrf());
            return post(path, all);
        }

        String csrf() {
            return page("/admin/no-such-page").select("input[name=csrf]").attr("value");
        }

        HttpResponse<String> signIn(String name, String password, String code) {
            var token = page("/admin/sign-in").select("input[name=csrf]").attr("value");
            return post("/admin/sign-in", Map.of("csrf", token, "name", name, "password", password, "code", code));
        }

        /** Signed in as an account of {@link #admin}; once for each account and fixture. */
        Visitor as(String name) {
            var answer = signIn(name, PASSWORD, code(name, 0));
            if (answer.statusCode() != 303) {
                throw new AssertionError(
                        "not signed in: " + Jsoup.parse(answer.body()).text());
            }
            return this;
        }
    }

    static String encoded(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> URLEncoder.encode(field.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    @Override
    public void close() {
        phones.forEach(Phone::close);
        gateway.close();
    }
}
