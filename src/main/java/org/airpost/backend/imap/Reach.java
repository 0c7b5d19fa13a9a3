package org.airpost.backend.imap;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Whether a server can be reached. While it cannot, and somebody pauses before the next try, one connection a second is
 * tried; once one is made all who pause are told when to come: soon, but not all in the same moment.
 */
final class Reach {

    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final Duration LEAST_SPREAD = Duration.ofSeconds(1);

    /** For each of many who come back. */
    private static final Duration SPREAD_EACH = Duration.ofMillis(2);

    /** A server that comes and goes does not end pauses again and again: who pauses comes as long after the last ones. */
    private static final Duration BETWEEN = Duration.ofSeconds(10);

    private final Runnable probe;
    private final Set<Consumer<Duration>> pausing = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean probing = new AtomicBoolean();
    private final AtomicBoolean down = new AtomicBoolean();

    /** When those who paused were last told to come; it may be yet to be. */
    private volatile long calledAt = System.nanoTime() - BETWEEN.toNanos();

    /**
     * A server that is believed to be there.
     *
     * @param probe makes a connection, which is told here as any other one, or throws
     */
    Reach(Runnable probe) {
        this.probe = probe;
    }

    /** A connection could not be made. */
    void failed() {
        down.set(true);
        start();
    }

    /** A connection was made. */
    void made() {
        long now = System.nanoTime();
        if (!down.compareAndSet(true, false)) {
            return;
        }
        long since = now - calledAt;
        // Those who were told to come later and have not come yet are joined.
        long wait = since < 0 ? -since : Math.max(0, BETWEEN.toNanos() - since);
        calledAt = now + wait;
        long spread = Math.max(
                LEAST_SPREAD.toNanos(), SPREAD_EACH.multipliedBy(pausing.size()).toNanos());
        for (var one : pausing) {
            one.accept(Duration.ofNanos(wait + ThreadLocalRandom.current().nextLong(spread)));
        }
    }

    /** Somebody who pauses and may be told, on any thread, to come after a time; the end of the pause is to be told. */
    void pauses(Consumer<Duration> come) {
        pausing.add(come);
        start();
    }

    void pausesNoMore(Consumer<Duration> come) {
        pausing.remove(come);
    }

    private boolean isNeeded() {
        return down.get() && !pausing.isEmpty();
    }

    private void start() {
        if (isNeeded() && probing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("imap-probe").start(this::run);
        }
    }

    private void run() {
        do {
            while (isNeeded()) {
                LockSupport.parkNanos(PROBE.toNanos());
                try {
                    probe.run();
                } catch (RuntimeException _) {
                    // It is not back yet.
                }
            }
            probing.set(false);
            // Somebody may have come between the last look and the line above, and seen a running probe.
        } while (isNeeded() && probing.compareAndSet(false, true));
    }
}
