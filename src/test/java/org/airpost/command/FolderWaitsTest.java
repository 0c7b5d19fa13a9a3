package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.CollectionOptions;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.Ledger;
import org.airpost.sync.LedgerRecord;
import org.airpost.sync.Ledgers;
import org.airpost.sync.News;
import org.airpost.sync.Views;
import org.airpost.sync.Waiters;
import org.airpost.sync.Watchers;
import org.junit.jupiter.api.Test;

final class FolderWaitsTest {

    private static final String USER = "ann@example.org";

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final InstantSource clock = () -> now;
    private final MemoryMail mail = new MemoryMail(clock).user(USER, "secret");
    private final MemoryStore store = new MemoryStore(clock);
    private final Views views = new Views(store, clock);
    private final Folders folders = new Folders(store, views);
    private final Ledgers ledgers = new Ledgers(store);
    private final Watchers watchers = new Watchers(views, clock);
    private final Waiters waiters = new Waiters();
    private final FolderWaits waits =
            new FolderWaits(watchers, waiters, new News(ledgers, views), new Hierarchy(store, folders, ledgers), clock);
    private final Request request = request();
    private final Folder inbox = inbox();
    private final AtomicInteger woken = new AtomicInteger();
    private final List<FolderWaits.Ending> endings = new ArrayList<>();

    private Request request() {
        if (!(mail.signIn(new Credentials(USER, "secret")) instanceof SignIn.Accepted(var account))) {
            throw new AssertionError("the memory server refuses Ann");
        }
        return Requests.of(CommandName.PING, ProtocolVersion.V16_1)
                .withMail(account)
                .bytes(new byte[0]);
    }

    /** The inbox, of which the phone has all that is in it. */
    private Folder inbox() {
        var folder = folders.list(request.account()).stream()
                .filter(one -> one.mailbox().equals("INBOX"))
                .findFirst()
                .orElseThrow();
        told(folder);
        return folder;
    }

    private void told(Folder folder) {
        var view = views.refresh(request.account(), folder).orElseThrow();
        var before = ledgers.load(request.device(), folder.id());
        var record = LedgerRecord.start(view.uidValidity(), before, CollectionOptions.DEFAULT)
                .answering(Ledger.of(view));
        assertThat(ledgers.save(request.device(), folder.id(), before, record)).isTrue();
    }

    private Answer.Waiter hold() {
        return hold(true);
    }

    /** A held request that is answered if what woke it is worth it. */
    private Answer.Waiter hold(boolean isWorthIt) {
        var answer = waits.hold(request, List.of(inbox), Duration.ofMinutes(10), ending -> {
            endings.add(ending);
            return isWorthIt ? Optional.of(Answer.http(299)) : Optional.empty();
        });
        return ((Answer.Held) answer).waiter();
    }

    private void deliver() {
        mail.deliver(USER, "INBOX", "Subject: hi\r\n\r\nhi\r\n".getBytes(UTF_8), Set.of());
    }

    private void assertNothingLeft() {
        assertThat(waiters.count()).isZero();
        now = now.plus(Duration.ofMinutes(5));
        watchers.tidy();
        assertThat(watchers.watched()).isZero();
    }

    @Test
    void aMailWakesAndTheRequestIsAnswered() {
        var waiter = hold();
        waiter.start(woken::incrementAndGet);
        assertThat(woken).hasValue(0);
        deliver();
        await().untilAtomic(woken, org.hamcrest.Matchers.is(1));
        assertThat(waiter.finish(Answer.Ending.WOKEN)).isEqualTo(Answer.http(299));
        assertThat(endings)
                .singleElement()
                .isInstanceOfSatisfying(
                        FolderWaits.Ending.News.class,
                        news -> assertThat(news.folders()).containsExactly(inbox));
        assertNothingLeft();
    }

    @Test
    void aMailThatCameBeforeTheWatchWakesAtOnce() {
        var waiter = hold();
        deliver();
        views.refresh(request.account(), inbox);
        waiter.start(woken::incrementAndGet);
        assertThat(woken).hasValueGreaterThanOrEqualTo(1);
    }

    @Test
    void theEndOfTheTimeIsAnsweredWithNothing() {
        var waiter = hold();
        waiter.start(woken::incrementAndGet);
        waiter.finish(Answer.Ending.EXPIRED);
        assertThat(endings).containsExactly(new FolderWaits.Ending.Nothing());
        assertNothingLeft();
    }

    @Test
    void theEndOfTheServerIsAnsweredWithNothing() {
        var waiter = hold();
        waiter.start(woken::incrementAndGet);
        assertThat(waiter.finish(Answer.Ending.SHUTDOWN)).isEqualTo(Answer.http(299));
        assertThat(endings).containsExactly(new FolderWaits.Ending.Nothing());
        assertNothingLeft();
    }

    @Test
    void aNewerRequestEndsTheOlderOne() {
        var older = hold();
        older.start(woken::incrementAndGet);
        var newer = hold();
        newer.start(() -> {});
        assertThat(woken).hasValue(1);
        older.finish(Answer.Ending.WOKEN);
        assertThat(endings).containsExactly(new FolderWaits.Ending.Nothing());
        assertThat(waiters.count()).isOne();
        newer.cancel();
        assertNothingLeft();
    }

    @Test
    void aPhoneThatLeavesBeforeTheStartLeavesNothing() {
        var waiter = hold();
        waiter.cancel();
        waiter.start(woken::incrementAndGet);
        deliver();
        assertThat(woken).hasValue(0);
        assertNothingLeft();
    }

    @Test
    void aPhoneThatLeavesDuringOrAfterTheStartLeavesNothing() {
        var waiter = hold();
        deliver();
        views.refresh(request.account(), inbox);
        // The wake comes from within the start.
        waiter.start(waiter::cancel);
        waiter.cancel();
        assertNothingLeft();
    }

    @Test
    void whatWakesForNothingIsHeldForTheTimeThatIsLeft() {
        var waiter = hold(false);
        waiter.start(woken::incrementAndGet);
        now = now.plus(Duration.ofMinutes(4));
        var again = waiter.finish(Answer.Ending.WOKEN);
        assertThat(again).isInstanceOfSatisfying(Answer.Held.class, held -> {
            assertThat(held.limit()).isEqualTo(Duration.ofMinutes(6).minusSeconds(3));
            held.waiter().start(woken::incrementAndGet);
            assertThat(waiters.count()).isOne();
            held.waiter().cancel();
        });
        assertNothingLeft();
    }

    @Test
    void aServerThatIsAwayAtTheStartIsAnErrorThatLeavesNothing() {
        var waiter = hold();
        mail.down(true);
        assertThatThrownBy(() -> waiter.start(woken::incrementAndGet)).isInstanceOf(BackendUnavailableException.class);
        mail.down(false);
        assertNothingLeft();
    }

    @Test
    void aServerThatIsAwayAtTheEndIsAnErrorThatLeavesNothing() {
        var answer = waits.hold(request, List.of(inbox), Duration.ofMinutes(10), _ -> {
            throw new BackendUnavailableException("away", Duration.ofSeconds(1));
        });
        var waiter = ((Answer.Held) answer).waiter();
        waiter.start(woken::incrementAndGet);
        assertThatThrownBy(() -> waiter.finish(Answer.Ending.WOKEN)).isInstanceOf(BackendUnavailableException.class);
        assertNothingLeft();
        var expired = waits.hold(request, List.of(inbox), Duration.ofMinutes(10), _ -> {
            throw new BackendUnavailableException("away", Duration.ofSeconds(1));
        });
        var second = ((Answer.Held) expired).waiter();
        second.start(woken::incrementAndGet);
        assertThatThrownBy(() -> second.finish(Answer.Ending.EXPIRED)).isInstanceOf(BackendUnavailableException.class);
        assertNothingLeft();
    }
}
