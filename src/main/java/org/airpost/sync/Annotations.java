package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.airpost.eas.Annotation;
import org.airpost.eas.FollowUp;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What users did with messages that a mail server has no place for, kept for each folder and shared by the user's devices.
 * Each annotation has a version of its own. Views show it as eight flags that no server has, one for each bit of the version,
 * so that a changed annotation is a difference like any other. The newest {@value #MOST} of a folder are kept. Key: {@code
 * notes/<user>/<folder>}. Source: DESIGN §6.
 */
public final class Annotations {

    private static final Logger LOG = LoggerFactory.getLogger(Annotations.class);

    /** Followed by the number of a bit of the version. No flag of a server has such a name. */
    private static final String NOTE = "\\+note:";

    private static final int BITS = 8;
    private static final int FORMAT = 1;
    static final int MOST = 1_000;
    private static final int TRIES = 20;

    private final Store store;
    private volatile BiConsumer<String, String> listener = (_, _) -> {};

    Annotations(Store store) {
        this.store = store;
    }

    /** Has somebody told of each change: the user, and the mailbox. */
    public void listen(BiConsumer<String, String> changed) {
        listener = changed;
    }

    /** True for a flag that stands for a bit of an annotation's version. */
    static boolean isNote(String flag) {
        return flag.startsWith(NOTE);
    }

    /** True if one of these flags stands for an annotation. */
    public static boolean areAmong(Set<String> flags) {
        return flags.stream().anyMatch(Annotations::isNote);
    }

    /** An annotation and its version, from 1 to 255 and then from 1 again. */
    private record Note(int version, Annotation annotation) {}

    /**
     * The annotations of a folder.
     *
     * @param storeVersion of the record; {@link Store#ABSENT} if there is none
     */
    record Notes(long storeVersion, long uidValidity, Map<Long, Note> byUid) {

        /** The annotation of a message, if the UIDs are still those. */
        Optional<Annotation> of(long uidNow, long uid) {
            return uidNow == uidValidity ? Optional.ofNullable(byUid.get(uid)).map(Note::annotation) : Optional.empty();
        }
    }

    /** The annotations of a folder as they are now, by UID. */
    public LongFunction<Optional<Annotation>> of(String user, String folderId, long uidValidity) {
        var notes = load(user, folderId);
        return uid -> notes.of(uidValidity, uid);
    }

    /** The flags that stand for the annotation of a message as it is now. */
    public Set<String> flags(String user, String folderId, long uidValidity, long uid) {
        var notes = load(user, folderId);
        var note = notes.uidValidity == uidValidity ? notes.byUid.get(uid) : null;
        return note == null ? Set.of() : bits(note.version);
    }

    /** All flags that may stand for an annotation. */
    public static Set<String> allFlags() {
        return bits((1 << BITS) - 1);
    }

    private static Set<String> bits(int version) {
        var flags = new HashSet<String>();
        for (int bit = 0; bit < BITS; bit++) {
            if ((version >> bit & 1) == 1) {
                flags.add(NOTE + bit);
            }
        }
        return flags;
    }

    /** A view with the flags that stand for annotations. */
    static FolderView over(FolderView view, Notes notes) {
        if (notes.byUid.isEmpty() || notes.uidValidity != view.uidValidity()) {
            return view;
        }
        var flags = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
        flags.putAll(view.flags());
        var carriers = new TreeMap<String, UidSet.Builder>();
        notes.byUid.forEach((uid, note) -> {
            if (view.present().contains(uid)) {
                bits(note.version)
                        .forEach(flag -> carriers.computeIfAbsent(flag, _ -> UidSet.builder())
                                .add(uid));
            }
        });
        carriers.forEach((flag, uids) -> flags.put(flag, uids.build()));
        return new FolderView(view.uidValidity(), view.uidNext(), view.highestModSeq(), view.present(), flags);
    }

    /** Changes the annotations of some messages; what becomes empty is dropped, and what stays the same keeps its version. */
    public void change(String user, Folder folder, long uidValidity, UidSet uids, UnaryOperator<Annotation> change) {
        if (uids.isEmpty()) {
            return;
        }
        for (int tries = 0; tries < TRIES; tries++) {
            var before = load(user, folder.id());
            var after = changed(before.uidValidity == uidValidity ? before.byUid : Map.of(), uids, change);
            if (after.equals(before.uidValidity == uidValidity ? before.byUid : Map.of())) {
                return;
            }
            if (store.put(key(user, folder.id()), encode(uidValidity, after), before.storeVersion)
                    .isPresent()) {
                listener.accept(user, folder.mailbox());
                return;
            }
        }
        throw new StoreException("notes of %s are written by others all the time".formatted(user));
    }

    private static Map<Long, Note> changed(Map<Long, Note> before, UidSet uids, UnaryOperator<Annotation> change) {
        var after = new LinkedHashMap<>(before);
        uids.forEach(uid -> {
            var old = before.get(uid);
            var annotation = change.apply(old == null ? Annotation.NONE : old.annotation);
            if (annotation.isEmpty()) {
                after.remove(uid);
            } else if (old == null || !old.annotation.equals(annotation)) {
                after.remove(uid); // the newest stand last
                after.put(uid, new Note(old == null ? 1 : old.version % ((1 << BITS) - 1) + 1, annotation));
            }
        });
        while (after.size() > MOST) {
            after.remove(after.keySet().iterator().next());
        }
        return after;
    }

    Notes load(String user, String folderId) {
        var stored = store.get(key(user, folderId));
        return stored.map(value -> decode(value.value(), value.version(), user, folderId))
                .orElse(new Notes(Store.ABSENT, 0, Map.of()));
    }

    private static byte[] encode(long uidValidity, Map<Long, Note> notes) {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(uidValidity);
            out.writeInt(notes.size());
            for (var entry : notes.entrySet()) {
                var annotation = entry.getValue().annotation;
                out.writeLong(entry.getKey());
                out.writeByte(entry.getValue().version);
                out.writeByte(annotation.verb());
                out.writeLong(annotation.verbTime().map(Instant::toEpochMilli).orElse(0L));
                out.writeBoolean(annotation.followUp().isPresent());
                if (annotation.followUp().isPresent()) {
                    var followUp = annotation.followUp().get();
                    out.writeBoolean(followUp.isComplete());
                    out.writeByte(followUp.values().size());
                    for (var value : followUp.values().entrySet()) {
                        out.writeUTF(value.getKey().name());
                        out.writeUTF(value.getValue());
                    }
                }
            }
        });
    }

    private static Notes decode(byte[] bytes, long storeVersion, String user, String folderId) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != FORMAT) {
                return new Notes(storeVersion, 0, Map.of());
            }
            long uidValidity = in.readLong();
            var notes = new LinkedHashMap<Long, Note>();
            for (int left = in.readInt(); left > 0; left--) {
                long uid = in.readLong();
                int version = in.readUnsignedByte();
                int verb = in.readByte();
                long time = in.readLong();
                var followUp = in.readBoolean() ? Optional.of(readFollowUp(in)) : Optional.<FollowUp>empty();
                notes.put(
                        uid,
                        new Note(
                                version,
                                new Annotation(
                                        followUp,
                                        verb,
                                        time == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(time)))));
            }
            return new Notes(storeVersion, uidValidity, Collections.unmodifiableMap(notes));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("notes not readable, they begin anew user={} folder={} reason={}", user, folderId, e.getMessage());
            return new Notes(storeVersion, 0, Map.of());
        }
    }

    private static FollowUp readFollowUp(DataInputStream in) throws IOException {
        boolean isComplete = in.readBoolean();
        var values = new EnumMap<FollowUp.Element, String>(FollowUp.Element.class);
        for (int left = in.readByte(); left > 0; left--) {
            values.put(FollowUp.Element.valueOf(in.readUTF()), in.readUTF());
        }
        return new FollowUp(isComplete, values);
    }

    private static String key(String user, String folderId) {
        return "notes/" + user + "/" + folderId;
    }
}
