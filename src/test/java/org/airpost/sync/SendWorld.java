package org.airpost.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Submission;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.command.Answer;
import org.airpost.command.Documents;
import org.airpost.command.Request;
import org.airpost.eas.CommandName;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.eas.Spool;
import org.airpost.store.Store;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.Life.How;
import org.airpost.sync.Life.Mishap;
import org.airpost.sync.ModelWorld.Op;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.ComposeMail;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/**
 * Two phones of different versions that send mail, and what can go wrong on the way: a server that says no, not now, or
 * nothing; answers that are lost; the same request on two connections at once; a store and a mailbox that fail; and a gateway
 * that is killed anywhere. Each mail has a number: its subject is {@code m17}.
 *
 * <p>In the end each mail that a phone was told is sent has been delivered once and is in Sent once, and none that was
 * refused has been delivered. One window is left, and is counted: the server has taken a mail, and its reply to the final dot
 * is lost on the way, or with the process that was to write it down. Then the mail may be delivered twice, with the same
 * Message-ID, but never be lost.
 */
final class SendWorld implements ModelRun {

    private static final String USER = "ann";
    private static final Pattern SUBJECT = Pattern.compile("(?im)^Subject: (?:Re: |Fwd: )?m(\\d+)\\s*$");
    private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID: (\\S+)\\s*$");
    private static final int ORIGINALS = 3;
    private static final List<List<ProtocolVersion>> VERSIONS = List.of(
            List.of(ProtocolVersion.V12_1, ProtocolVersion.V16_1),
            List.of(ProtocolVersion.V14_1, ProtocolVersion.V16_0),
            List.of(ProtocolVersion.V12_1, ProtocolVersion.V14_0));

    private final SendCounts counts;
    private final ModelClock clock = new ModelClock();
    private final MemoryMail mail = new MemoryMail(clock).user(USER, "secret");
    private final MailAccount raw =
            mail.signIn(new Credentials(USER, "secret")) instanceof SignIn.Accepted(var there) ? there : none();
    private final MemoryStore disk = new MemoryStore(clock);
    private final Smtp smtp = new Smtp();
    private final List<Phone> phones;
    private final List<Mail> mails = new ArrayList<>();
    private final List<String> history = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(7);
    private Life life = new Life();
    private ModelEngine engine = engine();

    SendWorld(long seed, SendCounts counts) {
        this.counts = counts;
        var versions = VERSIONS.get((int) (seed % VERSIONS.size()));
        phones = List.of(new Phone("one", versions.getFirst()), new Phone("two", versions.getLast()));
        for (int i = 1; i <= ORIGINALS; i++) {
            var text = """
                    From: bob@example.org
                    To: ann@example.org
                    Subject: question %d
                    Message-ID: <q%d@test>

                    Well?
                    """.replace("\n", "\r\n").formatted(i, i);
            raw.append("INBOX", MessageSource.of(text.getBytes(UTF_8)), Set.of(), clock.instant());
        }
    }

    private static MailAccount none() {
        throw new AssertionError("the memory server refuses Ann");
    }

    private ModelEngine engine() {
        return new ModelEngine(
                life.reached(Store.class, disk), clock, life.reached(Submission.class, smtp), 1 << 20, random);
    }

    private void restart() {
        life = new Life();
        engine = engine();
    }

    private Account account(MailAccount reached) {
        return new Account(USER, new Credentials(USER, "secret"), reached, List.of("ann@example.org"), "Ann");
    }

    // Mails and phones.

    /** What a phone sends. */
    private enum Kind {
        SEND(CommandName.SEND_MAIL, ComposeMail.SEND_MAIL),
        REPLY(CommandName.SMART_REPLY, ComposeMail.SMART_REPLY),
        FORWARD(CommandName.SMART_FORWARD, ComposeMail.SMART_FORWARD),
        /** A draft that is sent when it is made. */
        NEW_DRAFT(CommandName.SYNC, ComposeMail.SEND_MAIL),
        /** A draft that is in the folder of drafts first. */
        STORED_DRAFT(CommandName.SYNC, ComposeMail.SEND_MAIL);

        private final CommandName command;
        private final ComposeMail root;

        Kind(CommandName command, ComposeMail root) {
            this.command = command;
            this.root = root;
        }

        boolean isDraft() {
            return command == CommandName.SYNC;
        }
    }

    private enum State {
        /** A draft that is not sent yet. */
        WRITTEN,
        /** Asked for, and not answered. */
        PENDING,
        SENT,
        REFUSED,
        /** The phone's user has taken it out of the outbox without an answer. */
        ABANDONED
    }

    private static final class Mail {
        private final int number;
        private final Kind kind;
        private final boolean save;
        private State state = State.PENDING;
        private int windows;

        Mail(int number, Kind kind, boolean save) {
            this.number = number;
            this.kind = kind;
            this.save = save;
        }

        @Override
        public String toString() {
            return "m%d %s%s %s".formatted(number, kind, save ? "" : " unsaved", state);
        }
    }

    /** A request that was sent, to be repeated byte for byte. */
    private record Asked(
            Mail mail,
            CommandName command,
            Map<Parameter, String> parameters,
            boolean saveInSent,
            byte[] body,
            boolean sends) {

        @Override
        public String toString() {
            return "m%d %s%s".formatted(mail.number, mail.kind, sends ? "" : ", to be kept");
        }
    }

    private static final class Phone {
        private final String name;
        private final ProtocolVersion version;
        private final Map<String, Mail> drafts = new TreeMap<>();
        private String draftsKey = "0";
        private Optional<Asked> pending = Optional.empty();

        Phone(String name, ProtocolVersion version) {
            this.name = name;
            this.version = version;
        }

        boolean isPlain() {
            return version == ProtocolVersion.V12_1;
        }

        boolean hasDrafts() {
            return version.atLeast(ProtocolVersion.V16_0);
        }
    }

    // The server that mail is handed to.

    /** What the server does with the next message. */
    private enum Plan {
        TAKES,
        TAKES_FOR_ONE,
        DEFERS_AT_ONCE,
        DEFERS,
        REFUSES_AT_ONCE,
        REFUSES,
        TAKES_AND_SAYS_NOTHING,
        DROPS_IT_AND_SAYS_NOTHING
    }

    private record Delivered(int number, String messageId, List<String> recipients) {}

    private final class Smtp implements Submission {

        private final List<Delivered> delivered = new ArrayList<>();
        private Plan plan = Plan.TAKES;
        private Runnable meanwhile = () -> {};
        private Optional<Mail> taken = Optional.empty();

        @Override
        public Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message) {
            throw new AssertionError("nobody is told of the last byte");
        }

        @Override
        public Submitted submit(
                Credentials credentials,
                String from,
                List<String> recipients,
                MessageSource message,
                Runnable lastByte) {
            var now = plan;
            plan = Plan.TAKES;
            meanwhile.run();
            if (now == Plan.DEFERS_AT_ONCE) {
                return new Submitted.Deferred("421 later");
            }
            if (now == Plan.REFUSES_AT_ONCE) {
                return new Submitted.Rejected(Outcome.Refusal.OTHER, "550 no");
            }
            lastByte.run();
            return switch (now) {
                case DEFERS, DEFERS_AT_ONCE -> new Submitted.Deferred("451 later");
                case REFUSES, REFUSES_AT_ONCE -> new Submitted.Rejected(Outcome.Refusal.OTHER, "550 no");
                case DROPS_IT_AND_SAYS_NOTHING -> new Submitted.Unknown("the connection ended");
                case TAKES -> {
                    take(recipients, message);
                    yield new Submitted.Taken(List.of());
                }
                case TAKES_FOR_ONE -> {
                    take(recipients.subList(0, 1), message);
                    yield new Submitted.Taken(recipients.stream()
                            .skip(1)
                            .map(refused -> new RefusedRecipient(refused, "550 5.1.1 who?"))
                            .toList());
                }
                case TAKES_AND_SAYS_NOTHING -> {
                    openWindow(take(recipients, message));
                    yield new Submitted.Unknown("the connection ended");
                }
            };
        }

        private Mail take(List<String> recipients, MessageSource message) {
            String text;
            try (var in = message.open()) {
                text = new String(in.readAllBytes(), UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            var subject = SUBJECT.matcher(text);
            var id = MESSAGE_ID.matcher(text);
            if (!subject.find() || !id.find()) {
                throw new AssertionError("a mail without subject or Message-ID: " + text);
            }
            int number = Integer.parseInt(subject.group(1));
            delivered.add(new Delivered(number, id.group(1), recipients));
            var one = mails.get(number);
            taken = Optional.of(one);
            // The call after this one writes down that it is taken.
            life.watch();
            if (life.isDead()) {
                openWindow(one);
            }
            return one;
        }

        private void openWindow(Mail one) {
            one.windows++;
            counts.windows.increment();
        }
    }

    // What happens.

    private static final List<String> WORDS = List.of("restart", "time");

    @Override
    public String words(Op op) {
        return op.kind() % 16 < WORDS.size() ? WORDS.get(op.kind() % 16) : "act";
    }

    @Override
    public void step(Op op) {
        switch (op.kind() % 16) {
            case 0 -> restart();
            case 1 -> clock.move(Duration.ofMinutes(op.a() % 60));
            default -> act(phones.get(op.a() % 2), op);
        }
    }

    private void act(Phone phone, Op op) {
        if (phone.hasDrafts() && phone.draftsKey.equals("0")) {
            startDrafts(phone);
        } else if (phone.pending.isPresent()) {
            var asked = phone.pending.get();
            if (op.b() % 13 == 0 && !asked.mail().kind.isDraft()) {
                asked.mail().state = State.ABANDONED;
                phone.pending = Optional.empty();
                history.add("%s: %s is given up".formatted(phone.name, asked));
            } else {
                exchange(phone, asked, op, false);
            }
        } else {
            exchange(phone, next(phone, op), op, false);
        }
    }

    private Asked next(Phone phone, Op op) {
        int what = op.b() % 8;
        if (phone.hasDrafts() && what < 4) {
            if (what < 2 && !phone.drafts.isEmpty()) {
                var drafts = List.copyOf(phone.drafts.entrySet());
                var draft = drafts.get(op.c() % drafts.size());
                return sendStored(phone, draft.getKey(), draft.getValue(), op.d() % 2 == 0);
            }
            var mail = add(what == 2 ? Kind.NEW_DRAFT : Kind.STORED_DRAFT, true);
            return sync(phone, mail, "Add", "c" + mail.number, what == 2, true);
        }
        var kind = List.of(Kind.SEND, Kind.SEND, Kind.REPLY, Kind.FORWARD).get(what % 4);
        return send(phone, add(kind, op.c() % 4 != 0), op);
    }

    private Mail add(Kind kind, boolean save) {
        var mail = new Mail(mails.size(), kind, save);
        mails.add(mail);
        counts.mails.increment();
        return mail;
    }

    private Asked send(Phone phone, Mail mail, Op op) {
        var subject = (mail.kind == Kind.REPLY ? "Re: " : mail.kind == Kind.FORWARD ? "Fwd: " : "") + "m" + mail.number;
        var text = new StringBuilder("To: bob@example.org, carl@example.org\r\nSubject: " + subject + "\r\n");
        if (phone.isPlain() || op.d() % 2 == 0) {
            text.append("Date: Sun, 1 Mar 2026 12:00:00 +0000\r\n");
        }
        if (op.d() % 3 == 0) {
            text.append("Message-ID: <phone-%d@example.org>\r\n".formatted(mail.number));
        }
        var mime = text.append("\r\nHello\r\n").toString().getBytes(UTF_8);
        var folder = engine.folders.list(account(raw)).stream()
                .filter(one -> one.type() == FolderType.INBOX)
                .findFirst()
                .orElseThrow()
                .id();
        var original = folder + ":" + (1 + op.c() % ORIGINALS);
        boolean hasOriginal = mail.kind != Kind.SEND;
        if (phone.isPlain()) {
            var parameters = hasOriginal
                    ? Map.of(Parameter.COLLECTION_ID, folder, Parameter.ITEM_ID, original)
                    : Map.<Parameter, String>of();
            return new Asked(mail, mail.kind.command, parameters, mail.save, mime, true);
        }
        var body = Documents.bytes(out -> {
            out.start(mail.kind.root).text(ComposeMail.CLIENT_ID, "c" + mail.number);
            if (hasOriginal) {
                out.start(ComposeMail.SOURCE)
                        .text(ComposeMail.FOLDER_ID, folder)
                        .text(ComposeMail.ITEM_ID, original)
                        .end();
            }
            if (mail.save) {
                out.empty(ComposeMail.SAVE_IN_SENT_ITEMS);
            }
            out.opaque(ComposeMail.MIME, mime).end();
        });
        return new Asked(mail, mail.kind.command, Map.of(), false, body, true);
    }

    private Asked sendStored(Phone phone, String id, Mail mail, boolean withContent) {
        mail.state = State.PENDING;
        return sync(phone, mail, "Change", id, true, withContent);
    }

    private Asked sync(Phone phone, Mail mail, String what, String id, boolean sends, boolean withContent) {
        var folder = engine.folders.special(account(raw), FolderType.DRAFTS).id();
        var body = Documents.bytes(out -> {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS).start(AirSync.COLLECTION);
            out.text(AirSync.SYNC_KEY, phone.draftsKey).text(AirSync.COLLECTION_ID, folder);
            out.start(AirSync.COMMANDS);
            if (what.equals("Add")) {
                out.start(AirSync.ADD).text(AirSync.CLIENT_ID, id);
            } else {
                out.start(AirSync.CHANGE).text(AirSync.SERVER_ID, id);
            }
            if (sends) {
                out.empty(Email2.SEND);
            }
            if (withContent) {
                out.start(AirSync.APPLICATION_DATA)
                        .text(Email.TO, "bob@example.org, carl@example.org")
                        .text(Email.SUBJECT, "m" + mail.number)
                        .end();
            }
            out.end().end().end().end().end();
        });
        return new Asked(mail, CommandName.SYNC, Map.of(), false, body, sends);
    }

    private void startDrafts(Phone phone) {
        var folder = engine.folders.special(account(raw), FolderType.DRAFTS).id();
        var body = Documents.bytes(out -> out.start(AirSync.SYNC)
                .start(AirSync.COLLECTIONS)
                .start(AirSync.COLLECTION)
                .text(AirSync.SYNC_KEY, "0")
                .text(AirSync.COLLECTION_ID, folder)
                .end()
                .end()
                .end());
        var asked = new Asked(new Mail(-1, Kind.STORED_DRAFT, false), CommandName.SYNC, Map.of(), false, body, false);
        if (engine.run(request(phone, asked)) instanceof ModelEngine.Outcome.Answered(var answer)) {
            phone.draftsKey = Synced.read(bytes(answer)).key;
        }
    }

    @Override
    public void catchUp() {
        var calm = new Op(0, 0, 1, 0, 0, 0);
        for (var phone : phones) {
            for (int i = 0; phone.pending.isPresent(); i++) {
                require(i < 5, "%s is never answered".formatted(phone.pending));
                exchange(phone, phone.pending.get(), calm, true);
            }
        }
        var delivered = new HashMap<Integer, List<Delivered>>();
        smtp.delivered.forEach(one ->
                delivered.computeIfAbsent(one.number(), n -> new ArrayList<>()).add(one));
        var sent = numbers("Sent");
        var drafts = numbers("Drafts");
        for (var one : mails) {
            check(
                    one,
                    delivered.getOrDefault(one.number, List.of()),
                    sent.stream().filter(n -> n == one.number).count(),
                    drafts.stream().filter(n -> n == one.number).count());
        }
        counts.delivered.add(delivered.size());
        counts.doubled.add(
                delivered.values().stream().filter(times -> times.size() > 1).count());
    }

    private void check(Mail one, List<Delivered> times, long copies, long drafts) {
        require(times.size() <= 1 + one.windows, "%s is delivered %d times".formatted(one, times.size()));
        var ids = new HashSet<String>();
        times.forEach(time -> ids.add(time.messageId()));
        require(ids.size() <= 1, "%s has the Message-IDs %s".formatted(one, ids));
        require(copies <= 1, "%s is in Sent %d times".formatted(one, copies));
        require(drafts <= 1, "%s is in Drafts %d times".formatted(one, drafts));
        switch (one.state) {
            case SENT -> {
                require(!times.isEmpty(), one + " is lost");
                require(copies == (one.save ? 1 : 0), "%s is in Sent %d times".formatted(one, copies));
                require(drafts == 0, one + " is still a draft");
            }
            case REFUSED, WRITTEN -> {
                require(times.size() <= one.windows, one + " is delivered");
                require(copies <= times.size(), one + " is in Sent");
                require(one.state == State.REFUSED || drafts == 1, "%s is %d times in Drafts".formatted(one, drafts));
            }
            case ABANDONED -> require(copies <= times.size(), one + " is in Sent, and not delivered");
            case PENDING -> require(false, one + " at the end");
        }
    }

    private List<Integer> numbers(String mailbox) {
        var found = new ArrayList<Integer>();
        if (raw.refresh(mailbox, FolderView.UNKNOWN) instanceof Refreshed.Current(var view)) {
            for (long uid : view.present().ascending()) {
                raw.describe(mailbox, view.uidValidity(), List.of(uid)).forEach(message -> {
                    var subject = SUBJECT.matcher(new String(message.header(), UTF_8));
                    require(subject.find(), "a mail in %s that is not ours".formatted(mailbox));
                    found.add(Integer.parseInt(subject.group(1)));
                });
            }
        }
        return found;
    }

    // One request.

    private void exchange(Phone phone, Asked asked, Op op, boolean calm) {
        clock.move(Duration.ofSeconds(calm ? 70 : op.d() % 3 * 35));
        phone.pending = Optional.of(asked);
        smtp.plan = calm ? Plan.TAKES : plan(op.c() % 16);
        smtp.taken = Optional.empty();
        life.plan(calm ? List.of() : mishaps(op), (mishap, isCutOff) -> {
            (mishap.how().isDeath() ? counts.kills : counts.failures).increment();
            smtp.taken.filter(taken -> isCutOff).ifPresent(smtp::openWindow);
        });
        var twin = new Twin(() -> run(phone, asked));
        boolean atOnce = !calm && op.c() / 16 % 8 == 0;
        smtp.meanwhile = atOnce ? twin::start : () -> {};
        var planned = smtp.plan;
        counts.requests.increment();
        var outcome = run(phone, asked);
        smtp.meanwhile = () -> {};
        var second = twin.end();
        second.ifPresent(other -> counts.atOnce.increment());
        boolean lost = !calm && op.b() / 16 % 4 == 0;
        history.add("%s (%s): %s, server %s, %s%s -> %s%s%s, delivered %d"
                .formatted(
                        phone.name,
                        phone.version.text(),
                        asked,
                        planned,
                        calm ? "calm" : mishaps(op),
                        second.isPresent() ? ", at once" : "",
                        words(outcome),
                        second.map(other -> " and " + words(other)).orElse(""),
                        lost ? ", lost" : "",
                        smtp.delivered.size()));
        life.plan(List.of(), (mishap, isCutOff) -> {});
        if (life.isDead()) {
            restart();
        }
        if (lost) {
            counts.lostAnswers.increment();
        } else {
            // Whoever asks on a new connection waits for the answer there.
            take(phone, asked, second.orElse(outcome), calm);
        }
    }

    private static Plan plan(int number) {
        return switch (number) {
            case 0 -> Plan.DEFERS;
            case 1 -> Plan.REFUSES;
            case 2 -> Plan.TAKES_AND_SAYS_NOTHING;
            case 3 -> Plan.DROPS_IT_AND_SAYS_NOTHING;
            case 4 -> Plan.TAKES_FOR_ONE;
            case 5 -> Plan.DEFERS_AT_ONCE;
            case 6 -> Plan.REFUSES_AT_ONCE;
            default -> Plan.TAKES;
        };
    }

    private static List<Mishap> mishaps(Op op) {
        int first = 1 + op.d() / 16 % 16;
        var how = List.of(How.FAILS_BEFORE, How.FAILS_AFTER, How.DIES_BEFORE, How.DIES_AFTER);
        return switch (op.fault() % 12) {
            case 0, 1, 2, 3 -> List.of(new Mishap(first, how.get(op.fault() % 12)));
            case 4 ->
                List.of(
                        new Mishap(first, how.get(op.a() / 16 % 2)),
                        new Mishap(first + 1 + op.a() / 64 % 5, how.get(2 + op.a() / 32 % 2)));
            case 5 -> List.of(new Mishap(first, How.AWAY));
            default -> List.of();
        };
    }

    /** Empty if the process was killed. */
    private Optional<ModelEngine.Outcome> run(Phone phone, Asked asked) {
        try {
            return Optional.of(engine.run(request(phone, asked)));
        } catch (Life.Killed e) {
            return Optional.empty();
        }
    }

    private static String words(Optional<ModelEngine.Outcome> outcome) {
        return outcome.map(one -> switch (one) {
                    case ModelEngine.Outcome.Answered(Answer.Document(var spool)) -> Documents.text(bytes(spool));
                    case ModelEngine.Outcome.Answered(Answer.Empty()) -> "done";
                    default -> one.toString();
                })
                .orElse("killed");
    }

    /** The same request on another connection, while the first one is with the server. */
    private static final class Twin {

        private final java.util.function.Supplier<Optional<ModelEngine.Outcome>> work;
        private volatile Optional<Optional<ModelEngine.Outcome>> outcome = Optional.empty();
        private volatile Optional<Throwable> failure = Optional.empty();
        private Optional<Thread> thread = Optional.empty();

        Twin(java.util.function.Supplier<Optional<ModelEngine.Outcome>> work) {
            this.work = work;
        }

        /** Starts it once; returns when it has ended, or waits. */
        void start() {
            if (thread.isPresent()) {
                return;
            }
            var started = Thread.ofPlatform().daemon().unstarted(() -> {
                try {
                    outcome = Optional.of(work.get());
                } catch (RuntimeException | Error e) {
                    failure = Optional.of(e);
                }
            });
            thread = Optional.of(started);
            started.start();
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (!isIdle(started) && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }

        private static boolean isIdle(Thread thread) {
            return switch (thread.getState()) {
                case WAITING, TIMED_WAITING, TERMINATED -> true;
                default -> false;
            };
        }

        Optional<Optional<ModelEngine.Outcome>> end() {
            thread.ifPresent(started -> {
                try {
                    started.join(Duration.ofSeconds(40));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            if (failure.isPresent()) {
                throw new AssertionError("on the second connection: " + failure.get(), failure.get());
            }
            if (thread.isPresent() && outcome.isEmpty()) {
                throw new AssertionError("the second connection is never answered");
            }
            return outcome;
        }
    }

    private void take(Phone phone, Asked asked, Optional<ModelEngine.Outcome> outcome, boolean calm) {
        if (outcome.isEmpty()) {
            require(!calm, "killed");
            return;
        }
        switch (outcome.get()) {
            case ModelEngine.Outcome.Answered(var answer) -> {
                if (asked.command() == CommandName.SYNC) {
                    takeSync(phone, asked, answer);
                } else {
                    takeSend(phone, asked, answer);
                }
            }
            case ModelEngine.Outcome.Refused(int status) ->
                require(false, "%s: refused with %d".formatted(asked, status));
            case ModelEngine.Outcome.Unavailable(var words) -> require(!calm, words);
        }
    }

    private void takeSend(Phone phone, Asked asked, Answer answer) {
        switch (answer) {
            case Answer.Empty() -> end(phone, asked, State.SENT);
            case Answer.Http(int status, var headers) -> {
                require(phone.isPlain(), "HTTP %d for %s".formatted(status, asked));
                if (status != 503) {
                    require(status == 500, "HTTP %d for %s".formatted(status, asked));
                    end(phone, asked, State.REFUSED);
                }
            }
            default -> {
                require(!phone.isPlain(), "a document for " + asked);
                int status = status(bytes(answer));
                if (status != 111) {
                    require(status == 120, "Status %d for %s".formatted(status, asked));
                    end(phone, asked, State.REFUSED);
                }
            }
        }
    }

    private void end(Phone phone, Asked asked, State state) {
        asked.mail().state = state;
        phone.pending = Optional.empty();
    }

    private static int status(byte[] document) {
        var in = new WbxmlReader(new ByteArrayInputStream(document), WbxmlLimits.REQUEST);
        int status = 0;
        in.root();
        while (in.child()) {
            if (in.tag() == ComposeMail.STATUS) {
                status = (int) in.number(0, 1_000);
            } else {
                in.skip();
            }
        }
        return status;
    }

    private void takeSync(Phone phone, Asked asked, Answer answer) {
        var synced = Synced.read(bytes(answer));
        require(synced.status == 1, "Status %d for %s".formatted(synced.status, asked));
        require(!synced.key.isEmpty() && !synced.key.equals(phone.draftsKey), "no new key for " + asked);
        phone.draftsKey = synced.key;
        var mail = asked.mail();
        int status = synced.responses.values().stream().findFirst().orElse(1);
        boolean isAdd = !phone.drafts.containsValue(mail);
        require(!isAdd || !synced.responses.isEmpty(), "no Response to " + asked);
        if (status == 1 && asked.sends()) {
            end(phone, asked, State.SENT);
        } else if (status == 1) {
            end(phone, asked, State.WRITTEN);
            phone.drafts.put(synced.serverId, mail);
        } else {
            require(status == 111 || status == 120, "Status %d for %s".formatted(status, asked));
            end(phone, asked, isAdd ? State.REFUSED : State.WRITTEN);
        }
        for (var told : synced.told) {
            if (told.startsWith("Delete ")) {
                phone.drafts.remove(told.substring("Delete ".length()));
            } else if (told.startsWith("Add ")) {
                var item = told.split(" ", 3);
                int number = Integer.parseInt(item[2].replaceAll(".*m(\\d+)", "$1"));
                require(!phone.drafts.containsKey(item[1]), "Add of %s, which is here".formatted(item[1]));
                phone.drafts.put(item[1], mails.get(number));
            }
        }
    }

    /** An answer to a Sync. */
    private static final class Synced {
        private String key = "";
        private int status;
        private String serverId = "";
        private final Map<String, Integer> responses = new TreeMap<>();
        private final List<String> told = new ArrayList<>();

        static Synced read(byte[] document) {
            var synced = new Synced();
            if (document.length == 0) {
                return synced;
            }
            var in = new WbxmlReader(new ByteArrayInputStream(document), WbxmlLimits.REQUEST);
            in.root(AirSync.SYNC);
            while (in.child()) {
                while (in.child()) {
                    while (in.child()) {
                        switch (in.tag()) {
                            case AirSync.SYNC_KEY -> synced.key = in.text();
                            case AirSync.STATUS -> synced.status = (int) in.number(0, 1_000);
                            case AirSync.RESPONSES -> synced.responses(in);
                            case AirSync.COMMANDS -> synced.commands(in);
                            default -> in.skip();
                        }
                    }
                }
            }
            return synced;
        }

        private void responses(WbxmlReader in) {
            while (in.child()) {
                int itemStatus = 1;
                var id = "";
                while (in.child()) {
                    switch (in.tag()) {
                        case AirSync.CLIENT_ID -> id = in.text();
                        case AirSync.SERVER_ID -> serverId = in.text();
                        case AirSync.STATUS -> itemStatus = (int) in.number(0, 1_000);
                        default -> in.skip();
                    }
                }
                responses.put(id, itemStatus);
            }
        }

        private void commands(WbxmlReader in) {
            while (in.child()) {
                var what = in.tag().tagName();
                var id = "";
                var subject = "";
                while (in.child()) {
                    switch (in.tag()) {
                        case AirSync.SERVER_ID -> id = in.text();
                        case AirSync.APPLICATION_DATA -> {
                            while (in.child()) {
                                if (in.tag() == Email.SUBJECT) {
                                    subject = in.text();
                                } else {
                                    in.skip();
                                }
                            }
                        }
                        default -> in.skip();
                    }
                }
                told.add("%s %s %s".formatted(what, id, subject).strip());
            }
        }
    }

    private Request request(Phone phone, Asked asked) {
        var line = new RequestLine(
                asked.command(),
                phone.version,
                phone.name,
                "Model",
                Optional.empty(),
                USER,
                asked.parameters(),
                asked.saveInSent(),
                false);
        boolean isPlain = phone.isPlain() && asked.command() != CommandName.SYNC;
        return new Request(
                "r",
                line,
                account(life.reached(MailAccount.class, raw)),
                isPlain ? "message/rfc822" : "application/vnd.ms-sync.wbxml",
                ModelRequests.spool(asked.body()),
                "",
                clock.instant().plus(ModelRequests.TIME));
    }

    /** Not closed: some answers are read twice. */
    private static byte[] bytes(Answer answer) {
        return switch (answer) {
            case Answer.Empty() -> new byte[0];
            case Answer.Document(var spool) -> bytes(spool);
            default -> throw new AssertionError("answer " + answer);
        };
    }

    private static byte[] bytes(Spool spool) {
        try (var in = spool.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("%s%n    %s".formatted(what, String.join("\n    ", history)));
        }
    }
}
