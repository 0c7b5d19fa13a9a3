package org.airpost.backend.imap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Mailbox.Role;
import org.eclipse.angus.mail.iap.ParsingException;

/** Lists mailboxes on a connection. Source: RFC 9051 §6.3.9, RFC 6154, RFC 8474. */
final class MailboxList {

    private static final int MAX_MAILBOXES = 20_000;

    private final ImapConnection connection;
    private final Names names;

    MailboxList(ImapConnection connection, Names names) {
        this.connection = connection;
        this.names = names;
    }

    /** One line of a list; the delimiter is empty in a flat namespace. */
    record Entry(String name, String delimiter, Set<String> attributes) {

        boolean exists() {
            return !attributes.contains("\\NonExistent");
        }

        boolean isSelectable() {
            return exists() && !attributes.contains("\\Noselect");
        }
    }

    /** Where mailboxes begin, such as {@code INBOX.} or {@code shared/}, and what stands between names. */
    record Space(String prefix, String delimiter) {

        boolean holds(String name) {
            return name.startsWith(prefix) || (name + delimiter).equals(prefix);
        }
    }

    /** The namespaces: the user's own, and those of other users and of all. Source: RFC 2342. */
    private record Spaces(Space own, List<Space> others) {}

    /**
     * The mailboxes of an account, parents first.
     *
     * @param hidden names that are there, and that the settings keep from phones
     */
    record Listing(List<Mailbox> shown, Set<String> hidden) {}

    Listing mailboxes(boolean subscribedOnly, boolean sharedToo) throws ConnectionLostException {
        boolean extended = connection.can("LIST-EXTENDED");
        var options = new ArrayList<String>();
        if (extended && subscribedOnly) {
            options.add("SUBSCRIBED");
        }
        if (extended && connection.can("SPECIAL-USE")) {
            options.add("SPECIAL-USE");
        }
        boolean withIds = extended && connection.can("LIST-STATUS") && connection.can("OBJECTID");
        if (withIds) {
            options.add("STATUS (MAILBOXID)");
        }
        var ids = new HashMap<String, String>();
        var entries =
                list("\"\" \"*\"" + (options.isEmpty() ? "" : " RETURN (" + String.join(" ", options) + ")"), ids);
        unlessEmpty(entries);
        var spaces = spaces(entries);
        var all = arranged(entries, spaces, ids);
        var hidden = new HashSet<String>();
        if (!sharedToo) {
            all.stream()
                    .map(Mailbox::name)
                    .filter(name -> spaces.others().stream().anyMatch(space -> space.holds(name)))
                    .forEach(hidden::add);
        }
        if (subscribedOnly) {
            var subscribed = extended ? subscribed(entries) : lsub();
            all.stream()
                    .filter(mailbox -> mailbox.role().isEmpty() && !subscribed.contains(mailbox.name()))
                    .map(Mailbox::name)
                    .forEach(hidden::add);
        }
        // What holds a mailbox that is shown has to be there too.
        for (int i = all.size() - 1; i >= 0; i--) {
            if (!hidden.contains(all.get(i).name())) {
                all.get(i).parent().ifPresent(hidden::remove);
            }
        }
        return new Listing(
                all.stream().filter(mailbox -> !hidden.contains(mailbox.name())).toList(), Set.copyOf(hidden));
    }

    /** Source: RFC 3501 §6.3.9; a name with \\Noselect only holds subscribed ones. */
    private Set<String> lsub() throws ConnectionLostException {
        return list("LSUB", "\"\" \"*\"", new HashMap<>()).stream()
                .filter(Entry::isSelectable)
                .map(Entry::name)
                .collect(Collectors.toSet());
    }

    private static Set<String> subscribed(List<Entry> entries) {
        return entries.stream()
                .filter(entry -> entry.attributes().contains("\\Subscribed"))
                .map(Entry::name)
                .collect(Collectors.toSet());
    }

    /** The lines that a LIST with these arguments gives. */
    List<Entry> list(String arguments) throws ConnectionLostException {
        return list(arguments, new HashMap<>());
    }

    private List<Entry> list(String arguments, Map<String, String> ids) throws ConnectionLostException {
        return list("LIST", arguments, ids);
    }

    private List<Entry> list(String command, String arguments, Map<String, String> ids) throws ConnectionLostException {
        var entries = new LinkedHashMap<String, Entry>();
        connection
                .command(command + " " + arguments, line -> {
                    try {
                        if (line.about().equals(command) && entries.size() < MAX_MAILBOXES) {
                            entry(line.values())
                                    .ifPresent(entry -> entries.merge(entry.name(), entry, MailboxList::both));
                        } else if (line.about().equals("STATUS")) {
                            id(line.values(), ids);
                        }
                    } catch (ParsingException _) {
                        // One line that cannot be read hides one mailbox, not all.
                    }
                })
                .orUnavailable(command);
        return new ArrayList<>(entries.values());
    }

    private static Entry both(Entry one, Entry other) {
        var attributes = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        attributes.addAll(one.attributes());
        attributes.addAll(other.attributes());
        return new Entry(one.name(), one.delimiter(), attributes);
    }

    private Optional<Entry> entry(List<Value> values) {
        if (values.size() < 3) {
            return Optional.empty();
        }
        var attributes = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        values.getFirst().values().forEach(value -> attributes.add(value.text()));
        String name = names.decoded(values.get(2));
        return Names.isSendable(name)
                ? Optional.of(new Entry(name, values.get(1).text(), attributes))
                : Optional.empty();
    }

    private void id(List<Value> values, Map<String, String> ids) {
        if (values.size() < 2) {
            return;
        }
        var items = values.get(1).values();
        for (int i = 0; i + 1 < items.size(); i += 2) {
            if (items.get(i).text().equalsIgnoreCase("MAILBOXID")
                    && !items.get(i + 1).values().isEmpty()) {
                ids.put(
                        names.decoded(values.getFirst()),
                        items.get(i + 1).values().getFirst().text());
            }
        }
    }

    /** The personal namespace. Source: RFC 2342. */
    Space space() throws ConnectionLostException {
        return spaces(List.of()).own();
    }

    /** True if the mailboxes of others begin at this name, or below it. */
    boolean holdsOthers(String mailbox) throws ConnectionLostException {
        return spaces(List.of()).others().stream()
                .anyMatch(space ->
                        !space.delimiter().isEmpty() && space.prefix().startsWith(mailbox + space.delimiter()));
    }

    private Spaces spaces(List<Entry> entries) throws ConnectionLostException {
        var own = new ArrayList<Space>();
        var others = new ArrayList<Space>();
        if (connection.can("NAMESPACE")) {
            connection.command("NAMESPACE", line -> {
                try {
                    if (line.about().equals("NAMESPACE")) {
                        var kinds = line.values();
                        for (int kind = 0; kind < kinds.size(); kind++) {
                            (kind == 0 ? own : others).addAll(read(kinds.get(kind)));
                        }
                    }
                } catch (ParsingException | RuntimeException _) {
                    // Then the delimiter comes from LIST.
                }
            });
        }
        // LIST "" "" is for this (RFC 9051 §6.3.9), but not all servers answer it.
        var first = own.isEmpty() ? spaceOf(entries.isEmpty() ? list("\"\" \"*\"") : entries) : own.getFirst();
        // A space without a prefix would hold everything, and a second one of the user's is still the user's.
        others.removeIf(space -> space.prefix().isEmpty());
        return new Spaces(first, others);
    }

    private List<Space> read(Value kind) {
        return kind.values().stream()
                .filter(space -> space.values().size() >= 2)
                .map(space -> new Space(
                        names.decoded(space.values().getFirst()),
                        space.values().get(1).text()))
                .toList();
    }

    private static Space spaceOf(List<Entry> entries) {
        String delimiter = entries.isEmpty() ? "" : entries.getFirst().delimiter();
        // Courier and old Cyrus hold everything below INBOX; then that is the top.
        boolean belowInbox = !delimiter.isEmpty()
                && entries.size() > 1
                && entries.stream()
                        .allMatch(entry -> entry.name().equals("INBOX")
                                || entry.name().toUpperCase(Locale.ROOT).startsWith("INBOX" + delimiter));
        return new Space(belowInbox ? "INBOX" + delimiter : "", delimiter);
    }

    /**
     * True if the server's answer to a SELECT means that the mailbox is not there. Even NONEXISTENT is not enough: a folder that
     * LIST still has is one that the server cannot open now, and a phone must not throw it away.
     */
    boolean isGone(String mailbox, Reply reply) throws ConnectionLostException {
        if (reply.code().isPresent()
                && Set.of("UNAVAILABLE", "INUSE", "NOPERM", "SERVERBUG", "LIMIT")
                        .contains(reply.code().get().name())) {
            return false;
        }
        // Everything, so that a name which the server writes in an odd way is found too.
        var all = list("\"\" \"*\"");
        unlessEmpty(all);
        return all.stream().noneMatch(entry -> entry.name().equals(mailbox) && entry.isSelectable());
    }

    /**
     * INBOX is always there: a server that lists nothing has lost sight of what it stores, and nothing is gone by that.
     * Source: RFC 9051 §5.1.
     */
    private static void unlessEmpty(List<Entry> all) {
        if (all.isEmpty()) {
            throw new BackendUnavailableException("imap LIST: no mailbox at all", Duration.ofSeconds(30));
        }
    }

    private static List<Mailbox> arranged(List<Entry> entries, Spaces spaces, Map<String, String> ids) {
        var space = spaces.own();
        var byName = new LinkedHashMap<String, Entry>();
        for (var entry : entries) {
            byName.put(entry.name(), entry);
        }
        for (var entry : entries) {
            // A parent that the server does not list is there for its children only.
            String delimiter = entry.delimiter();
            for (var above = parent(entry.name(), delimiter, space.prefix());
                    above.isPresent();
                    above = parent(above.get(), delimiter, space.prefix())) {
                byName.putIfAbsent(above.get(), new Entry(above.get(), delimiter, Set.of("\\NonExistent")));
            }
        }
        // A name that is not there and holds nothing need not be shown.
        var holders = new HashSet<String>();
        for (var entry : byName.values()) {
            if (entry.exists()) {
                for (var above = parent(entry.name(), entry.delimiter(), space.prefix());
                        above.isPresent() && holders.add(above.get());
                        above = parent(above.get(), entry.delimiter(), space.prefix())) {
                    // Walks up.
                }
            }
        }
        byName.values().removeIf(entry -> !entry.exists() && !holders.contains(entry.name()));
        // Only the user's own: the Trash of somebody else is not where this user's mail goes.
        var roles = roles(
                byName.values().stream()
                        .filter(entry -> spaces.others().stream().noneMatch(other -> other.holds(entry.name())))
                        .toList(),
                space);
        return byName.values().stream()
                .map(entry -> new Mailbox(
                        entry.name(),
                        parent(entry.name(), entry.delimiter(), space.prefix()),
                        displayName(entry),
                        Optional.ofNullable(roles.get(entry.name())),
                        entry.isSelectable(),
                        Optional.ofNullable(ids.get(entry.name()))))
                .sorted(Comparator.comparingInt((Mailbox mailbox) -> depth(mailbox, byName, space))
                        .thenComparing(mailbox -> !mailbox.name().equals("INBOX"))
                        .thenComparing(Mailbox::name))
                .toList();
    }

    private static int depth(Mailbox mailbox, Map<String, Entry> byName, Space space) {
        int depth = 0;
        var entry = byName.get(mailbox.name());
        String delimiter = entry == null ? "" : entry.delimiter();
        for (var above = mailbox.parent(); above.isPresent(); above = parent(above.get(), delimiter, space.prefix())) {
            depth++;
        }
        return depth;
    }

    private static String displayName(Entry entry) {
        if (entry.delimiter().isEmpty()) {
            return entry.name();
        }
        int at = entry.name().lastIndexOf(entry.delimiter());
        String last = at < 0
                ? entry.name()
                : entry.name().substring(at + entry.delimiter().length());
        return last.isBlank() ? entry.name() : last;
    }

    private static Optional<String> parent(String name, String delimiter, String prefix) {
        if (delimiter.isEmpty()) {
            return Optional.empty();
        }
        int at = name.lastIndexOf(delimiter);
        if (at <= 0 || name.substring(0, at + delimiter.length()).equalsIgnoreCase(prefix)) {
            return Optional.empty();
        }
        String above = name.substring(0, at);
        return Optional.of(above.equalsIgnoreCase("INBOX") ? "INBOX" : above);
    }

    private static Map<String, Role> roles(Iterable<Entry> entries, Space space) {
        var taken = new EnumMap<Role, String>(Role.class);
        for (var entry : entries) {
            if (entry.name().equals("INBOX")) {
                taken.put(Role.INBOX, entry.name());
            }
        }
        for (var entry : entries) {
            for (String attribute : entry.attributes()) {
                if (entry.isSelectable() && !taken.containsValue(entry.name())) {
                    Roles.byAttribute(attribute).ifPresent(role -> taken.putIfAbsent(role, entry.name()));
                }
            }
        }
        for (var role : Role.values()) {
            if (taken.containsKey(role)) {
                continue;
            }
            int best = Integer.MAX_VALUE;
            for (var entry : entries) {
                int rank = Roles.rank(role, displayName(entry));
                if (rank >= 0
                        && rank < best
                        && entry.isSelectable()
                        && !taken.containsValue(entry.name())
                        && isNearTop(entry, space)) {
                    best = rank;
                    taken.put(role, entry.name());
                }
            }
        }
        var byName = new HashMap<String, Role>();
        taken.forEach((role, name) -> byName.put(name, role));
        return byName;
    }

    /** A name counts at the top, below INBOX and below Gmail's own top; "Projects/Sent" is somebody's project. */
    private static boolean isNearTop(Entry entry, Space space) {
        var above = parent(entry.name(), entry.delimiter(), space.prefix());
        return above.isEmpty()
                || above.get().equals("INBOX")
                || above.get().equals("[Gmail]")
                || above.get().equals("[Google Mail]");
    }
}
