package org.airpost.backend.imap;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after all connections to one server, once a second: aborts those whose command has passed its deadline in a way
 * that no read timeout sees (a write that blocks, a handshake that drips) and those of which nothing has come for too long,
 * and lets pools close what they do not use. Its thread lives only while there is something to look after.
 */
final class Sweeper {

    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);

    private static final Duration ROUND = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Set<Transport> transports = ConcurrentHashMap.newKeySet();
    private final Set<Pool> pools = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean running = new AtomicBoolean();
    private final Runnable each;

    /** Does this in each round too. */
    Sweeper(Runnable each) {
        this.each = each;
    }

    void add(Transport transport) {
        transports.add(transport);
        start();
    }

    void remove(Transport transport) {
        transports.remove(transport);
    }

    void add(Pool pool) {
        pools.add(pool);
        start();
    }

    void remove(Pool pool) {
        pools.remove(pool);
    }

    private void start() {
        if (running.compareAndSet(false, true)) {
            Thread.ofVirtual().name("imap-sweeper").start(this::run);
        }
    }

    private void run() {
        do {
            while (!transports.isEmpty()) {
                LockSupport.parkNanos(ROUND.toNanos());
                long now = System.nanoTime();
                try {
                    transports.removeIf(transport -> transport.abortIfOverdue(now, GRACE));
                    pools.forEach(Pool::closeUnused);
                    each.run();
                } catch (RuntimeException e) {
                    // One connection that cannot be swept must not keep the others from it.
                    LOG.error("sweep failed: report this as a bug", e);
                }
            }
            running.set(false);
            // Somebody may have come between the last look and the line above, and seen a running sweeper.
        } while (!transports.isEmpty() && running.compareAndSet(false, true));
    }
}
