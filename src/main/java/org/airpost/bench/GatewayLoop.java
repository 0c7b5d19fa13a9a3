package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.airpost.app.Gateway;

/**
 * What gateways have in common that are the child process of a measurement. One prints {@code ready PORT CA-FILE}, then obeys
 * the lines of its input, each with one line: {@code deliver N}, a mail to each of the first N users; {@code waiting}, how
 * many phones wait; {@code heap}, the bytes in use after a collection. It ends with its input.
 */
final class GatewayLoop {

    /** What has a cleaner is freed by the second. */
    private static final int COLLECTIONS = 3;

    private GatewayLoop() {}

    /** Settings with all files in one folder; more can be put in. */
    static Map<String, String> settings(Path directory) {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_LOG_LEVEL", "warn");
        settings.put("AIRPOST_STORE_PATH", directory.resolve("airpost.db").toString());
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        return settings;
    }

    static void run(Gateway gateway, IntConsumer deliver) throws IOException {
        try (gateway;
                var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            say("ready %d %s"
                    .formatted(gateway.address().getPort(), gateway.authority().orElseThrow()));
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                var words = line.split(" ", -1);
                switch (words[0]) {
                    case "deliver" -> {
                        deliver.accept(Integer.parseInt(words[1]));
                        say("delivered");
                    }
                    case "waiting" -> say(Integer.toString(gateway.waiting()));
                    case "heap" -> {
                        for (int i = 0; i < COLLECTIONS; i++) {
                            System.gc();
                        }
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
}
