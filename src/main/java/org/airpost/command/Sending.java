package org.airpost.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.Outcome;
import org.airpost.backend.Submission;
import org.airpost.backend.Submission.RefusedRecipient;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.UidSet;
import org.airpost.command.Outbox.Kind;
import org.airpost.command.Outbox.SavesSent;
import org.airpost.command.SentJournal.Entry;
import org.airpost.command.SentJournal.State;
import org.airpost.convert.Composer;
import org.airpost.convert.Composer.Purpose;
import org.airpost.convert.Original;
import org.airpost.convert.Outgoing;
import org.airpost.eas.Annotation;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.StatusException;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One message on its way from the phone to the server: what its journal says of it decides what is left to do. That the end of
 * the message is about to be sent is written before it is: a message of which that is not written was not handed over, and
 * one that another process has begun to send meanwhile is not, either. See docs/decisions/010.
 */
final class Sending {

    private static final Logger log = LoggerFactory.getLogger(Sending.class);

    private static final Duration REMEMBERED = Duration.ofDays(30);
    private static final Duration REMEMBERED_LOOSELY = Duration.ofMinutes(10);

    /** So long a phone is made to ask again for a copy that could not be kept. */
    private static final Duration COPY_IS_TRIED = Duration.ofDays(1);

    /** So long a server may take until its own copy is in Sent. */
    private static final Duration COPY_COMES = Duration.ofSeconds(10);

    /** What all sendings share. */
    record Means(
            Composer composer,
            Submission submission,
            MailPlaces places,
            SentJournal journal,
            SentCopies copies,
            Notices notices,
            Optional<MailQueue> queue,
            Clock clock,
            SavesSent savesSent) {}

    private final Means means;
    private final Account account;
    private final DeviceKey device;
    private final String request;
    private final SendRequest sending;
    private final Composer.Draft draft;
    private final Kind kind;
    private final String key;
    private final boolean isLoose;
    private Entry entry;
    private boolean uncertain;

    Sending(Means means, Request request, SendRequest sending, Composer.Draft draft, Kind kind, String key) {
        this.means = means;
        this.account = request.account();
        this.device = request.device();
        this.request = request.id();
        this.sending = sending;
        this.draft = draft;
        this.kind = kind;
        this.key = key;
        // Bytes without Date and Message-ID may be meant as a new message the next time.
        this.isLoose = sending.isByContent() && !draft.isUnique();
        this.entry = means.journal()
                .get(key)
                .orElseGet(() -> means.journal()
                        .absent(draft.messageId()
                                .orElseGet(() -> means.composer().newMessageId(account))));
    }

    /** Does what is left; a StatusException says why the message was not sent. */
    void run() {
        switch (entry.state()) {
            case SAVED, QUEUED -> log.info("sent before user={} request={}", account.user(), request);
            case HANDED_OVER -> finish();
            case OPEN, REFUSED, RECEIVED -> {
                if (!isQueued()) {
                    submit();
                }
            }
            case UNCERTAIN -> {
                if (!isQueued()) {
                    submitUnlessTaken();
                }
            }
        }
    }

    /** After a crash: what the queue holds is the queue's, whether that was written here or not. */
    private boolean isQueued() {
        var id = MailQueue.id(key, entry.messageId());
        if (means.queue().filter(queue -> queue.holds(id)).isEmpty()) {
            return false;
        }
        log.info("queued before user={} request={}", account.user(), request);
        record(State.QUEUED);
        attempt("find the original", () -> original().ifPresent(this::mark));
        return true;
    }

    private void put(State state) {
        entry = means.journal().put(key, entry, state, lifetime(state));
    }

    /** While it is under way its repeat must find it, however long the server takes. */
    private Duration lifetime(State state) {
        return switch (state) {
            case RECEIVED, UNCERTAIN, HANDED_OVER -> REMEMBERED;
            case OPEN, REFUSED, QUEUED, SAVED -> isLoose ? REMEMBERED_LOOSELY : REMEMBERED;
        };
    }

    /** After a crash or a lost reply: a copy in Sent says that the server took it. */
    private void submitUnlessTaken() {
        if (means.copies().hold(account, entry.messageId())) {
            log.info("sent before, as its copy shows user={} request={}", account.user(), request);
            put(State.SAVED);
            attempt("find the original", () -> original().ifPresent(this::mark));
            return;
        }
        boolean early = entry.since().plus(COPY_COMES).isAfter(means.clock().instant());
        if (early && means.savesSent() != SavesSent.NO) {
            throw new StatusException(
                    CommonStatus.SERVER_ERROR_RETRY_LATER, "whether it was taken may show in a moment");
        }
        uncertain = true;
        submit();
    }

    private void submit() {
        long start = System.nanoTime();
        var before = entry.state();
        if (!uncertain) {
            put(State.RECEIVED);
        }
        try (var outgoing = compose()) {
            if (uncertain && arrived(outgoing)) {
                taken(outgoing, List.of());
                return;
            }
            if (uncertain) {
                log.warn("sent again, its reply was lost user={} request={}", account.user(), request);
            }
            var result = submit(outgoing);
            switch (result) {
                case Submitted.Taken(var refused) -> {
                    log.info(
                            "sent user={} device={} request={} recipients={} refused={} bytes={} ms={}",
                            account.user(),
                            device.deviceId(),
                            request,
                            outgoing.recipients().size(),
                            refused.size(),
                            outgoing.wire().size(),
                            Duration.ofNanos(System.nanoTime() - start).toMillis());
                    taken(outgoing, unreached(outgoing, refused));
                }
                case Submitted.NoRecipient(var refused) -> bounce(outgoing, unreached(outgoing, refused));
                case Submitted.Deferred(var words) -> later(outgoing, words);
                case Submitted.Rejected(var why, var words) -> rejected(outgoing, before, why, words);
                case Submitted.Unknown(var words) -> {
                    put(State.UNCERTAIN);
                    throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, words);
                }
            }
        } catch (RuntimeException e) {
            if (entry.state() == State.RECEIVED) {
                reopen(e); // nothing was handed over
            }
            throw e;
        }
    }

    private Submitted submit(Outgoing outgoing) {
        return means.submission()
                .submit(account.credentials(), outgoing.from(), outgoing.recipients(), outgoing.wire(), () -> {
                    if (entry.state() != State.UNCERTAIN) {
                        put(State.UNCERTAIN);
                    }
                });
    }

    /** Who writes to himself can be asked, too, whether the mail was delivered. */
    private boolean arrived(Outgoing outgoing) {
        boolean toMyself = outgoing.recipients().stream()
                .anyMatch(r -> account.addresses().stream().anyMatch(r::equalsIgnoreCase));
        return toMyself
                && means.places()
                        .inbox(account)
                        .filter(inbox -> !account.mail()
                                .withMessageId(inbox.mailbox(), inbox.uidValidity(), entry.messageId())
                                .isEmpty())
                        .isPresent();
    }

    private void reopen(RuntimeException because) {
        try {
            if (because instanceof StoreException) {
                // The write that failed may have been done; it was ours, and its mail was not handed over.
                entry = means.journal()
                        .get(key)
                        .filter(now -> now.state() == State.UNCERTAIN)
                        .orElse(entry);
            }
            put(State.OPEN);
        } catch (StoreException | StatusException e) {
            because.addSuppressed(e);
        }
    }

    private Outgoing compose() {
        var original = original();
        if (original.isEmpty() && sending.source().isPresent() && !sending.complete()) {
            throw new StatusException(
                    CommonStatus.ITEM_NOT_FOUND,
                    "no folder of mail for " + sending.source().get());
        }
        return means.composer().compose(draft, account, entry.messageId(), kindOf(original));
    }

    private Purpose kindOf(Optional<Original> original) {
        return original.map(o -> kind.purpose(o, sending.complete())).orElseGet(Purpose.New::new);
    }

    private Optional<Original> original() {
        return sending.source()
                .flatMap(id -> means.places()
                        .find(account, device, id.folderId())
                        .filter(place -> id.holds(place.uidValidity()))
                        .flatMap(place -> uid(id).map(uid ->
                                new Original(account.mail(), place.mailbox(), place.uidValidity(), uid))));
    }

    /** What a search has found is named by its UID, everything else as the device knows it. */
    private Optional<Long> uid(LongId id) {
        return id.uidValidity() == 0 ? means.places().uidOf(device, id.folderId(), id.uid()) : Optional.of(id.uid());
    }

    private static List<RefusedRecipient> unreached(Outgoing outgoing, List<RefusedRecipient> refused) {
        return Stream.concat(
                        refused.stream(),
                        outgoing.unreadable().stream()
                                .map(a -> new RefusedRecipient(a, "553 5.1.3 this is not an address")))
                .toList();
    }

    // How it ends

    /** The server has it: from here on nothing that goes wrong may look to the phone as if it had not. */
    private void taken(Outgoing outgoing, List<RefusedRecipient> unreached) {
        try {
            entry = means.journal().put(key, entry, State.HANDED_OVER, unreached, lifetime(State.HANDED_OVER));
        } catch (StoreException | StatusException e) {
            // A repeat will find the copy in Sent by its Message-ID.
            log.warn("sent but not journalled user={} request={}", account.user(), request, e);
        }
        complete(outgoing, unreached, false);
    }

    /** What an earlier try did not come to. */
    private void finish() {
        try (var outgoing = composeAgain()) {
            complete(outgoing, entry.unreached(), true);
        }
    }

    /** A copy without the original is better than none. */
    private Outgoing composeAgain() {
        try {
            return compose();
        } catch (StatusException e) {
            log.warn("the original is gone, and not in the copy user={} request={}", account.user(), request, e);
            return means.composer().compose(draft, account, entry.messageId(), new Purpose.New());
        }
    }

    private void complete(Outgoing outgoing, List<RefusedRecipient> unreached, boolean again) {
        boolean kept = !sending.save() || keep(outgoing, again) || keep(outgoing, true);
        if (!kept && entry.state() == State.HANDED_OVER && isYoung()) {
            // The repeat does not send it again.
            throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, "sent, and its copy is not kept yet");
        }
        if (!unreached.isEmpty()) {
            attempt("tell of refused recipients", () -> {
                if (!tell(() -> means.notices().partly(account, entry.messageId(), unreached, outgoing.kept()))) {
                    log.warn("could not tell of refused recipients user={} request={}", account.user(), request);
                }
            });
        }
        attempt("find the original", () -> original().ifPresent(this::mark));
        record(State.SAVED);
    }

    private boolean isYoung() {
        return entry.since().plus(COPY_IS_TRIED).isAfter(means.clock().instant());
    }

    /** False if it is worth another try. */
    private boolean keep(Outgoing outgoing, boolean again) {
        return attempt(
                "keep a copy",
                () -> means.copies()
                        .keep(account, outgoing.kept(), outgoing.messageId(), again)
                        .ifPresent(why ->
                                log.warn("no copy kept user={} request={} why=\"{}\"", account.user(), request, why)));
    }

    private void record(State state) {
        try {
            put(state);
        } catch (StoreException | StatusException e) {
            log.warn("sent but not journalled user={} request={}", account.user(), request, e);
        }
    }

    /**
     * Nobody gets it, and will not: the user hears that by a mail that holds his. On the phone it would stay in the outbox,
     * where nothing says which address was wrong.
     */
    private void bounce(Outgoing outgoing, List<RefusedRecipient> refused) {
        boolean told = false;
        try {
            told = tell(() -> means.notices()
                    .bounce(
                            account,
                            entry.messageId(),
                            refused,
                            outgoing.kept(),
                            "Your message was not sent, because the mail server refused its recipients:"));
        } catch (BackendUnavailableException e) {
            log.warn("could not bounce user={} request={}", account.user(), request, e);
        }
        if (!told) {
            open(State.OPEN);
            throw new StatusException(
                    CommonStatus.MAIL_SUBMISSION_FAILED, "all " + refused.size() + " recipients were refused");
        }
        log.info("bounced user={} request={} recipients={}", account.user(), request, refused.size());
        record(State.SAVED);
    }

    /** Not now: the phone keeps it, or the queue takes it over. */
    private void later(Outgoing outgoing, String words) {
        if (means.queue().isPresent()) {
            try {
                // This process may end before QUEUED is written, and the queue may have sent it when the repeat comes.
                put(State.UNCERTAIN);
                var id = MailQueue.id(key, entry.messageId());
                means.queue().get().add(id, account, outgoing, sending.save(), uncertain, words);
                record(State.QUEUED);
                attempt("find the original", () -> original().ifPresent(this::mark));
                return;
            } catch (IOException e) {
                log.warn("could not queue user={} request={}", account.user(), request, e);
            } catch (StoreException e) {
                log.warn("perhaps not queued user={} request={}", account.user(), request, e);
                throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, words);
            }
        }
        open(State.OPEN);
        throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, words);
    }

    /** It may be tried again; if an earlier try may have succeeded, that is not forgotten. */
    private void open(State state) {
        put(uncertain ? State.UNCERTAIN : state);
    }

    /** Never: the phone keeps it and says so; what the server's reason is, only a mail can say. */
    private void rejected(Outgoing outgoing, State before, Outcome.Refusal why, String words) {
        boolean told = before == State.REFUSED;
        if (!told && why != Outcome.Refusal.TOO_LARGE) {
            try {
                told = tell(() -> means.notices().refused(account, entry.messageId(), words, outgoing.kept()));
            } catch (BackendUnavailableException e) {
                log.warn("could not tell of a refused mail user={} request={}", account.user(), request, e);
            }
        }
        open(told ? State.REFUSED : State.OPEN);
        throw new StatusException(status(why), words);
    }

    private static CommonStatus status(Outcome.Refusal why) {
        return switch (why) {
            case TOO_LARGE -> CommonStatus.ATTACHMENT_IS_TOO_LARGE;
            case OVER_QUOTA -> CommonStatus.SEND_QUOTA_EXCEEDED;
            default -> CommonStatus.MAIL_SUBMISSION_FAILED;
        };
    }

    private void mark(Original original) {
        switch (kind.purpose(original, sending.complete())) {
            case Purpose.New() -> {}
            case Purpose.Reply(var _, var _) ->
                mark(
                        original,
                        FolderView.ANSWERED,
                        draft.isToSeveral(account) ? Annotation.REPLIED_TO_ALL : Annotation.REPLIED);
            case Purpose.Forward(var _, var _) -> mark(original, FolderView.FORWARDED, Annotation.FORWARDED);
        }
    }

    private void mark(Original original, String flag, int verb) {
        attempt("mark the original", () -> {
            var marked = account.mail()
                    .store(
                            original.mailbox(),
                            original.uidValidity(),
                            UidSet.of(original.uid()),
                            Set.of(flag),
                            Set.of());
            if (marked instanceof Outcome.Refused<UidSet>(var why, var words)) {
                log.warn(
                        "could not mark the original user={} request={} why={} words=\"{}\"",
                        account.user(),
                        request,
                        why,
                        words);
            }
        });
        attempt(
                "note what was done with the original",
                () -> sending.source()
                        .ifPresent(id -> means.places()
                                .note(
                                        account,
                                        id.folderId(),
                                        original.uidValidity(),
                                        original.uid(),
                                        verb,
                                        means.clock().instant())));
    }

    /** Tells the user something. */
    private interface Telling {
        boolean tell() throws IOException;
    }

    private static boolean tell(Telling telling) {
        try {
            return telling.tell();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean attempt(String what, Runnable work) {
        try {
            work.run();
            return true;
        } catch (BackendUnavailableException | StatusException | StoreException | UncheckedIOException e) {
            log.warn("could not {} user={} request={}", what, account.user(), request, e);
            return false;
        }
    }
}
