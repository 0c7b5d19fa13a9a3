package org.airpost.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.UidSet;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.command.Documents;
import org.airpost.command.Request;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.ModelWorld.Op;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/**
 * A folder of drafts, two phones and a desktop that all write in it, and what can go wrong between them. Every draft has a
 * number, and every text of it one: its subject is {@code d7 t31}.
 */
final class DraftWorld implements ModelRun {

    private static final String USER = "ann";
    private static final String DRAFTS = "Drafts";
    private static final Pattern SUBJECT = Pattern.compile("(?im)^Subject: (d(\\d+) t(\\d+))\\s*$");
    private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID: (\\S+)\\s*$");
    private static final List<String> WORDS =
            List.of(("desktop writes, desktop edits, desktop edits, desktop deletes, restart, submission fails,"
                            + " act, act, act, act, act, act, act, act, act, act")
                    .split(", ?"));

    private final ModelClock clock = new ModelClock();
    private final MemoryMail mail = new MemoryMail(clock).user(USER, "secret");
    private final MemorySubmission submission = new MemorySubmission(mail);
    private final MailAccount raw =
            mail.signIn(new Credentials(USER, "secret")) instanceof SignIn.Accepted(var there) ? there : none();
    private final FaultyMail faulty = new FaultyMail(raw);
    private final FaultyStore store = new FaultyStore(new MemoryStore(clock));
    private final Account account =
            new Account(USER, new Credentials(USER, "secret"), faulty, List.of("ann@example.org"), "Ann");
    private final List<Phone> phones = List.of(new Phone("one", 1), new Phone("two", 0));
    private ModelEngine engine = new ModelEngine(store, clock, submission, 1 << 20);
    private final List<String> history = new ArrayList<>();
    private int drafts;
    private int texts;

    /** Drafts that somebody has deleted or sent, or may have, or that may never have come to be. */
    private final Set<Integer> endangered = new HashSet<>();

    /** Drafts that the desktop has edited; one of them may be sent and stay. */
    private final Set<Integer> shared = new HashSet<>();

    /**
     * Drafts of which a phone asked something that was done by half and not noted, and then did not ask again, or somebody else
     * went on with what was there before it did. Each text is somebody's edit, and stays.
     */
    private final Set<Integer> abandoned = new HashSet<>();

    /** Texts that a phone was told were sent, and the draft of each. */
    private final Map<Integer, Integer> sent = new TreeMap<>();

    private static MailAccount none() {
        throw new AssertionError("the memory server refuses Ann");
    }

    @Override
    public String words(Op op) {
        return WORDS.get(op.kind() % 16);
    }

    /** What a phone asks for. */
    private record Command(Kind kind, String id, int draft, int text, boolean asMime, boolean withContent) {

        enum Kind {
            ADD,
            ADD_AND_SEND,
            CHANGE,
            CHANGE_AND_SEND,
            DELETE
        }

        boolean sends() {
            return kind == Kind.ADD_AND_SEND || kind == Kind.CHANGE_AND_SEND;
        }

        String subject() {
            return "d%d t%d".formatted(draft, text);
        }

        @Override
        public String toString() {
            return "%s %s (%s%s)".formatted(kind, id, withContent ? subject() : "d" + draft, asMime ? ", MIME" : "");
        }
    }

    /** A phone: what it has, and what it has asked for and got no answer to. */
    private static final class Phone {
        private final DeviceKey device;
        private final int conflict;
        private final Map<String, String> items = new TreeMap<>();
        private String key = "0";
        private Optional<List<Command>> pending = Optional.empty();
        private boolean unavailable;
        private int clientIds;

        Phone(String name, int conflict) {
            this.device = new DeviceKey(USER, name);
            this.conflict = conflict;
        }
    }

    @Override
    public void step(Op op) {
        if (op.kind() % 16 < 6) {
            history.add(words(op));
        }
        switch (op.kind() % 16) {
            case 0 -> desktopWrites();
            case 1, 2 -> desktopEdits(op);
            case 3 -> desktopDeletes(op);
            case 4 -> engine = new ModelEngine(store, clock, submission, 1 << 20);
            case 5 ->
                submission.next(
                        op.a() % 2 == 0
                                ? new Submitted.Deferred("451 later")
                                : new Submitted.Rejected(Outcome.Refusal.OTHER, "550 no"));
            default -> act(phones.get(op.a() % 2), op);
        }
    }

    @Override
    public void catchUp() {
        var calm = new Op(0, 0, 0, 0, 0, 0);
        for (int round = 0; round < 2; round++) {
            for (var phone : phones) {
                for (int i = 0; phone.pending.isPresent(); i++) {
                    require(i < 5, phone, "its request is never answered");
                    exchange(phone, phone.pending.get(), calm);
                }
                for (boolean more = true; more; ) {
                    var before = phone.key;
                    exchange(phone, List.of(), calm);
                    more = !phone.key.equals(before);
                }
            }
        }
        var there = mailbox();
        var subjects = there.values().stream().map(Draft::subject).sorted().toList();
        for (var phone : phones) {
            require(
                    phone.items.values().stream().sorted().toList().equals(subjects),
                    phone,
                    "has %s, and the mailbox %s".formatted(phone.items, there));
        }
        var numbers = there.values().stream().map(Draft::number).toList();
        require(areOnce(numbers), phones.getFirst(), "a draft twice: " + there);
        for (int draft = 0; draft < drafts; draft++) {
            require(
                    numbers.contains(draft) || endangered.contains(draft),
                    phones.getFirst(),
                    "draft %d is lost: %s".formatted(draft, there));
        }
        checkDelivered(numbers);
    }

    private boolean areOnce(List<Integer> numbers) {
        var whole = numbers.stream().filter(draft -> !abandoned.contains(draft)).toList();
        return new HashSet<>(whole).size() == whole.size();
    }

    private void checkDelivered(List<Integer> left) {
        var delivered = new ArrayList<Integer>();
        var deliveredDrafts = new ArrayList<Integer>();
        for (var one : submission.sent()) {
            var subject = SUBJECT.matcher(new String(one.message(), UTF_8));
            require(subject.find(), phones.getFirst(), "a mail without a subject of ours");
            deliveredDrafts.add(Integer.parseInt(subject.group(2)));
            delivered.add(Integer.parseInt(subject.group(3)));
        }
        require(areOnce(deliveredDrafts), phones.getFirst(), "a mail twice: " + deliveredDrafts);
        sent.values().removeAll(abandoned);
        require(
                delivered.containsAll(sent.keySet()),
                phones.getFirst(),
                "sent %s, and not %s".formatted(delivered, sent.keySet()));
        for (int draft : deliveredDrafts) {
            require(
                    !left.contains(draft) || shared.contains(draft) || abandoned.contains(draft),
                    phones.getFirst(),
                    "draft %d is sent and still there".formatted(draft));
        }
        var copies = raw.refresh("Sent", FolderView.UNKNOWN) instanceof Refreshed.Current(var view)
                ? view.present().size()
                : 0;
        require(copies <= delivered.size(), phones.getFirst(), "%d copies of %d".formatted(copies, delivered.size()));
    }

    // The desktop.

    /** A message in the folder. */
    private record Draft(int number, String subject, String messageId) {

        @Override
        public String toString() {
            return subject;
        }
    }

    private Map<Long, Draft> mailbox() {
        var found = new LinkedHashMap<Long, Draft>();
        if (raw.refresh(DRAFTS, FolderView.UNKNOWN) instanceof Refreshed.Current(var view)) {
            for (var message :
                    raw.describe(DRAFTS, view.uidValidity(), view.present().ascending())) {
                var header = new String(message.header(), UTF_8);
                var subject = SUBJECT.matcher(header);
                var id = MESSAGE_ID.matcher(header);
                if (!subject.find() || !id.find()) {
                    throw new AssertionError("a draft without subject or Message-ID: " + header);
                }
                found.put(message.uid(), new Draft(Integer.parseInt(subject.group(2)), subject.group(1), id.group(1)));
            }
        }
        return found;
    }

    private void write(String subject, String messageId) {
        var text = "From: ann@example.org\r\nTo: bob@example.org\r\nSubject: %s\r\nMessage-ID: %s\r\n\r\nHello\r\n"
                .formatted(subject, messageId);
        raw.append(DRAFTS, MessageSource.of(text.getBytes(UTF_8)), Set.of(FolderView.DRAFT), clock.instant());
    }

    private void desktopWrites() {
        int draft = drafts++;
        write("d%d t%d".formatted(draft, texts++), "<desktop-%d@example.org>".formatted(draft));
    }

    private void desktopEdits(Op op) {
        var there = mailbox();
        if (!there.isEmpty()) {
            var chosen = List.copyOf(there.entrySet()).get(op.b() % there.size());
            long uid = chosen.getKey();
            var draft = chosen.getValue();
            shared.add(draft.number());
            meddle(draft.number());
            write("d%d t%d".formatted(draft.number(), texts++), draft.messageId());
            expunge(uid);
        }
    }

    private void desktopDeletes(Op op) {
        var there = mailbox();
        if (!there.isEmpty()) {
            var chosen = List.copyOf(there.entrySet()).get(op.b() % there.size());
            endangered.add(chosen.getValue().number());
            meddle(chosen.getValue().number());
            expunge(chosen.getKey());
        }
    }

    /** Somebody goes on with a draft, while a command of somebody else on it may be done by half. */
    private void meddle(int draft) {
        boolean isHalfDone = phones.stream()
                .filter(phone -> phone.unavailable)
                .flatMap(phone -> phone.pending.stream().flatMap(List::stream))
                .anyMatch(command -> command.draft() == draft);
        long there =
                mailbox().values().stream().filter(one -> one.number() == draft).count();
        if (isHalfDone || there > 1) {
            abandoned.add(draft);
        }
    }

    private void expunge(long uid) {
        if (raw.refresh(DRAFTS, FolderView.UNKNOWN) instanceof Refreshed.Current(var view)) {
            raw.expunge(DRAFTS, view.uidValidity(), UidSet.of(uid));
        }
    }

    // The phones.

    private void act(Phone phone, Op op) {
        if (phone.key.equals("0")) {
            exchange(phone, List.of(), op);
        } else if (phone.pending.isPresent()) {
            var again = op.b() % 4 == 0 ? otherwise(phone.pending.get(), op) : phone.pending.get();
            exchange(phone, again, op);
        } else {
            var commands = commands(phone, op);
            commands.forEach(command -> meddle(command.draft()));
            exchange(phone, commands, op);
        }
    }

    private List<Command> commands(Phone phone, Op op) {
        var commands = new ArrayList<Command>();
        var items = List.copyOf(phone.items.entrySet());
        boolean mime = op.d() % 3 == 0;
        if (op.b() % 3 == 0) {
            int draft = drafts++;
            var kind = op.b() % 4 == 0 ? Command.Kind.ADD_AND_SEND : Command.Kind.ADD;
            // Some phones count anew in each request.
            var clientId = op.c() % 2 == 0 ? "1" : "c" + phone.clientIds++;
            commands.add(new Command(kind, clientId, draft, texts++, mime, true));
        }
        if (!items.isEmpty()) {
            var item = items.get(op.c() % items.size());
            var id = item.getKey();
            int draft = Integer.parseInt(item.getValue().replaceAll("d(\\d+) .*", "$1"));
            int text = Integer.parseInt(item.getValue().replaceAll(".* t(\\d+)", "$1"));
            switch (op.d() % 8) {
                case 0, 1, 2, 3 -> commands.add(new Command(Command.Kind.CHANGE, id, draft, texts++, mime, true));
                case 4 -> commands.add(new Command(Command.Kind.CHANGE_AND_SEND, id, draft, texts++, mime, true));
                case 5 -> commands.add(new Command(Command.Kind.CHANGE_AND_SEND, id, draft, text, mime, false));
                case 6 -> commands.add(new Command(Command.Kind.DELETE, id, draft, text, mime, false));
                default -> {}
            }
        }
        return commands;
    }

    /** The phone's user has gone on in the meantime: other texts, or some of it no more. */
    private List<Command> otherwise(List<Command> before, Op op) {
        var after = new ArrayList<Command>();
        for (var command : before) {
            if (op.c() % 3 == 0) {
                abandoned.add(command.draft());
                endangered.add(command.draft());
                continue;
            }
            boolean isText = command.withContent() && !command.sends();
            boolean isThere = mailbox().values().stream().anyMatch(one -> one.number() == command.draft());
            if (isText && command.kind() == Command.Kind.ADD && !isThere) {
                abandoned.add(command.draft()); // somebody has sent the first text of it, and this one is another
            }
            after.add(
                    isText
                            ? new Command(
                                    command.kind(), command.id(), command.draft(), texts++, command.asMime(), true)
                            : command);
        }
        return after;
    }

    private void exchange(Phone phone, List<Command> commands, Op op) {
        int kind = op.fault() % 16;
        var body = body(phone, commands);
        switch (kind) {
            case 0, 1 -> faulty.at(1 + op.d() % 9, FaultyMail.How.FAILS_BEFORE, () -> {});
            case 2, 3 -> faulty.at(1 + op.d() % 9, FaultyMail.How.FAILS_AFTER, () -> {});
            case 4 -> store.failAt(1 + op.d() % 5, false);
            case 5 -> store.failAt(1 + op.d() % 5, true);
            default -> {}
        }
        if (op.kind() == 0) { // catching up
            faulty.settle();
            store.settle();
        }
        // A sending that was cut off is tried again after a minute.
        clock.move(Duration.ofSeconds(op.kind() == 0 ? 70 : op.d() % 3 * 35));
        commands.stream()
                .filter(command -> command.sends() || command.kind() == Command.Kind.DELETE)
                .forEach(command -> endangered.add(command.draft()));
        phone.pending = Optional.of(commands);
        var key = phone.key;
        var outcome = engine.run(request(phone, body));
        faulty.settle();
        store.settle();
        phone.unavailable = outcome instanceof ModelEngine.Outcome.Unavailable;
        boolean lost = op.kind() != 0 && (kind == 6 || kind == 7 || kind == 8);
        history.add("%s at %s: %s -> %s%s, then %s, sent %d"
                .formatted(
                        phone.device.deviceId(),
                        key,
                        commands,
                        outcome.getClass().getSimpleName(),
                        lost ? " lost" : "",
                        mailbox(),
                        submission.sent().size()));
        switch (outcome) {
            case ModelEngine.Outcome.Answered(var answer) -> {
                var document = ModelRequests.bytes(answer);
                if (!lost) {
                    phone.pending = Optional.empty();
                    if (document.length > 0) {
                        take(phone, commands, document);
                    } else {
                        require(commands.isEmpty(), phone, "nothing is answered to " + commands);
                    }
                }
            }
            case ModelEngine.Outcome.Refused(int status) -> require(false, phone, "refused with " + status);
            case ModelEngine.Outcome.Unavailable(var words) -> require(op.kind() != 0, phone, words);
        }
    }

    private byte[] body(Phone phone, List<Command> commands) {
        var folder = engine.folders.special(account(raw), FolderType.DRAFTS).id();
        return Documents.bytes(out -> {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS).start(AirSync.COLLECTION);
            out.text(AirSync.SYNC_KEY, phone.key).text(AirSync.COLLECTION_ID, folder);
            out.start(AirSync.OPTIONS).text(AirSync.CONFLICT, phone.conflict).end();
            if (!commands.isEmpty()) {
                out.start(AirSync.COMMANDS);
                commands.forEach(command -> write(out, command));
                out.end();
            }
            out.end().end().end();
        });
    }

    private Account account(MailAccount mailAccount) {
        return new Account(USER, account.credentials(), mailAccount, account.addresses(), "Ann");
    }

    private static void write(WbxmlWriter out, Command command) {
        switch (command.kind()) {
            case ADD, ADD_AND_SEND -> out.start(AirSync.ADD).text(AirSync.CLIENT_ID, command.id());
            case CHANGE, CHANGE_AND_SEND -> out.start(AirSync.CHANGE).text(AirSync.SERVER_ID, command.id());
            case DELETE -> out.start(AirSync.DELETE).text(AirSync.SERVER_ID, command.id());
        }
        if (command.sends()) {
            out.empty(Email2.SEND);
        }
        if (command.withContent()) {
            out.start(AirSync.APPLICATION_DATA);
            if (command.asMime()) {
                var mime = "To: bob@example.org\r\nSubject: %s\r\n\r\nHello\r\n".formatted(command.subject());
                out.start(AirSyncBase.BODY).text(AirSyncBase.TYPE, 4);
                out.opaque(AirSyncBase.DATA, mime.getBytes(UTF_8)).end();
            } else {
                out.text(Email.TO, "bob@example.org").text(Email.SUBJECT, command.subject());
            }
            out.end();
        }
        out.end();
    }

    private Request request(Phone phone, byte[] body) {
        return ModelRequests.request(
                account,
                phone.device.deviceId(),
                ProtocolVersion.V16_1,
                CommandName.SYNC,
                body,
                clock.instant().plus(ModelRequests.TIME));
    }

    // Taking an answer.

    /** A response to a command of the phone. */
    private record Response(int status, String serverId) {}

    private void take(Phone phone, List<Command> commands, byte[] document) {
        var in = new WbxmlReader(new ByteArrayInputStream(document), WbxmlLimits.REQUEST);
        var responses = new LinkedHashMap<String, Response>();
        var told = new ArrayList<String[]>();
        in.root(AirSync.SYNC);
        while (in.child()) {
            while (in.child()) {
                while (in.child()) {
                    switch (in.tag()) {
                        case AirSync.SYNC_KEY -> {
                            var key = in.text();
                            require(!key.equals(phone.key), phone, "an answer with the key of before");
                            phone.key = key;
                        }
                        case AirSync.STATUS -> {
                            long status = in.number(0, 1_000);
                            require(status == 1, phone, "Status " + status);
                        }
                        case AirSync.RESPONSES -> readResponses(in, responses);
                        case AirSync.COMMANDS -> readCommands(in, told);
                        default -> in.skip();
                    }
                }
            }
        }
        var before = Set.copyOf(phone.items.keySet());
        commands.forEach(command -> applyOwn(phone, command, responses));
        require(responses.isEmpty(), phone, "not asked for: " + responses);
        for (var one : told) {
            boolean known = phone.items.containsKey(one[1]);
            switch (one[0]) {
                case "Add" -> {
                    // Of what the phone has added just now it is a change (MS-ASCMD_R757).
                    require(!before.contains(one[1]), phone, "Add of %s, which is here".formatted(one[1]));
                    phone.items.put(one[1], one[2]);
                }
                case "Delete" -> {
                    require(known, phone, "Delete of %s, which is not here".formatted(one[1]));
                    phone.items.remove(one[1]);
                }
                default -> require(known, phone, "%s of %s, which is not here".formatted(one[0], one[1]));
            }
        }
    }

    private void applyOwn(Phone phone, Command command, Map<String, Response> responses) {
        var response = Optional.ofNullable(responses.remove(command.id()));
        int status = response.map(Response::status).orElse(1);
        switch (command.kind()) {
            case ADD -> {
                require(response.isPresent(), phone, "no Response to " + command);
                require(status == 1, phone, "Status %d for %s".formatted(status, command));
                require(
                        !phone.items.containsKey(response.orElseThrow().serverId()),
                        phone,
                        "an Add gets the id of another draft: " + command);
                phone.items.put(response.orElseThrow().serverId(), command.subject());
            }
            case ADD_AND_SEND -> {
                require(response.isPresent(), phone, "no Response to " + command);
                if (status == 1) {
                    sent.put(command.text(), command.draft());
                } else {
                    require(status == 111 || status == 120, phone, "Status %d for %s".formatted(status, command));
                }
            }
            case CHANGE -> {
                require(Set.of(1, 7, 8).contains(status), phone, "Status %d for %s".formatted(status, command));
                if (status == 1) {
                    phone.items.put(command.id(), command.subject());
                }
            }
            case CHANGE_AND_SEND -> {
                require(
                        Set.of(1, 7, 8, 111, 120).contains(status),
                        phone,
                        "Status %d for %s".formatted(status, command));
                if (status == 1) {
                    if (command.withContent()) {
                        sent.put(command.text(), command.draft());
                    }
                } else if (status > 100 && command.withContent()) {
                    phone.items.put(command.id(), command.subject());
                }
            }
            case DELETE -> {
                require(status == 1, phone, "Status %d for %s".formatted(status, command));
                phone.items.remove(command.id());
            }
        }
    }

    private static void readResponses(WbxmlReader in, Map<String, Response> responses) {
        while (in.child()) {
            var clientId = Optional.<String>empty();
            var serverId = "";
            int status = 0;
            while (in.child()) {
                switch (in.tag()) {
                    case AirSync.CLIENT_ID -> clientId = Optional.of(in.text());
                    case AirSync.SERVER_ID -> serverId = in.text();
                    case AirSync.STATUS -> status = (int) in.number(0, 1_000);
                    default -> in.skip();
                }
            }
            responses.put(clientId.orElse(serverId), new Response(status, serverId));
        }
    }

    private static void readCommands(WbxmlReader in, List<String[]> told) {
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
            told.add(new String[] {what, id, subject});
        }
    }

    private void require(boolean holds, Phone phone, String what) {
        if (!holds) {
            throw new AssertionError(
                    "phone %s: %s%n    %s".formatted(phone.device.deviceId(), what, String.join("\n    ", history)));
        }
    }
}
