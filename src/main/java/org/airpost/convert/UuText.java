package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Text with files in it, written as old mailers and news programs do: {@code begin 644 name}, lines, {@code end}; or
 * {@code =ybegin … name=}, lines, {@code =yend}. Source: POSIX "uuencode"; yEnc draft 1.3.
 *
 * @param text without the files
 * @param files in order
 */
record UuText(byte[] text, List<File> files) {

    /** A file; of one that does not end, what there is. */
    record File(String name, byte[] content) {}

    private static final Pattern BEGIN = Pattern.compile("begin [0-7]{3,4} (\\S.{0,254})");
    private static final Pattern YENC = Pattern.compile("=ybegin (?:[a-z]{1,9}=[0-9]{1,12} ){1,5}name=(\\S.{0,254})");
    private static final int MOST_FILES = 100;

    UuText {
        files = List.copyOf(files);
    }

    static UuText of(byte[] bytes) {
        if (!mayHoldFiles(bytes)) {
            return new UuText(bytes, List.of());
        }
        var text = new String(bytes, ISO_8859_1);
        var own = new StringBuilder(text.length());
        var files = new ArrayList<File>();
        int at = 0;
        while (at < text.length()) {
            int end = lineEnd(text, at);
            var line = text.substring(at, Math.min(end, at + 300)).stripTrailing();
            var begin = BEGIN.matcher(line);
            var yenc = YENC.matcher(line);
            int after = -1;
            if (begin.matches() && files.size() < MOST_FILES) {
                after = fileEnd(text, end);
                if (after > 0) {
                    var content =
                            TransferDecoder.decode(text.substring(at, after).getBytes(ISO_8859_1), "x-uuencode");
                    files.add(new File(name(begin.group(1)), content));
                }
            } else if (yenc.matches() && files.size() < MOST_FILES) {
                after = yencEnd(text, end);
                files.add(new File(name(yenc.group(1)), yencDecoded(text, end, after)));
            }
            if (after > 0) {
                at = after;
            } else {
                own.append(text, at, end);
                at = end;
            }
        }
        return new UuText(own.toString().getBytes(ISO_8859_1), files);
    }

    private static boolean mayHoldFiles(byte[] bytes) {
        for (int i = 0; i + 8 < bytes.length; i++) {
            if ((i == 0 || bytes[i - 1] == '\n')
                    && (bytes[i] == 'b' || bytes[i] == '=')
                    && (startsWith(bytes, i, "begin ") || startsWith(bytes, i, "=ybegin "))) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] bytes, int at, String start) {
        for (int i = 0; i < start.length(); i++) {
            if (bytes[at + i] != start.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static String name(String raw) {
        return TextDecoder.decode(raw.strip().getBytes(ISO_8859_1), "");
    }

    private static int lineEnd(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end + 1;
    }

    /** Behind the last line of a file in yEnc. */
    private static int yencEnd(String text, int from) {
        int end = from > 0 ? text.indexOf("\n=yend", from - 1) : -1;
        return end < 0 ? text.length() : lineEnd(text, end + 1);
    }

    private static byte[] yencDecoded(String text, int from, int to) {
        var bytes = new ByteArrayOutputStream(to - from);
        int end;
        for (int at = from; at < to; at = end) {
            end = lineEnd(text, at);
            if (text.startsWith("=ypart", at) || text.startsWith("=yend", at)) {
                continue;
            }
            for (int i = at; i < end; i++) {
                char c = text.charAt(i);
                if (c == '=' && i + 1 < end) {
                    bytes.write(text.charAt(++i) - 64 - 42);
                } else if (c != '\r' && c != '\n') {
                    bytes.write(c - 42);
                }
            }
        }
        return bytes.toByteArray();
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
