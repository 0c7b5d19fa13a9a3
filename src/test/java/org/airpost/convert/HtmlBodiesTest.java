package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.airpost.convert.MailConverter.HtmlBodies;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlBodiesTest {

    private static final BodyOptions HTML = new BodyOptions(
            List.of(
                    new BodyPreference(BodyType.HTML, Optional.of(50_000L), false, 0),
                    new BodyPreference(BodyType.MIME, Optional.empty(), false, 0)),
            Optional.empty(),
            0,
            Optional.empty());

    private static final BodyOptions MIME = new BodyOptions(HTML.preferences(), Optional.empty(), 2, Optional.empty());

    private static String dump(String html, HtmlBodies bodies, BodyOptions options) {
        var mail = FakeMail.with(GoldenMailsTest.bytes("From: a@example.org\nTo: b@example.org\nMIME-Version: 1.0\n"
                + "Content-Type: text/html; charset=utf-8\n\n" + html));
        var converter = new MailConverter(MailConverter.Settings.DEFAULT.with(bodies));
        return ItemDump.of(ItemDump.wbxml(converter
                .items(mail.place(), List.of(1L), options, ProtocolVersion.V16_1)
                .getFirst()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>x()</script>",
                "<p onclick=\"x()\">a</p>",
                "<a href=\"javascript:x()\">a</a>",
                "<img src=x onerror=x()>",
                "<iframe src=\"https://x.org/x()\"></iframe>",
                "<form action=\"/x()\"><input name=x()></form>",
                "<style>p { background: url(x()) }</style>",
                "<p style=\"width: expr/**/ession(x())\">a</p>",
                "<svg><script>x()</script></svg>",
                "<math><mtext><table><mglyph><style><img src=x onerror=x()>",
                "<object data=\"x()\"></object>",
                "<meta http-equiv=refresh content=\"0;url=x()\">"
            })
    void nothingThatActsByItselfIsLeft(String html) {
        var dump = dump("<html><body>Kept " + html + "</body></html>", HtmlBodies.SANITISED, HTML);
        assertThat(dump)
                .contains("Kept")
                .doesNotContainPattern(
                        "(?i)<script|onerror=x|onclick|javascript:|<iframe|<form|<style|<svg|<object|http-equiv=refresh");
        assertThat(dump).doesNotContain("ession(x");
    }

    @Test
    void whatAReaderSeesStays() {
        var dump = dump(
                "<p style=\"color: red\"><b>Bold</b> <a href=\"https://example.org/\">link</a></p>"
                        + "<img src=\"cid:1@x\" alt=\"picture\"><table><tr><td>Cell</td></tr></table>",
                HtmlBodies.SANITISED,
                HTML);
        assertThat(dump).contains("color: red", "<b>Bold</b>", "https://example.org/", "cid:1@x", "<td>Cell</td>");
    }

    @Test
    void asSentItIsTheSendersWord() {
        assertThat(dump("<p onclick=\"x()\">a</p><script>x()</script>", HtmlBodies.AS_SENT, HTML))
                .contains("<p onclick=\"x()\">a</p><script>x()</script>");
    }

    @Test
    void whereNoneIsAllowedThePhoneGetsText() {
        assertThat(dump("<p>Words</p>", HtmlBodies.NONE, HTML))
                .contains("AirSyncBase:Type = 1", "Words", "NativeBodyType = 2")
                .doesNotContain("<p>");
    }

    @Test
    void aBodyOfTypeFourIsNotTouched() {
        for (var bodies : HtmlBodies.values()) {
            assertThat(dump("<script>x()</script>", bodies, MIME))
                    .contains("AirSyncBase:Type = 4", "<script>x()</script>");
        }
    }
}
