package org.airpost.phone;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.Email;
import org.jspecify.annotations.Nullable;

/**
 * A phone's copy of one collection: its sync key and its items. Takes an answer exactly as the protocol says and writes
 * down what does not fit. One Sync at a time; a Ping may run beside it. Source: the rules SK, SC, CC and SV.
 */
public final class Replica {

    private static final int LONGEST_ID = 64;

    private final String collectionId;
    private final Violations violations;
    private final Map<String, Item> items = new LinkedHashMap<>();
    private final Set<String> moved =
            new HashSet<>(); // here by our own MoveItems, or not deleted: an Add of it is no violation
    private final Set<String> movedAway = new HashSet<>(); // by our own MoveItems: a Delete of it says nothing new
    private String key = "0";
    private boolean answerLost;
    private boolean emptyRound;

    Replica(String collectionId, Violations violations) {
        this.collectionId = collectionId;
        this.violations = violations;
    }

    public String collectionId() {
        return collectionId;
    }

    /** The key that the next Sync will send; {@code 0} before the first. */
    public String key() {
        return key;
    }

    /** Items by ServerId, in the order they came. A live view. */
    public Map<String, Item> items() {
        return Collections.unmodifiableMap(items);
    }

    public Optional<Item> item(String serverId) {
        return Optional.ofNullable(items.get(serverId));
    }

    public Collection<Item> all() {
        return Collections.unmodifiableCollection(items.values());
    }

    /** The one item with this subject, if there is exactly one. */
    public Optional<Item> bySubject(String subject) {
        var found =
                items.values().stream().filter(i -> i.subject().equals(subject)).toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    /** Forgets everything: the next Sync sends key 0. What a phone does after Status 3. */
    public void startOver() {
        items.clear();
        moved.clear();
        movedAway.clear();
        key = "0";
        answerLost = false;
        emptyRound = false;
    }

    /** An answer to this key never arrived, so items may come that the phone has already. */
    void answerLost() {
        answerLost = true;
    }

    /** The phone moved an item out of here. The server may tell of it again, or not. Source: MV-04. */
    Optional<Item> takeOut(String serverId) {
        if (!key.equals("0")) {
            movedAway.add(serverId);
        }
        return Optional.ofNullable(items.remove(serverId));
    }

    /** The phone moved an item here. The server may tell of it again, or not. Source: MV-04. */
    void putIn(Item item) {
        if (!key.equals("0")) {
            items.put(item.serverId(), item);
            moved.add(item.serverId());
        }
    }

    /**
     * Takes the answer to a request.
     *
     * @param sentKey the key that the request carried
     * @param repeated true if this request had been answered and taken before
     */
    void apply(SyncRequest request, String sentKey, SyncAnswer answer, boolean repeated) {
        checkKeys(request, sentKey, answer);
        if (!answer.succeeded()) {
            violations.add(
                    "Status",
                    place(),
                    "Status %d at the top, %d in the collection".formatted(answer.topStatus(), answer.status()));
            return;
        }
        if (sentKey.equals("0")) {
            items.clear();
            moved.clear();
            movedAway.clear();
        }
        var responses = answered(request, answer);
        for (var command : request.commands()) {
            applyOwn(command, responses);
        }
        for (var command : answer.commands()) {
            apply(command, repeated);
        }
        answer.syncKey().ifPresent(next -> key = next);
        answerLost = false;
    }

    private void checkKeys(SyncRequest request, String sentKey, SyncAnswer answer) {
        if (answer.empty()) {
            violations.check(!sentKey.equals("0"), "SC-24", place(), "an empty answer to key 0");
            return;
        }
        var next = answer.syncKey().orElse("");
        if (answer.succeeded()) {
            violations.check(!next.isEmpty(), "SK-04", place(), "Status 1 without SyncKey");
            violations.check(
                    !next.equals("0") && next.length() <= LONGEST_ID,
                    "SK-03",
                    place(),
                    "SyncKey \"%s\"".formatted(next));
            if (next.equals(sentKey)) {
                violations.check(!answer.moreAvailable(), "SK-10", place(), "MoreAvailable with an unchanged key");
                violations.check(answer.commands().isEmpty(), "SK-03", place(), "server changes with an unchanged key");
            }
            if (sentKey.equals("0")) {
                violations.check(
                        answer.commands().isEmpty() && !answer.moreAvailable(),
                        "SK-01",
                        place(),
                        "items or MoreAvailable in the answer to key 0");
            }
        } else {
            violations.check(
                    answer.commands().isEmpty() && !answer.moreAvailable(),
                    "SK-04",
                    place(),
                    "items with Status %d".formatted(answer.status()));
        }
        int window = request.windowSize()
                .map(size -> size < 1 || size > 512 ? 512 : size)
                .orElse(100);
        violations.check(
                answer.commands().size() <= window,
                "SC-10",
                place(),
                "%d server changes in a window of %d"
                        .formatted(answer.commands().size(), window));
        boolean emptyNow = answer.moreAvailable() && answer.commands().isEmpty();
        violations.check(!(emptyNow && emptyRound), "SC-11", place(), "MoreAvailable without items twice in a row");
        emptyRound = emptyNow;
    }

    /** The responses by the id that they name, checked against what was asked. */
    private Map<String, CommandResponse> answered(SyncRequest request, SyncAnswer answer) {
        var byId = new HashMap<String, CommandResponse>();
        for (var response : answer.responses()) {
            switch (response.kind()) {
                case ADD -> response.clientId().ifPresent(id -> byId.put("ADD " + id, response));
                case CHANGE, DELETE, FETCH ->
                    response.serverId().ifPresent(id -> byId.put(response.kind() + " " + id, response));
            }
            boolean saysNothing = response.kind() == CommandResponse.Kind.DELETE
                    || (response.kind() == CommandResponse.Kind.CHANGE
                            && response.data().isEmpty());
            boolean needless = response.status() == 1 && saysNothing;
            violations.check(
                    !needless, "CC-01", place(), "a Response to a %s that went well".formatted(response.kind()));
        }
        for (var command : request.commands()) {
            switch (command) {
                case ClientCommand.Add add ->
                    violations.check(
                            byId.containsKey("ADD " + add.clientId()),
                            "CC-01",
                            place(),
                            "no Response to Add " + add.clientId());
                case ClientCommand.Fetch fetch ->
                    violations.check(
                            byId.containsKey("FETCH " + fetch.serverId()),
                            "CC-01",
                            place(),
                            "no Response to Fetch " + fetch.serverId());
                case ClientCommand.Change _, ClientCommand.Delete _ -> {}
            }
        }
        return byId;
    }

    /** What a command of the phone does to its own copy, unless the server refused it. */
    private void applyOwn(ClientCommand command, Map<String, CommandResponse> responses) {
        switch (command) {
            case ClientCommand.Change change -> {
                if (wentWell(responses.get("CHANGE " + change.serverId()))) {
                    items.computeIfPresent(change.serverId(), (_, item) -> changed(item, change));
                }
            }
            case ClientCommand.Delete delete -> {
                if (wentWell(responses.get("DELETE " + delete.serverId()))) {
                    items.remove(delete.serverId());
                } else if (items.containsKey(delete.serverId())) {
                    moved.add(delete.serverId()); // a phone may have taken it away at once, so it may be told again
                }
            }
            case ClientCommand.Fetch fetch -> {
                var response = responses.get("FETCH " + fetch.serverId());
                if (response != null && response.status() == 1) {
                    response.data()
                            .ifPresent(data -> items.computeIfPresent(fetch.serverId(), (_, item) -> item.with(data)));
                }
            }
            case ClientCommand.Add add -> {
                var response = responses.get("ADD " + add.clientId());
                if (response != null && response.status() == 1) {
                    response.serverId()
                            .ifPresentOrElse(
                                    id -> items.put(
                                            id, Item.of(id, response.data().orElse(ItemData.NOTHING))),
                                    () -> violations.add("CC-02", place(), "an Add without ServerId"));
                }
            }
        }
    }

    private static boolean wentWell(@Nullable CommandResponse response) {
        return response == null || response.status() == 1;
    }

    private static Item changed(Item item, ClientCommand.Change change) {
        Map<Tag, String> properties = change.read()
                .map(read -> Map.<Tag, String>of(Email.READ, read ? "1" : "0"))
                .orElse(Map.of());
        return item.with(new ItemData(
                properties,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                change.flag(),
                change.categories(),
                Optional.empty()));
    }

    private void apply(ServerCommand command, boolean repeated) {
        var id = command.serverId();
        boolean known = items.containsKey(id);
        violations.check(!id.isEmpty() && id.length() <= LONGEST_ID, "SC-19", place(), "ServerId \"%s\"".formatted(id));
        switch (command) {
            case ServerCommand.Add add -> {
                boolean expected = moved.remove(id) || answerLost || repeated;
                violations.check(!known || expected, "SV-14", place(), "Add of %s, which is here".formatted(id));
                items.put(id, Item.of(id, add.data()));
            }
            case ServerCommand.Change change -> {
                violations.check(known || repeated, "SV-14", place(), "Change of %s, which is not here".formatted(id));
                items.computeIfPresent(id, (_, item) -> item.with(change.data()));
            }
            case ServerCommand.Delete _, ServerCommand.SoftDelete _ -> {
                boolean expected = movedAway.remove(id) || repeated;
                violations.check(known || expected, "SV-14", place(), "Delete of %s, which is not here".formatted(id));
                items.remove(id);
                moved.remove(id);
            }
        }
    }

    private String place() {
        return "collection " + collectionId;
    }

    @Override
    public String toString() {
        return items.values().stream()
                .map(item -> "%s \"%s\"%s".formatted(item.serverId(), item.subject(), item.read() ? "" : " (unread)"))
                .collect(Collectors.joining("\n", "collection %s, key %s\n".formatted(collectionId, key), ""));
    }
}
