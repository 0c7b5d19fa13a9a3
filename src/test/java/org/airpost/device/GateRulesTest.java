package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.airpost.device.Device.Access;
import org.airpost.device.GateRule.Condition;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateRulesTest {

    private static final DeviceKey KEY = new DeviceKey("ann@example.org", "ab12");

    private final AtomicLong now = new AtomicLong();
    private final FakeStore store = new FakeStore();
    private final Devices devices = new Devices(store, () -> Instant.ofEpochMilli(now.get()));
    private GateRules rules = rules(Access.ALLOWED);

    private GateRules rules(Access standard) {
        return Gates.rules(store, devices, standard, () -> Instant.ofEpochMilli(now.get()));
    }

    private Device device() {
        return devices.seen(KEY, "iPhone", "Apple-iPhone16C1/2301.1", ProtocolVersion.V16_1)
                .withInformation(new DeviceInformation(
                        Map.of(DeviceInformation.Field.MODEL, "iPhone 16", DeviceInformation.Field.OS, "iOS 26.1")));
    }

    private void add(Access access, String... conditions) {
        rules.change(before -> {
            var after = new java.util.ArrayList<>(before);
            after.add(new GateRule(
                    "r" + before.size(),
                    access,
                    Arrays.stream(conditions).map(Condition::parse).toList(),
                    ""));
            return after;
        });
    }

    private Admission judge(Device device) {
        return rules.admission(device, ProtocolVersion.V16_1, "10.1.2.3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    user=ann@*                    | true
                    user=bob@example.org          | false
                    domain=Example.org            | true
                    domain=*.org,*.net            | true
                    group=sales                   | true
                    group=press                   | false
                    type=iphone                   | true
                    type=Android*                 | false
                    model=*16                     | true
                    model=iPad*                   | false
                    os=iOS 2?.*                   | false
                    os=iOS 26*                    | true
                    agent=Apple-iPhone16C1/*      | true
                    version-below=16.1            | false
                    version-from=16.1             | true
                    address=10.0.0.0/8            | true
                    address=192.0.2.0/24,10.1.2.3 | true
                    address=10.1.2.4              | false
                    address=2001:db8::/32         | false
                    devices-over=0                | true
                    devices-over=1                | false
                    """)
    void aConditionLooksAtOneThing(String condition, boolean fits) {
        Gates.policies(store, () -> Instant.EPOCH).changeGroup("sales", _ -> Set.of("ann@example.org"));
        rules = rules(Access.ALLOWED);
        add(Access.BLOCKED, condition);

        assertThat(judge(device()).access()).isEqualTo(fits ? Access.BLOCKED : Access.ALLOWED);
    }

    @ParameterizedTest
    @CsvSource({
        "ben, user=ben@example.org, true",
        "ben, user=*@example.org, true",
        "ben, user=ben, true",
        "ben, user=ann@example.org, false",
        "example.org:ben, user=ben@example.org, true",
        "example.org:ben, user=example.org:*, true",
    })
    void aUserIsMeantByNameOrAddress(String user, String condition, boolean fits) {
        InstantSource clock = () -> Instant.ofEpochMilli(now.get());
        var ofOneDomain =
                new Policies(store, Policies.Effective.of(PolicyDocument.PERMISSIVE), _ -> "example.org", clock);
        rules = new GateRules(store, devices, ofOneDomain, Access.ALLOWED, clock);
        add(Access.BLOCKED, condition);
        var device = devices.seen(new DeviceKey(user, "ab12"), "iPhone", "", ProtocolVersion.V16_1);

        assertThat(judge(device).access()).isEqualTo(fits ? Access.BLOCKED : Access.ALLOWED);
    }

    @Test
    void theFirstRuleThatFitsDecidesAndAllItsConditionsMustHold() {
        add(Access.BLOCKED, "type=iPhone", "user=bob*");
        add(Access.ALLOWED, "type=iPhone");
        add(Access.BLOCKED, "user=*");

        assertThat(judge(device())).satisfies(said -> {
            assertThat(said.access()).isEqualTo(Access.ALLOWED);
            assertThat(said.by()).isEqualTo("r1");
        });
    }

    @Test
    void whatAnAdministratorSaysOfADeviceCountsForMore() {
        add(Access.BLOCKED, "user=*");

        assertThat(judge(device().withAccess(Access.ALLOWED)).access()).isEqualTo(Access.ALLOWED);
        var forAnHour = device().withAdmission(Admission.UNDECIDED.then(
                Access.ALLOWED,
                Admission.Cause.ADMIN,
                "root",
                "",
                Instant.EPOCH,
                Optional.of(Instant.EPOCH.plus(Duration.ofHours(1)))));
        assertThat(judge(forAnHour).access()).isEqualTo(Access.ALLOWED);
        now.addAndGet(Duration.ofHours(1).toMillis());
        assertThat(judge(forAnHour).access()).isEqualTo(Access.BLOCKED);
    }

    @Test
    void aStricterDefaultIsForNewDevicesAlone() {
        var old = device().withAdmission(judge(device()));
        rules = rules(Access.QUARANTINED);

        assertThat(judge(old).access()).isEqualTo(Access.ALLOWED);
        assertThat(judge(device()).access()).isEqualTo(Access.QUARANTINED);
        // Also after a rule has come and gone.
        add(Access.BLOCKED, "user=*");
        var blocked = old.withAdmission(judge(old));
        assertThat(blocked.access()).isEqualTo(Access.BLOCKED);
        rules.change(_ -> List.of());
        assertThat(judge(blocked).access()).isEqualTo(Access.ALLOWED);
    }

    @Test
    void afterABlockForAbuseItIsAsBefore() {
        var allowed = device().withAccess(Access.ALLOWED);
        var end = Instant.EPOCH.plus(Duration.ofHours(1));
        var blocked = allowed.withAdmission(allowed.admission().abuse(Instant.EPOCH, end));
        add(Access.QUARANTINED, "user=*");

        assertThat(judge(blocked).access()).isEqualTo(Access.BLOCKED);
        now.set(end.toEpochMilli());
        assertThat(judge(blocked)).isEqualTo(allowed.admission());
    }

    @Test
    void theDevicesThatCameFirstDoNotCountThoseThatCameLater() {
        add(Access.BLOCKED, "devices-over=1");
        var first = device();
        devices.keep(KEY);
        now.addAndGet(1_000);
        var laterKey = new DeviceKey("ann@example.org", "zz");
        var later = devices.seen(laterKey, "iPad", "", ProtocolVersion.V16_1);
        devices.keep(laterKey);

        assertThat(judge(first).access()).isEqualTo(Access.ALLOWED);
        assertThat(judge(later).access()).isEqualTo(Access.BLOCKED);
        devices.keep(KEY, device -> device.withAccess(Access.BLOCKED));
        assertThat(judge(later).access()).as("the other may not come in").isEqualTo(Access.ALLOWED);
    }

    @Test
    void rulesAndTheirOrderAreInTheStore() {
        add(Access.BLOCKED, "type=a*,b*", "version-below=14.0");
        add(Access.QUARANTINED, "address=10.0.0.0/8");

        assertThat(rules(Access.ALLOWED).list()).isEqualTo(rules.list()).hasSize(2);
        assertThat(rules.list().getFirst().text()).isEqualTo("block type=a*,b* version-below=14.0");
    }

    @Test
    void whatIsNoConditionIsRefusedWithTheReason() {
        for (var wrong :
                List.of("version-below=9", "address=home", "devices-over=many", "type=", "color=red", "type")) {
            assertThatThrownBy(() -> Condition.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new GateRule("r1", Access.BLOCKED, List.of(), ""))
                .hasMessageContaining("conditions");
    }
}
