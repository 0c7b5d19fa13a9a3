package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The mail of the users of a {@link HostileImap}, and what a test does to it behind the gateway's back. */
public final class HostileMailboxes {

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Map<String, Box>> users = new TreeMap<>();
    private long lastValidity = 1000;
    private long lastId;

    /** A message. */
    static final class Message {
        final long uid;
        final byte[] bytes;
        final Instant date;
        final Set<String> flags = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        long modSeq;

        Message(long uid, byte[] bytes, Instant date, long modSeq) {
            this.uid = uid;
            this.bytes = bytes;
            this.date = date;
            this.modSeq = modSeq;
        }
    }

    /** A mailbox. */
    static final class Box {
        long validity;
        final String id;
        final Set<String> attributes;
        final List<Message> messages = new ArrayList<>();
        /** UIDs that are gone, with the MODSEQ of that. */
        final Map<Long, Long> gone = new TreeMap<>();

        long next = 1;
        long modSeq = 1;
        boolean deleted;

        Box(long validity, String id, Set<String> attributes) {
            this.validity = validity;
            this.id = id;
            this.attributes = attributes;
        }

        Message add(byte[] bytes, Instant date, Set<String> flags) {
            var message = new Message(next++, bytes, date, ++modSeq);
            message.flags.addAll(flags);
            messages.add(message);
            return message;
        }

        void remove(Message message) {
            messages.remove(message);
            gone.put(message.uid, ++modSeq);
        }

        void touch(Message message) {
            message.modSeq = ++modSeq;
        }
    }

    /** What both sides must agree on for a message. */
    public record Seen(String subject, boolean read, boolean flagged) {}

    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private void run(Runnable work) {
        locked(() -> {
            work.run();
            return true;
        });
    }

    Map<String, Box> of(String user) {
        return users.computeIfAbsent(user, _ -> {
            var boxes = new TreeMap<String, Box>();
            boxes.put("INBOX", box());
            boxes.put("Drafts", box("\\Drafts"));
            boxes.put("Sent", box("\\Sent"));
            boxes.put("Trash", box("\\Trash"));
            return boxes;
        });
    }

    Box box(String... attributes) {
        return new Box(++lastValidity, "M" + ++lastId, Set.of(attributes));
    }

    private Box box(String user, String name) {
        var box = of(user).get(name);
        if (box == null) {
            throw new IllegalArgumentException("no mailbox " + name);
        }
        return box;
    }

    /** Adds a plain mail; its UID. */
    public long append(String user, String mailbox, String subject, String... flags) {
        return append(
                user,
                mailbox,
                ("From: bob@example.org\r\nTo: anna@example.org\r\nSubject: " + subject
                                + "\r\nMessage-ID: <" + subject.replaceAll("[^a-z0-9]", "")
                                + "@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nText of "
                                + subject + "\r\n")
                        .getBytes(US_ASCII),
                flags);
    }

    /** Adds a mail; its UID. */
    public long append(String user, String mailbox, byte[] message, String... flags) {
        return locked(() -> box(user, mailbox).add(message, Instant.now(), Set.of(flags)).uid);
    }

    public void expunge(String user, String mailbox, long uid) {
        run(() -> {
            var box = box(user, mailbox);
            List.copyOf(box.messages).stream().filter(one -> one.uid == uid).forEach(box::remove);
        });
    }

    public void flag(String user, String mailbox, long uid, String flag, boolean on) {
        run(() -> box(user, mailbox).messages.stream()
                .filter(one -> one.uid == uid)
                .forEach(one -> {
                    if (on ? one.flags.add(flag) : one.flags.remove(flag)) {
                        box(user, mailbox).touch(one);
                    }
                }));
    }

    public void create(String user, String mailbox, String... attributes) {
        run(() -> of(user).put(mailbox, box(attributes)));
    }

    public void rename(String user, String mailbox, String to) {
        run(() -> of(user).put(to, of(user).remove(mailbox)));
    }

    public void delete(String user, String mailbox) {
        run(() -> {
            var box = of(user).remove(mailbox);
            if (box != null) {
                box.deleted = true;
            }
        });
    }

    /** The same mail under another UIDVALIDITY with other UIDs, as after a restored backup. */
    public void renumber(String user, String mailbox) {
        run(() -> {
            var old = box(user, mailbox);
            var fresh = new Box(++lastValidity, old.id, old.attributes);
            fresh.next = 1;
            for (var message : old.messages.reversed()) {
                fresh.add(message.bytes, message.date, message.flags);
            }
            old.deleted = true;
            of(user).put(mailbox, fresh);
        });
    }

    /** Takes the counters back, as a restored backup does: the last messages are gone and their UIDs are given again. */
    public void forgetLast(String user, String mailbox, int count) {
        run(() -> {
            var box = box(user, mailbox);
            for (int i = 0; i < count; i++) {
                var last = box.messages.removeLast();
                box.next = last.uid;
            }
            box.modSeq =
                    box.messages.stream().mapToLong(one -> one.modSeq).max().orElse(1);
        });
    }

    /** Sets HIGHESTMODSEQ to something large. */
    public void modSeq(String user, String mailbox, long modSeq) {
        run(() -> box(user, mailbox).modSeq = modSeq);
    }

    public boolean exists(String user, String mailbox) {
        return locked(() -> of(user).containsKey(mailbox));
    }

    public Set<String> names(String user) {
        return locked(() -> new TreeSet<>(of(user).keySet()));
    }

    /** The messages of a mailbox by UID. */
    public Map<Long, Seen> messages(String user, String mailbox) {
        return locked(() -> {
            var seen = new TreeMap<Long, Seen>();
            for (var one : box(user, mailbox).messages) {
                seen.put(
                        one.uid,
                        new Seen(subject(one.bytes), one.flags.contains("\\Seen"), one.flags.contains("\\Flagged")));
            }
            return seen;
        });
    }

    private static String subject(byte[] bytes) {
        for (String line : new String(bytes, US_ASCII).split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("subject: ")) {
                return line.substring(9);
            }
        }
        return "";
    }
}
