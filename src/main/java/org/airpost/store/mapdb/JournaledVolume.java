package org.airpost.store.mapdb;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.airpost.store.StoreException;
import org.mapdb.DataInput2;
import org.mapdb.volume.Volume;

/**
 * A file for MapDB that changes only by whole commits. What MapDB writes stays in memory as changed pages until {@link
 * #sync}, which it calls at the end of a commit. Then the pages go to the journal and onto the disk, and after that into
 * the file itself; on opening, whole batches of the journal are written to the file again. So a crash at any point
 * leaves the file as it was after the last commit that was answered, or after the one that was under way.
 *
 * <p>One flush to the disk a commit: the file is flushed only at a checkpoint, when the journal has grown past {@link
 * #CHECKPOINT_BYTES}.
 *
 * <p>One thread writes and commits; any number may read meanwhile, also during {@link #sync}, but not during the {@code
 * put…} methods: the caller's lock sees to that. The file is read with {@link RandomAccessFile}, because the interrupt of a
 * reading thread would close a channel under all the others.
 */
final class JournaledVolume extends Volume {

    static final int PAGE_BYTES = 4096;

    /** How much the journal holds before the file is flushed and the journal starts again. */
    static final long CHECKPOINT_BYTES = 8L * 1024 * 1024;

    /** Pages that a copy takes before it lets others at the file. */
    private static final int COPIED_AT_ONCE = 16;

    /** 8 MiB. */
    private static final int KEPT_PAGES = 2048;

    private final Path path;
    private final RandomAccessFile file;
    private final ReentrantLock filePosition = new ReentrantLock();
    private final FileLock processLock;
    private final Journal journal;
    private final ConcurrentHashMap<Long, byte[]> changed = new ConcurrentHashMap<>();

    /** Pages as they are in the file. MapDB reads its header, some 32 KB, as single numbers in each commit. */
    private final Cache<Long, byte[]> kept =
            Caffeine.newBuilder().maximumSize(KEPT_PAGES).build();

    private volatile long length;
    private long committedLength;

    /** The copy that is being made, under the lock of the file's position. */
    private Optional<FileCopy> copy = Optional.empty();

    /** Opens both files, which must exist, takes the lock against other processes, and repairs what a crash left. */
    JournaledVolume(Path path, Path journalPath) throws IOException {
        this.path = path;
        this.file = new RandomAccessFile(path.toFile(), "rw");
        try {
            this.processLock = lock(path, file);
            this.journal = new Journal(journalPath, PAGE_BYTES);
            this.length = file.length();
            try {
                recover();
            } catch (IOException | RuntimeException e) {
                journal.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static FileLock lock(Path path, RandomAccessFile file) throws IOException {
        try {
            var lock = Optional.ofNullable(file.getChannel().tryLock());
            return lock.orElseThrow(() -> new StoreException("another process has the store open: " + path));
        } catch (OverlappingFileLockException e) {
            throw new StoreException("this process has the store open already: " + path, e);
        }
    }

    private void recover() throws IOException {
        if (journal.replay(batch -> writePages(batch.pages(), batch.length())) > 0) {
            file.getChannel().force(true);
        }
        journal.clear();
        length = file.length();
        committedLength = length;
    }

    /** True if nothing has ever been committed to the file. */
    boolean isNew() {
        return committedLength == 0;
    }

    // Commit

    /** Brings everything written since the last time onto the disk, all or nothing. */
    @Override
    public void sync() {
        if (changed.isEmpty() && length == committedLength) {
            return;
        }
        try {
            var pages = new TreeMap<>(changed);
            journal.append(length, pages);
            writePages(pages, length);
            committedLength = length;
            // In this order: a reader looks into changed first. And put waits for a reader that is just loading the
            // page.
            kept.asMap().putAll(pages);
            changed.clear();
            if (journal.size() > CHECKPOINT_BYTES) {
                checkpoint();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("commit to " + path, e);
        }
    }

    private void checkpoint() throws IOException {
        file.getChannel().force(true);
        journal.restart();
    }

    private void writePages(Map<Long, byte[]> pages, long newLength) throws IOException {
        for (var page : pages.entrySet()) {
            filePosition.lock();
            try {
                copy.ifPresent(begun -> begun.beforeWrite(page.getKey(), file));
                file.seek(page.getKey() * PAGE_BYTES);
                file.write(page.getValue());
            } finally {
                filePosition.unlock();
            }
        }
        filePosition.lock();
        try {
            if (file.length() < newLength) {
                file.setLength(newLength);
            }
        } finally {
            filePosition.unlock();
        }
    }

    // Copy

    /** Begins a copy of what is committed now. To be called by who commits. */
    void beginCopy(Path target) {
        filePosition.lock();
        try {
            if (copy.isPresent()) {
                throw new StoreException("a copy of the store is being made already: " + path);
            }
            copy = Optional.of(new FileCopy(target, committedLength));
        } catch (IOException e) {
            throw new StoreException(
                    "cannot write a copy of the store to %s: %s".formatted(target, StoreException.why(e)), e);
        } finally {
            filePosition.unlock();
        }
    }

    /** Makes the copy that has begun, beside everything else that goes on, and gives up on it if it cannot be made. */
    void finishCopy() {
        try {
            while (copyMore()) {
                Thread.onSpinWait(); // between two steps others get the lock
            }
        } finally {
            endCopy();
        }
    }

    /** Gives up on the copy that has begun, or ends it. */
    void endCopy() {
        filePosition.lock();
        try {
            if (copy.isPresent()) {
                copy.get().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("closing the copy of " + path, e);
        } finally {
            copy = Optional.empty();
            filePosition.unlock();
        }
    }

    private boolean copyMore() {
        filePosition.lock();
        try {
            if (closed.get()) {
                throw new StoreException("the store was closed while it was copied: " + path);
            }
            var begun = copy.orElseThrow();
            if (begun.more(file, COPIED_AT_ONCE)) {
                return true;
            }
            begun.force();
            return false;
        } catch (IOException e) {
            throw new StoreException("the store cannot be copied: " + e.getMessage(), e);
        } finally {
            filePosition.unlock();
        }
    }

    /** Flushes the file, so that the next start has nothing to repair, and closes. Uncommitted writes are dropped. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try (file;
                journal) {
            checkpoint();
            journal.clear();
            processLock.release();
        } catch (IOException e) {
            throw new UncheckedIOException("closing " + path, e);
        }
    }

    /** Closes as a crash would: what is not in the journal yet is lost, and the next opening repairs the file. */
    void abandon() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try (file;
                journal) {
            processLock.release();
        } catch (IOException e) {
            throw new UncheckedIOException("closing " + path, e);
        }
    }

    // Reading

    private void read(long offset, byte[] target, int start, int count) {
        for (int done = 0; done < count; ) {
            var at = offset + done;
            var inPage = (int) (at % PAGE_BYTES);
            var part = Math.min(count - done, PAGE_BYTES - inPage);
            var page = changed.get(at / PAGE_BYTES);
            System.arraycopy(page != null ? page : kept(at / PAGE_BYTES), inPage, target, start + done, part);
            done += part;
        }
    }

    private byte[] kept(long number) {
        return kept.get(number, this::readFile);
    }

    /** Reads a page from the file itself; behind its end there are zeros. */
    private byte[] readFile(long number) {
        var page = new byte[PAGE_BYTES];
        filePosition.lock();
        try {
            file.seek(number * PAGE_BYTES);
            for (int done = 0; done < PAGE_BYTES; ) {
                var read = file.read(page, done, PAGE_BYTES - done);
                if (read < 0) {
                    break;
                }
                done += read;
            }
            return page;
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + path, e);
        } finally {
            filePosition.unlock();
        }
    }

    private byte[] read(long offset, int count) {
        var bytes = new byte[count];
        read(offset, bytes, 0, count);
        return bytes;
    }

    @Override
    public long getLong(long offset) {
        return ByteBuffer.wrap(read(offset, Long.BYTES)).getLong();
    }

    @Override
    public int getInt(long offset) {
        return ByteBuffer.wrap(read(offset, Integer.BYTES)).getInt();
    }

    @Override
    public byte getByte(long offset) {
        return read(offset, 1)[0];
    }

    @Override
    public DataInput2 getDataInput(long offset, int size) {
        return new DataInput2.ByteArray(read(offset, size));
    }

    @Override
    public void getData(long offset, byte[] bytes, int start, int size) {
        read(offset, bytes, start, size);
    }

    // Writing

    private void write(long offset, ByteBuffer source) {
        while (source.hasRemaining()) {
            var inPage = (int) (offset % PAGE_BYTES);
            var count = Math.min(source.remaining(), PAGE_BYTES - inPage);
            source.get(page(offset / PAGE_BYTES), inPage, count);
            offset += count;
        }
        length = Math.max(length, offset);
    }

    private byte[] page(long number) {
        return changed.computeIfAbsent(number, n -> kept(n).clone());
    }

    @Override
    public void putLong(long offset, long value) {
        write(offset, ByteBuffer.allocate(Long.BYTES).putLong(value).flip());
    }

    @Override
    public void putInt(long offset, int value) {
        write(offset, ByteBuffer.allocate(Integer.BYTES).putInt(value).flip());
    }

    @Override
    public void putByte(long offset, byte value) {
        write(offset, ByteBuffer.wrap(new byte[] {value}));
    }

    @Override
    public void putData(long offset, byte[] bytes, int start, int size) {
        write(offset, ByteBuffer.wrap(bytes, start, size));
    }

    @Override
    public void putData(long offset, ByteBuffer bytes) {
        write(offset, bytes.duplicate());
    }

    @Override
    public void clear(long start, long end) {
        // Behind the committed end there are zeros unless a page was written since.
        for (var offset = start; offset < end; ) {
            var next = Math.min(end, (offset / PAGE_BYTES + 1) * PAGE_BYTES);
            if (offset < committedLength || changed.containsKey(offset / PAGE_BYTES)) {
                write(offset, ByteBuffer.allocate((int) (next - offset)));
            }
            offset = next;
        }
    }

    @Override
    public void ensureAvailable(long offset) {
        length = Math.max(length, offset);
    }

    @Override
    public void truncate(long size) {
        throw new UnsupportedOperationException("the file only grows");
    }

    // What MapDB asks about a volume

    @Override
    public long length() {
        return length;
    }

    @Override
    public int sliceSize() {
        return -1;
    }

    @Override
    public boolean isSliced() {
        return false;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public File getFile() {
        return path.toFile();
    }

    /** True: the lock is taken on opening. */
    @Override
    public boolean getFileLocked() {
        return true;
    }
}
