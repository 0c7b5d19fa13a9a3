package org.airpost.backend.imap;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.MessageData;
import org.airpost.backend.MimeStructure;
import org.airpost.backend.Section;
import org.airpost.backend.UidSet;
import org.eclipse.angus.mail.iap.ParsingException;

/** Reads messages of the selected mailbox. No broken message, and no server that stumbles over one, breaks the others. */
final class Reading {

    private static final int MOST_HEADER = 256 << 10;
    private static final String HEADER = "BODY.PEEK[HEADER]<0." + MOST_HEADER + ">";
    private static final String ALL = "(UID INTERNALDATE RFC822.SIZE FLAGS " + HEADER + " BODYSTRUCTURE%s)";

    /** Bytes of the header fields of one message, where only some are asked for. */
    private static final int MOST_FIELDS = 65_536;

    private static final int PART_HEADER = 8 << 10;

    /** Messages that are taken for all of a mailbox. */
    private static final int SOME = 6;

    /** How much of a message is read to make out its structure ourselves. */
    private static final int WHOLE = 8 << 20;

    /** Bytes from an offset to the end; servers that count in 31 bits understand it too. */
    private static final long REST = Integer.MAX_VALUE;

    /** Sections come from phones in the end: nothing else may get into a command. */
    private static final Pattern SECTION = Pattern.compile(
            "([1-9][0-9]{0,8}(\\.[0-9]{1,9}){0,60}(\\.(HEADER|TEXT|MIME))?|HEADER|TEXT)?", Pattern.CASE_INSENSITIVE);

    private final ImapConnection connection;

    /** True if the server has refused something in words that mean: another time. */
    private boolean refusedForNow;

    private boolean refused;

    Reading(ImapConnection connection) {
        this.connection = connection;
    }

    /** Describes messages, with so many bytes of what is behind the header at most. */
    List<MessageData> describe(List<Long> uids, int start) throws ConnectionLostException {
        var found = new HashMap<Long, MessageData>();
        for (var part : UidText.parts(UidSet.of(uids))) {
            describe(part, start, found);
        }
        var described = new ArrayList<MessageData>();
        for (long uid : uids) {
            var message = found.get(uid);
            if (message != null) {
                described.add(message);
            }
        }
        if (!described.isEmpty() && described.stream().noneMatch(MessageData::readable)) {
            unlessNothingCanBeRead(UidSet.of(uids));
        }
        return described;
    }

    /** When messages were received. */
    Map<Long, Instant> received(UidSet uids) throws ConnectionLostException {
        var dates = new HashMap<Long, Instant>();
        for (var part : UidText.parts(uids)) {
            fetch(
                    part,
                    "(UID INTERNALDATE)",
                    message -> message.internalDate().ifPresent(date -> dates.put(message.uid(), date)));
        }
        return dates;
    }

    /** Some header fields of messages: most servers have them at hand, and open no message for them. */
    Map<Long, byte[]> fields(List<Long> uids, List<String> names) throws ConnectionLostException {
        var found = new LinkedHashMap<Long, byte[]>();
        var items = "(UID BODY.PEEK[HEADER.FIELDS (%s)]<0.%d>)".formatted(String.join(" ", names), MOST_FIELDS);
        for (var part : UidText.parts(UidSet.of(uids))) {
            fetch(
                    part,
                    items,
                    message -> message.sections().forEach((name, value) -> {
                        if (name.startsWith("HEADER.FIELDS") && value instanceof Value.Text(var bytes)) {
                            found.put(message.uid(), bytes);
                        }
                    }));
        }
        // What the server would not say of some it says of each perhaps, and what it cannot read is there all the same.
        var left = UidSet.of(uids).minus(UidSet.of(found.keySet()));
        if (!left.isEmpty()) {
            describe(left.ascending(), 0).forEach(message -> found.put(message.uid(), message.header()));
        }
        return found;
    }

    private void describe(UidSet uids, int start, Map<Long, MessageData> found) throws ConnectionLostException {
        var odd = new HashSet<Long>();
        var doubtful = new HashSet<Long>();
        var strange = new HashSet<Long>();
        var all = ALL.formatted(start > 0 ? " BODY.PEEK[TEXT]<0.%d>".formatted(start) : "");
        var reply = fetch(uids, all, message -> {
            var data = complete(message, start);
            if (data.isPresent()) {
                found.put(message.uid(), data.get());
                if (Structures.isDoubtful(
                        data.get().structure(), data.get().header(), data.get().size())) {
                    doubtful.add(message.uid());
                } else if (data.get().structure().isMultipart()
                        && !Structures.odd(data.get().structure()).isEmpty()) {
                    strange.add(message.uid());
                }
            } else if (!found.containsKey(message.uid())
                    && (message.broken() || message.structure().isPresent())) {
                odd.add(message.uid()); // one of ours, not a flag update that came unasked
            }
        });
        odd.removeAll(found.keySet());
        for (long uid : odd) {
            describeAlone(uid).ifPresent(data -> found.put(uid, data));
        }
        for (long uid : doubtful) {
            var data = found.get(uid);
            if (data != null) {
                found.put(uid, readByUs(data));
            }
        }
        for (long uid : strange) {
            var data = found.get(uid);
            if (data != null) {
                found.put(uid, withOwnHeaders(data));
            }
        }
        var left = uids.minus(UidSet.of(found.keySet())).minus(UidSet.of(odd));
        if (!reply.isOk() && start > 0 && !left.isEmpty()) {
            describe(left, 0, found); // perhaps it is the start that it refuses
        } else if (!reply.isOk()) {
            halved(left, found);
        } else if (!left.isEmpty()) {
            // Mostly gone since; or the session had not heard of them. But a server may also say OK and leave out what
            // it
            // cannot read.
            var there = new Searching(connection).among(left);
            if (!there.isEmpty()) {
                fetch(
                        there,
                        ALL.formatted(""),
                        message -> complete(message, 0).ifPresent(data -> found.put(message.uid(), data)));
            }
            for (long uid : there.minus(UidSet.of(found.keySet())).ascending()) {
                found.put(uid, describeAlone(uid).orElseGet(() -> unreadable(uid)));
            }
        }
    }

    /** The server refused a batch: finds out which message it is by halves. */
    private void halved(UidSet left, Map<Long, MessageData> found) throws ConnectionLostException {
        if (left.size() == 1) {
            long uid = left.greatest();
            var data = describeAlone(uid);
            if (data.isPresent() || new Searching(connection).among(left).contains(uid)) {
                found.put(uid, data.orElseGet(() -> unreadable(uid)));
            }
        } else if (!left.isEmpty()) {
            var ascending = left.ascending();
            int middle = ascending.size() / 2;
            describe(UidSet.of(ascending.subList(0, middle)), 0, found);
            describe(UidSet.of(ascending.subList(middle, ascending.size())), 0, found);
        }
    }

    /** A message whose structure the server got wrong, with what we make out; of a very large one, of its start. */
    private MessageData readByUs(MessageData said) throws ConnectionLostException {
        var whole =
                fetchOne(said.uid(), "(UID BODY.PEEK[]<0." + WHOLE + ">)").flatMap(message -> message.section("", 0));
        if (whole.isEmpty()) {
            return said;
        }
        byte[] bytes = whole.get();
        var own = MimeStructure.scan(bytes);
        boolean isMore = said.structure().isMultipart()
                || own.structure().isMultipart()
                || said.structure().size() == 0
                || own.bodyStart() > said.header().length;
        return isMore
                ? new MessageData(
                        said.uid(), said.internalDate(), said.size(), said.flags(), header(bytes, own), own.placed())
                : said;
    }

    /** A message with parts that the server tells oddly, these as their headers tell them. */
    private MessageData withOwnHeaders(MessageData said) throws ConnectionLostException {
        var odd = Structures.odd(said.structure());
        var items = new StringBuilder("(UID");
        odd.forEach(part -> items.append(" BODY.PEEK[%s.MIME]<0.%d>".formatted(part.section(), PART_HEADER)));
        var message = fetchOne(said.uid(), items.append(')').toString());
        var headers = new HashMap<BodyStructure, byte[]>();
        for (var part : odd) {
            message.flatMap(one -> one.section(part.section() + ".MIME", 0))
                    .filter(header -> header.length > 0)
                    .ifPresent(header -> headers.put(part, header));
        }
        return new MessageData(
                said.uid(),
                said.internalDate(),
                said.size(),
                said.flags(),
                said.header(),
                Structures.corrected(said.structure(), headers));
    }

    private Optional<MessageData> describeAlone(long uid) throws ConnectionLostException {
        var whole = fetchOne(uid, "(UID INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[]<0." + WHOLE + ">)");
        if (whole.isPresent()) {
            var source = whole.get().section("", 0);
            if (source.isPresent()) {
                byte[] bytes = source.get();
                var own = MimeStructure.scan(bytes);
                return Optional.of(data(whole.get(), header(bytes, own), own.placed()));
            }
        }
        var header = fetchOne(uid, "(UID INTERNALDATE RFC822.SIZE FLAGS " + HEADER + ")");
        if (header.isPresent() && header.get().section("HEADER", 0).isPresent()) {
            byte[] bytes = whole(header.get().section("HEADER", 0).get());
            return Optional.of(
                    data(header.get(), bytes, Structures.plain(header.get().size())));
        }
        var rest = fetchOne(uid, "(UID INTERNALDATE RFC822.SIZE FLAGS)");
        return (rest.isPresent() ? rest : fetchOne(uid, "(UID FLAGS)"))
                .map(message -> data(message, new byte[0], Structures.plain(message.size()))
                        .unreadable());
    }

    private static MessageData unreadable(long uid) {
        return new MessageData(uid, Instant.EPOCH, 0, Set.of(), new byte[0], Structures.plain(0)).unreadable();
    }

    /**
     * Nothing of these messages could be read. If no other one can either, it is not the messages that are broken: another
     * time it will do.
     */
    private void unlessNothingCanBeRead(UidSet uids) throws ConnectionLostException {
        int exists = connection.selected().map(Selected::exists).orElse(0);
        for (int number : exists > 1 ? List.of(1, exists) : List.<Integer>of()) {
            var other = new ArrayList<Fetched>();
            connection.command("FETCH " + number + " (UID BODY.PEEK[HEADER]<0.64>)", line -> {
                if (line.about().equals("FETCH")
                        && !uids.contains(line.fetched().uid())) {
                    other.add(line.fetched());
                }
            });
            if (other.stream().anyMatch(one -> one.section("HEADER", 0).isPresent())) {
                return;
            }
        }
        if (!uids.isEmpty() && (exists > uids.size() || refusedForNow)) {
            throw new BackendUnavailableException(
                    "imap server " + connection.settings().place() + " reads no message of the mailbox",
                    Duration.ofSeconds(30));
        }
    }

    /**
     * What a server says of a message without a look into it; empty if it is gone. That it refuses to say anything does not mean
     * that: then it is unavailable.
     */
    Optional<MessageData> outline(long uid) throws ConnectionLostException {
        for (var items : List.of("(UID INTERNALDATE FLAGS)", "(UID FLAGS)")) {
            var told = new ArrayList<Fetched>();
            var reply = fetch(UidSet.of(uid), items, told::add);
            boolean isUnheardOf = reply.isOk()
                    && told.isEmpty()
                    && !new Searching(connection).among(UidSet.of(uid)).isEmpty();
            if (isUnheardOf) { // the session has been told of it by now
                reply = fetch(UidSet.of(uid), items, told::add);
            }
            if (!told.isEmpty()) {
                return Optional.of(
                        data(told.getLast(), new byte[0], Structures.plain(0)).unreadable());
            }
            if (reply.isOk() && !isUnheardOf) {
                return Optional.empty();
            }
        }
        throw new BackendUnavailableException(
                "imap server " + connection.settings().place() + " says nothing of message " + uid,
                Duration.ofSeconds(30));
    }

    /** A few messages of the mailbox from the newest to the oldest, or all if they are few. */
    List<Long> some() throws ConnectionLostException {
        connection.command("NOOP").orUnavailable("NOOP");
        int exists = connection.selected().map(Selected::exists).orElse(0);
        if (exists == 0) {
            return List.of();
        }
        var numbers = IntStream.range(0, SOME)
                .map(i -> exists - (int) (i * (exists - 1L) / (SOME - 1)))
                .distinct()
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(","));
        var uids = new TreeSet<Long>(Comparator.reverseOrder());
        connection
                .command("FETCH " + numbers + " (UID)", line -> {
                    if (line.about().equals("FETCH") && line.fetched().uid() > 0) {
                        uids.add(line.fetched().uid());
                    }
                })
                .orUnavailable("FETCH");
        return List.copyOf(uids);
    }

    private Optional<Fetched> fetchOne(long uid, String items) throws ConnectionLostException {
        var got = new ArrayList<Fetched>();
        fetch(UidSet.of(uid), items, got::add);
        return got.isEmpty() ? Optional.empty() : Optional.of(got.getLast());
    }

    private static Optional<MessageData> complete(Fetched message, int start) {
        if (message.broken()
                || message.structure().isEmpty()
                || message.internalDate().isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] header = whole(message.section("HEADER", 0).orElse(new byte[0]));
            var data = data(message, header, Structures.of(message.structure().get(), header));
            return Optional.of(message.section("TEXT", 0)
                    .filter(_ -> start > 0)
                    .map(bytes -> data.startingWith(cut(bytes, start)))
                    .orElse(data));
        } catch (ParsingException _) {
            return Optional.empty();
        }
    }

    private static MessageData data(Fetched message, byte[] header, BodyStructure structure) {
        return new MessageData(
                message.uid(),
                message.internalDate().orElse(Instant.EPOCH),
                Math.max(0, message.size()),
                message.flags().orElse(Set.of()),
                header,
                structure);
    }

    /** A header with the empty line, which some servers leave out. */
    private static byte[] whole(byte[] header) {
        int n = header.length;
        if (n == 0 || n >= MOST_HEADER) {
            return header;
        }
        boolean ended = n >= 4 && header[n - 1] == '\n' && header[n - 3] == '\n';
        boolean empty = n == 2 && header[0] == '\r';
        if (ended || empty) {
            return header;
        }
        byte[] more = Arrays.copyOf(header, n + 2);
        more[n] = '\r';
        more[n + 1] = '\n';
        return more;
    }

    private static byte[] header(byte[] message, MimeStructure structure) {
        return Arrays.copyOf(message, (int) Math.min(structure.bodyStart(), MOST_HEADER));
    }

    /** Fetches; each message that comes with a UID among those asked for is passed on. */
    private Reply fetch(UidSet uids, String items, Consumer<Fetched> consumer) throws ConnectionLostException {
        var reply = connection.command("UID FETCH " + uids.toImap() + " " + items, line -> {
            if (line.about().equals("FETCH") && uids.contains(line.fetched().uid())) {
                consumer.accept(line.fetched());
            }
        });
        refusedForNow |= reply.isForNow();
        return reply;
    }

    /** One item of a FETCH, and the section that it is for. */
    private record Item(String key, long offset, String text) {}

    Map<Section, byte[]> read(List<Section> sections) throws ConnectionLostException {
        // For each message the items asked for; two with the same key in one answer could not be told apart, hence
        // rounds.
        var result = new LinkedHashMap<Section, byte[]>();
        var left = new ArrayList<>(new java.util.LinkedHashSet<>(sections));
        while (!left.isEmpty()) {
            var perMessage = new LinkedHashMap<Long, Map<Item, Section>>();
            var later = new ArrayList<Section>();
            for (var section : left) {
                if (!SECTION.matcher(section.asked().section()).matches()) {
                    continue; // no message has such a part
                }
                var items = perMessage.computeIfAbsent(section.uid(), _ -> new LinkedHashMap<>());
                var item = item(section);
                boolean taken = items.keySet().stream()
                        .anyMatch(other -> other.key().equals(item.key()) && other.offset() == item.offset());
                if (taken) {
                    later.add(section);
                } else {
                    items.put(item, section);
                }
            }
            var heard = readRound(perMessage, result);
            var unheard = Changing.unheardOf(connection, UidSet.of(perMessage.keySet()), heard);
            if (!unheard.isEmpty()) {
                perMessage.keySet().removeIf(uid -> !unheard.contains(uid));
                readRound(perMessage, result);
            }
            left = later;
        }
        if (result.isEmpty() && refused) {
            unlessNothingCanBeRead(UidSet.of(sections.stream().map(Section::uid).toList()));
        }
        return result;
    }

    /** Reads into the result; the messages of which the server has said something. */
    private UidSet readRound(Map<Long, Map<Item, Section>> perMessage, Map<Section, byte[]> result)
            throws ConnectionLostException {
        var heard = UidSet.builder();
        var groups = new LinkedHashMap<List<Item>, UidSet.Builder>();
        perMessage.forEach((uid, items) -> groups.computeIfAbsent(List.copyOf(items.keySet()), _ -> UidSet.builder())
                .add(uid));
        for (var group : groups.entrySet()) {
            var items = group.getKey();
            var text = new StringBuilder("(UID");
            items.forEach(item -> text.append(' ').append(item.text()));
            String list = text.append(')').toString();
            for (var part : UidText.parts(group.getValue().build())) {
                Consumer<Fetched> taking = message -> {
                    heard.add(message.uid());
                    take(message, items, perMessage, result);
                };
                var reply = fetch(part, list, taking);
                if (!reply.isOk()) {
                    refused = true;
                    heard.addAll(part); // it has heard of them, or it would not refuse
                    // A message that the server cannot read must not hide the others.
                    for (long uid : part.size() == 1 ? List.<Long>of() : part.ascending()) {
                        fetch(UidSet.of(uid), list, taking);
                    }
                }
            }
        }
        return heard.build();
    }

    private static void take(
            Fetched message, List<Item> items, Map<Long, Map<Item, Section>> perMessage, Map<Section, byte[]> result) {
        var asked = perMessage.get(message.uid());
        if (asked == null) {
            return;
        }
        for (var item : items) {
            var section = asked.get(item);
            message.section(item.key(), item.offset()).ifPresent(bytes -> {
                if (section != null) {
                    result.put(section, cut(bytes, section.asked().length()));
                }
            });
        }
    }

    /** Not more than was asked for, whatever came. */
    private static byte[] cut(byte[] bytes, long length) {
        return bytes.length <= length ? bytes : Arrays.copyOf(bytes, (int) length);
    }

    private static Item item(Section wanted) {
        var section = wanted.asked();
        String key = section.section().toUpperCase(Locale.ROOT);
        if (section.offset() == 0 && section.length() == Section.ALL) {
            return new Item(key, 0, "BODY.PEEK[" + section.section() + "]");
        }
        long length = Math.clamp(section.length(), 1, REST);
        return new Item(
                key, section.offset(), "BODY.PEEK[%s]<%d.%d>".formatted(section.section(), section.offset(), length));
    }
}
