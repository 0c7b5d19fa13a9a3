package org.airpost.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.device.Policies.Scope;
import org.airpost.device.Policy.Leniency;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.PolicyElement;
import org.junit.jupiter.api.Test;

class PoliciesTest {

    private final FakeStore store = new FakeStore();
    private final InstantSource clock = () -> Instant.EPOCH;
    private final Policies policies = Gates.policies(store, clock);

    private String value(String user, PolicyElement element) {
        return policies.of(user).document().values().getOrDefault(element, element.asksNothing());
    }

    @Test
    void eachLayerChangesOnlyWhatItSays() {
        policies.set(Policy.named("all")
                .with(PolicyElement.DEVICE_PASSWORD_ENABLED, "1")
                .with(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, "4")
                .with(PolicyElement.ALLOW_CAMERA, "0"));
        policies.set(Policy.named("org").with(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, "6"));
        policies.set(Policy.named("sales").with(PolicyElement.ALLOW_CAMERA, "1"));
        policies.set(Policy.named("ann")
                .with(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, "8")
                .admitting(Leniency.PARTLY, Optional.of(false)));
        policies.assign(new Scope.Everybody(), Optional.of("all"));
        policies.assign(new Scope.Domain("Example.ORG"), Optional.of("org"));
        policies.assign(new Scope.Group("sales"), Optional.of("sales"));
        policies.assign(new Scope.User("Ann@example.org"), Optional.of("ann"));
        policies.changeGroup("sales", _ -> Set.of("bob@example.org"));

        assertThat(value("eve@elsewhere.net", PolicyElement.MIN_DEVICE_PASSWORD_LENGTH))
                .isEqualTo("4");
        assertThat(value("bob@example.org", PolicyElement.MIN_DEVICE_PASSWORD_LENGTH))
                .isEqualTo("6");
        assertThat(value("bob@example.org", PolicyElement.ALLOW_CAMERA)).isEqualTo("1");
        assertThat(value("ann@example.org", PolicyElement.ALLOW_CAMERA)).isEqualTo("0");
        assertThat(value("ann@example.org", PolicyElement.MIN_DEVICE_PASSWORD_LENGTH))
                .isEqualTo("8");
        assertThat(policies.of("ann@example.org").admits()).doesNotContain(Leniency.PARTLY);
        assertThat(policies.of("bob@example.org").admits()).contains(Leniency.PARTLY);
        assertThat(policies.of("ann@example.org").layers())
                .containsExactly(
                        "configuration", "default: all", "domain/example.org: org", "user/ann@example.org: ann");
        assertThat(policies.of("ann@example.org").origins())
                .containsEntry(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, "user/ann@example.org: ann")
                .containsEntry(PolicyElement.ALLOW_CAMERA, "default: all");
    }

    @Test
    void theKeyDependsOnWhatIsSentAndNotOnWhoSaysIt() {
        policies.set(Policy.named("one").with(PolicyElement.ALLOW_CAMERA, "0"));
        policies.set(Policy.named("other").with(PolicyElement.ALLOW_CAMERA, "0"));
        policies.assign(new Scope.Everybody(), Optional.of("one"));
        var before = policies.of("ann").hash();

        policies.assign(new Scope.User("ann"), Optional.of("other"));
        policies.set(Policy.named("other")
                .with(PolicyElement.ALLOW_CAMERA, "0")
                .with(PolicyElement.MIN_DEVICE_PASSWORD_LENGTH, "9")); // not sent without a password

        assertThat(policies.of("ann").hash()).isEqualTo(before);
        policies.set(Policy.named("other").with(PolicyElement.ALLOW_CAMERA, "1"));
        assertThat(policies.of("ann").hash()).isNotEqualTo(before);
    }

    @Test
    void allThatIsSetSurvivesTheStore() {
        var policy = Policy.named("whole")
                .with(PolicyElement.MAX_ATTACHMENT_SIZE, "1000")
                .withUnapproved(Optional.of(List.of("game.exe")))
                .withApproved(Optional.of(List.of()))
                .admitting(Leniency.NON_PROVISIONABLE, Optional.of(true));
        policies.set(policy);
        policies.assign(new Scope.Everybody(), Optional.of("whole"));
        policies.changeGroup("team", _ -> Set.of("ann", "Bob"));

        var again = Gates.policies(store, clock);
        assertThat(again.list()).containsExactly(policy);
        assertThat(again.assignments()).containsEntry("default", "whole");
        assertThat(again.groups()).containsEntry("team", Set.of("ann", "bob"));
        again.changeGroup("team", _ -> Set.of());
        again.remove("whole");
        assertThat(again.groups()).isEmpty();
        assertThat(again.assignments()).isEmpty();
        assertThat(again.list()).isEmpty();
    }

    @Test
    void whatTheSchemaForbidsIsRefusedByName() {
        assertThatThrownBy(() -> Policy.named("p").with(PolicyElement.MAX_EMAIL_AGE_FILTER, "6"))
                .hasMessageContaining("MaxEmailAgeFilter");
        assertThatThrownBy(() -> Policy.named("p").withApproved(Optional.of(List.of("no hash"))))
                .hasMessageContaining("SHA-1");
        assertThatThrownBy(() -> Policy.named("Big Name")).hasMessageContaining("Big Name");
        assertThatThrownBy(() -> policies.assign(new Scope.Everybody(), Optional.of("nobody's")))
                .hasMessageContaining("nobody's");
        for (var none : List.of("planet/earth", "domain", "group", "user", "default/sales", "")) {
            assertThatThrownBy(() -> Scope.parse(none)).hasMessageContaining("\"%s\" is not one of", none);
        }
    }

    @Test
    void aTrialTellsWhichDevicesWouldFailAndWhy() {
        var trial = new PolicyTrial(ClientQuirks.builtIn());
        var policy = Policy.named("strict")
                .with(PolicyElement.ALLOW_BROWSER, "0")
                .admitting(Leniency.PARTLY, Optional.of(false));
        var then = policies.of("ann", policy, new Scope.Everybody());

        assertThat(trial.of(device("iPhone", "Apple-iPhone16C1/2301"), then).end())
                .isEqualTo(PolicyTrial.End.EXPECTED);
        assertThat(trial.of(device("Android", "Android/14-EAS-2.0"), then)).satisfies(one -> {
            assertThat(one.end()).isEqualTo(PolicyTrial.End.FAILS);
            assertThat(one.reason()).contains("AllowBrowser");
        });
        assertThat(trial.of(device("Android", "Android-Mail/2026"), then).reason())
                .contains("refuse");
        assertThat(trial.of(device("WindowsOutlook15", "Outlook/16.0"), then)).satisfies(one -> {
            assertThat(one.end()).isEqualTo(PolicyTrial.End.FAILS);
            assertThat(one.reason()).contains("never ask");
        });
        var lax = policies.of("ann", Policy.named("lax").with(PolicyElement.ALLOW_BROWSER, "0"), new Scope.Everybody());
        assertThat(trial.of(device("Android", "Android/14-EAS-2.0"), lax).end()).isEqualTo(PolicyTrial.End.PARTLY);
        var said = device("iPhone", "Apple-iPhone16C1/2301")
                .withPolicy(PolicyState.NONE.saying(PolicyState.Compliance.NOT_AT_ALL));
        assertThat(trial.of(said, lax).end()).isEqualTo(PolicyTrial.End.FAILS);
        assertThat(trial.of(said, lax).reason()).contains("not at all");
        assertThat(policies.list()).as("nothing was set").isEmpty();
    }

    private static Device device(String type, String agent) {
        return Device.unknown(new DeviceKey("ann", "ab12"), Instant.EPOCH)
                .seen(type, agent, org.airpost.eas.ProtocolVersion.V14_1, "", Instant.EPOCH);
    }
}
