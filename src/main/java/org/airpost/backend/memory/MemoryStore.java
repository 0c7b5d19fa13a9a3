package org.airpost.backend.memory;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.airpost.backend.FolderView;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Mailbox.Role;
import org.airpost.backend.MessageData;
import org.airpost.backend.MimeStructure;
import org.airpost.backend.UidSet;

/** One user's mailboxes, behind one lock. Listeners are told after the lock was given back. */
final class MemoryStore {

    static final String INBOX = "INBOX";
    private static final int HEADER_BYTES = 256 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<String, Box> boxes = new TreeMap<>();
    private final AtomicLong uidValidities;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private long ids;

    MemoryStore(AtomicLong uidValidities) {
        this.uidValidities = uidValidities;
        create(INBOX, Optional.of(Role.INBOX));
        create("Drafts", Optional.of(Role.DRAFTS));
        create("Sent", Optional.of(Role.SENT));
        create("Trash", Optional.of(Role.TRASH));
        create("Junk", Optional.of(Role.JUNK));
    }

    /** A stored message. */
    record Message(long uid, byte[] bytes, Instant internalDate, Set<String> flags, MimeStructure structure) {

        MessageData data() {
            int header = (int) Math.min(HEADER_BYTES, structure.bodyStart());
            return new MessageData(
                    uid, internalDate, bytes.length, shown(flags), Arrays.copyOf(bytes, header), structure.structure());
        }

        private static Set<String> shown(Set<String> flags) {
            var shown = MemoryStore.flags(flags);
            shown.remove("\\Deleted");
            shown.remove("\\Recent");
            return shown;
        }
    }

    private static final class Box {
        final String id;
        final Optional<Role> role;
        long uidValidity;
        long uidNext = 1;
        long modSeq = 1;
        final TreeMap<Long, Message> messages = new TreeMap<>();
        UidSet present = UidSet.EMPTY;
        final TreeMap<String, UidSet> flags = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Optional<FolderView> view = Optional.empty();

        Box(String id, Optional<Role> role, long uidValidity) {
            this.id = id;
            this.role = role;
            this.uidValidity = uidValidity;
        }

        void put(Message message) {
            messages.put(message.uid, message);
            present = present.with(message.uid);
            message.flags.forEach(flag -> flags.merge(flag, UidSet.of(message.uid), UidSet::or));
            changed();
        }

        void remove(Message message) {
            messages.remove(message.uid);
            present = present.without(message.uid);
            message.flags.forEach(flag -> flags.computeIfPresent(flag, (f, uids) -> uids.without(message.uid)));
            changed();
        }

        void reflag(Message message, Set<String> now) {
            message.flags.forEach(flag -> flags.computeIfPresent(flag, (f, uids) -> uids.without(message.uid)));
            messages.put(
                    message.uid, new Message(message.uid, message.bytes, message.internalDate, now, message.structure));
            now.forEach(flag -> flags.merge(flag, UidSet.of(message.uid), UidSet::or));
            changed();
        }

        void changed() {
            modSeq++;
            view = Optional.empty();
        }

        FolderView view() {
            if (view.isEmpty()) {
                var shown = new TreeMap<>(flags);
                shown.remove("\\Deleted");
                shown.remove("\\Recent");
                view = Optional.of(new FolderView(uidValidity, uidNext, modSeq, present, shown));
            }
            return view.get();
        }
    }

    static Set<String> flags(Collection<String> flags) {
        var set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(flags);
        return set;
    }

    /** INBOX in any case of letters is one name. Source: RFC 9051 §5.1. */
    static String canonical(String mailbox) {
        return mailbox.equalsIgnoreCase(INBOX) ? INBOX : mailbox;
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Box> box(String mailbox) {
        return Optional.ofNullable(boxes.get(canonical(mailbox)));
    }

    Runnable listen(Consumer<String> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void changed(String mailbox) {
        listeners.forEach(listener -> listener.accept(mailbox));
    }

    /** Tells every listener of every mailbox, as after a connection was lost and is there again. */
    void changedAll() {
        locked(() -> List.copyOf(boxes.keySet())).forEach(this::changed);
    }

    List<Mailbox> mailboxes() {
        return locked(() -> boxes.entrySet().stream()
                .map(e -> mailbox(e.getKey(), e.getValue()))
                .sorted(Comparator.comparing((Mailbox m) -> !m.name().equals(INBOX))
                        .thenComparing(Mailbox::name))
                .toList());
    }

    private static Mailbox mailbox(String name, Box box) {
        int slash = name.lastIndexOf('/');
        return new Mailbox(
                name,
                slash < 0 ? Optional.empty() : Optional.of(name.substring(0, slash)),
                name.substring(slash + 1),
                box.role,
                true,
                Optional.of(box.id));
    }

    Optional<FolderView> view(String mailbox) {
        return locked(() -> box(mailbox).map(Box::view));
    }

    Optional<Message> message(String mailbox, long uid) {
        return locked(() -> box(mailbox).flatMap(b -> Optional.ofNullable(b.messages.get(uid))));
    }

    List<Message> messages(String mailbox) {
        return locked(
                () -> box(mailbox).map(b -> List.copyOf(b.messages.values())).orElse(List.of()));
    }

    List<MessageData> describe(String mailbox, List<Long> uids) {
        return uids.stream()
                .flatMap(uid -> message(mailbox, uid).stream())
                .map(Message::data)
                .toList();
    }

    Optional<Long> append(String mailbox, byte[] bytes, Set<String> flags, Instant internalDate) {
        var stored = crlf(bytes);
        var structure = MimeStructure.scan(stored);
        var uid = locked(() -> box(mailbox).map(box -> {
            long next = box.uidNext++;
            box.put(new Message(next, stored, internalDate, flags(flags), structure));
            return next;
        }));
        uid.ifPresent(u -> changed(canonical(mailbox)));
        return uid;
    }

    void replaceFlags(String mailbox, long uid, Set<String> flags) {
        locked(() -> {
            box(mailbox)
                    .ifPresent(box -> Optional.ofNullable(box.messages.get(uid))
                            .ifPresent(message -> box.reflag(message, flags(flags))));
            return true;
        });
        changed(canonical(mailbox));
    }

    UidSet store(String mailbox, UidSet uids, Set<String> add, Set<String> remove) {
        var there = locked(() -> {
            var box = boxes.get(canonical(mailbox));
            if (box == null) {
                return UidSet.EMPTY;
            }
            var done = box.present.and(uids);
            done.forEach(uid -> {
                var message = Optional.ofNullable(box.messages.get(uid)).orElseThrow();
                var now = flags(message.flags);
                now.removeAll(flags(remove));
                now.addAll(add);
                if (!now.equals(message.flags)) {
                    box.reflag(message, now);
                }
            });
            return done;
        });
        changed(canonical(mailbox));
        return there;
    }

    /** Copies messages and, if asked, removes them at the source; nothing if the target is not there. */
    Optional<Map<Long, Long>> transfer(String mailbox, UidSet uids, String target, boolean move) {
        var result = locked(() -> {
            var from = boxes.get(canonical(mailbox));
            var to = boxes.get(canonical(target));
            if (from == null || to == null) {
                return Optional.<Map<Long, Long>>empty();
            }
            var moved = new LinkedHashMap<Long, Long>();
            from.present.and(uids).forEach(uid -> {
                var message = Optional.ofNullable(from.messages.get(uid)).orElseThrow();
                long next = to.uidNext++;
                to.put(new Message(next, message.bytes, message.internalDate, message.flags, message.structure));
                if (move) {
                    from.remove(message);
                }
                moved.put(uid, next);
            });
            return Optional.<Map<Long, Long>>of(moved);
        });
        if (result.isPresent()) {
            changed(canonical(target));
            if (move) {
                changed(canonical(mailbox));
            }
        }
        return result;
    }

    UidSet expunge(String mailbox, UidSet uids) {
        var gone = locked(() -> {
            var box = boxes.get(canonical(mailbox));
            if (box == null) {
                return UidSet.EMPTY;
            }
            var done = box.present.and(uids);
            done.forEach(
                    uid -> box.remove(Optional.ofNullable(box.messages.get(uid)).orElseThrow()));
            return done;
        });
        changed(canonical(mailbox));
        return gone;
    }

    void renumber(String mailbox) {
        locked(() -> {
            box(mailbox).ifPresent(box -> {
                var messages = new ArrayList<>(box.messages.values());
                messages.forEach(box::remove);
                box.uidValidity = uidValidities.incrementAndGet();
                box.uidNext = 1;
                messages.forEach(
                        m -> box.put(new Message(box.uidNext++, m.bytes, m.internalDate, m.flags, m.structure)));
            });
            return true;
        });
        changed(canonical(mailbox));
    }

    /** Makes a mailbox and those above it that are missing; false if it is there. */
    boolean create(String mailbox, Optional<Role> role) {
        boolean made = locked(() -> {
            if (boxes.containsKey(canonical(mailbox))) {
                return false;
            }
            for (int slash = mailbox.indexOf('/'); slash > 0; slash = mailbox.indexOf('/', slash + 1)) {
                boxes.computeIfAbsent(canonical(mailbox.substring(0, slash)), name -> box(Optional.empty()));
            }
            boxes.put(canonical(mailbox), box(role));
            return true;
        });
        if (made) {
            changed("");
        }
        return made;
    }

    private Box box(Optional<Role> role) {
        return new Box("M" + ++ids, role, uidValidities.incrementAndGet());
    }

    boolean has(String mailbox) {
        return locked(() -> boxes.containsKey(canonical(mailbox)));
    }

    /** Gives a mailbox and those below it another name; false if there is no such mailbox or the new name is taken. */
    boolean rename(String mailbox, String newName) {
        boolean done = locked(() -> {
            if (!boxes.containsKey(mailbox) || boxes.containsKey(newName)) {
                return false;
            }
            for (var name : List.copyOf(boxes.keySet())) {
                if (name.equals(mailbox) || name.startsWith(mailbox + "/")) {
                    var box = Optional.ofNullable(boxes.remove(name)).orElseThrow();
                    boxes.put(newName + name.substring(mailbox.length()), box);
                }
            }
            return true;
        });
        if (done) {
            changed("");
        }
        return done;
    }

    /** Removes a mailbox and those below it; false if there is none. */
    boolean delete(String mailbox) {
        boolean done =
                locked(() -> boxes.keySet().removeIf(name -> name.equals(mailbox) || name.startsWith(mailbox + "/")));
        if (done) {
            changed("");
        }
        return done;
    }

    private static byte[] crlf(byte[] bytes) {
        var out = new ByteArrayOutputStream(bytes.length + 64);
        byte last = 0;
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n' && last != '\r') {
                out.write(bytes, start, i - start);
                out.write('\r');
                start = i;
            }
            last = bytes[i];
        }
        if (start == 0) {
            return bytes.clone();
        }
        out.write(bytes, start, bytes.length - start);
        return out.toByteArray();
    }
}
