package org.airpost.phone;

/** What a Sync answer tells the phone to do. Source: MS-ASCMD "Commands". */
public sealed interface ServerCommand {

    String serverId();

    record Add(String serverId, ItemData data) implements ServerCommand {}

    record Change(String serverId, ItemData data) implements ServerCommand {}

    record Delete(String serverId) implements ServerCommand {}

    /** The item left the filter's window; it is still at the server. */
    record SoftDelete(String serverId) implements ServerCommand {}
}
