package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import org.airpost.backend.UidSet;
import org.airpost.command.Outbox.SavesSent;
import org.airpost.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies in Sent: one of each mail. Some servers put it there themselves, a moment after they took the mail; which ones
 * do is remembered by user. That one was slower than it was waited for is seen at the next mail, and mended then.
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
        var found = places.sent(account);
        if (found.isEmpty()) {
            return Optional.of("no Sent mailbox");
        }
        var sent = found.get();
        var stored = store.get(key(account));
        var known = stored.map(v -> Keeper.parse(v.value()));
        if (again || savesSent == SavesSent.NO) {
            // Nothing is learnt: what is found may be ours.
            return holds(account, sent, messageId, savesSent == SavesSent.NO ? ONCE : looks(known))
                    ? Optional.empty()
                    : append(account, sent, message).left();
        }
        var last = known.flatMap(Keeper::last);
        boolean late = last.isPresent() && cameLate(account, sent, last.get());
        if (holds(account, sent, messageId, late ? KNOWN : looks(known))) {
            learn(account, stored, known, Keeper.SERVER);
            return Optional.empty();
        }
        var appended = append(account, sent, message);
        appended.uid()
                .map(uid -> Keeper.of(new Copy(sent.uidValidity(), uid, messageId)))
                .ifPresent(now -> learn(account, stored, known, now));
        return appended.left();
    }

    private static String key(Account account) {
        return "sent-copies/" + account.user();
    }

    private static List<Duration> looks(Optional<Keeper> known) {
        return known.map(keeper -> keeper.isServer() ? KNOWN : ONCE).orElse(UNKNOWN);
    }

    /** Looks for a copy as long as the server's own is likely to take. */
    private static boolean holds(Account account, MailPlaces.Place sent, String messageId, List<Duration> looks) {
        for (var pause : looks) {
            LockSupport.parkNanos(pause.toNanos());
            if (holds(account, sent, messageId)) {
                return true;
            }
        }
        return false;
    }

    /**
     * True if the server's own copy of our last one came after all: then it keeps them, and was slow when that was found out.
     * Ours goes.
     */
    private static boolean cameLate(Account account, MailPlaces.Place sent, Copy ours) {
        if (sent.uidValidity() != ours.uidValidity()) {
            return false;
        }
        var copies = account.mail().withMessageId(sent.mailbox(), sent.uidValidity(), ours.messageId());
        boolean late = copies.size() > 1 && copies.contains(ours.uid());
        if (late
                && account.mail().expunge(sent.mailbox(), sent.uidValidity(), UidSet.of(ours.uid()))
                        instanceof Outcome.Refused<UidSet>(var why, var words)) {
            log.warn("two copies of a mail in Sent user={} why={} words=\"{}\"", account.user(), why, words);
        }
        return late;
    }

    /** How adding a copy went: its UID, 0 if the server does not say it, or the reason why there is none. */
    private record Appended(Optional<Long> uid, Optional<String> left) {}

    private Appended append(Account account, MailPlaces.Place sent, MessageSource message) {
        return switch (account.mail().append(sent.mailbox(), message, Set.of(FolderView.SEEN), clock.instant())) {
            case Outcome.Done<Long>(var uid) -> new Appended(Optional.of(uid), Optional.empty());
            case Outcome.Refused<Long>(var why, var words) ->
                new Appended(Optional.empty(), Optional.of(why + " " + words));
        };
    }

    /** Another sending of this user may have written meanwhile: either is right. */
    private void learn(Account account, Optional<Store.Versioned> stored, Optional<Keeper> known, Keeper now) {
        if (known.filter(before -> before.isServer() == now.isServer()).isEmpty()) {
            log.info("copies in Sent user={} kept by={}", account.user(), now.isServer() ? "server" : "airpost");
        } else if (now.isServer()) {
            return;
        }
        store.put(
                key(account),
                now.text(),
                stored.map(Store.Versioned::version).orElse(Store.ABSENT),
                Optional.of(clock.instant().plus(REMEMBERED)));
    }

    /** A copy that we have put into Sent. */
    private record Copy(long uidValidity, long uid, String messageId) {}

    /**
     * Who keeps the copies of a user, as stored.
     *
     * @param last our last copy, if we keep them
     */
    private record Keeper(boolean isServer, Optional<Copy> last) {

        static final Keeper SERVER = new Keeper(true, Optional.empty());

        static Keeper of(Copy ours) {
            return new Keeper(false, Optional.of(ours));
        }

        static Keeper parse(byte[] text) {
            var words = new String(text, UTF_8).split(" ", 4);
            var last = words.length < 4
                    ? Optional.<Copy>empty()
                    : Optional.of(new Copy(Long.parseLong(words[1]), Long.parseLong(words[2]), words[3]));
            return new Keeper(words[0].equals("server"), last);
        }

        byte[] text() {
            var who = isServer ? "server" : "airpost";
            return last.map(copy -> "%s %d %d %s".formatted(who, copy.uidValidity(), copy.uid(), copy.messageId()))
                    .orElse(who)
                    .getBytes(UTF_8);
        }
    }
}
