package org.airpost.command;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.airpost.backend.Account;
import org.airpost.backend.FolderView;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.command.Outbox.SavesSent;
import org.airpost.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies in Sent: one of each mail. Some servers put it there themselves, a moment after they took the mail; which ones
 * do is remembered by user.
 */
final class SentCopies {

    private static final Logger log = LoggerFactory.getLogger(SentCopies.class);

    private static final Duration REMEMBERED = Duration.ofDays(30);

    /** When a server's own copy is looked for, after it took the mail: one that is known for it gets more time. */
    private static final List<Duration> ONCE = List.of(Duration.ZERO);

    private static final List<Duration> UNKNOWN =
            List.of(Duration.ZERO, Duration.ofMillis(300), Duration.ofMillis(700), Duration.ofSeconds(1));
    private static final List<Duration> KNOWN = List.of(
            Duration.ZERO,
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofSeconds(3));

    private final MailPlaces places;
    private final Store store;
    private final Clock clock;
    private final SavesSent savesSent;

    SentCopies(MailPlaces places, Store store, Clock clock, SavesSent savesSent) {
        this.places = places;
        this.store = store;
        this.clock = clock;
        this.savesSent = savesSent;
    }

    /** True if a mail is in Sent: then the server has taken it. */
    boolean hold(Account account, String messageId) {
        return places.sent(account)
                .filter(sent -> holds(account, sent, messageId))
                .isPresent();
    }

    private static boolean holds(Account account, MailPlaces.Place place, String messageId) {
        return !account.mail()
                .withMessageId(place.mailbox(), place.uidValidity(), messageId)
                .isEmpty();
    }

    /**
     * Sees to it that there is a copy; {@code again} if it may have been put there by us. Nothing if it is done, else the
     * reason why there is none.
     */
    Optional<String> keep(Account account, MessageSource message, String messageId, boolean again) {
        if (savesSent == SavesSent.YES) {
            return Optional.empty();
        }
        var sent = places.sent(account);
        if (sent.isEmpty()) {
            return Optional.of("no Sent mailbox");
        }
        if (again ? isThere(account, sent.get(), messageId) : serverKept(account, sent.get(), messageId)) {
            return Optional.empty();
        }
        var kept = account.mail().append(sent.get().mailbox(), message, Set.of(FolderView.SEEN), clock.instant());
        return kept instanceof Outcome.Refused<Long>(var why, var words)
                ? Optional.of(why + " " + words)
                : Optional.empty();
    }

    /** Looks for a copy as long as the server's own may take, and does not learn: what is found may be ours. */
    private boolean isThere(Account account, MailPlaces.Place sent, String messageId) {
        var looks = savesSent == SavesSent.NO
                ? ONCE
                : looks(store.get(key(account)).map(v -> new String(v.value(), US_ASCII)));
        return comes(account, sent, messageId, looks);
    }

    private static String key(Account account) {
        return "sent-copies/" + account.user();
    }

    private static List<Duration> looks(Optional<String> keeper) {
        return keeper.map(k -> k.equals("server") ? KNOWN : ONCE).orElse(UNKNOWN);
    }

    private static boolean comes(Account account, MailPlaces.Place sent, String messageId, List<Duration> looks) {
        for (var pause : looks) {
            LockSupport.parkNanos(pause.toNanos());
            if (holds(account, sent, messageId)) {
                return true;
            }
        }
        return false;
    }

    /** Looks for the server's own copy as long as it is likely to come, and learns. */
    private boolean serverKept(Account account, MailPlaces.Place sent, String messageId) {
        if (savesSent == SavesSent.NO) {
            return false;
        }
        var key = key(account);
        var known = store.get(key);
        var before = known.map(v -> new String(v.value(), US_ASCII));
        boolean found = comes(account, sent, messageId, looks(before));
        var now = found ? "server" : "airpost";
        if (before.filter(now::equals).isEmpty()) {
            log.info("copies in Sent user={} kept by={}", account.user(), now);
            // Another sending of this user may have written the same: either is right.
            store.put(
                    key,
                    now.getBytes(US_ASCII),
                    known.map(Store.Versioned::version).orElse(Store.ABSENT),
                    Optional.of(clock.instant().plus(REMEMBERED)));
        }
        return found;
    }
}
