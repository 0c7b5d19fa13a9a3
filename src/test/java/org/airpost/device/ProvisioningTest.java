package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.airpost.device.PolicyState.Compliance;
import org.airpost.device.Provisioning.Acknowledged;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProvisioningTest {

    private static final DeviceKey KEY = new DeviceKey("ann", "ab12");
    private static final PolicyDocument STRICT =
            PolicyDocument.of(true, Optional.of(6), Optional.of(Duration.ofMinutes(5)));

    private final FakeStore store = new FakeStore();
    private final Devices devices = new Devices(store, () -> Instant.EPOCH);
    private final Provisioning provisioning = with(PolicyDocument.PERMISSIVE);

    private Provisioning with(PolicyDocument policy) {
        return new Provisioning(devices, Gates.policy(policy), new Random(5));
    }

    @Test
    void theFinalKeyIsAnotherThanTheTemporaryOne() {
        long temporary = provisioning.offer(KEY).temporaryKey();
        long last = finalKey(provisioning.acknowledge(KEY, temporary, Compliance.APPLIED));

        assertThat(last).isNotEqualTo(temporary).isBetween(1L, 0xFFFF_FFFFL);
        assertThat(temporary).isBetween(1L, 0xFFFF_FFFFL);
    }

    @Test
    void keysAreNeverZeroAndNeverTheSame() {
        var numbers = new ArrayDeque<>(List.of(0, 7, 7, 0, -1));
        RandomGenerator random = new RandomGenerator() {

            @Override
            public long nextLong() {
                throw new AssertionError("keys have 32 bits");
            }

            @Override
            public int nextInt() {
                return numbers.pop();
            }
        };
        var provisioning = new Provisioning(devices, Gates.policy(PolicyDocument.PERMISSIVE), random);

        long temporary = provisioning.offer(KEY).temporaryKey();
        assertThat(temporary).isEqualTo(7);
        assertThat(finalKey(provisioning.acknowledge(KEY, temporary, Compliance.APPLIED)))
                .isEqualTo(0xFFFF_FFFFL);
    }

    @Test
    void nothingIsKeptBeforeTheAcknowledgment() {
        long temporary = provisioning.offer(KEY).temporaryKey();
        assertThat(store.keys()).isEmpty();

        provisioning.acknowledge(KEY, temporary, Compliance.APPLIED);
        assertThat(store.keys()).hasSize(1);
    }

    @Test
    void anAcknowledgmentWhoseAnswerWasLostGivesTheSameKeyAgain() {
        long temporary = provisioning.offer(KEY).temporaryKey();
        var first = provisioning.acknowledge(KEY, temporary, Compliance.PARTLY);

        assertThat(provisioning.acknowledge(KEY, temporary, Compliance.PARTLY)).isEqualTo(first);
    }

    @Test
    void anOfferWhoseAnswerWasLostIsMadeAgainWithTheSameKey() {
        assertThat(provisioning.offer(KEY)).isEqualTo(provisioning.offer(KEY));
    }

    @Test
    void provisioningAgainKeepsTheFinalKeyWhileThePolicyIsTheSame() {
        long temporary = provisioning.offer(KEY).temporaryKey();
        var before = provisioning.acknowledge(KEY, temporary, Compliance.APPLIED);
        long second = provisioning.offer(KEY).temporaryKey();

        assertThat(second).isNotEqualTo(temporary);
        assertThat(provisioning.acknowledge(KEY, second, Compliance.APPLIED)).isEqualTo(before);
    }

    @Test
    void anotherPolicyGivesAnotherKey() {
        var before = provisioning.acknowledge(KEY, provisioning.offer(KEY).temporaryKey(), Compliance.APPLIED);
        var strict = with(STRICT);

        assertThat(strict.acknowledge(KEY, strict.offer(KEY).temporaryKey(), Compliance.APPLIED))
                .isInstanceOf(Acknowledged.FinalKey.class)
                .isNotEqualTo(before);
    }

    @Test
    void aKeyThatWasNotOfferedIsWrong() {
        assertThat(provisioning.acknowledge(KEY, 1, Compliance.APPLIED)).isEqualTo(new Acknowledged.WrongKey());

        long temporary = provisioning.offer(KEY).temporaryKey();
        assertThat(provisioning.acknowledge(KEY, temporary + 1, Compliance.APPLIED))
                .isEqualTo(new Acknowledged.WrongKey());
        long last = finalKey(provisioning.acknowledge(KEY, temporary, Compliance.APPLIED));
        assertThat(provisioning.acknowledge(KEY, last, Compliance.APPLIED)).isEqualTo(new Acknowledged.WrongKey());
    }

    @Test
    void aPolicyThatChangedMeanwhileCannotBeAcknowledged() {
        long temporary = provisioning.offer(KEY).temporaryKey();

        assertThat(with(STRICT).acknowledge(KEY, temporary, Compliance.APPLIED)).isEqualTo(new Acknowledged.WrongKey());
    }

    @Test
    void aDeviceThatAppliedNothingGetsNoKey() {
        long temporary = provisioning.offer(KEY).temporaryKey();

        assertThat(provisioning.acknowledge(KEY, temporary, Compliance.NOT_AT_ALL))
                .isEqualTo(new Acknowledged.NotKept(CommonStatus.DEVICE_NOT_FULLY_PROVISIONABLE));
        assertThat(devices.find(KEY))
                .get()
                .extracting(device -> device.policy().accepted())
                .isEqualTo(Optional.empty());
    }

    static long finalKey(Acknowledged acknowledged) {
        assertThat(acknowledged).isInstanceOf(Acknowledged.FinalKey.class);
        return ((Acknowledged.FinalKey) acknowledged).key();
    }
}
