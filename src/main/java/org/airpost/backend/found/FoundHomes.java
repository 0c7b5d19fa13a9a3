package org.airpost.backend.found;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Home;
import org.airpost.backend.found.ServerLookup.Found;
import org.airpost.backend.found.ServerLookup.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The homes of domains whose servers are found, remembered for a while. */
public final class FoundHomes implements Home.Finder {

    private static final Logger LOG = LoggerFactory.getLogger(FoundHomes.class);
    private static final int MOST = 10_000;
    private static final int AT_ONCE = 32;
    private static final Duration RETRY = Duration.ofSeconds(20);

    /** What may stand in a question to a name server and in the address of a file. */
    private static final Pattern DOMAIN = Pattern.compile("[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})+");

    /** Homes live longer than what is remembered, so that their connections need not be made anew. */
    private static final Duration KEPT = Duration.ofHours(2);

    /**
     * Which domains, and for how long.
     *
     * @param domains those that are looked up, in lower case; {@code *} for any
     * @param remember how long an outcome is believed
     * @param timeout how long somebody waits for a look, another's or the own, until its last question
     */
    public record Settings(List<String> domains, Duration remember, Duration timeout) {

        public Settings {
            domains = List.copyOf(domains);
        }
    }

    /** What was found, when, and the servers made of it; for {@code found} empty those of everybody. */
    private record Known(Optional<Found> found, Home home, Instant at) {}

    private final ServerLookup lookup;
    private final Home everybody;
    private final BiFunction<String, Found, Home> maker;
    private final Settings settings;
    private final Set<String> named;
    private final InstantSource clock;
    private final Semaphore looks = new Semaphore(AT_ONCE);
    private final Cache<String, Known> known =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(KEPT).build();
    private final Cache<String, ReentrantLock> turns =
            Caffeine.newBuilder().weakValues().build();

    /** Makes homes of what is found; {@code everybody} serves domains of which nothing is. */
    public FoundHomes(
            ServerLookup lookup,
            Home everybody,
            BiFunction<String, Found, Home> maker,
            Settings settings,
            InstantSource clock) {
        this.lookup = lookup;
        this.everybody = everybody;
        this.maker = maker;
        this.settings = settings;
        this.named = Set.copyOf(settings.domains());
        this.clock = clock;
    }

    @Override
    public Home of(String domain) {
        boolean asked = named.contains(domain) || named.contains("*");
        if (!asked || !DOMAIN.matcher(domain).matches()) {
            return everybody;
        }
        return fresh(domain).orElseGet(() -> look(domain)).home();
    }

    private Optional<Known> fresh(String domain) {
        return Optional.ofNullable(known.getIfPresent(domain))
                .filter(its -> its.at().plus(settings.remember()).isAfter(clock.instant()));
    }

    /**
     * One look for all that ask for a domain at a time. Strangers can make us look for domains of theirs, so a domain that is
     * known does not wait for them, nor for a look that is under way: what was true is likelier still true.
     */
    private Known look(String domain) {
        long end = System.nanoTime() + settings.timeout().toNanos();
        var before = Optional.ofNullable(known.getIfPresent(domain));
        var turn = turns.get(domain, _ -> new ReentrantLock());
        boolean mine = false;
        boolean may = false;
        try {
            mine = before.isPresent() ? turn.tryLock() : turn.tryLock(left(end), TimeUnit.NANOSECONDS);
            may = mine && (before.isPresent() ? looks.tryAcquire() : looks.tryAcquire(left(end), TimeUnit.NANOSECONDS));
            if (!may) {
                return before.orElseThrow(() ->
                        new BackendUnavailableException("too many look for the servers of domains at a time", RETRY));
            }
            return fresh(domain).orElseGet(() -> ask(domain, end));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendUnavailableException("interrupted in looking for the servers of " + domain, RETRY);
        } finally {
            if (may) {
                looks.release();
            }
            if (mine) {
                turn.unlock();
            }
        }
    }

    private static long left(long end) {
        return Math.max(0, end - System.nanoTime());
    }

    private Known ask(String domain, long end) {
        var before = Optional.ofNullable(known.getIfPresent(domain));
        return switch (lookup.find(domain, !named.contains(domain), Duration.ofNanos(left(end)))) {
            case Result.Servers(var found) -> {
                var same = before.filter(its -> its.found().equals(Optional.of(found)));
                if (same.isEmpty()) {
                    LOG.info(
                            "servers found domain={} imap={}:{} smtp={}:{}",
                            domain,
                            found.imap().host(),
                            found.imap().port(),
                            found.smtp().host(),
                            found.smtp().port());
                }
                yield remember(
                        domain, Optional.of(found), same.map(Known::home).orElseGet(() -> maker.apply(domain, found)));
            }
            case Result.None() -> remember(domain, Optional.empty(), everybody);
            case Result.Failed(var why) -> {
                LOG.warn("servers not found domain={} why=\"{}\"; is the name server there?", domain, why);
                // What was true is likelier still true than that mail is nowhere.
                yield before.filter(its -> its.found().isPresent())
                        .orElseThrow(() -> new BackendUnavailableException(
                                "the servers of %s cannot be found now: %s".formatted(domain, why), RETRY));
            }
        };
    }

    private Known remember(String domain, Optional<Found> found, Home home) {
        var now = new Known(found, home, clock.instant());
        known.put(domain, now);
        return now;
    }
}
