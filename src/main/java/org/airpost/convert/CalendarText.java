package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an invitation says, in words, for a message that holds nothing else: summary, times, place, description of the first
 * event. Source: RFC 5545 sections 3.1 and 3.3.11.
 */
final class CalendarText {

    private CalendarText() {}

    /**
     * The calendar with folded lines made whole, before it becomes text: a fold may stand within a character. Source: RFC 5545
     * section 3.1.
     */
    static byte[] unfolded(byte[] calendar) {
        var out = new ByteArrayOutputStream(calendar.length);
        for (int i = 0; i < calendar.length; i++) {
            int end = calendar[i] == '\r' && i + 1 < calendar.length && calendar[i + 1] == '\n' ? i + 1 : i;
            boolean folded = calendar[end] == '\n'
                    && end + 1 < calendar.length
                    && (calendar[end + 1] == ' ' || calendar[end + 1] == '\t');
            if (folded) {
                i = end + 1;
            } else {
                out.write(calendar[i]);
            }
        }
        return out.toByteArray();
    }

    static String of(String calendar) {
        var values = new LinkedHashMap<String, String>();
        boolean event = false;
        for (var line : calendar.replaceAll("(\r\n|\n|\r)[ \t]", "").split("\r\n|\n|\r", -1)) {
            int colon = colon(line);
            if (colon < 0) {
                continue;
            }
            int semicolon = line.indexOf(';');
            var name = line.substring(0, semicolon > 0 && semicolon < colon ? semicolon : colon)
                    .toUpperCase(Locale.ROOT);
            var value = line.substring(colon + 1);
            if (name.equals("BEGIN")) {
                event = value.strip().matches("(?i)VEVENT|VTODO|VJOURNAL");
            } else if (event) {
                values.putIfAbsent(name, value);
            }
        }
        var text = new StringBuilder();
        line(text, "", values.get("SUMMARY"));
        line(text, "", time(values));
        line(text, "", values.get("LOCATION"));
        line(text, "\r\n", values.get("DESCRIPTION"));
        return text.toString();
    }

    /** The colon that ends name and parameters; colons in quoted parameters do not. */
    private static int colon(String line) {
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ':' && !quoted) {
                return i;
            }
        }
        return -1;
    }

    private static void line(StringBuilder text, String before, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            text.append(before).append(unescaped(value)).append("\r\n");
        }
    }

    private static String time(Map<String, String> values) {
        var start = readable(values.getOrDefault("DTSTART", ""));
        var end = readable(values.getOrDefault("DTEND", ""));
        return end.isEmpty() ? start : start + " - " + end;
    }

    private static String readable(String time) {
        var plain = time.strip();
        if (!plain.matches("\\d{8}(T\\d{6}Z?)?")) {
            return plain;
        }
        var date = plain.substring(0, 4) + "-" + plain.substring(4, 6) + "-" + plain.substring(6, 8);
        return plain.length() == 8
                ? date
                : date + " " + plain.substring(9, 11) + ":" + plain.substring(11, 13)
                        + (plain.endsWith("Z") ? " UTC" : "");
    }

    private static String unescaped(String value) {
        var text = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length()) {
                char next = value.charAt(++i);
                text.append(next == 'n' || next == 'N' ? "\r\n" : String.valueOf(next));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
