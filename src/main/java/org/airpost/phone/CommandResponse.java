package org.airpost.phone;

import java.util.Optional;

/**
 * What a Sync answer says of one command of the phone. Source: MS-ASCMD "Responses".
 *
 * @param data of a Fetch that went well, or what a Change at 16.x brings back
 */
public record CommandResponse(
        Kind kind, Optional<String> clientId, Optional<String> serverId, int status, Optional<ItemData> data) {

    /** Which command it answers. */
    public enum Kind {
        ADD,
        CHANGE,
        DELETE,
        FETCH
    }
}
