package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Conversations whose later mails are to be moved too. A mail is looked at when the view of the Inbox is first seen with it,
 * before any phone is told of it; so nothing is moved while no device of the user is there, and it is made up for when one
 * comes. Only what was received after the conversation was set up, and each mail once: one that the user has moved back stays.
 * The last {@value #MOST} conversations of a user are kept. Key: {@code always/<user>}. Source: MS-ASCON "Always Moving a
 * Conversation"; decision 021.
 */
public final class AlwaysMoved implements Views.Arrivals {

    private static final Logger LOG = LoggerFactory.getLogger(AlwaysMoved.class);
    private static final int FORMAT = 1;
    static final int MOST = 500;

    /** Mails of a conversation that are remembered as moved. */
    private static final int MOST_REMEMBERED = 32;

    /** Mails looked at with one question to the server. */
    private static final int BATCH = 256;

    /** For all of a look; mails that are left are told where they are, and looked at the next time. */
    private static final Duration LIMIT = Duration.ofSeconds(8);

    private static final int TRIES = 20;

    /** In whose name moves are noted: a device id that no phone is known to have. */
    private static final String MOVER = "_always";

    private final Store store;
    private final Moves moves;
    private final Folders folders;
    private final Reader reader;
    private final InstantSource clock;

    /** What is read of the header of a mail. */
    public record Said(byte[] conversationId, byte[] messageId) {}

    /** Reads headers. */
    public interface Reader {

        /** The fields that {@link #read} needs. */
        List<String> fields();

        /** What they say; empty if a mail belongs to no conversation. */
        Optional<Said> read(byte[] header);
    }

    public AlwaysMoved(Store store, Moves moves, Folders folders, Reader reader, InstantSource clock) {
        this.store = store;
        this.moves = moves;
        this.folders = folders;
        this.reader = reader;
        this.clock = clock;
    }

    /**
     * A conversation.
     *
     * @param folderId where its mails go
     * @param since when it was set up
     * @param moved the mails moved last, by what is remembered of their Message-IDs
     */
    private record Rule(byte[] conversationId, String folderId, Instant since, List<Long> moved) {

        boolean isOf(byte[] id) {
            return Arrays.equals(conversationId, id);
        }

        Rule moving(List<Long> more) {
            var all = new ArrayList<>(moved);
            all.addAll(more);
            return new Rule(
                    conversationId,
                    folderId,
                    since,
                    List.copyOf(all.subList(Math.max(0, all.size() - MOST_REMEMBERED), all.size())));
        }
    }

    /**
     * A user's.
     *
     * @param uidValidity of the Inbox
     * @param looked the greatest UID of it that was looked at
     * @param rules the one set up last stands last
     */
    private record State(long version, long uidValidity, long looked, List<Rule> rules) {

        static final State NONE = new State(Store.ABSENT, 0, 0, List.of());

        State looked(long validity, long uid) {
            return new State(version, validity, uid, rules);
        }

        State with(List<Rule> changed) {
            return new State(version, uidValidity, looked, List.copyOf(changed));
        }
    }

    /** From now on the mails of a conversation go to a folder, those that come after what is in this view of the Inbox. */
    public void set(Account account, byte[] conversationId, Folder target, FolderView inbox) {
        change(account, state -> {
            var rules = new ArrayList<>(state.rules);
            rules.removeIf(rule -> rule.isOf(conversationId));
            rules.add(new Rule(conversationId, target.id(), clock.instant(), List.of()));
            while (rules.size() > MOST) {
                rules.removeFirst();
            }
            var begun = state.rules.isEmpty() || state.uidValidity != inbox.uidValidity()
                    ? state.looked(inbox.uidValidity(), inbox.present().greatest())
                    : state;
            return begun.with(rules);
        });
    }

    /** The mails of a conversation stay where they come. */
    public void remove(Account account, byte[] conversationId) {
        change(account, state -> {
            var rules = new ArrayList<>(state.rules);
            return rules.removeIf(rule -> rule.isOf(conversationId)) ? state.with(rules) : state;
        });
    }

    @Override
    public FolderView look(Account account, Folder folder, FolderView view) {
        if (folder.type() != FolderType.INBOX) {
            return view;
        }
        try {
            var state = load(account);
            if (state.rules.isEmpty()) {
                return view;
            }
            if (state.uidValidity != view.uidValidity()) {
                // Which of these are new nobody knows.
                change(
                        account,
                        now -> now.looked(view.uidValidity(), view.present().greatest()));
                return view;
            }
            var fresh = view.present().minus(UidSet.range(1, state.looked));
            return fresh.isEmpty() ? view : look(account, folder, view, state, fresh);
        } catch (BackendUnavailableException | StoreException e) {
            // The mails are told where they are: better than nothing of this folder. The next look moves them.
            LOG.warn("mails of conversations not moved yet user={} reason={}", account.user(), e.getMessage());
            return view;
        }
    }

    private FolderView look(Account account, Folder inbox, FolderView view, State state, UidSet fresh) {
        var end = clock.instant().plus(LIMIT);
        var uids = fresh.ascending();
        var left = view;
        for (int from = 0; from < uids.size() && clock.instant().isBefore(end); from += BATCH) {
            var some = uids.subList(from, Math.min(uids.size(), from + BATCH));
            left = move(account, inbox, left, state, some);
            long looked = some.getLast();
            change(
                    account,
                    now -> now.uidValidity == view.uidValidity() && now.looked < looked
                            ? now.looked(now.uidValidity, looked)
                            : now);
        }
        return left;
    }

    /** A mail that is to be moved. */
    private record Leaving(long uid, long mark) {}

    private FolderView move(Account account, Folder inbox, FolderView view, State state, List<Long> uids) {
        var leaving = new LinkedHashMap<Rule, List<Leaving>>();
        var read = account.mail().fields(inbox.mailbox(), view.uidValidity(), uids, reader.fields());
        read.forEach((uid, header) -> read(header)
                .ifPresent(said -> state.rules.stream()
                        .filter(rule -> rule.isOf(said.conversationId()))
                        .findFirst()
                        .ifPresent(rule -> {
                            long mark = mark(said.messageId());
                            if (!rule.moved.contains(mark)) {
                                leaving.computeIfAbsent(rule, _ -> new ArrayList<>())
                                        .add(new Leaving(uid, mark));
                            }
                        })));
        if (leaving.isEmpty()) {
            return view;
        }
        var asked = UidSet.of(leaving.values().stream()
                .flatMap(some -> some.stream().map(Leaving::uid))
                .toList());
        var received = account.mail().received(inbox.mailbox(), view.uidValidity(), asked);
        var gone = UidSet.EMPTY;
        for (var entry : leaving.entrySet()) {
            var rule = entry.getKey();
            // A mail of before has been moved here, and is meant to be.
            var later = entry.getValue().stream()
                    .filter(one -> received.getOrDefault(one.uid(), Instant.MIN).isAfter(rule.since))
                    .toList();
            gone = gone.or(move(account, inbox, view.uidValidity(), rule, later));
        }
        return without(view, gone);
    }

    private UidSet move(Account account, Folder inbox, long uidValidity, Rule rule, List<Leaving> mails) {
        if (mails.isEmpty()) {
            return UidSet.EMPTY;
        }
        var target = folders.find(account, rule.folderId).filter(Folder::holdsMail);
        if (target.isEmpty()) {
            LOG.info("a conversation is not moved any more, its folder is gone user={}", account.user());
            remove(account, rule.conversationId);
            return UidSet.EMPTY;
        }
        var uids = UidSet.of(mails.stream().map(Leaving::uid).toList());
        var outcome = moves.move(account, new DeviceKey(account.user(), MOVER), inbox, uidValidity, uids, target.get());
        return switch (outcome) {
            case Outcome.Refused<Map<Long, Long>>(var why, var words) -> {
                LOG.warn("mails of a conversation not moved user={} reason={} {}", account.user(), why, words);
                yield UidSet.EMPTY;
            }
            case Outcome.Done<Map<Long, Long>>(var moved) -> {
                var marks = mails.stream()
                        .filter(one -> moved.containsKey(one.uid()))
                        .map(Leaving::mark)
                        .toList();
                change(
                        account,
                        now -> now.with(now.rules.stream()
                                .map(one -> one.isOf(rule.conversationId) ? one.moving(marks) : one)
                                .toList()));
                yield UidSet.of(moved.keySet());
            }
        };
    }

    private Optional<Said> read(byte[] header) {
        try {
            return reader.read(header);
        } catch (RuntimeException e) {
            // One message must not hide all of the others, whatever its header holds.
            LOG.warn(
                    "conversation of a new mail unreadable problem={}",
                    e.getClass().getName());
            return Optional.empty();
        }
    }

    private static FolderView without(FolderView view, UidSet gone) {
        if (gone.isEmpty()) {
            return view;
        }
        var flags = new LinkedHashMap<String, UidSet>();
        view.flags().forEach((flag, carriers) -> flags.put(flag, carriers.minus(gone)));
        return new FolderView(
                view.uidValidity(),
                view.uidNext(),
                view.highestModSeq(),
                view.present().minus(gone),
                flags);
    }

    /** What is remembered of a Message-ID; of a mail without one, 0: then it is remembered that there was such a mail. */
    private static long mark(byte[] messageId) {
        long mark = 1_125_899_906_842_597L;
        for (byte b : messageId) {
            mark = 31 * mark + b;
        }
        return messageId.length == 0 ? 0 : mark;
    }

    // The record

    private void change(Account account, UnaryOperator<State> change) {
        for (int tries = 0; tries < TRIES; tries++) {
            var before = load(account);
            var after = change.apply(before);
            if (after.equals(before)
                    || store.put(key(account), encode(after), before.version).isPresent()) {
                return;
            }
        }
        throw new StoreException("conversations of %s are written by others all the time".formatted(account.user()));
    }

    private State load(Account account) {
        return store.get(key(account)).map(stored -> decode(account, stored)).orElse(State.NONE);
    }

    private static byte[] encode(State state) {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(state.uidValidity);
            out.writeLong(state.looked);
            out.writeInt(state.rules.size());
            for (var rule : state.rules) {
                out.writeUTF(HexFormat.of().formatHex(rule.conversationId));
                out.writeUTF(rule.folderId);
                out.writeLong(rule.since.toEpochMilli());
                out.writeByte(rule.moved.size());
                for (long mark : rule.moved) {
                    out.writeLong(mark);
                }
            }
        });
    }

    private static State decode(Account account, Store.Versioned stored) {
        try (var in = new DataInputStream(new ByteArrayInputStream(stored.value()))) {
            int format = in.readByte();
            if (format != FORMAT) {
                throw new IOException("format " + format);
            }
            long uidValidity = in.readLong();
            long looked = in.readLong();
            var rules = new ArrayList<Rule>();
            for (int left = in.readInt(); left > 0; left--) {
                var id = HexFormat.of().parseHex(in.readUTF());
                var folderId = in.readUTF();
                var since = Instant.ofEpochMilli(in.readLong());
                var moved = new ArrayList<Long>();
                for (int more = in.readByte(); more > 0; more--) {
                    moved.add(in.readLong());
                }
                rules.add(new Rule(id, folderId, since, List.copyOf(moved)));
            }
            return new State(stored.version(), uidValidity, looked, List.copyOf(rules));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn(
                    "conversations to move are not readable, none is moved user={} reason={}",
                    account.user(),
                    e.getMessage());
            return new State(stored.version(), 0, 0, List.of());
        }
    }

    private static String key(Account account) {
        return "always/" + account.user();
    }
}
