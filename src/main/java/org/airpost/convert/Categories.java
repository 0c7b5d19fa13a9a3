package org.airpost.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.Keywords;

/**
 * IMAP keywords as categories and back. A category that can be a keyword is one, in the same letters; any other is written
 * with a prefix, spaces as {@code _} and other bytes of UTF-8 in runs of base32 between {@code =} and {@code -}, which holds
 * also on servers that do not keep the case of letters: {@code To do (später)} is {@code cat_To_do_=fa-sp=yosa-ter=fe-}.
 * Keywords that mailers use among themselves are no categories. Source: RFC 9051 "flag-keyword"; MS-ASEMAIL "Categories".
 */
public final class Categories {

    private static final String PREFIX = "cat_";
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int MOST_KEYWORD = 200;

    private Categories() {}

    /** The categories among flags, in alphabetical order. At most 300. Source: MS-ASEMAIL "Category". */
    public static List<String> of(Collection<String> flags) {
        return flags.stream()
                .flatMap(flag -> ofKeyword(flag).stream())
                .sorted(String.CASE_INSENSITIVE_ORDER.thenComparing(c -> c))
                .distinct()
                .limit(300)
                .toList();
    }

    /** The category that a keyword stands for; empty for a system flag and for a keyword of mailers. */
    public static Optional<String> ofKeyword(String keyword) {
        if (Keywords.isForMailers(keyword)) {
            return Optional.empty();
        }
        if (keyword.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
            var category = decode(keyword.substring(PREFIX.length()));
            if (category.filter(name -> keyword.equalsIgnoreCase(toKeyword(name)))
                    .isPresent()) {
                return category;
            }
        }
        return Optional.of(keyword);
    }

    /** The keyword that stands for a category; never a system flag. A very long category is cut. */
    public static String toKeyword(String category) {
        boolean plain = !category.isEmpty()
                && category.length() <= MOST_KEYWORD
                && category.chars().allMatch(Categories::isAtom)
                && !Keywords.isForMailers(category)
                && !category.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
        return plain ? category : PREFIX + encode(category);
    }

    /** Source: RFC 9051 "atom"; also without {@code ]}, which some servers refuse. */
    private static boolean isAtom(int c) {
        return c > ' ' && c < 0x7F && "(){%*\"\\]".indexOf(c) < 0;
    }

    private static String encode(String category) {
        var text = new StringBuilder();
        var run = new ByteArrayOutputStream();
        int[] points = category.codePoints().toArray();
        for (int point : points) {
            boolean plain = point == ' ' || (isAtom(point) && point != '_' && point != '=');
            if (!plain) {
                run.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            flush(run, text);
            if (text.length() > MOST_KEYWORD) {
                return text.toString();
            }
            text.append(point == ' ' ? '_' : (char) point);
        }
        flush(run, text);
        return text.toString();
    }

    private static void flush(ByteArrayOutputStream run, StringBuilder text) {
        if (run.size() == 0) {
            return;
        }
        text.append('=');
        int bits = 0;
        int held = 0;
        for (byte b : run.toByteArray()) {
            bits = (bits << 8) | (b & 0xFF);
            held += 8;
            while (held >= 5) {
                held -= 5;
                text.append(BASE32.charAt((bits >> held) & 31));
            }
            bits &= (1 << held) - 1;
        }
        if (held > 0) {
            text.append(BASE32.charAt((bits << (5 - held)) & 31));
        }
        text.append('-');
        run.reset();
    }

    private static Optional<String> decode(String text) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '_') {
                bytes.write(' ');
            } else if (c != '=') {
                bytes.write(c);
            } else {
                int end = text.indexOf('-', i);
                if (end < 0 || !run(text.substring(i + 1, end), bytes)) {
                    return Optional.empty();
                }
                i = end;
            }
        }
        return Optional.of(bytes.toString(StandardCharsets.UTF_8));
    }

    private static boolean run(String digits, ByteArrayOutputStream bytes) {
        int bits = 0;
        int held = 0;
        for (int i = 0; i < digits.length(); i++) {
            int value = BASE32.indexOf(Character.toLowerCase(digits.charAt(i)));
            if (value < 0) {
                return false;
            }
            bits = (bits << 5) | value;
            held += 5;
            if (held >= 8) {
                held -= 8;
                bytes.write(bits >> held);
            }
            bits &= (1 << held) - 1;
        }
        return true;
    }
}
