package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;

/** Mails whose parts are hard to find, and whether what is taken of their start is what their server gives. */
public final class MessageStarts {

    /** What stands behind the header of the message, where %1$s and %2$s are texts; the boundary is b. */
    private static final List<String> BODIES = List.of(
            "--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "words\r\n\r\nbefore\r\n--b\r\nA: b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\nwords behind\r\n",
            "x --b\r\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--bX\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "x\r\n--bX\r\n\r\n%2$s\r\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "x\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "x\r--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "\r\n\r\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b \t\r\n\r\n%1$s\r\n--b \r\nA: b\r\n\r\n%2$s\r\n--b-- \r\n",
            "--b junk\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            " --b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--B\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s",
            "--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b",
            "--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b-\r\n",
            "--b\r\n\r\n%1$s\r\n--b--\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b--\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            // Headers of parts
            "--b\r\n%1$s\r\n--b\r\n%2$s\r\n--b--\r\n",
            "--b\r\nno field\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nHello world: words\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\r\n \r\nC: d\r\n\r\n%1$s\r\n--b\r\n\t\r\nA: b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n \r\n%1$s\r\n\r\n%1$s\r\n--b\r\n \r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n continued: x\r\nA: b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\n\n%1$s\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\r\rC: d\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\r\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\r\n\r\r\n%1$s\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\r\n\r %1$s\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\0c\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n: b\r\n\r\n%1$s\r\n--b\r\n :\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n--x: y\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA : b\r\n\r\n%1$s\r\n--b\r\nFrom x@y Mon Jan  1 00:00:00 2024\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nFrom x@y Mon Jan  1 00:00:00 2024\r\nA: b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nSubject: \u00FC\u00E4\r\nX: " + "y".repeat(5_000) + "\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\r\n" + "X: y\r\n".repeat(300) + "\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nA: b\r\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            // What is in the parts
            "--b\r\n\r\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n\r\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n\r\n--b--\r\n",
            "--b\r\n\r\n%1$s --b %1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n%1$s\r\n--b2\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n%1$s\n--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n%1$s\r--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n%1$s\r\r\n--b\r\n\r\n%1$s\n\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n%1$s\n%1$s\r%1$s\n\r\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u00FC%1$s\u00FF\0\u0080\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n%1$s" + "z".repeat(9_000) + "\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\n\r\n.\r\n..%1$s\r\n.\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            // Nested
            nested("c", "--c\r\n\r\n%1$s\r\n--c\r\n\r\n%2$s\r\n--c--\r\n"),
            nested("c", "words\r\n--c\r\n\r\n%1$s\r\n--c\r\n\r\n%2$s\r\n--c--\r\nwords behind\r\n"),
            nested("c", "words\n--c\r\n\r\n%1$s\r\n--c\r\n\r\n%2$s\r\n--c--\r\nwords\n--b\r\n\r\n%1$s\r\n"),
            nested("c", "--c\r\n\r\n%1$s\r\n--c\r\n\r\n%2$s\r\n"),
            nested("c", "--c\r\n\r\n%1$s\r\n--c\r\n\r\n%2$s\r\n--c--"),
            nested("c", "--c\r\n\r\n%1$s\r\n--c\r\nA: b\r\n--b\r\n\r\n%2$s\r\n--c--"),
            nested("b", "--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n"),
            nested("b2", "--b2\r\n\r\n%1$s\r\n--b2\r\n\r\n%2$s\r\n--b2--\r\n"),
            nested("bb", "--b\r\n\r\n%1$s\r\n--bb\r\n\r\n%2$s\r\n--bb--\r\n"),
            nested("\"\"", "--\r\n\r\n%1$s\r\n--\r\n\r\n%2$s\r\n----\r\n"),
            nested(
                    "c",
                    "--c\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n--d\r\n\r\n%1$s\r\n--d--\r\n\r\n--c--\r\n"),
            "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n",
            inMessage("c", "--c\r\n\r\n%1$s\r\n--c\r\n\r\n%2$s\r\n--c--\r\n"),
            inMessage("b", "--b\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n"));

    /** Content-Type of the message, and what stands behind its header. */
    private static final Map<String, String> OTHERS = new LinkedHashMap<>();

    static {
        OTHERS.put("text/plain", "%1$s\r\n%2$s");
        OTHERS.put("text/plain; x=1", "%1$s\n\r%2$s\r\r\n\0");
        OTHERS.put("text/plain; x=2", "");
        OTHERS.put("text/plain; x=3", "\r\n\r\n%1$s");
        OTHERS.put("message/rfc822", "Subject: x\r\n\r\n%1$s");
        OTHERS.put(
                "message/rfc822; x=1",
                "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n%1$s\r\n--b--");
        OTHERS.put("multipart/digest; boundary=b", "--b\r\n\r\nSubject: x\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b--\r\n");
        OTHERS.put(
                "multipart/mixed; boundary=\"a:b\"",
                "--a:b\r\nX: y\r\n--a:b\r\n\r\n%1$s\r\n--a:b\r\n\r\n%2$s\r\n--a:b--");
        OTHERS.put("multipart/mixed; boundary=\"b \"", "--b\r\n\r\n%1$s\r\n--b \r\n\r\n%2$s\r\n--b --\r\n--b--");
        OTHERS.put("multipart/mixed; boundary=\"b c\"", "--b c\r\n\r\n%1$s\r\n--b\r\n\r\n%2$s\r\n--b c--\r\n--b--");
        OTHERS.put("multipart/mixed; boundary=b (c)", "--b\r\n\r\n%1$s\r\n--b (c)\r\n\r\n%2$s\r\n--b--");
        OTHERS.put("multipart/mixed; boundary=\u00FC", "--\u00FC\r\n\r\n%1$s\r\n--?\r\n\r\n%2$s\r\n--\u00FC--");
        OTHERS.put("multipart/mixed; boundary=\"b\\\"c\"", "--b\"c\r\n\r\n%1$s\r\n--b\\\"c\r\n\r\n%2$s\r\n--b\"c--");
        var longer = "b".repeat(200);
        OTHERS.put(
                "multipart/mixed; boundary=" + longer,
                "--" + "b".repeat(70) + "\r\n\r\n%1$s\r\n--" + longer + "\r\n\r\n%1$s\r\n--" + longer
                        + "\r\n\r\n%2$s\r\n--" + longer + "--");
    }

    static final BodyOptions ASKED = new BodyOptions(
            List.of(
                    new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(4_096L), false, 100),
                    new BodyPreference(BodyType.HTML, Optional.of(4_096L), false, 100)),
            Optional.empty(),
            0,
            Optional.empty());

    private MessageStarts() {}

    /** Each golden mail and each of the corpus. */
    public static List<byte[]> corpus() {
        return List.copyOf(MutatedMailsTest.SOURCES.values());
    }

    /** What a phone gets of each message, in batches as for a Sync. */
    public static List<String> items(MailAccount mail, long uidValidity, List<Long> uids) {
        var place = new MailConverter.Place("anna", mail, "INBOX", uidValidity, "5");
        var items = new ArrayList<String>();
        for (int from = 0; from < uids.size(); from += 32) {
            var batch = uids.subList(from, Math.min(uids.size(), from + 32));
            new MailConverter(MailConverter.Settings.DEFAULT)
                    .items(place, batch, ASKED, ProtocolVersion.V16_1)
                    .forEach(item -> items.add(new String(ItemDump.wbxml(item), ISO_8859_1)));
        }
        return items;
    }

    private static String inMessage(String boundary, String inner) {
        return "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary="
                + boundary + "\r\n\r\n" + inner + "\r\n--b\r\n\r\n%2$s\r\n--b--\r\n";
    }

    private static String nested(String boundary, String inner) {
        return "--b\r\nContent-Type: multipart/alternative; boundary=" + boundary + "\r\n\r\n" + inner
                + "\r\n--b\r\nA: b\r\n\r\n%2$s\r\n--b--\r\n";
    }

    /** Each with short texts of the same length, and with long ones. */
    public static List<byte[]> mails() {
        var types = new ArrayList<>(OTHERS.entrySet());
        BODIES.forEach(body -> types.add(Map.entry("multipart/mixed; boundary=b", body)));
        var big = "Words of a long text: they go on and on.\r\n".repeat(60);
        var words =
                List.of(List.of("one", "two"), List.of(big, "two"), List.of("one", big), List.of(big + "1", big + "2"));
        var mails = new ArrayList<byte[]>();
        for (var type : types) {
            for (var two : words) {
                var text =
                        "From: a@example.org\r\nSubject: x\r\nDate: Tue, 10 Mar 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n"
                                + "Content-Type: " + type.getKey() + "\r\n\r\n"
                                + type.getValue().formatted(two.get(0), two.get(1));
                mails.add(text.getBytes(ISO_8859_1));
            }
        }
        return List.copyOf(mails);
    }

    /** Takes what can be taken of messages, of each with starts of these lengths, and has the server say whether it is that. */
    public static int areWhatTheServerGives(MailAccount mail, long uidValidity, List<Long> uids, int... starts) {
        var taken = new ArrayList<Taken>();
        var asked = new LinkedHashSet<Section>();
        for (int start : starts) {
            for (var message : mail.describe("INBOX", uidValidity, uids, start)) {
                var read = new HashMap<Section, byte[]>();
                new MessageStart(message, start).take(wanted(message), read);
                taken.add(new Taken(start, read));
                read.keySet().forEach(section -> asked.add(Section.whole(section.uid(), section.section())));
            }
        }
        var given = mail.read("INBOX", uidValidity, List.copyOf(asked));
        int sections = 0;
        for (var one : taken) {
            one.read().forEach((section, bytes) -> {
                // Of what is empty some give nothing.
                var all = given.getOrDefault(Section.whole(section.uid(), section.section()), new byte[0]);
                var said = new String(all, 0, (int) Math.min(all.length, section.length()), ISO_8859_1);
                assertThat(new String(bytes, ISO_8859_1))
                        .as("%d bytes, %s", one.start(), section)
                        .isEqualTo(said);
            });
            sections += one.read().size();
        }
        return sections;
    }

    private record Taken(int start, Map<Section, byte[]> read) {}

    /** Each part, and some of it. */
    static List<Section> wanted(MessageData message) {
        var wanted = new ArrayList<Section>();
        wanted(message.structure(), message.uid(), wanted);
        for (long length : new long[] {300, message.size(), Section.ALL}) {
            wanted.add(new Section(message.uid(), "", 0, length));
        }
        return wanted;
    }

    private static void wanted(BodyStructure part, long uid, List<Section> wanted) {
        if (!part.isMultipart()) {
            for (long length : new long[] {1, 100, 600, part.size(), part.size() + 1_024, Section.ALL}) {
                wanted.add(new Section(uid, part.section(), 0, length));
            }
        }
        part.children().forEach(child -> wanted(child, uid, wanted));
    }
}
