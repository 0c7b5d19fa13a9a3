package org.airpost.backend.imap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.airpost.backend.BackendUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the message at which a server hangs up, so that it does not hide the others: Dovecot ends the connection when it cannot
 * read to its end what it has announced, as of a compressed message that is damaged, and does so each time. A server that is
 * on its way down, or a bad line, hangs up too; so a message is given up only after the server has said something else of it
 * twice, has hung up at it all the same, and has answered the same question about another message. If it does so about none,
 * all of them damaged included, it is the server that is down. A message that is alone in its mailbox has no such witness.
 */
final class HangUps {

    private static final Logger LOG = LoggerFactory.getLogger(HangUps.class);

    /** How often a message is tried by itself. */
    private static final int TRIES = 3;

    /** How often a server may hang up in one call, and how long that may take; each costs two connections. */
    private static final int MOST = 40;

    private static final Duration LONGEST = Duration.ofSeconds(15);

    /** What was found is known to the calls that follow, so that they get further; not for long, since it may be mended. */
    private static final Duration KNOWN = Duration.ofMinutes(5);

    /** What is asked, since a message may be told in part. */
    enum Question {
        DESCRIPTION,
        DESCRIPTION_WITH_START,
        FIELDS,
        PARTS
    }

    private record Found(String mailbox, long uidValidity, Object thing, Question question) {}

    private final Cache<Found, Boolean> found =
            Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(KNOWN).build();

    /**
     * What is asked of a mailbox, about messages or about parts of them.
     *
     * @param uid of which message a thing is
     * @param ask asks about some things, keeps what is said, and tells whether that is anything; if the server hangs up it throws
     *     and has kept nothing
     * @param isThere has the server say a little of a message; false if it is gone
     * @param others some messages of the mailbox
     * @param reads asks the same about one of them; true if the server tells it
     */
    record Asking<T>(
            String mailbox,
            long uidValidity,
            Question question,
            ToLongFunction<T> uid,
            Predicate<List<T>> ask,
            LongPredicate isThere,
            Supplier<List<Long>> others,
            LongPredicate reads) {

        private Found of(T thing) {
            return new Found(mailbox, uidValidity, thing, question);
        }
    }

    /**
     * Asks about things.
     *
     * @param givenUp is told of those at which the server hangs up
     * @throws BackendUnavailableException if it is not the messages, or there is more to be found than one call may take
     */
    <T> void ask(Asking<T> asking, List<T> things, Consumer<T> givenUp) {
        Predicate<T> isFound = thing -> found.getIfPresent(asking.of(thing)) != null;
        things.stream().filter(isFound).forEach(givenUp);
        var left = things.stream().filter(isFound.negate()).toList();
        if (!left.isEmpty()) {
            var walk = new Walk<>(asking);
            walk.over(left).forEach(thing -> {
                LOG.warn(
                        "imap server hangs up at a message uid={} asked={}: it goes on without it",
                        asking.uid().applyAsLong(thing),
                        asking.question());
                found.put(asking.of(thing), true);
                givenUp.accept(thing);
            });
            walk.requireEnd();
        }
    }

    /** One search for them by halves. */
    private static final class Walk<T> {

        private final Asking<T> asking;
        private final long end = System.nanoTime() + LONGEST.toNanos();
        private final List<T> suspects = new ArrayList<>();
        private int hangUps;
        private boolean isAnswered;
        private boolean isCut;
        private Optional<BackendUnavailableException> last = Optional.empty();

        Walk(Asking<T> asking) {
            this.asking = asking;
        }

        /** Those at which the server hangs up, and nothing else is to blame. */
        List<T> over(List<T> things) {
            halve(things);
            if (!suspects.isEmpty() && !isAnswered && !readsAnother()) {
                throw last.orElseThrow();
            }
            return suspects;
        }

        /** Throws if more is to be found. */
        void requireEnd() {
            if (isCut) {
                throw last.orElseThrow();
            }
        }

        private boolean isOver() {
            isCut |= hangUps >= MOST || (hangUps > 0 && System.nanoTime() - end > 0);
            return isCut;
        }

        private void halve(List<T> things) {
            if (isOver() || isTold(things)) {
                return;
            }
            if (hangUps == 1) {
                isThere(things.getFirst()); // a server that is down says so here, before anything is halved
            }
            if (things.size() == 1) {
                alone(things);
                return;
            }
            int middle = things.size() / 2;
            halve(things.subList(0, middle));
            halve(things.subList(middle, things.size()));
        }

        private void alone(List<T> one) {
            for (int tried = 1; tried < TRIES; tried++) {
                if (isOver() || !isThere(one.getFirst()) || isTold(one)) {
                    return;
                }
            }
            suspects.add(one.getFirst());
        }

        private boolean isThere(T thing) {
            return asking.isThere().test(asking.uid().applyAsLong(thing));
        }

        /** False if the server hangs up. */
        private boolean isTold(List<T> things) {
            try {
                isAnswered |= asking.ask().test(things);
                return true;
            } catch (BackendUnavailableException e) {
                if (!isHangUp(e)) {
                    throw e;
                }
                last = Optional.of(e);
                hangUps++;
                return false;
            }
        }

        private boolean readsAnother() {
            var uids = suspects.stream().map(asking.uid()::applyAsLong).toList();
            var others = asking.others().get();
            boolean isAlone = suspects.size() == 1 && uids.containsAll(others);
            return isAlone
                    || others.stream().filter(uid -> !uids.contains(uid)).anyMatch(uid -> {
                        try {
                            return asking.reads().test(uid);
                        } catch (BackendUnavailableException e) {
                            if (!isHangUp(e)) {
                                throw e;
                            }
                            return false; // another damaged one, or a server that is down: then it says so of the next
                        }
                    });
        }
    }

    private static boolean isHangUp(BackendUnavailableException e) {
        return e.getCause() instanceof ConnectionLostException lost && !lost.isLate();
    }
}
