package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A mailbox of an address field. Source: RFC 5322 section 3.4.
 *
 * @param name display name, decoded; may be empty
 * @param address addr-spec as written; may be anything in broken mail, even empty
 */
record MailAddress(String name, String address) {

    /** A list longer than this is cut. Source: MS-ASEMAIL "To", maximum length. */
    static final int MOST_CHARACTERS = 32_768;

    private static final int MOST_MAILBOXES = 10_000;

    private static final Pattern NAME_AND_ADDRESS = Pattern.compile("\\s*[^@<>\"\\s][^@<>\"]{0,200}<[^<>@\\s]{1,200}@");
    private static final Pattern ADDRESS = Pattern.compile("[^@\\s<>\"()]++@[^@\\s<>\"()]++");

    /** As EAS items carry it: {@code "Ada Lovelace" <ada@example.org>}. */
    @Override
    public String toString() {
        if (name.isEmpty() || name.equals(address)) {
            return address;
        }
        return address.isEmpty() ? name : '"' + name.replace('"', '\'').replace("\\", "") + "\" <" + address + '>';
    }

    /** Name, else address. */
    String display() {
        return name.isEmpty() ? address : name;
    }

    /** Joins what fits into a number of characters, cut between two mailboxes. */
    static String join(List<String> mailboxes, String separator, int most) {
        var text = new StringBuilder();
        for (var mailbox : mailboxes) {
            if (text.length() + separator.length() + mailbox.length() > most) {
                break;
            }
            text.append(text.isEmpty() ? "" : separator).append(mailbox);
        }
        return text.toString();
    }

    /**
     * Reads an address field, however broken: groups, comments, routes, missing quotes, names in raw 8-bit or encoded words,
     * semicolons for commas.
     */
    static List<MailAddress> parse(String raw, String charset) {
        var text = raw.indexOf(0x1B) < 0 ? raw : TextDecoder.decode(raw.getBytes(ISO_8859_1), "iso-2022-jp");
        var mailboxes = new ArrayList<MailAddress>();
        for (var piece : joined(split(text))) {
            if (mailboxes.size() == MOST_MAILBOXES) {
                break;
            }
            var mailbox = one(piece, charset);
            if (!mailbox.name.isEmpty() || !mailbox.address.isEmpty()) {
                mailboxes.add(mailbox);
            }
        }
        return List.copyOf(mailboxes);
    }

    /** The mailboxes of a list, groups opened, without their separators. */
    private static List<String> split(String raw) {
        boolean quotesMatch =
                raw.indexOf('"') < 0 || raw.chars().filter(c -> c == '"').count() % 2 == 0;
        int lastComment = raw.lastIndexOf(')');
        var pieces = new ArrayList<String>();
        var piece = new StringBuilder();
        boolean quoted = false;
        boolean angle = false;
        boolean route = false;
        boolean at = false;
        int comment = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\' && (quoted || comment > 0) && i + 1 < raw.length()) {
                piece.append(c).append(raw.charAt(++i));
                at |= raw.charAt(i) == '@';
                continue;
            }
            if (c == '"' && quotesMatch && comment == 0) {
                quoted = !quoted;
            } else if (!quoted && c == '(' && i < lastComment) {
                comment++;
            } else if (!quoted && c == ')' && comment > 0) {
                comment--;
            } else if (!quoted && comment == 0) {
                if (c == '<') {
                    angle = true;
                    route = raw.startsWith("<@", i);
                } else if (c == '>') {
                    angle = false;
                } else if (c == ':' && !angle && !at) {
                    piece.setLength(0); // the name of a group
                    continue;
                } else if (c == ';' || (c == ',' && !(angle && route))) {
                    pieces.add(piece.toString());
                    piece.setLength(0);
                    angle = false;
                    at = false;
                    continue;
                }
            }
            piece.append(c);
            at |= c == '@';
        }
        pieces.add(piece.toString());
        return pieces;
    }

    /** Puts {@code Lovelace, Ada <ada@example.org>} together again, and takes addresses apart that have no comma between. */
    private static List<String> joined(List<String> pieces) {
        var joined = new ArrayList<String>();
        var before = "";
        for (var piece : pieces) {
            if (isBareName(before) && NAME_AND_ADDRESS.matcher(piece).lookingAt()) {
                joined.set(joined.size() - 1, before + "," + piece);
            } else {
                joined.addAll(apart(piece));
            }
            before = piece;
        }
        return joined;
    }

    private static List<String> apart(String piece) {
        if (piece.indexOf('<') >= 0) {
            return List.of(piece);
        }
        var words = List.of(piece.strip().split("\\s+", -1));
        return words.stream().allMatch(word -> ADDRESS.matcher(word).matches()) ? words : List.of(piece);
    }

    private static boolean isBareName(String piece) {
        return !piece.isBlank() && piece.chars().noneMatch(c -> "@<>\"()=".indexOf(c) >= 0);
    }

    private static MailAddress one(String piece, String charset) {
        int open = piece.lastIndexOf('<');
        if (open >= 0) {
            int close = piece.indexOf('>', open);
            var address = piece.substring(open + 1, close < 0 ? piece.length() : close);
            int end = open;
            while (end > 0 && piece.charAt(end - 1) == '<') {
                end--;
            }
            var name = phrase(piece.substring(0, end), charset);
            if (name.isEmpty() && close >= 0) {
                name = phrase(piece.substring(close + 1).replace(">", ""), charset);
            }
            return new MailAddress(name, address(address));
        }
        int comment = piece.indexOf('(');
        if (comment > 0 && !piece.substring(0, comment).isBlank()) {
            int end = piece.lastIndexOf(')');
            var name = piece.substring(comment + 1, end < comment ? piece.length() : end);
            return new MailAddress(phrase(name, charset), address(piece.substring(0, comment)));
        }
        if (piece.indexOf('@') < 0) {
            var name = phrase(piece, charset);
            return new MailAddress(name, name.indexOf(' ') < 0 ? name : "");
        }
        return new MailAddress("", address(piece));
    }

    private static String address(String raw) {
        var address = raw.strip();
        if (address.startsWith("@") && address.indexOf(':') > 0) {
            address = address.substring(address.indexOf(':') + 1); // an obsolete route
        }
        if (address.regionMatches(true, 0, "mailto:", 0, 7)) {
            address = address.substring(7);
        }
        if (!address.startsWith("\"")) {
            address = address.replace(" ", "").replace("\t", "");
        }
        return EncodedWords.decode(address, "").replace("<", "").replace(">", "");
    }

    /** A display name without the quotes and backslashes of its form, decoded. */
    private static String phrase(String raw, String charset) {
        var plain = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\' && i + 1 < raw.length()) {
                plain.append(raw.charAt(++i));
            } else if (c != '"') {
                plain.append(c);
            }
        }
        var name = EncodedWords.decode(plain.toString().strip(), charset);
        if (name.length() > 1 && name.startsWith("'") && name.endsWith("'")) {
            name = name.substring(1, name.length() - 1);
        }
        return Preview.firstCharacters(name, 1_000);
    }
}
