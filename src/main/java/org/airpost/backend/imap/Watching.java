package org.airpost.backend.imap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount.Watch;
import org.eclipse.angus.mail.iap.ParsingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches mailboxes on a connection of its own, on one virtual thread: IDLE in the mailbox that matters most, and rounds of
 * STATUS over the others. Where IDLE is not offered, NOOP takes its place in each round.
 *
 * <p>When a watch begins, when it gets another mailbox and when a lost connection is back, it tells of the mailboxes
 * concerned once: something may have happened before it looked.
 */
final class Watching implements Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watching.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(2);

    /** After an event the rounds are short for this long. */
    private static final Duration ACTIVE = Duration.ofMinutes(5);

    /** Rounds between two looks at the list of mailboxes. */
    private static final int ROUNDS_PER_LIST = 8;

    private static final int STATUS_BATCH = 50;

    private final ImapSettings settings;
    private final Supplier<ImapConnection> opener;
    private final BooleanSupplier refused;
    private final Names names;
    private final Consumer<String> listener;
    private final Consumer<Watching> onEnd;

    /** Guards what follows; held for no I/O but the few bytes that end IDLE. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private Set<String> targets;
    private boolean closed;
    private boolean retargeted;
    private @Nullable ImapConnection current;

    // Of the watch's thread alone:
    private final Map<String, Map<String, Long>> counters = new HashMap<>();
    private Set<String> listed = Set.of();
    private long activeUntil;
    private int rounds;
    private boolean idleRefused;

    Watching(
            ImapSettings settings,
            Supplier<ImapConnection> opener,
            BooleanSupplier refused,
            Names names,
            Set<String> targets,
            Consumer<String> listener,
            Consumer<Watching> onEnd) {
        this.settings = settings;
        this.opener = opener;
        this.refused = refused;
        this.names = names;
        this.targets = Set.copyOf(targets);
        this.listener = listener;
        this.onEnd = onEnd;
    }

    void start() {
        Thread.ofVirtual().name("imap-watch").start(this::run);
    }

    @Override
    public void retarget(Set<String> mailboxes) {
        lock.lock();
        try {
            if (targets.equals(mailboxes) || closed) {
                return;
            }
            targets = Set.copyOf(mailboxes);
            retargeted = true;
            changed.signalAll();
            if (current != null) {
                current.endIdle();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            if (current != null) {
                current.abort();
            }
        } finally {
            lock.unlock();
        }
        onEnd.accept(this);
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private Set<String> targets() {
        lock.lock();
        try {
            retargeted = false;
            return targets;
        } finally {
            lock.unlock();
        }
    }

    private boolean isRetargeted() {
        lock.lock();
        try {
            return retargeted || closed;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        var retry = FIRST_RETRY;
        while (!isClosed()) {
            long began = System.nanoTime();
            try (var connection = new Held(opener.get())) {
                if (hold(connection.connection())) {
                    counters.clear();
                    listed = Set.of();
                    watch(connection.connection());
                }
            } catch (ConnectionLostException | BackendUnavailableException e) {
                if (isClosed() || refused.getAsBoolean()) {
                    break;
                }
                LOG.debug("imap watch lost server={} reason={}", settings.place(), e.getMessage());
            } catch (RuntimeException e) {
                // Whatever a server says, phones must go on to hear of new mail.
                LOG.error("imap watch failed server={}: report this as a bug", settings.place(), e);
            } finally {
                hold(null);
            }
            if (System.nanoTime() - began > LAST_RETRY.toNanos()) {
                retry = FIRST_RETRY;
            }
            pause(retry);
            retry = retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
        }
    }

    /** A connection that ends with its block. */
    private record Held(ImapConnection connection) implements AutoCloseable {
        @Override
        public void close() {
            connection.abort();
        }
    }

    private boolean hold(@Nullable ImapConnection connection) {
        lock.lock();
        try {
            current = connection;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Waits between half the time and all of it, so that not all accounts come back at once. */
    private void pause(Duration time) {
        long half = time.toNanos() / 2;
        long left = half + ThreadLocalRandom.current().nextLong(half + 1);
        lock.lock();
        try {
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Until the connection ends. NOTIFY (RFC 5465) will take the place of the rest of this method where it is offered. */
    private void watch(ImapConnection connection) throws ConnectionLostException {
        var told = new HashSet<String>();
        while (!isClosed()) {
            var watched = targets();
            var focus = focus(watched);
            var others = new ArrayList<>(watched);
            others.remove(focus);
            if (focus == null) {
                connection.deselected();
            } else if (!connection.hasSelected(focus)
                    && !connection.examine(focus, names.quoted(focus)).isOk()) {
                tell("");
                tell(focus);
                others.add(focus);
                focus = null;
            }
            counters.keySet().retainAll(others);
            round(connection, others);
            told.retainAll(watched);
            for (String mailbox : watched) {
                if (told.add(mailbox)) {
                    tell(mailbox);
                }
            }
            while (!isRetargeted()) {
                await(connection, focus, others.isEmpty() ? settings.idleRenewal() : interval());
                if (!isRetargeted()) {
                    round(connection, others);
                }
                if (focus != null && !connection.hasSelected(focus)) {
                    break;
                }
            }
        }
    }

    private static @Nullable String focus(Set<String> watched) {
        if (watched.isEmpty()) {
            return null;
        }
        return watched.contains("INBOX")
                ? "INBOX"
                : watched.stream().sorted().findFirst().orElseThrow();
    }

    private Duration interval() {
        return System.nanoTime() < activeUntil
                ? settings.statusRound()
                : settings.statusRound().multipliedBy(4);
    }

    private void tell(String mailbox) {
        if (isClosed()) {
            return;
        }
        activeUntil = System.nanoTime() + ACTIVE.toNanos();
        try {
            listener.accept(mailbox);
        } catch (RuntimeException e) {
            // The watch must outlive it: other mailboxes are watched too.
            LOG.warn("imap watch listener failed: report this as a bug", e);
        }
    }

    /** Waits this long, or until it is interrupted by a change of targets; tells of what happens in the focus meanwhile. */
    private void await(ImapConnection connection, @Nullable String focus, Duration time)
            throws ConnectionLostException {
        long end = System.nanoTime() + time.toNanos();
        var heard = new boolean[1];
        Consumer<ServerLine> ear = line -> heard[0] |= isEvent(line);
        if (focus == null || idleRefused || !connection.can("IDLE")) {
            sleep(Math.min(time.toNanos(), settings.statusRound().toNanos()));
            if (focus != null && !isRetargeted()) {
                connection.command("NOOP", ear).orUnavailable("NOOP");
                if (heard[0]) {
                    tell(focus);
                }
            }
            return;
        }
        if (!connection.startIdle(ear)) {
            idleRefused = true; // offered and not meant: NOOP does it too
            return;
        }
        if (isRetargeted()) {
            connection.endIdle();
        }
        boolean ending = false;
        while (true) {
            if (heard[0]) {
                heard[0] = false;
                tell(focus);
                // A short round from now on, if this was a long one.
                end = Math.min(end, System.nanoTime() + settings.statusRound().toNanos());
            }
            long left = end - System.nanoTime();
            if (left <= 0 && !ending) {
                connection.endIdle();
                ending = true;
            }
            var wait = ending ? settings.readTimeout() : Duration.ofNanos(left);
            switch (connection.awaitIdle(wait, ear)) {
                case ENDED -> {
                    if (heard[0]) {
                        tell(focus);
                    }
                    return;
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

    private static boolean isEvent(ServerLine line) {
        return switch (line.about()) {
            case "EXISTS", "EXPUNGE", "VANISHED", "FETCH" -> true;
            default -> false;
        };
    }

    private void sleep(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && !retargeted && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Compares the counters of the other mailboxes with those of the last round, and now and then the list of them. */
    private void round(ImapConnection connection, List<String> others) throws ConnectionLostException {
        var now = status(connection, others);
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
        if (rounds++ % ROUNDS_PER_LIST == 0) {
            var entries = new HashSet<String>();
            new MailboxList(connection, names).list("\"\" \"*\"").forEach(entry -> entries.add(entry.name()));
            if (!listed.isEmpty() && !listed.equals(entries)) {
                tell("");
            }
            listed = entries;
        }
    }

    private Map<String, Map<String, Long>> status(ImapConnection connection, List<String> mailboxes)
            throws ConnectionLostException {
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
