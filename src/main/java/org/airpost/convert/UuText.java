package org.airpost.convert;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Text with files in it, written as old mailers do: {@code begin 644 name}, lines, {@code end}. Source: POSIX "uuencode".
 *
 * @param text without the files
 * @param files in order
 */
record UuText(String text, List<File> files) {

    /** A file; of one that does not end, what there is. */
    record File(String name, byte[] content) {}

    private static final Pattern BEGIN = Pattern.compile("begin [0-7]{3,4} (\\S.{0,254})");
    private static final int MOST_FILES = 100;

    UuText {
        files = List.copyOf(files);
    }

    static UuText of(String text) {
        if (!text.startsWith("begin ") && !text.contains("\nbegin ")) {
            return new UuText(text, List.of());
        }
        var own = new StringBuilder(text.length());
        var files = new ArrayList<File>();
        int at = 0;
        while (at < text.length()) {
            int end = lineEnd(text, at);
            var begin =
                    BEGIN.matcher(text.substring(at, Math.min(end, at + 300)).stripTrailing());
            int after = begin.matches() && files.size() < MOST_FILES ? fileEnd(text, end) : -1;
            if (after > 0) {
                files.add(new File(
                        begin.group(1).strip(),
                        TransferDecoder.decode(
                                text.substring(at, after).getBytes(StandardCharsets.ISO_8859_1), "x-uuencode")));
                at = after;
            } else {
                own.append(text, at, end);
                at = end;
            }
        }
        return new UuText(own.toString(), files);
    }

    private static int lineEnd(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end + 1;
    }

    /** Where the lines of a file end; -1 if what follows its begin is not one. */
    private static int fileEnd(String text, int from) {
        int at = from;
        int lines = 0;
        while (at < text.length()) {
            int end = lineEnd(text, at);
            var line = text.substring(at, end).stripTrailing();
            if (line.equals("end")) {
                return end;
            }
            boolean empty = line.isEmpty() || line.equals("`"); // before the end
            if (!empty && !isData(line, end == text.length())) {
                return lines > 0 ? at : -1;
            }
            if (line.isEmpty() && !text.startsWith("end", end)) {
                return lines > 0 ? at : -1;
            }
            lines += empty ? 0 : 1;
            at = end;
        }
        return lines > 0 ? at : -1;
    }

    /** A line says by its first character how many bytes it holds, and is as long as these need (or a little longer). */
    private static boolean isData(String line, boolean last) {
        int bytes = (line.charAt(0) - ' ') & 63;
        int needed = 1 + (bytes + 2) / 3 * 4;
        return line.charAt(0) >= ' '
                && line.charAt(0) <= '`'
                && line.chars().allMatch(c -> c >= ' ' && c <= '`')
                && (last || line.length() >= needed - 4)
                && line.length() <= needed + 2;
    }
}
