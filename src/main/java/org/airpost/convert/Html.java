package org.airpost.convert;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.safety.Cleaner;
import org.jsoup.safety.Safelist;

/** What has to be done with HTML on its way to a phone. */
final class Html {

    /** How much of the start of a document may declare its charset; more than browsers look at, for Outlook's headers. */
    private static final int HEAD = 4 << 10;

    private static final Word META = new Word("<meta");
    private static final Word XML = new Word("<?xml");
    private static final Word BODY = new Word("<body");

    private static final Pattern META_CHARSET = Pattern.compile(
            "<meta\\b[^>]{0,500}?charset\\s{0,5}=\\s{0,5}[\"']?\\s{0,5}([\\w:.()-]{2,40})", Pattern.CASE_INSENSITIVE);

    private static final Pattern XML_ENCODING = Pattern.compile(
            "^\\s{0,20}<\\?xml\\b[^>]{0,200}?encoding\\s{0,5}=\\s{0,5}[\"']([\\w:.()-]{2,40})",
            Pattern.CASE_INSENSITIVE);

    /** Styles that load something or run something. */
    private static final Pattern ACTIVE_STYLE = Pattern.compile(
            "url\\s*\\(|image-set|expression|javascript|@import|behavior|-moz-binding", Pattern.CASE_INSENSITIVE);

    private static final Safelist PASSIVE = Safelist.relaxed()
            .addTags("font", "center", "hr", "s", "del", "ins", "tt", "big", "address", "figure", "figcaption")
            .addAttributes(":all", "style", "dir", "align", "valign", "bgcolor", "title", "lang")
            .addAttributes("font", "color", "face", "size")
            .addAttributes("table", "border", "cellpadding", "cellspacing", "width")
            .addAttributes("td", "height", "nowrap")
            .addAttributes("blockquote", "type")
            .addProtocols("img", "src", "cid", "data")
            .addProtocols("a", "href", "tel", "sms", "cid");

    private static final String[] RAW_TEXT = {"style", "script", "title", "textarea", "xmp", "noframes"};

    private Html() {}

    /** Appends text so that HTML shows it. With {@code spaces}, runs of spaces and tabs keep their width. */
    static void escape(String text, boolean spaces, StringBuilder html) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case ' ' ->
                    html.append(
                            spaces && (i == 0 || i + 1 == text.length() || text.charAt(i + 1) == ' ') ? "&nbsp;" : " ");
                case '\t' -> html.append(spaces ? "&nbsp;&nbsp;&nbsp; " : "\t");
                default -> html.append(c);
            }
        }
    }

    /** A whole document around what stands in a body. */
    static String document(String body) {
        return "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>\r\n<body>"
                + body + "</body></html>";
    }

    /** The charset that a document declares for itself, if any. Source: HTML "Determining the character encoding". */
    static Optional<String> declaredCharset(String start) {
        var head = start.length() > HEAD ? start.substring(0, HEAD) : start;
        var meta = META_CHARSET.matcher(head);
        if (meta.find()) {
            return Optional.of(meta.group(1));
        }
        var xml = XML_ENCODING.matcher(head);
        return xml.find() ? Optional.of(xml.group(1)) : Optional.empty();
    }

    /** The document with its declarations of a charset made true for UTF-8, and nothing else changed. */
    static String declaredAsUtf8(String html) {
        int length = Math.min(html.length(), HEAD);
        if (!META.isIn(html, length) && !XML.isIn(html, length)) {
            return html;
        }
        var head = new StringBuilder(html.substring(0, length));
        for (var pattern : new Pattern[] {META_CHARSET, XML_ENCODING}) {
            var declaration = pattern.matcher(head);
            int at = 0;
            while (declaration.find(at)) {
                int start = declaration.start(1);
                head.replace(start, declaration.end(1), "utf-8");
                at = Math.min(start + 5, head.length());
                declaration = pattern.matcher(head);
            }
        }
        return head + html.substring(length);
    }

    /**
     * The longest start of a document of at most so many characters that does not end within a tag, a comment, a character
     * reference or the content of an element such as style.
     */
    static int safeEnd(String html, int most) {
        if (most >= html.length()) {
            return html.length();
        }
        int at = 0;
        var quotes = new Quotes();
        while (at < most) {
            int open = html.indexOf('<', at);
            if (open < 0 || open >= most) {
                break;
            }
            int end = markupEnd(html, open, most, quotes);
            if (end < 0) {
                return open;
            }
            at = Math.max(end, open + 1);
        }
        int reference = html.lastIndexOf('&', most - 1);
        if (reference >= at && most - reference <= 32 && isOpenReference(html, reference, most)) {
            return reference;
        }
        return most;
    }

    private static boolean isOpenReference(String html, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (!Character.isLetterOrDigit(html.charAt(i)) && html.charAt(i) != '#') {
                return false;
            }
        }
        return true;
    }

    /** Where the markup that begins at an offset ends; the offset itself if it is no markup; -1 if it ends too late. */
    private static int markupEnd(String html, int open, int most, Quotes quotes) {
        if (open + 1 >= most) {
            return -1;
        }
        if (html.startsWith("<!--", open)) {
            return within(html.indexOf("-->", open + 4), 3, most);
        }
        char next = html.charAt(open + 1);
        if (!Character.isLetter(next) && next != '/' && next != '!' && next != '?') {
            return open;
        }
        int end = tagEnd(html, open, most, quotes);
        if (end < 0) {
            return -1;
        }
        for (var name : RAW_TEXT) {
            if (html.regionMatches(true, open + 1, name, 0, name.length())
                    && !Character.isLetterOrDigit(html.charAt(open + 1 + name.length()))) {
                int close = closing(html, name, end, most);
                return close < 0 ? -1 : tagEnd(html, close, most, quotes);
            }
        }
        return end;
    }

    private static int within(int at, int length, int most) {
        return at < 0 || at + length > most ? -1 : at + length;
    }

    private static int closing(String html, String name, int from, int most) {
        for (int at = html.indexOf("</", from); at >= 0 && at < most; at = html.indexOf("</", at + 2)) {
            if (html.regionMatches(true, at + 2, name, 0, name.length())) {
                return at;
            }
        }
        return -1;
    }

    /** Quotes in tags that nobody closed: after so many of them a tag of the same document ends with its first {@code >}. */
    private static final class Quotes {
        private static final int MOST_OPEN = 64;

        private int open;

        boolean areBelieved() {
            return open < MOST_OPEN;
        }
    }

    private static int tagEnd(String html, int open, int most, Quotes quotes) {
        char quote = 0;
        int firstEnd = -1;
        for (int i = open + 1; i < most; i++) {
            char c = html.charAt(i);
            if (c == '>' && firstEnd < 0) {
                firstEnd = i + 1;
            }
            if (!quotes.areBelieved() && firstEnd >= 0) {
                return firstEnd;
            }
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if ((c == '"' || c == '\'') && html.charAt(i - 1) == '=') {
                quote = c;
            } else if (c == '>') {
                return i + 1;
            }
            if (i - open > 16 << 10) {
                quotes.open++;
                return firstEnd; // a quote that nobody closed
            }
        }
        return -1;
    }

    /** True if there is a word or a picture in it: tags, styles and comments say nothing. */
    static boolean saysSomething(String html) {
        var quotes = new Quotes();
        int at = 0;
        while (at < html.length()) {
            char c = html.charAt(at);
            if (c == '<') {
                if (html.regionMatches(true, at, "<img", 0, 4)) {
                    return true;
                }
                int end = markupEnd(html, at, html.length(), quotes);
                if (end < 0) {
                    return false;
                }
                at = Math.max(end, at + 1);
            } else if (html.startsWith("&nbsp;", at) || html.startsWith("&zwnj;", at)) {
                at += 6;
            } else if (Character.isLetterOrDigit(c)) {
                return true;
            } else {
                at++;
            }
        }
        return false;
    }

    /** The document without its style sheets and comments; from markup on that does not end, all is left out. */
    static String withoutStyles(String html) {
        var bare = new StringBuilder(html.length());
        var quotes = new Quotes();
        int at = 0;
        while (at < html.length()) {
            int open = html.indexOf('<', at);
            if (open < 0) {
                break;
            }
            bare.append(html, at, open);
            int end = markupEnd(html, open, html.length(), quotes);
            if (end < 0) {
                return bare.toString();
            }
            at = Math.max(open + 1, end);
            if (!html.startsWith("<!--", open) && !html.regionMatches(true, open, "<style", 0, 6)) {
                bare.append(html, open, at);
            }
        }
        return bare.append(html, at, html.length()).toString();
    }

    /** True of text that is the source of a page. */
    static boolean isDocument(String text) {
        int start = 0;
        while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
            start++;
        }
        return start < text.length()
                && text.charAt(start) == '<'
                && (text.regionMatches(true, start, "<html", 0, 5)
                        || text.regionMatches(true, start, "<!doctype html", 0, 14))
                && BODY.isIn(text);
    }

    /** HTML without a single tag is text that somebody declared wrongly: its lines are kept. */
    static String withLines(String html) {
        for (int at = html.indexOf('<'); at >= 0 && at + 1 < html.length(); at = html.indexOf('<', at + 1)) {
            char next = html.charAt(at + 1);
            if (Character.isLetter(next) || next == '/' || next == '!' || next == '?') {
                return html;
            }
        }
        return html.stripTrailing().indexOf('\n') < 0 ? html : html.replace("\n", "<br>\n");
    }

    /** The document with what refers to a location in an attribute referring to a part by its id: phones know no others. */
    static String referringTo(String location, String id, String html) {
        var changed = html;
        for (var quote : new String[] {"\"", "'"}) {
            changed = changed.replace("=" + quote + location + quote, "=" + quote + "cid:" + id + quote);
        }
        return changed;
    }

    /** The document; of one that the parser stumbles over, its source as text. */
    static Document parsed(String html) {
        try {
            return Jsoup.parse(html);
        } catch (IllegalArgumentException e) {
            var document = Document.createShell("");
            document.body().text(html);
            return document;
        }
    }

    /** What stands between the tags of a body, to be put into another document. */
    static String bodyOf(String html) {
        var lower = html.toLowerCase(Locale.ROOT);
        if (lower.length() != html.length()) {
            return html;
        }
        int open = lower.indexOf("<body");
        int start = open < 0 ? -1 : html.indexOf('>', open);
        int from = start < 0 ? 0 : start + 1;
        int close = lower.indexOf("</body", from);
        if (close < 0) {
            close = lower.indexOf("</html", from);
        }
        return html.substring(from, close < 0 ? html.length() : close);
    }

    /** A document with more before and after what its body holds. */
    static String surround(String before, String html, String after) {
        var lower = html.toLowerCase(Locale.ROOT);
        int open = lower.indexOf("<body");
        int start = open < 0 ? -1 : html.indexOf('>', open);
        int from = start < 0 ? 0 : start + 1;
        int close = lower.lastIndexOf("</body");
        int to = close < from ? html.length() : close;
        return lower.length() != html.length()
                ? before + html + after
                : html.substring(0, from) + before + html.substring(from, to) + after + html.substring(to);
    }

    /** A document without scripts, forms, style sheets, embedded documents, and styles that load or run something. */
    static String sanitised(String html) {
        var clean = new Cleaner(PASSIVE).clean(parsed(html));
        for (var element : clean.select("[style]")) {
            var style = element.attr("style");
            // An escape may spell anything; what looks like a comment may stand in a string.
            if (style.contains("\\")
                    || ACTIVE_STYLE.matcher(style).find()
                    || ACTIVE_STYLE.matcher(withoutComments(style)).find()) {
                element.removeAttr("style");
            }
        }
        clean.outputSettings().prettyPrint(false);
        return document(clean.body().html());
    }

    /** Style without comments and backslashes, between which words may be hidden. */
    private static String withoutComments(String style) {
        var plain = new StringBuilder(style.length());
        int lastEnd = style.lastIndexOf("*/");
        for (int i = 0; i < style.length(); i++) {
            if (style.startsWith("/*", i) && lastEnd >= i + 2) {
                i = style.indexOf("*/", i + 2) + 1;
            } else if (style.charAt(i) != '\\') {
                plain.append(style.charAt(i));
            }
        }
        return plain.toString();
    }

    /** The newest part of a message: without what it quotes of earlier ones. Source: MS-ASCON "Message Part". */
    static String withoutQuotes(String html) {
        var document = parsed(html);
        document.outputSettings().prettyPrint(false);
        Siblings.remove(
                document.select(
                        "blockquote[type=cite], .gmail_quote, .yahoo_quoted, .moz-cite-prefix, #appendonsend, .protonmail_quote"));
        document.select("#divRplyFwdMsg, #mail-editor-reference-message-container, #OLK_SRC_BODY_SECTION")
                .forEach(Siblings::removeFrom);
        return document.outerHtml();
    }
}
