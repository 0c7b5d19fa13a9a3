package org.airpost.backend.imap;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;
import org.eclipse.angus.mail.iap.ParsingException;

/** A mailbox that is about to get messages, and the UID from which on they will be found. */
record Target(String mailbox, long uidValidity, long uidNext) {

    /** Asks the server, if it has not said so already. */
    static Outcome<Target> ask(ImapConnection connection, Names names, String mailbox) throws ConnectionLostException {
        if (connection.hasSelected(mailbox)) {
            // STATUS is not for the selected mailbox (RFC 9051 §6.3.11). What we know may be old, then more is looked
            // at.
            var selected = connection.selected().orElseThrow();
            return Outcome.done(new Target(mailbox, selected.uidValidity(), Math.max(1, selected.uidNext())));
        }
        var items = new HashMap<String, Long>();
        var reply = connection.command(
                "STATUS " + names.quoted(mailbox) + " (UIDNEXT UIDVALIDITY)", line -> take(line, items));
        if (!reply.isOk()) {
            return new MailboxList(connection, names).isGone(mailbox, reply)
                    ? Outcome.refused(Refusal.NOT_FOUND, reply.words())
                    : reply.refused();
        }
        return Outcome.done(new Target(
                mailbox, items.getOrDefault("UIDVALIDITY", 0L), Math.max(1, items.getOrDefault("UIDNEXT", 1L))));
    }

    /** Takes the numbers of a STATUS response. */
    static void take(ServerLine line, Map<String, Long> items) {
        if (!line.about().equals("STATUS")) {
            return;
        }
        try {
            var values = line.values();
            var list = values.getLast().values();
            for (int i = 0; i + 1 < list.size(); i += 2) {
                items.put(
                        list.get(i).text().toUpperCase(Locale.ROOT),
                        list.get(i + 1).number());
            }
        } catch (ParsingException | RuntimeException _) {
            // Then the items are missing, and the caller does without.
        }
    }

    /** Selects it, or hears what is new in it; false if it is another mailbox now. */
    boolean select(ImapConnection connection, Names names) throws ConnectionLostException {
        if (connection.hasSelected(mailbox)) {
            connection.command("NOOP").orUnavailable("NOOP");
        } else {
            connection.select(mailbox, names.quoted(mailbox)).orUnavailable("SELECT");
        }
        return uidValidity == 0 || connection.selected().orElseThrow().uidValidity() == uidValidity;
    }
}
