package org.airpost.convert;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/**
 * Plain text of HTML, as a person would write it: paragraphs, lists, tables row by row, quotes with {@code > }, addresses of
 * links behind their words. Lines end with CRLF. Invisible elements are left out.
 */
final class HtmlText implements NodeVisitor {

    private static final Set<String> PARAGRAPHS = Set.of(
            "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "dl", "table", "pre", "hr", "form");
    private static final Set<String> LINES = Set.of(
            "div",
            "li",
            "tr",
            "dt",
            "dd",
            "address",
            "article",
            "section",
            "header",
            "footer",
            "center",
            "body",
            "caption",
            "figure",
            "main",
            "nav",
            "aside",
            "fieldset",
            "details",
            "summary",
            "figcaption",
            "legend",
            "option",
            "title");
    private static final Set<String> INVISIBLE = Set.of(
            "head",
            "style",
            "script",
            "title",
            "template",
            "noscript",
            "object",
            "iframe",
            "svg",
            "select",
            "textarea");
    private static final int MOST_DEPTH = 20;

    private final StringBuilder text = new StringBuilder();
    private final Deque<Integer> numbers = new ArrayDeque<>();
    private int quotes;
    private int preformatted;
    private int hidden;
    private int breaks = 2; // line ends at the end of the text; nothing yet counts as a blank line
    private boolean space;

    private HtmlText() {}

    static String of(String html) {
        var visitor = new HtmlText();
        Html.parsed(html).traverse(visitor);
        var text = visitor.text;
        int end = text.length();
        while (end > 0) {
            int start = text.lastIndexOf("\n", end - 1) + 1;
            if (!isBlank(text, start, end)) {
                break;
            }
            end = Math.max(0, start - 1);
        }
        text.setLength(end);
        return end == 0 ? "" : text.toString().stripTrailing() + "\r\n";
    }

    /** True for a line that holds nothing but marks of quoting. */
    private static boolean isBlank(StringBuilder text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) > ' ' && text.charAt(i) != '>') {
                return false;
            }
        }
        return true;
    }

    @Override
    public void head(Node node, int depth) {
        if (node instanceof TextNode words) {
            if (hidden == 0) {
                append(words.getWholeText());
            }
            return;
        }
        if (!(node instanceof Element element)) {
            return;
        }
        var name = element.normalName();
        if (hidden > 0 || isHidden(element, name)) {
            hidden++;
            return;
        }
        if (PARAGRAPHS.contains(name)) {
            newLine(inList(name) ? 1 : 2);
        } else if (LINES.contains(name)) {
            newLine(1);
        }
        switch (name) {
            case "br" -> {
                startLine();
                breaks = 0;
                newLine(1);
            }
            case "hr" -> {
                append("----------");
                newLine(1);
            }
            case "blockquote" -> quotes = Math.min(quotes + 1, MOST_DEPTH);
            case "pre" -> preformatted++;
            case "ul" -> numbers.push(-1);
            case "ol" -> numbers.push(number(element.attr("start"), 1));
            case "li" -> item(element);
            case "td", "th" -> {
                if (element.previousElementSibling() != null && breaks == 0) {
                    space = false;
                    text.append('\t');
                }
            }
            case "img" -> {
                var words = element.attr("alt").strip();
                if (!words.isEmpty()) {
                    append("[" + words + "]");
                }
            }
            default -> {}
        }
    }

    @Override
    public void tail(Node node, int depth) {
        if (!(node instanceof Element element)) {
            return;
        }
        if (hidden > 0) {
            hidden--;
            return;
        }
        var name = element.normalName();
        switch (name) {
            case "blockquote" -> quotes = Math.max(0, quotes - 1);
            case "pre" -> preformatted--;
            case "ul", "ol" -> numbers.poll();
            case "a" -> link(element);
            default -> {}
        }
        if (PARAGRAPHS.contains(name)) {
            newLine(inList(name) ? 1 : 2);
        } else if (LINES.contains(name)) {
            newLine(1);
        }
    }

    private boolean inList(String name) {
        return !numbers.isEmpty() && (name.equals("ul") || name.equals("ol") || name.equals("p"));
    }

    private static boolean isHidden(Element element, String name) {
        if (INVISIBLE.contains(name) || element.hasAttr("hidden")) {
            return true;
        }
        var style = element.attr("style");
        if (style.isEmpty()) {
            return false;
        }
        var compact = style.replace(" ", "").toLowerCase(Locale.ROOT);
        return compact.contains("display:none") || compact.contains("mso-hide:all");
    }

    private static Integer number(String attribute, int otherwise) {
        return attribute.matches("\\d{1,6}") ? Integer.parseInt(attribute) : otherwise;
    }

    private void item(Element item) {
        int next = numbers.isEmpty() ? -1 : numbers.pop();
        int number = next < 0 ? next : number(item.attr("value"), next);
        startLineIfNeeded();
        breaks = 0;
        text.append("  ".repeat(Math.min(numbers.size(), MOST_DEPTH))).append(number < 0 ? "* " : number + ". ");
        numbers.push(number < 0 ? number : number + 1);
    }

    private void link(Element link) {
        var target = link.attr("href").strip();
        var words = link.text().strip();
        if (!target.matches("(?i)(?:https?|ftp|mailto):.{1,2000}") || (words.isEmpty() && link.childrenSize() == 0)) {
            return;
        }
        var shown = target.regionMatches(true, 0, "mailto:", 0, 7) ? target.substring(7) : target;
        if (words.isEmpty() || (!shown.contains(words) && !words.contains(shown))) {
            append(" <" + target + ">");
        }
    }

    /** Ends the line; with two, leaves a blank line. */
    private void newLine(int wanted) {
        space = false;
        while (breaks < wanted) {
            if (breaks > 0 && quotes > 0) {
                text.append(">".repeat(quotes));
            }
            text.append("\r\n");
            breaks++;
        }
    }

    private void startLine() {
        if (breaks > 0 && quotes > 0) {
            text.append(">".repeat(quotes)).append(' ');
        }
    }

    private void append(String words) {
        if (preformatted > 0) {
            for (int i = 0; i < words.length(); i++) {
                char c = words.charAt(i);
                if (c == '\n') {
                    startLineIfNeeded();
                    breaks = 0;
                    newLine(1);
                } else if (c != '\r') {
                    put(c);
                }
            }
            return;
        }
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                space = true;
            } else {
                if (space && breaks == 0) {
                    text.append(' ');
                }
                space = false;
                put(c == '\u00A0' ? ' ' : c);
            }
        }
    }

    private void put(char c) {
        startLineIfNeeded();
        breaks = 0;
        text.append(c);
    }

    private void startLineIfNeeded() {
        if (breaks > 0) {
            startLine();
        }
    }
}
