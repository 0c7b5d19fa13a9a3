package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HtmlTest {

    /** jsoup 1.24.1: "Bug: no template insertion mode on stack!" */
    @Test
    void whatTheParserStumblesOverIsShownAsItIs() {
        var odd = "<p>Hello</p>" + "<template><svg>".repeat(1_365);
        assertThat(HtmlText.of(odd)).startsWith("<p>Hello</p><template>");
        assertThat(Html.sanitised(odd)).contains("&lt;p&gt;Hello");
        assertThat(Html.withoutQuotes(odd)).contains("Hello");
        assertThat(new Quotation(List.of(), Optional.empty(), Optional.of(odd)).below("", false))
                .contains("Hello");
    }

    private static String cut(String html, int most) {
        return html.substring(0, Html.safeEnd(html, most));
    }

    @Test
    void aCutNeverEndsWithinMarkup() {
        assertThat(cut("abc<p>def", 5)).isEqualTo("abc");
        assertThat(cut("abc<p>def", 6)).isEqualTo("abc<p>");
        assertThat(cut("a &amp; b", 5)).isEqualTo("a ");
        assertThat(cut("a & b c d", 6)).isEqualTo("a & b ");
        assertThat(cut("x<!-- a > b -->y", 12)).isEqualTo("x");
        assertThat(cut("x<a title=\"a > b\">y</a>", 16)).isEqualTo("x");
        assertThat(cut("x<style>p > a {}</style>y", 14)).isEqualTo("x");
        assertThat(cut("1 < 2 and 3 > 2", 8)).isEqualTo("1 < 2 an");
        assertThat(cut("abc", 10)).isEqualTo("abc");
        assertThat(cut("<", 1)).isEqualTo("<");
    }

    @Test
    void everyCutOfADocumentHoldsWholeTags() {
        var html = "<div class='x>y'>Text &uuml; <b>bold</b><!-- > --><script>if (a<b) {}</script><br/>end</div>";
        for (int most = 0; most <= html.length(); most++) {
            var part = cut(html, most);
            assertThat(part.chars().filter(c -> c == '<').count())
                    .isLessThanOrEqualTo(part.chars().filter(c -> c == '>').count());
        }
    }

    @Test
    void tagsStylesAndCommentsSayNothing() {
        for (var nothing : java.util.List.of(
                "",
                "<p>&nbsp; </p>",
                "<style>p {color: red}</style><!-- words -->",
                "<title>Words</title><br/>",
                "<style>p {color",
                "<html><body>\n</body></html>")) {
            assertThat(Html.saysSomething(nothing)).as(nothing).isFalse();
        }
        for (var something : java.util.List.of("x", "<p>word", "<img src=x>", "<style>p</style>a", "1 < 2")) {
            assertThat(Html.saysSomething(something)).as(something).isTrue();
        }
        assertThat(Html.withoutStyles("a<style>b</style>c<!--d-->e<p>f<style>g"))
                .isEqualTo("ace<p>f");
    }

    @Test
    void whatIsDeclaredWronglyIsSeen() {
        assertThat(Html.isDocument("\r\n <!DOCTYPE html><html><Body>x")).isTrue();
        assertThat(Html.isDocument("I write <html><body>")).isFalse();
        assertThat(Html.withLines("a\r\nb < 5")).isEqualTo("a\r<br>\nb < 5");
        assertThat(Html.withLines("a\nb<br>c")).isEqualTo("a\nb<br>c");
        assertThat(Html.withLines("a\n")).isEqualTo("a\n");
    }

    @Test
    void onlyTheDeclarationOfTheCharsetIsChanged() {
        assertThat(Html.declaredAsUtf8("<META content='text/html; charset=KOI8-R' http-equiv=x><p>charset=koi8-r"))
                .isEqualTo("<META content='text/html; charset=utf-8' http-equiv=x><p>charset=koi8-r");
        assertThat(Html.declaredAsUtf8("<meta charset=\"gb2312\"><meta name=a>"))
                .isEqualTo("<meta charset=\"utf-8\"><meta name=a>");
        assertThat(Html.declaredAsUtf8("<p>nothing</p>")).isEqualTo("<p>nothing</p>");
    }

    @Test
    void textOfHtmlIsReadable() {
        assertThat(HtmlText.of("<p>One<p>Two <a href='mailto:x@example.org'>x@example.org</a>"))
                .isEqualTo("One\r\n\r\nTwo x@example.org\r\n");
        assertThat(HtmlText.of("<blockquote>a<blockquote>b</blockquote></blockquote>c"))
                .isEqualTo("> a\r\n>\r\n>> b\r\n>\r\nc\r\n");
        assertThat(HtmlText.of("a<br><br>b")).isEqualTo("a\r\n\r\nb\r\n");
        assertThat(HtmlText.of("")).isEmpty();
    }

    @Test
    void aSanitisedStyleHoldsNoEscapeAndNothingThatLoads() {
        for (var bad : java.util.List.of(
                "background:\\75 rl(//x.example/)",
                "background:u\\72l(//x.example/)",
                "color:r\\65 d",
                "content:'/*';background:url(//x.example/);quotes:'*/'",
                "background:image-set('//x.example/' 1x)",
                "width:expr/**/ession(1)")) {
            assertThat(Html.sanitised("<p style=\"" + bad + "\">a</p>")).as(bad).contains("<p>a</p>");
        }
        assertThat(Html.sanitised("<p style=\"color:red\">a</p>")).contains("<p style=\"color:red\">a</p>");
    }
}
