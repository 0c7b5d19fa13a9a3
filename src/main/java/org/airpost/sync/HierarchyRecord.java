package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.FolderType;
import org.airpost.store.StoreException;

/**
 * What a device was told of the folder hierarchy, in two generations as in {@link LedgerRecord}.
 *
 * @param generation the SyncKey of the state
 * @param named the greatest generation that was ever named to the phone; that of the next state, if there is one
 * @param state the folders that the phone is known to have, by id, parents first
 * @param next those after the last answer, if it may have been lost
 * @param made the change that the phone asked for last, for its repeat
 */
record HierarchyRecord(
        long generation, long named, Map<String, Told> state, Optional<Map<String, Told>> next, Optional<Made> made) {

    private static final int FORMAT = 2;

    /** A folder as it was told. */
    record Told(String parentId, String displayName, FolderType type) {

        static Told of(Folder folder) {
            return new Told(folder.parentId(), folder.displayName(), folder.type());
        }
    }

    /**
     * A FolderCreate or FolderUpdate that was begun, and whose end may be unknown: a repeat finds again what it has done.
     *
     * @param id of the folder; empty for a FolderCreate until it is known
     * @param mailbox its name before a FolderUpdate; empty for a FolderCreate
     */
    record Made(String parentId, String displayName, String id, String mailbox) {

        boolean isCreate(String parent, String name) {
            return mailbox.isEmpty() && parentId.equals(parent) && displayName.equals(name);
        }

        boolean isUpdate(String folder, String parent, String name) {
            return !mailbox.isEmpty() && id.equals(folder) && parentId.equals(parent) && displayName.equals(name);
        }
    }

    /** A record after SyncKey 0: no folders, under a generation that no phone was ever told. */
    static HierarchyRecord start(Optional<HierarchyRecord> before) {
        long generation = before.map(record -> record.named() + 1).orElse(0L);
        return new HierarchyRecord(generation, generation, Map.of(), Optional.empty(), Optional.empty());
    }

    /** A record in the place of one that cannot be read: it knows no key that the phone has. */
    static HierarchyRecord unreadable(long storeVersion) {
        long generation = LedgerRecord.generationAfterDamage(storeVersion);
        return new HierarchyRecord(generation, generation, Map.of(), Optional.empty(), Optional.empty());
    }

    /** The record as of a key; empty if the key is not a known one. */
    Optional<HierarchyRecord> at(String syncKey) {
        if (syncKey.equals(Long.toString(generation))) {
            return Optional.of(new HierarchyRecord(generation, named, state, Optional.empty(), made));
        }
        if (next.isPresent() && syncKey.equals(Long.toString(named))) {
            return Optional.of(new HierarchyRecord(named, named, next.get(), Optional.empty(), Optional.empty()));
        }
        return Optional.empty();
    }

    /** The folders that the phone has if every answer arrived. */
    Map<String, Told> latest() {
        return next.orElse(state);
    }

    /** The SyncKey that the last answer named. */
    String namedKey() {
        return Long.toString(named);
    }

    /** The same with a change that is about to be made, or with none; nothing is told by that. */
    HierarchyRecord making(Optional<Made> change) {
        return new HierarchyRecord(generation, named, state, next, change);
    }

    HierarchyRecord answering(Map<String, Told> nextState, Optional<Made> made) {
        return new HierarchyRecord(generation, named + 1, state, Optional.of(nextState), made);
    }

    /** What to tell a phone that has the state, so that it has these folders. */
    Changes changesTo(List<Folder> folders) {
        return changes(state, folders);
    }

    /** The same for a phone that got every answer. */
    Changes changesFromLatest(List<Folder> folders) {
        return changes(latest(), folders);
    }

    private static Changes changes(Map<String, Told> known, List<Folder> folders) {
        var adds = new ArrayList<Folder>();
        var updates = new ArrayList<Folder>();
        var gone = new ArrayList<>(known.keySet());
        for (var folder : folders) {
            var told = known.get(folder.id());
            gone.remove(folder.id());
            if (told == null) {
                adds.add(folder);
            } else if (!told.equals(Told.of(folder))) {
                updates.add(folder);
            }
        }
        return new Changes(adds, updates, gone.reversed());
    }

    /** Changes of a hierarchy: folders added (parents first) and updated, ids deleted (children first). */
    record Changes(List<Folder> adds, List<Folder> updates, List<String> deletes) {

        boolean isEmpty() {
            return adds.isEmpty() && updates.isEmpty() && deletes.isEmpty();
        }
    }

    static Map<String, Told> tell(List<Folder> folders) {
        var told = new LinkedHashMap<String, Told>();
        folders.forEach(folder -> told.put(folder.id(), Told.of(folder)));
        return told;
    }

    byte[] toBytes() {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(generation);
            out.writeLong(named);
            write(state, out);
            out.writeBoolean(next.isPresent());
            if (next.isPresent()) {
                write(next.get(), out);
            }
            out.writeBoolean(made.isPresent());
            if (made.isPresent()) {
                out.writeUTF(made.get().parentId());
                out.writeUTF(made.get().displayName());
                out.writeUTF(made.get().id());
                out.writeUTF(made.get().mailbox());
            }
        });
    }

    static HierarchyRecord ofBytes(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readByte();
            if (format != FORMAT) {
                throw new StoreException("hierarchy record has format " + format);
            }
            long generation = in.readLong();
            long named = in.readLong();
            var state = read(in);
            var next = in.readBoolean() ? Optional.of(read(in)) : Optional.<Map<String, Told>>empty();
            var made = in.readBoolean()
                    ? Optional.of(new Made(in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF()))
                    : Optional.<Made>empty();
            return new HierarchyRecord(generation, named, state, next, made);
        } catch (IOException e) {
            throw new StoreException("hierarchy record cannot be read", e);
        }
    }

    private static void write(Map<String, Told> folders, DataOutputStream out) throws IOException {
        out.writeInt(folders.size());
        for (var entry : folders.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue().parentId());
            out.writeUTF(entry.getValue().displayName());
            out.writeByte(entry.getValue().type().code());
        }
    }

    private static Map<String, Told> read(DataInputStream in) throws IOException {
        var folders = new LinkedHashMap<String, Told>();
        for (int left = in.readInt(); left > 0; left--) {
            var id = in.readUTF();
            var parentId = in.readUTF();
            var displayName = in.readUTF();
            int code = in.readByte();
            var type = java.util.Arrays.stream(FolderType.values())
                    .filter(t -> t.code() == code)
                    .findFirst()
                    .orElse(FolderType.UNKNOWN);
            folders.put(id, new Told(parentId, displayName, type));
        }
        return folders;
    }
}
