package org.airpost.telemetry;

import static org.airpost.telemetry.WatchedGateway.KEY;
import static org.airpost.telemetry.WatchedGateway.inbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.airpost.eas.BodyType;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;
import org.airpost.telemetry.Exchange.EasStatus;
import org.junit.jupiter.api.Test;

class TelemetryTest {

    private static final SyncRequest TEXT = SyncRequest.PLAIN.withBody(BodyType.PLAIN_TEXT, 4096);

    @Test
    void theLastExchangesOfADeviceAreThereWithTheirStatusesAndWithoutWhatIsPrivate() throws Exception {
        try (var gateway = WatchedGateway.start();
                var phone = gateway.phone()) {
            gateway.deliver("Wedding plans");
            phone.provision();
            phone.folderSync();
            phone.syncAll(inbox(phone), TEXT);

            var all = gateway.telemetry().exchanges().of(KEY);
            assertThat(all.stream().map(Exchange::command).distinct())
                    .containsExactly("Sync", "FolderSync", "Provision");
            var last = all.getFirst();
            assertThat(last.version()).isEqualTo("16.1");
            assertThat(last.httpStatus()).contains(200);
            assertThat(last.status()).contains(new EasStatus(1, "done"));
            assertThat(last.isGood()).isTrue();
            assertThat(last.words()).startsWith("answered in ").endsWith(" ms: HTTP 200, status 1, done");
            assertThat(last.requestXml()).contains("<SyncKey>", "<CollectionId>");
            assertThat(last.answerXml()).contains("<ServerId>", "<Subject xmlns=\"Email\" bytes=\"13\"/>");
            assertThat(last.answerXml())
                    .doesNotContain("Wedding")
                    .doesNotContain("ben@")
                    .doesNotContain("words of");
            assertThat(gateway.telemetry().exchanges().of(KEY, last.id())).contains(last);
        }
    }

    @Test
    void aWaitingPhoneIsSeenAndItsPushIsMeasured() throws Exception {
        try (var gateway = WatchedGateway.start();
                var phone = gateway.phone()) {
            phone.provision();
            phone.folderSync();
            phone.syncAll(inbox(phone), TEXT);
            var exchanges = gateway.telemetry().exchanges();
            var ping = CompletableFuture.supplyAsync(() -> phone.ping(List.of(inbox(phone)), Duration.ofMinutes(10)));
            await().until(() -> exchanges.waitingCount() == 1);

            assertThat(exchanges.waiting(KEY))
                    .hasValueSatisfying(one ->
                            assertThat(one.until()).isAfter(one.asked().at().plus(Duration.ofMinutes(9))));
            assertThat(exchanges.of(KEY).getFirst().words()).startsWith("waits for news since ");
            assertThat(exchanges.of(KEY).getFirst().isWaiting()).isTrue();

            gateway.deliver("News");
            ping.get(20, TimeUnit.SECONDS);
            assertThat(exchanges.waitingCount()).isZero();
            var answered = exchanges.of(KEY).getFirst();
            assertThat(answered.status()).contains(new EasStatus(2, "there are changes"));
            assertThat(answered.isGood()).isTrue();
            assertThat(answered.held()).isPositive();
            assertThat(exchanges.of(KEY).stream().filter(one -> one.command().equals("Ping")))
                    .hasSize(1);
            await().untilAsserted(() -> {
                var counts = gateway.telemetry().activity().last(Duration.ofMinutes(2));
                assertThat(counts.pushes()).isEqualTo(1);
                assertThat(counts.requests()).containsEntry("Ping", 1L);
                assertThat(counts.pushDelay()).isLessThan(Duration.ofSeconds(20));
            });
        }
    }

    @Test
    void aPhoneThatGoesAwayWaitsNoMore() throws Exception {
        try (var gateway = WatchedGateway.start()) {
            var exchanges = gateway.telemetry().exchanges();
            try (var phone = gateway.phone()) {
                phone.provision();
                phone.folderSync();
                phone.syncAll(inbox(phone), TEXT);
                Thread.ofVirtual().start(() -> {
                    try {
                        phone.ping(List.of(inbox(phone)), Duration.ofMinutes(10));
                    } catch (PhoneException e) {
                        // it is hung up
                    }
                });
                await().until(() -> exchanges.waitingCount() == 1);
            }
            await().until(() -> exchanges.waitingCount() == 0);
            assertThat(exchanges.of(KEY).getFirst().words()).contains("the phone went away");
        }
    }

    @Test
    void failuresAreCountedByTheirKind() throws Exception {
        try (var gateway = WatchedGateway.start();
                var wrong = gateway.phone("wrong");
                var phone = gateway.phone()) {
            assertThatThrownBy(wrong::provision).isInstanceOf(PhoneException.class);
            // Without a policy key.
            assertThat(phone.folderSync().status()).isEqualTo(142);
            var counts = gateway.telemetry().activity().last(Duration.ofMinutes(5));
            assertThat(counts.errors()).containsEntry("HTTP 401", 1L).containsEntry("FolderSync 142", 1L);
            assertThat(counts.allErrors()).isEqualTo(2);
            // Nobody knows whose request it was that was refused.
            assertThat(gateway.telemetry().exchanges().of(KEY)).hasSize(1);
            assertThat(gateway.telemetry().exchanges().of(KEY).getFirst().isGood())
                    .isFalse();
        }
    }
}
