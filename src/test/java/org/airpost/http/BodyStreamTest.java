package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BodyStreamTest {

    @Test
    void aBodyInChunksOfOneByteFillsNoMoreMemoryThanAnother() throws Exception {
        var more = new AtomicInteger();
        var body = new BodyStream(more::incrementAndGet, System.nanoTime());

        int taken = 1;
        while (body.offer(Unpooled.wrappedBuffer(new byte[] {7}))) {
            taken++;
        }

        // About 100 bytes an object and 64 KiB in all.
        assertThat(taken).isBetween(16, 1_000);
        assertThat(body.readNBytes(taken)).hasSize(taken).containsOnly(7);
        assertThat(more).as("asked for more once all was taken").hasValue(1);
    }

    @Test
    void aLargeBodyThatComesSteadilyMayTakeLonger() throws Exception {
        var body = new BodyStream(() -> {}, System.nanoTime());
        body.offer(Unpooled.wrappedBuffer(new byte[640 << 10]));
        body.readNBytes(640 << 10);

        var next = new CompletableFuture<Integer>();
        var reader = new Thread(() -> {
            try {
                next.complete(body.read());
            } catch (IOException e) {
                next.completeExceptionally(e);
            }
        });
        reader.start();
        await().until(() -> next.isDone() || reader.getState() == Thread.State.TIMED_WAITING);
        body.offer(Unpooled.wrappedBuffer(new byte[] {7}));

        assertThat(next.get(20, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    void aBodyThatDripsIsSlow() throws Exception {
        var body = new BodyStream(() -> {}, System.nanoTime());
        body.offer(Unpooled.wrappedBuffer(new byte[10]));
        body.readNBytes(10);

        assertThatThrownBy(body::read)
                .isInstanceOfSatisfying(
                        BrokenRequestException.class,
                        e -> assertThat(e.kind()).isEqualTo(BrokenRequestException.Kind.SLOW));
    }
}
