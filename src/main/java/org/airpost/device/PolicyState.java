package org.airpost.device;

import java.util.Optional;

/**
 * How far a device has come with its policy.
 *
 * @param offered the policy sent last, with the temporary key
 * @param accepted the policy that the device said it keeps, with the final key
 * @param said what it said last about applying a policy, whether that was enough or not
 */
public record PolicyState(Optional<Offered> offered, Optional<Accepted> accepted, Optional<Compliance> said) {

    /** Never provisioned. */
    public static final PolicyState NONE = new PolicyState(Optional.empty(), Optional.empty());

    /** One in which nothing was said but what was accepted. */
    public PolicyState(Optional<Offered> offered, Optional<Accepted> accepted) {
        this(offered, accepted, accepted.map(Accepted::compliance));
    }

    /**
     * A policy on its way.
     *
     * @param temporaryKey good for the acknowledgment alone; 1 to 4,294,967,295
     * @param hash of the document that was sent
     * @param acknowledged true once the acknowledgment came; it may come again if our answer was lost
     */
    public record Offered(long temporaryKey, String hash, boolean acknowledged) {}

    /**
     * A policy in force.
     *
     * @param key what the device sends with each request; 1 to 4,294,967,295
     * @param hash of the document that it acknowledged
     * @param compliance what it said about applying it
     */
    public record Accepted(long key, String hash, Compliance compliance) {}

    /** What a device says about applying a policy. Source: MS-ASPROV "Status (Policy)", MS-ASPROV_R386 to R389. */
    public enum Compliance {
        APPLIED(1),
        /** At least the PIN. Android answers so, often (sync-rules PV-05). */
        PARTLY(2),
        NOT_AT_ALL(3),
        /** Somebody else manages the device. */
        MANAGED_ELSEWHERE(4);

        private final int code;

        Compliance(int code) {
            this.code = code;
        }

        /** The row of a number from 1 to 4. */
        public static Compliance ofCode(long code) {
            for (var compliance : values()) {
                if (compliance.code == code) {
                    return compliance;
                }
            }
            throw new IllegalArgumentException("policy status " + code);
        }
    }

    PolicyState withOffered(Offered offered) {
        return new PolicyState(Optional.of(offered), accepted, said);
    }

    PolicyState withAccepted(Accepted accepted) {
        return new PolicyState(offered, Optional.of(accepted), Optional.of(accepted.compliance()));
    }

    PolicyState saying(Compliance compliance) {
        return new PolicyState(offered, accepted, Optional.of(compliance));
    }
}
