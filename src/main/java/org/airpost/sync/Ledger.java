package org.airpost.sync;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import org.airpost.backend.FolderView;
import org.airpost.backend.Keywords;
import org.airpost.backend.UidSet;

/**
 * What a device has been told of one folder: the messages that it has, and for each flag or keyword that phones see, those
 * that carry it. Immutable.
 */
public record Ledger(UidSet present, Map<String, UidSet> flags) {

    /**
     * Carried by messages that the phone itself has brought here, and that are told all the same: it may not have heard
     * what became of its move. No flag of a server has such a name.
     */
    static final String OWED = "\\+owed";

    /** Carried by messages that are to be sent anew: told as deleted, and then, being unknown, as new. */
    static final String AGAIN = "\\+again";

    /** Carried by messages that the phone itself has moved in or out: they are told at the next occasion, but wake nobody. */
    static final String QUIET = "\\+quiet";

    /**
     * Followed by a number: carried by the one message that the phone knows by that number and not by its UID. A draft that
     * the phone has edited is another message at the server, and the same one to the phone.
     */
    private static final String KNOWN_AS = "\\+id:";

    /** Followed by a number: carried by the one message that has taken the place of the one with that UID. */
    private static final String IN_PLACE_OF = "\\+was:";

    /** Messages known by another number at most; the oldest of more are told as deleted and added. */
    private static final int MOST_KNOWN_AS = 256;

    /** UIDs in whose place a message is at most, besides its number: attachments may still be named by them. */
    private static final int MOST_IN_PLACE_OF = 64;

    public static final Ledger EMPTY = new Ledger(UidSet.EMPTY, Map.of());

    public Ledger {
        var kept = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
        flags.forEach((flag, uids) -> {
            if (!uids.isEmpty()) {
                kept.put(flag, uids);
            }
        });
        flags = Collections.unmodifiableSortedMap(kept);
    }

    /** All that a view holds of what phones see. */
    public static Ledger of(FolderView view) {
        var seen = new TreeMap<String, UidSet>();
        view.flags().forEach((flag, uids) -> {
            if (isTold(flag)) {
                seen.put(flag, uids);
            }
        });
        return new Ledger(view.present(), seen);
    }

    /** True for what a phone is told of a message by itself. */
    private static boolean isTold(String flag) {
        return Keywords.isShown(flag) || Annotations.isNote(flag);
    }

    public UidSet with(String flag) {
        return flags.getOrDefault(flag, UidSet.EMPTY);
    }

    /** The flags of one message. */
    public Set<String> flagsOf(long uid) {
        var found = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
        flags.forEach((flag, uids) -> {
            if (uids.contains(uid)) {
                found.add(flag);
            }
        });
        return found;
    }

    /** The same without some messages. */
    public Ledger without(UidSet uids) {
        return uids.isEmpty() ? this : combine(uids, UidSet::minus);
    }

    /** The same with some messages as another ledger has them; the numbers that they are known by stay. */
    public Ledger takingFrom(Ledger other, UidSet uids) {
        if (uids.isEmpty()) {
            return this;
        }
        var taken = other.combine(uids, UidSet::and);
        var names = new TreeMap<String, UidSet>();
        flags.forEach((flag, carriers) -> {
            if (flag.startsWith(KNOWN_AS) || flag.startsWith(IN_PLACE_OF)) {
                names.put(flag, carriers.and(uids));
            }
        });
        return without(uids).merge(taken, UidSet::or).merge(new Ledger(UidSet.EMPTY, names), UidSet::or);
    }

    /** The same with one message more, or with other flags of it. */
    public Ledger holding(long uid, Set<String> seen) {
        var carried = new TreeMap<String, UidSet>();
        seen.stream().filter(Ledger::isTold).forEach(flag -> carried.put(flag, UidSet.of(uid)));
        return takingFrom(new Ledger(UidSet.of(uid), carried), UidSet.of(uid));
    }

    /** The number by which the phone knows a message: its UID, but for a draft that the phone has edited. */
    public long numberOf(long uid) {
        return named(KNOWN_AS, uid).stream().findFirst().orElse(uid);
    }

    /** The message that the phone means by a number; empty if it knows the one with that UID by another number. */
    public Optional<Long> uidOf(long number) {
        var carriers = with(KNOWN_AS + number);
        if (!carriers.isEmpty()) {
            return Optional.of(carriers.greatest());
        }
        return named(KNOWN_AS, number).isEmpty() ? Optional.of(number) : Optional.empty();
    }

    /** The message that is now in the place of the one that had a UID, which may be itself. */
    public long presentOf(long uid) {
        var carriers = with(IN_PLACE_OF + uid).or(with(KNOWN_AS + uid));
        return carriers.isEmpty() ? uid : carriers.greatest();
    }

    /** The numbers in flags of a kind that a message carries. */
    private List<Long> named(String kind, long uid) {
        return flags.entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith(kind) && entry.getValue().contains(uid))
                .map(entry -> Long.parseLong(entry.getKey().substring(kind.length())))
                .sorted()
                .toList();
    }

    /** The same after the phone has put another message in the place of one: it goes on knowing it by the same number. */
    public Ledger replacing(long old, long uid, Set<String> seen) {
        if (old == uid) {
            return holding(uid, seen);
        }
        long number = numberOf(old);
        var names = new TreeMap<String, UidSet>();
        var before = named(IN_PLACE_OF, old);
        before.stream()
                .skip(Math.max(0, before.size() - MOST_IN_PLACE_OF))
                .forEach(one -> names.put(IN_PLACE_OF + one, UidSet.of(uid)));
        names.put(KNOWN_AS + number, UidSet.of(uid));
        if (old != number) {
            names.put(IN_PLACE_OF + old, UidSet.of(uid));
        }
        return without(UidSet.of(old, uid))
                .merge(new Ledger(UidSet.EMPTY, names), UidSet::or)
                .holding(uid, seen)
                .bounded();
    }

    /** With no more numbers than there is room for: of the oldest messages the phone is told that they are new ones. */
    private Ledger bounded() {
        var known = flags.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(KNOWN_AS))
                .map(entry -> entry.getValue().greatest())
                .sorted()
                .toList();
        var bounded = this;
        for (long uid : known.subList(0, Math.max(0, known.size() - MOST_KNOWN_AS))) {
            long number = bounded.numberOf(uid);
            bounded = bounded.without(UidSet.of(uid)).holding(number, Set.of());
        }
        return bounded;
    }

    /** The same after flags of one message were added and removed; nothing if the message is not in it. */
    public Ledger withFlags(long uid, Set<String> add, Set<String> remove) {
        if (!present.contains(uid)) {
            return this;
        }
        var changed = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
        changed.putAll(flags);
        for (var flag : add) {
            if (isTold(flag)) {
                changed.merge(flag, UidSet.of(uid), UidSet::or);
            }
        }
        for (var flag : remove) {
            changed.computeIfPresent(flag, (_, uids) -> uids.without(uid));
        }
        return new Ledger(present, changed);
    }

    /** Messages that are in it, and are to be told once more. */
    public UidSet owed() {
        return with(OWED);
    }

    /** Messages that wake nobody; some of them may not be in it, since the phone does not know of them yet. */
    public UidSet quiet() {
        return with(QUIET);
    }

    /** Messages that are to be sent anew. */
    public UidSet again() {
        return with(AGAIN);
    }

    /** The same with messages of it to be sent anew. */
    Ledger again(UidSet uids) {
        var known = uids.and(present);
        return known.isEmpty() ? this : merge(new Ledger(UidSet.EMPTY, Map.of(AGAIN, known)), UidSet::or);
    }

    /** The same with more quiet messages. */
    public Ledger quieting(UidSet uids) {
        return merge(new Ledger(UidSet.EMPTY, Map.of(QUIET, uids)), UidSet::or);
    }

    /** The same without marks on messages that came and went. */
    public Ledger forgetting(FolderView view) {
        var passed = quiet().minus(present).minus(view.present());
        return without(passed);
    }

    /** The same with some messages as another ledger has them, to be told once more. */
    public Ledger owing(Ledger other, UidSet uids) {
        return owing(EMPTY.takingFrom(other, uids));
    }

    /** The same with messages that the phone has brought, unless they are in it already. */
    Ledger owing(Ledger brought) {
        var fresh = brought.present().minus(present);
        var flags = new TreeMap<String, UidSet>(brought.flags());
        flags.put(OWED, fresh);
        return takingFrom(new Ledger(brought.present(), flags), fresh);
    }

    /** The same with a message that the phone knows, but not as it is: it is told once more. */
    public Ledger owing(long uid) {
        return owing(new Ledger(UidSet.of(uid), Map.of()));
    }

    /** Messages of this ledger in another folder, by the UID that each has there; without flags if they are not in it. */
    public Ledger moved(Map<Long, Long> targets) {
        var carriers = new TreeMap<String, UidSet>(String.CASE_INSENSITIVE_ORDER);
        targets.forEach((uid, target) -> flagsOf(uid).stream()
                .filter(Keywords::isShown) // what is noted of a message has other versions there
                .forEach(flag -> carriers.merge(flag, UidSet.of(target), UidSet::or)));
        return new Ledger(UidSet.of(targets.values()), carriers);
    }

    /** What to apply to this ledger to get the other one; it works in both directions. */
    Ledger delta(Ledger other) {
        return merge(other, UidSet::xor);
    }

    /** This ledger after a delta. */
    Ledger apply(Ledger delta) {
        return merge(delta, UidSet::xor);
    }

    /** True if it holds nothing: of a delta, that nothing changes. */
    boolean isEmpty() {
        return present.isEmpty() && flags.isEmpty();
    }

    private Ledger combine(UidSet uids, BinaryOperator<UidSet> operation) {
        var combined = new TreeMap<String, UidSet>();
        flags.forEach((flag, carriers) -> combined.put(flag, operation.apply(carriers, uids)));
        return new Ledger(operation.apply(present, uids), combined);
    }

    private Ledger merge(Ledger other, BinaryOperator<UidSet> operation) {
        SortedMap<String, UidSet> merged = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        merged.putAll(flags);
        other.flags.forEach((flag, uids) -> merged.put(flag, operation.apply(with(flag), uids)));
        return new Ledger(operation.apply(present, other.present), merged);
    }

    void write(DataOutputStream out) throws IOException {
        present.write(out);
        out.writeInt(flags.size());
        for (var entry : flags.entrySet()) {
            out.writeUTF(entry.getKey());
            entry.getValue().write(out);
        }
    }

    static Ledger read(DataInputStream in) throws IOException {
        var present = UidSet.read(in);
        var flags = new TreeMap<String, UidSet>();
        for (int left = in.readInt(); left > 0; left--) {
            var flag = in.readUTF();
            flags.put(flag, UidSet.read(in));
        }
        return new Ledger(present, flags);
    }
}
