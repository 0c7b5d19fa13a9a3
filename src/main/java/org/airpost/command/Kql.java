package org.airpost.command;

import static java.util.Map.entry;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailQuery;
import org.airpost.backend.MailQuery.Where;
import org.airpost.convert.Categories;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.StatusException;

/**
 * What people type to find mail: words, "phrases", {@code from:anna}, {@code subject:"the plan"}, {@code received>=2026-01-31},
 * AND, OR, NOT, parentheses. It is read as it is meant: a quote or a parenthesis that is never closed, curly quotes, an
 * operator without a side and a property that nobody knows break nothing, the last is taken as a word. Source: MS-KQL; MS-ASCMD
 * "FreeText (Find)".
 */
final class Kql {

    /** Texts in a query at most, and how deep parentheses go. */
    private static final int MOST_TEXTS = 32;

    private static final int DEEPEST = 12;
    private static final int LONGEST = 1_024;

    /** What a property restricts. */
    private sealed interface Property {

        /** A text in one of these fields. */
        record In(List<Where> where) implements Property {}

        /** The day of receipt. */
        record Day() implements Property {}

        /** A flag that is there if the value says yes, the other way round if {@code negated}. */
        record Flag(String flag, boolean negated) implements Property {}

        record Importance() implements Property {}

        record HasAttachment() implements Property {}

        record Category() implements Property {}

        record Size() implements Property {}

        /** What is true of all mail. */
        record Kind() implements Property {}
    }

    private static final Map<String, Property> PROPERTIES = Map.ofEntries(
            entry("from", in(Where.FROM)),
            entry("sender", in(Where.FROM)),
            entry("author", in(Where.FROM)),
            entry("to", in(Where.TO)),
            entry("cc", in(Where.CC)),
            entry("bcc", in(Where.BCC)),
            entry("recipients", in(Where.TO, Where.CC, Where.BCC)),
            entry("participants", in(Where.FROM, Where.TO, Where.CC, Where.BCC)),
            entry("subject", in(Where.SUBJECT)),
            entry("title", in(Where.SUBJECT)),
            entry("body", in(Where.BODY)),
            entry("contents", in(Where.BODY)),
            entry("attachment", in(Where.BODY)),
            entry("attachmentnames", in(Where.BODY)),
            entry("received", new Property.Day()),
            entry("sent", new Property.Day()),
            entry("date", new Property.Day()),
            entry("read", new Property.Flag(FolderView.SEEN, false)),
            entry("isread", new Property.Flag(FolderView.SEEN, false)),
            entry("unread", new Property.Flag(FolderView.SEEN, true)),
            entry("isunread", new Property.Flag(FolderView.SEEN, true)),
            entry("flagged", new Property.Flag(FolderView.FLAGGED, false)),
            entry("isflagged", new Property.Flag(FolderView.FLAGGED, false)),
            entry("importance", new Property.Importance()),
            entry("hasattachment", new Property.HasAttachment()),
            entry("hasattachments", new Property.HasAttachment()),
            entry("category", new Property.Category()),
            entry("size", new Property.Size()),
            entry("kind", new Property.Kind()),
            entry("itemclass", new Property.Kind()));

    private static Property in(Where... where) {
        return new Property.In(List.of(where));
    }

    private static final Pattern RESTRICTION = Pattern.compile("([A-Za-z]{2,20})(:|=|<>|<=|>=|<|>)(<=|>=|<|>|=)?(.*)");

    private final List<String> tokens;
    private final LocalDate today;
    private int at;
    private int texts;

    private Kql(List<String> tokens, LocalDate today) {
        this.tokens = tokens;
        this.today = today;
    }

    /**
     * Reads a query; of one without words, {@link MailQuery.All}. One that is too long, too deep or has too many words is a
     * {@link StatusException} 8.
     */
    static MailQuery parse(String text, LocalDate today) {
        if (text.length() > LONGEST) {
            throw new StatusException(SearchStatus.TOO_COMPLEX, "a query of %d characters".formatted(text.length()));
        }
        var parser = new Kql(tokens(text), today);
        var parts = new ArrayList<MailQuery>();
        while (parser.at < parser.tokens.size()) {
            parser.any(0).ifPresent(parts::add);
            parser.take(")"); // one too many
        }
        return and(parts);
    }

    /** Refuses with a {@link StatusException} 8 what several texts have led to, if it has too many words in all. */
    static void checkWords(MailQuery query) {
        if (words(query) > MOST_TEXTS) {
            throw new StatusException(SearchStatus.TOO_COMPLEX, "more than %d words in all".formatted(MOST_TEXTS));
        }
    }

    private static int words(MailQuery query) {
        return switch (query) {
            case MailQuery.And(var parts) -> parts.stream().mapToInt(Kql::words).sum();
            case MailQuery.Or(var parts) -> parts.stream().mapToInt(Kql::words).sum();
            case MailQuery.Not(var part) -> words(part);
            case MailQuery.Text _, MailQuery.Header _ -> 1;
            case MailQuery.All _, MailQuery.Since _, MailQuery.Before _, MailQuery.Flagged _, MailQuery.Size _ -> 0;
        };
    }

    private static MailQuery and(List<MailQuery> parts) {
        return parts.isEmpty() ? new MailQuery.All() : parts.size() == 1 ? parts.getFirst() : new MailQuery.And(parts);
    }

    private static MailQuery or(List<MailQuery> parts) {
        return parts.size() == 1 ? parts.getFirst() : new MailQuery.Or(parts);
    }

    // Tokens: ( ) words, with a phrase in straight quotes being a word or the value at its end

    private static List<String> tokens(String text) {
        var tokens = new ArrayList<String>();
        var word = new StringBuilder();
        boolean quoted = false;
        for (int c : text.codePoints().toArray()) {
            boolean isQuote = c == '"' || (c >= 0x201C && c <= 0x201F) || c == 0xAB || c == 0xBB;
            if (isQuote) {
                quoted = !quoted;
                word.append('"');
                if (!quoted) {
                    flush(word, tokens);
                }
            } else if (!quoted && (Character.isWhitespace(c) || Character.isISOControl(c) || c == 0xA0)) {
                flush(word, tokens);
            } else if (!quoted && (c == '(' || c == ')')) {
                flush(word, tokens);
                tokens.add(Character.toString(c));
            } else {
                word.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
            }
        }
        flush(word, tokens);
        return tokens;
    }

    private static void flush(StringBuilder word, List<String> tokens) {
        if (!word.isEmpty()) {
            tokens.add(word.toString());
            word.setLength(0);
        }
    }

    private boolean take(String token) {
        if (at < tokens.size() && tokens.get(at).equals(token)) {
            at++;
            return true;
        }
        return false;
    }

    // Grammar

    /** What OR joins. */
    private Optional<MailQuery> any(int depth) {
        if (depth > DEEPEST) {
            throw new StatusException(SearchStatus.TOO_COMPLEX, "parentheses more than %d deep".formatted(DEEPEST));
        }
        var parts = new ArrayList<MailQuery>();
        do {
            all(depth).ifPresent(parts::add);
        } while (take("OR") || take("||"));
        return parts.isEmpty() ? Optional.empty() : Optional.of(or(parts));
    }

    /** What follows each other. Of one property that comes twice in a row one is enough, as MS-KQL has it. */
    private Optional<MailQuery> all(int depth) {
        var parts = new ArrayList<MailQuery>();
        Optional<String> before = Optional.empty();
        while (at < tokens.size() && !isAt("OR") && !isAt("||") && !isAt(")")) {
            boolean joined = take("AND") || take("&&") || take("NEAR") || take("+");
            var property = property();
            var part = one(depth);
            if (part.isEmpty()) {
                continue;
            }
            if (!joined && property.isPresent() && property.equals(before)) {
                parts.add(or(List.of(parts.removeLast(), part.get())));
            } else {
                parts.add(part.get());
            }
            before = property;
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(and(parts));
    }

    private boolean isAt(String token) {
        return at < tokens.size() && tokens.get(at).equals(token);
    }

    /** The property that the next token restricts by a text. */
    private Optional<String> property() {
        return at < tokens.size()
                ? restriction(tokens.get(at))
                        .filter(found -> found.property() instanceof Property.In
                                && found.operator().equals(":"))
                        .map(Restriction::name)
                : Optional.empty();
    }

    private Optional<MailQuery> one(int depth) {
        if (at >= tokens.size() || isAt("OR") || isAt("||") || isAt(")")) {
            return Optional.empty();
        }
        if (take("NOT")) {
            return one(depth).map(MailQuery.Not::new);
        }
        if (take("(")) {
            var inner = any(depth + 1);
            take(")");
            return inner;
        }
        var token = tokens.get(at++);
        if (token.length() > 1 && token.charAt(0) == '-') {
            return word(token.substring(1), depth).map(MailQuery.Not::new);
        }
        return word(token.length() > 1 && token.charAt(0) == '+' ? token.substring(1) : token, depth);
    }

    private Optional<MailQuery> word(String token, int depth) {
        var restriction = restriction(token);
        if (restriction.isPresent()) {
            return restricted(restriction.get(), depth);
        }
        return text(List.of(Where.ANYWHERE), token);
    }

    private record Restriction(String name, Property property, String operator, String value) {}

    private static Optional<Restriction> restriction(String token) {
        var matcher = RESTRICTION.matcher(token);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var name = matcher.group(1).toLowerCase(Locale.ROOT);
        var operator = matcher.group(3) == null ? matcher.group(2) : matcher.group(3);
        return Optional.ofNullable(PROPERTIES.get(name))
                .map(property ->
                        new Restriction(name, property, operator.equals("=") ? ":" : operator, matcher.group(4)));
    }

    private Optional<MailQuery> restricted(Restriction found, int depth) {
        var value = found.value();
        if (value.isEmpty()) {
            // "from: anna", as people type it, and from:(anna OR ben).
            if (take("(")) {
                return group(found, depth + 1);
            }
            if (at >= tokens.size()
                    || isAt("OR")
                    || isAt("AND")
                    || isAt(")")
                    || restriction(tokens.get(at)).isPresent()) {
                return text(List.of(Where.ANYWHERE), found.name());
            }
            value = tokens.get(at++);
        }
        return value(found, value);
    }

    private Optional<MailQuery> group(Restriction found, int depth) {
        var parts = new ArrayList<MailQuery>();
        boolean and = false;
        while (at < tokens.size() && !take(")")) {
            if (take("OR") || take("||")) {
                continue;
            }
            if (take("AND") || take("&&")) {
                and = true;
            } else if (take("(")) {
                if (depth > DEEPEST) {
                    throw new StatusException(SearchStatus.TOO_COMPLEX, "parentheses too deep");
                }
                group(found, depth + 1).ifPresent(parts::add);
            } else {
                value(found, tokens.get(at++)).ifPresent(parts::add);
            }
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(and ? and(parts) : or(parts));
    }

    private Optional<MailQuery> value(Restriction found, String value) {
        var plain = plain(value);
        boolean not = found.operator().equals("<>");
        var query = switch (found.property()) {
            case Property.In(var where) -> text(where, value);
            case Property.Day() -> day(found.operator(), day(plain));
            case Property.Flag(var flag, boolean negated) ->
                Optional.<MailQuery>of(new MailQuery.Flagged(flag, yes(plain) != negated));
            case Property.Importance() -> Optional.of(importance(plain));
            case Property.HasAttachment() -> {
                MailQuery mixed = new MailQuery.Header("Content-Type", "multipart/mixed");
                yield Optional.of(yes(plain) ? mixed : new MailQuery.Not(mixed));
            }
            case Property.Category() ->
                plain.isBlank()
                        ? Optional.<MailQuery>empty()
                        : Optional.<MailQuery>of(new MailQuery.Flagged(Categories.toKeyword(plain), true));
            case Property.Size() -> size(found.operator(), plain);
            case Property.Kind() -> Optional.<MailQuery>of(new MailQuery.All());
        };
        // What cannot be read as a date or a size is taken as words.
        var meant = query.isPresent() ? query : text(List.of(Where.ANYWHERE), value);
        return not ? meant.map(MailQuery.Not::new) : meant;
    }

    private static boolean yes(String value) {
        return !List.of("no", "false", "0").contains(value.toLowerCase(Locale.ROOT));
    }

    private static String plain(String token) {
        return token.replace("\"", "").strip();
    }

    /** A word or phrase in one of some fields. A star at its end is what is meant anyway. */
    private Optional<MailQuery> text(List<Where> where, String token) {
        var plain = plain(token);
        while (plain.endsWith("*")) {
            plain = plain.substring(0, plain.length() - 1);
        }
        if (plain.isBlank()) {
            return Optional.empty();
        }
        texts += where.size();
        if (texts > MOST_TEXTS) {
            throw new StatusException(SearchStatus.TOO_COMPLEX, "more than %d words".formatted(MOST_TEXTS));
        }
        var text = plain;
        return Optional.of(or(where.stream()
                .<MailQuery>map(field -> new MailQuery.Text(field, text))
                .toList()));
    }

    private static MailQuery importance(String value) {
        var high = new MailQuery.Or(List.of(
                new MailQuery.Header("Importance", "high"),
                new MailQuery.Header("X-Priority", "1"),
                new MailQuery.Header("X-Priority", "2")));
        var low = new MailQuery.Or(List.of(
                new MailQuery.Header("Importance", "low"),
                new MailQuery.Header("X-Priority", "4"),
                new MailQuery.Header("X-Priority", "5")));
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "high", "2" -> high;
            case "low", "0" -> low;
            default -> new MailQuery.Not(new MailQuery.Or(List.of(high, low)));
        };
    }

    private static Optional<MailQuery> size(String operator, String value) {
        var matcher = Pattern.compile("(\\d{1,12})\\s*(b|k|kb|m|mb|g|gb)?", Pattern.CASE_INSENSITIVE)
                .matcher(value);
        if (!matcher.matches() || operator.equals(":") || operator.equals("<>")) {
            return Optional.empty();
        }
        var unit = matcher.group(2) == null ? "b" : matcher.group(2).toLowerCase(Locale.ROOT);
        long bytes = Math.min(Long.parseLong(matcher.group(1)), 0xFFFF_FFFFL)
                * switch (unit.charAt(0)) {
                    case 'k' -> 1L << 10;
                    case 'm' -> 1L << 20;
                    case 'g' -> 1L << 30;
                    default -> 1;
                };
        return Optional.of(
                operator.startsWith(">")
                        ? new MailQuery.Size(Math.min(bytes, 0xFFFF_FFFFL), true)
                        : new MailQuery.Size(Math.min(bytes, 0xFFFF_FFFFL), false));
    }

    // Days

    /** From the first day to the last. */
    private record Days(LocalDate first, LocalDate last) {}

    private static Optional<MailQuery> day(String operator, Optional<Days> days) {
        return days.map(found -> switch (operator) {
            case ">" -> new MailQuery.Since(found.last().plusDays(1));
            case ">=" -> new MailQuery.Since(found.first());
            case "<" -> new MailQuery.Before(found.first());
            case "<=" -> new MailQuery.Before(found.last().plusDays(1));
            default ->
                new MailQuery.And(List.of(
                        new MailQuery.Since(found.first()),
                        new MailQuery.Before(found.last().plusDays(1))));
        });
    }

    private Optional<Days> day(String value) {
        var words = value.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        int dots = value.indexOf("..");
        if (dots > 0) {
            return date(value.substring(0, dots))
                    .flatMap(first -> date(value.substring(dots + 2)).map(last -> new Days(first, last)));
        }
        var monday = today.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        var month = today.withDayOfMonth(1);
        var year = today.withDayOfYear(1);
        return switch (words) {
            case "today" -> Optional.of(new Days(today, today));
            case "yesterday" -> Optional.of(new Days(today.minusDays(1), today.minusDays(1)));
            case "this week" -> Optional.of(new Days(monday, monday.plusDays(6)));
            case "last week" -> Optional.of(new Days(monday.minusDays(7), monday.minusDays(1)));
            case "this month" -> Optional.of(new Days(month, month.plusMonths(1).minusDays(1)));
            case "last month" -> Optional.of(new Days(month.minusMonths(1), month.minusDays(1)));
            case "this year" -> Optional.of(new Days(year, year.plusYears(1).minusDays(1)));
            case "last year" -> Optional.of(new Days(year.minusYears(1), year.minusDays(1)));
            default -> date(value).map(date -> new Days(date, date));
        };
    }

    private static final Pattern ISO = Pattern.compile("(\\d{4})-(\\d{1,2})-(\\d{1,2})(?:[T ].*)?");
    private static final Pattern SLASHES = Pattern.compile("(\\d{1,2})/(\\d{1,2})/(\\d{4})");
    private static final Pattern DOTS = Pattern.compile("(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})");

    /** A date as ISO 8601, or as Americans (with slashes) and most of Europe (with dots) write it. */
    private static Optional<LocalDate> date(String value) {
        var iso = ISO.matcher(value);
        if (iso.matches()) {
            return date(iso.group(1), iso.group(2), iso.group(3));
        }
        var slashes = SLASHES.matcher(value);
        if (slashes.matches()) {
            return date(slashes.group(3), slashes.group(1), slashes.group(2));
        }
        var dots = DOTS.matcher(value);
        return dots.matches() ? date(dots.group(3), dots.group(2), dots.group(1)) : Optional.empty();
    }

    private static Optional<LocalDate> date(String year, String month, String day) {
        try {
            return Optional.of(LocalDate.of(Integer.parseInt(year), Integer.parseInt(month), Integer.parseInt(day)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
