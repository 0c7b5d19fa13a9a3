package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.airpost.backend.imap.HostileMailboxes.Box;
import org.airpost.backend.imap.HostileMailboxes.Message;

/** One signed-in client of a {@link HostileImap}: what an honest server answers. Knows the commands that Airpost sends. */
final class HostileSession {

    static final Pattern LITERAL = Pattern.compile("\\{(\\d+)(\\+?)}$");

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("dd-MMM-yyyy HH:mm:ss Z", Locale.ENGLISH);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d-MMM-yyyy", Locale.ENGLISH);
    private static final Pattern SECTION = Pattern.compile("BODY(?:\\.PEEK)?\\[([^\\]]*)](?:<(\\d+)\\.(\\d+)>)?");

    private final HostileMailboxes mailboxes;
    private final Set<String> can;
    private String user = "";
    private boolean over;
    private boolean qresync;
    private Optional<Box> selected = Optional.empty();

    /** What the client was told of the selected mailbox: UID and MODSEQ, by sequence number. */
    private final List<long[]> told = new ArrayList<>();

    HostileSession(HostileMailboxes mailboxes, String capabilities) {
        this.mailboxes = mailboxes;
        this.can = Set.copyOf(Arrays.asList(capabilities.split(" ", -1)));
    }

    boolean isOver() {
        return over;
    }

    /** The whole answer to a command, CRLF after each line. */
    String answer(String tag, String command) {
        return mailboxes.locked(() -> {
            var words = Words.of(command);
            String verb = words.next().toUpperCase(Locale.ROOT);
            var out = new StringBuilder();
            String end;
            try {
                end = run(verb, words, out);
            } catch (IndexOutOfBoundsException e) {
                end = "BAD what? " + e.getMessage();
            }
            if (!verb.equals("SELECT") && !verb.equals("EXAMINE") && !verb.equals("LOGIN")) {
                news(out);
            }
            return out + tag + " " + end + "\r\n";
        });
    }

    /** What has happened in the selected mailbox since it was last told. */
    String news() {
        return mailboxes.locked(() -> {
            var out = new StringBuilder();
            news(out);
            return out.toString();
        });
    }

    private void news(StringBuilder out) {
        if (selected.isEmpty()) {
            return;
        }
        var box = selected.get();
        var by = new TreeMap<Long, Message>();
        box.messages.forEach(message -> by.put(message.uid, message));
        var vanished = new ArrayList<Long>();
        for (int i = told.size() - 1; i >= 0; i--) {
            if (!by.containsKey(told.get(i)[0])) {
                vanished.add(told.remove(i)[0]);
                if (!qresync) {
                    line(out, "* " + (i + 1) + " EXPUNGE");
                }
            }
        }
        if (qresync && !vanished.isEmpty()) {
            line(
                    out,
                    "* VANISHED "
                            + vanished.stream().sorted().map(String::valueOf).collect(Collectors.joining(",")));
        }
        int before = told.size();
        long last = told.isEmpty() ? 0 : told.getLast()[0];
        by.tailMap(last, false).values().forEach(one -> told.add(new long[] {one.uid, one.modSeq}));
        if (told.size() > before) {
            line(out, "* " + told.size() + " EXISTS");
        }
        for (int i = 0; i < before; i++) {
            var message = by.get(told.get(i)[0]);
            if (message != null && message.modSeq > told.get(i)[1]) {
                told.get(i)[1] = message.modSeq;
                line(out, "* " + (i + 1) + " FETCH (UID " + message.uid + flags(message) + modSeq(message) + ")");
            }
        }
    }

    private static void line(StringBuilder out, String line) {
        out.append(line).append("\r\n");
    }

    private static String flags(Message message) {
        return " FLAGS (" + String.join(" ", message.flags) + ")";
    }

    private String modSeq(Message message) {
        return can.contains("CONDSTORE") ? " MODSEQ (" + message.modSeq + ")" : "";
    }

    private String run(String verb, Words words, StringBuilder out) {
        if (user.isEmpty() && !Set.of("LOGIN", "CAPABILITY", "NOOP", "LOGOUT").contains(verb)) {
            return "BAD sign in first";
        }
        switch (verb) {
            case "CAPABILITY" -> line(out, "* CAPABILITY IMAP4rev1 " + String.join(" ", new TreeSet<>(can)));
            case "NOOP", "SUBSCRIBE", "UNSUBSCRIBE" -> {}
            case "LOGOUT" -> {
                line(out, "* BYE bye");
                over = true;
            }
            case "LOGIN" -> {
                String name = words.next();
                if (!words.next().equals("secret")) {
                    return "NO [AUTHENTICATIONFAILED] wrong";
                }
                user = name;
                mailboxes.of(user);
                return "OK [CAPABILITY IMAP4rev1 " + String.join(" ", new TreeSet<>(can)) + "] in";
            }
            case "ENABLE" -> {
                qresync = can.contains("QRESYNC");
                line(out, "* ENABLED QRESYNC");
            }
            case "NAMESPACE" -> line(out, "* NAMESPACE ((\"\" \"/\")) NIL NIL");
            case "LIST" -> list(words, out);
            case "LSUB" -> {}
            case "STATUS" -> {
                String name = words.next();
                return box(name)
                        .map(box -> {
                            line(out, "* STATUS " + Words.quote(name) + " " + status(box, words.list()));
                            return "OK";
                        })
                        .orElse("NO [NONEXISTENT] no such mailbox");
            }
            case "CREATE" -> {
                String name = words.next();
                if (box(name).isPresent()) {
                    return "NO [ALREADYEXISTS] it is there";
                }
                mailboxes.of(user).put(name, mailboxes.box());
            }
            case "DELETE" -> {
                String name = words.next();
                if (box(name).isEmpty()) {
                    return "NO [NONEXISTENT] no such mailbox";
                }
                mailboxes.delete(user, name);
            }
            case "RENAME" -> {
                String from = words.next();
                String to = words.next();
                if (box(from).isEmpty()) {
                    return "NO [NONEXISTENT] no such mailbox";
                }
                if (box(to).isPresent()) {
                    return "NO [ALREADYEXISTS] it is there";
                }
                for (String name : List.copyOf(mailboxes.of(user).keySet())) {
                    if (name.equals(from) || name.startsWith(from + "/")) {
                        mailboxes.rename(user, name, to + name.substring(from.length()));
                    }
                }
            }
            case "SELECT", "EXAMINE" -> {
                return select(words, out);
            }
            case "UNSELECT", "CLOSE" -> selected = Optional.empty();
            case "APPEND" -> {
                return append(words);
            }
            case "EXPUNGE" ->
                mine().messages.stream()
                        .filter(message -> message.flags.contains("\\Deleted"))
                        .toList()
                        .forEach(mine()::remove);
            case "FETCH" -> {
                int number = Integer.parseInt(words.next());
                return number > told.size()
                        ? "BAD no such message"
                        : fetch(chosen(String.valueOf(told.get(number - 1)[0])), words.rest(), out);
            }
            case "UID" -> {
                return selected.isEmpty() ? "BAD nothing is selected" : uid(words, out);
            }
            default -> {
                return "BAD no " + verb;
            }
        }
        return "OK done";
    }

    private Box mine() {
        return selected.orElseThrow();
    }

    private Optional<Box> box(String name) {
        return Optional.ofNullable(mailboxes.of(user).get(name.equalsIgnoreCase("INBOX") ? "INBOX" : name))
                .filter(box -> !box.attributes.contains("\\Noselect"));
    }

    private void list(Words words, StringBuilder out) {
        boolean withId = can.contains("OBJECTID") && words.rest().contains("MAILBOXID");
        if (words.rest().equals("\"\" \"\"")) {
            line(out, "* LIST (\\Noselect) \"/\" \"\"");
            return;
        }
        mailboxes.of(user).forEach((name, box) -> {
            line(out, "* LIST (" + String.join(" ", box.attributes) + ") \"/\" " + Words.quote(name));
            if (withId) {
                line(out, "* STATUS " + Words.quote(name) + " (MAILBOXID (" + box.id + "))");
            }
        });
    }

    private static String status(Box box, List<String> items) {
        return items.stream()
                .map(item -> switch (item.toUpperCase(Locale.ROOT)) {
                    case "MESSAGES" -> item + " " + box.messages.size();
                    case "UIDNEXT" -> item + " " + box.next;
                    case "UIDVALIDITY" -> item + " " + box.validity;
                    case "UNSEEN" ->
                        item + " "
                                + box.messages.stream()
                                        .filter(message -> !message.flags.contains("\\Seen"))
                                        .count();
                    case "HIGHESTMODSEQ" -> item + " " + box.modSeq;
                    default -> item + " 0";
                })
                .collect(Collectors.joining(" ", "(", ")"));
    }

    private String select(Words words, StringBuilder out) {
        boolean again = selected.isPresent();
        selected = Optional.empty();
        told.clear();
        var found = box(words.next());
        if (found.isEmpty()) {
            return "NO [NONEXISTENT] no such mailbox";
        }
        var box = found.get();
        selected = found;
        box.messages.forEach(message -> told.add(new long[] {message.uid, message.modSeq}));
        if (again && qresync) {
            line(out, "* OK [CLOSED] the one before");
        }
        line(out, "* FLAGS (\\Seen \\Flagged \\Answered \\Deleted \\Draft)");
        line(out, "* OK [PERMANENTFLAGS (\\Seen \\Flagged \\Answered \\Deleted \\Draft \\*)] kept");
        line(out, "* " + box.messages.size() + " EXISTS");
        line(out, "* 0 RECENT");
        line(out, "* OK [UIDVALIDITY " + box.validity + "] that");
        line(out, "* OK [UIDNEXT " + box.next + "] next");
        line(
                out,
                can.contains("CONDSTORE") ? "* OK [HIGHESTMODSEQ " + box.modSeq + "] so far" : "* OK [NOMODSEQ] none");
        String rest = words.rest().toUpperCase(Locale.ROOT);
        int at = rest.indexOf("QRESYNC (");
        if (at >= 0) {
            String[] numbers = rest.substring(at + 9).split("[ )]", -1);
            if (Long.parseLong(numbers[0]) == box.validity) {
                changedSince(Long.parseLong(numbers[1]), out);
            }
        }
        return "OK [READ-WRITE] selected";
    }

    private void changedSince(long modSeq, StringBuilder out) {
        var gone = mine().gone.entrySet().stream()
                .filter(one -> one.getValue() > modSeq)
                .map(one -> String.valueOf(one.getKey()))
                .collect(Collectors.joining(","));
        if (!gone.isEmpty()) {
            line(out, "* VANISHED (EARLIER) " + gone);
        }
        int number = 0;
        for (var message : mine().messages) {
            number++;
            if (message.modSeq > modSeq) {
                line(out, "* " + number + " FETCH (UID " + message.uid + flags(message) + modSeq(message) + ")");
            }
        }
    }

    private String append(Words words) {
        var found = box(words.next());
        if (found.isEmpty()) {
            return "NO [TRYCREATE] no such mailbox";
        }
        var flags = words.list();
        var date = Instant.now();
        String next = words.next();
        if (next.matches("[ \\d]\\d-.*")) {
            date = OffsetDateTime.parse(next.strip(), DATE).toInstant();
            next = words.next();
        }
        var message = found.get().add(next.getBytes(ISO_8859_1), date, Set.copyOf(flags));
        return can.contains("UIDPLUS")
                ? "OK [APPENDUID " + found.get().validity + " " + message.uid + "] added"
                : "OK added";
    }

    private String uid(Words words, StringBuilder out) {
        String verb = words.next().toUpperCase(Locale.ROOT);
        if (verb.equals("SEARCH")) {
            return search(words, out);
        }
        String set = words.next();
        var chosen = chosen(set);
        return switch (verb) {
            case "FETCH" -> fetch(chosen, words.rest(), out);
            case "STORE" -> store(chosen, words);
            case "EXPUNGE" -> {
                chosen.stream()
                        .filter(message -> message.flags.contains("\\Deleted"))
                        .forEach(mine()::remove);
                yield "OK expunged";
            }
            case "COPY", "MOVE" -> copy(chosen, words, verb.equals("MOVE"), out);
            default -> "BAD no UID " + verb;
        };
    }

    private String store(List<Message> chosen, Words words) {
        String how = words.next().toUpperCase(Locale.ROOT);
        var flags = words.list();
        for (var message : chosen) {
            if (how.startsWith("+") ? message.flags.addAll(flags) : message.flags.removeAll(flags)) {
                mine().touch(message);
                if (how.endsWith(".SILENT")) {
                    told.stream().filter(one -> one[0] == message.uid).forEach(one -> one[1] = message.modSeq);
                }
            }
        }
        return "OK stored";
    }

    private String copy(List<Message> chosen, Words words, boolean moves, StringBuilder out) {
        var target = box(words.next());
        if (target.isEmpty()) {
            return "NO [TRYCREATE] no such mailbox";
        }
        var copies = new LinkedHashMap<Long, Long>();
        for (var message : chosen) {
            copies.put(message.uid, target.get().add(message.bytes, message.date, message.flags).uid);
            if (moves) {
                mine().remove(message);
            }
        }
        if (!can.contains("UIDPLUS") || copies.isEmpty()) {
            return "OK copied";
        }
        String code =
                "[COPYUID " + target.get().validity + " " + join(copies.keySet()) + " " + join(copies.values()) + "]";
        if (moves) {
            line(out, "* OK " + code + " moved");
            return "OK moved";
        }
        return "OK " + code + " copied";
    }

    private static String join(Iterable<Long> numbers) {
        var text = new ArrayList<String>();
        numbers.forEach(number -> text.add(String.valueOf(number)));
        return String.join(",", text);
    }

    private List<Message> chosen(String set) {
        var all = mine().messages;
        long last = all.isEmpty() ? 0 : all.getLast().uid;
        return all.stream().filter(message -> isIn(set, message.uid, last)).toList();
    }

    private static boolean isIn(String set, long uid, long last) {
        for (String range : set.split(",", -1)) {
            String[] ends = range.split(":", -1);
            long from = ends[0].equals("*") ? last : Long.parseLong(ends[0]);
            long to = ends.length < 2 ? from : ends[1].equals("*") ? last : Long.parseLong(ends[1]);
            if (uid >= Math.min(from, to) && uid <= Math.max(from, to)) {
                return true;
            }
        }
        return false;
    }

    private String search(Words words, StringBuilder out) {
        boolean extended = words.rest().toUpperCase(Locale.ROOT).startsWith("RETURN");
        if (extended) {
            words.next();
            words.list();
        }
        String key = words.next().toUpperCase(Locale.ROOT);
        List<Message> found = switch (key) {
            case "ALL" -> mine().messages;
            case "DELETED" ->
                mine().messages.stream()
                        .filter(one -> one.flags.contains("\\Deleted"))
                        .toList();
            case "UID" -> chosen(words.next());
            case "SINCE" -> {
                var day = LocalDate.parse(words.next(), DAY);
                yield mine().messages.stream()
                        .filter(one ->
                                !LocalDate.ofInstant(one.date, ZoneOffset.UTC).isBefore(day))
                        .toList();
            }
            case "HEADER" -> {
                words.next();
                String value = words.next();
                yield mine().messages.stream()
                        .filter(one -> new String(one.bytes, ISO_8859_1).contains(value))
                        .toList();
            }
            default -> List.of();
        };
        var uids = found.stream().map(one -> one.uid).toList();
        if (extended) {
            line(out, "* ESEARCH (TAG \"x\") UID" + (uids.isEmpty() ? "" : " ALL " + join(uids)));
        } else {
            line(out, "* SEARCH" + uids.stream().map(uid -> " " + uid).collect(Collectors.joining()));
        }
        return "OK found";
    }

    private String fetch(List<Message> chosen, String items, StringBuilder out) {
        var since = Pattern.compile("CHANGEDSINCE (\\d+)").matcher(items);
        long above = since.find() ? Long.parseLong(since.group(1)) : -1;
        // New messages get a number before they are told of by it.
        news(out);
        var numbers = new HashMap<Long, Integer>();
        for (int i = 0; i < told.size(); i++) {
            numbers.put(told.get(i)[0], i + 1);
        }
        for (var message : chosen) {
            if (message.modSeq <= above) {
                continue;
            }
            var said = new StringBuilder("UID " + message.uid);
            if (items.contains("FLAGS")) {
                said.append(flags(message));
            }
            if (above >= 0) {
                said.append(modSeq(message));
            }
            if (items.contains("INTERNALDATE")) {
                said.append(" INTERNALDATE \"")
                        .append(DATE.format(message.date.atOffset(ZoneOffset.UTC)))
                        .append('"');
            }
            if (items.contains("RFC822.SIZE")) {
                said.append(" RFC822.SIZE ").append(message.bytes.length);
            }
            var section = SECTION.matcher(items);
            while (section.find()) {
                byte[] bytes = part(message, section.group(1));
                String name = "BODY[" + section.group(1) + "]";
                if (section.group(2) != null) {
                    int from = Math.min(bytes.length, Integer.parseInt(section.group(2)));
                    long to = Math.min(bytes.length, from + Long.parseLong(section.group(3)));
                    bytes = Arrays.copyOfRange(bytes, from, (int) to);
                    name += "<" + section.group(2) + ">";
                }
                said.append(' ')
                        .append(name)
                        .append(" {")
                        .append(bytes.length)
                        .append("}\r\n")
                        .append(new String(bytes, ISO_8859_1));
            }
            if (items.contains("BODYSTRUCTURE")) {
                byte[] text = part(message, "1");
                long lines = new String(text, ISO_8859_1).lines().count();
                said.append(" BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"UTF-8\") NIL NIL \"7BIT\" " + text.length
                        + " " + lines + " NIL NIL NIL NIL)");
            }
            line(out, "* " + numbers.get(message.uid) + " FETCH (" + said + ")");
        }
        return "OK fetched";
    }

    private static byte[] part(Message message, String section) {
        String all = new String(message.bytes, ISO_8859_1);
        int end = all.indexOf("\r\n\r\n") + 4;
        String part = switch (section.toUpperCase(Locale.ROOT)) {
            case "" -> all;
            case "HEADER" -> all.substring(0, end);
            case "1", "TEXT" -> all.substring(end);
            default ->
                section.startsWith("HEADER.FIELDS")
                        ? all.substring(0, end)
                                        .lines()
                                        .filter(line -> line.regionMatches(true, 0, "Message-ID:", 0, 11))
                                        .map(line -> line + "\r\n")
                                        .collect(Collectors.joining())
                                + "\r\n"
                        : "";
        };
        return part.getBytes(ISO_8859_1);
    }

    /** The words of a command: atoms, strings, literals and lists. */
    private static final class Words {

        private final String text;
        private int at;

        private Words(String text) {
            this.text = text;
        }

        static Words of(String text) {
            return new Words(text);
        }

        static String quote(String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }

        String rest() {
            return text.substring(Math.min(at, text.length())).strip();
        }

        private void skip() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
        }

        String next() {
            skip();
            char c = text.charAt(at);
            if (c == '"') {
                var word = new StringBuilder();
                for (at++; text.charAt(at) != '"'; at++) {
                    if (text.charAt(at) == '\\') {
                        at++;
                    }
                    word.append(text.charAt(at));
                }
                at++;
                return word.toString();
            }
            if (c == '{') {
                int close = text.indexOf('}', at);
                int size = Integer.parseInt(text.substring(at + 1, close).replace("+", ""));
                String word = text.substring(close + 3, close + 3 + size);
                at = close + 3 + size;
                return word;
            }
            int end = at;
            while (end < text.length() && text.charAt(end) != ' ' && text.charAt(end) != ')') {
                end++;
            }
            String word = text.substring(at, end);
            at = end;
            return word;
        }

        /** The words of a list in parentheses. */
        List<String> list() {
            skip();
            if (at >= text.length() || text.charAt(at) != '(') {
                return List.of();
            }
            int close = text.indexOf(')', at);
            String inside = text.substring(at + 1, close).strip();
            at = close + 1;
            return inside.isEmpty() ? List.of() : List.of(inside.split(" +", -1));
        }
    }
}
