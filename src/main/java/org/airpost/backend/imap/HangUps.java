package org.airpost.backend.imap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.airpost.backend.BackendUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the message at which a server hangs up, so that it does not hide the others: Dovecot ends the connection when it cannot
 * read to its end what it has announced, as of a compressed message that is damaged, and does so each time. A server that is
 * on its way down, or a bad line, hangs up too; so a message is given up only after the server has said something else of it
 * twice, has hung up at it all the same, and has given another message of the mailbox.
 */
final class HangUps {

    private static final Logger LOG = LoggerFactory.getLogger(HangUps.class);

    /** How often a message is tried by itself. */
    private static final int TRIES = 3;

    /** What is asked, since a message may be told in part. */
    enum Question {
        DESCRIPTION,
        DESCRIPTION_WITH_START,
        FIELDS,
        PARTS
    }

    private record Message(String mailbox, long uidValidity, long uid, Question question) {}

    /** Those that were found, for the few questions that follow. */
    private final Cache<Message, Boolean> found = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    /**
     * What is asked of a mailbox.
     *
     * @param ask asks about some messages and keeps what is said; throws if the server hangs up, and has kept nothing then
     * @param isThere has the server say a little of a message; false if it is gone
     * @param readsAnother has it give some of another message; false if it hangs up or refuses at each that was tried
     */
    record Asking(
            String mailbox,
            long uidValidity,
            Question question,
            Consumer<List<Long>> ask,
            LongPredicate isThere,
            LongPredicate readsAnother) {

        private Message message(long uid) {
            return new Message(mailbox, uidValidity, uid, question);
        }
    }

    /**
     * Asks about messages.
     *
     * @param givenUp is told of those at which the server hangs up
     * @throws BackendUnavailableException if it is not the messages
     */
    void ask(Asking asking, List<Long> uids, LongConsumer givenUp) {
        Predicate<Long> isFound = uid -> found.getIfPresent(asking.message(uid)) != null;
        uids.stream().filter(isFound).forEach(givenUp::accept);
        var left = uids.stream().filter(isFound.negate()).toList();
        if (!left.isEmpty()) {
            halve(asking, left, givenUp);
        }
    }

    private void halve(Asking asking, List<Long> uids, LongConsumer givenUp) {
        try {
            asking.ask().accept(uids);
        } catch (BackendUnavailableException e) {
            if (!isHangUp(e)) {
                throw e;
            }
            if (uids.size() == 1) {
                alone(asking, uids, givenUp, e);
                return;
            }
            int middle = uids.size() / 2;
            halve(asking, uids.subList(0, middle), givenUp);
            halve(asking, uids.subList(middle, uids.size()), givenUp);
        }
    }

    private void alone(Asking asking, List<Long> one, LongConsumer givenUp, BackendUnavailableException hungUp) {
        long uid = one.getFirst();
        for (int tried = 1; tried < TRIES; tried++) {
            if (!asking.isThere().test(uid)) {
                return;
            }
            try {
                asking.ask().accept(one);
                return;
            } catch (BackendUnavailableException e) {
                if (!isHangUp(e)) {
                    throw e;
                }
            }
        }
        if (!asking.readsAnother().test(uid)) {
            throw hungUp;
        }
        LOG.warn("imap server hangs up at a message uid={} asked={}: it goes on without it", uid, asking.question());
        found.put(asking.message(uid), true);
        givenUp.accept(uid);
    }

    private static boolean isHangUp(BackendUnavailableException e) {
        return e.getCause() instanceof ConnectionLostException lost && !lost.isLate();
    }
}
