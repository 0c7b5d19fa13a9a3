package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long texts that say little are read once, and do not fill the stack. */
@Timeout(20)
class LongInputsTest {

    @Test
    void addressesWithoutCommasAreTakenApart() {
        assertThat(MailAddress.parse("a@b  c@d\t e@f ", ""))
                .extracting(MailAddress::address)
                .containsExactly("a@b", "c@d", "e@f");
        assertThat(MailAddress.parse("Ann a@b", "")).hasSize(1);
        assertThat(MailAddress.parse("a@b ".repeat(9_000), "")).hasSize(9_000);
        assertThat(MailAddress.parse("a@b ".repeat(60_000) + '<', "")).isNotEmpty();
    }

    @Test
    void correspondentsOfALongLineAreFound() {
        var header = "From: " + "a@example.org ".repeat(1_000) + "\r\n\r\n";
        assertThat(Correspondents.senders(header.getBytes(ISO_8859_1))).hasSize(1_000);
    }

    @Test
    void colonsAfterALongAddressAreNoGroups() {
        assertThat(MailAddress.parse("a".repeat(120_000) + '@' + ":".repeat(120_000), ""))
                .hasSize(1);
        assertThat(MailAddress.parse("Friends: a@b, c@d; e@f", "")).hasSize(3);
    }

    @Test
    void aLongWordIsNoAddress() {
        assertThat(Addresses.mailboxes("x\"" + "a".repeat(250_000) + " <")).hasSize(1);
        assertThat(Addresses.mailboxes("x\" [ann@example.org] <bob@example.org"))
                .extracting(Addresses.Mailbox::address)
                .containsExactly("ann@example.org]", "bob@example.org");
    }

    @Test
    void aLineOfReturnsIsALine() throws IOException {
        var line = "Subject: x" + "\r".repeat(250_000) + "y";
        var head = MessageHead.read(new ByteArrayInputStream((line + "\r\n\r\n").getBytes(ISO_8859_1)));
        assertThat(head.value("subject")).isPresent();
        assertThat(MessageHead.withoutEnd(" , a, \r,", ", \r")).isEqualTo(" , a");
    }

    /** Bytes that are asked for while a header is read, whatever is given back. */
    private static long allocatedFor(int lines) throws IOException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        var header = ("Subject: x\r\n" + " y\r\n".repeat(lines) + "\r\n").getBytes(ISO_8859_1);
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(MessageHead.read(new ByteArrayInputStream(header)).fields()).hasSize(1);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void aFieldOfManyLinesTakesMemoryInProportion() throws IOException {
        allocatedFor(100);
        assertThat(allocatedFor(60_000)).isLessThan(allocatedFor(6_000) * 20);
    }

    @Test
    void whatNobodyReadsOfAWinmailDatTakesNoMemory() {
        var row = new TnefWriter.Properties();
        for (int id = 0; id < 3_000; id++) {
            row.number(0x4000 + id, id);
        }
        var rows = new TnefWriter.Properties[500];
        Arrays.fill(rows, row);
        var winmail = new TnefWriter().recipients(rows).bytes();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(Tnef.read(winmail)).isPresent();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10L * winmail.length);
    }

    @Test
    void aQuotationOfSpacesIsWritten() {
        var spaces = " ".repeat(1_000_000);
        var plain = new Quotation(List.of(), Optional.of(spaces + "x \t\n y  "), Optional.empty());
        assertThat(plain.below("", true)).endsWith("x\n  y");
        var html = new Quotation(
                List.of(), Optional.empty(), Optional.of("<p>a</p> <p> b</p>x" + "<i> </i>".repeat(100_000) + "c"));
        assertThat(html.below("", false)).contains("a\nb\nx ").endsWith(" c\n");
    }

    @Test
    void markupThatNeverEndsIsReadOnce() {
        assertThat(PlainText.ofEnriched("<bold>a</bold> <b" + "<b".repeat(2_000_000)))
                .startsWith("a <b<b");
        assertThat(Html.withoutStyles("<style>x</style><p>a<!-- b --></p>" + "<title>".repeat(600_000)))
                .isEqualTo("<p>a</p>");
        var open = "<a =\">".repeat(600_000);
        assertThat(Html.safeEnd(open + "<", open.length())).isEqualTo(open.length());
        assertThat(Html.saysSomething(open)).isFalse();
        assertThat(Html.withoutStyles(open)).isEqualTo(open);
    }

    @Test
    void whatIsTakenOutOfALongPageIsTakenOutAtOnce() {
        assertThat(Html.withoutQuotes("<p>a</p>" + "<div class=gmail_quote>q</div>b ".repeat(100_000) + "c"))
                .contains("<p>a</p>b b")
                .doesNotContain("q");
        assertThat(Html.withoutQuotes("<p>a</p><div id=divRplyFwdMsg>" + "x</div><p>b".repeat(300_000)))
                .contains("<body><p>a</p></body>");
        var html = new Quotation(List.of(), Optional.empty(), Optional.of("<p>a" + "<meta><p>b".repeat(100_000)));
        assertThat(html.below("", false)).endsWith("b\nb\n");
        assertThat(html.belowHtml("<body></body>"))
                .contains("<p>a</p><p>b</p><p>b")
                .doesNotContain("meta");
    }

    @Test
    void aHeaderInLinesOfTheMacintoshOfOldIsReadOnce() {
        var header = "x\r".repeat(1_000_000) + "Subject: hi\r\n\r\n";
        assertThat(HeaderBlock.parse(header.getBytes(ISO_8859_1)).first("subject"))
                .contains("hi");
    }

    @Test
    void openBracketsAreNoAddresses() {
        assertThat(Addresses.mailboxes("<".repeat(500_000))).hasSize(1);
        assertThat(Addresses.mailboxes("(".repeat(500_000) + "ann@example.org>, Bob <bob@example.org>"))
                .extracting(Addresses.Mailbox::address)
                .contains("bob@example.org");
    }

    @Test
    void commentsOfAStyleHideNothing() {
        assertThat(Html.sanitised("<p style='x: e/* */xpre/*\n*/ssi\\on(1)'>a</p>"))
                .doesNotContain("style");
        assertThat(Html.sanitised("<p style='color: red/* a */'>a</p>")).contains("style");
        assertThat(Html.sanitised("<p style='color: red " + "/* ".repeat(500_000) + "'>a</p>"))
                .contains("style");
    }
}
