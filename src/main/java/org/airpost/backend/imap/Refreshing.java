package org.airpost.backend.imap;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.UidSet;

/**
 * Brings a view up to date, on one connection, by the cheapest means that the server offers.
 *
 * <ol>
 *   <li>The mailbox is selected here, has been listed and still has its name: NOOP, and what the server then says unasked.
 *       To select it again would cost as much as the mailbox is large on some servers: Dovecot reads a Maildir anew.
 *   <li>QRESYNC: SELECT with the view's numbers; flags and losses come with it, in one round trip.
 *   <li>CONDSTORE: SELECT; if MODSEQ moved, the flags changed since; if the count is off, a SEARCH for what is left.
 *   <li>Neither: SELECT, and the flags of all messages.
 * </ol>
 *
 * Whatever does not add up at the end ends in a listing of everything. Source: RFC 7162; DESIGN §5 for the guards.
 */
final class Refreshing {

    /** After this time a mailbox is selected anew: a mailbox may have been replaced, or a server kept a flag to itself. */
    private static final Duration TRUST = Duration.ofMinutes(5);

    private static final int ROUNDS = 3;

    private final ImapConnection connection;
    private final Names names;

    Refreshing(ImapConnection connection, Names names) {
        this.connection = connection;
        this.names = names;
    }

    Refreshed refresh(String mailbox, FolderView known) throws ConnectionLostException {
        var warm = connection.selected().filter(one -> one.mailbox().equals(mailbox) && hasMirror(one));
        if (warm.isPresent() && isFresh(warm.get()) && isStillThat(warm.get())) {
            var now = current(settled(warm.get()), known);
            if (!isEmptied(now, known)) {
                return now;
            }
        }
        var base = warm.filter(one -> connection.usesQresync() && hasMirror(one) && one.highestModSeq() > 0)
                .map(one -> later(known, one))
                .orElse(known);
        return afresh(mailbox, known, base);
    }

    /** True if all messages are gone: rare, and what a server in trouble says, so it is looked at twice. */
    private static boolean isEmptied(Refreshed now, FolderView known) {
        return now instanceof Refreshed.Current(var view)
                && view.present().isEmpty()
                && !known.present().isEmpty();
    }

    private static boolean hasMirror(Selected selected) {
        return selected.mirror().isPresent();
    }

    private boolean isFresh(Selected selected) {
        return Duration.between(selected.since(), connection.clock().instant()).compareTo(TRUST) < 0;
    }

    /** The view that the server has less to add to: the one known, or what this connection has heard. */
    private static FolderView later(FolderView known, Selected selected) {
        var heard = selected.viewSoFar(selected.mirror().orElseThrow());
        return known.uidValidity() == heard.uidValidity() && known.highestModSeq() >= heard.highestModSeq()
                ? known
                : heard;
    }

    /**
     * Asks for what is new in the selected mailbox, and whether it still has its name: most servers say nothing when another
     * connection renames it, and some not even when it is deleted. Dovecot only warns then, with an untagged NO, and tells the
     * UIDVALIDITY of the one that is no more.
     */
    private boolean isStillThat(Selected selected) throws ConnectionLostException {
        long[] uidValidity = {selected.uidValidity()};
        boolean[] warned = {false};
        var replies = connection.pipeline(
                List.of("NOOP", "STATUS " + names.quoted(selected.mailbox()) + " (UIDVALIDITY)"), line -> {
                    switch (line.about()) {
                        case "STATUS" -> {
                            var numbers = new HashMap<String, Long>();
                            Target.take(line, numbers);
                            uidValidity[0] = numbers.getOrDefault("UIDVALIDITY", uidValidity[0]);
                        }
                        case "NO", "BAD" -> warned[0] = true;
                        default -> {}
                    }
                });
        var status = replies.getLast();
        return replies.getFirst().isOk()
                && !warned[0]
                && (status.isOk() || status.isBad()) // bad: it does not take STATUS for what is selected
                && uidValidity[0] == selected.uidValidity()
                && selected.isOpen()
                && hasMirror(selected);
    }

    /** Selects it, also if it is selected: its name may mean another mailbox by now. */
    private Refreshed afresh(String mailbox, FolderView known, FolderView base) throws ConnectionLostException {
        boolean quick = connection.usesQresync() && base.uidValidity() > 0 && base.highestModSeq() > 0;
        String encoded = names.quoted(mailbox);
        var reply = quick ? connection.select(mailbox, encoded, base) : connection.select(mailbox, encoded);
        if (!reply.isOk()) {
            if (new MailboxList(connection, names).isGone(mailbox, reply)) {
                return new Refreshed.Gone();
            }
            if (!names.quoted(mailbox).equals(encoded)) {
                return afresh(
                        mailbox, known, base); // the list has shown that the server writes this name in another way
            }
            reply.orUnavailable("SELECT " + encoded);
        }
        var selected = connection.selected().orElseThrow();
        boolean sameAsBefore = selected.uidValidity() == base.uidValidity()
                && selected.saidUidNext() >= base.uidNext()
                && !(selected.highestModSeq() > 0 && selected.highestModSeq() < base.highestModSeq());
        if (!sameAsBefore) {
            selected.forgetMirror();
        } else if (quick && selected.highestModSeq() == 0) {
            selected.forgetMirror(); // NOMODSEQ on this mailbox: nothing was said of what changed
        } else if (!quick && selected.highestModSeq() > 0 && base.highestModSeq() > 0) {
            changedSince(selected, base);
        }
        var now = current(settled(selected), known);
        if (isEmptied(now, known) && !new Searching(connection).all().isEmpty()) {
            throw new BackendUnavailableException(
                    "imap: " + mailbox + " is empty by SELECT and not by SEARCH", Duration.ofSeconds(30));
        }
        return now;
    }

    /** Source: RFC 7162 §3.1.4.1. */
    private void changedSince(Selected selected, FolderView known) throws ConnectionLostException {
        var mirror = Mirror.of(known);
        selected.mirror(mirror);
        if (selected.highestModSeq() == known.highestModSeq()
                && selected.saidUidNext() == known.uidNext()
                && selected.exists() == mirror.size()) {
            return;
        }
        if (selected.exists() == 0) {
            mirror.retain(UidSet.EMPTY);
            return;
        }
        mirror.beginAdding(true); // places are off until losses are known
        connection
                .command("UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE " + known.highestModSeq() + ")")
                .orUnavailable("UID FETCH CHANGEDSINCE");
        if (mirror.size() != selected.exists()) {
            mirror.retain(new Searching(connection).all());
        }
        mirror.endAdding();
    }

    /** Sees to it that the mirror holds what the server says there is. */
    private Selected settled(Selected selected) throws ConnectionLostException {
        for (int round = 0; round < ROUNDS; round++) {
            var mirror = selected.mirror().orElse(null);
            if (mirror == null || selected.isTorn() || mirror.size() > selected.exists()) {
                list(selected);
            } else if (mirror.size() < selected.exists()) {
                int before = mirror.size();
                fetchNew(mirror, mirror.greatest() + 1);
                if (mirror.size() == before) {
                    list(selected);
                }
            }
            mirror = selected.mirror().orElse(null);
            if (mirror != null && !selected.isTorn() && mirror.size() == selected.exists()) {
                return selected;
            }
        }
        if (selected.mirror().isEmpty()) {
            throw new BackendUnavailableException("imap: the mailbox changes its UIDVALIDITY", Duration.ofSeconds(5));
        }
        // A server whose EXISTS and listing never agree: the listing counts, and next time it is made again.
        return selected;
    }

    private void list(Selected selected) throws ConnectionLostException {
        var mirror = Mirror.empty();
        selected.mirror(mirror);
        if (selected.exists() == 0) {
            return;
        }
        mirror.beginAdding(true);
        connection.command("UID FETCH 1:* (UID FLAGS)").orUnavailable("UID FETCH");
        mirror.endAdding();
    }

    private void fetchNew(Mirror mirror, long from) throws ConnectionLostException {
        mirror.beginAdding(false);
        connection.command("UID FETCH " + from + ":* (UID FLAGS)").orUnavailable("UID FETCH");
        mirror.endAdding();
    }

    private static Refreshed current(Selected selected, FolderView known) {
        var mirror = selected.mirror().orElseThrow();
        var view = selected.view(mirror);
        if (mirror.size() != selected.exists()) {
            selected.forgetMirror();
        }
        return new Refreshed.Current(view.equals(known) ? known : view);
    }
}
