package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DevicesTest {

    private static final DeviceKey KEY = new DeviceKey("ann@example.org", "ab12");

    private final AtomicLong now =
            new AtomicLong(Instant.parse("2026-11-24T10:00:00Z").toEpochMilli());
    private final FakeStore store = new FakeStore();
    private final Devices devices = new Devices(store, this::now);

    @Test
    void aDeviceThatOnlyLooksAroundLeavesNothingBehind() {
        devices.seen(KEY, "iPhone", "Apple-iPhone", ProtocolVersion.V16_1);
        devices.update(KEY, device -> device.withAccess(Device.Access.ALLOWED));

        assertThat(store.keys()).isEmpty();
        assertThat(devices.find(KEY)).get().extracting(Device::deviceType).isEqualTo("iPhone");

        pass(Duration.ofHours(2));
        assertThat(devices.find(KEY)).isEmpty();
    }

    @Test
    void aDeviceThatUsesItsMailboxIsKeptWithWhatWasKnownBefore() {
        devices.seen(KEY, "iPhone", "Apple-iPhone", ProtocolVersion.V16_1);
        devices.keep(KEY);

        assertThat(store.keys()).containsExactly("device/ann@example.org/ab12");
        assertThat(new Devices(store, this::now).find(KEY))
                .get()
                .extracting(Device::userAgent)
                .isEqualTo("Apple-iPhone");
    }

    @Test
    void aDeviceWhoseMarkWasTakenAwayIsMarkedAnew() {
        devices.seen(KEY, "iPhone", "Apple-iPhone", ProtocolVersion.V16_1);
        devices.keep(KEY);
        devices.noteMark(KEY, "m1");
        devices.update(KEY, device -> device.withMark(Optional.empty())); // as when a wipe is done
        devices.noteMark(KEY, "m1");

        assertThat(devices.find(KEY).orElseThrow().mark()).contains("m1");
    }

    @Test
    void allThatIsKnownSurvivesTheStore() {
        var device = new Device(
                KEY,
                "SamsungDevice",
                "Android-Mail/2026",
                Set.of(ProtocolVersion.V12_1, ProtocolVersion.V16_1),
                now(),
                now().plusSeconds(90),
                new DeviceInformation(
                        Map.of(DeviceInformation.Field.MODEL, "Galaxy Ü", DeviceInformation.Field.OS, "17")),
                new PolicyState(
                        Optional.of(new PolicyState.Offered(0xFFFF_FFFFL, "h2", true)),
                        Optional.of(new PolicyState.Accepted(0x8000_0000L, "h1", PolicyState.Compliance.PARTLY))),
                Admission.UNDECIDED
                        .then(
                                Device.Access.QUARANTINED,
                                Admission.Cause.RULE,
                                "r1",
                                "why",
                                now(),
                                Optional.of(now().plusSeconds(5)))
                        .withStandard(Device.Access.ALLOWED)
                        .abuse(now(), now().plusSeconds(9)),
                "Ann's phone",
                "192.0.2.7",
                Optional.of(Wipe.request(Wipe.Kind.FULL, "root", now(), true)
                        .approved("other")
                        .toldAt(now())
                        .failed()
                        .done(now())),
                Optional.of("mark"));

        devices.keep(KEY, before -> device);

        assertThat(devices.find(KEY)).contains(device);
    }

    @Test
    void aKeptDeviceIsWrittenOnlyEveryFewMinutes() {
        devices.seen(KEY, "iPhone", "Apple-iPhone", ProtocolVersion.V16_1);
        devices.keep(KEY);
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(10));
            devices.seen(KEY, "iPhone", "Apple-iPhone", ProtocolVersion.V16_1);
        }
        assertThat(store.writes()).isEqualTo(1);

        pass(Devices.SEEN_STEP);
        assertThat(devices.seen(KEY, "iPhone", "Apple-iPhone", ProtocolVersion.V16_1)
                        .lastSeen())
                .isEqualTo(now());
        assertThat(store.writes()).isEqualTo(2);
    }

    @Test
    void anotherVersionOrUserAgentIsNotedAtOnce() {
        devices.seen(KEY, "iPhone", "Apple-iPhone/1", ProtocolVersion.V14_1);
        devices.keep(KEY);
        devices.seen(KEY, "iPhone", "Apple-iPhone/2", ProtocolVersion.V16_1);

        assertThat(devices.find(KEY)).get().satisfies(device -> {
            assertThat(device.userAgent()).isEqualTo("Apple-iPhone/2");
            assertThat(device.versions()).containsExactly(ProtocolVersion.V14_1, ProtocolVersion.V16_1);
        });
    }

    @Test
    void theDevicesOfAUserAreHisAlone() {
        for (int i = 0; i < 600; i++) {
            devices.keep(new DeviceKey("ann@example.org", "d" + i), device -> device);
        }
        devices.keep(new DeviceKey("ann@example.organisation", "other"), device -> device);

        assertThat(devices.ofUser("Ann@example.org"))
                .hasSize(600)
                .allMatch(device -> device.key().user().equals("ann@example.org"));
    }

    @Test
    void aRemovedDeviceIsUnknown() {
        devices.keep(KEY, device -> device);
        devices.remove(KEY);

        assertThat(devices.find(KEY)).isEmpty();
        assertThat(store.keys()).isEmpty();
    }

    @Test
    void changesAtTheSameTimeAreAllKept() throws InterruptedException {
        devices.keep(KEY, device -> device);
        var one = Thread.startVirtualThread(() -> devices.update(KEY, d -> d.withAccess(Device.Access.BLOCKED)));
        var two = Thread.startVirtualThread(() -> devices.seen(KEY, "X", "Y", ProtocolVersion.V14_0));
        one.join();
        two.join();

        assertThat(devices.find(KEY)).get().satisfies(device -> {
            assertThat(device.access()).isEqualTo(Device.Access.BLOCKED);
            assertThat(device.deviceType()).isEqualTo("X");
        });
    }

    @Test
    void aDamagedRecordIsAStoreFailureThatNamesIt() {
        store.put("device/" + KEY.path(), new byte[] {1, 0}, Store.ABSENT);

        assertThatThrownBy(() -> devices.find(KEY))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("device/ann@example.org/ab12");
    }

    @Test
    void aRecordOfBeforeThereWereRulesIsReadAndItsDeviceStaysIn() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            for (var text : List.of(KEY.user(), KEY.deviceId(), "iPhone", "Apple")) {
                out.writeUTF(text);
            }
            out.writeByte(1);
            out.writeShort(ProtocolVersion.V14_1.code());
            out.writeLong(1_000);
            out.writeLong(2_000);
            out.writeByte(0);
            out.writeBoolean(false);
            out.writeBoolean(true);
            out.writeInt(77);
            out.writeUTF("hash");
            out.writeUTF("PARTLY");
            out.writeUTF("ALLOWED");
        }
        store.put("device/" + KEY.path(), bytes.toByteArray(), Store.ABSENT);

        var device = devices.find(KEY).orElseThrow();
        assertThat(device.access()).isEqualTo(Device.Access.ALLOWED);
        assertThat(device.admission().standard())
                .as("whatever the default is now")
                .contains(Device.Access.ALLOWED);
        assertThat(device.policy().said()).contains(PolicyState.Compliance.PARTLY);
        assertThat(device.wipe()).isEmpty();
        devices.keep(KEY, before -> before.withName("old"));
        assertThat(devices.find(KEY)).contains(device.withName("old"));
    }

    @Test
    void aRecordOfALaterFormatIsNotGuessedAt() {
        store.put("device/" + KEY.path(), new byte[] {3, 0, 0}, Store.ABSENT);

        assertThatThrownBy(() -> devices.find(KEY)).hasMessageContaining("format 3");
    }

    private Instant now() {
        return Instant.ofEpochMilli(now.get());
    }

    private void pass(Duration time) {
        now.addAndGet(time.toMillis());
    }
}
