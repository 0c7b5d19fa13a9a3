package org.airpost.sync;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * One life of the gateway: all that it does to the outside goes through here, is counted, and may fail or be its last. After
 * that nothing of it reaches the outside any more, as after {@code kill -9}.
 */
final class Life {

    /** The process is gone. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /** What goes wrong at a call. */
    enum How {
        FAILS_BEFORE,
        FAILS_AFTER,
        DIES_BEFORE,
        DIES_AFTER,
        /** The mailbox is away from that call on. */
        AWAY;

        boolean isBefore() {
            return this != FAILS_AFTER && this != DIES_AFTER;
        }

        boolean isDeath() {
            return this == DIES_BEFORE || this == DIES_AFTER;
        }
    }

    /** What goes wrong, and at which call from now on, the first one being number 1. */
    record Mishap(int call, How how) {}

    private final List<Mishap> mishaps = new ArrayList<>();
    private BiConsumer<Mishap, Boolean> atMishap = (mishap, isCutOff) -> {};
    private int calls;
    private boolean dead;
    private Optional<Thread> watched = Optional.empty();
    private int watchedCalls;

    /** Plans what goes wrong from now on. {@code atMishap} is told when it does, and whether it cuts off what is watched. */
    synchronized void plan(List<Mishap> planned, BiConsumer<Mishap, Boolean> atMishap) {
        mishaps.clear();
        planned.forEach(mishap -> mishaps.add(new Mishap(calls + mishap.call(), mishap.how())));
        this.atMishap = atMishap;
        watchedCalls = 0;
    }

    /** From now on it is watched whether this thread comes to the end of this call and of the next one. */
    synchronized void watch() {
        watched = Optional.of(Thread.currentThread());
        watchedCalls = 2;
    }

    synchronized boolean isDead() {
        return dead;
    }

    /** The same thing as this life reaches it. */
    <T> T reached(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    int call = begin();
                    strike(type, call, true);
                    Object result;
                    try {
                        result = method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    end();
                    strike(type, call, false);
                    return result;
                }));
    }

    private synchronized void end() {
        if (watchedCalls > 0 && isWatched()) {
            watchedCalls--;
        }
    }

    private boolean isWatched() {
        return watched.filter(Thread.currentThread()::equals).isPresent();
    }

    private void tell(Mishap mishap) {
        boolean isCutOff = watchedCalls > 0 && (mishap.how().isDeath() || isWatched());
        if (isCutOff) {
            watchedCalls = 0;
        }
        atMishap.accept(mishap, isCutOff);
    }

    private synchronized int begin() {
        if (dead) {
            throw new Killed();
        }
        return ++calls;
    }

    private synchronized void strike(Class<?> type, int call, boolean before) {
        if (dead) {
            throw new Killed(); // somebody else died while this call was under way
        }
        for (var mishap : mishaps) {
            boolean isNow = mishap.how() == How.AWAY ? call >= mishap.call() : call == mishap.call();
            if (!isNow || mishap.how().isBefore() != before) {
                continue;
            }
            if (mishap.how().isDeath()) {
                dead = true;
                tell(mishap);
                throw new Killed();
            }
            if (type == Store.class && mishap.how() != How.AWAY) {
                tell(mishap);
                throw new StoreException("the disk is full");
            }
            if (type == MailAccount.class) {
                tell(mishap);
                throw new BackendUnavailableException("the connection is lost", Duration.ofSeconds(1));
            }
        }
    }
}
