package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.app.Gateway;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;

/**
 * A gateway to a mail server in memory, as the child process of a measurement. Its arguments are a folder for its files and a
 * number of users; they are called {@code u0}, {@code u1}, … with the password {@code secret}, and have a mail each. It
 * prints {@code ready PORT CA-FILE}, then obeys the lines of its input, each with one line: {@code deliver N}, a mail to each
 * of the first N users; {@code waiting}, how many phones wait; {@code heap}, the bytes in use after a collection. It ends
 * with its input.
 */
final class MemoryGateway {

    static final String PASSWORD = "secret";

    private MemoryGateway() {}

    static String user(int number) {
        return "u" + number;
    }

    public static void main(String[] arguments) throws IOException {
        var directory = Path.of(arguments[0]);
        int users = Integer.parseInt(arguments[1]);
        var mail = new MemoryMail(InstantSource.system());
        for (int i = 0; i < users; i++) {
            mail.user(user(i), PASSWORD);
            deliver(mail, i);
        }
        var config = Config.load(
                Optional.empty(),
                Map.of(
                        "AIRPOST_HTTP_PORT", "0",
                        "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                        "AIRPOST_LOG_LEVEL", "warn",
                        "AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString(),
                        "AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString()));
        try (var gateway = Gateway.start(config, mail, new MemorySubmission(mail));
                var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            say("ready %d %s"
                    .formatted(gateway.address().getPort(), gateway.authority().orElseThrow()));
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                var words = line.split(" ", -1);
                switch (words[0]) {
                    case "deliver" -> {
                        for (int i = 0; i < Integer.parseInt(words[1]); i++) {
                            deliver(mail, i);
                        }
                        say("delivered");
                    }
                    case "waiting" -> say(Integer.toString(gateway.waiting()));
                    case "heap" -> {
                        System.gc();
                        say(Long.toString(ManagementFactory.getMemoryMXBean()
                                .getHeapMemoryUsage()
                                .getUsed()));
                    }
                    default -> throw new IllegalArgumentException("\"%s\"".formatted(line));
                }
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void deliver(MemoryMail mail, int number) {
        var message = "From: bench@example.org\r\nTo: %s@example.org\r\nSubject: News\r\n\r\nHello.\r\n"
                .formatted(user(number));
        mail.deliver(user(number), "INBOX", message.getBytes(UTF_8), Set.of());
    }
}
