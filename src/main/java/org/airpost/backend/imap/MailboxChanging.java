package org.airpost.backend.imap;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;
import org.eclipse.angus.mail.iap.ParsingException;

/** Makes, renames and deletes mailboxes, with their subscriptions, so that other programs see them. Source: RFC 9051 §6.3. */
final class MailboxChanging {

    private final ImapConnection connection;
    private final Names names;
    private final MailboxList list;
    private final Tries tries;

    /** Whether the command was sent before, on a connection that was lost: then it may have been done. */
    static final class Tries {
        private boolean sent;
    }

    MailboxChanging(ImapConnection connection, Names names, Tries tries) {
        this.connection = connection;
        this.names = names;
        this.tries = tries;
        this.list = new MailboxList(connection, names);
    }

    Outcome<String> create(String parent, String displayName) throws ConnectionLostException {
        var named = named(parent, displayName);
        if (!(named instanceof Outcome.Done<String>(var name))) {
            return named;
        }
        boolean again = tries.sent;
        tries.sent = true;
        var reply = connection.command("CREATE " + names.quoted(name));
        if (!reply.isOk()) {
            var refused = refused(reply, name);
            boolean isDone = again && refused instanceof Outcome.Refused<String> no && no.why() == Refusal.EXISTS;
            if (!isDone) {
                return refused;
            }
        }
        connection.command("SUBSCRIBE " + names.quoted(name)); // a mailbox without a subscription is one all the same
        return Outcome.done(name);
    }

    Outcome<String> rename(String mailbox, String newParent, String newDisplayName) throws ConnectionLostException {
        if (mailbox.equals("INBOX")) {
            return Outcome.refused(Refusal.NO_PERMISSION, "INBOX cannot be renamed"); // it would be emptied (RFC 9051)
        }
        var named = named(newParent, newDisplayName);
        if (!(named instanceof Outcome.Done<String>(var name))) {
            return named;
        }
        if (name.equals(mailbox)) {
            return named;
        }
        leave(mailbox);
        var subscribed = subscribed(mailbox);
        boolean again = tries.sent;
        tries.sent = true;
        var reply = connection.command("RENAME " + names.quoted(mailbox) + " " + names.quoted(name));
        boolean isDone = !reply.isOk() && again && !exists(mailbox) && exists(name);
        if (!reply.isOk() && !isDone) {
            return exists(mailbox) ? refused(reply, name) : Outcome.refused(Refusal.NOT_FOUND, reply.words());
        }
        for (String old : subscribed) {
            connection.command("UNSUBSCRIBE " + names.quoted(old));
            connection.command("SUBSCRIBE " + names.quoted(name + old.substring(mailbox.length())));
        }
        return Outcome.done(name);
    }

    /** Takes the settings that say what phones are shown, since nothing else is deleted. */
    Outcome<String> delete(String mailbox, boolean subscribedOnly, boolean sharedToo) throws ConnectionLostException {
        if (mailbox.equals("INBOX")) {
            return Outcome.refused(Refusal.NO_PERMISSION, "INBOX cannot be deleted");
        }
        // Before all are listed: what is made between the two is taken for hidden, and stays.
        var shown = list.mailboxes(subscribedOnly, sharedToo).shown().stream()
                .map(Mailbox::name)
                .collect(Collectors.toSet());
        var all = list.list("\"\" \"*\"");
        var self = all.stream().filter(entry -> entry.name().equals(mailbox)).findFirst();
        if (self.isEmpty()) {
            return Outcome.refused(Refusal.NOT_FOUND, "no mailbox " + mailbox);
        }
        if (list.holdsOthers(mailbox)) {
            return Outcome.refused(Refusal.HOLDS_HIDDEN, "the mailboxes of others are below " + mailbox);
        }
        String delimiter = self.get().delimiter();
        var doomed = all.stream()
                .filter(MailboxList.Entry::exists)
                .map(MailboxList.Entry::name)
                .filter(name -> name.equals(mailbox) || (!delimiter.isEmpty() && name.startsWith(mailbox + delimiter)))
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        if (!shown.containsAll(doomed)) {
            return Outcome.refused(Refusal.HOLDS_HIDDEN, "mailboxes that phones do not see are below " + mailbox);
        }
        leave(mailbox);
        for (String name : doomed) {
            var reply = connection.command("DELETE " + names.quoted(name));
            if (!reply.isOk() && exists(name)) {
                return reply.refused();
            }
            connection.command("UNSUBSCRIBE " + names.quoted(name));
        }
        return Outcome.done(mailbox);
    }

    private Outcome<String> named(String parent, String displayName) throws ConnectionLostException {
        var space = list.space();
        String delimiter = space.delimiter();
        if (!Names.isSendable(displayName) || (!delimiter.isEmpty() && displayName.contains(delimiter))) {
            return Outcome.refused(Refusal.OTHER, "a mailbox cannot be called this here");
        }
        if (parent.isEmpty()) {
            return Outcome.done(space.prefix() + displayName);
        }
        if (delimiter.isEmpty()) {
            return Outcome.refused(Refusal.OTHER, "this server has no mailboxes below others");
        }
        if (!Names.isSendable(parent)) {
            return Outcome.refused(Refusal.NOT_FOUND, "no such mailbox above");
        }
        return Outcome.done(parent + delimiter + displayName);
    }

    private Outcome<String> refused(Reply reply, String wanted) throws ConnectionLostException {
        Outcome<String> refused = reply.refused();
        boolean unclear = refused instanceof Outcome.Refused<String> no && no.why() == Refusal.OTHER;
        return unclear && exists(wanted) ? Outcome.refused(Refusal.EXISTS, reply.words()) : refused;
    }

    private boolean exists(String mailbox) throws ConnectionLostException {
        return list.list("\"\" \"*\"").stream()
                .anyMatch(entry -> entry.exists() && entry.name().equals(mailbox));
    }

    private Set<String> subscribed(String mailbox) throws ConnectionLostException {
        var found = new HashMap<String, String>();
        connection.command("LSUB \"\" \"*\"", line -> {
            try {
                if (line.about().equals("LSUB")) {
                    var values = line.values();
                    found.put(names.decoded(values.getLast()), values.get(1).text());
                }
            } catch (ParsingException | RuntimeException _) {
                // A subscription that cannot be read stays as it is.
            }
        });
        var under = new HashSet<String>();
        found.forEach((name, delimiter) -> {
            if (name.equals(mailbox) || (!delimiter.isEmpty() && name.startsWith(mailbox + delimiter))) {
                under.add(name);
            }
        });
        return under;
    }

    /** Some servers keep a mailbox that is selected; CLOSE would expunge what others have marked. */
    private void leave(String mailbox) throws ConnectionLostException {
        var selected = connection.selected();
        if (selected.isEmpty() || !selected.get().mailbox().startsWith(mailbox)) {
            return;
        }
        if (!connection.can("UNSELECT") || !connection.command("UNSELECT").isOk()) {
            if (connection.examine("INBOX", "INBOX").isOk()) {
                connection.command("CLOSE"); // expunges nothing after EXAMINE
            }
        }
        connection.deselected();
    }
}
