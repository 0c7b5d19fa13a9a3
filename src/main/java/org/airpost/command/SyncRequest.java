package org.airpost.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.command.MailChange.MailFlags;
import org.airpost.eas.FilterType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.eas.SyncStatus;
import org.airpost.sync.CollectionOptions;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;

/**
 * A Sync request as it was read. Source: MS-ASCMD "Sync".
 *
 * @param collections in the phone's order
 * @param heldFor how long to hold the request when there is nothing to say
 * @param windowSize for all collections together
 * @param partial what is not named is as in the request before
 */
record SyncRequest(List<Collection> collections, Optional<Duration> heldFor, int windowSize, boolean partial) {

    static final int DEFAULT_WINDOW = 100;
    static final int GREATEST_WINDOW = 512;
    static final int MOST_COLLECTIONS = 1_000;
    static final int MOST_COMMANDS = 512;

    /** A folder to sync. */
    record Collection(
            String id,
            String syncKey,
            Optional<Boolean> getChanges,
            boolean deletesAsMoves,
            int windowSize,
            Optional<Boolean> conversationMode,
            Optional<Integer> maxItems,
            Optional<CollectionOptions> options,
            List<ClientCommand> commands) {

        /** The options from now on: what is not said stays as it is. */
        CollectionOptions over(CollectionOptions before, ProtocolVersion version) {
            var said = options.orElse(before).withConversations(before.conversations());
            return hasConversationMode(version) ? said.withConversations(conversationMode.orElse(false)) : said;
        }

        /** True if it says something of ConversationMode, to a version that has it. */
        boolean hasConversationMode(ProtocolVersion version) {
            return conversationMode.isPresent() && version.atLeast(ProtocolVersion.V14_0);
        }

        boolean wantsChanges() {
            return !syncKey.equals("0") && getChanges.orElse(true);
        }

        Collection withoutCommands() {
            return new Collection(
                    id,
                    syncKey,
                    getChanges,
                    deletesAsMoves,
                    windowSize,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());
        }
    }

    /** What the phone did. */
    sealed interface ClientCommand {

        /** A new item; its flags, and what it says as a draft. */
        record Add(String clientId, MailFlags flags, DraftData draft) implements ClientCommand {}

        record Change(String serverId, MailFlags flags, DraftData draft) implements ClientCommand {}

        record Delete(String serverId) implements ClientCommand {}

        record Fetch(String serverId) implements ClientCommand {}
    }

    SyncRequest {
        collections = List.copyOf(collections);
    }

    /** The same as it is remembered for an empty request: without what was done once. */
    SyncRequest withoutCommands() {
        return new SyncRequest(
                collections.stream().map(Collection::withoutCommands).toList(), heldFor, windowSize, false);
    }

    /** True if it says something of each of these collections itself. */
    boolean names(Set<String> ids) {
        return collections.stream()
                .map(Collection::id)
                .collect(Collectors.toSet())
                .containsAll(ids);
    }

    /** The same with the collections of an earlier request that this one does not name. */
    SyncRequest over(SyncRequest before) {
        var all = new ArrayList<>(collections);
        before.collections.stream()
                .filter(old ->
                        collections.stream().noneMatch(named -> named.id().equals(old.id())))
                .forEach(all::add);
        return new SyncRequest(all, heldFor.isPresent() ? heldFor : before.heldFor, windowSize, false);
    }

    /** Reads a request; what it says of drafts goes into spools that whoever asked closes. */
    static SyncRequest read(WbxmlReader in, DraftSpools spools) {
        var collections = new ArrayList<Collection>();
        Optional<Duration> wait = Optional.empty();
        Optional<Duration> heartbeat = Optional.empty();
        Optional<Integer> windowSize = Optional.empty();
        boolean partial = false;
        boolean named = false;
        in.root(AirSync.SYNC);
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.COLLECTIONS -> {
                    named = true;
                    while (in.child()) {
                        if (in.tag() == AirSync.COLLECTION) {
                            collections.add(readCollection(in, spools));
                        } else {
                            in.skip();
                        }
                        if (collections.size() > MOST_COLLECTIONS) {
                            throw new StatusException(
                                    SyncStatus.TOO_MANY_COLLECTIONS, "more than %d".formatted(MOST_COLLECTIONS));
                        }
                    }
                }
                case AirSync.WAIT -> wait = Optional.of(Duration.ofMinutes(in.number(0, 1_000_000)));
                case AirSync.HEARTBEAT_INTERVAL -> heartbeat = Optional.of(Duration.ofSeconds(in.number(0, 1_000_000)));
                case AirSync.WINDOW_SIZE -> windowSize = Optional.of(window(in));
                case AirSync.PARTIAL -> {
                    partial = true;
                    in.skip();
                }
                default -> in.skip();
            }
        }
        if (wait.isPresent() && heartbeat.isPresent()) {
            throw new StatusException(SyncStatus.PROTOCOL_ERROR, "both Wait and HeartbeatInterval (MS-ASCMD_R3162)");
        }
        if (!named && !partial) {
            throw new StatusException(SyncStatus.PROTOCOL_ERROR, "neither Collections nor Partial");
        }
        var heldFor = wait.isPresent() ? wait : heartbeat;
        if (!named && heldFor.isEmpty() && windowSize.isEmpty()) {
            throw new StatusException(SyncStatus.PROTOCOL_ERROR, "Partial alone (MS-ASCMD_R3642)");
        }
        return new SyncRequest(collections, heldFor, windowSize.orElse(GREATEST_WINDOW), partial);
    }

    private static Collection readCollection(WbxmlReader in, DraftSpools spools) {
        Optional<String> id = Optional.empty();
        Optional<String> syncKey = Optional.empty();
        Optional<Boolean> getChanges = Optional.empty();
        boolean deletesAsMoves = true;
        int windowSize = DEFAULT_WINDOW;
        Optional<Boolean> conversationMode = Optional.empty();
        Optional<Integer> maxItems = Optional.empty();
        Optional<CollectionOptions> options = Optional.empty();
        var commands = new ArrayList<ClientCommand>();
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.SYNC_KEY -> syncKey = Optional.of(in.text());
                case AirSync.COLLECTION_ID -> id = Optional.of(in.text());
                case AirSync.GET_CHANGES -> getChanges = Optional.of(in.flag());
                case AirSync.DELETES_AS_MOVES -> deletesAsMoves = in.flag();
                case AirSync.WINDOW_SIZE -> windowSize = window(in);
                case AirSync.CONVERSATION_MODE -> conversationMode = Optional.of(in.flag());
                case AirSync.OPTIONS -> {
                    var read = readOptions(in);
                    if (read.options().isPresent()) {
                        options = read.options();
                    }
                    if (read.maxItems().isPresent()) {
                        maxItems = read.maxItems();
                    }
                }
                case AirSync.COMMANDS -> readCommands(in, commands, spools);
                default -> in.skip();
            }
        }
        if (id.isEmpty()
                || syncKey.isEmpty()
                || id.get().length() > 64
                || syncKey.get().length() > 64) {
            throw new StatusException(
                    SyncStatus.PROTOCOL_ERROR, "CollectionId %s, SyncKey %s (MS-ASCMD_R4545)".formatted(id, syncKey));
        }
        return new Collection(
                id.get(),
                syncKey.get(),
                getChanges,
                deletesAsMoves,
                windowSize,
                conversationMode,
                maxItems,
                options,
                commands);
    }

    /** Options of mail, if these are of mail; and how many recipients are wanted, if they say that. */
    private record Options(Optional<CollectionOptions> options, Optional<Integer> maxItems) {}

    /** The options of mail; those of another class, such as SMS, are none of ours (Samsung asks for them unasked). */
    private static Options readOptions(WbxmlReader in) {
        var bodies = new BodyOptionsReader();
        var filter = FilterType.ALL;
        boolean keepsServer = true;
        boolean isMail = true;
        Optional<Integer> maxItems = Optional.empty();
        while (in.child()) {
            if (bodies.take(in)) {
                continue;
            }
            switch (in.tag()) {
                case AirSync.CLASS -> isMail = !in.text().equalsIgnoreCase("SMS");
                case AirSync.FILTER_TYPE -> {
                    long code = in.number(0, 1_000);
                    filter = FilterType.ofCode(code)
                            .orElseThrow(() -> new StatusException(
                                    SyncStatus.PROTOCOL_ERROR, "FilterType %d (SV-05)".formatted(code)));
                }
                case AirSync.CONFLICT -> keepsServer = in.flag();
                case AirSync.MAX_ITEMS -> maxItems = Optional.of((int) in.number(0, 1_000_000));
                default -> in.skip();
            }
        }
        return new Options(
                isMail
                        ? Optional.of(new CollectionOptions(filter, bodies.options(), keepsServer, false))
                        : Optional.empty(),
                maxItems);
    }

    private static void readCommands(WbxmlReader in, List<ClientCommand> commands, DraftSpools spools) {
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.ADD -> commands.add(readItem(in, AirSync.CLIENT_ID, spools, ClientCommand.Add::new));
                case AirSync.CHANGE -> commands.add(readItem(in, AirSync.SERVER_ID, spools, ClientCommand.Change::new));
                case AirSync.DELETE -> commands.add(new ClientCommand.Delete(readId(in, AirSync.SERVER_ID)));
                case AirSync.FETCH -> commands.add(new ClientCommand.Fetch(readId(in, AirSync.SERVER_ID)));
                default -> in.skip();
            }
            if (commands.size() > MOST_COMMANDS) {
                throw new StatusException(
                        SyncStatus.PROTOCOL_ERROR, "more than %d commands (CC-25)".formatted(MOST_COMMANDS));
            }
        }
    }

    private static String readId(WbxmlReader in, AirSync tag) {
        Optional<String> id = Optional.empty();
        while (in.child()) {
            if (in.tag() == tag) {
                id = Optional.of(in.text());
            } else {
                in.skip();
            }
        }
        return id.orElseThrow(
                () -> new StatusException(SyncStatus.PROTOCOL_ERROR, "a command without " + tag.tagName()));
    }

    /** A command that brings data. */
    private interface WithData {
        ClientCommand of(String id, MailFlags flags, DraftData draft);
    }

    private static ClientCommand readItem(WbxmlReader in, AirSync idTag, DraftSpools spools, WithData command) {
        Optional<String> id = Optional.empty();
        var change = new MailChange();
        var draft = new DraftReader(spools);
        while (in.child()) {
            if (in.tag() == idTag) {
                id = Optional.of(in.text());
            } else if (in.tag() == AirSync.APPLICATION_DATA) {
                while (in.child()) {
                    if (!change.take(in) && !draft.take(in)) {
                        in.skip();
                    }
                }
            } else if (!draft.take(in)) { // Send stands here
                in.skip();
            }
        }
        var named = id.orElseThrow(
                () -> new StatusException(SyncStatus.PROTOCOL_ERROR, "a command without " + idTag.tagName()));
        return command.of(named, change.flags(), draft.data());
    }

    private static int window(WbxmlReader in) {
        long size = in.number(0, Integer.MAX_VALUE);
        return size == 0 || size > GREATEST_WINDOW ? GREATEST_WINDOW : (int) size;
    }
}
