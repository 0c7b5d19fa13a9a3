package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BodyStreamTest {

    @Test
    void aBodyInChunksOfOneByteFillsNoMoreMemoryThanAnother() throws Exception {
        var more = new AtomicInteger();
        var body = new BodyStream(more::incrementAndGet, Long.MAX_VALUE);

        int taken = 1;
        while (body.offer(Unpooled.wrappedBuffer(new byte[] {7}))) {
            taken++;
        }

        // About 100 bytes an object and 64 KiB in all.
        assertThat(taken).isBetween(16, 1_000);
        assertThat(body.readNBytes(taken)).hasSize(taken).containsOnly(7);
        assertThat(more).as("asked for more once all was taken").hasValue(1);
    }
}
