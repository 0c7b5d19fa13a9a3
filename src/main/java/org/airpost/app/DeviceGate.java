package org.airpost.app;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.airpost.admin.Audit;
import org.airpost.admin.GateAudit;
import org.airpost.backend.Submission;
import org.airpost.device.Devices;
import org.airpost.device.Gate;
import org.airpost.device.GateEvents;
import org.airpost.device.GateRules;
import org.airpost.device.Policies;
import org.airpost.device.Provisioning;
import org.airpost.device.Throttle;
import org.airpost.eas.DeviceKey;
import org.airpost.store.Store;

/** Which devices there are, what their policy is, who may in, and who hears of it. */
final class DeviceGate {

    final Devices devices;
    final Policies policies;
    final Provisioning provisioning;
    final GateRules rules;
    final Gate gate;
    final GateEvents events;
    final Throttle throttle;

    /** As it is now. */
    private final Supplier<Setup> current;

    DeviceGate(
            Setup setup,
            Supplier<Setup> current,
            Submission submission,
            Store store,
            Audit audit,
            InstantSource clock,
            SecureRandom random) {
        this.current = current;
        this.devices = new Devices(store, clock);
        this.policies = new Policies(store, setup.policy(), setup::domainOf, clock);
        this.provisioning = new Provisioning(devices, policies, random);
        this.rules = new GateRules(store, devices, policies, setup.gateDefault(), clock);
        this.gate = new Gate(policies, rules, setup.quirks());
        this.events = GateEvents.all(List.of(
                new GateAudit(audit),
                new QuarantineMail(submission, () -> current.get().quarantineMail(), Clock.systemUTC())));
        this.throttle = new Throttle(setup.throttle(), abuse(events, clock), clock);
    }

    /** Takes over what has changed; a device that is in stays in. */
    void change(Setup now) {
        policies.change(now.policy());
        rules.standard(now.gateDefault());
        throttle.change(now.throttle());
    }

    /** Keeps a device out that asks without end. */
    private Throttle.Abuse abuse(GateEvents events, InstantSource clock) {
        return new Throttle.Abuse() {

            @Override
            public Duration after() {
                return current.get().blockAfter();
            }

            @Override
            public void happened(DeviceKey key) {
                if (devices.isKept(key)) {
                    var now = clock.instant();
                    var until = now.plus(current.get().blockFor());
                    var device = devices.update(
                            key, known -> known.withAdmission(known.admission().abuse(now, until)));
                    events.happened(GateEvents.Event.BLOCKED_FOR_ABUSE, device);
                }
            }
        };
    }
}
