package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.device.Wipe.Kind;
import org.airpost.device.Wipes.Heard;
import org.airpost.eas.DeviceKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WipesTest {

    private static final DeviceKey KEY = new DeviceKey("ann", "ab12");

    private final FakeStore store = new FakeStore();
    private final Devices devices = new Devices(store, () -> Instant.EPOCH);
    private final List<GateEvents.Event> events = new ArrayList<>();
    private final Wipes wipes = new Wipes(devices, (event, _) -> events.add(event), () -> Instant.EPOCH);

    private void ask(Kind kind, boolean needsApproval) {
        devices.keep(
                KEY, device -> device.withWipe(Optional.of(Wipe.request(kind, "root", Instant.EPOCH, needsApproval))));
    }

    @Test
    void nothingIsToldUnlessItWasAskedForAndAgreedTo() {
        assertThat(wipes.tell(KEY)).isEmpty();
        ask(Kind.FULL, true);
        assertThat(wipes.tell(KEY)).isEmpty();
        devices.keep(KEY, device -> device.withWipe(device.wipe().map(wipe -> wipe.approved("other"))));
        assertThat(wipes.tell(KEY)).contains(Kind.FULL);
        assertThat(wipes.tell(KEY)).as("until it is confirmed").contains(Kind.FULL);
        assertThat(events).containsExactly(GateEvents.Event.WIPE_TOLD);
    }

    @Test
    void itIsNotDoneBeforeItWasToldAndTheDeviceHasSaidSo() {
        ask(Kind.ACCOUNT_ONLY, false);
        assertThat(wipes.hear(KEY, Kind.ACCOUNT_ONLY, true)).isEqualTo(Heard.NOT_ASKED);
        wipes.tell(KEY);
        assertThat(wipes.hear(KEY, Kind.FULL, true)).isEqualTo(Heard.NOT_ASKED);
        assertThat(wipes.isWiped(KEY)).isFalse();
        assertThat(wipes.hear(KEY, Kind.ACCOUNT_ONLY, false)).isEqualTo(Heard.FAILED);
        assertThat(wipes.tell(KEY)).contains(Kind.ACCOUNT_ONLY);
        assertThat(wipes.hear(KEY, Kind.ACCOUNT_ONLY, true)).isEqualTo(Heard.DONE);
        assertThat(wipes.hear(KEY, Kind.ACCOUNT_ONLY, true)).as("said again").isEqualTo(Heard.DONE);
        assertThat(wipes.isWiped(KEY)).isTrue();
        assertThat(wipes.tell(KEY)).isEmpty();
        assertThat(devices.find(KEY).orElseThrow().access()).isEqualTo(Device.Access.BLOCKED);
        assertThat(events)
                .containsExactly(
                        GateEvents.Event.WIPE_TOLD,
                        GateEvents.Event.WIPE_FAILED,
                        GateEvents.Event.WIPE_TOLD,
                        GateEvents.Event.WIPE_DONE);
    }

    @Test
    void aDeviceThatFailsWithoutEndDoesNotFillTheAuditLog() {
        ask(Kind.FULL, false);
        for (int i = 0; i < 1_000; i++) {
            assertThat(wipes.tell(KEY)).contains(Kind.FULL);
            assertThat(wipes.hear(KEY, Kind.FULL, false)).isEqualTo(Heard.FAILED);
        }
        assertThat(devices.find(KEY).orElseThrow().wipe().orElseThrow().failures())
                .isEqualTo(1_000);
        assertThat(events).hasSizeBetween(10, 25);
        wipes.tell(KEY);
        assertThat(wipes.hear(KEY, Kind.FULL, true)).isEqualTo(Heard.DONE);
        assertThat(events.getLast()).isEqualTo(GateEvents.Event.WIPE_DONE);
    }

    @Test
    void aMarkFitsOneDeviceAndOnePasswordAndItsKeyIsAFileOfItsOwn(@TempDir Path directory) throws Exception {
        var file = directory.resolve("a.db.key");
        var marks = CredentialMarks.ofFile(file);
        devices.keep(KEY, device -> device);
        devices.noteMark(KEY, marks.of(KEY, "secret"));
        var device = devices.find(KEY).orElseThrow();

        assertThat(marks.fits(device, "secret")).isTrue();
        assertThat(marks.fits(device, "other")).isFalse();
        assertThat(marks.of(new DeviceKey("ann", "other"), "secret"))
                .isNotEqualTo(device.mark().orElseThrow());
        assertThat(CredentialMarks.ofFile(file).fits(device, "secret"))
                .as("after a restart")
                .isTrue();
        assertThat(CredentialMarks.forNow().fits(device, "secret"))
                .as("without the key")
                .isFalse();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.write(file, new byte[3]);
        assertThatThrownBy(() -> CredentialMarks.ofFile(file)).hasMessageContaining("a.db.key");
    }

    @Test
    void aMarkIsWrittenOnceAndForgottenWithTheWipe() {
        var marks = CredentialMarks.forNow();
        devices.noteMark(KEY, marks.of(KEY, "secret"));
        assertThat(devices.find(KEY))
                .as("a device that is not known is not made")
                .isEmpty();
        ask(Kind.FULL, false);
        devices.noteMark(KEY, marks.of(KEY, "secret"));
        int writes = store.writes();
        devices.noteMark(KEY, marks.of(KEY, "secret"));
        assertThat(store.writes()).isEqualTo(writes);
        wipes.tell(KEY);
        wipes.hear(KEY, Kind.FULL, true);
        assertThat(marks.fits(devices.find(KEY).orElseThrow(), "secret")).isFalse();
    }
}
