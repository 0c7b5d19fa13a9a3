package org.airpost.telemetry;

import static org.airpost.telemetry.WatchedGateway.KEY;
import static org.airpost.telemetry.WatchedGateway.inbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import org.airpost.eas.BodyType;
import org.airpost.eas.DeviceKey;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracesTest {

    private static final SyncRequest TEXT = SyncRequest.PLAIN.withBody(BodyType.PLAIN_TEXT, 4096);

    @TempDir
    Path directory;

    @Test
    void aTraceHasAllThatADeviceSaysAndNothingPrivate() throws Exception {
        try (var gateway = WatchedGateway.start();
                var traces = new Traces(directory.resolve("traces"), 1 << 20, Clock.systemUTC());
                var phone = gateway.phone()) {
            gateway.telemetry().traceBy(traces);
            gateway.deliver("Wedding plans");
            phone.provision();
            traces.start(KEY, Duration.ofHours(1));
            phone.folderSync();
            phone.syncAll(inbox(phone), TEXT);
            assertThat(traces.find(KEY))
                    .hasValueSatisfying(one -> assertThat(one.isRunning()).isTrue());
            assertThat(traces.stop(KEY)).isTrue();
            phone.sync(inbox(phone), TEXT);

            var text = traces.text(KEY).orElseThrow();
            var entries = TraceFile.read(text);
            assertThat(entries.stream().map(TraceFile.Entry::command)).containsExactly("FolderSync", "Sync", "Sync");
            assertThat(entries).allSatisfy(entry -> {
                assertThat(entry.http()).contains(200);
                assertThat(entry.request()).startsWith("<");
                assertThat(entry.outcome()).contains("status 1, done");
            });
            assertThat(entries.getLast().answer()).contains("<ServerId>").contains("bytes=\"13\"");
            assertThat(text).doesNotContain("Wedding").doesNotContain("ben@").doesNotContain("secret");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("traces"))))
                    .isEqualTo("rwx------");
            // It is there after a restart, as one that has ended.
            try (var later = new Traces(directory.resolve("traces"), 1 << 20, Clock.systemUTC())) {
                assertThat(later.list()).singleElement().satisfies(one -> {
                    assertThat(one.device()).isEqualTo(KEY);
                    assertThat(one.isRunning()).isFalse();
                    assertThat(one.exchanges()).isEqualTo(3);
                });
            }
        }
    }

    @Test
    void aTraceEndsByItself() throws Exception {
        try (var traces = new Traces(directory, 1 << 20, Clock.systemUTC())) {
            traces.start(KEY, Duration.ofMillis(1));
            await().until(() -> !traces.follows(KEY));
            await().until(() -> traces.text(KEY).orElseThrow().contains("# ended "));
        }
    }

    @Test
    void whatIsAboveTheBoundIsLeftOutAndCounted() throws Exception {
        try (var traces = new Traces(directory, 2_000, Clock.systemUTC())) {
            traces.start(KEY, Duration.ofHours(1));
            for (int i = 0; i < 50; i++) {
                traces.note(ExchangesTest.exchange("id" + i, KEY.deviceId(), 10));
            }
            traces.stop(KEY);
            var text = traces.text(KEY).orElseThrow();
            assertThat(text.length()).isLessThan(4_000);
            assertThat(text).containsPattern("# ended \\S+; exchanges [1-9][0-9]?, left out [1-9][0-9]?\n");
        }
    }

    @Test
    void aLongNameOfAUserIsNoObstacle() throws Exception {
        var device = new DeviceKey("ä".repeat(200), "D".repeat(64));
        try (var traces = new Traces(directory, 2_000, Clock.systemUTC())) {
            traces.start(device, Duration.ofHours(1));
            assertThat(traces.find(device)).isPresent();
            assertThat(traces.stop(device)).isTrue();
        }
    }

    @Test
    void thereIsABoundToTracesThatRun() throws Exception {
        try (var traces = new Traces(directory, 2_000, Clock.systemUTC())) {
            for (int i = 0; i < 20; i++) {
                traces.start(new DeviceKey("anna", "D" + i), Duration.ofHours(1));
            }
            assertThatThrownBy(() -> traces.start(new DeviceKey("anna", "more"), Duration.ofHours(1)))
                    .hasMessageContaining("stop one");
        }
    }
}
