package org.airpost.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A text/plain part as lines with a depth of quoting. Lines of format=flowed are joined to paragraphs. Source: RFC 3676
 * section 4.
 */
final class PlainText {

    /** A line or paragraph without its quote marks, and how many there were. */
    record Line(int depth, String text) {}

    private static final Pattern LINK =
            Pattern.compile("(?:https?://|ftp://|mailto:|www\\.)[^\\s<>\"\\u00A0]{2,2000}", Pattern.CASE_INSENSITIVE);

    private static final Pattern DOMAIN = Pattern.compile("[\\w-]{1,63}(?:\\.[\\w-]{1,63}){1,8}");

    private static final int MOST_LOCAL_PART = 64;

    private static final int MOST_DEPTH = 20;

    /** Characters of a command of text/enriched. */
    private static final int LONGEST_COMMAND = 65;

    private final List<Line> lines;

    private PlainText(List<Line> lines) {
        this.lines = List.copyOf(lines);
    }

    static PlainText of(String text) {
        var lines = new ArrayList<Line>();
        for (var line : lines(text)) {
            lines.add(quoted(line, false));
        }
        return new PlainText(lines);
    }

    /** Reads flowed text. With {@code delSp} the space that marks a soft break is not part of the text. */
    static PlainText flowed(String text, boolean delSp) {
        var lines = new ArrayList<Line>();
        var paragraph = new StringBuilder();
        int depth = -1;
        for (var raw : lines(text)) {
            var line = quoted(raw, true);
            if (depth >= 0 && (line.depth != depth || line.text.equals("-- "))) {
                lines.add(new Line(depth, paragraph.toString()));
                paragraph.setLength(0);
                depth = -1;
            }
            boolean soft = line.text.endsWith(" ") && !line.text.equals("-- ");
            paragraph.append(line.text, 0, line.text.length() - (soft && delSp ? 1 : 0));
            if (soft) {
                depth = line.depth;
            } else {
                lines.add(new Line(line.depth, paragraph.toString()));
                paragraph.setLength(0);
                depth = -1;
            }
        }
        if (depth >= 0) {
            lines.add(new Line(depth, paragraph.toString()));
        }
        return new PlainText(lines);
    }

    private static List<String> lines(String text) {
        return text.isEmpty() ? List.of("") : text.lines().toList();
    }

    private static Line quoted(String line, boolean flowed) {
        int depth = 0;
        int at = 0;
        while (at < line.length() && depth < MOST_DEPTH) {
            if (line.charAt(at) == '>') {
                depth++;
                at++;
            } else if (!flowed && depth > 0 && line.startsWith(" >", at)) {
                at++;
            } else {
                break;
            }
        }
        if (at < line.length() && line.charAt(at) == ' ' && (flowed || depth > 0)) {
            at++; // space-stuffing
        }
        return new Line(depth, line.substring(at));
    }

    /** As text again, lines ended by CRLF, quotes marked by {@code > }. */
    String text() {
        var text = new StringBuilder();
        for (var line : lines) {
            text.append(">".repeat(line.depth));
            if (line.depth > 0 && !line.text.isEmpty()) {
                text.append(' ');
            }
            text.append(line.text).append("\r\n");
        }
        return text.toString();
    }

    /** As HTML to be put into a body: escaped, links to be touched, quotes as blockquotes. */
    String html() {
        var html = new StringBuilder("<div>");
        int depth = 0;
        for (var line : lines) {
            for (; depth < line.depth; depth++) {
                html.append(
                        "<blockquote type=\"cite\" style=\"margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex\">");
            }
            for (; depth > line.depth; depth--) {
                html.append("</blockquote>");
            }
            linked(line.text, html);
            html.append("<br>\r\n");
        }
        return html.append("</blockquote>".repeat(depth)).append("</div>").toString();
    }

    private static void linked(String line, StringBuilder html) {
        int done = 0;
        for (int i = 0; i < line.length(); i++) {
            int start = i;
            int end = linkEnd(line, i);
            if (end < 0 && line.charAt(i) == '@') {
                start = localPart(line, i, done);
                end = start < i ? matchEnd(DOMAIN, line, i + 1) : -1;
            }
            if (end < 0) {
                continue;
            }
            while (end > start + 1 && ".,;:!?)]}'".indexOf(line.charAt(end - 1)) >= 0) {
                end--;
            }
            var text = line.substring(start, end);
            Html.escape(line.substring(done, start), true, html);
            html.append("<a href=\"");
            Html.escape(target(text), false, html);
            html.append("\">");
            Html.escape(text, false, html);
            html.append("</a>");
            done = end;
            i = end - 1;
        }
        Html.escape(line.substring(done), true, html);
    }

    /** Where the address of the web ends that begins here; -1 if none does. Most characters begin none: they are passed fast. */
    private static int linkEnd(String line, int at) {
        boolean possible = switch (line.charAt(at)) {
            case 'h', 'H', 'f', 'F', 'm', 'M', 'w', 'W' -> at == 0 || !isWord(line.charAt(at - 1));
            default -> false;
        };
        return possible ? matchEnd(LINK, line, at) : -1;
    }

    private static int matchEnd(Pattern pattern, String line, int at) {
        var matcher = pattern.matcher(line).region(at, line.length());
        return matcher.lookingAt() ? matcher.end() : -1;
    }

    private static int localPart(String line, int at, int least) {
        int start = at;
        while (start > least
                && at - start < MOST_LOCAL_PART
                && (isWord(line.charAt(start - 1)) || ".+-".indexOf(line.charAt(start - 1)) >= 0)) {
            start--;
        }
        return start;
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    private static String target(String text) {
        if (text.regionMatches(true, 0, "www.", 0, 4)) {
            return "http://" + text;
        }
        return text.indexOf(':') < 0 && text.indexOf('@') > 0 ? "mailto:" + text : text;
    }

    /** What is left of text/enriched or text/richtext without its commands. Source: RFC 1896. */
    static String ofEnriched(String text) {
        var plain = new StringBuilder(text.length());
        int skipped = 0; // within <param>, whose content is not shown
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '<') {
                if (text.startsWith("<<", i)) {
                    plain.append('<');
                    i++;
                    continue;
                }
                int end = text.indexOf('>', i, Math.min(text.length(), i + LONGEST_COMMAND));
                if (end > 0) {
                    var command = text.substring(i + 1, end).strip();
                    if (command.equalsIgnoreCase("param")) {
                        skipped++;
                    } else if (command.equalsIgnoreCase("/param")) {
                        skipped = Math.max(0, skipped - 1);
                    } else if (command.equalsIgnoreCase("nl") || command.equalsIgnoreCase("np")) {
                        plain.append("\r\n"); // text/richtext
                    } else if (command.equalsIgnoreCase("lt")) {
                        plain.append('<'); // text/richtext
                    }
                    i = end;
                    continue;
                }
            }
            if (skipped > 0) {
                continue;
            }
            if (c == '\n' || c == '\r') { // one line break is a space, n of them are n - 1
                int breaks = 0;
                int at = i;
                while (at < text.length() && (text.charAt(at) == '\n' || text.charAt(at) == '\r')) {
                    breaks += text.charAt(at) == '\n' ? 1 : 0;
                    at++;
                }
                plain.append(breaks <= 1 ? " " : "\r\n".repeat(Math.min(breaks - 1, 100)));
                i = at - 1;
                continue;
            }
            plain.append(c);
        }
        return plain.toString();
    }
}
