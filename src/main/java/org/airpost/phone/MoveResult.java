package org.airpost.phone;

import java.util.Optional;

/** What MoveItems answered for one item: success is Status 3. Source: MS-ASCMD "Status (MoveItems)". */
public record MoveResult(String sourceId, int status, Optional<String> destinationId) {

    public boolean succeeded() {
        return status == 3;
    }
}
