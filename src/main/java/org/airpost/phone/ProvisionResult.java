package org.airpost.phone;

import java.util.Map;
import java.util.Optional;
import org.airpost.wbxml.Tag;

/**
 * What Provision gave in the end.
 *
 * @param status of Provision, or a common status above 100
 * @param policyStatus of the policy, 0 if there was none
 * @param policyKey the final key
 * @param wipe true if the server asked for a remote wipe; the phone did not acknowledge it
 * @param policy the settings by tag
 */
public record ProvisionResult(
        int status, int policyStatus, Optional<Long> policyKey, boolean wipe, Map<Tag, String> policy) {

    public ProvisionResult {
        policy = Map.copyOf(policy);
    }

    public boolean succeeded() {
        return status == 1 && policyStatus == 1 && policyKey.isPresent();
    }
}
