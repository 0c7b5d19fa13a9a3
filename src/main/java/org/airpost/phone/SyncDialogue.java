package org.airpost.phone;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Email;

/** Sync of one collection. Source: MS-ASCMD "Sync". */
final class SyncDialogue {

    private final ProtocolVersion version;
    private final Violations violations;

    SyncDialogue(ProtocolVersion version, Violations violations) {
        this.version = version;
        this.violations = violations;
    }

    /** The request as bytes. Source: order of children by SC-01. */
    byte[] write(String collectionId, String key, SyncRequest request) {
        return Wire.document(out -> {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS).start(AirSync.COLLECTION);
            if (version == ProtocolVersion.V12_1) {
                out.text(AirSync.CLASS, "Email");
            }
            out.text(AirSync.SYNC_KEY, key).text(AirSync.COLLECTION_ID, collectionId);
            if (!key.equals("0")) {
                request.deletesAsMoves().ifPresent(moves -> out.flag(AirSync.DELETES_AS_MOVES, moves));
                request.getChanges().ifPresent(wanted -> out.flag(AirSync.GET_CHANGES, wanted));
                request.windowSize().ifPresent(size -> out.text(AirSync.WINDOW_SIZE, size));
                options(out, request);
                commands(out, request.commands());
            }
            out.end().end();
            request.hold().ifPresent(time -> hold(out, time));
            out.end();
        });
    }

    private static void options(WbxmlWriter out, SyncRequest request) {
        if (request.filter().isEmpty()
                && request.body().isEmpty()
                && request.conflict().isEmpty()) {
            return;
        }
        out.start(AirSync.OPTIONS);
        request.filter().ifPresent(filter -> out.text(AirSync.FILTER_TYPE, filter.code()));
        Optional<BodyOptions> body = request.body();
        body.ifPresent(options -> OptionsWriter.write(out, options));
        request.conflict().ifPresent(rule -> out.text(AirSync.CONFLICT, rule));
        out.end();
    }

    private void hold(WbxmlWriter out, Duration time) {
        if (version == ProtocolVersion.V12_1) {
            out.text(AirSync.WAIT, time.toMinutes());
        } else {
            out.text(AirSync.HEARTBEAT_INTERVAL, time.toSeconds());
        }
    }

    private static void commands(WbxmlWriter out, List<ClientCommand> commands) {
        if (commands.isEmpty()) {
            return;
        }
        out.start(AirSync.COMMANDS);
        for (var command : commands) {
            switch (command) {
                case ClientCommand.Change change -> change(out, change);
                case ClientCommand.Delete delete ->
                    out.start(AirSync.DELETE)
                            .text(AirSync.SERVER_ID, delete.serverId())
                            .end();
                case ClientCommand.Fetch fetch ->
                    out.start(AirSync.FETCH)
                            .text(AirSync.SERVER_ID, fetch.serverId())
                            .end();
                case ClientCommand.Add add -> {
                    out.start(AirSync.ADD).text(AirSync.CLIENT_ID, add.clientId());
                    out.start(AirSync.APPLICATION_DATA);
                    add.applicationData().accept(out);
                    out.end().end();
                }
            }
        }
        out.end();
    }

    private static void change(WbxmlWriter out, ClientCommand.Change change) {
        out.start(AirSync.CHANGE).text(AirSync.SERVER_ID, change.serverId()).start(AirSync.APPLICATION_DATA);
        change.read().ifPresent(read -> out.flag(Email.READ, read));
        change.flag().ifPresent(flag -> {
            if (flag.status() == 0) {
                out.empty(Email.FLAG);
            } else {
                out.start(Email.FLAG)
                        .text(Email.STATUS, flag.status())
                        .text(Email.FLAG_TYPE, flag.type())
                        .end();
            }
        });
        change.categories().ifPresent(names -> {
            if (names.isEmpty()) {
                out.empty(Email.CATEGORIES);
            } else {
                out.start(Email.CATEGORIES);
                names.forEach(name -> out.text(Email.CATEGORY, name));
                out.end();
            }
        });
        out.end().end();
    }

    /** Reads the answer for one collection. */
    SyncAnswer read(String collectionId, byte[] body) {
        if (body.length == 0) {
            return SyncAnswer.EMPTY;
        }
        var reading = new Reading(collectionId);
        Wire.read(CommandName.SYNC, body, reading::answer);
        return reading.result();
    }

    /** An answer while it is read. */
    private final class Reading {

        private final String asked;
        private Optional<Integer> topStatus = Optional.empty();
        private Optional<Long> limit = Optional.empty();
        private boolean collectionsSeen;
        private Optional<Integer> status = Optional.empty();
        private Optional<String> syncKey = Optional.empty();
        private boolean moreAvailable;
        private final List<ServerCommand> commands = new ArrayList<>();
        private final List<CommandResponse> responses = new ArrayList<>();

        Reading(String asked) {
            this.asked = asked;
        }

        SyncAnswer result() {
            violations.check(
                    topStatus.isEmpty() || !collectionsSeen || topStatus.get() == 1,
                    "SC-18",
                    place(),
                    "a top-level Status beside Collections");
            return new SyncAnswer(
                    topStatus.orElse(1),
                    status.orElseGet(() -> topStatus.orElse(1)),
                    syncKey,
                    moreAvailable,
                    commands,
                    responses,
                    false,
                    limit);
        }

        void answer(WbxmlReader in) {
            in.root(AirSync.SYNC);
            while (in.child()) {
                switch (in.tag()) {
                    case AirSync.STATUS -> topStatus = Optional.of((int) in.number(0, 10_000));
                    case AirSync.LIMIT -> limit = Optional.of(in.number(0, Integer.MAX_VALUE));
                    case AirSync.COLLECTIONS -> collections(in);
                    default -> in.skip();
                }
            }
        }

        private void collections(WbxmlReader in) {
            int count = 0;
            while (in.child()) {
                if (in.tag() == AirSync.COLLECTION) {
                    count++;
                    collection(in);
                } else {
                    in.skip();
                }
            }
            collectionsSeen = count > 0;
            violations.check(count > 0, "SC-24", place(), "an empty Collections: iOS crashes on it");
        }

        private void collection(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case AirSync.SYNC_KEY -> syncKey = Optional.of(in.text());
                    case AirSync.COLLECTION_ID -> {
                        var id = in.text();
                        violations.check(
                                id.equals(asked), "SC-02", place(), "an answer for collection %s".formatted(id));
                    }
                    case AirSync.STATUS -> status = Optional.of((int) in.number(0, 10_000));
                    case AirSync.MORE_AVAILABLE -> {
                        violations.check(commands.isEmpty(), "SC-02", place(), "MoreAvailable comes after Commands");
                        moreAvailable = true;
                        in.skip();
                    }
                    case AirSync.COMMANDS -> {
                        while (in.child()) {
                            command(in);
                        }
                        violations.check(!commands.isEmpty(), "SC-02", place(), "an empty Commands");
                    }
                    case AirSync.RESPONSES -> {
                        while (in.child()) {
                            response(in);
                        }
                        violations.check(!responses.isEmpty(), "CC-01", place(), "an empty Responses");
                    }
                    default -> in.skip();
                }
            }
            violations.check(status.isPresent(), "SC-02", place(), "a Collection without Status");
        }

        private void command(WbxmlReader in) {
            var tag = in.tag();
            var id = "";
            Optional<ItemData> data = Optional.empty();
            while (in.child()) {
                switch (in.tag()) {
                    case AirSync.SERVER_ID -> id = in.text();
                    case AirSync.APPLICATION_DATA -> data = Optional.of(ItemReader.read(in, violations, "item " + id));
                    default -> in.skip();
                }
            }
            switch (tag) {
                case AirSync.ADD -> commands.add(new ServerCommand.Add(id, required(data, "Add", id)));
                case AirSync.CHANGE -> commands.add(new ServerCommand.Change(id, required(data, "Change", id)));
                case AirSync.DELETE -> commands.add(new ServerCommand.Delete(id));
                case AirSync.SOFT_DELETE -> commands.add(new ServerCommand.SoftDelete(id));
                default -> violations.add("SV-01", place(), "%s in Commands".formatted(tag.tagName()));
            }
        }

        private ItemData required(Optional<ItemData> data, String command, String id) {
            violations.check(
                    data.isPresent(), "SV-01", place(), "%s of %s without ApplicationData".formatted(command, id));
            return data.orElse(ItemData.NOTHING);
        }

        private void response(WbxmlReader in) {
            var tag = in.tag();
            Optional<String> clientId = Optional.empty();
            Optional<String> serverId = Optional.empty();
            int itemStatus = 0;
            Optional<ItemData> data = Optional.empty();
            while (in.child()) {
                switch (in.tag()) {
                    case AirSync.CLIENT_ID -> clientId = Optional.of(in.text());
                    case AirSync.SERVER_ID -> serverId = Optional.of(in.text());
                    case AirSync.STATUS -> itemStatus = (int) in.number(0, 10_000);
                    case AirSync.APPLICATION_DATA ->
                        data = Optional.of(ItemReader.read(in, violations, "item " + serverId.orElse("?")));
                    default -> in.skip();
                }
            }
            violations.check(itemStatus > 0, "CC-02", place(), "a Response without Status");
            switch (tag) {
                case AirSync.ADD -> respond(CommandResponse.Kind.ADD, clientId, serverId, itemStatus, data);
                case AirSync.CHANGE -> respond(CommandResponse.Kind.CHANGE, clientId, serverId, itemStatus, data);
                case AirSync.DELETE -> respond(CommandResponse.Kind.DELETE, clientId, serverId, itemStatus, data);
                case AirSync.FETCH -> respond(CommandResponse.Kind.FETCH, clientId, serverId, itemStatus, data);
                default -> violations.add("CC-01", place(), "%s in Responses".formatted(tag.tagName()));
            }
        }

        private void respond(
                CommandResponse.Kind kind,
                Optional<String> clientId,
                Optional<String> serverId,
                int itemStatus,
                Optional<ItemData> data) {
            responses.add(new CommandResponse(kind, clientId, serverId, itemStatus, data));
        }

        private String place() {
            return "collection " + asked;
        }
    }
}
