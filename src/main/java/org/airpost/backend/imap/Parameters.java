package org.airpost.backend.imap;

import jakarta.mail.internet.MimeUtility;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.airpost.backend.HeaderValue;

/** Parameters of Content-Type and Content-Disposition. Source: RFC 2231, and RFC 2047 where it must not be but is. */
final class Parameters {

    private Parameters() {}

    /** One piece of a value: {@code filename*1*}. */
    private record Piece(String value, boolean encoded) {}

    /** Joins continued values and decodes them; names in lower case. Takes a list of names and values in turn. */
    static Map<String, String> decoded(List<Value> namesAndValues) {
        var whole = new HashMap<String, String>();
        var pieces = new HashMap<String, TreeMap<Integer, Piece>>();
        for (int i = 0; i + 1 < namesAndValues.size(); i += 2) {
            String name = namesAndValues.get(i).lower().strip();
            String value = namesAndValues.get(i + 1).text();
            int star = name.indexOf('*');
            if (name.isEmpty()) {
                continue;
            }
            if (star < 0) {
                whole.putIfAbsent(name, value);
                continue;
            }
            boolean encoded = name.endsWith("*");
            String number = name.substring(star + 1, Math.max(star + 1, name.length() - (encoded ? 1 : 0)));
            long n = number.isEmpty() ? 0 : new Value.Atom(number).number();
            if (n >= 0 && n < 1000) {
                pieces.computeIfAbsent(name.substring(0, star), _ -> new TreeMap<>())
                        .putIfAbsent((int) n, new Piece(value, encoded));
            }
        }
        // The encoded form wins over a plain one beside it (RFC 6266 §4.3 for the same pair in HTTP).
        pieces.forEach((name, parts) -> whole.put(name, joined(new ArrayList<>(parts.values()))));
        return whole;
    }

    private static String joined(List<Piece> pieces) {
        Charset named = StandardCharsets.UTF_8;
        var text = new StringBuilder();
        var bytes = new java.io.ByteArrayOutputStream();
        for (int i = 0; i < pieces.size(); i++) {
            var piece = pieces.get(i);
            String value = piece.value();
            if (!piece.encoded()) {
                text.append(bytes.toString(named));
                bytes.reset();
                text.append(value);
                continue;
            }
            if (i == 0) {
                int first = value.indexOf('\'');
                int second = first < 0 ? -1 : value.indexOf('\'', first + 1);
                if (second > 0) {
                    named = charset(value.substring(0, first));
                    value = value.substring(second + 1);
                }
            }
            percentDecoded(value, bytes);
        }
        return text.append(bytes.toString(named)).toString();
    }

    private static Charset charset(String name) {
        try {
            return Charset.forName(MimeUtility.javaCharset(name.strip()));
        } catch (IllegalArgumentException _) {
            return StandardCharsets.UTF_8;
        }
    }

    private static void percentDecoded(String value, java.io.ByteArrayOutputStream into) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '%' && i + 2 < value.length()) {
                int high = Character.digit(value.charAt(i + 1), 16);
                int low = Character.digit(value.charAt(i + 2), 16);
                if (high >= 0 && low >= 0) {
                    into.write(high * 16 + low);
                    i += 2;
                    continue;
                }
            }
            into.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Undoes RFC 2047 in a name that was written with it, as many programs do. */
    static String unworded(String text) {
        return HeaderValue.decodeWords(text);
    }
}
