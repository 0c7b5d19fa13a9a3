package org.airpost.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.backend.MessageData;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Entities;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/**
 * The text of an original, as it stands below a reply or in a forward: a few lines of its header, then what it says.
 *
 * @param head From, Date, To, Cc, Subject as far as they are there, each as name and value
 */
record Quotation(List<Line> head, Optional<String> plain, Optional<String> html) {

    private static final Set<String> ENDING_LINES =
            Set.of("br", "tr", "p", "div", "h1", "h2", "h3", "h4", "li", "table", "blockquote");

    /** A line of the head. */
    record Line(String name, String value) {}

    /** One of the texts that follow each other in a message, without markup and with it; either may be in several pieces. */
    record Said(List<String> plain, List<String> html) {

        boolean isEmpty() {
            return plain.isEmpty() && html.isEmpty();
        }

        String asPlain() {
            var pieces = plain.isEmpty() ? html.stream().map(Quotation::toPlain).toList() : plain;
            return String.join("\n", pieces);
        }

        String asHtml() {
            var pieces = html.isEmpty() ? plain.stream().map(Quotation::toHtml).toList() : html;
            return String.join("<br>\r\n", pieces);
        }
    }

    static Quotation of(MessageData original, MessageHead header, List<Said> said) {
        var head = new ArrayList<Line>();
        for (var name : List.of("From", "Date", "To", "Cc", "Subject")) {
            header.text(name).filter(v -> !v.isBlank()).ifPresent(v -> head.add(new Line(name, v)));
        }
        if (header.value("Date").isEmpty()) {
            head.add(new Line("Date", original.internalDate().toString()));
        }
        var texts = said.stream().filter(text -> !text.isEmpty()).toList();
        boolean isPlain = texts.stream().anyMatch(text -> !text.plain.isEmpty());
        boolean isHtml = texts.stream().anyMatch(text -> !text.html.isEmpty());
        return new Quotation(
                List.copyOf(head),
                isPlain
                        ? Optional.of(texts.stream().map(Said::asPlain).collect(Collectors.joining("\n")))
                        : Optional.empty(),
                isHtml
                        ? Optional.of(texts.stream().map(Said::asHtml).collect(Collectors.joining("<br>\r\n")))
                        : Optional.empty());
    }

    /** Plain text with the original below it. With {@code flowed}, lines are stuffed as RFC 3676 §4.4 asks. */
    String below(String text, boolean flowed) {
        var quoted = new StringBuilder("________________________________\n");
        head.forEach(h -> quoted.append(h.name).append(": ").append(h.value).append('\n'));
        quoted.append('\n').append(plain.or(() -> html.map(Quotation::toPlain)).orElse(""));
        var original = quoted.toString().replace("\r\n", "\n");
        if (flowed) {
            original = original.replaceAll("(?m)(?<![ \t])[ \t]++$", "").replaceAll("(?m)^(?=[ >]|From )", " ");
        }
        return text.stripTrailing() + "\n\n" + original;
    }

    /** HTML with the original at the end of its body. */
    String belowHtml(String page) {
        var quoted = new StringBuilder("<br><hr><div>");
        head.forEach(h -> quoted.append("<b>")
                .append(h.name)
                .append(":</b> ")
                .append(Entities.escape(h.value))
                .append("<br>\r\n"));
        quoted.append("</div><br>\r\n<div>")
                .append(html.map(Quotation::inner).orElseGet(() -> toHtml(plain.orElse(""))))
                .append("</div>\r\n");
        int end = lastIndexOf(page, "</body");
        end = end < 0 ? lastIndexOf(page, "</html") : end;
        end = end < 0 ? page.length() : end;
        return page.substring(0, end) + quoted + page.substring(end);
    }

    private static int lastIndexOf(String page, String tag) {
        for (int i = page.length() - tag.length(); i >= 0; i--) {
            if (page.regionMatches(true, i, tag, 0, tag.length())) {
                return i;
            }
        }
        return -1;
    }

    /** What is in the body of a page, with its styles, to stand within another. */
    private static String inner(String page) {
        var document = Html.parsed(page);
        document.outputSettings(new Document.OutputSettings().prettyPrint(false));
        var styles = document.head().select("style").outerHtml();
        Siblings.remove(document.select("script,meta,title,base,link"));
        return styles + document.body().html();
    }

    private static String toHtml(String text) {
        return Entities.escape(text).replace("\r\n", "\n").replace("\n", "<br>\r\n");
    }

    private static String toPlain(String page) {
        var document = Html.parsed(page);
        Siblings.remove(document.select("script,style,head"));
        var text = new StringBuilder();
        document.body().traverse(new NodeVisitor() {
            @Override
            public void head(Node node, int depth) {
                if (node instanceof TextNode words) {
                    var whole = words.getWholeText();
                    text.append(whole.equals("\n") ? "\n" : whole.replaceAll("\\s+", " "));
                }
            }

            @Override
            public void tail(Node node, int depth) {
                if (node instanceof Element element && ENDING_LINES.contains(element.normalName())) {
                    text.append('\n');
                }
            }
        });
        return text.toString()
                        .replaceAll("(?<! ) ++\n", "\n")
                        .replaceAll("\n ++", "\n")
                        .replaceAll("\n{3,}", "\n\n")
                        .strip()
                + "\n";
    }
}
