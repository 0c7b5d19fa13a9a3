package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.airpost.backend.FolderView;
import org.airpost.eas.FilterType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/** A phone's copy of one collection, which takes nothing that does not fit what it has. */
final class ModelReplica {

    /** Characters of a SyncKey. Source: MS-ASCMD "SyncKey(Sync)". */
    private static final int MOST_KEY = 64;

    final String id;
    String key = "0";
    FilterType filter;
    boolean filterConfirmed;

    /** ConversationMode. */
    final boolean conversations;

    final Map<String, Set<String>> items = new TreeMap<>();

    /** An answer was lost since the last one that was taken. */
    boolean uncertain;

    /** The key may be void through no fault of the server: a request was delivered twice. */
    boolean ambiguous;

    /** UIDVALIDITY at the start; 0 if it is not known for sure. */
    long uidValidity;

    final Set<String> movedIn = new HashSet<>();
    final Set<String> movedOut = new HashSet<>();

    /** What this device may have changed by itself in this folder without knowing under which id. */
    final Set<String> own = new HashSet<>();

    /** It may be told that an item is gone which it moved here, and of which it does not know that. */
    boolean repeatedMove;

    private final Set<String> keys = new HashSet<>();
    private boolean emptyRound;

    ModelReplica(String id, FilterType filter, boolean conversations) {
        this.conversations = conversations;
        this.id = id;
        this.filter = filter;
    }

    void startOver() {
        key = "0";
        items.clear();
        movedIn.clear();
        movedOut.clear();
        filterConfirmed = false;
        emptyRound = false;
        ambiguous = false;
        uncertain = false;
    }

    /** A command of the phone on one item. */
    sealed interface Own {

        String serverId();

        record Change(String serverId, String label, boolean on) implements Own {}

        record Delete(String serverId) implements Own {}

        record Fetch(String serverId) implements Own {}
    }

    /** What was asked for this collection. */
    record Asked(
            ModelReplica replica, String key, int window, boolean getChanges, boolean sendsFilter, List<Own> own) {}

    /** A collection of an answer. */
    static final class Told {
        String id = "";
        String key = "";
        int status;
        boolean more;
        final List<Item> commands = new ArrayList<>();
        final Map<String, Integer> responses = new HashMap<>();
    }

    /** A command of the server. */
    record Item(AirSync kind, String id, Labels labels) {}

    /** What ApplicationData says; what it does not say is empty. */
    record Labels(
            Optional<Boolean> read, Optional<Boolean> flag, Optional<String> verb, Optional<Set<String>> categories) {

        boolean isEmpty() {
            return read.isEmpty() && flag.isEmpty() && verb.isEmpty() && categories.isEmpty();
        }

        Set<String> over(Set<String> before) {
            var after = new TreeSet<>(before);
            read.ifPresent(on -> set(after, "read", on));
            flag.ifPresent(on -> set(after, "flag", on));
            verb.ifPresent(value -> {
                after.removeIf(label -> label.startsWith("verb"));
                if (!value.equals("0")) {
                    after.add("verb" + value);
                }
            });
            categories.ifPresent(names -> {
                after.removeIf(label -> label.startsWith("cat:"));
                names.forEach(name -> after.add("cat:" + name));
            });
            return after;
        }
    }

    static void set(Set<String> labels, String label, boolean on) {
        if (on) {
            labels.add(label);
        } else {
            labels.remove(label);
        }
    }

    /** What a phone of this version sees of a message's flags. */
    static Set<String> labels(FolderView view, long uid, ProtocolVersion version) {
        var labels = new TreeSet<String>();
        set(labels, "read", view.with(FolderView.SEEN).contains(uid));
        set(labels, "flag", view.with(FolderView.FLAGGED).contains(uid));
        if (version.atLeast(ProtocolVersion.V14_0)) {
            if (view.with(FolderView.ANSWERED).contains(uid)) {
                labels.add("verb1");
            } else if (view.with(FolderView.FORWARDED).contains(uid)) {
                labels.add("verb3");
            }
            for (var keyword : List.of("Work", "Home")) {
                set(labels, "cat:" + keyword, view.with(keyword).contains(uid));
            }
        }
        return labels;
    }

    /** No answer came: what it said, and whether it was the second that said nothing, nobody knows. */
    void heardNothing() {
        uncertain = true;
        emptyRound = false;
    }

    /** The collection was left out of an answer. */
    void heardOfNothingNew() {
        uncertain = false;
        emptyRound = false;
    }

    /** Takes a collection of an answer with Status 1; gives what is wrong with it. */
    List<String> take(Asked asked, Told told, ProtocolVersion version) {
        var wrong = new ArrayList<String>();
        if (told.key.isEmpty() || told.key.equals("0") || told.key.equals(asked.key())) {
            wrong.add("SK-03 key %s after %s".formatted(told.key, asked.key()));
        }
        if (told.key.length() > MOST_KEY) {
            wrong.add("SK-03 a key of %d characters".formatted(told.key.length()));
        }
        if (asked.key().equals("0") && told.key.equals("1")) {
            keys.clear(); // the folder was told as deleted in between, and then the server forgets
        }
        if (!keys.add(told.key)) {
            wrong.add("SK-08 key %s is given a second time".formatted(told.key));
        }
        if (asked.key().equals("0")) {
            items.clear();
            movedIn.clear();
            movedOut.clear();
            if (told.more || !told.commands.isEmpty()) {
                wrong.add("SK-01 items in the answer to key 0");
            }
        }
        if (told.commands.size() > asked.window()) {
            wrong.add("SC-10 %d items in a window of %d".formatted(told.commands.size(), asked.window()));
        }
        if (!asked.getChanges() && (told.more || !told.commands.isEmpty())) {
            wrong.add("SC-06 items without GetChanges");
        }
        boolean emptyNow = told.more && told.commands.isEmpty();
        if (emptyNow && emptyRound) {
            wrong.add("SC-11 MoreAvailable without items twice");
        }
        emptyRound = emptyNow;
        asked.own().forEach(command -> applyOwn(command, told, wrong));
        int stage = 0;
        for (var item : told.commands) {
            int now = switch (item.kind()) {
                case DELETE, SOFT_DELETE -> 0;
                case CHANGE -> 1;
                default -> 2;
            };
            if (now < stage) {
                wrong.add("SV-17 %s comes late".formatted(item));
            }
            stage = now;
            apply(item, version, wrong);
        }
        key = told.key;
        filterConfirmed |= asked.sendsFilter();
        uncertain = false;
        repeatedMove &= told.more || !asked.getChanges(); // without GetChanges nothing is told of it
        return wrong;
    }

    private void applyOwn(Own command, Told told, List<String> wrong) {
        var status = Optional.ofNullable(told.responses.get(command.serverId()));
        switch (command) {
            case Own.Change(var serverId, var label, var on) -> {
                if (status.isEmpty()) {
                    items.computeIfPresent(serverId, (_, labels) -> {
                        var changed = new TreeSet<>(labels);
                        if (label.startsWith("cat:")) {
                            changed.removeIf(other -> other.startsWith("cat:"));
                        }
                        set(changed, label, on);
                        return changed;
                    });
                } else if (status.get() != 8) {
                    wrong.add("Status %d for %s".formatted(status.get(), command));
                }
            }
            case Own.Delete(var serverId) -> {
                items.remove(serverId);
                if (status.isPresent()) {
                    wrong.add("CC-05 Status %d for %s".formatted(status.get(), command));
                }
            }
            case Own.Fetch _ -> {
                if (status.isEmpty()) {
                    wrong.add("CC-01 no Response to " + command);
                }
            }
        }
    }

    private void apply(Item item, ProtocolVersion version, List<String> wrong) {
        var known = items.containsKey(item.id());
        switch (item.kind()) {
            case ADD -> {
                if (known && !movedIn.contains(item.id())) {
                    wrong.add("SV-14 Add of %s, which is here".formatted(item.id()));
                }
                movedIn.remove(item.id());
                items.put(item.id(), item.labels().over(Set.of()));
            }
            case CHANGE -> {
                if (!known) {
                    wrong.add("SV-14 Change of %s, which is not here".formatted(item.id()));
                }
                if (item.labels().isEmpty()) {
                    wrong.add("SV-11 a Change of %s that says nothing at %s".formatted(item.id(), version));
                }
                items.computeIfPresent(item.id(), (_, before) -> item.labels().over(before));
            }
            case DELETE, SOFT_DELETE -> {
                boolean expected = movedOut.remove(item.id()) || own.contains(item.id()) || repeatedMove;
                if (!known && !expected) {
                    wrong.add("SV-14 %s of %s, which is not here".formatted(item.kind(), item.id()));
                }
                movedIn.remove(item.id());
                items.remove(item.id());
            }
            default -> wrong.add("SV-01 " + item.kind());
        }
    }

    // Reading an answer.

    static List<Told> read(byte[] document, Map<String, Integer> top) {
        var told = new ArrayList<Told>();
        var in = new WbxmlReader(new ByteArrayInputStream(document), WbxmlLimits.REQUEST);
        in.root(AirSync.SYNC);
        while (in.child()) {
            if (in.tag() == AirSync.STATUS) {
                top.put("Status", (int) in.number(0, 1_000));
            } else if (in.tag() == AirSync.COLLECTIONS) {
                while (in.child()) {
                    told.add(readCollection(in));
                }
            } else {
                in.skip();
            }
        }
        return told;
    }

    private static Told readCollection(WbxmlReader in) {
        var told = new Told();
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.SYNC_KEY -> told.key = in.text();
                case AirSync.COLLECTION_ID -> told.id = in.text();
                case AirSync.STATUS -> told.status = (int) in.number(0, 1_000);
                case AirSync.MORE_AVAILABLE -> {
                    told.more = true;
                    in.skip();
                }
                case AirSync.COMMANDS -> {
                    while (in.child()) {
                        told.commands.add(readItem(in));
                    }
                }
                case AirSync.RESPONSES -> {
                    while (in.child()) {
                        readResponse(in, told);
                    }
                }
                default -> in.skip();
            }
        }
        return told;
    }

    private static void readResponse(WbxmlReader in, Told told) {
        var id = "";
        int status = 0;
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.SERVER_ID -> id = in.text();
                case AirSync.STATUS -> status = (int) in.number(0, 1_000);
                default -> in.skip();
            }
        }
        told.responses.put(id, status);
    }

    private static Item readItem(WbxmlReader in) {
        Tag kind = in.tag();
        var id = "";
        var labels = new Labels(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        while (in.child()) {
            switch (in.tag()) {
                case AirSync.SERVER_ID -> id = in.text();
                case AirSync.APPLICATION_DATA -> labels = readLabels(in);
                default -> in.skip();
            }
        }
        return new Item(kind instanceof AirSync known ? known : AirSync.SYNC, id, labels);
    }

    private static Labels readLabels(WbxmlReader in) {
        Optional<Boolean> read = Optional.empty();
        Optional<Boolean> flag = Optional.empty();
        Optional<String> verb = Optional.empty();
        Optional<Set<String>> categories = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case Email.READ -> read = Optional.of(in.flag());
                case Email.FLAG -> {
                    boolean active = false;
                    while (in.child()) {
                        if (in.tag() == Email.STATUS) {
                            active = in.number(0, 2) == 2;
                        } else {
                            in.skip();
                        }
                    }
                    flag = Optional.of(active);
                }
                case Email2.LAST_VERB_EXECUTED -> verb = Optional.of(in.text());
                case Email.CATEGORIES -> {
                    var names = new TreeSet<String>();
                    while (in.child()) {
                        names.add(in.text());
                    }
                    categories = Optional.of(names);
                }
                default -> in.skip();
            }
        }
        return new Labels(read, flag, verb, categories);
    }
}
