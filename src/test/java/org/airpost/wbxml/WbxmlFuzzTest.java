package org.airpost.wbxml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A million documents, each a realistic one with a few wounds, read in every way the reader offers. The only exception that
 * may come out is {@link MalformedRequestException}. A failure prints the document.
 */
class WbxmlFuzzTest {

    private static final int DOCUMENTS = 500_000;
    private static final List<byte[]> SEEDS = Seeds.all();

    /** Bytes that mean something everywhere, and those of which numbers are made that are too large. */
    private static final byte[] TOKENS = HexFormat.of().parseHex("0001020304404341424445808182838485c0c1c2c3c47fff8f");

    private static final byte[] HUGE = HexFormat.of().parseHex("c38fffffff7f");
    private static final WbxmlLimits SMALL = new WbxmlLimits(8, 60, 64, 1 << 20);

    @Test
    void hostileBytesAreMalformedAndNothingElse() throws Exception {
        try (var threads = Executors.newFixedThreadPool(2)) {
            var halves = LongStream.of(1, 2)
                    .mapToObj(seed -> threads.submit(() -> run(seed)))
                    .toList();
            for (var half : halves) {
                half.get(5, TimeUnit.MINUTES);
            }
        }
    }

    private static void run(long seed) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int readable = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            var document = mutated(random);
            try {
                read(document, random, i);
                readable++;
            } catch (MalformedRequestException e) {
                if (e.offset() > document.length) {
                    throw new AssertionError(HexFormat.of().formatHex(document), e);
                }
            } catch (RuntimeException | IOException | StackOverflowError e) {
                throw new AssertionError(
                        "document %d: %s".formatted(i, HexFormat.of().formatHex(document)), e);
            }
        }
        assertThat(readable).isBetween(DOCUMENTS / 100, DOCUMENTS * 99 / 100);
    }

    private static void read(byte[] document, RandomGenerator random, int turn) throws IOException {
        switch (turn % 4) {
            case 0 -> {
                var xml = turn % 8 == 0 ? WbxmlXml.toXml(document) : WbxmlXml.toRedactedXml(document);
                if (turn % 64 == 0) {
                    WbxmlXml.toXml(WbxmlXml.fromXml(xml)); // what is readable can be written again
                }
            }
            case 1 -> {
                var in = new WbxmlReader(new ByteArrayInputStream(document), WbxmlLimits.REQUEST);
                if (in.root()) {
                    in.skip();
                }
            }
            default -> {
                var in = new WbxmlReader(
                        new ByteArrayInputStream(document), turn % 4 == 2 ? SMALL : WbxmlLimits.REQUEST);
                if (in.root()) {
                    walk(in, random);
                }
            }
        }
    }

    /** As a command would read: into some elements, over others, values of others. */
    private static void walk(WbxmlReader in, RandomGenerator random) throws IOException {
        int depth = 1;
        while (depth > 0) {
            if (!in.child()) {
                depth--;
                continue;
            }
            switch (random.nextInt(12)) {
                case 0 -> in.skip();
                case 1 -> tolerant(() -> in.number(0, 100_000));
                case 2 -> tolerant(in::flag);
                case 3 -> {
                    try (var bytes = in.bytes()) {
                        bytes.readNBytes(random.nextInt(20));
                    }
                }
                case 4, 5 -> in.bytes().transferTo(OutputStream.nullOutputStream());
                case 6 -> in.text();
                default -> depth++;
            }
        }
    }

    /** A wrong value is no reason to stop; a document that is broken says so again. */
    private static void tolerant(Runnable value) {
        try {
            value.run();
        } catch (MalformedRequestException e) {
            if (!String.valueOf(e.getMessage()).startsWith("\"")) {
                throw e;
            }
        }
    }

    private static byte[] mutated(RandomGenerator random) {
        // the long seed is the last one, and slow: rarely
        var document = SEEDS.get(random.nextInt(100) == 0 ? SEEDS.size() - 1 : random.nextInt(SEEDS.size() - 1))
                .clone();
        for (int wounds = random.nextInt(4); wounds >= 0; wounds--) {
            if (document.length == 0) {
                return document;
            }
            int at = random.nextInt(document.length);
            document = switch (random.nextInt(9)) {
                case 0 -> {
                    document[at] ^= (byte) (1 << random.nextInt(8));
                    yield document;
                }
                case 1 -> {
                    document[at] = (byte) random.nextInt();
                    yield document;
                }
                case 2 -> {
                    document[at] = TOKENS[random.nextInt(TOKENS.length)];
                    yield document;
                }
                case 3 -> replaced(document, at, 0, new byte[] {TOKENS[random.nextInt(TOKENS.length)]});
                case 4 -> replaced(document, at, Math.min(random.nextInt(1, 9), document.length - at), new byte[0]);
                case 5 -> random.nextInt(3) == 0 ? Arrays.copyOf(document, at) : document;
                case 6 ->
                    replaced(document, at, 0, Arrays.copyOfRange(document, at, Math.min(document.length, at + 16)));
                case 7 -> replaced(document, at, 0, HUGE);
                default -> {
                    var other = SEEDS.get(random.nextInt(SEEDS.size() - 1));
                    int from = random.nextInt(other.length);
                    yield replaced(document, at, 0, Arrays.copyOfRange(other, from, Math.min(other.length, from + 64)));
                }
            };
        }
        return document;
    }

    private static byte[] replaced(byte[] document, int at, int removed, byte[] inserted) {
        var result = new byte[document.length - removed + inserted.length];
        System.arraycopy(document, 0, result, 0, at);
        System.arraycopy(inserted, 0, result, at, inserted.length);
        System.arraycopy(document, at + removed, result, at + inserted.length, document.length - at - removed);
        return result;
    }
}
