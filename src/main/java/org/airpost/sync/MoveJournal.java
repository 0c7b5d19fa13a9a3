package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.DeviceKey;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of the items that a device moved: a repeated MoveItems gets the same target id. The last 2,000 moves are
 * kept, for 30 days after the last one. Key: {@code moves/<user>/<device>}.
 */
public final class MoveJournal {

    private static final Logger LOG = LoggerFactory.getLogger(MoveJournal.class);
    private static final int MOST = 2_000;
    private static final Duration KEPT = Duration.ofDays(30);
    private static final int TRIES = 20;

    private final Store store;
    private final InstantSource clock;

    public MoveJournal(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * A move as it was asked for.
     *
     * @param uidValidity of the source, without which its id may mean another message
     */
    public record Move(String sourceId, long uidValidity, String targetFolderId) {}

    /**
     * Where an item is since it was moved.
     *
     * @param uidValidity of the target as the device knew it, 0 if it did not
     */
    public record Moved(String targetId, long uidValidity) {}

    /** The moves that were made before, with where the items are since. */
    public Map<Move, Moved> before(DeviceKey device) {
        return store.get(key(device)).map(stored -> decode(stored.value())).orElse(Map.of());
    }

    /** Notes moves with the ids that the items have since then. */
    public void note(DeviceKey device, Map<Move, Moved> made) {
        if (made.isEmpty()) {
            return;
        }
        for (int tries = 0; tries < TRIES; tries++) {
            var stored = store.get(key(device));
            var moves = new LinkedHashMap<Move, Moved>();
            stored.map(value -> decode(value.value())).ifPresent(moves::putAll);
            made.forEach((move, id) -> {
                moves.remove(move);
                moves.put(move, id);
            });
            while (moves.size() > MOST) {
                moves.remove(moves.keySet().iterator().next());
            }
            long version = stored.map(Store.Versioned::version).orElse(Store.ABSENT);
            var expiry = Optional.of(clock.instant().plus(KEPT));
            if (store.put(key(device), encode(moves), version, expiry).isPresent()) {
                return;
            }
        }
        throw new StoreException("moves of %s are written by others all the time".formatted(device.path()));
    }

    private static byte[] encode(Map<Move, Moved> moves) {
        return Ledgers.bytes(out -> {
            out.writeInt(moves.size());
            for (var entry : moves.entrySet()) {
                out.writeUTF(entry.getKey().sourceId());
                out.writeLong(entry.getKey().uidValidity());
                out.writeUTF(entry.getKey().targetFolderId());
                out.writeUTF(entry.getValue().targetId());
                out.writeLong(entry.getValue().uidValidity());
            }
        });
    }

    private static Map<Move, Moved> decode(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            var moves = new LinkedHashMap<Move, Moved>();
            for (int left = in.readInt(); left > 0; left--) {
                moves.put(new Move(in.readUTF(), in.readLong(), in.readUTF()), new Moved(in.readUTF(), in.readLong()));
            }
            return moves;
        } catch (IOException e) {
            LOG.warn("moves of before not readable, a repeat finds none of them reason={}", e.toString());
            return Map.of();
        }
    }

    private static String key(DeviceKey device) {
        return "moves/" + device.path();
    }
}
