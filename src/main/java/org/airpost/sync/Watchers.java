package org.airpost.sync;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch for each account with waiting devices, shared by them: an event refreshes the view once, then every listener of
 * that folder is told. A watch stays for two minutes after its last listener has left, since phones come back.
 */
public final class Watchers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Watchers.class);
    private static final Duration KEPT = Duration.ofMinutes(2);

    /** Pauses between tries to tell of a mailbox that cannot be looked at; the last one again and again. */
    private static final List<Duration> PAUSES = List.of(
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofMinutes(1),
            Duration.ofMinutes(2));

    private final Views views;
    private final InstantSource clock;

    /** By account and not by user: after a change of password the account of before is closed, and its watch with it. */
    private final ConcurrentHashMap<MailAccount, UserWatch> users = new ConcurrentHashMap<>();

    private final AtomicLong lastMark = new AtomicLong();

    public Watchers(Views views, InstantSource clock) {
        this.views = views;
        this.clock = clock;
        views.trust(this::mark);
    }

    private OptionalLong mark(MailAccount mail, String mailbox) {
        var watch = users.get(mail);
        return watch == null ? OptionalLong.empty() : watch.mark(mailbox);
    }

    /** Somebody who waits for changes. Called on virtual threads, possibly several at once. */
    public interface Listener {

        /** Something may have changed in a folder; its view is fresh. */
        void changed(Folder folder);

        /** The same, and by {@code nanoTime} when it was heard of, if that is known. */
        default void changed(Folder folder, OptionalLong heardAt) {
            changed(folder);
        }

        /** The list of mailboxes may have changed. */
        void hierarchyChanged();
    }

    /** A listener's place; closing it ends the listening. Never blocks. */
    public interface Registration extends AutoCloseable {

        @Override
        void close();
    }

    /** Listens for changes in folders of an account until the registration is closed. */
    public Registration listen(Account account, Collection<Folder> folders, Listener listener) {
        while (true) {
            var watch = users.computeIfAbsent(account.mail(), _ -> new UserWatch(account));
            var registration = watch.join(List.copyOf(folders), listener);
            if (registration.isPresent()) {
                return registration.get();
            }
            users.remove(account.mail(), watch);
        }
    }

    /** Has the waiting devices of a user look at a mailbox: something has changed in what they are to be told. */
    public void poke(String user, String mailbox) {
        users.values().stream()
                .filter(watch -> watch.account.user().equals(user))
                .forEach(watch -> watch.event(mailbox));
    }

    /** Ends the watches that nobody has listened to for a while; called from time to time. */
    public void tidy() {
        users.forEach((mail, watch) -> {
            if (watch.endIfUnused(clock.instant().minus(KEPT))) {
                users.remove(mail, watch);
            }
        });
    }

    /** Accounts with a watch. */
    public int watched() {
        return users.size();
    }

    @Override
    public void close() {
        users.values().forEach(UserWatch::end);
        users.clear();
    }

    /** The watch of one account. */
    private final class UserWatch {
        private final Account account;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final ReentrantLock targeting = new ReentrantLock();
        private final Map<Object, Seat> seats = new HashMap<>();
        private final Set<String> dirty = new LinkedHashSet<>();

        /** Since when, by {@code nanoTime}, there is something to tell of a mailbox. */
        private final Map<String, Long> heard = new HashMap<>();

        /** Of which it could not be told yet; one that something is heard of is dirty too, and tried at once. */
        private final Map<String, Retry> retries = new HashMap<>();

        /** Of which something was heard while nobody listened. */
        private final Set<String> untold = new HashSet<>();

        private final ConcurrentHashMap<String, Long> marks = new ConcurrentHashMap<>();
        private volatile long markOfAll = lastMark.incrementAndGet();
        private volatile Optional<MailAccount.Watch> watch = Optional.empty();
        private Set<String> watched = Set.of();
        private Instant unusedSince = Instant.MAX;
        private boolean pumping;
        private volatile boolean ended;

        private record Seat(List<Folder> folders, Listener listener) {}

        /** How often a mailbox failed since it was told of last, and when by {@code nanoTime} it is tried again. */
        private record Retry(int failures, long due) {}

        UserWatch(Account account) {
            this.account = account;
        }

        Optional<Registration> join(List<Folder> folders, Listener listener) {
            var token = new Object();
            lock.lock();
            try {
                if (ended) {
                    return Optional.empty();
                }
                seats.put(token, new Seat(folders, listener));
                unusedSince = Instant.MAX;
            } finally {
                lock.unlock();
            }
            try {
                retarget();
            } catch (RuntimeException e) {
                leave(token);
                throw e;
            }
            tellUntold(folders);
            return Optional.of(() -> leave(token));
        }

        private void leave(Object token) {
            lock.lock();
            try {
                if (seats.remove(token) != null && seats.isEmpty()) {
                    unusedSince = clock.instant();
                }
            } finally {
                lock.unlock();
            }
        }

        /**
         * Watches what the seats ask for; what nobody asks for any more stays watched until the watch ends. The server may be
         * spoken to under {@code targeting}, never under {@code lock}, which the event loop takes when a phone goes away.
         */
        private void retarget() {
            targeting.lock();
            try {
                var wanted = wanted();
                if (watch.isEmpty()) {
                    watch = Optional.of(account.mail().watch(wanted, this::event));
                } else if (!wanted.equals(watched)) {
                    watch.get().retarget(wanted);
                }
                watched = wanted;
                if (ended) {
                    watch.ifPresent(MailAccount.Watch::close);
                }
            } finally {
                targeting.unlock();
            }
        }

        private Set<String> wanted() {
            var wanted = new LinkedHashSet<>(watched);
            lock.lock();
            try {
                seats.values().forEach(seat -> seat.folders().forEach(folder -> wanted.add(folder.mailbox())));
            } finally {
                lock.unlock();
            }
            return wanted;
        }

        boolean endIfUnused(Instant before) {
            lock.lock();
            try {
                if (!seats.isEmpty() || !unusedSince.isBefore(before)) {
                    return false;
                }
                ended = true;
            } finally {
                lock.unlock();
            }
            end();
            return true;
        }

        void end() {
            lock.lock();
            try {
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            targeting.lock();
            try {
                watch.ifPresent(MailAccount.Watch::close);
                watch = Optional.empty();
            } finally {
                targeting.unlock();
            }
        }

        /** What came between the last look of a phone and its coming here is for it too. */
        private void tellUntold(List<Folder> folders) {
            var missed = new ArrayList<String>();
            lock.lock();
            try {
                if (untold.remove("")) {
                    missed.add("");
                }
                folders.stream().map(Folder::mailbox).filter(untold::remove).forEach(missed::add);
            } finally {
                lock.unlock();
            }
            missed.forEach(this::tellLater);
        }

        /** The mark of a mailbox, if a change of it would have been heard. */
        OptionalLong mark(String mailbox) {
            // First whether it is covered: what the watch covers it has told of before.
            return watch.filter(there -> !ended && there.covers(mailbox)).isPresent()
                    ? OptionalLong.of(Math.max(markOfAll, marks.getOrDefault(mailbox, 0L)))
                    : OptionalLong.empty();
        }

        private void event(String mailbox) {
            lock.lock(); // or a mark could be noted after a greater one, and change nothing
            try {
                if (mailbox.isEmpty()) {
                    markOfAll = lastMark.incrementAndGet();
                } else {
                    marks.put(mailbox, lastMark.incrementAndGet());
                }
                heard.putIfAbsent(mailbox, System.nanoTime());
                tellLater(mailbox);
            } finally {
                lock.unlock();
            }
        }

        private void tellLater(String mailbox) {
            lock.lock();
            try {
                if (ended || !dirty.add(mailbox)) {
                    return;
                }
                if (pumping) {
                    changed.signalAll();
                } else {
                    pumping = true;
                    Thread.ofVirtual().name("events of " + account.user()).start(this::pump);
                }
            } finally {
                lock.unlock();
            }
        }

        private void pump() {
            for (var next = next(); next.isPresent(); next = next()) {
                var mailbox = next.get();
                try {
                    tell(mailbox);
                    told(mailbox);
                } catch (BackendUnavailableException | StoreException e) {
                    notTold(mailbox, e);
                } catch (RuntimeException e) {
                    // Whatever it is, the events after this one are still to be told.
                    LOG.error("event not told user={}: report this as a bug", account.user(), e);
                    told(mailbox);
                }
            }
        }

        /** Waits for the next mailbox to tell of; empty if there is none left, which ends the thread. */
        private Optional<String> next() {
            lock.lock();
            try {
                while (!ended) {
                    long now = System.nanoTime();
                    long left = Long.MAX_VALUE;
                    for (var retry : retries.entrySet()) {
                        long pause = retry.getValue().due() - now;
                        if (pause <= 0) {
                            dirty.add(retry.getKey());
                        }
                        left = Math.min(left, pause);
                    }
                    var first = dirty.stream().findFirst();
                    if (first.isPresent()) {
                        dirty.remove(first.get());
                        return first;
                    }
                    if (retries.isEmpty()) {
                        break;
                    }
                    changed.awaitNanos(left);
                }
                pumping = false;
                return Optional.empty();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                ended = true; // nobody interrupts but who ends it all
                return Optional.empty();
            } finally {
                lock.unlock();
            }
        }

        private void told(String mailbox) {
            lock.lock();
            try {
                retries.remove(mailbox);
            } finally {
                lock.unlock();
            }
        }

        /** It is tried again after a pause: no event is lost while somebody waits for it, and the others are told meanwhile. */
        private void notTold(String mailbox, RuntimeException why) {
            lock.lock();
            try {
                var before = retries.get(mailbox);
                if (before != null && before.due() - System.nanoTime() > 0) {
                    return; // it was tried early since something was heard: that makes no pause longer
                }
                int failures = before == null ? 0 : before.failures();
                var pause = PAUSES.get(Math.min(failures, PAUSES.size() - 1));
                retries.put(mailbox, new Retry(failures + 1, System.nanoTime() + pause.toNanos()));
                if (failures < PAUSES.size()) {
                    LOG.warn(
                            "event not told yet user={} again_s={} reason={}",
                            account.user(),
                            pause.toMillis() / 1000.0,
                            why.getMessage());
                }
            } finally {
                lock.unlock();
            }
        }

        /** Tells all who want to know; if one could not be told, the others have been. */
        private void tell(String mailbox) {
            var since = takeHeard(mailbox);
            try {
                tell(mailbox, since);
            } catch (RuntimeException e) {
                since.ifPresent(moment -> putBack(mailbox, moment));
                throw e;
            }
        }

        private OptionalLong takeHeard(String mailbox) {
            lock.lock();
            try {
                var moment = heard.remove(mailbox);
                return moment == null ? OptionalLong.empty() : OptionalLong.of(moment);
            } finally {
                lock.unlock();
            }
        }

        private void putBack(String mailbox, long moment) {
            lock.lock();
            try {
                heard.put(mailbox, moment);
            } finally {
                lock.unlock();
            }
        }

        private void tell(String mailbox, OptionalLong since) {
            if (!mailbox.isEmpty()) {
                var folder = folderOf(mailbox);
                if (folder.isEmpty()) {
                    return;
                }
                views.refresh(account, folder.get());
            }
            // Read after the refresh: who has come meanwhile may have judged by the view of before.
            var told = calls(mailbox, since);
            Optional<RuntimeException> failure = Optional.empty();
            for (var call : told) {
                try {
                    call.run();
                } catch (BackendUnavailableException | StoreException e) {
                    failure = Optional.of(e);
                }
            }
            if (failure.isPresent()) {
                throw failure.get();
            }
        }

        /** The folder that somebody listens to; if nobody does, the next one who comes is told. */
        private Optional<Folder> folderOf(String mailbox) {
            lock.lock();
            try {
                var folder = seats.values().stream()
                        .flatMap(seat -> seat.folders().stream())
                        .filter(one -> one.mailbox().equals(mailbox))
                        .findFirst();
                if (folder.isEmpty()) {
                    untold.add(mailbox);
                }
                return folder;
            } finally {
                lock.unlock();
            }
        }

        /** The calls to all who listen to a mailbox; if nobody does, the next one who comes is told. */
        private List<Runnable> calls(String mailbox, OptionalLong since) {
            var calls = new ArrayList<Runnable>();
            lock.lock();
            try {
                for (var seat : seats.values()) {
                    if (mailbox.isEmpty()) {
                        calls.add(seat.listener()::hierarchyChanged);
                    }
                    for (var folder : seat.folders()) {
                        if (folder.mailbox().equals(mailbox)) {
                            calls.add(() -> seat.listener().changed(folder, since));
                        }
                    }
                }
                if (calls.isEmpty()) {
                    untold.add(mailbox);
                }
            } finally {
                lock.unlock();
            }
            return calls;
        }
    }
}
