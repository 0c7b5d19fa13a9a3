package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * The content of a message in chunks, each with its size before it and nothing changed in it. The first one is small and its
 * reply awaited: a server that knows no BDAT would take what follows for commands. The last one is kept back, and sent
 * whole by {@link #finish}: until then nothing is handed over. Source: RFC 3030 §2.
 */
final class Chunks extends OutputStream {

    private static final int BUFFER_BYTES = 32 << 10;
    private static final long FIRST_BYTES = 1 << 10;
    private static final long LAST_BYTES = 64 << 10;

    private final OutputStream out;
    private final Supplier<Reply> replies;
    private final ArrayDeque<Long> ahead = new ArrayDeque<>();
    private final byte[] last;
    private long left;
    private int held;

    /** The server did not take a chunk. */
    static final class RefusedException extends IOException {

        private static final long serialVersionUID = 1;

        private final transient Reply reply;

        RefusedException(Reply reply) {
            super(reply.words());
            this.reply = reply;
        }

        Reply reply() {
            return reply;
        }
    }

    /** Chunks of a message of so many bytes, on a connection whose replies come from {@code replies}. */
    Chunks(long size, OutputStream connection, Supplier<Reply> replies) {
        this.out = new BufferedOutputStream(connection, BUFFER_BYTES);
        this.replies = replies;
        long first = Math.min(FIRST_BYTES, size / 2);
        this.last = new byte[Math.toIntExact(Math.min(LAST_BYTES, size - first))];
        for (long bytes : new long[] {first, size - first - last.length}) {
            if (bytes > 0) {
                ahead.add(bytes);
            }
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (left == 0 && !ahead.isEmpty()) {
                left = ahead.remove();
                command("BDAT " + left);
            }
            at += left > 0 ? send(bytes, at, end - at) : hold(bytes, at, end - at);
        }
    }

    private int send(byte[] bytes, int offset, int length) throws IOException {
        int count = (int) Math.min(left, length);
        out.write(bytes, offset, count);
        left -= count;
        if (left == 0) {
            out.flush();
            var reply = replies.get();
            if (!reply.isDone()) {
                throw new RefusedException(reply);
            }
        }
        return count;
    }

    private int hold(byte[] bytes, int offset, int length) throws IOException {
        if (length > last.length - held) {
            throw new IOException("the message has grown while it was sent");
        }
        System.arraycopy(bytes, offset, last, held, length);
        held += length;
        return length;
    }

    /** Fails if less was written than was said. */
    void checkWhole() throws IOException {
        if (left > 0 || !ahead.isEmpty() || held < last.length) {
            throw new IOException("the message has shrunk while it was sent");
        }
    }

    /** Sends the end; the reply to it is the reply to the message. */
    void finish() throws IOException {
        command("BDAT " + last.length + " LAST");
        out.write(last);
        out.flush();
    }

    // Not flushed: a chunk that comes in a packet of its own waits for the acknowledgment of the command.
    private void command(String line) throws IOException {
        out.write((line + "\r\n").getBytes(US_ASCII));
    }
}
