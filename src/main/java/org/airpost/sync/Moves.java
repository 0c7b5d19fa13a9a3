package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.MoveMark;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.eas.DeviceKey;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * Moves messages for a device so that a repeat after a crash, or after the server was lost in the middle, finds what the first
 * try has done: what is needed for that is on the disk before the move begins. The last {@value #MOST} moves are kept, for a
 * day. Key: {@code moving/<user>/<device>}.
 */
public final class Moves {

    private static final int FORMAT = 1;
    private static final int MOST = 32;
    private static final int MOST_BYTES = 1 << 20;
    private static final Duration KEPT = Duration.ofDays(1);
    private static final int TRIES = 20;

    private final Store store;
    private final InstantSource clock;

    public Moves(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /** A move that began: the mark, with folders by their ids, since names may change. */
    private record Begun(String source, String target, MoveMark mark) {}

    /** Messages of these that a move to this folder was begun for. */
    public UidSet begun(DeviceKey device, Folder source, long uidValidity, Folder target, UidSet uids) {
        return find(device, source, uidValidity, target, uids)
                .map(mark -> UidSet.of(mark.signs().keySet()).and(uids))
                .orElse(UidSet.EMPTY);
    }

    /** Moves messages; for each that was there, or that an earlier try has moved, the UID in the target. */
    public Outcome<Map<Long, Long>> move(
            Account account, DeviceKey device, Folder source, long uidValidity, UidSet uids, Folder target) {
        var moved = new LinkedHashMap<Long, Long>();
        var left = uids;
        var earlier = find(device, source, uidValidity, target, uids);
        if (earlier.isPresent()) {
            var again = UidSet.of(earlier.get().signs().keySet()).and(uids);
            var resumed = account.mail().resume(earlier.get(), again);
            if (!(resumed instanceof Outcome.Done<Map<Long, Long>>(var done))) {
                return resumed;
            }
            moved.putAll(done);
            left = left.minus(again);
        }
        if (!left.isEmpty()) {
            var outcome = account.mail()
                    .move(
                            source.mailbox(),
                            uidValidity,
                            left,
                            target.mailbox(),
                            mark -> note(device, new Begun(source.id(), target.id(), mark)));
            if (!(outcome instanceof Outcome.Done<Map<Long, Long>>(var done))) {
                return moved.isEmpty() ? outcome : Outcome.done(moved);
            }
            moved.putAll(done);
        }
        return Outcome.done(moved);
    }

    private Optional<MoveMark> find(DeviceKey device, Folder source, long uidValidity, Folder target, UidSet uids) {
        return store.get(key(device)).stream()
                .flatMap(stored -> decode(stored.value()).reversed().stream())
                .filter(begun -> begun.source().equals(source.id())
                        && begun.target().equals(target.id())
                        && begun.mark().uidValidity() == uidValidity
                        && begun.mark().signs().keySet().stream().anyMatch(uids::contains))
                .map(begun -> new MoveMark(
                        source.mailbox(),
                        uidValidity,
                        target.mailbox(),
                        begun.mark().targetUidValidity(),
                        begun.mark().targetUidNext(),
                        begun.mark().signs()))
                .findFirst();
    }

    private void note(DeviceKey device, Begun begun) {
        for (int tries = 0; tries < TRIES; tries++) {
            var stored = store.get(key(device));
            var all = new ArrayList<Begun>();
            stored.ifPresent(value -> all.addAll(decode(value.value())));
            all.add(begun);
            while (all.size() > MOST) {
                all.removeFirst();
            }
            byte[] bytes = encode(all);
            while (bytes.length > MOST_BYTES && all.size() > 1) {
                all.removeFirst();
                bytes = encode(all);
            }
            long version = stored.map(Store.Versioned::version).orElse(Store.ABSENT);
            if (store.put(
                            key(device),
                            bytes,
                            version,
                            Optional.of(clock.instant().plus(KEPT)))
                    .isPresent()) {
                return;
            }
        }
        throw new StoreException("moves of %s are written by others all the time".formatted(device.path()));
    }

    private static byte[] encode(List<Begun> all) {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeInt(all.size());
            for (var begun : all) {
                out.writeUTF(begun.source());
                out.writeUTF(begun.target());
                out.writeLong(begun.mark().uidValidity());
                out.writeLong(begun.mark().targetUidValidity());
                out.writeLong(begun.mark().targetUidNext());
                out.writeInt(begun.mark().signs().size());
                for (var sign : begun.mark().signs().entrySet()) {
                    out.writeLong(sign.getKey());
                    out.writeUTF(sign.getValue().messageId());
                    out.writeLong(sign.getValue().size());
                }
            }
        });
    }

    /** What cannot be read helps no repeat, and hinders none. */
    private static List<Begun> decode(byte[] bytes) {
        var all = new ArrayList<Begun>();
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != FORMAT) {
                return List.of();
            }
            for (int left = in.readInt(); left > 0; left--) {
                var source = in.readUTF();
                var target = in.readUTF();
                long uidValidity = in.readLong();
                long targetUidValidity = in.readLong();
                long targetUidNext = in.readLong();
                var signs = new HashMap<Long, MoveMark.Sign>();
                for (int more = in.readInt(); more > 0; more--) {
                    signs.put(in.readLong(), new MoveMark.Sign(in.readUTF(), in.readLong()));
                }
                all.add(new Begun(
                        source, target, new MoveMark("", uidValidity, "", targetUidValidity, targetUidNext, signs)));
            }
            return all;
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String key(DeviceKey device) {
        return "moving/" + device.path();
    }
}
