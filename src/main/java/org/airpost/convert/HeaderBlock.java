package org.airpost.convert;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The header fields of a message as they came, in order. Reads whatever there is: bare line feeds, lines that are no field,
 * an mbox separator in front. Values are unfolded and not decoded: each byte is the character of the same number. Source:
 * RFC 5322 sections 2.2 and 3.6.
 */
record HeaderBlock(List<Field> fields) {

    /** A field; its name in lower case. */
    record Field(String name, String value) {

        /** True if it has this name (in lower case) and says something. */
        private boolean says(String wanted) {
            return name.equals(wanted) && !value.isBlank();
        }
    }

    private static final int MOST_FIELDS = 5_000;

    HeaderBlock {
        fields = List.copyOf(fields);
    }

    static HeaderBlock parse(byte[] header) {
        var fields = new ArrayList<Field>();
        var open = new StringBuilder();
        var text = new String(header, StandardCharsets.ISO_8859_1);
        int next;
        int feed = -1;
        for (int at = 0; at < text.length() && fields.size() < MOST_FIELDS; at = next) {
            if (feed < at) { // looked for once, also where all lines end in CR
                int found = text.indexOf('\n', at);
                feed = found < 0 ? text.length() : found;
            }
            int end = endOfLine(text, at, feed);
            next = text.startsWith("\r\n", end) ? end + 2 : text.startsWith("\r\r\n", end) ? end + 3 : end + 1;
            var line = text.substring(at, end);
            if (line.isEmpty()) {
                break;
            }
            if (line.charAt(0) == ' ' || line.charAt(0) == '\t') {
                open.append(line);
                continue;
            }
            add(fields, open);
            open.setLength(0);
            open.append(line);
        }
        add(fields, open);
        return new HeaderBlock(fields);
    }

    /** Where the line ends that begins here, with the next LF at the latest; lines end in CR, LF or both. */
    private static int endOfLine(String text, int from, int feed) {
        int carriage = text.indexOf('\r', from, feed);
        return carriage < 0 ? feed : carriage;
    }

    private static void add(List<Field> fields, StringBuilder line) {
        int colon = line.indexOf(":");
        if (colon < 1) {
            return;
        }
        var name = line.substring(0, colon).strip();
        if (name.isEmpty() || name.indexOf(' ') >= 0) {
            return;
        }
        fields.add(new Field(
                name.toLowerCase(Locale.ROOT), line.substring(colon + 1).strip()));
    }

    /** The same with another value of a field. */
    HeaderBlock with(String name, String value) {
        return new HeaderBlock(Stream.concat(
                        fields.stream().filter(field -> !field.name.equals(name)), Stream.of(new Field(name, value)))
                .toList());
    }

    /** The value of the first field of a name (in lower case) that is not blank. */
    Optional<String> first(String name) {
        for (var field : fields) {
            if (field.says(name)) {
                return Optional.of(field.value);
            }
        }
        return Optional.empty();
    }

    /** The values of all fields of a name, separated by commas: for fields that some mailers repeat against the rules. */
    String joined(String name) {
        var values = new ArrayList<String>();
        for (var field : fields) {
            if (field.says(name)) {
                values.add(field.value);
            }
        }
        return values.size() == 1 ? values.getFirst() : String.join(", ", values);
    }
}
