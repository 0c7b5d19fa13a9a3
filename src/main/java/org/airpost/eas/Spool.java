package org.airpost.eas;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Bytes of unknown length on their way through: in memory while they are few, in a temporary file (mode 0600) past a
 * threshold. Written once, then read as often as needed. {@link #close} removes the file; where the system lets an open
 * file be removed, its name is gone as soon as it is open, so that a killed process leaves nothing behind. Not for several
 * threads while it is written.
 */
public final class Spool implements AutoCloseable {

    private static final int FILE_BUFFER = 1 << 16;

    private final int inMemory;
    private final long most;
    private final Path directory;
    private final OutputStream out = new Out();

    private byte[] buffer = new byte[0]; // the bytes from flushed on
    private int filled;
    private long flushed; // bytes in the file
    private Optional<FileChannel> file = Optional.empty();
    private boolean closed;

    /** A spool that keeps this many bytes in memory and refuses, with an IOException, more than {@code most}. */
    public Spool(int inMemory, long most) {
        this(inMemory, most, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The same with its own directory for the file. */
    public Spool(int inMemory, long most, Path directory) {
        if (inMemory < 0 || most < 0) {
            throw new IllegalArgumentException("inMemory=%d most=%d".formatted(inMemory, most));
        }
        this.inMemory = inMemory;
        this.most = most;
        this.directory = directory;
    }

    /** Where to write; closing it changes nothing. */
    public OutputStream out() {
        return out;
    }

    /** Bytes written so far. */
    public long size() {
        return flushed + filled;
    }

    /** A new stream over all bytes written so far; whoever asked closes it. */
    public InputStream open() throws IOException {
        requireOpen();
        if (file.isEmpty()) {
            return new ByteArrayInputStream(buffer, 0, filled);
        }
        flush(file.get());
        return new FileBytes(file.get(), flushed);
    }

    /** Puts what has been written into the file if it is more than this: it will be there for a while. */
    public void keepInMemory(int bytes) throws IOException {
        requireOpen();
        if (file.isEmpty() && filled > bytes) {
            var channel = newFile(directory);
            file = Optional.of(channel);
            flush(channel);
        }
    }

    /** Forgets the bytes and removes the file. Streams over it can no longer be read. */
    @Override
    public void close() {
        closed = true;
        buffer = new byte[0];
        filled = 0;
        flushed = 0;
        try {
            if (file.isPresent()) {
                file.get().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the spool is closed");
        }
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        requireOpen();
        if (length > most - size()) {
            throw new IOException("more than %d bytes".formatted(most));
        }
        if (file.isEmpty() && filled + (long) length > inMemory) {
            file = Optional.of(newFile(directory));
        }
        if (file.isPresent()) {
            toFile(file.get(), bytes, offset, length);
        } else {
            grow(filled + length, inMemory);
            System.arraycopy(bytes, offset, buffer, filled, length);
            filled += length;
        }
    }

    private void toFile(FileChannel channel, byte[] bytes, int offset, int length) throws IOException {
        if (filled + (long) length > FILE_BUFFER) {
            flush(channel);
        }
        if (length > FILE_BUFFER) {
            writeFully(channel, ByteBuffer.wrap(bytes, offset, length));
            return;
        }
        grow(filled + length, FILE_BUFFER);
        System.arraycopy(bytes, offset, buffer, filled, length);
        filled += length;
    }

    private void grow(int needed, int bound) {
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, (int) Math.min(bound, Math.max(needed, Math.max(1024, buffer.length * 2L))));
        }
    }

    private void flush(FileChannel channel) throws IOException {
        if (filled > 0) {
            var bytes = ByteBuffer.wrap(buffer, 0, filled);
            filled = 0;
            writeFully(channel, bytes);
            if (buffer.length > FILE_BUFFER) {
                buffer = new byte[0];
            }
        }
    }

    private void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            flushed += channel.write(bytes, flushed);
        }
    }

    /** A file that only this user may read and that goes away with its channel. */
    private static FileChannel newFile(Path directory) throws IOException {
        var path = temporaryFile(directory);
        try {
            return FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            Files.deleteIfExists(path);
            throw e;
        }
    }

    static Path temporaryFile(Path directory) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            return Files.createTempFile(directory, "airpost", ".spool", ownerOnly);
        }
        return Files.createTempFile(directory, "airpost", ".spool");
    }

    /** What is written. */
    private final class Out extends OutputStream {

        @Override
        public void write(int b) throws IOException {
            Spool.this.write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            Spool.this.write(bytes, offset, length);
        }
    }

    /** Reads the file from its start, at a position of its own. */
    private static final class FileBytes extends InputStream {

        private final FileChannel channel;
        private final long end;
        private long position;

        FileBytes(FileChannel channel, long end) {
            this.channel = channel;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            if (position >= end) {
                return -1;
            }
            int most = (int) Math.min(Math.min(length, end - position), FILE_BUFFER);
            int read = channel.read(ByteBuffer.wrap(target, offset, most), position);
            if (read > 0) {
                position += read;
            }
            return read;
        }

        @Override
        public int available() {
            return (int) Math.min(end - position, Integer.MAX_VALUE);
        }

        @Override
        public long skip(long count) {
            long skipped = Math.max(0, Math.min(count, end - position));
            position += skipped;
            return skipped;
        }
    }
}
