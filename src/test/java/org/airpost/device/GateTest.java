package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.airpost.device.Gate.Verdict;
import org.airpost.device.PolicyState.Accepted;
import org.airpost.device.PolicyState.Compliance;
import org.airpost.device.PolicyState.Offered;
import org.airpost.eas.CommandName;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GateTest {

    private static final PolicyDocument STRICT =
            PolicyDocument.of(true, Optional.of(6), Optional.of(Duration.ofMinutes(5)));
    private static final Device FRESH = Device.unknown(new DeviceKey("ann", "ab12"), Instant.EPOCH);
    private static final Device PROVISIONED = FRESH.withPolicy(new PolicyState(
            Optional.of(new Offered(5, PolicyDocument.PERMISSIVE.hash(), true)),
            Optional.of(new Accepted(9, PolicyDocument.PERMISSIVE.hash(), Compliance.APPLIED))));

    private final FakeStore store = new FakeStore();
    private final Devices devices = new Devices(store, () -> Instant.EPOCH);
    private final Gate gate = Gates.of(store, devices, PolicyDocument.PERMISSIVE);

    private static Verdict check(Gate gate, RequestLine line, Device device) {
        return gate.judge(line, device, "").verdict();
    }

    private static Verdict admit(PolicyDocument policy) {
        return new Verdict.Admit(Policies.Effective.of(policy));
    }

    @Test
    void aDeviceWithItsKeyComesIn() {
        assertThat(check(gate, line(CommandName.SYNC, "iPhone", Optional.of(9L)), PROVISIONED))
                .isEqualTo(admit(PolicyDocument.PERMISSIVE));
    }

    @ParameterizedTest
    @EnumSource(
            value = CommandName.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"PROVISION", "PING"})
    void everyCommandButProvisionAndPingNeedsAKey(CommandName command) {
        assertThat(check(gate, line(command, "iPhone", Optional.empty()), FRESH))
                .isEqualTo(new Verdict.ProvisionFirst(CommonStatus.DEVICE_NOT_PROVISIONED));
        assertThat(check(gate, line(command, "iPhone", Optional.of(0L)), PROVISIONED))
                .isEqualTo(new Verdict.ProvisionFirst(CommonStatus.DEVICE_NOT_PROVISIONED));
    }

    @ParameterizedTest
    @EnumSource(
            value = CommandName.class,
            names = {"PROVISION", "PING"})
    void provisionAndPingNeedNone(CommandName command) {
        assertThat(check(gate, line(command, "iPhone", Optional.empty()), FRESH))
                .isEqualTo(admit(PolicyDocument.PERMISSIVE));
    }

    @Test
    void theTemporaryKeyIsAWrongKey() {
        assertThat(check(gate, line(CommandName.FOLDER_SYNC, "iPhone", Optional.of(5L)), PROVISIONED))
                .isEqualTo(new Verdict.ProvisionFirst(CommonStatus.INVALID_POLICY_KEY));
    }

    @Test
    void aKeyOfAnOlderPolicyAsksForARefresh() {
        var strict = Gates.of(store, devices, STRICT);

        assertThat(check(strict, line(CommandName.SYNC, "iPhone", Optional.of(9L)), PROVISIONED))
                .isEqualTo(new Verdict.ProvisionFirst(CommonStatus.POLICY_REFRESH));
    }

    @ParameterizedTest
    @EnumSource(CommandName.class)
    void aBlockedDeviceIsKeptOutOfEverything(CommandName command) {
        assertThat(check(gate, line(command, "iPhone", Optional.of(9L)), PROVISIONED.withAccess(Device.Access.BLOCKED)))
                .isEqualTo(new Verdict.Blocked(CommonStatus.DEVICE_IS_BLOCKED_FOR_THIS_USER));
    }

    @ParameterizedTest
    @EnumSource(CommandName.class)
    void aQuarantinedDeviceGetsNothingOfTheMailbox(CommandName command) {
        assertThat(check(
                        gate,
                        line(command, "iPhone", Optional.of(9L)),
                        PROVISIONED.withAccess(Device.Access.QUARANTINED)))
                .isEqualTo(new Verdict.Quarantine(Policies.Effective.of(PolicyDocument.PERMISSIVE)));
    }

    @Test
    void outlookDesktopComesInWithoutAPolicyUnlessThePolicyAsksForSomething() {
        var line = line(CommandName.FOLDER_SYNC, "WindowsOutlook15", Optional.empty());

        assertThat(check(gate, line, FRESH)).isEqualTo(admit(PolicyDocument.PERMISSIVE));
        assertThat(check(Gates.of(store, devices, STRICT), line, FRESH))
                .isEqualTo(new Verdict.Blocked(CommonStatus.LEGACY_DEVICE_ON_STRICT_POLICY));
    }

    @Test
    void aQuirkMayBeKnownByTheUserAgent() throws IOException {
        var quirks = ClientQuirks.read(
                new StringReader("# none\n\nUserAgent\tcarkit/\tNEVER_PROVISIONS\tit is a car\tus\n"));

        assertThat(quirks.has(ClientQuirks.Quirk.NEVER_PROVISIONS, "Car", "CarKit/3"))
                .isTrue();
        assertThat(quirks.has(ClientQuirks.Quirk.NEVER_PROVISIONS, "carkit/", "other"))
                .isFalse();
    }

    @Test
    void aWrongLineOfTheQuirkTableIsNamed() {
        assertThatThrownBy(() -> ClientQuirks.read(new StringReader("\nUserAgent\tx\tFLIES\tbecause\tus\n")))
                .hasMessageContaining("line 2")
                .hasMessageContaining("FLIES");
        assertThatThrownBy(() -> ClientQuirks.read(new StringReader("UserAgent\tx\tNEVER_PROVISIONS\t\tus\n")))
                .hasMessageContaining("line 1");
    }

    private static RequestLine line(CommandName command, String deviceType, Optional<Long> policyKey) {
        return new RequestLine(
                command, ProtocolVersion.V14_1, "ab12", deviceType, policyKey, "ann", Map.of(), false, false);
    }
}
