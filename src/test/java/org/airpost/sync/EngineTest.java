package org.airpost.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.UidSet;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FilterType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.ModelEngine.Outcome;
import org.airpost.sync.ModelReplica.Item;
import org.airpost.sync.ModelReplica.Told;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine step by step, where time, a disk or a second request has to come at a certain moment. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EngineTest {

    private static final String USER = "ann";

    private final ModelClock clock = new ModelClock();
    private final MemoryMail mail = new MemoryMail(clock).user(USER, "secret");
    private final FaultyStore store = new FaultyStore(new MemoryStore(clock));
    private final FaultyMail faulty;
    private final Account account;
    private final ModelPhone phone = new ModelPhone(new DeviceKey(USER, "ab12"), ProtocolVersion.V16_1);
    private final ModelReplica inbox;
    private ModelEngine engine = engine();

    EngineTest() {
        var credentials = new Credentials(USER, "secret");
        if (!(mail.signIn(credentials) instanceof SignIn.Accepted(var there))) {
            throw new AssertionError("the memory server refuses Ann");
        }
        faulty = new FaultyMail(there);
        account = new Account(USER, credentials, faulty, List.of("ann@example.org"), "Ann");
        var id = engine.folders.list(account).stream()
                .filter(folder -> folder.mailbox().equals("INBOX"))
                .findFirst()
                .orElseThrow()
                .id();
        inbox = new ModelReplica(id, FilterType.THREE_DAYS, false);
    }

    private ModelEngine engine() {
        return new ModelEngine(store, clock, new MemorySubmission(mail), 1 << 20);
    }

    @BeforeEach
    void syncsFor0() {
        var told = told(sync("0"));
        assertThat(told.status).isEqualTo(1);
        inbox.key = told.key;
    }

    private void deliver(String subject) {
        mail.deliver(
                USER, "INBOX", "Subject: %s\r\n\r\nhi\r\n".formatted(subject).getBytes(UTF_8), Set.of());
    }

    /** A Sync with this key, which sends the filter along. */
    private Outcome sync(String key) {
        return sync(key, 100);
    }

    private Outcome sync(String key, int windowSize) {
        var asked = new ModelReplica.Asked(inbox, key, windowSize, true, true, List.of());
        return engine.run(ModelRequests.request(
                account,
                phone.device.deviceId(),
                phone.version,
                CommandName.SYNC,
                phone.sync(List.of(asked)),
                clock.instant().plus(ModelRequests.TIME)));
    }

    /** The collection in an answer; that of an empty one says nothing and has the phone's key. */
    private Told told(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Answered.class);
        var document = ModelRequests.bytes(((Outcome.Answered) outcome).answer());
        if (document.length > 0) {
            return ModelReplica.read(document, new HashMap<>()).getFirst();
        }
        var nothing = new Told();
        nothing.status = 1;
        nothing.key = inbox.key;
        return nothing;
    }

    private List<String> kinds(Told told) {
        return told.commands.stream().map(this::words).toList();
    }

    private String words(Item item) {
        return item.kind() + " " + item.id().substring(inbox.id.length() + 1);
    }

    /** Nothing happens at the mail server but that time goes by (SV-08). */
    @Test
    void whatAgesOutOfTheWindowIsSoftDeletedAndIsStillThere() {
        deliver("one");
        clock.move(Duration.ofDays(2));
        deliver("two");
        var first = told(sync(inbox.key));
        assertThat(kinds(first)).containsExactly("ADD 2", "ADD 1");
        inbox.key = first.key;
        clock.move(Duration.ofDays(1));
        assertThat(kinds(told(sync(inbox.key)))).isEmpty();

        clock.move(Duration.ofDays(1));
        var second = told(sync(inbox.key));
        assertThat(kinds(second)).containsExactly("SOFT_DELETE 1");
        inbox.key = second.key;
        clock.move(Duration.ofDays(2));
        deliver("three");
        var third = told(sync(inbox.key));
        assertThat(kinds(third)).containsExactly("SOFT_DELETE 2", "ADD 3");
        inbox.key = third.key;
        assertThat(kinds(told(sync(inbox.key)))).isEmpty();
        assertThat(mail.view(USER, "INBOX").present()).isEqualTo(UidSet.of(1, 2, 3));
    }

    /** A record that is not written is not answered, and the key of before goes on, also after a restart (SK-09). */
    @Test
    void noKeyIsNamedThatIsNotOnTheDisk() {
        deliver("one");
        for (boolean afterEffect : new boolean[] {false, true}) {
            store.failAt(1, afterEffect);
            assertThat(sync(inbox.key)).isInstanceOf(Outcome.Unavailable.class);
            assertThat(store.settle()).as("a write that failed").isTrue();

            engine = engine();
            var told = told(sync(inbox.key));
            assertThat(told.status).isEqualTo(1);
            assertThat(kinds(told)).containsExactly("ADD 1");
        }
    }

    /** The phone asks again, and then all is found anew: what is read ahead by then is for nobody. */
    @Test
    void nothingMoreIsReadAheadWhenTheRecordCannotBeWritten() throws Exception {
        var reading = new CompletableFuture<Void>();
        engine = new ModelEngine(
                store,
                clock,
                new MemorySubmission(mail),
                1 << 20,
                new SplittableRandom(7),
                work -> Thread.ofVirtual().start(() -> {
                    work.run();
                    reading.complete(null);
                }));
        for (int i = 1; i <= 500; i++) {
            deliver("mail " + i);
        }
        var goesOn = new CountDownLatch(1);
        var described = ConcurrentHashMap.<Long>newKeySet();
        faulty.describes = uids -> {
            described.addAll(uids);
            if (uids.contains(230L)) {
                await().atMost(Duration.ofSeconds(30)).until(() -> goesOn.getCount() == 0); // in the third batch ahead
            }
        };
        inbox.key = told(sync(inbox.key, 200)).key;
        await().atMost(Duration.ofSeconds(20)).until(() -> described.contains(200L)); // the fourth batch is begun

        store.failAt(1, false);
        assertThat(sync(inbox.key, 10)).isInstanceOf(Outcome.Unavailable.class);
        assertThat(store.settle()).as("a write that failed").isTrue();
        goesOn.countDown();
        reading.get(20, TimeUnit.SECONDS);

        // What was begun with the third batch ends, and nothing after it begins.
        assertThat(described).contains(300L, 230L).doesNotContain(120L, 101L);
        assertThat(kinds(told(sync(inbox.key, 10)))).hasSize(10).startsWith("ADD 300");
    }

    /** Whenever the gateway ends after an answer, the key in it is known, and so is the one before (SK-09). */
    @Test
    void eachKeyThatWasNamedIsKnownAfterARestart() {
        for (int mails = 1; mails <= 5; mails++) {
            deliver("mail");
            var before = inbox.key;
            assertThat(kinds(told(sync(before)))).containsExactly("ADD " + mails);
            engine = engine();
            var repeated = told(sync(before));
            assertThat(kinds(repeated)).as("the answer was lost").containsExactly("ADD " + mails);
            inbox.key = repeated.key;
            engine = engine();
            assertThat(kinds(told(sync(inbox.key)))).as("it arrived").isEmpty();
        }
    }

    /** The older one is in the middle of its work; the newer one has the same key, so it is a repeat of it (SK-15). */
    @Test
    void aNewerSyncWaitsForAnOlderOneThatWorksAndIsJudgedByItsKey() throws Exception {
        deliver("one");
        var newer = new CompletableFuture<Told>();
        faulty.at(1, FaultyMail.How.MEANWHILE, () -> {
            var thread = Thread.ofPlatform().start(() -> {
                try {
                    newer.complete(told(sync(inbox.key)));
                } catch (AssertionError | RuntimeException e) {
                    newer.completeExceptionally(e);
                }
            });
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> newer.isDone() || thread.getState() == Thread.State.TIMED_WAITING);
            assertThat(newer).as("it waits for its turn").isNotDone();
        });
        var older = told(sync(inbox.key));
        assertThat(faulty.settle()).isTrue();
        var repeat = newer.get(20, TimeUnit.SECONDS);

        assertThat(kinds(older)).containsExactly("ADD 1");
        assertThat(kinds(repeat)).containsExactly("ADD 1");
        assertThat(repeat.key).isNotEqualTo(older.key);
        assertThat(told(sync(older.key)).status).as("the older answer is void").isEqualTo(3);
        inbox.key = repeat.key;
        assertThat(told(sync(repeat.key)).commands).isEmpty();
    }
}
