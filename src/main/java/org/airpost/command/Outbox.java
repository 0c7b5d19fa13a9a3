package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Submission;
import org.airpost.backend.Submission.RefusedRecipient;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.UidSet;
import org.airpost.command.SentJournal.Entry;
import org.airpost.command.SentJournal.State;
import org.airpost.convert.Composer;
import org.airpost.convert.Composer.Purpose;
import org.airpost.convert.Original;
import org.airpost.convert.Outgoing;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.Spool;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.ComposeMail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each message once, however often a phone asks for it: the journal is written before the work, and a repeat finds
 * it. What comes after the server has taken a message (the copy, the flag of the original) never fails the sending. Source:
 * MS-ASCMD "SendMail"; the statuses: "Common Status Codes".
 */
public final class Outbox {

    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    private static final Duration REMEMBERED = Duration.ofDays(30);
    private static final Duration REMEMBERED_LOOSELY = Duration.ofMinutes(10);
    private static final Duration LONGEST_SENDING = Duration.ofMinutes(1);
    private static final Duration BEFORE_DEADLINE = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(10);
    private static final Set<State> UNDECIDED = Set.of(State.UNCERTAIN, State.RECEIVED);
    private static final Set<State> TAKEN = Set.of(State.HANDED_OVER, State.SAVED);
    private static final String INBOX = "INBOX";

    private final Composer composer;
    private final Submission submission;
    private final MailPlaces places;
    private final SentJournal journal;
    private final Clock clock;
    private final Settings settings;
    private final ConcurrentMap<String, CountDownLatch> running = new ConcurrentHashMap<>();

    public Outbox(
            Composer composer,
            Submission submission,
            Folders folders,
            Ledgers ledgers,
            Store store,
            Clock clock,
            Settings settings) {
        this(composer, submission, MailPlaces.of(folders, ledgers), store, clock, settings);
    }

    Outbox(Composer composer, Submission submission, MailPlaces places, Store store, Clock clock, Settings settings) {
        this.composer = composer;
        this.submission = submission;
        this.places = places;
        this.journal = new SentJournal(store, clock);
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * How mail is sent.
     *
     * @param savesSent whether the server puts a copy into Sent itself
     * @param mostBytes of a message as the phone sends it
     */
    public record Settings(SavesSent savesSent, long mostBytes) {}

    /** Whether a mail server keeps a copy of what is submitted to it. */
    public enum SavesSent {
        /** Look for the copy by its Message-ID before one is added. */
        AUTO,
        YES,
        NO
    }

    /** What a message is, given its original. */
    interface Kind {

        Purpose purpose(Original original, boolean complete);
    }

    Answer run(Request request, Tag root, Kind kind) {
        try (var sending = SendRequest.read(request, root, settings.mostBytes())) {
            send(request, sending, kind);
            return new Answer.Empty();
        } catch (StatusException e) {
            log.info(
                    "not sent user={} device={} request={} status={} why=\"{}\"",
                    request.account().user(),
                    request.line().deviceId(),
                    request.id(),
                    e.status().code(),
                    e.status().meaning());
            return failure(request, root, e.status());
        }
    }

    /**
     * Sends a draft, once for each identity. A StatusException says why it was not sent; where it is not known whether the
     * server took it, a BackendUnavailableException makes the phone ask again.
     */
    void sendDraft(Request request, String identity, Spool message) {
        var sending = SendRequest.draft(identity, message);
        try {
            send(request, sending, (_, _) -> new Purpose.New());
        } catch (StatusException e) {
            log.info(
                    "draft not sent user={} device={} request={} status={} why=\"{}\"",
                    request.account().user(),
                    request.line().deviceId(),
                    request.id(),
                    e.status().code(),
                    e.status().meaning());
            if (stateOf(request, identity).filter(UNDECIDED::contains).isPresent()) {
                throw new BackendUnavailableException("it is not known whether a draft was sent", RETRY);
            }
            throw e;
        }
    }

    /** True if the server has taken the draft with this identity. */
    boolean hasSent(Request request, String identity) {
        return stateOf(request, identity).filter(TAKEN::contains).isPresent();
    }

    private Optional<State> stateOf(Request request, String identity) {
        return journal.get(key(request, identity)).map(Entry::state);
    }

    private static String key(Request request, String identity) {
        return "sent/" + request.device().path() + "/" + identity;
    }

    /** Bytes of a message as the phone sends it, at most. */
    long mostBytes() {
        return settings.mostBytes();
    }

    /** Source: MS-ASCMD_R5890: from 14.0 on a Status, before an HTTP status. */
    private static Answer failure(Request request, Tag root, Status status) {
        if (!SendRequest.isPlain(request)) {
            return Answer.document(out ->
                    out.start(root).text(ComposeMail.STATUS, status.code()).end());
        }
        return switch (status) {
            case CommonStatus.SERVER_ERROR_RETRY_LATER -> new Answer.Http(503, Map.of("Retry-After", "60"));
            // Not 413, after which phones try for ever; this one they tell the user.
            case CommonStatus.ATTACHMENT_IS_TOO_LARGE, CommonStatus.SEND_QUOTA_EXCEEDED -> Answer.http(507);
            case CommonStatus.INVALID_MIME -> Answer.http(400);
            default -> Answer.http(500);
        };
    }

    private void send(Request request, SendRequest sending, Kind kind) {
        var account = request.account();
        sending.accountId().ifPresent(id -> checkAccount(account, id));
        var draft = composer.read(sending.mime());
        var key = key(request, sending.identity());
        var done = claim(key, request.deadline());
        try {
            new Sending(request, sending, draft, kind, key).run();
        } finally {
            running.remove(key);
            done.countDown();
        }
    }

    /** Waits for a request with the same message that is still running, then is the running one. */
    private CountDownLatch claim(String key, Instant deadline) {
        var mine = new CountDownLatch(1);
        for (var other = Optional.ofNullable(running.putIfAbsent(key, mine));
                other.isPresent();
                other = Optional.ofNullable(running.putIfAbsent(key, mine))) {
            var left = Duration.between(clock.instant(), deadline.minus(BEFORE_DEADLINE));
            try {
                if (left.isPositive() && other.get().await(left.toMillis(), TimeUnit.MILLISECONDS)) {
                    continue;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, "the same message is being sent");
        }
        return mine;
    }

    /** Source: MS-ASCMD_R724. A user has one account, known by its name or an address. */
    private static void checkAccount(Account account, String id) {
        boolean known = id.isEmpty()
                || id.equalsIgnoreCase(account.user())
                || account.addresses().stream().anyMatch(id::equalsIgnoreCase);
        if (!known) {
            throw new StatusException(CommonStatus.INVALID_ACCOUNT_ID, "AccountId \"" + id + "\"");
        }
    }

    /** One message on its way. */
    private final class Sending {

        private final Request request;
        private final Account account;
        private final SendRequest sending;
        private final Composer.Draft draft;
        private final Kind kind;
        private final String key;
        private final Duration lifetime;
        private Entry entry;

        Sending(Request request, SendRequest sending, Composer.Draft draft, Kind kind, String key) {
            this.request = request;
            this.account = request.account();
            this.sending = sending;
            this.draft = draft;
            this.kind = kind;
            this.key = key;
            // Bytes without Date and Message-ID may be meant as a new message the next time.
            this.lifetime = sending.isByContent() && !draft.isUnique() ? REMEMBERED_LOOSELY : REMEMBERED;
            this.entry = journal.get(key)
                    .orElseGet(() -> journal.absent(draft.messageId().orElseGet(() -> composer.newMessageId(account))));
        }

        void run() {
            switch (entry.state()) {
                case SAVED -> log.info("sent before user={} request={}", account.user(), request.id());
                case HANDED_OVER -> finish();
                case OPEN -> submit();
                case UNCERTAIN -> submitUnlessSent();
                case RECEIVED -> {
                    if (entry.since().plus(LONGEST_SENDING).isAfter(clock.instant())) {
                        throw new StatusException(
                                CommonStatus.SERVER_ERROR_RETRY_LATER, "the same message may be being sent");
                    }
                    submitUnlessSent();
                }
            }
        }

        private void put(State state) {
            entry = journal.put(key, entry, state, lifetime);
        }

        /** After a crash or a lost reply: a copy in Sent says that the server took it. */
        private void submitUnlessSent() {
            if (places.sent(account).filter(this::holdsCopy).isPresent()) {
                put(State.SAVED);
                attempt("find the original", () -> original().ifPresent(this::mark));
                return;
            }
            submit();
        }

        private boolean holdsCopy(MailPlaces.Place sent) {
            return !account.mail()
                    .withMessageId(sent.mailbox(), sent.uidValidity(), entry.messageId())
                    .isEmpty();
        }

        private void submit() {
            long start = System.nanoTime();
            put(State.RECEIVED);
            boolean answered = false;
            try (var outgoing = compose()) {
                var result = submission.submit(
                        account.credentials(), outgoing.from(), outgoing.recipients(), outgoing.wire());
                answered = true;
                switch (result) {
                    case Submitted.Taken(var refused) -> {
                        log.info(
                                "sent user={} device={} request={} recipients={} refused={} bytes={} ms={}",
                                account.user(),
                                request.line().deviceId(),
                                request.id(),
                                outgoing.recipients().size(),
                                refused.size(),
                                outgoing.wire().size(),
                                Duration.ofNanos(System.nanoTime() - start).toMillis());
                        taken(outgoing, refused);
                    }
                    case Submitted.Deferred(var words) -> {
                        put(State.OPEN);
                        throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, words);
                    }
                    case Submitted.Rejected(var why, var words) -> {
                        put(State.OPEN);
                        throw new StatusException(status(why), words);
                    }
                    case Submitted.Unknown(var words) -> {
                        put(State.UNCERTAIN);
                        throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, words);
                    }
                }
            } catch (RuntimeException e) {
                if (!answered) {
                    reopen(e); // nothing was handed over
                }
                throw e;
            }
        }

        private void reopen(RuntimeException because) {
            try {
                put(State.OPEN);
            } catch (StoreException | StatusException e) {
                because.addSuppressed(e);
            }
        }

        private static Status status(Outcome.Refusal why) {
            return switch (why) {
                case TOO_LARGE -> CommonStatus.ATTACHMENT_IS_TOO_LARGE;
                case OVER_QUOTA -> CommonStatus.SEND_QUOTA_EXCEEDED;
                default -> CommonStatus.MAIL_SUBMISSION_FAILED;
            };
        }

        private Outgoing compose() {
            var original = original();
            if (original.isEmpty() && sending.source().isPresent() && !sending.complete()) {
                throw new StatusException(
                        CommonStatus.ITEM_NOT_FOUND,
                        "no folder of mail for " + sending.source().get());
            }
            return composer.compose(draft, account, entry.messageId(), kindOf(original));
        }

        private Purpose kindOf(Optional<Original> original) {
            return original.map(o -> kind.purpose(o, sending.complete())).orElseGet(Purpose.New::new);
        }

        private Optional<Original> original() {
            return sending.source()
                    .filter(id -> isUid(id.uid()))
                    .flatMap(id -> places.find(account, request.device(), id.folderId())
                            .filter(place -> id.holds(place.uidValidity()))
                            .flatMap(place -> uid(id)
                                    .map(uid ->
                                            new Original(account.mail(), place.mailbox(), place.uidValidity(), uid))));
        }

        /** What a search has found is named by its UID, everything else as the device knows it. */
        private Optional<Long> uid(LongId id) {
            return id.uidValidity() == 0
                    ? places.uidOf(request.device(), id.folderId(), id.uid())
                    : Optional.of(id.uid());
        }

        private static boolean isUid(long number) {
            return number >= 1 && number <= 0xFFFFFFFFL;
        }

        /** The server has it: from here on nothing that goes wrong may look to the phone as if it had not. */
        private void taken(Outgoing outgoing, List<RefusedRecipient> refused) {
            record(State.HANDED_OVER);
            keep(outgoing, false);
            var unreached = Stream.concat(
                            refused.stream(),
                            outgoing.unreadable().stream().map(a -> new RefusedRecipient(a, "this is not an address")))
                    .toList();
            if (!unreached.isEmpty()) {
                attempt("tell of refused recipients", () -> tell(unreached));
            }
            attempt("find the original", () -> original().ifPresent(this::mark));
            record(State.SAVED);
        }

        /** The copy that an earlier try did not come to. */
        private void finish() {
            attempt("compose the copy", () -> {
                try (var outgoing = compose()) {
                    keep(outgoing, true);
                }
            });
            attempt("find the original", () -> original().ifPresent(this::mark));
            record(State.SAVED);
        }

        private void record(State state) {
            try {
                put(state);
            } catch (StoreException | StatusException e) {
                // A repeat will find the copy in Sent by its Message-ID.
                log.warn("sent but not journalled user={} request={}", account.user(), request.id(), e);
            }
        }

        private void keep(Outgoing outgoing, boolean again) {
            if (!sending.save() || settings.savesSent() == SavesSent.YES) {
                return;
            }
            attempt("keep a copy", () -> {
                var sent = places.sent(account);
                if (sent.isEmpty()) {
                    log.warn("no copy kept user={} request={} why=\"no Sent mailbox\"", account.user(), request.id());
                    return;
                }
                boolean look = again || settings.savesSent() == SavesSent.AUTO;
                if (look && holdsCopy(sent.get())) {
                    return;
                }
                check(
                        "keep a copy",
                        account.mail()
                                .append(
                                        sent.get().mailbox(),
                                        outgoing.kept(),
                                        Set.of(FolderView.SEEN),
                                        clock.instant()));
            });
        }

        private void mark(Original original) {
            var flag = switch (kind.purpose(original, sending.complete())) {
                case Purpose.New() -> Optional.<String>empty();
                case Purpose.Reply(var o, var c) -> Optional.of(FolderView.ANSWERED);
                case Purpose.Forward(var o, var c) -> Optional.of(FolderView.FORWARDED);
            };
            flag.ifPresent(f -> attempt(
                    "mark the original",
                    () -> check(
                            "mark the original",
                            account.mail()
                                    .store(
                                            original.mailbox(),
                                            original.uidValidity(),
                                            UidSet.of(original.uid()),
                                            Set.of(f),
                                            Set.of()))));
        }

        private void check(String what, Outcome<?> outcome) {
            if (outcome instanceof Outcome.Refused<?>(var why, var words)) {
                log.warn(
                        "could not {} user={} request={} why={} words=\"{}\"",
                        what,
                        account.user(),
                        request.id(),
                        why,
                        words);
            }
        }

        private void attempt(String what, Runnable work) {
            try {
                work.run();
            } catch (BackendUnavailableException | StatusException | StoreException e) {
                log.warn("could not {} user={} request={}", what, account.user(), request.id(), e);
            }
        }

        /** Puts a message into the Inbox that names those who did not get the mail. */
        private void tell(List<RefusedRecipient> refused) {
            var address = account.address();
            var text = """
                    From: Mail delivery <postmaster@%s>
                    To: %s
                    Date: %s
                    Message-ID: %s
                    Subject: Not delivered to all recipients
                    Auto-Submitted: auto-replied
                    In-Reply-To: %s
                    MIME-Version: 1.0
                    Content-Type: text/plain; charset=utf-8
                    Content-Transfer-Encoding: 8bit

                    Your message was sent, but the mail server refused these recipients:

                    %s
                    """.formatted(
                            address.substring(address.lastIndexOf('@') + 1),
                            address,
                            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
                                    .format(ZonedDateTime.now(clock)),
                            composer.newMessageId(account),
                            entry.messageId(),
                            refused.stream()
                                    .map(r -> r.address() + "\n    "
                                            + r.words().replaceAll("\\s+", " ").strip())
                                    .collect(Collectors.joining("\n")));
            check(
                    "tell of refused recipients",
                    account.mail()
                            .append(
                                    INBOX,
                                    MessageSource.of(text.replace("\n", "\r\n").getBytes(UTF_8)),
                                    Set.of(),
                                    clock.instant()));
        }
    }
}
