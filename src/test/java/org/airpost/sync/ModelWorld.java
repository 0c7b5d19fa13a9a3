package org.airpost.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Mailbox.Role;
import org.airpost.backend.MessageSource;
import org.airpost.backend.UidSet;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.command.Request;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FilterType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.ModelReplica.Asked;
import org.airpost.sync.ModelReplica.Own;
import org.airpost.sync.ModelReplica.Told;
import org.airpost.wbxml.page.FolderHierarchy;

/** A mailbox, a gateway without HTTP, two phones, another mail client, and everything that can go wrong between them. */
final class ModelWorld implements ModelRun {

    private static final String USER = "ann";
    private static final List<String> NAMES = List.of("A", "B", "C", "A-B");
    private static final List<String> FLAGS =
            List.of("\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "Work", "Home", "$MDNSent", "\\Seen");
    private static final List<FilterType> FILTERS = List.of(
            FilterType.ALL, FilterType.ONE_DAY, FilterType.THREE_DAYS, FilterType.ONE_WEEK, FilterType.ONE_MONTH);
    private static final int CONVERSATIONS = 6;
    private static final int[] AGES = {0, 0, 0, 0, 1, 2, 5, 10, 40, 100};

    private final Moving clock = new Moving();
    private final ModelServer server;
    private final MemorySubmission submission = new MemorySubmission(new MemoryMail(clock));
    private final MailAccount raw;
    private final FaultyMail faulty;
    private final FaultyStore store = new FaultyStore(new MemoryStore(clock));
    private final Account account;
    private final long answerBytes;
    private final List<ModelPhone> phones = List.of(
            new ModelPhone(new DeviceKey(USER, "old"), ProtocolVersion.V12_1),
            new ModelPhone(new DeviceKey(USER, "new"), ProtocolVersion.V16_1));
    private ModelEngine engine;
    private int messages;

    /** A clock that stands until it is moved. */
    private static final class Moving extends Clock {
        private Instant now = Instant.parse("2026-03-01T12:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /** One step, as numbers that are read in the light of what there is at that moment. */
    record Op(int kind, int a, int b, int c, int d, int fault) {

        private static final List<String> WORDS = List.of(
                        "append, append, append, append, flag, flag, flag, expunge, move, folders, renumber, time, restart, down,"
                                .split(", ?"),
                        "FolderSync, FolderSync, FolderCreate/Delete/Update, MoveItems, MoveItems, MoveItems again, filter, news?,"
                                .split(", ?"),
                        "estimate?, Sync of all, Sync, Sync, Sync, Sync, Sync, Sync, Sync, Sync".split(", ?"))
                .stream()
                .flatMap(java.util.Arrays::stream)
                .toList();
        private static final List<String> FAULTS = List.of(
                "",
                "",
                "",
                "mail fails before",
                "mail fails after",
                "meanwhile",
                "meanwhile",
                "store fails before",
                "store fails after",
                "delivered twice",
                "answer lost",
                "answer lost",
                "cut on the way to the server",
                "cut on the way from the server");

        String words() {
            int how = fault % 20;
            return WORDS.get(kind % 32) + (how < FAULTS.size() ? " " + FAULTS.get(how) : "");
        }
    }

    private int requests;

    ModelWorld(Function<InstantSource, ModelServer> servers, long answerBytes) {
        this.answerBytes = answerBytes;
        server = servers.apply(clock);
        raw = server.other();
        faulty = new FaultyMail(server.gateway(), server::beforeCreate);
        account = new Account(USER, new Credentials(USER, "secret"), faulty, List.of("ann@example.org"), "Ann");
        engine = new ModelEngine(store, clock, submission, answerBytes);
    }

    @Override
    public String words(Op op) {
        return op.words();
    }

    @Override
    public void close() {
        faulty.close();
        server.close();
    }

    /** Does a step and checks what can be checked after it; AssertionError if something is wrong. */
    @Override
    public void step(Op op) {
        switch (op.kind() % 32) {
            case 0, 1, 2, 3 -> append(op);
            case 4, 5, 6 -> flag(op);
            case 7 -> expunge(op);
            case 8 -> moveMail(op);
            case 9 -> arrangeFolders(op);
            case 10 -> renumberSometimes(op);
            case 11 -> passTime(op);
            case 12 -> restart(op);
            case 13 -> faulty.down = op.a() % 4 == 0;
            case 14, 15 -> folderSync(phone(op), op);
            case 16 -> changeHierarchy(phone(op), op);
            case 17, 18 -> moveItems(phone(op), op);
            case 19 -> repeatMove(phone(op), op);
            case 20 -> changeFilter(phone(op), op);
            case 21 -> checkNews(phone(op));
            case 22 -> checkEstimates(phone(op));
            case 23 -> syncAll(phone(op), op);
            default -> syncOne(phone(op), op);
        }
    }

    /** With all faults over, both phones come to have what the mailbox has, in a bounded number of requests. */
    @Override
    public void catchUp() {
        faulty.down = false;
        var calm = new Op(0, 0, 0, 0, 0, 0);
        for (var phone : phones) {
            int rounds = 0;
            boolean settled = false;
            while (!settled) {
                require(rounds++ < 6, phone, "does not come to rest");
                folderSync(phone, calm);
                settled = phone.folderKey.equals("0") ? false : true;
                for (var entry : Map.copyOf(phone.folders).entrySet()) {
                    settled &= !entry.getValue().holdsMail() || catchUp(phone, replica(phone, entry.getKey(), 0));
                }
            }
            require(phone.paths().equals(paths()), phone, "folders %s, not %s".formatted(phone.paths(), paths()));
            phone.started().forEach(replica -> {
                require(!replica.uncertain, phone, "still uncertain of " + replica.id);
                checkSame(phone, replica);
            });
            checkNews(phone);
            checkEstimates(phone);
        }
    }

    private boolean catchUp(ModelPhone phone, ModelReplica replica) {
        for (int syncs = 0; syncs < 200; syncs++) {
            var before = replica.key;
            sync(phone, List.of(ask(replica, 20, true, List.of())), none(0));
            if (replica.uncertain) {
                return false; // the folder is gone: FolderSync first
            }
            if (!replica.key.equals("0") && replica.key.equals(before) && !replica.uncertain) {
                return true;
            }
        }
        throw failure(phone, "collection %s is never at rest".formatted(replica.id));
    }

    // The other mail client.

    private void append(Op op) {
        var mailbox = pick(mailboxes(), op.a()).name();
        var flags = new TreeSet<String>();
        for (int i = 0; i < FLAGS.size(); i++) {
            if ((op.b() >> (2 * i) & 3) == 3) {
                flags.add(FLAGS.get(i));
            }
        }
        var text = "From: bob@example.org\r\nSubject: m%d\r\nReferences: <c%d@example.org>\r\n\r\nHello\r\n"
                .formatted(messages++, op.d() % CONVERSATIONS);
        var date = clock.now.minus(Duration.ofDays(AGES[op.c() % AGES.length]));
        raw.append(mailbox, MessageSource.of(text.getBytes(UTF_8)), flags, date);
    }

    private void flag(Op op) {
        withMessage(op, (view, mailbox, uid) -> {
            var flag = Set.of(pick(FLAGS, op.c()));
            boolean on = op.d() % 2 == 0;
            raw.store(mailbox, view.uidValidity(), UidSet.of(uid), on ? flag : Set.of(), on ? Set.of() : flag);
        });
    }

    private void expunge(Op op) {
        withMessage(op, (view, mailbox, uid) -> raw.expunge(mailbox, view.uidValidity(), UidSet.of(uid)));
    }

    private void moveMail(Op op) {
        withMessage(op, (view, mailbox, uid) -> {
            var target = pick(mailboxes(), op.c()).name();
            if (!target.equals(mailbox)) {
                raw.move(mailbox, view.uidValidity(), UidSet.of(uid), target);
            }
        });
    }

    /** Something done to one message. */
    private interface Deed {
        void at(FolderView view, String mailbox, long uid);
    }

    private void withMessage(Op op, Deed deed) {
        var mailbox = pick(mailboxes(), op.a()).name();
        var view = view(mailbox);
        if (view.isPresent() && !view.get().present().isEmpty()) {
            var present = view.get().present();
            deed.at(view.get(), mailbox, present.at(op.b() % present.size()));
        }
    }

    private void arrangeFolders(Op op) {
        var own = mailboxes().stream().filter(box -> box.role().isEmpty()).toList();
        var parent = own.isEmpty() || op.c() % 3 > 0 ? "" : pick(own, op.c()).name();
        if (own.isEmpty() || op.a() % 3 == 0) {
            server.beforeCreate();
            raw.create(parent, pick(NAMES, op.b()));
        } else if (op.a() % 3 == 1) {
            raw.rename(pick(own, op.d()).name(), parent, pick(NAMES, op.b()));
        } else {
            raw.delete(pick(own, op.d()).name());
        }
    }

    private void renumberSometimes(Op op) {
        if (op.b() % 3 == 0) {
            server.renumber(pick(mailboxes(), op.a()).name());
        }
    }

    private void passTime(Op op) {
        clock.now = clock.now.plus(Duration.ofHours(1 + op.a() % 30));
        if (op.b() % 2 == 0) {
            engine.views.saveQuiet();
        }
    }

    private void restart(Op op) {
        if (op.a() % 2 == 0) {
            engine.views.close();
        }
        engine = new ModelEngine(store, clock, submission, answerBytes);
        if (op.b() % 8 == 0) {
            server.restart();
        }
        faulty.reconnect(server.gateway());
    }

    // The phones.

    private ModelPhone phone(Op op) {
        return pick(phones, op.a());
    }

    private ModelReplica replica(ModelPhone phone, String id, int filter) {
        boolean conversations = phone.version.atLeast(ProtocolVersion.V14_0) && filter % 2 == 1;
        return phone.replicas.computeIfAbsent(id, _ -> new ModelReplica(id, pick(FILTERS, filter), conversations));
    }

    private Optional<ModelReplica> anyReplica(ModelPhone phone, int number, int filter) {
        var ids = phone.folders.values().stream()
                .filter(ModelPhone.Place::holdsMail)
                .map(ModelPhone.Place::id)
                .toList();
        return ids.isEmpty() ? Optional.empty() : Optional.of(replica(phone, pick(ids, number), filter));
    }

    private void syncOne(ModelPhone phone, Op op) {
        var found = anyReplica(phone, op.b(), op.c());
        if (found.isEmpty()) {
            folderSync(phone, op);
            return;
        }
        var replica = found.get();
        boolean getChanges = replica.key.equals("0") || op.c() % 11 > 0;
        var own = replica.key.equals("0") ? List.<Own>of() : commands(phone, replica, op);
        sync(phone, List.of(ask(replica, 1 + op.c() % 20, getChanges, own)), op);
    }

    private void syncAll(ModelPhone phone, Op op) {
        var all = new ArrayList<Asked>();
        for (var place : phone.folders.values()) {
            if (place.holdsMail()) {
                all.add(ask(replica(phone, place.id(), op.b()), 1 + op.c() % 20, true, List.of()));
            }
        }
        if (!all.isEmpty()) {
            sync(phone, all, op);
        }
    }

    private static Asked ask(ModelReplica replica, int window, boolean getChanges, List<Own> own) {
        return new Asked(replica, replica.key, window, getChanges, !replica.filterConfirmed, own);
    }

    private List<Own> commands(ModelPhone phone, ModelReplica replica, Op op) {
        var own = new ArrayList<Own>();
        var ids = new LinkedHashSet<String>();
        var known = List.copyOf(replica.items.keySet());
        for (int i = 0; i < op.d() % 4 && !known.isEmpty(); i++) {
            ids.add(pick(known, op.d() / 4 + 7 * i));
        }
        int at = op.b();
        for (var id : ids) {
            boolean on = (at & 1) == 0;
            own.add(
                    switch (at++ % 7) {
                        case 0, 1 -> new Own.Change(id, "read", on);
                        case 2, 3 -> new Own.Change(id, "flag", on);
                        case 4 ->
                            phone.version == ProtocolVersion.V12_1
                                    ? new Own.Fetch(id)
                                    : new Own.Change(id, "cat:Work", on);
                        default -> new Own.Delete(id);
                    });
        }
        return own;
    }

    private void changeFilter(ModelPhone phone, Op op) {
        var replicas = phone.started();
        if (!replicas.isEmpty()) {
            var replica = pick(replicas, op.b());
            if (op.d() % 8 == 0) {
                replica.startOver();
            } else {
                replica.filter = pick(FILTERS, op.c());
                replica.filterConfirmed = false;
            }
        }
    }

    private void sync(ModelPhone phone, List<Asked> all, Op op) {
        boolean deletes = all.stream().flatMap(asked -> asked.own().stream()).anyMatch(Own.Delete.class::isInstance);
        var before = deletes ? views() : Map.<String, FolderView>of();
        var reply = exchange(phone, CommandName.SYNC, phone.sync(all), op);
        if (deletes) {
            noteOwn(phone, before);
        }
        if (reply.twice()) {
            all.forEach(asked -> asked.replica().ambiguous = true);
        }
        if (reply.document().isEmpty()) {
            require(reply.refused() == 0, phone, "Sync refused with " + reply.refused());
            all.forEach(asked -> asked.replica().heardNothing());
            return;
        }
        var top = new HashMap<String, Integer>();
        var document = reply.document().get();
        var told = new LinkedHashMap<String, Told>();
        if (document.length > 0) {
            ModelReplica.read(document, top).forEach(one -> told.put(one.id, one));
            require(top.isEmpty() && !told.isEmpty(), phone, "Status %s, collections %s".formatted(top, told.keySet()));
        }
        boolean goesOn = told.values().stream().anyMatch(one -> one.more);
        for (var asked : all) {
            var one = Optional.ofNullable(told.remove(asked.replica().id));
            if (one.isEmpty()) {
                silent(phone, asked, reply, goesOn);
            } else {
                take(phone, asked, one.get(), reply);
            }
        }
        require(told.isEmpty(), phone, "not asked for: " + told.keySet());
    }

    private void silent(ModelPhone phone, Asked asked, Reply reply, boolean goesOn) {
        var replica = asked.replica();
        require(!asked.key().equals("0"), phone, "SC-24 nothing for key 0 of " + replica.id);
        require(asked.own().isEmpty(), phone, "CC-01 commands not answered in " + replica.id);
        replica.heardOfNothingNew();
        replica.filterConfirmed |= asked.sendsFilter();
        if (asked.getChanges() && !reply.meanwhile() && !goesOn) {
            checkSame(phone, replica);
        }
    }

    private void take(ModelPhone phone, Asked asked, Told told, Reply reply) {
        var replica = asked.replica();
        var mailbox = engine.folders.find(account, replica.id).flatMap(folder -> view(folder.mailbox()));
        switch (told.status) {
            case 1 -> {
                boolean first = asked.key().equals("0");
                boolean putOff = told.more && told.commands.isEmpty();
                require(
                        first
                                || putOff
                                || reply.meanwhile()
                                || replica.uidValidity == 0
                                || mailbox.map(FolderView::uidValidity).equals(Optional.of(replica.uidValidity)),
                        phone,
                        "UIDVALIDITY of %s has changed, and the key is still good".formatted(replica.id));
                if (first) {
                    replica.startOver();
                    replica.own.clear();
                    replica.ambiguous = reply.twice();
                    replica.uidValidity = reply.meanwhile()
                            ? 0
                            : mailbox.map(FolderView::uidValidity).orElse(0L);
                }
                var wrong = replica.take(asked, told, phone.version);
                require(wrong.isEmpty(), phone, "collection %s: %s".formatted(replica.id, wrong));
                if (!first && asked.getChanges() && !told.more && !reply.meanwhile() && !reply.twice()) {
                    checkSame(phone, replica);
                }
            }
            case 3 -> {
                boolean renumbered = mailbox.isEmpty() || mailbox.get().uidValidity() != replica.uidValidity;
                require(
                        renumbered || replica.ambiguous || reply.meanwhile(),
                        phone,
                        "Status 3 for key %s of %s".formatted(asked.key(), replica.id));
                replica.startOver();
            }
            case 12 -> {
                require(
                        mailbox.isEmpty() || reply.meanwhile(),
                        phone,
                        "Status 12 for %s, which is there".formatted(replica.id));
                replica.uncertain = true;
            }
            case 16 -> {
                require(reply.disturbed(), phone, "Status 16 out of the blue");
                replica.uncertain = true;
            }
            default -> throw failure(phone, "Status %d for %s".formatted(told.status, replica.id));
        }
    }

    private void folderSync(ModelPhone phone, Op op) {
        var sent = phone.folderKey;
        var reply = hierarchy(phone, CommandName.FOLDER_SYNC, FolderHierarchy.FOLDER_SYNC, Map.of(), op);
        if (reply.document().isEmpty()) {
            return;
        }
        var tree = ModelPhone.readTree(reply.document().get());
        require(tree.status == 1, phone, "FolderSync Status " + tree.status);
        var wrong = phone.take(sent, tree);
        require(wrong.isEmpty(), phone, "FolderSync %s: %s".formatted(sent, wrong));
        if (!reply.meanwhile() && !reply.twice()) {
            require(phone.paths().equals(paths()), phone, "folders %s, not %s".formatted(phone.paths(), paths()));
            require(
                    faulty.down || !engine.hierarchy.hasNews(phone.device, account),
                    phone,
                    "FolderSync has just been made, and there is news");
        }
    }

    private Reply hierarchy(
            ModelPhone phone, CommandName command, FolderHierarchy root, Map<FolderHierarchy, String> fields, Op op) {
        var reply = exchange(phone, command, ModelPhone.hierarchy(root, phone.folderKey, fields), op);
        if (reply.twice()) {
            phone.ambiguous = true;
        }
        if (reply.refused() == 9) {
            require(phone.ambiguous, phone, "key %s is not known".formatted(phone.folderKey));
            phone.folderKey = "0";
            phone.ambiguous = false;
        }
        return reply;
    }

    private void changeHierarchy(ModelPhone phone, Op op) {
        if (phone.folderKey.equals("0")) {
            folderSync(phone, op);
            return;
        }
        var places = List.copyOf(phone.folders.values());
        var place = pick(places, op.b());
        var mine = places.stream().filter(one -> one.type() == 12).toList();
        var parent =
                mine.isEmpty() || op.c() % 2 == 0 ? "0" : pick(mine, op.c()).id();
        var fields = new LinkedHashMap<FolderHierarchy, String>();
        switch (op.d() % 3) {
            case 0 -> {
                fields.put(FolderHierarchy.PARENT_ID, parent);
                fields.put(FolderHierarchy.DISPLAY_NAME, pick(NAMES, op.b()));
                fields.put(FolderHierarchy.TYPE, "12");
                tree(phone, CommandName.FOLDER_CREATE, FolderHierarchy.FOLDER_CREATE, fields, op)
                        .ifPresent(tree -> {
                            require(!tree.id.isEmpty(), phone, "FH-12 no id");
                            require(!phone.folders.containsKey(tree.id), phone, "made what was there: " + tree.id);
                            phone.folders.put(tree.id, new ModelPhone.Place(tree.id, parent, pick(NAMES, op.b()), 12));
                        });
            }
            case 1 -> {
                fields.put(FolderHierarchy.SERVER_ID, place.id());
                tree(phone, CommandName.FOLDER_DELETE, FolderHierarchy.FOLDER_DELETE, fields, op)
                        .ifPresentOrElse(
                                _ -> {
                                    phone.folders.remove(place.id());
                                    phone.replicas.remove(place.id());
                                },
                                // What the device had of it may be forgotten, though a server may have made one anew.
                                () -> Optional.ofNullable(phone.replicas.get(place.id()))
                                        .ifPresent(replica -> replica.ambiguous = true));
            }
            default -> {
                fields.put(FolderHierarchy.SERVER_ID, place.id());
                fields.put(FolderHierarchy.PARENT_ID, parent);
                fields.put(FolderHierarchy.DISPLAY_NAME, pick(NAMES, op.b()));
                tree(phone, CommandName.FOLDER_UPDATE, FolderHierarchy.FOLDER_UPDATE, fields, op)
                        .ifPresent(_ -> phone.folders.put(
                                place.id(),
                                new ModelPhone.Place(place.id(), parent, pick(NAMES, op.b()), place.type())));
            }
        }
    }

    private Optional<ModelPhone.Tree> tree(
            ModelPhone phone, CommandName command, FolderHierarchy root, Map<FolderHierarchy, String> fields, Op op) {
        var reply = hierarchy(phone, command, root, fields, op);
        if (reply.document().isEmpty()) {
            return Optional.empty();
        }
        var tree = ModelPhone.readTree(reply.document().get());
        require(tree.status == 1, phone, command + " Status " + tree.status);
        require(!tree.key.isEmpty() && !tree.key.equals(phone.folderKey), phone, command + " without a new key");
        phone.folderKey = tree.key;
        return Optional.of(tree);
    }

    private void moveItems(ModelPhone phone, Op op) {
        var full = phone.started().stream().filter(r -> !r.items.isEmpty()).toList();
        if (full.isEmpty()) {
            return;
        }
        var source = pick(full, op.b());
        var targets = List.copyOf(phone.folders.values());
        var target = pick(targets, op.c());
        var steps = new ArrayList<ModelPhone.Step>();
        var ids = List.copyOf(source.items.keySet());
        for (int i = 0; i <= op.d() % 2 && i < ids.size(); i++) {
            steps.add(new ModelPhone.Step(ids.get((op.d() + i) % ids.size()), source.id, target.id()));
        }
        move(phone, steps, List.of(), op);
    }

    /** The same MoveItems once more, as after a lost answer. */
    private void repeatMove(ModelPhone phone, Op op) {
        if (phone.pastMove.isPresent()) {
            var past = phone.pastMove.get();
            phone.pastMove = Optional.empty();
            // A phone that has started over asks no more for what its old ids meant.
            if (uidValidities(phone, past.steps()).equals(past.uidValidities())) {
                move(phone, past.steps(), past.first(), op);
            }
        }
    }

    private void move(ModelPhone phone, List<ModelPhone.Step> steps, List<ModelPhone.Moved> past, Op op) {
        var before = views();
        var sourceId = steps.getFirst().sourceFolder();
        var source = Optional.ofNullable(phone.replicas.get(sourceId));
        boolean renumbered = source.isPresent()
                && !source.get().key.equals("0")
                && source.get().uidValidity != 0
                && engine.folders
                        .find(account, sourceId)
                        .flatMap(folder -> view(folder.mailbox()))
                        .filter(view -> view.uidValidity() != source.get().uidValidity)
                        .isPresent();
        var reply = exchange(phone, CommandName.MOVE_ITEMS, ModelPhone.moves(steps), op);
        noteOwn(phone, before);
        if (renumbered && !reply.meanwhile()) {
            require(views().equals(before), phone, "moved a message that its id no longer means");
        }
        var moved = reply.whole().map(ModelPhone::readMoves).orElse(List.of());
        if (reply.document().isEmpty()) {
            // It may have been moved and be gone again by now, and then the phone is told of an item that it never had.
            Optional.ofNullable(phone.replicas.get(steps.getFirst().targetFolder()))
                    .ifPresent(target -> {
                        target.repeatedMove = true;
                        moved.forEach(one -> target.own.add(one.targetId()));
                    });
            if (past.isEmpty()) {
                phone.pastMove = Optional.of(new ModelPhone.PastMove(steps, moved, uidValidities(phone, steps)));
            }
            return;
        }
        for (int i = 0; i < moved.size(); i++) {
            var one = moved.get(i);
            if (i < past.size() && past.get(i).status() == 3 && !renumbered && source.isPresent()) {
                boolean same = one.equals(past.get(i))
                        || source.get().ambiguous
                        || source.get().uidValidity == 0
                        || source.get().key.equals("0");
                var target = Optional.ofNullable(phone.replicas.get(steps.get(i).targetFolder()));
                boolean startsOver = target.filter(r -> !r.uncertain && r.uidValidity != 0 && !r.key.equals("0"))
                        .isEmpty();
                boolean there = engine.folders
                        .find(account, sourceId)
                        .flatMap(folder -> view(folder.mailbox()))
                        .isPresent();
                require(
                        same || !there || startsOver || reply.meanwhile(),
                        phone,
                        "MV-05 %s, not %s".formatted(one, past.get(i)));
            }
            if (one.status() == 3) {
                arrive(phone, steps.get(i), one);
            }
        }
    }

    private static List<Long> uidValidities(ModelPhone phone, List<ModelPhone.Step> steps) {
        var step = steps.getFirst();
        return List.of(step.sourceFolder(), step.targetFolder()).stream()
                .map(id -> Optional.ofNullable(phone.replicas.get(id))
                        .map(r -> r.uidValidity)
                        .orElse(0L))
                .toList();
    }

    private static void arrive(ModelPhone phone, ModelPhone.Step step, ModelPhone.Moved moved) {
        var source = Optional.ofNullable(phone.replicas.get(step.sourceFolder()));
        var labels = source.flatMap(r -> Optional.ofNullable(r.items.remove(step.sourceId())));
        source.ifPresent(r -> r.movedOut.add(step.sourceId()));
        var target = Optional.ofNullable(phone.replicas.get(step.targetFolder()));
        if (labels.isEmpty()) {
            // The phone repeats what it has done long since, and may be told of an item that it has lost again.
            target.ifPresent(r -> {
                r.own.add(moved.targetId());
                r.repeatedMove = true;
            });
        } else if (target.isPresent() && !target.get().key.equals("0")) {
            target.get().items.putIfAbsent(moved.targetId(), labels.get());
            target.get().movedIn.add(moved.targetId());
            // With which flags the phone knows what came by a repeated move nobody knows: it may be woken once to hear
            // them.
            target.get().repeatedMove |= source.filter(r -> r.repeatedMove).isPresent();
        }
    }

    /** What went and came in the folders while the phone did something is its own doing. */
    private void noteOwn(ModelPhone phone, Map<String, FolderView> before) {
        views().forEach((mailbox, view) -> {
            var changed = before.getOrDefault(mailbox, view).present().xor(view.present());
            var folder = engine.folders.ofMailbox(account, mailbox);
            folder.flatMap(there -> Optional.ofNullable(phone.replicas.get(there.id())))
                    .ifPresent(replica ->
                            changed.forEach(uid -> replica.own.add(new ServerId(replica.id, uid).toString())));
        });
    }

    // Requests.

    /**
     * What came of a request.
     *
     * @param document as the phone has it: empty if it has none
     * @param whole the same, also if it was lost on its way
     * @param refused the status of a refusal, 0 if it was none
     */
    private record Reply(
            Optional<byte[]> document,
            Optional<byte[]> whole,
            int refused,
            boolean disturbed,
            boolean meanwhile,
            boolean twice) {}

    private static Op none(int kind) {
        return new Op(kind, 0, 0, 0, 0, 0);
    }

    private Reply exchange(ModelPhone phone, CommandName command, byte[] body, Op op) {
        int call = 1 + op.d() % 5;
        int kind = op.fault() % 20;
        switch (kind) {
            case 3 -> faulty.at(call, FaultyMail.How.FAILS_BEFORE, () -> {});
            case 4 -> faulty.at(call, FaultyMail.How.FAILS_AFTER, () -> {});
            case 5, 6 -> faulty.at(call, FaultyMail.How.MEANWHILE, () -> meanwhile(op));
            case 7 -> store.failAt(1 + op.d() % 3, false);
            case 8 -> store.failAt(1 + op.d() % 3, true);
            case 12 -> server.cutAfter(op.d() % 600, true);
            case 13 -> server.cutAfter(op.d() % 3000, false);
            default -> {}
        }
        var outcome = engine.run(request(phone, command, body));
        boolean happened = faulty.settle();
        happened |= store.settle();
        happened |= server.settle();
        boolean twice = kind == 9;
        boolean meanwhile = twice || (happened && (kind == 5 || kind == 6));
        boolean disturbed = happened || faulty.down;
        if (twice) {
            // The network delivers the request twice, and the first answer is the one that the phone gets.
            meanwhile(op);
            engine.run(request(phone, command, body));
        }
        boolean lost = kind == 10 || kind == 11;
        return switch (outcome) {
            case ModelEngine.Outcome.Answered(var answer) -> {
                var bytes = Optional.of(ModelRequests.bytes(answer));
                yield new Reply(lost ? Optional.empty() : bytes, bytes, 0, disturbed, meanwhile, twice);
            }
            case ModelEngine.Outcome.Refused(int status) ->
                new Reply(Optional.empty(), Optional.empty(), lost ? 0 : status, disturbed, meanwhile, twice);
            case ModelEngine.Outcome.Unavailable(var words) -> {
                require(disturbed, phone, "%s: %s".formatted(command, words));
                yield new Reply(Optional.empty(), Optional.empty(), 0, disturbed, meanwhile, twice);
            }
        };
    }

    private void meanwhile(Op op) {
        var changed = new Op(op.b(), op.c(), op.d(), op.a() + op.b(), op.c() + op.d(), 0);
        switch (op.b() % 6) {
            case 0, 1 -> append(changed);
            case 2 -> flag(changed);
            case 3 -> expunge(changed);
            case 4 -> moveMail(changed);
            default -> renumberSometimes(changed);
        }
    }

    private Request request(ModelPhone phone, CommandName command, byte[] body) {
        // Now and then the time is up before the work begins.
        var deadline = requests++ % 5 == 4 ? clock.now : clock.now.plus(ModelRequests.TIME);
        return ModelRequests.request(account, phone.device.deviceId(), phone.version, command, body, deadline);
    }

    // What holds.

    private void checkNews(ModelPhone phone) {
        if (faulty.down) {
            return;
        }
        for (var replica : phone.started()) {
            var folder = engine.folders.find(account, replica.id);
            if (replica.uncertain || replica.ambiguous || !replica.filterConfirmed || folder.isEmpty()) {
                continue;
            }
            var view = engine.folders.view(account, folder.get());
            if (view.isEmpty() || replica.uidValidity == 0) {
                continue;
            }
            boolean news = engine.news.in(phone.device, phone.version, account, folder.get());
            if (view.get().uidValidity() != replica.uidValidity) {
                require(news, phone, "no news of another UIDVALIDITY in " + replica.id);
                continue;
            }
            var differing = differing(phone, replica, view.get(), folder.get().mailbox());
            var foreign = new TreeSet<>(differing);
            foreign.removeAll(replica.own);
            // What the phone moved to where its filter does not reach is its own doing too.
            var inside = expected(phone, replica, view.get(), folder.get().mailbox());
            foreign.removeIf(id -> replica.movedIn.contains(id)
                    && !inside.containsKey(id)
                    && ServerId.parse(id)
                            .filter(there -> view.get().present().contains(there.number()))
                            .isPresent());
            require(foreign.isEmpty() || news, phone, "PG-09 no news in %s of %s".formatted(replica.id, foreign));
            require(
                    !differing.isEmpty() || !news || replica.repeatedMove || replica.conversations,
                    phone,
                    "PG-09 news in %s of nothing".formatted(replica.id));
        }
    }

    private void checkEstimates(ModelPhone phone) {
        for (var replica : phone.started()) {
            var folder = engine.folders.find(account, replica.id);
            var view = folder.flatMap(there -> view(there.mailbox()));
            if (faulty.down || view.isEmpty() || !replica.filterConfirmed || replica.ambiguous) {
                continue;
            }
            if (view.get().uidValidity() != replica.uidValidity
                    || !replica.own.isEmpty()
                    || replica.repeatedMove
                    || !replica.movedIn.isEmpty()
                    || !replica.movedOut.isEmpty()) {
                continue;
            }
            var reply = exchange(phone, CommandName.GET_ITEM_ESTIMATE, ModelPhone.estimate(replica), none(0));
            int told = ModelPhone.readEstimate(reply.document().orElseThrow());
            int real = differing(phone, replica, view.get(), folder.get().mailbox())
                    .size();
            // What was in a conversation with a message of the window today may be told, too.
            require(
                    told == real || (replica.conversations && told > real),
                    phone,
                    "GE-01 %d in %s, not %d".formatted(told, replica.id, real));
        }
    }

    private void checkSame(ModelPhone phone, ModelReplica replica) {
        var folder = engine.folders.find(account, replica.id).orElseThrow(() -> failure(phone, "no " + replica.id));
        if (!folder.selectable()) {
            require(replica.items.isEmpty(), phone, "%s holds no mail, phone %s".formatted(folder, replica.items));
            return;
        }
        var view = view(folder.mailbox()).orElseThrow(() -> failure(phone, "no mailbox of " + folder));
        var differing = differing(phone, replica, view, folder.mailbox());
        require(
                differing.isEmpty(),
                phone,
                "%s at key %s under %s: phone %s, mailbox %s, differing %s"
                        .formatted(
                                folder,
                                replica.key,
                                replica.filter,
                                replica.items,
                                expected(phone, replica, view, folder.mailbox()),
                                differing));
        // From here on what differs is somebody else's doing; but what the phone itself has moved here, outside of its
        // window, may come inside with its conversation.
        replica.own.removeIf(id -> replica.items.containsKey(id)
                || ServerId.parse(id)
                        .filter(there -> view.present().contains(there.number()))
                        .isEmpty());
    }

    /** Ids that the phone has and the mailbox has not, or the other way round, or with other labels. */
    private Set<String> differing(ModelPhone phone, ModelReplica replica, FolderView view, String mailbox) {
        var expected = expected(phone, replica, view, mailbox);
        var differing = new TreeSet<String>();
        expected.forEach((id, labels) -> {
            if (!labels.equals(replica.items.get(id))) {
                differing.add(id);
            }
        });
        replica.items.keySet().stream()
                .filter(id -> !expected.containsKey(id) && !isLeftOver(phone, replica, view, id))
                .forEach(differing::add);
        return differing;
    }

    /** What a conversation left behind: outside of the window now, and inside of it earlier on this day. */
    private static boolean isLeftOver(ModelPhone phone, ModelReplica replica, FolderView view, String id) {
        var there = ServerId.parse(id).map(ServerId::number).filter(view.present()::contains);
        return replica.conversations
                && there.isPresent()
                && ModelReplica.labels(view, there.get(), phone.version).equals(replica.items.get(id));
    }

    private Map<String, Set<String>> expected(ModelPhone phone, ModelReplica replica, FolderView view, String mailbox) {
        var inside = replica.filter
                .reach()
                .map(reach -> raw.receivedSince(
                                mailbox,
                                view.uidValidity(),
                                LocalDate.ofInstant(clock.now.minus(reach), ZoneOffset.UTC))
                        .and(view.present()))
                .orElse(view.present());
        var expected = new TreeMap<String, Set<String>>();
        widened(replica, view, mailbox, inside)
                .forEach(uid -> expected.put(
                        new ServerId(replica.id, uid).toString(), ModelReplica.labels(view, uid, phone.version)));
        return expected;
    }

    /** With the whole conversations, if the phone wants them. */
    private UidSet widened(ModelReplica replica, FolderView view, String mailbox, UidSet inside) {
        if (!replica.conversations || inside.isEmpty() || inside.equals(view.present())) {
            return inside;
        }
        var conversations = new HashMap<Long, String>();
        raw.describe(mailbox, view.uidValidity(), view.present().ascending())
                .forEach(message -> new String(message.header(), UTF_8)
                        .lines()
                        .filter(line -> line.startsWith("References:"))
                        .forEach(line -> conversations.put(message.uid(), line)));
        var wanted = new TreeSet<String>();
        inside.forEach(uid -> wanted.add(conversations.getOrDefault(uid, "none")));
        return UidSet.of(conversations.entrySet().stream()
                .filter(entry -> wanted.contains(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList());
    }

    private List<Mailbox> mailboxes() {
        return raw.mailboxes();
    }

    /** As phones see them: the special folders at the top, and no delimiter of the server's. */
    private Set<String> paths() {
        var path = new HashMap<String, String>();
        for (var box : mailboxes()) {
            var name = box.name().equals("INBOX") ? "Inbox" : box.displayName();
            path.put(
                    box.name(),
                    box.parent()
                            .filter(_ -> box.role()
                                    .filter(role -> role != Role.JUNK && role != Role.ARCHIVE)
                                    .isEmpty())
                            .map(above -> path.get(above) + "/" + name)
                            .orElse(name));
        }
        return new TreeSet<>(path.values());
    }

    /** Asked again if need be: a server that was started again may take a moment for an index that it finds damaged. */
    private Optional<FolderView> view(String mailbox) {
        for (int left = 3; ; left--) {
            try {
                return raw.refresh(mailbox, FolderView.UNKNOWN) instanceof Refreshed.Current(var view)
                        ? Optional.of(view)
                        : Optional.empty();
            } catch (BackendUnavailableException e) {
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    private Map<String, FolderView> views() {
        var views = new TreeMap<String, FolderView>();
        mailboxes().forEach(box -> view(box.name()).ifPresent(view -> views.put(box.name(), view)));
        return views;
    }

    private static <T> T pick(List<T> list, int number) {
        return list.get(number % list.size());
    }

    private static AssertionError failure(ModelPhone phone, String what) {
        return new AssertionError("phone %s: %s".formatted(phone.device.deviceId(), what));
    }

    private static void require(boolean holds, ModelPhone phone, String what) {
        if (!holds) {
            throw failure(phone, what);
        }
    }
}
