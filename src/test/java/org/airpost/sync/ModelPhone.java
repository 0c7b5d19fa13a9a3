package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.airpost.command.Documents;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.FolderHierarchy;
import org.airpost.wbxml.page.GetItemEstimate;
import org.airpost.wbxml.page.Move;

/** A strict phone: its folder table, its replicas, and what it writes and reads. */
final class ModelPhone {

    final DeviceKey device;
    final ProtocolVersion version;
    String folderKey = "0";
    boolean ambiguous;
    final Map<String, Place> folders = new LinkedHashMap<>();
    final Map<String, ModelReplica> replicas = new LinkedHashMap<>();
    Optional<PastMove> pastMove = Optional.empty();

    ModelPhone(DeviceKey device, ProtocolVersion version) {
        this.device = device;
        this.version = version;
    }

    /** A folder of the phone's table. */
    record Place(String id, String parentId, String name, int type) {

        boolean holdsMail() {
            return type != FolderType.GENERIC.code();
        }
    }

    /** A MoveItems that was sent before. */
    record PastMove(List<Step> steps, List<Moved> first, List<Long> uidValidities) {}

    /** One move. */
    record Step(String sourceId, String sourceFolder, String targetFolder) {}

    /** What was answered to it. */
    record Moved(String sourceId, int status, String targetId) {}

    /** What a FolderSync, or another command on the hierarchy, answered. */
    static final class Tree {
        int status;
        String key = "";
        String id = "";
        int count = -1;
        final List<Place> adds = new ArrayList<>();
        final List<Place> updates = new ArrayList<>();
        final List<String> deletes = new ArrayList<>();
    }

    List<ModelReplica> started() {
        return replicas.values().stream().filter(r -> !r.key.equals("0")).toList();
    }

    String path(String id) {
        var place = folders.get(id);
        if (place == null) {
            return "?";
        }
        return place.parentId().equals("0") ? place.name() : path(place.parentId()) + "/" + place.name();
    }

    Set<String> paths() {
        var paths = new TreeSet<String>();
        folders.keySet().forEach(id -> paths.add(path(id)));
        return paths;
    }

    /** Takes a FolderSync with Status 1; gives what is wrong with it. */
    List<String> take(String sentKey, Tree tree) {
        var wrong = new ArrayList<String>();
        if (tree.key.isEmpty() || tree.key.equals("0")) {
            wrong.add("FH-01 key \"%s\"".formatted(tree.key));
        }
        int told = tree.adds.size() + tree.updates.size() + tree.deletes.size();
        if (told != tree.count) {
            wrong.add("FH-01 Count %d of %d".formatted(tree.count, told));
        }
        if (told > 0 && tree.key.equals(sentKey)) {
            wrong.add("FH-02 changes with an unchanged key");
        }
        if (sentKey.equals("0")) {
            folders.clear();
        }
        for (var place : tree.updates) {
            if (!folders.containsKey(place.id())) {
                wrong.add("FH-02 Update of unknown " + place);
            }
            folders.put(place.id(), place);
        }
        for (var id : tree.deletes) {
            if (folders.remove(id) == null) {
                wrong.add("FH-02 Delete of unknown " + id);
            }
        }
        for (var place : tree.adds) {
            if (folders.containsKey(place.id())) {
                wrong.add("FH-02 Add of known " + place);
            }
            if (!place.parentId().equals("0") && !folders.containsKey(place.parentId())) {
                wrong.add("FH-07 %s before its parent".formatted(place));
            }
            folders.put(place.id(), place);
        }
        replicas.keySet().removeIf(id -> !folders.containsKey(id));
        folderKey = tree.key;
        return wrong;
    }

    // Writing.

    byte[] sync(List<ModelReplica.Asked> all) {
        return Documents.bytes(out -> {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS);
            for (var asked : all) {
                write(out, asked);
            }
            out.end().end();
        });
    }

    private void write(WbxmlWriter out, ModelReplica.Asked asked) {
        out.start(AirSync.COLLECTION);
        if (version == ProtocolVersion.V12_1) {
            out.text(AirSync.CLASS, "Email");
        }
        out.text(AirSync.SYNC_KEY, asked.key()).text(AirSync.COLLECTION_ID, asked.replica().id);
        if (!asked.key().equals("0")) {
            if (!asked.getChanges()) {
                out.flag(AirSync.GET_CHANGES, false);
            }
            out.text(AirSync.WINDOW_SIZE, asked.window());
        }
        if (asked.sendsFilter()) {
            if (asked.replica().conversations) {
                out.flag(AirSync.CONVERSATION_MODE, true);
            }
            out.start(AirSync.OPTIONS)
                    .text(AirSync.FILTER_TYPE, asked.replica().filter.code())
                    .end();
        }
        if (!asked.own().isEmpty()) {
            out.start(AirSync.COMMANDS);
            asked.own().forEach(command -> write(out, command));
            out.end();
        }
        out.end();
    }

    private static void write(WbxmlWriter out, ModelReplica.Own command) {
        switch (command) {
            case ModelReplica.Own.Delete(var id) ->
                out.start(AirSync.DELETE).text(AirSync.SERVER_ID, id).end();
            case ModelReplica.Own.Fetch(var id) ->
                out.start(AirSync.FETCH).text(AirSync.SERVER_ID, id).end();
            case ModelReplica.Own.Change(var id, var label, var on) -> {
                out.start(AirSync.CHANGE).text(AirSync.SERVER_ID, id).start(AirSync.APPLICATION_DATA);
                if (label.equals("read")) {
                    out.flag(Email.READ, on);
                } else if (label.equals("flag")) {
                    out.start(Email.FLAG).text(Email.STATUS, on ? 2 : 0).end();
                } else {
                    out.start(Email.CATEGORIES);
                    if (on) {
                        out.text(Email.CATEGORY, label.substring("cat:".length()));
                    }
                    out.end();
                }
                out.end().end();
            }
        }
    }

    static byte[] moves(List<Step> steps) {
        return Documents.bytes(out -> {
            out.start(Move.MOVE_ITEMS);
            for (var step : steps) {
                out.start(Move.MOVE)
                        .text(Move.SRC_MSG_ID, step.sourceId())
                        .text(Move.SRC_FLD_ID, step.sourceFolder())
                        .text(Move.DST_FLD_ID, step.targetFolder())
                        .end();
            }
            out.end();
        });
    }

    static byte[] estimate(ModelReplica replica) {
        return Documents.bytes(out -> out.start(GetItemEstimate.GET_ITEM_ESTIMATE)
                .start(GetItemEstimate.COLLECTIONS)
                .start(GetItemEstimate.COLLECTION)
                .text(AirSync.SYNC_KEY, replica.key)
                .text(GetItemEstimate.COLLECTION_ID, replica.id)
                .end()
                .end()
                .end());
    }

    static byte[] hierarchy(FolderHierarchy root, String key, Map<FolderHierarchy, String> fields) {
        return Documents.bytes(out -> {
            out.start(root).text(FolderHierarchy.SYNC_KEY, key);
            fields.forEach(out::text);
            out.end();
        });
    }

    // Reading.

    static Tree readTree(byte[] document) {
        var tree = new Tree();
        var in = reader(document);
        in.root();
        while (in.child()) {
            switch (in.tag()) {
                case FolderHierarchy.STATUS -> tree.status = (int) in.number(0, 1_000);
                case FolderHierarchy.SYNC_KEY -> tree.key = in.text();
                case FolderHierarchy.SERVER_ID -> tree.id = in.text();
                case FolderHierarchy.CHANGES -> {
                    while (in.child()) {
                        switch (in.tag()) {
                            case FolderHierarchy.COUNT -> tree.count = (int) in.number(0, 10_000);
                            case FolderHierarchy.ADD -> tree.adds.add(readPlace(in));
                            case FolderHierarchy.UPDATE -> tree.updates.add(readPlace(in));
                            case FolderHierarchy.DELETE ->
                                tree.deletes.add(readPlace(in).id());
                            default -> in.skip();
                        }
                    }
                }
                default -> in.skip();
            }
        }
        return tree;
    }

    private static Place readPlace(WbxmlReader in) {
        var id = "";
        var parentId = "0";
        var name = "";
        int type = 0;
        while (in.child()) {
            switch (in.tag()) {
                case FolderHierarchy.SERVER_ID -> id = in.text();
                case FolderHierarchy.PARENT_ID -> parentId = in.text();
                case FolderHierarchy.DISPLAY_NAME -> name = in.text();
                case FolderHierarchy.TYPE -> type = (int) in.number(0, 100);
                default -> in.skip();
            }
        }
        return new Place(id, parentId, name, type);
    }

    static List<Moved> readMoves(byte[] document) {
        var moved = new ArrayList<Moved>();
        var in = reader(document);
        in.root(Move.MOVE_ITEMS);
        while (in.child()) {
            var source = "";
            int status = 0;
            var target = "";
            while (in.child()) {
                switch (in.tag()) {
                    case Move.SRC_MSG_ID -> source = in.text();
                    case Move.STATUS -> status = (int) in.number(0, 100);
                    case Move.DST_MSG_ID -> target = in.text();
                    default -> in.skip();
                }
            }
            moved.add(new Moved(source, status, target));
        }
        return moved;
    }

    /** The estimate, or minus the status. */
    static int readEstimate(byte[] document) {
        int status = 0;
        int estimate = 0;
        var in = reader(document);
        in.root(GetItemEstimate.GET_ITEM_ESTIMATE);
        while (in.child()) {
            while (in.child()) {
                if (in.tag() == GetItemEstimate.STATUS) {
                    status = (int) in.number(0, 1_000);
                } else if (in.tag() == GetItemEstimate.COLLECTION) {
                    while (in.child()) {
                        if (in.tag() == GetItemEstimate.ESTIMATE) {
                            estimate = (int) in.number(0, 1_000_000);
                        } else {
                            in.skip();
                        }
                    }
                } else {
                    in.skip();
                }
            }
        }
        return status == 1 ? estimate : -status;
    }

    private static WbxmlReader reader(byte[] document) {
        return new WbxmlReader(new ByteArrayInputStream(document), WbxmlLimits.REQUEST);
    }
}
