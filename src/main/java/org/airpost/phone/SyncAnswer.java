package org.airpost.phone;

import java.util.List;
import java.util.Optional;

/**
 * The answer of a Sync, for the collection that was asked for.
 *
 * @param topStatus of the answer as a whole, 1 if it has none
 * @param status of the collection, 1 if the answer was empty
 * @param syncKey the new key, if there is one
 * @param empty true if the answer had no bytes: nothing changed
 * @param limit of a Status 14 or 15
 */
public record SyncAnswer(
        int topStatus,
        int status,
        Optional<String> syncKey,
        boolean moreAvailable,
        List<ServerCommand> commands,
        List<CommandResponse> responses,
        boolean empty,
        Optional<Long> limit) {

    /** HTTP 200 without a body: nothing changed. */
    static final SyncAnswer EMPTY =
            new SyncAnswer(1, 1, Optional.empty(), false, List.of(), List.of(), true, Optional.empty());

    public SyncAnswer {
        commands = List.copyOf(commands);
        responses = List.copyOf(responses);
    }

    public boolean succeeded() {
        return topStatus == 1 && status == 1;
    }

    /** Ids of the items added, in the order they came. */
    public List<String> added() {
        return commands.stream()
                .filter(ServerCommand.Add.class::isInstance)
                .map(ServerCommand::serverId)
                .toList();
    }

    /** Ids of the items deleted. */
    public List<String> deleted() {
        return commands.stream()
                .filter(ServerCommand.Delete.class::isInstance)
                .map(ServerCommand::serverId)
                .toList();
    }

    /** Ids of the items that left the window. */
    public List<String> softDeleted() {
        return commands.stream()
                .filter(ServerCommand.SoftDelete.class::isInstance)
                .map(ServerCommand::serverId)
                .toList();
    }

    /** Ids of the items changed. */
    public List<String> changed() {
        return commands.stream()
                .filter(ServerCommand.Change.class::isInstance)
                .map(ServerCommand::serverId)
                .toList();
    }
}
