package org.airpost.store.mapdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Optional;
import org.airpost.store.StoreException;
import org.mapdb.BTreeMap;
import org.mapdb.DB;
import org.mapdb.DBException;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies on the disk. Format 1, all of it in one MapDB file:
 *
 * <table>
 * <caption>trees</caption>
 * <tr><td>meta</td><td>name → number: {@code format}; {@code version}, the last one given to a value</td></tr>
 * <tr><td>entries</td><td>key → version (8 bytes), expiry (8, epoch milliseconds), length (4), and the value if it is
 * short</td></tr>
 * <tr><td>chunks</td><td>version × 1,024 + n → the n-th piece of a long value</td></tr>
 * <tr><td>expiries</td><td>expiry as 19 digits, a space, key</td></tr>
 * </table>
 *
 * <p>{@code meta} stays readable over all formats, so that an older program can say why it refuses. Reading is safe for
 * many threads; writing is for one, while nobody reads.
 */
final class Trees {

    static final long FORMAT = 1;

    /** Stands for "does not expire". */
    static final long NEVER = Long.MAX_VALUE;

    /** Values up to this size lie beside their version, longer ones in pieces of it. MapDB links records above 64 KB. */
    static final int CHUNK_BYTES = 32 * 1024;

    private static final int HEADER_BYTES = 8 + 8 + 4;
    private static final int CHUNKS_PER_VERSION = 1024;

    private static final Logger log = LoggerFactory.getLogger(Trees.class);

    private final JournaledVolume volume;
    private final DB db;
    private final BTreeMap<String, Long> meta;
    private final BTreeMap<String, byte[]> entries;
    private final BTreeMap<Long, byte[]> chunks;
    private final NavigableSet<String> expiries;
    private long lastVersion;

    /**
     * No expiry lies before this one. MapDB leaves the nodes of removed keys in the tree, so who begins at its front walks
     * through all that has ever expired.
     */
    private String firstExpiry = "";

    /** A value as it is kept. */
    record Held(byte[] value, long version, long expiry) {

        boolean livesAt(long now) {
            return now < expiry;
        }
    }

    /** Opens the file, or makes it (mode 0600, in a directory of mode 0700 if that has to be made too). */
    static Trees open(Path file) {
        var journal = file.resolveSibling(file.getFileName() + ".journal");
        JournaledVolume volume;
        try {
            prepare(file, journal);
            volume = new JournaledVolume(file, journal);
        } catch (IOException e) {
            throw new StoreException("cannot open the store " + file + ": " + StoreException.why(e), e);
        }
        try {
            return new Trees(file, volume);
        } catch (DBException e) {
            volume.abandon();
            throw new StoreException("not a store, or damaged: " + file + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            volume.abandon();
            throw e;
        }
    }

    private static void prepare(Path file, Path journal) throws IOException {
        prepareDirectory(file);
        for (var path : List.of(file, journal)) {
            try {
                Files.createFile(path, mode("rw-------"));
            } catch (FileAlreadyExistsException e) {
                warnIfOpen(path);
            }
        }
        forceNames(file);
    }

    /** Makes the directory of a store, if it is not there. */
    static void prepareDirectory(Path file) throws IOException {
        var directory = Optional.ofNullable(file.toAbsolutePath().getParent());
        if (directory.isPresent() && !Files.isDirectory(directory.get())) {
            Files.createDirectories(directory.get(), mode("rwx------"));
        }
    }

    /** Without this a power failure may take a new file away by its name. */
    static void forceNames(Path file) throws IOException {
        var directory = Optional.ofNullable(file.toAbsolutePath().getParent());
        if (directory.isPresent() && isPosix()) {
            try (var names = FileChannel.open(directory.get(), StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    static FileAttribute<?>[] mode(String mode) {
        return isPosix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    private static void warnIfOpen(Path path) throws IOException {
        if (isPosix()) {
            var allowed = Files.getPosixFilePermissions(path);
            if (allowed.contains(PosixFilePermission.GROUP_READ) || allowed.contains(PosixFilePermission.OTHERS_READ)) {
                log.warn("store readable-by-others file={} advice=\"chmod 600 it\"", path);
            }
        }
    }

    private Trees(Path file, JournaledVolume volume) {
        this.volume = volume;
        var isNew = volume.isNew();
        this.db = DBMaker.volumeDB(volume, !isNew).make();
        this.meta = db.treeMap("meta", Serializer.STRING, Serializer.LONG).createOrOpen();
        var format = meta.getOrDefault("format", isNew ? FORMAT : 0L);
        if (format != FORMAT) {
            throw new StoreException(String.format(
                    Locale.ROOT,
                    format > FORMAT
                            ? "%s was written by a newer Airpost: it has format %d, this one reads up to %d"
                            : "%s has format %d, which is none; this Airpost reads %d",
                    file,
                    format,
                    FORMAT));
        }
        this.entries = db.treeMap("entries", Serializer.STRING, Serializer.BYTE_ARRAY)
                .valuesOutsideNodesEnable()
                .createOrOpen();
        this.chunks = db.treeMap("chunks", Serializer.LONG, Serializer.BYTE_ARRAY)
                .valuesOutsideNodesEnable()
                .createOrOpen();
        this.expiries = db.treeSet("expiries", Serializer.STRING).createOrOpen();
        this.lastVersion = meta.getOrDefault("version", 0L);
        if (isNew) {
            meta.put("format", FORMAT);
            commit();
        }
    }

    // Reading

    Optional<Held> find(String key) {
        return Optional.ofNullable(entries.get(key)).map(record -> read(key, ByteBuffer.wrap(record)));
    }

    /** The keys from {@code from} on, in their order. */
    Iterator<String> keys(String from, boolean inclusive) {
        return entries.keyIterator(from, inclusive, null, false);
    }

    private Held read(String key, ByteBuffer record) {
        var version = record.getLong();
        var expiry = record.getLong();
        var value = new byte[record.getInt()];
        if (value.length <= CHUNK_BYTES) {
            record.get(value);
            return new Held(value, version, expiry);
        }
        for (int i = 0; i < chunkCount(value.length); i++) {
            var chunk = Optional.ofNullable(chunks.get(chunkId(version, i)))
                    .orElseThrow(() -> new StoreException("a piece of the value is missing: key " + key));
            System.arraycopy(chunk, 0, value, i * CHUNK_BYTES, chunk.length);
        }
        return new Held(value, version, expiry);
    }

    private static int chunkCount(int length) {
        return length <= CHUNK_BYTES ? 0 : (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
    }

    private static long chunkId(long version, int index) {
        return version * CHUNKS_PER_VERSION + index;
    }

    // Writing

    /** Writes a value in place of the old one; gives its version, which no value had before. */
    long write(String key, Optional<Held> old, byte[] value, long expiry) {
        old.ifPresent(held -> forget(key, held));
        var version = ++lastVersion;
        var isShort = value.length <= CHUNK_BYTES;
        var record = ByteBuffer.allocate(HEADER_BYTES + (isShort ? value.length : 0));
        record.putLong(version).putLong(expiry).putInt(value.length);
        if (isShort) {
            record.put(value);
        }
        for (int i = 0; i < chunkCount(value.length); i++) {
            var start = i * CHUNK_BYTES;
            chunks.put(
                    chunkId(version, i), Arrays.copyOfRange(value, start, Math.min(value.length, start + CHUNK_BYTES)));
        }
        entries.put(key, record.array());
        if (expiry != NEVER) {
            var entry = expiryEntry(key, expiry);
            expiries.add(entry);
            if (entry.compareTo(firstExpiry) < 0) {
                firstExpiry = entry;
            }
        }
        return version;
    }

    void remove(String key, Held old) {
        forget(key, old);
        entries.remove(key);
    }

    private void forget(String key, Held old) {
        for (int i = 0; i < chunkCount(old.value().length); i++) {
            chunks.remove(chunkId(old.version(), i));
        }
        if (old.expiry() != NEVER) {
            expiries.remove(expiryEntry(key, old.expiry()));
        }
    }

    /** At most so many keys whose values have expired, the oldest first. */
    List<String> expired(long now, int limit) {
        var keys = new ArrayList<String>();
        var first = expiryEntry("", now);
        for (var entry : expiries.tailSet(firstExpiry, true)) {
            if (keys.isEmpty()) {
                first = entry;
            }
            if (keys.size() == limit || Long.parseLong(entry.substring(0, 19)) > now) {
                break;
            }
            keys.add(entry.substring(20));
        }
        firstExpiry = first;
        return keys;
    }

    private static String expiryEntry(String key, long expiry) {
        return String.format(Locale.ROOT, "%019d %s", expiry, key);
    }

    /** When this returns, all that was written is on the disk. */
    void commit() {
        meta.put("version", lastVersion);
        db.commit();
    }

    /** Begins a copy of the file as it was after the last commit, which {@link JournaledVolume#finishCopy} goes on with. */
    JournaledVolume beginCopy(Path target) {
        volume.beginCopy(target);
        return volume;
    }

    void close() {
        db.close();
    }

    /** Lets go of the files without another write to them; uncommitted changes are lost. */
    void abandon() {
        volume.abandon();
    }
}
