package org.airpost.backend.imap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.angus.mail.iap.ParsingException;

/** A cursor over the values of one response. Lenient where servers are sloppy, strict where bytes would be misread. */
final class Tokens {

    private static final int MAX_DEPTH = 100;

    /** What has a section in brackets behind it. Elsewhere, in a keyword or a name, a bracket is a letter like any other. */
    private static final Set<String> WITH_SECTION = Set.of("BODY", "BINARY", "BINARY.SIZE");

    private final byte[] bytes;
    private final int end;
    private int at;

    Tokens(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** True if nothing is left but spaces. */
    boolean isAtEnd() {
        skipSpaces();
        return at >= end;
    }

    /** True, and past it, if this character comes next. */
    boolean take(char c) {
        skipSpaces();
        if (at < end && bytes[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpaces() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
    }

    /** All values up to the end. */
    List<Value> rest() throws ParsingException {
        var values = new ArrayList<Value>();
        while (!isAtEnd()) {
            values.add(next());
        }
        return values;
    }

    Value next() throws ParsingException {
        return next(0);
    }

    private Value next(int depth) throws ParsingException {
        skipSpaces();
        if (at >= end) {
            throw new ParsingException("a value is missing at " + at);
        }
        if (depth > MAX_DEPTH) {
            throw new ParsingException("lists nested more than " + MAX_DEPTH + " deep");
        }
        return switch (bytes[at]) {
            case '(' -> {
                at++;
                var values = new ArrayList<Value>();
                while (!take(')')) {
                    values.add(next(depth + 1));
                }
                yield new Value.Many(values);
            }
            case '"' -> quoted();
            case '{' -> literal();
            case '~' -> {
                if (at + 1 < end && bytes[at + 1] == '{') {
                    at++;
                    yield literal();
                }
                yield atom(depth);
            }
            case ')' -> throw new ParsingException("a parenthesis too many at " + at);
            default -> atom(depth);
        };
    }

    private Value quoted() throws ParsingException {
        var text = new byte[32];
        int n = 0;
        for (int i = at + 1; i < end; i++) {
            byte b = bytes[i];
            if (b == '"') {
                at = i + 1;
                return new Value.Text(Arrays.copyOf(text, n));
            }
            if (b == '\\' && i + 1 < end) {
                b = bytes[++i];
            }
            if (n == text.length) {
                text = Arrays.copyOf(text, n * 2);
            }
            text[n++] = b;
        }
        throw new ParsingException("a quoted string without end at " + at);
    }

    private Value literal() throws ParsingException {
        int i = at + 1;
        long size = 0;
        while (i < end && bytes[i] >= '0' && bytes[i] <= '9' && size < Integer.MAX_VALUE) {
            size = size * 10 + (bytes[i++] - '0');
        }
        if (i < end && bytes[i] == '+') {
            i++;
        }
        if (i + 2 >= bytes.length || bytes[i] != '}' || bytes[i + 1] != '\r' || bytes[i + 2] != '\n') {
            throw new ParsingException("a broken literal at " + at);
        }
        i += 3;
        if (size > end - i) {
            throw new ParsingException("a literal of " + size + " bytes where " + (end - i) + " are left");
        }
        at = i + (int) size;
        return new Value.Text(Arrays.copyOfRange(bytes, i, at));
    }

    /** An atom; a section belongs to it with spaces and parentheses, as in BODY[HEADER.FIELDS (TO)]. */
    private Value atom(int depth) throws ParsingException {
        int from = at;
        int brackets = 0;
        while (at < end) {
            byte b = bytes[at];
            if (brackets == 0 && (b == ' ' || b == '(' || b == ')' || b == '"' || b == '\r' || b == '\n')) {
                break;
            }
            if (brackets == 0 && b == '{' && at > from) {
                break; // BODY[1]<0>{5} without the space
            }
            if (b == '[' && (brackets > 0 || (depth == 0 && isBeforeSection(from)))) {
                brackets++;
            } else if (b == ']' && brackets > 0) {
                brackets--;
            }
            at++;
        }
        if (at == from) {
            throw new ParsingException("an odd byte " + bytes[at] + " at " + at);
        }
        // Latin-1: every byte stays what it is; a name that is not ASCII is decoded where names are known.
        String text = new String(bytes, from, at - from, StandardCharsets.ISO_8859_1);
        return text.equalsIgnoreCase("NIL") ? new Value.Nil() : new Value.Atom(text);
    }

    private boolean isBeforeSection(int from) {
        String text = new String(bytes, from, at - from, StandardCharsets.ISO_8859_1);
        return WITH_SECTION.contains(text.toUpperCase(Locale.ROOT));
    }
}
