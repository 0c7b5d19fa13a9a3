package org.airpost.backend.imap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.angus.mail.iap.ParsingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a watch does on one connection, until it ends, on one thread. The mailbox that matters most is selected, and IDLE
 * waits for what the server says.
 *
 * <ol>
 *   <li>NOTIFY is offered (RFC 5465): the server says during IDLE what happens in the others too, and a round of STATUS is
 *       made at each renewal only, since Dovecot 2.3 was seen to lose events after mailboxes were renamed.
 *   <li>IDLE alone (RFC 2177): the others are looked at in rounds of STATUS, several times a minute.
 *   <li>Neither: NOOP takes the place of IDLE in each round.
 * </ol>
 */
final class Listening {

    private static final Logger LOG = LoggerFactory.getLogger(Listening.class);

    /** After an event the rounds are short for this long. */
    private static final Duration ACTIVE = Duration.ofMinutes(5);

    /** Rounds between two looks at the list of mailboxes. */
    private static final int ROUNDS_PER_LIST = 8;

    private static final int STATUS_BATCH = 50;

    /** Mailboxes named in one NOTIFY; with more of them there are rounds. */
    private static final int MOST_NOTIFIED = 500;

    private static final String EVENTS = "(MessageNew MessageExpunge FlagChange)";

    private final Watching watching;
    private final ImapSettings settings;
    private final ImapConnection connection;
    private final Names names;

    private final Map<String, Map<String, Long>> counters = new HashMap<>();
    private final Set<String> heard = new LinkedHashSet<>();
    private @Nullable String focus;

    /** What was to be the focus, and could not be opened when it was tried last. */
    private @Nullable String unopened;

    private long activeUntil = System.nanoTime();
    private int rounds;
    private boolean idleRefused;
    private boolean notifying;
    private boolean notifyRefused;
    private boolean asking;
    private boolean renew;

    Listening(Watching watching, ImapSettings settings, ImapConnection connection, Names names) {
        this.watching = watching;
        this.settings = settings;
        this.connection = connection;
        this.names = names;
    }

    /** Until the connection ends. */
    void run() throws ConnectionLostException {
        connection.listen(this::hear);
        var told = new HashSet<String>();
        while (!watching.isOver()) {
            var watched = watching.takeTargets();
            select(watched);
            var others = new ArrayList<>(watched);
            others.remove(focus);
            counters.keySet().retainAll(others);
            notifying = notify(others);
            renew = false;
            round(others);
            told.retainAll(watched);
            for (String mailbox : watched) {
                if (told.add(mailbox)) {
                    tell(mailbox);
                }
            }
            watching.looked();
            while (!watching.isRetargeted() && !renew) {
                await(others, interval(others));
                if (!watching.isRetargeted() && !renew) {
                    round(others);
                }
                if (focus != null && !connection.hasSelected(focus)) {
                    break;
                }
            }
            watching.cover(Set.of());
        }
    }

    /** Looks into the mailbox that matters most; if that cannot be, into none. */
    private void select(Set<String> watched) throws ConnectionLostException {
        var wanted = watched.contains("INBOX")
                ? "INBOX"
                : watched.stream().sorted().findFirst().orElse(null);
        if (wanted != null && wanted.equals(focus) && connection.hasSelected(wanted)) {
            return;
        }
        focus = null; // what the answer to EXAMINE says is no event
        if (wanted == null) {
            connection.deselected();
        } else if (connection.examine(wanted, names.quoted(wanted)).isOk()) {
            focus = wanted;
            if (wanted.equals(unopened)) {
                tell(wanted); // nobody looked into it for a while
            }
            unopened = null;
        } else if (!wanted.equals(unopened)) {
            unopened = wanted;
            tell("");
            tell(wanted);
        }
    }

    /** Asks for all events of the selected mailbox and the others; false if there will be none of the others. */
    private boolean notify(List<String> others) throws ConnectionLostException {
        if (notifyRefused || !canIdle() || !connection.can("NOTIFY") || !connection.canCondstore()) {
            return false;
        }
        if (others.size() > MOST_NOTIFIED) {
            return notifying && !connection.command("NOTIFY NONE").isOk();
        }
        var command = new StringBuilder("NOTIFY SET");
        if (focus != null) {
            command.append(" (selected ").append(EVENTS).append(')');
        }
        if (!others.isEmpty()) {
            command.append(" (mailboxes (");
            others.forEach(mailbox -> command.append(names.quoted(mailbox)).append(' '));
            command.setCharAt(command.length() - 1, ')');
            command.append(' ').append(EVENTS).append(')');
        }
        command.append(" (personal (MailboxName))");
        var reply = connection.command(command.toString());
        notifyRefused = !reply.isOk();
        if (notifyRefused) {
            LOG.debug("imap notify refused server={} words={}", settings.place(), reply.words());
        }
        return !notifyRefused;
    }

    private boolean canIdle() {
        return connection.can("IDLE") && !idleRefused;
    }

    /** Of which each change is told at once. Without CONDSTORE servers are known to keep changes of flags to themselves. */
    private Set<String> covered(List<String> others) {
        var covered = new HashSet<String>();
        if (connection.canCondstore()) {
            if (focus != null) {
                covered.add(focus);
            }
            if (notifying) {
                covered.addAll(others);
            }
        }
        return covered;
    }

    private Duration interval(List<String> others) {
        if (others.isEmpty() || notifying) {
            return settings.idleRenewal();
        }
        return System.nanoTime() - activeUntil < 0
                ? settings.statusRound()
                : settings.statusRound().multipliedBy(4);
    }

    /** Hears whatever the server says unasked. */
    private void hear(ServerLine line) {
        switch (line.about()) {
            case "EXISTS", "EXPUNGE", "VANISHED", "FETCH" -> {
                if (focus != null) {
                    heard.add(focus);
                }
            }
            case "STATUS" -> {
                if (!asking) {
                    named(line);
                }
            }
            case "LIST" -> {
                if (!asking) {
                    heard.add("");
                    named(line);
                    renew = true; // a name that came back may be another mailbox, to be asked for anew
                }
            }
            case "OK" -> {
                if (line.code()
                        .filter(code -> code.name().equals("NOTIFICATIONOVERFLOW"))
                        .isPresent()) {
                    LOG.debug("imap notify overflow server={}", settings.place());
                    notifyRefused = true;
                    heard.add("");
                    heard.addAll(counters.keySet());
                    renew = true;
                }
            }
            default -> {}
        }
    }

    /** Hears a mailbox by its name in STATUS or LIST, or in the OLDNAME of LIST. */
    private void named(ServerLine line) {
        try {
            var values = line.values();
            if (line.about().equals("STATUS")) {
                heard.add(names.decoded(values.getFirst()));
                return;
            }
            heard.add(names.decoded(values.get(2)));
            var extended = values.size() > 3 ? values.get(3).values() : List.<Value>of();
            for (int i = 0; i + 1 < extended.size(); i += 2) {
                extended.get(i + 1).values().forEach(name -> heard.add(names.decoded(name)));
            }
        } catch (ParsingException | RuntimeException _) {
            heard.addAll(counters.keySet()); // one of them it was
        }
    }

    private void tellHeard() {
        while (!heard.isEmpty()) {
            var mailbox = heard.iterator().next();
            heard.remove(mailbox);
            if (mailbox.isEmpty() || mailbox.equals(focus) || counters.containsKey(mailbox)) {
                tell(mailbox);
            }
        }
    }

    private void tell(String mailbox) {
        activeUntil = System.nanoTime() + ACTIVE.toNanos();
        watching.tell(mailbox);
    }

    /** Waits this long, or until it is interrupted by a change of targets; tells of what happens meanwhile. */
    private void await(List<String> others, Duration time) throws ConnectionLostException {
        if (!canIdle() || (focus == null && !notifying)) {
            // IDLE with no mailbox selected tells nothing.
            watching.pause(time.compareTo(settings.statusRound()) < 0 ? time : settings.statusRound());
            if (focus == null) {
                renew = !others.isEmpty(); // it may be open to us by now
            } else if (!watching.isRetargeted()) {
                connection.command("NOOP").orUnavailable("NOOP");
                tellHeard();
            }
            return;
        }
        if (!connection.startIdle()) {
            idleRefused = true; // offered and not meant: NOOP does it too
            renew = notifying;
            return;
        }
        tellHeard();
        watching.cover(covered(others));
        if (watching.isRetargeted() || renew) {
            connection.endIdle();
        }
        long began = System.nanoTime();
        if (!idle(began + time.toNanos())) {
            // A server may end IDLE when it likes. One that always does so at once is not to be asked without a pause.
            watching.cover(Set.of());
            long left = settings.statusRound().toNanos() - (System.nanoTime() - began);
            watching.pause(Duration.ofNanos(left));
        }
    }

    /** Waits in IDLE; false if the server has ended it by itself. */
    private boolean idle(long until) throws ConnectionLostException {
        long end = until;
        boolean ending = false;
        while (true) {
            long left = end - System.nanoTime();
            if ((left <= 0 || renew) && !ending) {
                connection.endIdle();
                ending = true;
            }
            var heardOf = connection.awaitIdle(ending ? settings.readTimeout() : Duration.ofNanos(left));
            if (!heard.isEmpty()) {
                tellHeard();
                if (!notifying) {
                    // A short round from now on, if this was a long one.
                    end = Math.min(
                            end, System.nanoTime() + settings.statusRound().toNanos());
                }
            }
            switch (heardOf) {
                case ENDED -> {
                    return true;
                }
                case ENDED_BY_SERVER -> {
                    return false;
                }
                case QUIET -> {
                    if (ending) {
                        throw new ConnectionLostException("no answer to DONE");
                    }
                }
                case HEARD -> {}
            }
        }
    }

    /** Compares the counters of the other mailboxes with those of the last round, and now and then the list of them. */
    private void round(List<String> others) throws ConnectionLostException {
        asking = true;
        var now = status(others);
        boolean list = rounds++ % ROUNDS_PER_LIST == 0 || notifying;
        var entries = new HashSet<String>();
        if (list) {
            new MailboxList(connection, names).list("\"\" \"*\"").forEach(entry -> entries.add(entry.name()));
        }
        asking = false;
        for (String mailbox : others) {
            var before = counters.get(mailbox);
            var after = now.getOrDefault(mailbox, Map.of());
            if (before != null && !before.equals(after)) {
                if (after.isEmpty()) {
                    tell(""); // it is gone
                }
                tell(mailbox);
            }
            counters.put(mailbox, after);
        }
        if (list) {
            if (watching.listed(entries)) {
                tell("");
            }
        }
        tellHeard();
    }

    private Map<String, Map<String, Long>> status(List<String> mailboxes) throws ConnectionLostException {
        var found = new HashMap<String, Map<String, Long>>();
        String items = connection.canCondstore()
                ? "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)"
                : "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)";
        boolean inOne = connection.can("LIST-STATUS") && connection.can("LIST-EXTENDED");
        for (int from = 0; from < mailboxes.size(); from += STATUS_BATCH) {
            var batch = mailboxes.subList(from, Math.min(mailboxes.size(), from + STATUS_BATCH));
            var patterns = new ArrayList<String>();
            var commands = new ArrayList<String>();
            for (String mailbox : batch) {
                String encoded = names.quoted(mailbox);
                if (inOne && encoded.indexOf('%') < 0 && encoded.indexOf('*') < 0) {
                    patterns.add(encoded);
                } else {
                    commands.add("STATUS " + encoded + " " + items);
                }
            }
            if (!patterns.isEmpty()) {
                commands.add("LIST \"\" (" + String.join(" ", patterns) + ") RETURN (STATUS " + items + ")");
            }
            connection.pipeline(commands, line -> {
                if (line.about().equals("STATUS")) {
                    var numbers = new LinkedHashMap<String, Long>();
                    Target.take(line, numbers);
                    try {
                        found.put(names.decoded(line.values().getFirst()), numbers);
                    } catch (ParsingException _) {
                        // It counts as unchanged until it can be read.
                    }
                }
            });
        }
        return found;
    }
}
