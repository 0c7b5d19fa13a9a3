package org.airpost.phone;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.FolderType;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.FolderHierarchy;

/** The phone's folder table with its key, and the four commands that change them. Source: MS-ASCMD "FolderSync". */
public final class Hierarchy {

    private final Wire wire;
    private final Violations violations;
    private final Map<String, Folder> folders = new LinkedHashMap<>();
    private String key = "0";

    Hierarchy(Wire wire, Violations violations) {
        this.wire = wire;
        this.violations = violations;
    }

    /** The key that the next command will send; {@code 0} before the first. */
    public String key() {
        return key;
    }

    /** The folders as told so far. A live view. */
    public Collection<Folder> folders() {
        return Collections.unmodifiableCollection(folders.values());
    }

    public Optional<Folder> folder(String id) {
        return Optional.ofNullable(folders.get(id));
    }

    /** The first folder of a type. */
    public Optional<Folder> ofType(FolderType type) {
        return folders.values().stream().filter(f -> f.type() == type).findFirst();
    }

    /** The first folder of this name, in any case of letters. */
    public Optional<Folder> named(String name) {
        return folders.values().stream()
                .filter(f -> f.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** Forgets everything: the next FolderSync sends key 0. */
    public void startOver() {
        folders.clear();
        key = "0";
    }

    FolderChanges sync() {
        var sent = key;
        var reading = exchange(CommandName.FOLDER_SYNC, FolderHierarchy.FOLDER_SYNC, Map.of());
        if (reading.status != 1) {
            violations.check(
                    reading.key.isEmpty() && reading.added.isEmpty(),
                    "FH-03",
                    "FolderSync",
                    "SyncKey or Changes with Status %d".formatted(reading.status));
            return new FolderChanges(reading.status, List.of(), List.of(), List.of());
        }
        reading.key.ifPresentOrElse(
                next -> {
                    violations.check(!next.equals("0"), "FH-01", "FolderSync", "SyncKey 0");
                    key = next;
                },
                () -> violations.add("FH-01", "FolderSync", "Status 1 without SyncKey"));
        int told = reading.added.size() + reading.updated.size() + reading.deleted.size();
        violations.check(
                reading.count == told,
                "FH-01",
                "FolderSync",
                "Count %d with %d elements".formatted(reading.count, told));
        if (sent.equals("0")) {
            folders.clear();
        }
        return apply(reading);
    }

    private FolderChanges apply(Reading reading) {
        for (var folder : reading.added) {
            violations.check(
                    !folders.containsKey(folder.id()), "FH-02", "FolderSync", "Add of known folder " + folder.id());
            checkParent(folder);
            folders.put(folder.id(), folder);
        }
        for (var folder : reading.updated) {
            violations.check(
                    folders.containsKey(folder.id()), "FH-02", "FolderSync", "Update of unknown folder " + folder.id());
            checkParent(folder);
            folders.put(folder.id(), folder);
        }
        for (var id : reading.deleted) {
            violations.check(folders.containsKey(id), "FH-02", "FolderSync", "Delete of unknown folder " + id);
            folders.remove(id);
        }
        return new FolderChanges(
                1,
                reading.added.stream().map(Folder::id).toList(),
                reading.updated.stream().map(Folder::id).toList(),
                reading.deleted);
    }

    private void checkParent(Folder folder) {
        violations.check(
                folder.parentId().equals("0") || folders.containsKey(folder.parentId()),
                "FH-07",
                "FolderSync",
                "folder %s comes before its parent %s".formatted(folder.id(), folder.parentId()));
    }

    FolderResult create(String parentId, String name, FolderType type) {
        var values = new LinkedHashMap<Tag, String>();
        values.put(FolderHierarchy.PARENT_ID, parentId);
        values.put(FolderHierarchy.DISPLAY_NAME, name);
        values.put(FolderHierarchy.TYPE, Integer.toString(type.code()));
        var reading = exchange(CommandName.FOLDER_CREATE, FolderHierarchy.FOLDER_CREATE, values);
        if (taken("FolderCreate", reading)) {
            reading.serverId.ifPresentOrElse(
                    id -> folders.put(id, new Folder(id, parentId, name, type)),
                    () -> violations.add("FH-12", "FolderCreate", "Status 1 without ServerId"));
        }
        return new FolderResult(reading.status, reading.serverId);
    }

    FolderResult update(String id, String parentId, String name) {
        var values = new LinkedHashMap<Tag, String>();
        values.put(FolderHierarchy.SERVER_ID, id);
        values.put(FolderHierarchy.PARENT_ID, parentId);
        values.put(FolderHierarchy.DISPLAY_NAME, name);
        var reading = exchange(CommandName.FOLDER_UPDATE, FolderHierarchy.FOLDER_UPDATE, values);
        if (taken("FolderUpdate", reading)) {
            folders.computeIfPresent(id, (_, old) -> new Folder(id, parentId, name, old.type()));
        }
        return new FolderResult(reading.status, Optional.empty());
    }

    FolderResult delete(String id) {
        var reading = exchange(
                CommandName.FOLDER_DELETE, FolderHierarchy.FOLDER_DELETE, Map.of(FolderHierarchy.SERVER_ID, id));
        if (taken("FolderDelete", reading)) {
            folders.remove(id);
        }
        return new FolderResult(reading.status, Optional.empty());
    }

    /** Takes the new key if all went well. Source: FH-12. */
    private boolean taken(String command, Reading reading) {
        boolean well = reading.status == 1;
        violations.check(
                reading.key.isPresent() == well,
                "FH-12",
                command,
                "Status %d %s SyncKey".formatted(reading.status, well ? "without" : "with"));
        if (well) {
            reading.key.ifPresent(next -> key = next);
        }
        return well;
    }

    private Reading exchange(CommandName command, Tag root, Map<Tag, String> values) {
        var reply = wire.post(Wire.Post.of(command, Wire.document(out -> {
            out.start(root).text(FolderHierarchy.SYNC_KEY, key);
            values.forEach(out::text);
            out.end();
        })));
        var reading = new Reading();
        Wire.read(command, reply.body(), in -> reading.answer(in, root));
        return reading;
    }

    /** An answer while it is read. */
    private static final class Reading {

        private int status;
        private int count;
        private Optional<String> key = Optional.empty();
        private Optional<String> serverId = Optional.empty();
        private final List<Folder> added = new ArrayList<>();
        private final List<Folder> updated = new ArrayList<>();
        private final List<String> deleted = new ArrayList<>();

        void answer(WbxmlReader in, Tag root) {
            in.root(root);
            while (in.child()) {
                switch (in.tag()) {
                    case FolderHierarchy.STATUS -> status = (int) in.number(0, 10_000);
                    case FolderHierarchy.SYNC_KEY -> key = Optional.of(in.text());
                    case FolderHierarchy.SERVER_ID -> serverId = Optional.of(in.text());
                    case FolderHierarchy.CHANGES -> changes(in);
                    default -> in.skip();
                }
            }
        }

        private void changes(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case FolderHierarchy.COUNT -> count = (int) in.number(0, Integer.MAX_VALUE);
                    case FolderHierarchy.ADD -> added.add(folder(in));
                    case FolderHierarchy.UPDATE -> updated.add(folder(in));
                    case FolderHierarchy.DELETE -> deleted.add(folder(in).id());
                    default -> in.skip();
                }
            }
        }

        private static Folder folder(WbxmlReader in) {
            var id = "";
            var parentId = "0";
            var name = "";
            var type = FolderType.UNKNOWN;
            while (in.child()) {
                switch (in.tag()) {
                    case FolderHierarchy.SERVER_ID -> id = in.text();
                    case FolderHierarchy.PARENT_ID -> parentId = in.text();
                    case FolderHierarchy.DISPLAY_NAME -> name = in.text();
                    case FolderHierarchy.TYPE -> type = Folder.type(in.number(0, 10_000));
                    default -> in.skip();
                }
            }
            return new Folder(id, parentId, name, type);
        }
    }
}
