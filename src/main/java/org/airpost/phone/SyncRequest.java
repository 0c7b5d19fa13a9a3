package org.airpost.phone;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.FilterType;

/**
 * What a phone says of one collection in a Sync, the key apart. Source: MS-ASCMD "Collection (Sync)".
 *
 * @param windowSize items at most; empty leaves it to the server, which takes 100
 * @param filter with or without {@code body} makes an Options block; without both the server keeps what it has
 * @param getChanges empty sends no tag
 * @param deletesAsMoves empty sends no tag, which means true
 * @param conflict 0 phone wins, 1 server wins
 * @param hold how long the server may hold the answer: HeartbeatInterval, or Wait in minutes at 12.1
 */
public record SyncRequest(
        Optional<Integer> windowSize,
        Optional<FilterType> filter,
        Optional<BodyOptions> body,
        Optional<Boolean> getChanges,
        Optional<Boolean> deletesAsMoves,
        Optional<Integer> conflict,
        Optional<Duration> hold,
        List<ClientCommand> commands) {

    /** Nothing but the key: the server goes by what it remembers. */
    public static final SyncRequest PLAIN = new SyncRequest(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of());

    public SyncRequest {
        commands = List.copyOf(commands);
    }

    /** {@link #PLAIN} with commands. */
    public static SyncRequest of(ClientCommand... commands) {
        return PLAIN.withCommands(List.of(commands));
    }

    public SyncRequest withWindowSize(int items) {
        return new SyncRequest(Optional.of(items), filter, body, getChanges, deletesAsMoves, conflict, hold, commands);
    }

    public SyncRequest withFilter(FilterType type) {
        return new SyncRequest(
                windowSize, Optional.of(type), body, getChanges, deletesAsMoves, conflict, hold, commands);
    }

    public SyncRequest withBody(BodyOptions options) {
        return new SyncRequest(
                windowSize, filter, Optional.of(options), getChanges, deletesAsMoves, conflict, hold, commands);
    }

    /** One body type, cut at so many bytes; type 4 also asks for MIMESupport 2. */
    public SyncRequest withBody(BodyType type, long truncationSize) {
        return withBody(new BodyOptions(
                List.of(new BodyPreference(type, Optional.of(truncationSize), false, 0)),
                Optional.empty(),
                type == BodyType.MIME ? 2 : 0,
                Optional.empty()));
    }

    public SyncRequest withGetChanges(boolean wanted) {
        return new SyncRequest(windowSize, filter, body, Optional.of(wanted), deletesAsMoves, conflict, hold, commands);
    }

    public SyncRequest withDeletesAsMoves(boolean moves) {
        return new SyncRequest(windowSize, filter, body, getChanges, Optional.of(moves), conflict, hold, commands);
    }

    public SyncRequest withConflict(int rule) {
        return new SyncRequest(windowSize, filter, body, getChanges, deletesAsMoves, Optional.of(rule), hold, commands);
    }

    public SyncRequest withHold(Duration longest) {
        return new SyncRequest(
                windowSize, filter, body, getChanges, deletesAsMoves, conflict, Optional.of(longest), commands);
    }

    public SyncRequest withCommands(List<ClientCommand> list) {
        return new SyncRequest(windowSize, filter, body, getChanges, deletesAsMoves, conflict, hold, list);
    }

    public SyncRequest withCommand(ClientCommand command) {
        var more = new ArrayList<>(commands);
        more.add(command);
        return withCommands(more);
    }
}
