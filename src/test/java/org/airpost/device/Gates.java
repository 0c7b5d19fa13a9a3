package org.airpost.device;

import java.time.InstantSource;
import org.airpost.device.Device.Access;
import org.airpost.eas.PolicyDocument;
import org.airpost.store.Store;

/** What tests of the gate need. */
public final class Gates {

    private Gates() {}

    /** A gate without rules, with a policy for everybody. */
    public static Gate of(Store store, Devices devices, PolicyDocument document) {
        return new Gate(policy(document), rules(store, devices, Access.ALLOWED, InstantSource.system()), quirks());
    }

    public static ClientQuirks quirks() {
        return ClientQuirks.builtIn();
    }

    /** The same policy for everybody. */
    public static PolicySource policy(PolicyDocument document) {
        return _ -> Policies.Effective.of(document);
    }

    /** Rules that are in a store; users are of the domain in their name. */
    static GateRules rules(Store store, Devices devices, Access standard, InstantSource clock) {
        return new GateRules(store, devices, policies(store, clock), standard, clock);
    }

    /** Policies that are in a store. */
    static Policies policies(Store store, InstantSource clock) {
        return new Policies(
                store,
                Policies.Effective.of(PolicyDocument.PERMISSIVE),
                user -> user.substring(user.indexOf('@') + 1),
                clock);
    }
}
