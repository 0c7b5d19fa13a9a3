package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;

/** What is taken of a message's start is what the mail server would have given for it, whatever the message looks like. */
class MessageStartTest {

    private static final int ALL = 1 << 20;
    private static final int MUTATIONS = 20_000;

    /** A mail whose parts are told with these sizes, and of which so much has come. */
    private static Map<String, String> taken(String content, int asked, BodyStructure structure, String... sections) {
        byte[] bytes = content.getBytes(ISO_8859_1);
        var start = content.substring(0, Math.min(asked, bytes.length)).getBytes(ISO_8859_1);
        var message = new MessageData(1, FakeMail.RECEIVED, 10 + bytes.length, Set.of(), new byte[10], structure)
                .startingWith(start);
        var wanted = new ArrayList<Section>();
        for (var section : sections) {
            wanted.add(Section.whole(1, section));
        }
        var read = new HashMap<Section, byte[]>();
        new MessageStart(message, asked).take(wanted, read);
        assertThat(wanted).hasSize(sections.length - read.size());
        var texts = new HashMap<String, String>();
        read.forEach((section, found) -> texts.put(section.section(), new String(found, ISO_8859_1)));
        return texts;
    }

    private static BodyStructure leaf(String section, long size) {
        return part(section, "text", Map.of(), size, List.of());
    }

    private static BodyStructure multipart(String section, String boundary, BodyStructure... parts) {
        return part(section, "multipart", Map.of("boundary", boundary), 0, List.of(parts));
    }

    private static BodyStructure part(
            String section, String type, Map<String, String> parameters, long size, List<BodyStructure> children) {
        return new BodyStructure(
                section,
                type,
                type.equals("multipart") ? "mixed" : "plain",
                parameters,
                Optional.empty(),
                "7bit",
                size,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                children);
    }

    private static final String TWO =
            "--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo!\r\n--b--\r\n";

    private static BodyStructure two(long first, long second) {
        return multipart("", "b", leaf("1", first), leaf("2", second));
    }

    @Test
    void partsAreTakenWhereADelimiterStandsAtEitherEnd() {
        assertThat(taken(TWO, ALL, two(3, 4), "1", "2", "3")).isEqualTo(Map.of("1", "one", "2", "two!"));
    }

    @Test
    void aSizeThatIsWrongIsNotBelieved() {
        assertThat(taken(TWO, ALL, two(2, 4), "1", "2")).isEmpty();
        assertThat(taken(TWO, ALL, two(5, 4), "1", "2")).isEmpty();
        assertThat(taken(TWO, ALL, two(3, 3), "1", "2")).containsOnlyKeys("1");
        assertThat(taken(TWO, ALL, two(3, 6), "1", "2")).containsOnlyKeys("1");
        assertThat(taken(TWO, ALL, two(3, 4_000), "1", "2")).containsOnlyKeys("1");
    }

    @Test
    void aPartThatIsCutIsTakenAsFarAsItIsHereWithoutADoubt() {
        var content = TWO.replace("two!", "two and more words");
        int cut = content.indexOf("two") + 12;
        assertThat(taken(content, cut, two(3, 18), "1", "2")).isEqualTo(Map.of("1", "one"));
        // The last five of twelve may be the start of a delimiter.
        var found = cut(content, cut, two(3, 18), "2");
        assertThat(found.keySet()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(found).containsEntry(7L, "two and");
    }

    @Test
    void aCutAnywhereGivesNothingElse() {
        for (int asked = 1; asked <= TWO.length() + 1; asked++) {
            var taken = taken(TWO, asked, two(3, 4), "1", "2");
            assertThat(taken.getOrDefault("1", "one")).isEqualTo("one");
            assertThat(taken.getOrDefault("2", "two!")).isEqualTo("two!");
        }
    }

    @Test
    void preambleEpilogueAndNestedPartsAreReadOver() {
        var inner = "--b2 \t\r\n\r\nfirst\r\n--b2\r\nX: y\r\n\r\n\r\n--b2--\r\nwords behind\r\n";
        var content = "words before\r\n--b\r\nContent-Type: multipart/mixed; boundary=b2\r\n\r\n" + inner
                + "--b\r\nA: b\r\n\r\nlast\r\n--b--\r\n";
        var structure = multipart("", "b", multipart("1", "b2", leaf("1.1", 5), leaf("1.2", 0)), leaf("2", 4));
        assertThat(taken(content, ALL, structure, "1.1", "1.2", "2"))
                .isEqualTo(Map.of("1.1", "first", "1.2", "", "2", "last"));
    }

    @Test
    void whatIsReadInTwoWaysIsNotTaken() {
        // Line feeds alone, a header without its end, a line that is no field, a boundary that goes on, none.
        assertThat(taken(TWO.replace("\r\n", "\n"), ALL, two(3, 4), "1", "2")).isEmpty();
        assertThat(taken("--b\r\nA: b\none\r\n--b--\r\n", ALL, multipart("", "b", leaf("1", 3)), "1"))
                .isEmpty();
        assertThat(taken("--b\r\nA: b\r\nno field\r\n\r\none\r\n--b--\r\n", ALL, multipart("", "b", leaf("1", 3)), "1"))
                .isEmpty();
        assertThat(taken("--bb\r\nA: b\r\n\r\none\r\n--b--\r\n", ALL, multipart("", "b", leaf("1", 3)), "1"))
                .isEmpty();
        assertThat(taken(TWO, ALL, part("", "multipart", Map.of(), 0, List.of(leaf("1", 3))), "1"))
                .isEmpty();
        assertThat(taken("--b\r\nA: b\nC: d\r\n\r\n" + "x".repeat(90), 60, multipart("", "b", leaf("1", 90)), "1"))
                .isEmpty();
    }

    @Test
    void anOnlyPartAndTheWholeMessageAreTakenIfTheSizesSaySo() {
        assertThat(taken("words", ALL, leaf("1", 5), "1", ""))
                .containsEntry("1", "words")
                .containsKey("");
        assertThat(taken("words", ALL, leaf("1", 7), "1")).isEmpty();
        assertThat(taken("words", 5, leaf("1", 5), "1"))
                .as("that there is no more is not known")
                .isEmpty();
        assertThat(taken("words", 4, leaf("1", 5), "1", "")).isEmpty();
        assertThat(taken("words", 4, leaf("1", 3), "1", "")).isEmpty();
    }

    @Test
    void aDelimiterThatOnlySomeServersTakeForOneLeavesItInDoubtWhereTheFirstPartBegins() {
        // A line feed or a return alone before it, another case (Courier), the start of a longer one (Cyrus).
        for (var before : List.of("x\n--b", "x\r--b", "x\r\n--B", "x --b", "x\r\n--")) {
            assertThat(taken(before + "\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ALL, two(3, 3), "1", "2"))
                    .as(before)
                    .isEmpty();
        }
        var inner = multipart("", "c", multipart("1", "bb", leaf("1.1", 3)), leaf("2", 3));
        assertThat(taken(
                        "--c\r\n\r\n--b\r\n\r\none\r\n--bb\r\n\r\ntwo\r\n--bb--\r\n--c\r\n\r\nend\r\n--c--",
                        ALL,
                        inner,
                        "1.1",
                        "2"))
                .isEmpty();
    }

    @Test
    void aBoundaryThatIsNotReadAlikeIsNotLookedFor() {
        for (var boundary : List.of("b ", " b", "b c", "b\"c", "b\\c", "\u00FC")) {
            var content = "--" + boundary + "\r\n\r\none\r\n--" + boundary + "--\r\n";
            assertThat(taken(content, ALL, multipart("", boundary, leaf("1", 3)), "1"))
                    .as(boundary)
                    .isEmpty();
        }
    }

    @Test
    void aHeaderOfAPartThatMayEndElsewhereGivesNothing() {
        for (var header : List.of(
                "A: b\r\r",
                "A: b\r\rC: d",
                "A: b\r\n \t",
                " continued: x",
                "Hello world: x",
                "A : b",
                "--x: y",
                ": b",
                "A: b\0")) {
            assertThat(taken(
                            "--b\r\n" + header + "\r\n\r\n" + "x".repeat(90),
                            80,
                            multipart("", "b", leaf("1", 90)),
                            "1"))
                    .as(header)
                    .isEmpty();
            var some = new ArrayList<>(List.of(new Section(1, "1", 0, 5)));
            var content = "--b\r\n" + header + "\r\n\r\n" + "x".repeat(90);
            var message = new MessageData(
                            1, FakeMail.RECEIVED, 500, Set.of(), new byte[10], multipart("", "b", leaf("1", 90)))
                    .startingWith(content.substring(0, 80).getBytes(ISO_8859_1));
            new MessageStart(message, 80).take(some, new HashMap<>());
            assertThat(some).as(header).hasSize(1);
        }
    }

    /** Sections of which the part goes on behind the cut, or is said to. */
    private static Map<Long, String> cut(String content, int asked, BodyStructure structure, String section) {
        var message = new MessageData(1, FakeMail.RECEIVED, 50_000, Set.of(), new byte[10], structure)
                .startingWith(content.substring(0, asked).getBytes(ISO_8859_1));
        var wanted = new ArrayList<Section>();
        for (long length = 1; length < 60; length++) {
            wanted.add(new Section(1, section, 0, length));
        }
        wanted.add(Section.whole(1, section));
        var read = new HashMap<Section, byte[]>();
        new MessageStart(message, asked).take(wanted, read);
        var texts = new HashMap<Long, String>();
        read.forEach((one, bytes) -> texts.put(one.length(), new String(bytes, ISO_8859_1)));
        return texts;
    }

    @Test
    void aSizeThatIsWrongByAFewBytesDoesNoHarmWhereverTheStartEnds() {
        var content = "--b\r\n\r\none and two\r\n--b\r\n\r\nthree\r\n--b--\r\n";
        for (int asked = 8; asked < 40; asked++) {
            for (long size : new long[] {1, 8, 9, 10, 11, 12, 13, 14, 15, 20, 5_000}) {
                cut(content, asked, two(size, 5), "1")
                        .forEach((length, bytes) -> assertThat(bytes)
                                .as("%d bytes of a part of %d", length, size)
                                .isEqualTo("one and two".substring(0, (int) Math.min(11, length))));
            }
        }
        for (long size : new long[] {1, 8, 9, 10, 11, 12, 5_000}) {
            cut("one and two and three", 10, leaf("1", size), "1")
                    .forEach((length, bytes) -> assertThat(bytes)
                            .as("%d bytes of a part of %d", length, size)
                            .isEqualTo("one and two".substring(0, (int) Math.min(21, length))));
        }
    }

    @Test
    void aMessageInAMessageIsAsked() {
        // BODY[1] of a message that is nothing but another is, at Courier, the text of that.
        var message = part("1", "message", Map.of(), 22, List.of());
        var rfc822 = new BodyStructure(
                "1",
                "message",
                "rfc822",
                Map.of(),
                Optional.empty(),
                "7bit",
                22,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(leaf("1.1", 8)));
        assertThat(taken("Subject: x\r\n\r\nwords\r\n.", ALL, rfc822, "1", "1.1"))
                .isEmpty();
        assertThat(taken("Subject: x\r\n\r\nwords\r\n.", ALL, message, "1")).hasSize(1);
        assertThat(taken(
                        "--b\r\n\r\nSubject: x\r\n\r\nwords\r\n.\r\n--b\r\n\r\ntwo\r\n--b--",
                        ALL,
                        multipart("", "b", rfc822, leaf("2", 3)),
                        "1",
                        "1.1",
                        "2"))
                .isEqualTo(Map.of("2", "two"));
    }

    @Test
    void sizesWithoutMeasureAreNoParts() {
        for (long size = Long.MAX_VALUE - 40; size > 0; size++) {
            assertThat(taken(TWO, ALL, two(size, 4), "1", "2")).isEmpty();
            assertThat(taken(TWO, 40, two(size, size), "1", "2")).isEmpty();
        }
    }

    @Test
    void aMultipartOfNothingHasNoParts() {
        assertThat(taken("words", ALL, multipart("", "b"), "1")).isEmpty();
        assertThat(taken("--b\r\n\r\nwords", ALL, multipart("", "b", multipart("1", "c")), "1"))
                .isEmpty();
    }

    @Test
    void whereNothingCameNothingIsTaken() {
        var empty = new MessageData(1, FakeMail.RECEIVED, 10, Set.of(), new byte[10], leaf("1", 0));
        var wanted = new ArrayList<>(List.of(Section.whole(1, ""), Section.whole(1, "1")));
        new MessageStart(empty, ALL).take(wanted, new HashMap<>());
        assertThat(wanted).hasSize(2);
    }

    @Test
    void ofMailsWhosePartsAreHardToFindIsTakenWhatTheServerWouldGive() {
        var mail = new FakeMail();
        mail.mostStart = ALL;
        var uids = new ArrayList<Long>();
        for (var message : MessageStarts.mails()) {
            uids.add(uids.size() + 1L);
            mail.add(uids.size(), message);
        }
        var starts = IntStream.iterate(1, start -> start < 4_000, start -> start + (start < 300 ? 7 : 311));
        int taken = MessageStarts.areWhatTheServerGives(mail, 7, uids, starts.toArray());
        assertThat(taken).isGreaterThan(20_000);
    }

    @Test
    void ofEveryMailOfTheCorpusIsTakenWhatTheServerWouldGive() {
        int sections = 0;
        int found = 0;
        for (var source : MutatedMailsTest.SOURCES.entrySet()) {
            for (int start : new int[] {1, 60, 200, 500, 1_000, 3_000, 16 << 10, ALL}) {
                int[] counts = compare(source.getKey(), source.getValue(), start);
                if (start == ALL) {
                    sections += counts[0];
                    found += counts[1];
                }
            }
        }
        assertThat(found).as("of %d parts", sections).isGreaterThan(sections / 2);
    }

    @Test
    void ofDamagedMailsToo() {
        long seed = Long.getLong("airpost.seed", 20261127L);
        var mails = List.copyOf(MutatedMailsTest.SOURCES.values());
        IntStream.range(0, MUTATIONS).parallel().forEach(i -> {
            var random = new Random(seed + i * 1_000_003L);
            var message = MutatedMailsTest.mutated(
                    mails.get(random.nextInt(mails.size())), mails.get(random.nextInt(mails.size())), random);
            compare("seed %d, mutation %d".formatted(seed, i), message, 1 + random.nextInt(4_000));
        });
    }

    /** Parts of a mail, and how many were taken. */
    private static int[] compare(String name, byte[] source, int start) {
        var mail = FakeMail.with(source);
        mail.mostStart = ALL;
        var message = mail.describe("INBOX", 7, List.of(1L), start).getFirst();
        var wanted = MessageStarts.wanted(message);
        int all = wanted.size();
        var read = new HashMap<Section, byte[]>();
        new MessageStart(message, start).take(wanted, read);
        var given = mail.read("INBOX", 7, List.copyOf(read.keySet()));
        read.forEach((section, bytes) ->
                assertThat(bytes).as("%s, %d bytes, %s", name, start, section).isEqualTo(given.get(section)));
        return new int[] {all, read.size()};
    }

    @Test
    void anItemIsTheSameWithAndWithoutIt() {
        int spared = 0;
        for (var source : MutatedMailsTest.SOURCES.entrySet()) {
            var without = FakeMail.with(source.getValue());
            var with = FakeMail.with(source.getValue());
            with.mostStart = ALL;
            assertThat(ItemDump.of(with, MessageStarts.ASKED, ProtocolVersion.V16_1))
                    .as(source.getKey())
                    .isEqualTo(ItemDump.of(without, MessageStarts.ASKED, ProtocolVersion.V16_1));
            spared += with.reads < without.reads ? 1 : 0;
        }
        assertThat(spared).isGreaterThan(MutatedMailsTest.SOURCES.size() / 2);
    }
}
