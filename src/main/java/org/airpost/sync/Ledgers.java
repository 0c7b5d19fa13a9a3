package org.airpost.sync;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.airpost.backend.UidSet;
import org.airpost.eas.DeviceKey;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ledger records in the store: a snapshot under {@code base/<user>/<device>/<collection>/<number>}, and a head under
 * {@code ledger/…} with the generation and a log of deltas since the snapshot. What a Sync writes is the head, so it
 * follows the number of changes and not the size of the folder; when the log has outgrown its bound a new snapshot is
 * written before the head that names it.
 */
public final class Ledgers {

    private static final Logger LOG = LoggerFactory.getLogger(Ledgers.class);
    static final int FORMAT = 3;

    /** The format of before there was ConversationMode; still read. */
    static final int FORMAT_WITH_DRAFTS = 2;

    /** The format of before there were notes on drafts; still read. */
    private static final int FORMAT_WITHOUT_DRAFTS = 1;

    /** Bytes of deltas in a head at most, before a new snapshot is made. */
    private static final int LOG_BYTES = 2048;

    private static final int PAGE = 200;

    /** Memory of the records that are kept ready, about: those of ten thousand folders of phones, or of some hundred large ones. */
    private static final long READY_BYTES = 32 << 20;

    /** What the sets of a record take besides their bytes as stored. */
    private static final int BYTES_OF_RECORD = 1_500;

    private final Store store;

    /** Records read lately, by the key of the head. One counts only while the head has the same version in the store. */
    private final Cache<String, Ready> ready;

    public Ledgers(Store store) {
        this.store = store;
        this.ready = Caffeine.newBuilder()
                .maximumWeight(READY_BYTES)
                .weigher((String key, Ready one) -> BYTES_OF_RECORD + key.length() + one.bytes())
                .executor(Runnable::run)
                .build();
    }

    /** A record as it was read, and how many bytes that took. */
    private record Ready(Loaded loaded, int bytes) {}

    /** A record with what it takes to write its successor. */
    public record Loaded(LedgerRecord record, Position position) {}

    /** Where a record stands in the store. */
    public static final class Position {
        private final long version;
        private final long base;
        private final Log log;
        private final Ledger state;

        private Position(long version, long base, Log log, Ledger state) {
            this.version = version;
            this.base = base;
            this.log = log;
            this.state = state;
        }
    }

    /** The deltas since a snapshot as they are stored: as sets each would take ten times the memory. */
    private static final class Log {
        static final Log EMPTY = new Log(0, new byte[0]);

        private final int deltas;
        private final byte[] bytes;

        private Log(int deltas, byte[] bytes) {
            this.deltas = deltas;
            this.bytes = bytes;
        }

        Log with(Ledger delta) {
            if (delta.isEmpty()) {
                return this;
            }
            return new Log(deltas + 1, Ledgers.bytes(out -> {
                out.write(bytes);
                delta.write(out);
            }));
        }
    }

    private static final Position NOWHERE = new Position(Store.ABSENT, 0, Log.EMPTY, Ledger.EMPTY);

    /** The record of a collection, if the device has one. */
    public Optional<Loaded> load(DeviceKey device, String folderId) {
        // A snapshot is removed after the head that no longer names it is written; so one more look finds the new one.
        var head = store.get(headKey(device, folderId));
        for (int tries = 0; tries < 3 && head.isPresent(); tries++) {
            var loaded = decode(device, folderId, head.get());
            if (loaded.isPresent()) {
                return loaded;
            }
            head = store.get(headKey(device, folderId));
        }
        return head.map(there -> damaged(device, folderId, there, "its snapshot is missing"));
    }

    private Optional<Loaded> decode(DeviceKey device, String folderId, Store.Versioned head) {
        var known = ready.getIfPresent(headKey(device, folderId));
        if (known != null && known.loaded().position().version == head.version()) {
            return Optional.of(known.loaded());
        }
        int read = head.value().length;
        try (var in = new DataInputStream(new ByteArrayInputStream(head.value()))) {
            int format = in.readByte();
            if (format > FORMAT || format < FORMAT_WITHOUT_DRAFTS) {
                return Optional.of(damaged(device, folderId, head, "format " + format));
            }
            long base = in.readLong();
            var snapshot = Ledger.EMPTY;
            if (base != 0) {
                var bytes = store.get(baseKey(device, folderId, base));
                if (bytes.isEmpty()) {
                    return Optional.empty();
                }
                read += bytes.get().value().length;
                snapshot = Ledger.read(
                        new DataInputStream(new ByteArrayInputStream(bytes.get().value())));
            }
            var state = snapshot;
            int deltas = in.readInt();
            int logStart = head.value().length - in.available();
            for (int left = deltas; left > 0; left--) {
                state = state.apply(Ledger.read(in));
            }
            var log = new Log(deltas, Arrays.copyOfRange(head.value(), logStart, head.value().length - in.available()));
            var next = in.readBoolean() ? Optional.of(state.apply(Ledger.read(in))) : Optional.<Ledger>empty();
            var record = LedgerRecord.readHead(in, state, next, format);
            var loaded = new Loaded(record, new Position(head.version(), base, log, state));
            ready.put(headKey(device, folderId), new Ready(loaded, read));
            return Optional.of(loaded);
        } catch (StoreException e) {
            // The store could not be read: that says nothing about the record.
            throw e;
        } catch (IOException | RuntimeException e) {
            // Bitmaps that are damaged throw what they like.
            return Optional.of(damaged(device, folderId, head, e.toString()));
        }
    }

    /** A record that cannot be read knows no key and no mailbox: the phone starts over, and only this folder (SK-14). */
    private static Loaded damaged(DeviceKey device, String folderId, Store.Versioned head, String reason) {
        LOG.warn(
                "ledger not readable, the device starts the folder over key={} reason={}",
                headKey(device, folderId),
                reason);
        var nothing = LedgerRecord.unreadable(head.version());
        return new Loaded(nothing, new Position(head.version(), 0, Log.EMPTY, Ledger.EMPTY));
    }

    /**
     * Writes a record over the one that was loaded, or as the first one; false if somebody else has written in the
     * meantime, and then nothing is changed.
     */
    public boolean save(DeviceKey device, String folderId, Optional<Loaded> before, LedgerRecord record) {
        var position = before.map(Loaded::position).orElse(NOWHERE);
        var log = position.log.with(position.state.delta(record.state()));
        if (log.bytes.length <= LOG_BYTES) {
            var head = encode(position.base, log, record);
            return store.put(headKey(device, folderId), head, position.version).isPresent();
        }
        long base = writeSnapshot(device, folderId, position.base + 1, bytes(record.state()::write));
        if (store.put(headKey(device, folderId), encode(base, Log.EMPTY, record), position.version)
                .isEmpty()) {
            remove(baseKey(device, folderId, base));
            return false;
        }
        // The one before, and what was left by crashes or by writers who have lost to this one.
        for (long old = Math.max(1, position.base); old < base; old++) {
            remove(baseKey(device, folderId, old));
        }
        return true;
    }

    /**
     * False if the ids that the device has of this folder are those of a mailbox of before: the same numbers mean other
     * messages now.
     */
    public boolean idsHold(DeviceKey device, String folderId, long uidValidity) {
        return load(device, folderId)
                .map(loaded -> loaded.record().uidValidity() == uidValidity)
                .orElse(true);
    }

    /** The UID of the message that the device means by a number, if it knows one by that. */
    public Optional<Long> uidOf(DeviceKey device, String folderId, long number) {
        return load(device, folderId)
                .map(loaded -> loaded.record().latest().uidOf(number))
                .orElse(Optional.of(number));
    }

    /** The number by which the device knows, or would know, a message. */
    public long numberOf(DeviceKey device, String folderId, long uid) {
        return load(device, folderId)
                .map(loaded -> loaded.record().latest().numberOf(uid))
                .orElse(uid);
    }

    /** The UID of the message that is in the place of the one that had a UID when the device was told of it. */
    public long presentOf(DeviceKey device, String folderId, long uid) {
        return load(device, folderId)
                .map(loaded -> loaded.record().latest().presentOf(uid))
                .orElse(uid);
    }

    /** Writes a snapshot under the first number that is free, so that no two writers share one; gives the number. */
    private long writeSnapshot(DeviceKey device, String folderId, long first, byte[] snapshot) {
        long base = first;
        while (store.put(baseKey(device, folderId, base), snapshot, Store.ABSENT)
                .isEmpty()) {
            base++;
        }
        return base;
    }

    /**
     * Marks messages as moved in or out by the phone itself, if the device has a ledger of the folder. It does not know by
     * which ids those that came are here.
     */
    public void quiet(DeviceKey device, String folderId, UidSet uids) {
        if (!uids.isEmpty()) {
            change(device, folderId, ledger -> ledger.quieting(uids));
        }
    }

    /**
     * Notes messages that the phone itself has moved here and was told the ids of, with flags as it knows them, if the
     * device has a ledger of the folder. They are told once more at the next occasion, and if they are gone by then, that.
     */
    public void bring(DeviceKey device, String folderId, Ledger brought) {
        if (!brought.present().isEmpty()) {
            change(device, folderId, ledger -> ledger.owing(brought));
        }
    }

    /** Has messages sent anew that the device has under this UIDVALIDITY: deleted in one answer, added in the next. */
    void again(DeviceKey device, String folderId, long uidValidity, UidSet uids) {
        if (load(device, folderId)
                .filter(loaded -> loaded.record().uidValidity() == uidValidity)
                .isPresent()) {
            change(device, folderId, ledger -> ledger.again(uids));
        }
    }

    /** The devices of a user that sync a folder. */
    List<DeviceKey> devicesWith(String user, String folderId) {
        var devices = new ArrayList<DeviceKey>();
        var prefix = "ledger/" + user + "/";
        for (var page = store.scan(prefix, "", PAGE);
                !page.isEmpty();
                page = store.scan(prefix, page.getLast().key(), PAGE)) {
            for (var entry : page) {
                var rest = entry.key().substring(prefix.length());
                if (rest.endsWith("/" + folderId)) {
                    devices.add(new DeviceKey(user, rest.substring(0, rest.indexOf('/'))));
                }
            }
        }
        return devices;
    }

    private void change(DeviceKey device, String folderId, UnaryOperator<Ledger> change) {
        for (int tries = 0; tries < 20; tries++) {
            var loaded = load(device, folderId);
            if (loaded.isEmpty()
                    || save(device, folderId, loaded, loaded.get().record().changing(change))) {
                return;
            }
        }
        throw new StoreException("ledger %s is written by others all the time".formatted(headKey(device, folderId)));
    }

    /**
     * What a device was told of a folder.
     *
     * @param items messages that it has, if every answer arrived
     * @param syncKey the key that the last answer named
     * @param owed messages that it is to be told once more
     */
    public record State(String folderId, int items, String syncKey, CollectionOptions options, int owed) {}

    /** The folders that a device syncs, with what it was told of them. */
    public List<State> states(DeviceKey device) {
        return folderIds(device).stream()
                .flatMap(id -> load(device, id).stream().map(loaded -> {
                    var record = loaded.record();
                    return new State(
                            id,
                            record.latest().present().size(),
                            record.namedKey(),
                            record.options(),
                            record.latest().owed().size());
                }))
                .toList();
    }

    private List<String> folderIds(DeviceKey device) {
        var ids = new ArrayList<String>();
        var prefix = "ledger/" + device.path() + "/";
        for (var page = store.scan(prefix, "", PAGE);
                !page.isEmpty();
                page = store.scan(prefix, page.getLast().key(), PAGE)) {
            page.forEach(entry -> ids.add(entry.key().substring(prefix.length())));
        }
        return ids;
    }

    /**
     * Has a device start a folder over: it is told that its key is not known. False if it does not sync the folder. The keys
     * go on from where they were, so that an old one is never taken for a new one.
     */
    public boolean startOver(DeviceKey device, String folderId) {
        for (int tries = 0; tries < 20; tries++) {
            var loaded = load(device, folderId);
            if (loaded.isEmpty()) {
                return false;
            }
            var record = loaded.get().record();
            if (save(device, folderId, loaded, LedgerRecord.start(record.uidValidity(), loaded, record.options()))) {
                return true;
            }
        }
        throw new StoreException("ledger %s is written by others all the time".formatted(headKey(device, folderId)));
    }

    /** Has a device start all its folders over. */
    public void startOver(DeviceKey device) {
        folderIds(device).forEach(id -> startOver(device, id));
    }

    /** Forgets all that a device was told. */
    public void forget(DeviceKey device) {
        folderIds(device).forEach(id -> forget(device, id));
        var prefix = "base/" + device.path() + "/";
        for (var page = store.scan(prefix, "", PAGE); !page.isEmpty(); page = store.scan(prefix, "", PAGE)) {
            // What a crash has left behind.
            page.forEach(entry -> store.delete(entry.key(), entry.versioned().version()));
        }
    }

    /** Forgets a collection of a device. */
    public void forget(DeviceKey device, String folderId) {
        var loaded = load(device, folderId);
        if (loaded.isPresent()
                && store.delete(headKey(device, folderId), loaded.get().position().version)
                && loaded.get().position().base != 0) {
            remove(baseKey(device, folderId, loaded.get().position().base));
        }
    }

    private void remove(String key) {
        store.get(key).ifPresent(present -> store.delete(key, present.version()));
    }

    private static byte[] encode(long base, Log log, LedgerRecord record) {
        return bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(base);
            out.writeInt(log.deltas);
            out.write(log.bytes);
            out.writeBoolean(record.next().isPresent());
            if (record.next().isPresent()) {
                record.state().delta(record.next().get()).write(out);
            }
            record.writeHead(out);
        });
    }

    /** Something that writes itself. */
    interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    static byte[] bytes(Writing writing) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String headKey(DeviceKey device, String folderId) {
        return "ledger/" + device.path() + "/" + folderId;
    }

    private static String baseKey(DeviceKey device, String folderId, long base) {
        return "base/" + device.path() + "/" + folderId + "/" + base;
    }
}
