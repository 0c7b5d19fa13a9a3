package org.airpost.http;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.airpost.command.Answer;
import org.airpost.command.Answer.Ending;
import org.airpost.command.Answer.Waiter;

/**
 * A request that is held: one waiter, or several one after another when they wake for nothing. Each wait ends once,
 * whichever comes first of its wake, its time, the server's end and the phone's leaving. While it waits there is no thread.
 */
final class HeldRequest {

    /** The other side of the wait. */
    interface Host {

        /** A wait has begun: call {@link #end} when this time has passed, from another thread. */
        void parked(HeldRequest held, Duration limit);

        /** A wait has ended: call {@link #finish} on a virtual thread. Called on any thread. */
        void ended(HeldRequest held, Ending how);

        /** The phone went away before the answer. Called on any thread. */
        void gone();

        /** True once the server stops. */
        boolean isStopping();
    }

    private enum State {
        /** The waiter's start is running. */
        STARTING,
        /** It woke while its start was running. */
        WOKEN_EARLY,
        WAITING,
        FINISHING,
        GONE
    }

    private final Host host;

    /** Never held while a waiter is called: a waiter may call us under a lock of its own. */
    private final ReentrantLock lock = new ReentrantLock();

    private State state = State.FINISHING;
    private Optional<Waiter> waiter = Optional.empty();

    /** A request that is about to be held; from now on {@link #gone} is to be called if the phone leaves. */
    HeldRequest(Host host) {
        this.host = host;
    }

    /** The answer if there is one already; empty if it is held, or the phone went away. On a virtual thread. */
    Optional<Answer> settle(Answer first) {
        var answer = first;
        while (answer instanceof Answer.Held held) {
            var ending = begin(held);
            if (ending.isEmpty()) {
                return Optional.empty();
            }
            answer = finishOnce(held.waiter(), ending.get());
        }
        return Optional.of(answer);
    }

    /** The answer after a wait ended; empty if it is held again, or the phone went away. On a virtual thread. */
    Optional<Answer> finish(Ending how) {
        return settle(finishOnce(waiter.orElseThrow(), how));
    }

    private static Answer finishOnce(Waiter waiter, Ending how) {
        var answer = waiter.finish(how);
        if (how == Ending.SHUTDOWN && answer instanceof Answer.Held held) {
            // There is no time to wait again; the phone comes back to whoever is there then.
            held.waiter().cancel();
            return new Answer.Http(503, Map.of("Retry-After", "5"));
        }
        return answer;
    }

    /** Starts to wait; how it ended if it did at once. */
    private Optional<Ending> begin(Answer.Held held) {
        boolean gone;
        lock.lock();
        try {
            gone = state == State.GONE;
            if (!gone) {
                state = State.STARTING;
                waiter = Optional.of(held.waiter());
            }
        } finally {
            lock.unlock();
        }
        if (gone) {
            held.waiter().cancel();
            return Optional.empty();
        }
        try {
            held.waiter().start(this::wake);
        } catch (RuntimeException e) {
            // The exception becomes the answer; the waiter must not stay where it has registered already.
            held.waiter().cancel();
            throw e;
        }
        return started(held);
    }

    private Optional<Ending> started(Answer.Held held) {
        Optional<Ending> ending = Optional.empty();
        boolean gone;
        lock.lock();
        try {
            gone = state == State.GONE;
            if (state == State.WOKEN_EARLY) {
                ending = Optional.of(Ending.WOKEN);
            } else if (host.isStopping()) {
                ending = Optional.of(Ending.SHUTDOWN);
            } else if (!held.limit().isPositive()) {
                ending = Optional.of(Ending.EXPIRED);
            }
            if (!gone) {
                state = ending.isPresent() ? State.FINISHING : State.WAITING;
            }
            if (state == State.WAITING) {
                // Under the lock, so that the host hears of the wait before it hears of its end.
                host.parked(this, held.limit());
            }
        } finally {
            lock.unlock();
        }
        if (gone) {
            held.waiter().cancel();
            return Optional.empty();
        }
        return ending;
    }

    /** By {@code nanoTime} when the event was heard of that it woke for, if it did. */
    OptionalLong heard() {
        return waiter.map(Waiter::heard).orElse(OptionalLong.empty());
    }

    private void wake() {
        lock.lock();
        try {
            if (state == State.STARTING) {
                state = State.WOKEN_EARLY;
                return;
            }
        } finally {
            lock.unlock();
        }
        end(Ending.WOKEN);
    }

    /** Ends the wait, if it still waits. Any thread. */
    void end(Ending how) {
        lock.lock();
        try {
            if (state != State.WAITING) {
                return;
            }
            state = State.FINISHING;
        } finally {
            lock.unlock();
        }
        host.ended(this, how);
    }

    /** The phone went away: tells the waiter at once, also while it finishes. Any thread. */
    void gone() {
        Optional<Waiter> told = Optional.empty();
        lock.lock();
        try {
            // While start runs the waiter is not disturbed: whoever called start tells it then.
            if (state == State.WAITING || state == State.FINISHING) {
                told = waiter;
            }
            state = State.GONE;
        } finally {
            lock.unlock();
        }
        told.ifPresent(Waiter::cancel);
        host.gone();
    }
}
