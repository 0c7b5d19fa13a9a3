package org.airpost.store.mapdb;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Set;

/**
 * A copy of the paged file as it was when the copy began, made while commits go on: before a page is overwritten, its old
 * bytes go into the copy. All calls come under the lock of the file's position.
 */
final class FileCopy implements AutoCloseable {

    private final FileChannel target;
    private final long length;
    private final int pages;
    private final BitSet done = new BitSet();
    private final byte[] page = new byte[JournaledVolume.PAGE_BYTES];
    private int next;
    private boolean broken;

    /** Begins a copy of so many bytes, into a file that is not there yet. */
    FileCopy(Path target, long length) throws IOException {
        this.target = FileChannel.open(
                target, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), Trees.mode("rw-------"));
        this.length = length;
        this.pages = Math.toIntExact((length + JournaledVolume.PAGE_BYTES - 1) / JournaledVolume.PAGE_BYTES);
    }

    /** To be called before a page of the file is overwritten. Does not fail: a copy that cannot be written is broken. */
    void beforeWrite(long number, RandomAccessFile file) {
        if (broken || number >= pages || done.get((int) number)) {
            return;
        }
        try {
            copy((int) number, file);
        } catch (IOException e) {
            broken = true;
        }
    }

    /** Copies some pages more; false when all are there. */
    boolean more(RandomAccessFile file, int count) throws IOException {
        if (broken) {
            throw new IOException("the copy could not be written: is there room for it?");
        }
        for (int left = count; left > 0 && next < pages; left--) {
            if (!done.get(next)) {
                copy(next, file);
            }
            next++;
        }
        return next < pages;
    }

    /** Waits until all of it is on the disk. */
    void force() throws IOException {
        target.force(true);
    }

    private void copy(int number, RandomAccessFile file) throws IOException {
        long from = (long) number * JournaledVolume.PAGE_BYTES;
        int bytes = (int) Math.min(page.length, length - from);
        file.seek(from);
        file.readFully(page, 0, bytes);
        var source = ByteBuffer.wrap(page, 0, bytes);
        while (source.hasRemaining()) {
            target.write(source, from + source.position());
        }
        done.set(number);
    }

    @Override
    public void close() throws IOException {
        target.close();
    }
}
