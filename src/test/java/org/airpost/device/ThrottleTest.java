package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import org.airpost.device.Throttle.Condition;
import org.airpost.device.Throttle.Throttled;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.junit.jupiter.api.Test;

class ThrottleTest {

    private static final DeviceKey PHONE = new DeviceKey("ann@example.org", "phone");
    private static final DeviceKey TABLET = new DeviceKey("Ann@example.org", "tablet");
    private static final DeviceKey BOBS = new DeviceKey("bob@example.org", "phone");

    private Instant now = Instant.parse("2026-11-25T12:00:00Z");
    private final Throttle throttle = new Throttle(new Throttle.Settings(10, 15, 3), () -> now);

    @Test
    void aDeviceHasSoManyRequestsAMinute() {
        for (int i = 0; i < 10; i++) {
            assertThat(throttle.admit(PHONE, CommandName.SYNC)).isEmpty();
        }
        assertThat(throttle.admit(PHONE, CommandName.SYNC).map(Throttled::condition))
                .contains(Condition.COMMAND_FREQUENCY);
        assertThat(throttle.admit(BOBS, CommandName.SYNC)).isEmpty();

        now = now.plus(Duration.ofMinutes(1));
        assertThat(throttle.admit(PHONE, CommandName.SYNC)).isEmpty();
    }

    @Test
    void allDevicesOfAUserShareALimit() {
        for (int i = 0; i < 8; i++) {
            assertThat(throttle.admit(PHONE, CommandName.SYNC)).isEmpty();
        }
        for (int i = 0; i < 7; i++) {
            assertThat(throttle.admit(TABLET, CommandName.SYNC)).isEmpty();
        }
        assertThat(throttle.admit(TABLET, CommandName.SYNC).map(Throttled::condition))
                .contains(Condition.ALL_DEVICE_COMMANDS);
    }

    @Test
    void pingsWithNothingBetweenAreFew() {
        assertThat(throttle.admit(PHONE, CommandName.PING)).isEmpty();
        for (int i = 0; i < 3; i++) {
            assertThat(throttle.admit(PHONE, CommandName.PING)).isEmpty();
        }
        assertThat(throttle.admit(PHONE, CommandName.PING))
                .isEqualTo(Optional.of(new Throttled(Condition.RECENT_COMMANDS, Duration.ofMinutes(1))));
    }

    @Test
    void aDeviceThatGoesOnForLongIsToldOfOnce() {
        var told = new ArrayList<DeviceKey>();
        var abuse = new Throttle.Abuse() {

            @Override
            public Duration after() {
                return Duration.ofMinutes(30);
            }

            @Override
            public void happened(DeviceKey device) {
                told.add(device);
            }
        };
        var strict = new Throttle(new Throttle.Settings(1, 1_000, 1_000), abuse, () -> now);

        for (int second = 0; second < 29 * 60; second += 20) {
            strict.admit(PHONE, CommandName.SYNC);
            now = now.plusSeconds(20);
        }
        assertThat(told).isEmpty();
        now = now.plusSeconds(200); // a pause
        for (int second = 0; second < 29 * 60; second += 20) {
            strict.admit(PHONE, CommandName.SYNC);
            now = now.plusSeconds(20);
        }
        assertThat(told).isEmpty();
        for (int second = 0; second < 5 * 60; second += 20) {
            strict.admit(PHONE, CommandName.SYNC);
            now = now.plusSeconds(20);
        }
        assertThat(told).containsExactly(PHONE);
    }

    @Test
    void whatAUsersOtherDevicesDoIsNoAbuseOfThisOne() {
        var told = new ArrayList<DeviceKey>();
        var abuse = new Throttle.Abuse() {

            @Override
            public Duration after() {
                return Duration.ZERO;
            }

            @Override
            public void happened(DeviceKey device) {
                told.add(device);
            }
        };
        var shared = new Throttle(new Throttle.Settings(1_000, 1, 1_000), abuse, () -> now);

        shared.admit(TABLET, CommandName.SYNC);
        assertThat(shared.admit(PHONE, CommandName.SYNC)).isPresent();
        assertThat(told).isEmpty();
    }

    @Test
    void aPingAfterASyncIsAsItShouldBe() {
        for (int i = 0; i < 5; i++) {
            assertThat(throttle.admit(PHONE, CommandName.PING)).isEmpty();
            assertThat(throttle.admit(PHONE, CommandName.SYNC)).isEmpty();
        }
    }

    @Test
    void provisionIsAlwaysLetIn() {
        for (int i = 0; i < 100; i++) {
            assertThat(throttle.admit(PHONE, CommandName.PROVISION)).isEmpty();
        }
        assertThat(throttle.admit(PHONE, CommandName.SYNC)).isEmpty();
    }
}
