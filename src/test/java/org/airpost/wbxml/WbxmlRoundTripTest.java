package org.airpost.wbxml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Random trees, written, read and compared. */
class WbxmlRoundTripTest {

    private static final List<Tag> TAGS = CodePages.all();
    private static final int DEPTH = 6;

    private sealed interface Node {
        Tag tag();
    }

    private record Branch(Tag tag, List<Node> children) implements Node {}

    private record Text(Tag tag, String text) implements Node {}

    private record Opaque(Tag tag, List<Byte> bytes) implements Node {}

    @RepeatedTest(50)
    void aTreeThatIsWrittenIsReadTheSame(RepetitionInfo repetition) throws IOException {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(repetition.getCurrentRepetition());
        for (int i = 0; i < 20; i++) {
            var tree = tree(random, DEPTH);
            var bytes = new ByteArrayOutputStream();
            try (var out = new WbxmlWriter(bytes)) {
                write(tree, out);
            }
            var in = new WbxmlReader(new ByteArrayInputStream(bytes.toByteArray()), WbxmlLimits.REQUEST);
            assertThat(in.root()).isTrue();
            read(tree, in);
            assertThat(in.offset()).isEqualTo(bytes.size());
            assertThat(WbxmlXml.fromXml(WbxmlXml.toXml(bytes.toByteArray()))).isEqualTo(bytes.toByteArray());
        }
    }

    @Test
    void everyTagIsWrittenAndReadWithAndWithoutContent() {
        for (var tag : TAGS) {
            var bytes = new ByteArrayOutputStream();
            try (var out = new WbxmlWriter(bytes)) {
                out.start(tag).empty(tag).text(tag, "x").end();
            }
            var in = new WbxmlReader(new ByteArrayInputStream(bytes.toByteArray()), WbxmlLimits.REQUEST);
            in.root(tag);
            assertThat(in.child()).isTrue();
            assertThat(in.tag()).isEqualTo(tag);
            assertThat(in.text()).isEmpty();
            assertThat(in.child()).isTrue();
            assertThat(in.tag()).isEqualTo(tag);
            assertThat(in.text()).isEqualTo("x");
            assertThat(in.child()).isFalse();
        }
    }

    private static Node tree(RandomGenerator random, int depth) {
        var tag = random.nextInt(20) == 0
                ? CodePages.tag(random.nextInt(256), random.nextInt(0x05, 0x40))
                : TAGS.get(random.nextInt(TAGS.size()));
        int kind = depth == DEPTH ? 0 : random.nextInt(depth > 1 ? 0 : 1, 3);
        return switch (kind) {
            case 0 -> {
                var children = new ArrayList<Node>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    children.add(tree(random, depth - 1));
                }
                yield new Branch(tag, List.copyOf(children));
            }
            case 1 -> new Text(tag, text(random));
            default -> {
                var bytes = new ArrayList<Byte>();
                for (int i = 1 + random.nextInt(random.nextInt(30) == 0 ? 40_000 : 40); i > 0; i--) {
                    bytes.add((byte) random.nextInt());
                }
                yield new Opaque(tag, List.copyOf(bytes));
            }
        };
    }

    private static String text(RandomGenerator random) {
        int length = 1 + random.nextInt(random.nextInt(30) == 0 ? 20_000 : 30);
        var text = new StringBuilder();
        while (text.length() < length) {
            int c = random.nextInt(3) == 0 ? random.nextInt(0x10FFFF) : random.nextInt(' ', 0x180);
            if (XmlForm.allowed(c)) {
                text.appendCodePoint(c);
            }
        }
        return text.toString();
    }

    private static void write(Node node, WbxmlWriter out) {
        switch (node) {
            case Branch(var tag, var children) -> {
                out.start(tag);
                children.forEach(child -> write(child, out));
                out.end();
            }
            case Text(var tag, var text) -> {
                if (text.length() % 2 == 0) {
                    out.text(tag, text);
                } else {
                    out.text(tag, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
                }
            }
            case Opaque(var tag, var bytes) -> out.opaque(tag, array(bytes));
        }
    }

    private static void read(Node node, WbxmlReader in) throws IOException {
        assertThat(in.tag()).isEqualTo(node.tag());
        switch (node) {
            case Branch branch -> {
                for (var child : branch.children()) {
                    assertThat(in.child()).isTrue();
                    read(child, in);
                }
                assertThat(in.child()).isFalse();
            }
            case Text leaf -> {
                var text = leaf.text();
                if (text.length() % 3 == 0) {
                    assertThat(new String(in.bytes().readAllBytes(), StandardCharsets.UTF_8))
                            .isEqualTo(text);
                } else {
                    assertThat(in.text()).isEqualTo(text);
                }
            }
            case Opaque leaf -> assertThat(in.bytes().readAllBytes()).isEqualTo(array(leaf.bytes()));
        }
    }

    private static byte[] array(List<Byte> bytes) {
        var array = new byte[bytes.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = bytes.get(i);
        }
        return array;
    }
}
