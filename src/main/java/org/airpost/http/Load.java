package org.airpost.http;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the requests under way, those that are held left out. */
final class Load {

    private volatile int most;
    private final AtomicInteger underWay = new AtomicInteger();

    Load(int most) {
        this.most = most;
    }

    /** Allows another number from now on. */
    void most(int other) {
        most = other;
    }

    /** Counts a new request, unless there are too many already. */
    boolean tryEnter() {
        if (underWay.incrementAndGet() > most) {
            underWay.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Counts a request that was held and goes on. It was promised an answer, so there is no limit. */
    void enter() {
        underWay.incrementAndGet();
    }

    void leave() {
        underWay.decrementAndGet();
    }

    int underWay() {
        return underWay.get();
    }
}
