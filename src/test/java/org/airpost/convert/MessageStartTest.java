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
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;

/** What is taken of a message's start is what the mail server would have given for it, whatever the message looks like. */
class MessageStartTest {

    private static final int ALL = 1 << 20;
    private static final int MUTATIONS = 20_000;

    private static final BodyOptions ASKED = new BodyOptions(
            List.of(
                    new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(4_096L), false, 100),
                    new BodyPreference(BodyType.HTML, Optional.of(4_096L), false, 100)),
            Optional.empty(),
            0,
            Optional.empty());

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
    void aPartThatIsCutIsTakenAsFarAsItIsHere() {
        int cut = TWO.indexOf("two!") + 2;
        assertThat(taken(TWO, cut, two(3, 4), "1", "2")).isEqualTo(Map.of("1", "one"));
        var wanted = new ArrayList<>(
                List.of(new Section(1, "2", 0, 2), new Section(1, "2", 0, 3), new Section(1, "2", 1, 1)));
        var read = new HashMap<Section, byte[]>();
        var message = new MessageData(1, FakeMail.RECEIVED, 500, Set.of(), new byte[10], two(3, 4))
                .startingWith(TWO.substring(0, cut).getBytes(ISO_8859_1));
        new MessageStart(message, cut).take(wanted, read);
        assertThat(read).containsOnlyKeys(new Section(1, "2", 0, 2));
        assertThat(wanted).hasSize(2);
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
                .containsEntry("1", "words"); // that there is no more is not known
        assertThat(taken("words", 4, leaf("1", 5), "1", "")).isEmpty();
        assertThat(taken("words", 4, leaf("1", 3), "1", "")).isEmpty();
    }

    @Test
    void ofEveryMailOfTheCorpusIsTakenWhatTheServerWouldGive() {
        int sections = 0;
        int found = 0;
        for (var source : MutatedMailsTest.sources().entrySet()) {
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
        var mails = List.copyOf(MutatedMailsTest.sources().values());
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
        var wanted = new ArrayList<Section>();
        collect(message.structure(), wanted);
        wanted.add(Section.whole(1, ""));
        wanted.add(new Section(1, "", 0, 300));
        int all = wanted.size();
        var read = new HashMap<Section, byte[]>();
        new MessageStart(message, start).take(wanted, read);
        var given = mail.read("INBOX", 7, List.copyOf(read.keySet()));
        read.forEach((section, bytes) ->
                assertThat(bytes).as("%s, %d bytes, %s", name, start, section).isEqualTo(given.get(section)));
        return new int[] {all, read.size()};
    }

    private static void collect(BodyStructure part, List<Section> wanted) {
        if (!part.isMultipart()) {
            wanted.add(Section.whole(1, part.section()));
            wanted.add(new Section(1, part.section(), 0, 100));
        }
        part.children().forEach(child -> collect(child, wanted));
    }

    @Test
    void anItemIsTheSameWithAndWithoutIt() {
        int spared = 0;
        for (var source : MutatedMailsTest.sources().entrySet()) {
            var without = FakeMail.with(source.getValue());
            var with = FakeMail.with(source.getValue());
            with.mostStart = ALL;
            assertThat(ItemDump.of(with, ASKED, ProtocolVersion.V16_1))
                    .as(source.getKey())
                    .isEqualTo(ItemDump.of(without, ASKED, ProtocolVersion.V16_1));
            spared += with.reads < without.reads ? 1 : 0;
        }
        assertThat(spared).isGreaterThan(MutatedMailsTest.sources().size() / 2);
    }
}
