package org.airpost.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.airpost.telemetry.WatchedGateway.inbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.airpost.backend.ServerMeter;
import org.airpost.eas.BodyType;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.Test;

class MetricsTest {

    private static final Path DASHBOARD = Path.of("packaging/grafana-dashboard.json");
    private static final Pattern EXPRESSION = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern METRIC = Pattern.compile("\\b(?:airpost|jvm|process)_[a-z_]+");
    private static final SyncRequest TEXT = SyncRequest.PLAIN.withBody(BodyType.PLAIN_TEXT, 4096);

    private static String text(WatchedGateway gateway) {
        return new String(gateway.telemetry().metrics().text(), UTF_8);
    }

    /** Everything once: what counts something appears only then. */
    private static void useAll(WatchedGateway gateway) throws Exception {
        try (var phone = gateway.phone();
                var wrong = gateway.phone("wrong")) {
            assertThatThrownBy(wrong::provision).isInstanceOf(PhoneException.class);
            phone.provision();
            phone.folderSync();
            phone.syncAll(inbox(phone), TEXT);
            var ping = CompletableFuture.supplyAsync(() -> phone.ping(List.of(inbox(phone)), Duration.ofMinutes(10)));
            await().until(() -> gateway.telemetry().exchanges().waitingCount() == 1);
            assertThat(text(gateway)).contains("airpost_waiting_phones{client=\"ios\"} 1.0");
            gateway.deliver("News");
            ping.get(20, TimeUnit.SECONDS);
        }
        var imap = gateway.telemetry().backends().meter("imap", "imap.example.org:993");
        imap.reached();
        imap.command("UID FETCH");
        imap.read(1_000);
        imap.wrote(10);
    }

    @Test
    void whatPhonesDoIsCountedByCommandStatusAndClient() throws Exception {
        try (var gateway = WatchedGateway.start()) {
            useAll(gateway);
            await().untilAsserted(
                            () -> assertThat(text(gateway)).contains("airpost_push_seconds_count{client=\"ios\"} 1"));
            assertThat(text(gateway))
                    .contains("airpost_request_seconds_count{client=\"ios\",command=\"FolderSync\"} 1")
                    .contains("airpost_answers_total{client=\"ios\",command=\"Ping\",eas=\"2\",http=\"200\"} 1.0")
                    .contains("airpost_answers_total{client=\"airpost\",command=\"none\",eas=\"none\",http=\"401\"}")
                    .contains("airpost_waits_total{client=\"ios\",end=\"answered\"} 1.0")
                    .contains("airpost_waiting_phones{client=\"ios\"} 0.0")
                    .contains("airpost_imap_commands_total{command=\"UID FETCH\"} 1.0")
                    .contains("airpost_imap_bytes_total{direction=\"in\"} 1000.0")
                    .contains("airpost_backend_up{kind=\"imap\",place=\"imap.example.org:993\"} 1.0")
                    .contains("airpost_store_writes_total{outcome=\"done\"}")
                    .contains("airpost_throttled_total{condition=\"CommandFrequency\"} 0.0")
                    .contains("jvm_memory_used_bytes{area=\"heap\"}");
        }
    }

    @Test
    void noLabelHoldsWhatAPhoneSays() throws Exception {
        try (var gateway = WatchedGateway.start()) {
            useAll(gateway);
            assertThat(text(gateway))
                    .doesNotContain("anna")
                    .doesNotContain("D1")
                    .doesNotContain("Airpost-Phone");
        }
    }

    @Test
    void theWaitOfAPhoneIsNoLatency() throws Exception {
        try (var gateway = WatchedGateway.start();
                var phone = gateway.phone()) {
            phone.provision();
            phone.folderSync();
            phone.syncAll(inbox(phone), TEXT);
            var ping = CompletableFuture.supplyAsync(() -> phone.ping(List.of(inbox(phone)), Duration.ofMinutes(10)));
            await().until(() -> gateway.telemetry().exchanges().waitingCount() == 1);
            await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);
            gateway.deliver("News");
            ping.get(20, TimeUnit.SECONDS);
            var exchange =
                    gateway.telemetry().exchanges().of(WatchedGateway.KEY).getFirst();
            assertThat(exchange.held()).isGreaterThan(Duration.ofMillis(1_400));
            assertThat(exchange.took().orElseThrow().minus(exchange.held())).isLessThan(Duration.ofMillis(1_400));
        }
    }

    @Test
    void everyQueryOfTheDashboardAsksForWhatThereIs() throws Exception {
        try (var gateway = WatchedGateway.start()) {
            useAll(gateway);
            var there = names(text(gateway));
            var asked = new TreeSet<String>();
            var expressions = EXPRESSION.matcher(Files.readString(DASHBOARD));
            int count = 0;
            while (expressions.find()) {
                count++;
                var metrics = METRIC.matcher(expressions.group(1));
                assertThat(metrics.results()
                                .peek(result -> asked.add(result.group()))
                                .count())
                        .as(expressions.group(1))
                        .isPositive();
            }
            assertThat(count).isGreaterThan(25);
            assertThat(there).containsAll(asked);
            // And each of ours is on it.
            var families = new HashSet<String>();
            there.stream()
                    .filter(name -> name.startsWith("airpost_"))
                    .map(name -> name.replaceFirst("_(count|sum|bucket)$", ""))
                    .forEach(families::add);
            assertThat(families).allSatisfy(family -> assertThat(asked).anyMatch(name -> name.startsWith(family)));
        }
    }

    private static Set<String> names(String text) {
        var names = new TreeSet<String>();
        text.lines()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .forEach(line -> names.add(line.replaceFirst("[ {].*", "")));
        return names;
    }

    @Test
    void theDocumentationNamesWhatThereIs() throws IOException, Exception {
        try (var gateway = WatchedGateway.start()) {
            useAll(gateway);
            var text = Files.readString(Path.of("docs/operations.md"));
            for (var name : names(text(gateway))) {
                if (name.startsWith("airpost_")) {
                    assertThat(text).contains(name.replaceFirst("_(count|sum|bucket)$", ""));
                }
            }
        }
    }

    @Test
    void serversAreBoundedInNumber() {
        var backends = new Backends(java.time.Clock.systemUTC());
        for (int i = 0; i < 5_000; i++) {
            ServerMeter meter = backends.meter("imap", "host" + i + ":993");
            meter.failed("away");
        }
        assertThat(backends.list().size()).isLessThanOrEqualTo(501);
        assertThat(backends.list().stream().filter(one -> one.place().equals("others")))
                .singleElement()
                .satisfies(others -> assertThat(others.failures()).isGreaterThan(4_000));
    }
}
