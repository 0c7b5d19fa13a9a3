package org.airpost.sync;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a device's drafts need beside the ledger. Immutable. Source: DESIGN §6.
 *
 * @param done what came of the commands since the generation that the phone is known to have, by command: if the phone
 *     repeats one, because the answer was lost, it has been done
 * @param messageIds a hash of the Message-ID of the drafts that the phone has, by UID: one with the same Message-ID that
 *     stands in the place of a draft is an edit of it by somebody else
 */
public record DraftNotes(Map<String, Done> done, Map<Long, Long> messageIds) {

    public static final DraftNotes NONE = new DraftNotes(Map.of(), Map.of());

    private static final int MOST_DONE = 512;
    private static final int MOST_MESSAGE_IDS = 128;

    /** A command that was done: a hash of what it said, and the draft that came of it. */
    public record Done(String content, long uid) {}

    public DraftNotes {
        done = newest(done, MOST_DONE);
        messageIds = newest(messageIds, MOST_MESSAGE_IDS);
    }

    private static <K, V> Map<K, V> newest(Map<K, V> all, int most) {
        var kept = new LinkedHashMap<K, V>();
        all.entrySet().stream()
                .skip(Math.max(0, all.size() - most))
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return Collections.unmodifiableMap(kept);
    }

    /** What came of a command, if it was done. */
    public Optional<Done> done(String command) {
        return Optional.ofNullable(done.get(command));
    }

    /** The same with a command that was done. */
    public DraftNotes doing(String command, Done what) {
        return new DraftNotes(appended(done, command, what), messageIds);
    }

    /** The same after the phone is known to have got the answer. */
    DraftNotes answered() {
        return new DraftNotes(Map.of(), messageIds);
    }

    /** The Message-ID of a draft that the phone has, as a hash. */
    public Optional<Long> messageId(long uid) {
        return Optional.ofNullable(messageIds.get(uid));
    }

    /** The same with the Message-ID of one more draft. */
    public DraftNotes naming(long uid, String messageId) {
        return new DraftNotes(done, appended(messageIds, uid, hash(messageId)));
    }

    /** The same without drafts that are in none of the ledgers. */
    DraftNotes keeping(Ledger state, Ledger next) {
        var kept = new LinkedHashMap<>(messageIds);
        kept.keySet()
                .removeIf(
                        uid -> !state.present().contains(uid) && !next.present().contains(uid));
        return new DraftNotes(done, kept);
    }

    private static <K, V> Map<K, V> appended(Map<K, V> before, K key, V value) {
        var more = new LinkedHashMap<>(before);
        more.remove(key);
        more.put(key, value);
        return more;
    }

    /** 64 bits are enough to tell a user's drafts apart. */
    public static long hash(String messageId) {
        long hash = 0xCBF2_9CE4_8422_2325L; // FNV-1a
        for (int i = 0; i < messageId.length(); i++) {
            hash = (hash ^ messageId.charAt(i)) * 0x0100_0000_01B3L;
        }
        return hash;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(done.size());
        for (var entry : done.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue().content());
            out.writeLong(entry.getValue().uid());
        }
        out.writeInt(messageIds.size());
        for (var entry : messageIds.entrySet()) {
            out.writeLong(entry.getKey());
            out.writeLong(entry.getValue());
        }
    }

    static DraftNotes read(DataInputStream in) throws IOException {
        var done = new LinkedHashMap<String, Done>();
        for (int left = in.readInt(); left > 0; left--) {
            done.put(in.readUTF(), new Done(in.readUTF(), in.readLong()));
        }
        var messageIds = new LinkedHashMap<Long, Long>();
        for (int left = in.readInt(); left > 0; left--) {
            messageIds.put(in.readLong(), in.readLong());
        }
        return new DraftNotes(done, messageIds);
    }
}
