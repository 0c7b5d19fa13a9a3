package org.airpost.identity;

import java.util.Optional;

/**
 * How the users of a domain may sign in with their devices.
 *
 * @param mailPassword true if a device may use the mail password
 * @param certificates what is made of the certificates of devices
 * @param master the account by which the mail servers are reached for a device that has no mail password; without one, the
 *     vault is used
 */
public record Rules(boolean mailPassword, Certificates certificates, Optional<MasterUser> master) {

    /** As if this room was not there. */
    public static final Rules USUAL = new Rules(true, Certificates.OFF, Optional.empty());

    /** What is made of the certificates of devices. */
    public enum Certificates {
        /** Nothing: they are not asked for. */
        OFF,
        /** A device may have one, in place of a password. */
        ACCEPTED,
        /** A device must have one. */
        REQUIRED
    }
}
