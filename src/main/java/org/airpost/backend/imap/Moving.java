package org.airpost.backend.imap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MoveMark;
import org.airpost.backend.MoveMark.Sign;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;

/**
 * Moves or copies messages from the selected mailbox, by the means that the server has: MOVE (RFC 6851), or COPY, \Deleted and
 * UID EXPUNGE (RFC 4315), or a careful EXPUNGE; with COPYUID, or by looking the messages up in the target.
 *
 * <p>One object is one operation. Before anything is changed it notes what tells the messages from others and the target's
 * UIDNEXT. If the connection breaks, it is run again on another one: what has left the source or is in the target is not
 * moved a second time.
 */
final class Moving {

    private static final Sign UNKNOWN = new Sign("", -1);

    private final Names names;
    private final String source;
    private final long uidValidity;
    private final UidSet uids;
    private final String targetName;
    private final boolean move;
    private final Consumer<MoveMark> onBegin;

    private final Map<Long, Sign> identities = new HashMap<>();
    private final Map<Long, Long> done = new LinkedHashMap<>();
    private Optional<Target> target = Optional.empty();
    private boolean begun;

    /** Shared over the tries, because it remembers whose \Deleted is to be put back. */
    private final Changing changing = new Changing();

    Moving(
            Names names,
            String source,
            long uidValidity,
            UidSet uids,
            String target,
            boolean move,
            Consumer<MoveMark> onBegin) {
        this.names = names;
        this.source = source;
        this.uidValidity = uidValidity;
        this.uids = uids;
        this.targetName = target;
        this.move = move;
        this.onBegin = onBegin;
    }

    /** A move that began before, maybe in another process. */
    static Moving resuming(Names names, MoveMark mark, UidSet uids) {
        var moving = new Moving(names, mark.mailbox(), mark.uidValidity(), uids, mark.target(), true, _ -> {});
        for (long uid : uids.ascending()) {
            Optional.ofNullable(mark.signs().get(uid)).ifPresent(sign -> moving.identities.put(uid, sign));
        }
        moving.target = Optional.of(new Target(mark.target(), mark.targetUidValidity(), mark.targetUidNext()));
        moving.begun = true;
        return moving;
    }

    Outcome<Map<Long, Long>> run(ImapConnection connection) throws ConnectionLostException {
        var left = uids;
        if (begun) {
            left = recovered(connection);
        } else {
            var refused = prepare(connection);
            if (refused.isPresent()) {
                return refused.get();
            }
            left = UidSet.of(identities.keySet());
            if (!left.isEmpty()) {
                var to = target.orElseThrow();
                onBegin.accept(
                        new MoveMark(source, uidValidity, targetName, to.uidValidity(), to.uidNext(), identities));
            }
            begun = true;
        }
        for (var part : UidText.parts(left)) {
            var reply = transfer(connection, part);
            if (!reply.isOk() && done.isEmpty()) {
                return reply.refused();
            }
            if (!reply.isOk()) {
                break; // some are over: the caller must learn where they are
            }
        }
        var result = new LinkedHashMap<Long, Long>();
        for (long uid : uids.ascending()) {
            var now = done.get(uid);
            if (now != null) {
                result.put(uid, now);
            }
        }
        return Outcome.done(result);
    }

    private Optional<Outcome<Map<Long, Long>>> prepare(ImapConnection connection) throws ConnectionLostException {
        if (move && connection.selected().orElseThrow().isReadOnly()) {
            return Optional.of(Outcome.refused(Outcome.Refusal.NO_PERMISSION, "the mailbox is read-only"));
        }
        var asked = Target.ask(connection, names, targetName);
        if (asked instanceof Outcome.Refused<Target>(var why, var words)) {
            return Optional.of(Outcome.refused(why, words));
        }
        target = Optional.of(((Outcome.Done<Target>) asked).value());
        for (var part : UidText.parts(uids)) {
            var found = new HashMap<Long, Sign>();
            // NOOP: of what another device has just moved the session may not have heard (RFC 9051 §5.2).
            var commands = List.of("NOOP", "UID FETCH " + part.toImap() + " " + Identities.ITEMS);
            for (var reply : connection.pipeline(commands, line -> Identities.take(line, found))) {
                reply.orUnavailable("UID FETCH");
            }
            found.keySet().removeIf(uid -> !part.contains(uid));
            identities.putAll(found);
            var missing = part.minus(UidSet.of(found.keySet()));
            if (!missing.isEmpty()) {
                // One that the server cannot read can be moved all the same; it is only not found again.
                new Searching(connection).among(missing).forEach(uid -> identities.put(uid, UNKNOWN));
            }
        }
        return Optional.empty();
    }

    /** Moves a part; what came of it is in {@link #done}. */
    private Reply transfer(ImapConnection connection, UidSet part) throws ConnectionLostException {
        boolean atOnce = move && connection.can("MOVE");
        var said = new LinkedHashMap<Long, Long>();
        var reply = connection.command(
                "UID %s %s %s".formatted(atOnce ? "MOVE" : "COPY", part.toImap(), names.quoted(targetName)), line -> {
                    if (line.isOK()) {
                        line.code().ifPresent(code -> copied(code, said)); // MOVE says it untagged (RFC 6851 §4.3)
                    }
                });
        if (!reply.isOk()) {
            return reply;
        }
        reply.code().ifPresent(code -> copied(code, said));
        if (move && !atOnce) {
            var expunged = changing.expunge(connection, part);
            if (expunged instanceof Outcome.Refused<UidSet>(var why, var words)) {
                // Both are there now, and a copy too many is better than none; the caller hears why.
                return new Reply(false, false, reply.code(), why + ": " + words);
            }
        }
        if (said.isEmpty()) {
            lookUp(connection, part);
        } else {
            said.keySet().retainAll(part.ascending());
            done.putAll(said);
        }
        return reply;
    }

    /** Source: RFC 4315 "COPYUID". */
    private static void copied(ServerLine.Code code, Map<Long, Long> into) {
        if (!code.name().equals("COPYUID")) {
            return;
        }
        String[] parts = code.arguments().split(" ", -1);
        if (parts.length < 3) {
            return;
        }
        List<Long> from = UidText.listed(parts[1]);
        List<Long> to = UidText.listed(parts[2]);
        for (int i = 0; i < from.size() && i < to.size(); i++) {
            into.put(from.get(i), to.get(i));
        }
    }

    /** The server did not say the new UIDs. */
    private void lookUp(ImapConnection connection, UidSet part) throws ConnectionLostException {
        if (part.ascending().stream().noneMatch(identities::containsKey)) {
            return;
        }
        done.putAll(inTarget(connection, part));
        back(connection);
    }

    private Map<Long, Long> inTarget(ImapConnection connection, UidSet which) throws ConnectionLostException {
        var to = target.orElseThrow();
        if (!to.select(connection, names)) {
            return Map.of();
        }
        var candidates = Identities.from(connection, to.uidNext());
        candidates.keySet().removeAll(done.values());
        return Identities.paired(identities, which, candidates);
    }

    private void back(ImapConnection connection) throws ConnectionLostException {
        if (!connection.hasSelected(source)) {
            connection.select(source, names.quoted(source)).orUnavailable("SELECT");
        }
        if (connection.selected().orElseThrow().uidValidity() != uidValidity) {
            throw new BackendUnavailableException(
                    "imap: " + source + " has another UIDVALIDITY", Duration.ofSeconds(1));
        }
    }

    /** After a broken connection: what is still to be moved. */
    private UidSet recovered(ImapConnection connection) throws ConnectionLostException {
        var open = UidSet.of(identities.keySet()).minus(UidSet.of(done.keySet()));
        var found = inTarget(connection, open);
        back(connection);
        var left = new Searching(connection).among(open);
        var copies = new ArrayList<Long>();
        for (long uid : open.ascending()) {
            if (found.containsKey(uid) && left.contains(uid) && move) {
                copies.add(uid);
            }
            if (found.containsKey(uid)) {
                done.put(uid, found.get(uid));
            }
        }
        if (!copies.isEmpty()) {
            changing.expunge(connection, UidSet.of(copies)); // copied before the break, not yet deleted
        }
        return left.minus(UidSet.of(found.keySet()));
    }
}
