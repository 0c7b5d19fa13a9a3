package org.airpost.command;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.airpost.backend.Account;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.sync.Folder;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.News;
import org.airpost.sync.Waiters;
import org.airpost.sync.Watchers;

/**
 * Holds the requests of phones that wait for news in folders: Ping, and Sync with a Wait. A held request is a record and a
 * place at the user's watcher, no thread. It ends when a folder has news for this device, when the hierarchy has changed,
 * when its time is over, or when the device sends another request.
 */
public final class FolderWaits {

    /** Answered this much before the phone stops to listen (PG-12). */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    private final Watchers watchers;
    private final Waiters waiters;
    private final News news;
    private final Hierarchy hierarchy;
    private final InstantSource clock;

    public FolderWaits(Watchers watchers, Waiters waiters, News news, Hierarchy hierarchy, InstantSource clock) {
        this.watchers = watchers;
        this.waiters = waiters;
        this.news = news;
        this.hierarchy = hierarchy;
        this.clock = clock;
    }

    /** How a wait ends. */
    sealed interface Ending {

        /**
         * These folders have news.
         *
         * @param isSuperseded true once a newer request of the device has come: then nothing may be written any more
         */
        record News(List<Folder> folders, BooleanSupplier isSuperseded) implements Ending {}

        record HierarchyChanged() implements Ending {}

        /** Nothing happened: the time is over, or the device sent another request. */
        record Nothing() implements Ending {}
    }

    /** Ends the held request of a device, since another request of it has come. */
    void supersede(DeviceKey device) {
        waiters.supersede(device);
    }

    /** Holds a request. The end gives the answer, or nothing if it is worth waiting on. */
    Answer hold(Request request, List<Folder> folders, Duration heartbeat, Function<Ending, Optional<Answer>> end) {
        var limit = heartbeat.minus(MARGIN);
        var waiting = new Held(request, folders, clock.instant().plus(limit), end);
        return new Answer.Held(limit, waiting);
    }

    private final class Held implements Answer.Waiter, Waiters.Waiting, Watchers.Listener {

        private final Account account;
        private final DeviceKey device;
        private final ProtocolVersion version;
        private final List<Folder> folders;
        private final Instant until;
        private final Function<Ending, Optional<Answer>> end;
        private final Set<Folder> withNews = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean hierarchyChanged = new AtomicBoolean();
        private final AtomicBoolean superseded = new AtomicBoolean();
        private volatile boolean released;
        private volatile OptionalLong heard = OptionalLong.empty();
        private volatile Runnable wake = () -> {};
        private final AtomicReference<Optional<Watchers.Registration>> place = new AtomicReference<>(Optional.empty());

        Held(Request request, List<Folder> folders, Instant until, Function<Ending, Optional<Answer>> end) {
            this.account = request.account();
            this.device = request.device();
            this.version = request.version();
            this.folders = List.copyOf(new LinkedHashSet<>(folders));
            this.until = until;
            this.end = end;
        }

        @Override
        public void start(Runnable wakeUp) {
            wake = wakeUp;
            if (released) {
                return;
            }
            if (superseded.get()) {
                // A newer request came while this one looked for news: it is not to be ended by the older one.
                wakeUp.run();
                return;
            }
            try {
                enter();
            } catch (RuntimeException e) {
                // The exception becomes the answer, and nobody waits any more.
                release();
                throw e;
            }
        }

        private void enter() {
            waiters.enter(device, this);
            place.getAndSet(Optional.of(watchers.listen(account, folders, this)))
                    .ifPresent(Watchers.Registration::close);
            if (released) {
                // The phone went away while this was being set up.
                release();
                return;
            }
            // What happened between the last look and the first event of the watch.
            for (var folder : folders) {
                changed(folder);
            }
            if (hierarchy.hasKnownNews(device, account)) {
                hierarchyChanged.set(true);
                wake.run();
            }
        }

        @Override
        public Answer finish(Answer.Ending how) {
            if (how != Answer.Ending.WOKEN || superseded.get()) {
                return answer(new Ending.Nothing());
            }
            if (hierarchyChanged.get()) {
                return answer(new Ending.HierarchyChanged());
            }
            var found = List.copyOf(withNews);
            withNews.clear();
            Optional<Answer> answer;
            try {
                answer = end.apply(new Ending.News(found, superseded::get));
            } catch (RuntimeException e) {
                // The exception becomes the answer, and nobody waits any more.
                release();
                throw e;
            }
            if (answer.isPresent()) {
                release();
            }
            return answer.orElseGet(this::again);
        }

        private Answer answer(Ending ending) {
            release();
            return end.apply(ending).orElseGet(Answer.Empty::new);
        }

        private Answer again() {
            var left = Duration.between(clock.instant(), until);
            return left.isPositive() ? new Answer.Held(left, this) : answer(new Ending.Nothing());
        }

        @Override
        public void cancel() {
            release();
        }

        private void release() {
            released = true;
            waiters.leave(device, this);
            place.getAndSet(Optional.empty()).ifPresent(Watchers.Registration::close);
        }

        @Override
        public void supersede() {
            superseded.set(true);
            wake.run();
        }

        @Override
        public OptionalLong heard() {
            return superseded.get() ? OptionalLong.empty() : heard;
        }

        @Override
        public void changed(Folder folder) {
            changed(folder, OptionalLong.empty());
        }

        @Override
        public void changed(Folder folder, OptionalLong heardAt) {
            if (news.in(device, version, account, folder)) {
                heard = heardAt;
                withNews.add(folder);
                wake.run();
            }
        }

        @Override
        public void hierarchyChanged() {
            if (hierarchy.hasNews(device, account)) {
                hierarchyChanged.set(true);
                wake.run();
            }
        }
    }
}
