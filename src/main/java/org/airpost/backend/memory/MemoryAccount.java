package org.airpost.backend.memory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailQuery;
import org.airpost.backend.Mailbox;
import org.airpost.backend.MessageData;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Section;
import org.airpost.backend.UidSet;

/** A user's mailboxes at a {@link MemoryMail}. */
final class MemoryAccount implements MailAccount {

    private static final int MOST_DESCRIBED = 512;

    private final MemoryStore store;
    private final MemoryMail server;

    MemoryAccount(MemoryStore store, MemoryMail server) {
        this.store = store;
        this.server = server;
    }

    @Override
    public List<Mailbox> mailboxes() {
        server.reachable("list");
        return store.mailboxes();
    }

    @Override
    public Refreshed refresh(String mailbox, FolderView known) {
        server.reachable("refresh");
        return store.view(mailbox)
                .<Refreshed>map(now -> new Refreshed.Current(now.equals(known) ? known : now))
                .orElseGet(Refreshed.Gone::new);
    }

    @Override
    public UidSet receivedSince(String mailbox, long uidValidity, LocalDate day) {
        check("search", mailbox, uidValidity);
        return matching(
                mailbox,
                m -> !m.internalDate().atZone(ZoneOffset.UTC).toLocalDate().isBefore(day));
    }

    @Override
    public UidSet withMessageId(String mailbox, long uidValidity, String messageId) {
        check("search", mailbox, uidValidity);
        var field = Pattern.compile(
                "^message-id:\\s*" + Pattern.quote(messageId) + "\\s*$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
        return matching(
                mailbox,
                m -> field.matcher(new String(m.data().header(), ISO_8859_1)).find());
    }

    private UidSet matching(String mailbox, Predicate<MemoryStore.Message> wanted) {
        return UidSet.of(store.messages(mailbox).stream()
                .filter(wanted)
                .map(MemoryStore.Message::uid)
                .toList());
    }

    @Override
    public Searched search(List<String> mailboxes, MailQuery query, Duration limit) {
        server.reachable("search");
        var found = new LinkedHashMap<String, Matches>();
        var unfinished = new LinkedHashSet<String>();
        for (var mailbox : mailboxes) {
            var view = store.view(mailbox);
            if (view.isEmpty() || server.isSlow(mailbox)) {
                unfinished.add(mailbox);
                continue;
            }
            var uids = matching(mailbox, message -> new MemoryMatch(message).is(query));
            if (!uids.isEmpty()) {
                found.put(mailbox, new Matches(view.get().uidValidity(), uids));
            }
        }
        return new Searched(found, unfinished);
    }

    @Override
    public Map<Long, Instant> received(String mailbox, long uidValidity, UidSet uids) {
        check("received", mailbox, uidValidity);
        return store.messages(mailbox).stream()
                .filter(message -> uids.contains(message.uid()))
                .collect(Collectors.toMap(MemoryStore.Message::uid, MemoryStore.Message::internalDate));
    }

    @Override
    public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
        if (uids.size() > MOST_DESCRIBED) {
            throw new IllegalArgumentException("%d messages at once".formatted(uids.size()));
        }
        check("describe", mailbox, uidValidity);
        return store.describe(mailbox, uids);
    }

    @Override
    public Map<Section, byte[]> read(String mailbox, long uidValidity, List<Section> sections) {
        check("read", mailbox, uidValidity);
        var found = new LinkedHashMap<Section, byte[]>();
        for (var section : sections) {
            slice(mailbox, section).ifPresent(s -> found.put(section, Arrays.copyOfRange(s.bytes, s.from, s.to)));
        }
        return found;
    }

    @Override
    public long read(String mailbox, long uidValidity, Section section, OutputStream out) throws IOException {
        check("read", mailbox, uidValidity);
        var slice = slice(mailbox, section);
        if (slice.isEmpty()) {
            return -1;
        }
        var s = slice.get();
        out.write(s.bytes, s.from, s.length());
        return s.length();
    }

    private record Slice(byte[] bytes, int from, int to) {

        int length() {
            return to - from;
        }
    }

    private Optional<Slice> slice(String mailbox, Section wanted) {
        var section = wanted.asked();
        return store.message(mailbox, section.uid())
                .flatMap(message -> message.structure()
                        .section(section.section())
                        .map(range -> {
                            long from =
                                    Math.min(range.end(), range.start() + Math.min(section.offset(), range.length()));
                            long to = from + Math.min(section.length(), range.end() - from);
                            return new Slice(message.bytes(), (int) from, (int) to);
                        }));
    }

    @Override
    public Outcome<UidSet> store(String mailbox, long uidValidity, UidSet uids, Set<String> add, Set<String> remove) {
        check("store", mailbox, uidValidity);
        return Outcome.done(store.store(mailbox, uids, add, remove));
    }

    @Override
    public Outcome<Map<Long, Long>> move(String mailbox, long uidValidity, UidSet uids, String target) {
        return transfer(mailbox, uidValidity, uids, target, true);
    }

    @Override
    public Outcome<Map<Long, Long>> copy(String mailbox, long uidValidity, UidSet uids, String target) {
        return transfer(mailbox, uidValidity, uids, target, false);
    }

    private Outcome<Map<Long, Long>> transfer(
            String mailbox, long uidValidity, UidSet uids, String target, boolean move) {
        check(move ? "move" : "copy", mailbox, uidValidity);
        return store.transfer(mailbox, uids, target, move)
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused(Refusal.NOT_FOUND, "no mailbox " + target));
    }

    @Override
    public Outcome<UidSet> expunge(String mailbox, long uidValidity, UidSet uids) {
        check("expunge", mailbox, uidValidity);
        return Outcome.done(store.expunge(mailbox, uids));
    }

    @Override
    public Outcome<Long> append(String mailbox, MessageSource message, Set<String> flags, Instant internalDate) {
        server.reachable("append");
        if (server.refusal().isPresent()) {
            return Outcome.refused(server.refusal().get(), "the test wants it so");
        }
        byte[] bytes;
        try (var in = message.open()) {
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return store.append(mailbox, bytes, flags, internalDate)
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused(Refusal.NOT_FOUND, "no mailbox " + mailbox));
    }

    @Override
    public Outcome<String> create(String parent, String displayName) {
        server.reachable("create");
        if (!isName(displayName)) {
            return Outcome.refused(Refusal.OTHER, "not a name: " + displayName);
        }
        if (!parent.isEmpty() && !store.has(parent)) {
            return Outcome.refused(Refusal.NOT_FOUND, "no mailbox " + parent);
        }
        var name = join(parent, displayName);
        return store.create(name, Optional.empty())
                ? Outcome.done(name)
                : Outcome.refused(Refusal.EXISTS, "there is a mailbox " + name);
    }

    @Override
    public Outcome<String> rename(String mailbox, String newParent, String newDisplayName) {
        server.reachable("rename");
        var name = join(newParent, newDisplayName);
        if (MemoryStore.canonical(mailbox).equals(MemoryStore.INBOX)) {
            return Outcome.refused(Refusal.NO_PERMISSION, "INBOX keeps its name");
        }
        if (!isName(newDisplayName) || name.startsWith(mailbox + "/")) {
            return Outcome.refused(Refusal.OTHER, "not a name for " + mailbox + ": " + name);
        }
        if (!store.has(mailbox) || (!newParent.isEmpty() && !store.has(newParent))) {
            return Outcome.refused(Refusal.NOT_FOUND, "no mailbox " + mailbox);
        }
        return store.rename(mailbox, name)
                ? Outcome.done(name)
                : Outcome.refused(Refusal.EXISTS, "there is a mailbox " + name);
    }

    @Override
    public Outcome<String> delete(String mailbox) {
        server.reachable("delete");
        if (MemoryStore.canonical(mailbox).equals(MemoryStore.INBOX)) {
            return Outcome.refused(Refusal.NO_PERMISSION, "INBOX stays");
        }
        return store.delete(mailbox)
                ? Outcome.done(mailbox)
                : Outcome.refused(Refusal.NOT_FOUND, "no mailbox " + mailbox);
    }

    private static boolean isName(String displayName) {
        return !displayName.isBlank() && !displayName.contains("/");
    }

    private static String join(String parent, String displayName) {
        return parent.isEmpty() ? displayName : MemoryStore.canonical(parent) + "/" + displayName;
    }

    @Override
    public Watch watch(Set<String> mailboxes, Consumer<String> listener) {
        server.reachable("watch");
        var watch = new MemoryWatch(mailboxes, listener);
        listener.accept("");
        return watch;
    }

    private final class MemoryWatch implements Watch {

        private volatile Set<String> mailboxes;
        private final Runnable stop;

        MemoryWatch(Set<String> mailboxes, Consumer<String> listener) {
            this.mailboxes = canonical(mailboxes);
            this.stop = store.listen(mailbox -> {
                if (mailbox.isEmpty() || this.mailboxes.contains(mailbox)) {
                    listener.accept(mailbox);
                }
            });
        }

        private static Set<String> canonical(Set<String> mailboxes) {
            return Set.copyOf(mailboxes.stream().map(MemoryStore::canonical).toList());
        }

        @Override
        public void retarget(Set<String> now) {
            mailboxes = canonical(now);
        }

        @Override
        public boolean covers(String mailbox) {
            return mailboxes.contains(MemoryStore.canonical(mailbox));
        }

        @Override
        public void close() {
            stop.run();
        }
    }

    private void check(String what, String mailbox, long uidValidity) {
        server.reachable(what);
        var now = store.view(mailbox).map(FolderView::uidValidity);
        if (now.isEmpty() || now.get() != uidValidity) {
            throw new BackendUnavailableException(
                    "memory: %s in %s: UIDVALIDITY is %s, not %d".formatted(what, mailbox, now, uidValidity),
                    Duration.ofSeconds(1));
        }
    }

    @Override
    public void close() {
        // There is no connection to end.
    }
}
