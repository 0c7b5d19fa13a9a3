package org.airpost.backend.imap;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.backend.MailQuery;
import org.airpost.backend.MailQuery.Where;
import org.eclipse.angus.mail.iap.Argument;

/**
 * Writes a query as search keys. Source: RFC 9051 §6.4.4, RFC 6203 (FUZZY).
 *
 * @param charset of the texts; empty if the server takes only US-ASCII: then of a word the longest part that is ASCII counts,
 *     and one without any does not, so that more is found rather than less
 * @param fuzzy whether texts need not match letter for letter
 */
record SearchKeys(Optional<Charset> charset, boolean fuzzy) {

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d-MMM-yyyy", Locale.ENGLISH);

    private static final LocalDate FIRST = LocalDate.of(1, 1, 1);
    private static final LocalDate LAST = LocalDate.of(9999, 12, 31);

    private static final Pattern NOT_ASCII = Pattern.compile("[^ -~]+");

    /** True if there are texts in it that are not US-ASCII. */
    static boolean needsCharset(MailQuery query) {
        return switch (query) {
            case MailQuery.And(var parts) -> parts.stream().anyMatch(SearchKeys::needsCharset);
            case MailQuery.Or(var parts) -> parts.stream().anyMatch(SearchKeys::needsCharset);
            case MailQuery.Not(var part) -> needsCharset(part);
            case MailQuery.Text(var _, var text) -> !isAscii(text);
            case MailQuery.Header(var _, var text) -> !isAscii(text);
            default -> false;
        };
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /** Appends the keys of a query. */
    void write(MailQuery query, Argument out) {
        if (query instanceof MailQuery.And(var parts) && !parts.isEmpty()) {
            parts.forEach(part -> write(part, out, false)); // no parentheses where none are needed
        } else {
            write(query, out, false);
        }
    }

    /** @param negated whether what is left out must be left out of a NOT */
    private void write(MailQuery query, Argument out, boolean negated) {
        switch (query) {
            case MailQuery.All() -> out.writeAtom("ALL");
            case MailQuery.And(var parts) -> {
                if (parts.isEmpty()) {
                    out.writeAtom("ALL");
                } else if (parts.size() == 1) {
                    write(parts.getFirst(), out, negated);
                } else {
                    var inner = new Argument();
                    parts.forEach(part -> write(part, inner, negated));
                    out.writeArgument(inner);
                }
            }
            case MailQuery.Or(var parts) -> or(parts, out, negated);
            case MailQuery.Not(var part) -> {
                out.writeAtom("NOT");
                write(part, out, !negated);
            }
            case MailQuery.Text(var where, var text) -> text(where, text, out, negated);
            case MailQuery.Header(var name, var text) -> {
                out.writeAtom("HEADER");
                out.writeString(name);
                string(text, out);
            }
            case MailQuery.Since(var day) -> day("SINCE", day, out);
            case MailQuery.Before(var day) -> day("BEFORE", day, out);
            case MailQuery.Flagged(var flag, boolean isSet) -> flag(flag, isSet, out);
            case MailQuery.Size(long bytes, boolean isLarger) -> {
                out.writeAtom(isLarger ? "LARGER" : "SMALLER");
                out.writeNumber(bytes);
            }
        }
    }

    private void or(List<MailQuery> parts, Argument out, boolean negated) {
        if (parts.isEmpty()) {
            out.writeAtom("NOT");
            out.writeAtom("ALL");
            return;
        }
        for (int i = 0; i + 1 < parts.size(); i++) {
            out.writeAtom("OR");
            write(parts.get(i), out, negated);
        }
        write(parts.getLast(), out, negated);
    }

    private static void day(String key, LocalDate day, Argument out) {
        out.writeAtom(key);
        out.writeAtom(day(day));
    }

    /** A date of IMAP, which has four digits for the year: what lies outside is the first or the last that can be said. */
    static String day(LocalDate day) {
        return DAY.format(day.isBefore(FIRST) ? FIRST : day.isAfter(LAST) ? LAST : day);
    }

    private void text(Where where, String text, Argument out, boolean negated) {
        var sent = charset.isPresent() || isAscii(text) ? text : asciiOf(text);
        if (sent.isEmpty() || (negated && !sent.equals(text))) {
            // Nothing of it can be said: as if it held, or within a NOT as if it did not.
            if (negated) {
                out.writeAtom("NOT");
            }
            out.writeAtom("ALL");
            return;
        }
        if (where == Where.ANYWHERE) {
            for (var part : List.of(Where.FROM, Where.TO, Where.CC, Where.SUBJECT)) {
                out.writeAtom("OR");
                one(part, sent, out);
            }
            one(Where.BODY, sent, out);
        } else {
            one(where, sent, out);
        }
    }

    private void one(Where where, String text, Argument out) {
        if (fuzzy) {
            out.writeAtom("FUZZY");
        }
        out.writeAtom(where.name());
        string(text, out);
    }

    private void string(String text, Argument out) {
        out.writeString(text, charset.orElse(StandardCharsets.US_ASCII));
    }

    private static String asciiOf(String text) {
        var longest = "";
        for (var part : NOT_ASCII.split(text, -1)) {
            var stripped = part.strip();
            if (stripped.length() > longest.length()) {
                longest = stripped;
            }
        }
        return longest.length() < 2 ? "" : longest;
    }

    private static void flag(String flag, boolean isSet, Argument out) {
        var known = switch (flag.toLowerCase(Locale.ROOT)) {
            case "\\seen" -> "SEEN";
            case "\\flagged" -> "FLAGGED";
            case "\\answered" -> "ANSWERED";
            case "\\draft" -> "DRAFT";
            default -> "";
        };
        if (!known.isEmpty()) {
            out.writeAtom(isSet ? known : "UN" + known);
        } else {
            out.writeAtom(isSet ? "KEYWORD" : "UNKEYWORD");
            out.writeAtom(flag);
        }
    }
}
