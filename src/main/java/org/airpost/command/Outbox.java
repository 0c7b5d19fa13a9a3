package org.airpost.command;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Submission;
import org.airpost.command.SentJournal.Entry;
import org.airpost.command.SentJournal.State;
import org.airpost.convert.Composer;
import org.airpost.convert.Composer.Purpose;
import org.airpost.convert.Original;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.Spool;
import org.airpost.eas.Status;
import org.airpost.eas.StatusException;
import org.airpost.store.Store;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.ComposeMail;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each message once, however often a phone asks for it. The work goes on by itself: a phone is answered in its time,
 * and if the server was slower than that, the repeat joins the work or gets its result. Source: MS-ASCMD "SendMail"; the
 * statuses: "Common Status Codes".
 */
public final class Outbox implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    private static final Duration BEFORE_DEADLINE = Duration.ofSeconds(2);
    private static final Duration LEAST_WAIT = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(10);
    private static final int AT_ONCE = 1_000;
    private static final Set<State> UNDECIDED = Set.of(State.UNCERTAIN, State.RECEIVED, State.HANDED_OVER);
    private static final Set<State> DONE = Set.of(State.QUEUED, State.SAVED);
    private static final Set<State> TAKEN = Set.of(State.HANDED_OVER, State.QUEUED, State.SAVED);

    private final Composer composer;
    private final SentJournal journal;
    private final Clock clock;
    private final Settings settings;
    private final Sending.Means means;
    private final ConcurrentMap<String, Work> running = new ConcurrentHashMap<>();

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
        this.journal = new SentJournal(store, clock);
        this.clock = clock;
        this.settings = settings;
        var copies = new SentCopies(places, store, clock, settings.savesSent());
        var notices = new Notices(places, clock);
        var queue = settings.queue().map(q -> new MailQueue(q, submission, copies, notices, store, clock));
        this.means = new Sending.Means(
                composer, submission, places, journal, copies, notices, queue, clock, settings.savesSent());
    }

    /** What waits to be delivered later, if phones are answered before the server has taken a mail. */
    public Optional<MailQueue> queue() {
        return means.queue();
    }

    /**
     * How mail is sent.
     *
     * @param savesSent whether the server puts a copy into Sent itself
     * @param mostBytes of a message as the phone sends it
     * @param queue where mails wait that the server does not take now; without one, they wait on the phone
     */
    public record Settings(SavesSent savesSent, long mostBytes, Optional<Queue> queue) {

        public Settings(SavesSent savesSent, long mostBytes) {
            this(savesSent, mostBytes, Optional.empty());
        }
    }

    /**
     * Where mails wait.
     *
     * @param directory of their own, made when it is needed
     * @param lifetime after which they are given back to their user
     * @param mails of one user, at most
     * @param userBytes of the mails of one user, at most
     * @param bytes of all mails, at most
     */
    public record Queue(Path directory, Duration lifetime, int mails, long userBytes, long bytes) {

        /** The usual: 100 mails and 256 MiB of a user, 4 GiB in all. */
        public Queue(Path directory, Duration lifetime) {
            this(directory, lifetime, 100, 256L << 20, 4L << 30);
        }
    }

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
        try {
            send(request, SendRequest.read(request, root, settings.mostBytes()), kind);
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
            // In this order: what is not running any more has written its end.
            boolean isRunning = running.containsKey(key(request, identity));
            var state = stateOf(request, identity);
            if (state.filter(DONE::contains).isPresent()) {
                return; // just after it was too late to wait for it
            }
            // What the server has refused is not waited for, though an earlier try may have been taken.
            boolean mayBeTaken = e.status() == CommonStatus.SERVER_ERROR_RETRY_LATER
                    && state.filter(UNDECIDED::contains).isPresent();
            if (isRunning || mayBeTaken) {
                throw new BackendUnavailableException("a draft that may be sent is not done with", RETRY);
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

    /** Takes the request over: it is closed when the work is done. */
    private void send(Request request, SendRequest sending, Kind kind) {
        Composer.Draft draft;
        try {
            sending.accountId().ifPresent(id -> checkAccount(request.account(), id));
            draft = composer.read(sending.mime());
        } catch (RuntimeException e) {
            sending.close();
            throw e;
        }
        var key = key(request, sending.identity());
        var mine = new Work();
        var other = running.size() >= AT_ONCE ? running.get(key) : running.putIfAbsent(key, mine);
        if (other != null) {
            sending.close();
            other.await(request.deadline());
            return;
        }
        if (running.get(key) != mine) {
            sending.close();
            throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, "too many mails are being sent");
        }
        Thread.ofVirtual().name("sending " + request.id()).start(() -> {
            try (sending) {
                new Sending(means, request, sending, draft, kind, key).run();
            } catch (RuntimeException | Error e) {
                mine.problem.set(e);
            } finally {
                running.remove(key, mine);
                mine.done.countDown();
            }
        });
        mine.await(request.deadline());
    }

    /** A sending under way. */
    private final class Work {

        private final CountDownLatch done = new CountDownLatch(1);
        private final AtomicReference<@Nullable Throwable> problem = new AtomicReference<>();

        /** Gives its result; Status 111 if there is none in time. */
        void await(Instant deadline) {
            var left = Duration.between(clock.instant(), deadline.minus(BEFORE_DEADLINE));
            var wait = left.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : left;
            boolean over = false;
            try {
                over = done.await(wait.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (!over) {
                throw new StatusException(CommonStatus.SERVER_ERROR_RETRY_LATER, "the message is being sent");
            }
            switch (problem.get()) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> {}
            }
        }
    }

    /** Waits for what is under way, so long at most: what is not done then is found in the journal again. */
    public void close(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        for (var work : running.values()) {
            try {
                if (!work.done.await(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    log.warn("stopped within a sending: its phone will ask again sendings={}", running.size());
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        close(Duration.ofSeconds(10));
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
}
