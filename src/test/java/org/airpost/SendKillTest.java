package org.airpost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.airpost.backend.imap.Dovecot;
import org.airpost.backend.smtp.HostileSmtp;
import org.airpost.backend.smtp.Postfix;
import org.airpost.cli.Airpost;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of a gateway that sends: it is a process of its own, with its store on the disk, and is killed at any moment
 * of a request. The phones ask again until they are answered; then each mail is in Sent once, and delivered once but for the
 * window in which the server's last reply dies with the process. How often that was met is printed.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SendKillTest {

    private static final int MAILS_IN_A_LIFE = 12;
    private static final Pattern SUBJECT = Pattern.compile("(?im)^Subject: (m\\d+)\\s*$");

    @TempDir
    private Path directory;

    /** A gateway as a child. */
    private final class Child implements AutoCloseable {

        private final Process process;

        Child(Map<String, String> settings) throws IOException {
            var builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--sun-misc-unsafe-memory-access=allow",
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Airpost.class.getName(),
                            "serve")
                    .redirectErrorStream(false)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().putAll(settings);
            process = builder.start();
            var output = process.inputReader(UTF_8);
            var ready = CompletableFuture.supplyAsync(() -> awaitReady(output));
            try {
                assertThat(ready.get(60, TimeUnit.SECONDS))
                        .as(Files.readString(log()))
                        .isTrue();
            } catch (Exception e) {
                kill();
                throw new IllegalStateException(Files.readString(log()), e);
            }
        }

        private static boolean awaitReady(BufferedReader output) {
            return output.lines().anyMatch(line -> line.contains("ready at"));
        }

        @Override
        public void close() {
            kill();
        }

        void kill() {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Path log() {
        return directory.resolve("gateway.log");
    }

    private Map<String, String> settings(Dovecot dovecot) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", Integer.toString(port));
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_PLAIN", "true");
        settings.put("AIRPOST_STORE_KIND", "mapdb");
        settings.put("AIRPOST_STORE_PATH", directory.resolve("store.db").toString());
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(dovecot.port()));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.put("AIRPOST_SMTP_HOST", "127.0.0.1");
        settings.put("AIRPOST_SMTP_SAVES_SENT", "no");
        return settings;
    }

    private static Phone phone(Map<String, String> settings, ProtocolVersion version) throws GeneralSecurityException {
        return new Phone(
                URI.create("http://localhost:" + settings.get("AIRPOST_HTTP_PORT")),
                "anna",
                "secret",
                version,
                "D" + version.text().replace(".", ""),
                "AirpostPhone",
                SSLContext.getDefault());
    }

    private static byte[] mail(String subject) {
        return """
                To: bob@example.org
                Date: Sun, 1 Mar 2026 12:00:00 +0000
                Subject: %s

                Hello
                """.formatted(subject).replace("\n", "\r\n").getBytes(US_ASCII);
    }

    /** True if the phone was told that it is sent; anything else is to be tried again. */
    private static boolean isSent(Phone phone, String subject) {
        try {
            int status = phone.sendMail("client-" + subject, mail(subject), true);
            assertThat(status).as(subject).isIn(1, 111);
            return status == 1;
        } catch (PhoneException e) {
            // No answer, or 503.
            assertThat(e.httpStatus()).as(e.getMessage()).isNotEqualTo(500);
            return false;
        }
    }

    private List<String> sendAndKill(Map<String, String> settings, int kills, long seed) throws Exception {
        var random = new Random(seed);
        var subjects = new ArrayList<String>();
        try (var old = phone(settings, ProtocolVersion.V12_1);
                var young = phone(settings, ProtocolVersion.V16_1)) {
            for (int life = 0; life <= kills; life++) {
                try (var child = new Child(settings)) {
                    if (life == 0) {
                        for (var phone : List.of(old, young)) {
                            phone.provision();
                            phone.folderSync();
                        }
                    }
                    if (!subjects.isEmpty()) {
                        // What was under way when the last life ended.
                        var phone = subjects.size() % 2 == 0 ? old : young;
                        await().atMost(Duration.ofSeconds(30)).until(() -> isSent(phone, subjects.getLast()));
                    }
                    for (int i = 1; i <= MAILS_IN_A_LIFE; i++) {
                        subjects.add("m" + subjects.size());
                        var phone = subjects.size() % 2 == 0 ? old : young;
                        var subject = subjects.getLast();
                        if (i == MAILS_IN_A_LIFE && life < kills) {
                            var sending = CompletableFuture.runAsync(() -> isSent(phone, subject));
                            // Not waiting for something, but choosing the moment of the kill.
                            LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(60)));
                            child.kill();
                            sending.get(60, TimeUnit.SECONDS);
                        } else {
                            await().atMost(Duration.ofSeconds(30)).until(() -> isSent(phone, subject));
                        }
                    }
                }
            }
            assertThat(old.violations()).isEmpty();
            assertThat(young.violations()).isEmpty();
        }
        return subjects;
    }

    private static void check(
            String where, List<String> subjects, Dovecot dovecot, List<String> delivered, int kills, long seed) {
        var counts = new TreeMap<>(delivered.stream().collect(Collectors.groupingBy(s -> s, Collectors.counting())));
        try (var anna = new Desktop(dovecot.port(), "anna", "secret")) {
            assertThat(anna.messages("Sent").values())
                    .as("Sent, seed %d", seed)
                    .extracting(Desktop.Message::subject)
                    .containsExactlyInAnyOrderElementsOf(subjects);
        }
        assertThat(counts.keySet()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(subjects);
        var twice = counts.entrySet().stream().filter(one -> one.getValue() > 1).toList();
        // Each life ends within one mail, which is its last one.
        assertThat(twice).as("seed %d", seed).allSatisfy(one -> {
            assertThat(one.getValue()).isEqualTo(2);
            assertThat((Integer.parseInt(one.getKey().substring(1)) + 1) % MAILS_IN_A_LIFE)
                    .isZero();
        });
        System.out.printf(
                "sends on %s: %d mails, %d kills, %d of them delivered twice for a reply that died with the process, seed %d%n",
                where, subjects.size(), kills, twice.size(), seed);
    }

    private static long seed() {
        return Long.getLong("airpost.model.seed", System.nanoTime());
    }

    @Test
    void whatAScriptedServerHasTakenIsThereOnce() throws Exception {
        Dovecot.assumeInstalled();
        int kills = 5;
        long seed = seed();
        try (var dovecot = Dovecot.start();
                var smtp = HostileSmtp.start("PIPELINING")) {
            dovecot.addUser("anna", "secret");
            var settings = settings(dovecot);
            settings.put("AIRPOST_SMTP_PORT", Integer.toString(smtp.port()));
            settings.put("AIRPOST_SMTP_SECURITY", "plain");

            var subjects = sendAndKill(settings, kills, seed);

            var delivered =
                    smtp.taken().stream().map(one -> subject(one.message())).toList();
            check("a scripted server and Dovecot", subjects, dovecot, delivered, kills, seed);
        }
    }

    private static String subject(String message) {
        var subject = SUBJECT.matcher(message);
        assertThat(subject.find()).as(message).isTrue();
        return subject.group(1);
    }

    @Test
    void whatPostfixHasTakenIsThereOnce() throws Exception {
        Dovecot.assumeInstalled();
        Postfix.assumeInstalled();
        int kills = 3;
        long seed = seed();
        try (var dovecot = Dovecot.start()) {
            dovecot.addUser("anna", "secret").addUser("bob", "secret");
            try (var postfix = Postfix.start(dovecot, List.of("anna", "bob"))) {
                var settings = settings(dovecot);
                settings.put("AIRPOST_SMTP_PORT", Integer.toString(postfix.port()));
                settings.put("AIRPOST_SMTP_SECURITY", "starttls");
                settings.put("AIRPOST_SMTP_TRUST", postfix.certificate().toString());

                var subjects = sendAndKill(settings, kills, seed);

                Supplier<List<String>> lines = () -> postfix.log().lines().toList();
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    var now = lines.get();
                    return count(now, "cleanup\\[\\d+]: \\w+: message-id=") == count(now, ": removed$");
                });
                try (var bob = new Desktop(dovecot.port(), "bob", "secret")) {
                    var delivered = bob.messages("INBOX").values().stream()
                            .map(Desktop.Message::subject)
                            .toList();
                    check("Postfix and Dovecot", subjects, dovecot, delivered, kills, seed);
                }
            }
        }
    }

    private static long count(List<String> lines, String pattern) {
        var compiled = Pattern.compile(pattern);
        return lines.stream().filter(line -> compiled.matcher(line).find()).count();
    }
}
