package org.airpost.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.airpost.http.BrokenRequestException.Kind;

/**
 * A request's body between the event loop, which offers what arrives, and the virtual thread, which reads it and waits for
 * more. About {@value #FULL} bytes are held at most, what chunks cost by themselves counted in; past that the event loop stops
 * reading from the socket until all was taken.
 */
final class BodyStream extends InputStream {

    private static final int FULL = 64 << 10;

    /** What a chunk of few bytes costs beside them: a body may come in chunks of one byte. */
    private static final int CHUNK_COST = 256;

    /** Who sends this much a second may go on past the deadline: a large mail over a thin line is repeated for ever else. */
    private static final int STEADY_BYTES = 32 << 10;

    private final Runnable more;
    private final long deadlineNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<ByteBuf> chunks = new ArrayDeque<>(2);
    private int held;
    private long received;
    private boolean full;
    private boolean whole;
    private boolean discarding;
    private Optional<BrokenRequestException> broken = Optional.empty();

    /**
     * A body that has not begun.
     *
     * @param more called after {@link #offer} said no and everything was taken
     * @param deadlineNanos when it must be whole, as {@link System#nanoTime} counts; a second later for each
     *     {@value #STEADY_BYTES} bytes of it that came
     */
    BodyStream(Runnable more, long deadlineNanos) {
        this.more = more;
        this.deadlineNanos = deadlineNanos;
    }

    /** Takes over what arrived. False if the next may come only after {@code more} was called. Event loop. */
    boolean offer(ByteBuf chunk) {
        int size = chunk.readableBytes();
        lock.lock();
        try {
            received += size;
            if (discarding || broken.isPresent() || size == 0) {
                chunk.release();
                return true;
            }
            chunks.add(chunk);
            held += size;
            full = held + (long) chunks.size() * CHUNK_COST >= FULL;
            arrived.signal();
            return !full;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing comes any more. Event loop. */
    void end() {
        lock.lock();
        try {
            whole = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The rest will not come: {@link #read} throws. Event loop. */
    void fail(Kind kind, String why) {
        lock.lock();
        try {
            if (!whole && broken.isEmpty()) {
                broken = Optional.of(new BrokenRequestException(kind, why));
            }
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody reads any more: frees what is held and whatever still comes. Any thread. */
    void discard() {
        boolean wasFull;
        lock.lock();
        try {
            discarding = true;
            chunks.forEach(ByteBuf::release);
            chunks.clear();
            held = 0;
            wasFull = full;
            full = false;
        } finally {
            lock.unlock();
        }
        if (wasFull) {
            more.run();
        }
    }

    /** Bytes that came so far, read or not. */
    long received() {
        lock.lock();
        try {
            return received;
        } finally {
            lock.unlock();
        }
    }

    /** True once everything has come. */
    boolean isWhole() {
        lock.lock();
        try {
            return whole;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int count;
        boolean drained = false;
        lock.lock();
        try {
            while (chunks.isEmpty()) {
                if (broken.isPresent()) {
                    throw broken.get();
                }
                if (whole) {
                    return -1;
                }
                long left = deadlineNanos + TimeUnit.SECONDS.toNanos(received) / STEADY_BYTES - System.nanoTime();
                if (left <= 0) {
                    throw new BrokenRequestException(
                            Kind.SLOW, "the body did not come in time, %d bytes of it did".formatted(received));
                }
                arrived.awaitNanos(left);
            }
            var first = chunks.getFirst();
            count = Math.min(length, first.readableBytes());
            first.readBytes(to, offset, count);
            held -= count;
            if (!first.isReadable()) {
                chunks.removeFirst().release();
            }
            if (full && chunks.isEmpty()) {
                full = false;
                drained = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokenRequestException(Kind.GONE, "interrupted");
        } finally {
            lock.unlock();
        }
        if (drained) {
            more.run();
        }
        return count;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }
}
