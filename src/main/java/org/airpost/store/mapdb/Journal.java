package org.airpost.store.mapdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The file with the page images of the commits since the last checkpoint. A batch is whole or it does not count.
 *
 * <p>Layout of a batch, big-endian: magic (8 bytes), sequence number (8), length of the paged file in bytes (8), count of
 * pages (4); for each page its number (8) and its bytes; at the end the CRC-32C of all this (4). A batch counts if its
 * magic and checksum are right and its sequence number follows that of the batch before it. After a checkpoint writing
 * starts again at the front without a truncation, so what lies behind the newest batch may be left from earlier: the
 * sequence numbers tell. The first batch of before has no magic any more by then, since a power failure may keep it whole
 * and take away those behind it.
 *
 * <p>Not safe for many threads: one writer owns it.
 */
final class Journal implements AutoCloseable {

    private static final long MAGIC = 0x4169_7250_4a6e_6c31L;
    private static final int HEADER_BYTES = 8 + 8 + 8 + 4;
    private static final int BUFFER_BYTES = 256 * 1024;

    private final FileChannel channel;
    private final int pageBytes;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long position;
    private long sequence;

    Journal(Path file, int pageBytes) throws IOException {
        this.channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.pageBytes = pageBytes;
    }

    /** The pages of one batch by number, and how long the paged file is after it. */
    record Batch(long sequence, long length, SortedMap<Long, byte[]> pages) {}

    /** What {@link #replay} hands each whole batch to, oldest first. */
    interface Replay {
        void apply(Batch batch) throws IOException;
    }

    /** Reads the batches from the front as long as they are whole; gives how many there were. */
    int replay(Replay target) throws IOException {
        position = 0;
        int count = 0;
        for (var batch = read(); batch.isPresent(); batch = read()) {
            var found = batch.get();
            if (count > 0 && found.sequence() != sequence + 1) {
                break;
            }
            sequence = found.sequence();
            target.apply(found);
            count++;
        }
        return count;
    }

    /** Writes a batch and waits until it is on the disk. */
    void append(long length, SortedMap<Long, byte[]> pages) throws IOException {
        var checksum = new CRC32C();
        var start = position;
        buffer.clear();
        buffer.putLong(MAGIC).putLong(sequence + 1).putLong(length).putInt(pages.size());
        for (var page : pages.entrySet()) {
            if (buffer.remaining() < 8 + pageBytes) {
                drain(checksum);
            }
            buffer.putLong(page.getKey()).put(page.getValue());
        }
        drain(checksum);
        buffer.putInt((int) checksum.getValue());
        drain(checksum);
        channel.force(false);
        sequence++;
        assert position == start + batchBytes(pages.size());
    }

    /** Bytes written since the last checkpoint. */
    long size() {
        return position;
    }

    /**
     * To be called when all that the batches say is on the disk in the paged file: starts again at the front. The disk writes
     * the blocks of the next batch in any order: while its first one is missing, the oldest batches could be whole and those
     * behind them not, and replayed they would put old pages into the file. So the front is wiped before.
     */
    void restart() throws IOException {
        var nothing = ByteBuffer.allocate(Long.BYTES);
        while (nothing.hasRemaining()) {
            channel.write(nothing, nothing.position());
        }
        channel.force(false);
        position = 0;
    }

    /**
     * The same, and empties the file. Needed after {@link #replay}: it may have ended at a torn batch, so its numbers may
     * be used again, and then nothing from earlier may lie behind.
     */
    void clear() throws IOException {
        channel.truncate(0);
        channel.force(true);
        position = 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private long batchBytes(int pages) {
        return HEADER_BYTES + pages * (8L + pageBytes) + 4;
    }

    private void drain(CRC32C checksum) throws IOException {
        buffer.flip();
        checksum.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
            position += channel.write(buffer, position);
        }
        buffer.clear();
    }

    /** The batch at the position, which moves behind it; nothing if there is no whole one. */
    private Optional<Batch> read() throws IOException {
        var checksum = new CRC32C();
        var at = position;
        var header = ByteBuffer.allocate(HEADER_BYTES);
        if (!fill(header, at)) {
            return Optional.empty();
        }
        checksum.update(header.duplicate());
        var magic = header.getLong();
        var number = header.getLong();
        var length = header.getLong();
        var count = header.getInt();
        if (magic != MAGIC || count < 0 || at + batchBytes(count) > channel.size()) {
            return Optional.empty();
        }
        at += HEADER_BYTES;
        var pages = new TreeMap<Long, byte[]>();
        for (int i = 0; i < count; i++) {
            var page = ByteBuffer.allocate(8 + pageBytes);
            if (!fill(page, at)) {
                return Optional.empty();
            }
            checksum.update(page.duplicate());
            at += page.capacity();
            var bytes = new byte[pageBytes];
            var index = page.getLong();
            page.get(bytes);
            pages.put(index, bytes);
        }
        var trailer = ByteBuffer.allocate(4);
        if (!fill(trailer, at) || trailer.getInt() != (int) checksum.getValue()) {
            return Optional.empty();
        }
        position = at + 4;
        return Optional.of(new Batch(number, length, pages));
    }

    /** Fills the buffer from the file and turns it for reading; false if the file ends before. */
    private boolean fill(ByteBuffer target, long from) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target, from + target.position()) < 0) {
                return false;
            }
        }
        target.flip();
        return true;
    }
}
