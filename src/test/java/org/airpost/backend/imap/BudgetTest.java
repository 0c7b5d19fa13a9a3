package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Security;
import org.airpost.backend.imap.Budget.Place;
import org.airpost.backend.imap.Budget.Purpose;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Few connections for many users. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BudgetTest {

    private static final Duration LONG = Duration.ofSeconds(40);
    private static final Duration TURN = Duration.ofMillis(50);

    private final HostileImap server = HostileImap.with(HostileImap.ALL);
    private final List<MailAccount> accounts = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        accounts.forEach(MailAccount::close);
        server.close();
    }

    private ImapBackend backend(int connections) {
        var settings = ImapSettings.of("127.0.0.1", server.port(), Security.PLAIN)
                .withTimeouts(LONG, LONG, LONG)
                .withWatch(TURN, Duration.ofMinutes(1))
                .withConnections(2, connections, Duration.ofMinutes(2));
        return new ImapBackend(settings, Clock.systemUTC());
    }

    private MailAccount account(ImapBackend backend, String user) {
        var account = ((SignIn.Accepted) backend.signIn(new Credentials(user, "secret"))).account();
        accounts.add(account);
        return account;
    }

    @Test
    void whoWaitsIsServedInOrder() {
        var budget = new Budget("here", 1, TURN);
        var holder = budget.enter(Purpose.WORK);
        assertThat(holder.await(Duration.ZERO)).isTrue();
        var line = new ArrayList<Place>();
        for (int i = 0; i < 20; i++) {
            line.add(budget.enter(Purpose.WORK));
        }
        for (var next : line) {
            assertThat(next.await(Duration.ZERO)).isFalse();
            holder.close();
            assertThat(next.await(Duration.ZERO)).isTrue();
            holder = next;
        }
        holder.close();
        holder.close();
        assertThat(budget.free()).isOne();
    }

    @Test
    void workAndWatchesAreServedByTurns() {
        var budget = new Budget("here", 1, TURN);
        var holder = budget.enter(Purpose.WORK);
        var places = new HashMap<Place, String>();
        for (int i = 0; i < 3; i++) {
            places.put(budget.enter(Purpose.WATCH), "watch " + i);
            places.put(budget.enter(Purpose.WORK), "work " + i);
        }
        var served = new ArrayList<String>();
        while (!places.isEmpty()) {
            holder.close();
            holder = places.keySet().stream()
                    .filter(place -> place.await(Duration.ZERO))
                    .findFirst()
                    .orElseThrow();
            served.add(Objects.requireNonNull(places.remove(holder)));
        }
        assertThat(served).containsExactly("watch 0", "work 0", "watch 1", "work 1", "watch 2", "work 2");
    }

    @Test
    void whoLeavesTheLineTakesNothingWithHim() {
        var budget = new Budget("here", 1, TURN);
        var holder = budget.enter(Purpose.WORK);
        var leaves = budget.enter(Purpose.WORK);
        var stays = budget.enter(Purpose.WORK);
        leaves.close();
        assertThat(leaves.await(LONG)).isFalse();
        holder.close();
        assertThat(stays.await(Duration.ZERO)).isTrue();
        assertThat(budget.inLine()).containsExactly(0, 0);
    }

    @Test
    void anEighthIsForWorkAlone() {
        var budget = new Budget("here", 16, TURN);
        var watches = new ArrayList<Place>();
        for (int i = 0; i < 15; i++) {
            watches.add(budget.enter(Purpose.WATCH));
        }
        assertThat(watches.subList(0, 14)).allMatch(watch -> watch.await(Duration.ZERO));
        assertThat(watches.getLast().await(Duration.ZERO)).isFalse();
        var work = budget.enter(Purpose.WORK);
        assertThat(work.await(Duration.ZERO)).isTrue();
        work.close();
        assertThat(watches.getLast().await(Duration.ZERO)).isFalse();
        watches.getFirst().close();
        assertThat(watches.getLast().await(Duration.ZERO)).isTrue();
    }

    @Test
    void aWatchGivesItsConnectionToAnotherWatchAfterItsTurnAndNotBefore() {
        var slow = new Budget("here", 2, Duration.ofHours(1));
        var keeps = slow.enter(Purpose.WATCH);
        keeps.spare(keeps::close);
        var waits = slow.enter(Purpose.WATCH);
        slow.round();
        assertThat(slow.enter(Purpose.WORK).await(Duration.ZERO)).isTrue();
        assertThat(waits.await(Duration.ofMillis(50))).isFalse();

        var quick = new Budget("here", 2, Duration.ofNanos(1));
        var has = quick.enter(Purpose.WATCH);
        has.spare(has::close);
        var wants = quick.enter(Purpose.WATCH);
        quick.round();
        assertThat(wants.await(LONG)).isTrue();
    }

    @Test
    void theOnlyConnectionIsGivenToWork() {
        var budget = new Budget("here", 1, Duration.ofHours(1));
        var watch = budget.enter(Purpose.WATCH);
        var work = budget.enter(Purpose.WORK);
        assertThat(work.await(Duration.ZERO)).as("before the watch has looked").isFalse();
        watch.spare(watch::close);
        assertThat(work.await(LONG)).isTrue();
    }

    @Test
    void whatIsBusyAgainIsNotTakenAndAnotherOneIsAskedFor() {
        var budget = new Budget("here", 2, TURN);
        var asked = new CountDownLatch(1);
        var first = budget.enter(Purpose.WORK);
        var second = budget.enter(Purpose.WORK);
        first.spare(asked::countDown);
        var wants = budget.enter(Purpose.WORK);
        await().until(() -> asked.getCount() == 0);
        first.busy();
        assertThat(wants.await(Duration.ZERO)).isFalse();
        second.spare(second::close);
        assertThat(wants.await(LONG)).isTrue();
    }

    @Test
    void twentyUsersOfFourConnectionsAreAllAnsweredAndHearOfTheirMail() throws Exception {
        var backend = backend(4);
        var heard = new ConcurrentHashMap<String, AtomicInteger>();
        var order = new CopyOnWriteArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<String>>();
            for (int n = 0; n < 20; n++) {
                var user = "user" + n;
                answers.add(threads.submit(() -> {
                    var account = account(backend, user);
                    assertThat(account.mailboxes()).isNotEmpty();
                    var _ = account.watch(
                            Set.of("INBOX"),
                            mailbox -> heard.computeIfAbsent(user, _ -> new AtomicInteger())
                                    .incrementAndGet());
                    order.add(user);
                    return user;
                }));
            }
            for (var answer : answers) {
                answer.get(20, TimeUnit.SECONDS);
            }
            assertThat(order).hasSize(20);
            // Each watch has looked once, although there are fewer connections than watches.
            await().atMost(LONG).untilAsserted(() -> assertThat(heard).hasSize(20));

            // A mail of each is heard of by each; meanwhile each works too.
            for (int round = 0; round < 2; round++) {
                var before = new HashMap<String, Integer>();
                heard.forEach((user, count) -> before.put(user, count.get()));
                var work = new ArrayList<Future<?>>();
                for (var account : List.copyOf(accounts)) {
                    work.add(threads.submit(account::mailboxes));
                }
                before.keySet().forEach(user -> server.mailboxes().append(user, "INBOX", "news"));
                for (var one : work) {
                    one.get(20, TimeUnit.SECONDS);
                }
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(behind(before, heard)).isEmpty());
            }
            // The server hears of an end a little later than we do; it was never one for each.
            assertThat(server.mostOpen()).isLessThan(2 * 4 + 1);
        }
    }

    private static List<String> behind(Map<String, Integer> before, Map<String, AtomicInteger> now) {
        return before.entrySet().stream()
                .filter(one ->
                        now.getOrDefault(one.getKey(), new AtomicInteger()).get() <= one.getValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void whoIsInterruptedInTheLineKeepsNoConnection() {
        var backend = backend(1);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> backend.signIn(new Credentials("user", "secret")))
                    .isInstanceOf(BackendUnavailableException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(backend.budget().free()).isOne();
    }

    @Test
    void withEnoughConnectionsAWatchKeepsItsOwn() {
        var account = account(backend(4), "user");
        var heard = new AtomicInteger();
        try (var _ = account.watch(Set.of("INBOX"), _ -> heard.incrementAndGet())) {
            await().untilAtomic(heard, org.hamcrest.Matchers.is(2)); // the list of mailboxes, and Inbox
            await().until(() -> server.commands().contains("IDLE"));
            server.mailboxes().append("user", "INBOX", "news");
            await().untilAtomic(heard, org.hamcrest.Matchers.greaterThanOrEqualTo(3));
        }
        assertThat(server.commands().stream()
                        .filter(command -> command.startsWith("AUTHENTICATE") || command.startsWith("LOGIN")))
                .hasSize(2);
    }

    @Test
    void aUsersRequestsStandInLineForTheUsersConnections() throws Exception {
        var account = account(backend(100), "user");
        var done = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < 50; n++) {
                done.add(threads.submit(account::mailboxes));
            }
            for (var one : done) {
                one.get(20, TimeUnit.SECONDS);
            }
        }
        assertThat(server.mostOpen()).isLessThanOrEqualTo(2);
    }
}
