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
 * What a flag is for, and what was done last, have a version each, which no other change in the folder had before. Views show
 * it as flags that no server has, one for each bit of the version, so that a changed annotation is a difference like any
 * other. The newest {@value #MOST} of a folder are kept. Key: {@code notes/<user>/<folder>}. Source: DESIGN §6.
 */
public final class Annotations {

    private static final Logger LOG = LoggerFactory.getLogger(Annotations.class);

    /** Followed by the number of a bit of the version of what the flag is for. No flag of a server has such a name. */
    private static final String PURPOSE = "\\+note:";

    /** The same of what was done last. */
    private static final String VERB = "\\+verb:";

    /** Versions go from 1 to what so many bits can hold, and then from 1 again. */
    private static final int BITS = 16;

    private static final int FORMAT = 2;
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
    public static boolean isNote(String flag) {
        return flag.startsWith(PURPOSE) || isVerb(flag);
    }

    /** True for one that stands for what was done last. */
    static boolean isVerb(String flag) {
        return flag.startsWith(VERB);
    }

    /** True if one of these flags stands for what a flag is for. */
    public static boolean isPurposeAmong(Set<String> flags) {
        return flags.stream().anyMatch(flag -> flag.startsWith(PURPOSE));
    }

    /** True if one of these flags stands for what was done last. */
    public static boolean isVerbAmong(Set<String> flags) {
        return flags.stream().anyMatch(Annotations::isVerb);
    }

    /** An annotation, and the versions of its two parts; 0 of a part that is not there. */
    private record Note(int purpose, int verb, Annotation annotation) {

        Set<String> flags() {
            var flags = new HashSet<>(bits(PURPOSE, purpose));
            flags.addAll(bits(VERB, verb));
            return flags;
        }
    }

    /**
     * The annotations of a folder.
     *
     * @param storeVersion of the record; {@link Store#ABSENT} if there is none
     * @param counter the version given last
     */
    record Notes(long storeVersion, long uidValidity, int counter, Map<Long, Note> byUid) {

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

    /** True if nothing is noted of any message of the folder. */
    public boolean isEmpty(String user, String folderId) {
        return load(user, folderId).byUid.isEmpty();
    }

    /** All flags that may stand for an annotation. */
    public static Set<String> allFlags() {
        return new Note((1 << BITS) - 1, (1 << BITS) - 1, Annotation.NONE).flags();
    }

    private static Set<String> bits(String name, int version) {
        var flags = new HashSet<String>();
        for (int bit = 0; bit < BITS; bit++) {
            if ((version >> bit & 1) == 1) {
                flags.add(name + bit);
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
                note.flags()
                        .forEach(flag -> carriers.computeIfAbsent(flag, _ -> UidSet.builder())
                                .add(uid));
            }
        });
        carriers.forEach((flag, uids) -> flags.put(flag, uids.build()));
        return new FolderView(view.uidValidity(), view.uidNext(), view.highestModSeq(), view.present(), flags);
    }

    /**
     * Changes the annotations of some messages; what becomes empty is dropped, and what stays the same keeps its version.
     *
     * @return the flags that stand for the annotation of each of them after that
     */
    public Map<Long, Set<String>> change(
            String user, Folder folder, long uidValidity, UidSet uids, UnaryOperator<Annotation> change) {
        if (uids.isEmpty()) {
            return Map.of();
        }
        for (int tries = 0; tries < TRIES; tries++) {
            var stored = load(user, folder.id());
            var before = stored.uidValidity == uidValidity ? stored.byUid : Map.<Long, Note>of();
            int next = stored.counter % ((1 << BITS) - 1) + 1;
            var after = changed(before, uids, change, next);
            if (after.equals(before)) {
                return flags(after, uids);
            }
            if (store.put(key(user, folder.id()), encode(uidValidity, next, after), stored.storeVersion)
                    .isPresent()) {
                listener.accept(user, folder.mailbox());
                return flags(after, uids);
            }
        }
        throw new StoreException("notes of %s are written by others all the time".formatted(user));
    }

    private static Map<Long, Set<String>> flags(Map<Long, Note> notes, UidSet uids) {
        var flags = new LinkedHashMap<Long, Set<String>>();
        uids.forEach(uid -> {
            var note = notes.get(uid);
            flags.put(uid, note == null ? Set.of() : note.flags());
        });
        return flags;
    }

    private static Map<Long, Note> changed(
            Map<Long, Note> before, UidSet uids, UnaryOperator<Annotation> change, int next) {
        var after = new LinkedHashMap<>(before);
        uids.forEach(uid -> {
            var old = Optional.ofNullable(before.get(uid));
            var was = old.map(Note::annotation).orElse(Annotation.NONE);
            var annotation = change.apply(was);
            if (annotation.isEmpty()) {
                after.remove(uid);
            } else if (!was.equals(annotation)) {
                after.remove(uid); // the newest stand last
                boolean samePurpose = was.followUp().equals(annotation.followUp());
                boolean sameVerb =
                        was.verb() == annotation.verb() && was.verbTime().equals(annotation.verbTime());
                int purpose = samePurpose ? old.map(Note::purpose).orElse(0) : next;
                int verb = sameVerb ? old.map(Note::verb).orElse(0) : next;
                after.put(uid, new Note(annotation.followUp().isEmpty() ? 0 : purpose, verb, annotation));
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
                .orElse(new Notes(Store.ABSENT, 0, 0, Map.of()));
    }

    private static byte[] encode(long uidValidity, int counter, Map<Long, Note> notes) {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(uidValidity);
            out.writeInt(counter);
            out.writeInt(notes.size());
            for (var entry : notes.entrySet()) {
                var annotation = entry.getValue().annotation;
                out.writeLong(entry.getKey());
                out.writeShort(entry.getValue().purpose);
                out.writeShort(entry.getValue().verb);
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
                return new Notes(storeVersion, 0, 0, Map.of());
            }
            long uidValidity = in.readLong();
            int counter = in.readInt();
            var notes = new LinkedHashMap<Long, Note>();
            for (int left = in.readInt(); left > 0; left--) {
                long uid = in.readLong();
                int purposeVersion = in.readUnsignedShort();
                int verbVersion = in.readUnsignedShort();
                int verb = in.readByte();
                long time = in.readLong();
                var followUp = in.readBoolean() ? Optional.of(readFollowUp(in)) : Optional.<FollowUp>empty();
                notes.put(
                        uid,
                        new Note(
                                purposeVersion,
                                verbVersion,
                                new Annotation(
                                        followUp,
                                        verb,
                                        time == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(time)))));
            }
            return new Notes(storeVersion, uidValidity, counter, Collections.unmodifiableMap(notes));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("notes not readable, they begin anew user={} folder={} reason={}", user, folderId, e.getMessage());
            return new Notes(storeVersion, 0, 0, Map.of());
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
