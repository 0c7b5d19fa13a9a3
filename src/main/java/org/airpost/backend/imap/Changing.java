package org.airpost.backend.imap;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.airpost.backend.MessageSource;
import org.airpost.backend.MoveMark;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.UidSet;
import org.eclipse.angus.mail.iap.Argument;
import org.eclipse.angus.mail.iap.Literal;

/**
 * Stores flags and expunges. One object is one operation: if the connection breaks, it is run again on another one and goes
 * on from what it knows.
 */
final class Changing {

    /** What the mailbox held of the messages when the operation began. */
    private UidSet met = UidSet.EMPTY;

    /** Messages of other clients whose \Deleted was taken off and is to be put back. */
    private UidSet spared = UidSet.EMPTY;

    /** Source: RFC 9051 §6.4.6. */
    Outcome<UidSet> store(ImapConnection connection, UidSet uids, Set<String> add, Set<String> remove)
            throws ConnectionLostException {
        var selected = connection.selected().orElseThrow();
        if (selected.isReadOnly()) {
            return Outcome.refused(Refusal.NO_PERMISSION, "the mailbox is read-only");
        }
        for (var flags : List.of(add, remove)) {
            for (String flag : flags) {
                if (!isFlag(flag)) {
                    return Outcome.refused(Refusal.OTHER, "not a flag: " + flag);
                }
            }
        }
        for (String flag : add) {
            if (!selected.keeps(flag)) {
                return Outcome.refused(Refusal.OTHER, "the server does not keep the flag " + flag);
            }
        }
        var first = storeHeard(connection, uids, add, remove);
        if (!(first instanceof Outcome.Done<UidSet>(var there))) {
            return first;
        }
        var left = unheardOf(connection, uids, there);
        if (left.isEmpty()) {
            return first;
        }
        var second = storeHeard(connection, left, add, remove);
        return second instanceof Outcome.Done<UidSet>(var more) ? Outcome.done(there.or(more)) : second;
    }

    private static Outcome<UidSet> storeHeard(
            ImapConnection connection, UidSet uids, Set<String> add, Set<String> remove)
            throws ConnectionLostException {
        var there = UidSet.builder();
        for (var part : UidText.parts(uids)) {
            String set = part.toImap();
            var commands = new ArrayList<String>();
            if (!add.isEmpty()) {
                commands.add("UID STORE " + set + " +FLAGS.SILENT " + list(add));
            }
            if (!remove.isEmpty()) {
                commands.add("UID STORE " + set + " -FLAGS.SILENT " + list(remove));
            }
            commands.add("UID FETCH " + set + " (UID FLAGS)"); // who is there, and that it was done
            var replies = connection.pipeline(commands, line -> there(line, part, there));
            for (var reply : replies) {
                if (!reply.isOk()) {
                    return reply.refused();
                }
            }
        }
        return Outcome.done(there.build());
    }

    /**
     * Those of these messages of which nothing was heard, if some are there all the same: a session that has not heard yet of
     * a message passes over it in silence. It has heard of all when this returns. Source: RFC 9051 §5.2, §6.4.9.
     */
    static UidSet unheardOf(ImapConnection connection, UidSet asked, UidSet heard) throws ConnectionLostException {
        var missing = asked.minus(heard);
        return missing.isEmpty() ? missing : new Searching(connection).among(missing);
    }

    private static void there(ServerLine line, UidSet asked, UidSet.Builder there) {
        if (line.about().equals("FETCH") && asked.contains(line.fetched().uid())) {
            there.add(line.fetched().uid());
        }
    }

    /** A flag or keyword that can be sent. Source: RFC 9051 "flag". */
    static boolean isFlag(String flag) {
        String name = flag.startsWith("\\") ? flag.substring(1) : flag;
        return !name.isEmpty()
                && name.length() <= 200
                && name.chars().allMatch(c -> c > ' ' && c < 0x7F && "(){%*\"\\]".indexOf(c) < 0);
    }

    private static String list(Set<String> flags) {
        return "(" + String.join(" ", new TreeSet<>(flags)) + ")";
    }

    /** Source: RFC 4315 (UID EXPUNGE). */
    Outcome<UidSet> expunge(ImapConnection connection, UidSet uids) throws ConnectionLostException {
        if (connection.selected().orElseThrow().isReadOnly()) {
            return Outcome.refused(Refusal.NO_PERMISSION, "the mailbox is read-only");
        }
        var refused = expungeHeard(connection, uids);
        var left = refused.isEmpty() ? unheardOf(connection, uids, met) : UidSet.EMPTY;
        if (!left.isEmpty()) {
            refused = expungeHeard(connection, left);
        }
        if (refused.isPresent()) {
            return refused.get();
        }
        if (!connection.can("UIDPLUS") && !uids.isEmpty()) {
            var reply = carefully(connection, uids);
            if (!reply.isOk()) {
                return reply.refused();
            }
        }
        return Outcome.done(met);
    }

    /** Notes who is there in {@link #met}; why it was refused, if it was. */
    private Optional<Outcome<UidSet>> expungeHeard(ImapConnection connection, UidSet uids)
            throws ConnectionLostException {
        var there = met.toBuilder();
        for (var part : UidText.parts(uids)) {
            String set = part.toImap();
            var commands = new ArrayList<>(
                    List.of("UID FETCH " + set + " (UID FLAGS)", "UID STORE " + set + " +FLAGS.SILENT (\\Deleted)"));
            if (connection.can("UIDPLUS")) {
                commands.add("UID EXPUNGE " + set);
            }
            List<Reply> replies;
            try {
                replies = connection.pipeline(commands, line -> there(line, part, there));
            } finally {
                met = there.build(); // if this breaks, the messages may be gone when it is run again
            }
            for (var reply : replies) {
                if (!reply.isOk()) {
                    return Optional.of(reply.refused());
                }
            }
        }
        return Optional.empty();
    }

    /** EXPUNGE takes all that is marked; so the marks of others are taken off for that moment. */
    private Reply carefully(ImapConnection connection, UidSet uids) throws ConnectionLostException {
        spared = spared.or(new Searching(connection).deleted().minus(uids));
        var reply = mark(connection, spared, "-FLAGS.SILENT");
        if (reply.isOk()) {
            reply = connection.command("EXPUNGE");
        }
        var restored = mark(connection, spared, "+FLAGS.SILENT");
        if (restored.isOk()) {
            spared = UidSet.EMPTY;
        }
        return reply.isOk() ? restored : reply;
    }

    private static Reply mark(ImapConnection connection, UidSet uids, String how) throws ConnectionLostException {
        var reply = new Reply(true, false, Optional.empty(), "");
        for (var part : UidText.parts(uids)) {
            reply = connection.command("UID STORE " + part.toImap() + " " + how + " (\\Deleted)");
            if (!reply.isOk()) {
                return reply;
            }
        }
        return reply;
    }

    /** Appends a message. One object is one operation, as above. Source: RFC 9051 §6.3.12. */
    static final class Appending {

        private static final DateTimeFormatter DATE =
                DateTimeFormatter.ofPattern("dd-MMM-yyyy HH:mm:ss Z", Locale.ENGLISH);

        private final Names names;
        private final String mailbox;
        private final MessageSource message;
        private final Set<String> flags;
        private final Instant internalDate;
        private Optional<Target> target = Optional.empty();

        Appending(Names names, String mailbox, MessageSource message, Set<String> flags, Instant internalDate) {
            this.names = names;
            this.mailbox = mailbox;
            this.message = message;
            this.flags = flags;
            this.internalDate = internalDate;
        }

        Outcome<Long> run(ImapConnection connection) throws ConnectionLostException {
            for (String flag : flags) {
                if (!isFlag(flag)) {
                    return Outcome.refused(Refusal.OTHER, "not a flag: " + flag);
                }
            }
            if (message.size() > Integer.MAX_VALUE) {
                return Outcome.refused(Refusal.TOO_LARGE, "a message of " + message.size() + " bytes");
            }
            if (target.isPresent()) {
                // The connection broke on the first try: the message may have arrived all the same.
                var found = find(connection, target.get());
                if (found.isPresent()) {
                    return Outcome.done(found.get());
                }
            } else {
                var asked = Target.ask(connection, names, mailbox);
                if (asked instanceof Outcome.Refused<Target>(var why, var words)) {
                    return Outcome.refused(why, words);
                }
                target = Optional.of(((Outcome.Done<Target>) asked).value());
            }
            var literal = new Content(connection, message);
            var arguments = new Argument();
            arguments.writeBytes(literal);
            Reply reply;
            try {
                reply = connection.command(
                        "APPEND %s %s \"%s\""
                                .formatted(
                                        names.quoted(mailbox),
                                        list(flags),
                                        DATE.format(internalDate.atOffset(ZoneOffset.UTC))),
                        arguments,
                        _ -> {});
            } catch (ConnectionLostException e) {
                literal.rethrow();
                throw e;
            }
            if (!reply.isOk()) {
                return reply.refused();
            }
            var said = appended(reply);
            if (said.isPresent()) {
                return Outcome.done(said.get());
            }
            return find(connection, target.get())
                    .map(Outcome::done)
                    .orElseThrow(() -> new org.airpost.backend.BackendUnavailableException(
                            "imap: a message was appended to " + mailbox + " and is not there",
                            java.time.Duration.ofSeconds(30)));
        }

        /** Source: RFC 4315 "APPENDUID". */
        private static Optional<Long> appended(Reply reply) {
            if (!reply.hasCode("APPENDUID")) {
                return Optional.empty();
            }
            String[] parts = reply.code().orElseThrow().arguments().split(" ", -1);
            long uid = parts.length < 2 ? -1 : new Value.Atom(parts[1].strip()).number();
            return uid < 1 ? Optional.empty() : Optional.of(uid);
        }

        private Optional<Long> find(ImapConnection connection, Target in) throws ConnectionLostException {
            if (!in.select(connection, names)) {
                return Optional.empty();
            }
            var identity = new MoveMark.Sign(messageId(), message.size());
            var found = Identities.from(connection, in.uidNext());
            for (var candidate : found.descendingMap().entrySet()) {
                if (candidate.getValue().matches(identity)) {
                    return Optional.of(candidate.getKey());
                }
            }
            return Optional.empty();
        }

        private String messageId() {
            try (var in = message.open()) {
                byte[] start = in.readNBytes(262_144);
                return Identities.messageId(start, start.length);
            } catch (IOException e) {
                throw Content.unreadable(e);
            }
        }
    }

    /** A message on its way out, in pieces. */
    private static final class Content implements Literal {

        private final ImapConnection connection;
        private final MessageSource message;
        private Optional<IOException> failure = Optional.empty();

        Content(ImapConnection connection, MessageSource message) {
            this.connection = connection;
            this.message = message;
        }

        @Override
        public int size() {
            return (int) message.size();
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            var piece = new byte[64 << 10];
            long left = message.size();
            try (var in = opened()) {
                while (left > 0) {
                    int n = read(in, piece, (int) Math.min(piece.length, left));
                    out.write(piece, 0, n);
                    left -= n;
                    connection.progress();
                }
            }
        }

        private InputStream opened() throws IOException {
            try {
                return message.open();
            } catch (IOException e) {
                failure = Optional.of(e);
                throw e;
            }
        }

        private int read(InputStream in, byte[] piece, int length) throws IOException {
            try {
                int n = in.read(piece, 0, length);
                if (n < 0) {
                    throw new IOException("the message is shorter than it said");
                }
                return n;
            } catch (IOException e) {
                failure = Optional.of(e);
                throw e;
            }
        }

        /** If it was our side that failed, another try is of no use. */
        void rethrow() {
            failure.ifPresent(e -> {
                throw unreadable(e);
            });
        }

        static org.airpost.backend.BackendUnavailableException unreadable(IOException e) {
            return new org.airpost.backend.BackendUnavailableException(
                    "imap: the message to append cannot be read: " + e.getMessage(),
                    java.time.Duration.ofSeconds(30),
                    e);
        }
    }
}
