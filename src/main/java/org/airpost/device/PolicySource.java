package org.airpost.device;

/** Says which policy is in force for a user. */
@FunctionalInterface
public interface PolicySource {

    /** By the canonical name, as it is now. */
    Policies.Effective of(String user);
}
