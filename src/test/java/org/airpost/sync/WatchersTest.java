package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.BackendUnavailableException;
import org.junit.jupiter.api.Test;

final class WatchersTest {

    private final Fixtures ann = new Fixtures();
    private final Folder inbox = ann.inbox();
    private final Watchers watchers = new Watchers(ann.views, ann.clock);
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final AtomicInteger lists = new AtomicInteger();

    private Watchers.Listener listener(String name) {
        return new Watchers.Listener() {
            @Override
            public void changed(Folder folder) {
                heard.add(name + " " + folder.mailbox());
            }

            @Override
            public void hierarchyChanged() {
                lists.incrementAndGet();
            }
        };
    }

    private Watchers.Registration listen(String name) {
        return watchers.listen(ann.account, List.of(inbox), listener(name));
    }

    @Test
    void oneEventIsOneRefreshForAllListeners() {
        var refreshes = new AtomicInteger();
        listen("one");
        listen("two");
        ann.faulty.at(1, FaultyMail.How.MEANWHILE, refreshes::incrementAndGet);
        ann.deliver("INBOX");
        await().untilAsserted(() -> assertThat(heard).containsExactlyInAnyOrder("one INBOX", "two INBOX"));
        assertThat(refreshes).hasValue(1);
        assertThat(ann.views.known(ann.account, inbox).present().size()).isOne();
    }

    @Test
    void whoComesWhileTheViewIsRefreshedIsToldToo() {
        listen("one");
        ann.faulty.at(1, FaultyMail.How.MEANWHILE, () -> listen("late"));
        ann.deliver("INBOX");
        await().untilAsserted(() -> assertThat(heard).containsExactlyInAnyOrder("one INBOX", "late INBOX"));
    }

    @Test
    void othersFoldersAndThoseWhoHaveLeftAreNotTold() {
        listen("gone").close();
        listen("here");
        ann.deliver("Sent");
        ann.deliver("INBOX");
        await().untilAsserted(() -> assertThat(heard).containsExactly("here INBOX"));
    }

    /** At the beginning too, since mailboxes may have come while nobody watched. */
    @Test
    void theListOfMailboxesIsAnEventOfItsOwn() {
        listen("one");
        await().untilAtomic(lists, equalTo(1));
        ann.account.mail().create("", "A");
        await().untilAtomic(lists, equalTo(2));
        assertThat(heard).isEmpty();
    }

    @Test
    void aWatchStaysForTwoMinutesAfterTheLastHasLeft() {
        var registration = listen("one");
        ann.now = ann.now.plus(Duration.ofHours(1));
        watchers.tidy();
        assertThat(watchers.watched()).isOne();
        registration.close();
        registration.close();
        ann.now = ann.now.plus(Duration.ofSeconds(119));
        watchers.tidy();
        assertThat(watchers.watched()).isOne();
        ann.now = ann.now.plus(Duration.ofSeconds(2));
        watchers.tidy();
        assertThat(watchers.watched()).isZero();
    }

    @Test
    void whoComesAfterTheEndIsWatchedAnew() {
        listen("one").close();
        ann.now = ann.now.plus(Duration.ofHours(1));
        watchers.tidy();
        listen("two");
        ann.deliver("INBOX");
        await().untilAsserted(() -> assertThat(heard).containsExactly("two INBOX"));
    }

    @Test
    void whoCannotBeWatchedForLeavesNothing() {
        ann.faulty.down = true;
        assertThatThrownBy(() -> listen("one")).isInstanceOf(BackendUnavailableException.class);
        ann.faulty.down = false;
        ann.now = ann.now.plus(Duration.ofMinutes(3));
        watchers.tidy();
        assertThat(watchers.watched()).isZero();
        listen("two");
        ann.deliver("INBOX");
        await().untilAsserted(() -> assertThat(heard).containsExactly("two INBOX"));
    }

    @Test
    void anEventWhileTheServerStumblesIsToldAfterwards() {
        listen("one");
        ann.faulty.at(1, FaultyMail.How.FAILS_BEFORE, () -> {});
        ann.deliver("INBOX");
        await().untilAsserted(() -> assertThat(heard).containsExactly("one INBOX"));
    }

    @Test
    void anEventIsToldHoweverLongTheServerStumbles() {
        listen("one");
        ann.faulty.down = true;
        ann.deliver("INBOX");
        // Past the first tries: each is refused, and none is the last.
        await().atMost(Duration.ofSeconds(20)).until(() -> ann.faulty.refused.get() >= 4);
        assertThat(heard).isEmpty();
        ann.faulty.down = false;
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(heard).containsExactly("one INBOX"));
    }

    @Test
    void whoCannotJudgeAnEventIsToldAgain() {
        var tries = new AtomicInteger();
        watchers.listen(ann.account, List.of(inbox), new Watchers.Listener() {
            @Override
            public void changed(Folder folder) {
                if (tries.incrementAndGet() == 1) {
                    throw new BackendUnavailableException("no SEARCH now", Duration.ofSeconds(1));
                }
            }

            @Override
            public void hierarchyChanged() {}
        });
        listen("two");
        ann.deliver("INBOX");
        await().untilAsserted(() -> assertThat(tries).hasValue(2));
        assertThat(heard).contains("two INBOX");
    }

    @Test
    void aMailboxThatCannotBeLookedAtHoldsUpNoOther() {
        var tries = new AtomicInteger();
        var triesBeforeSent = new AtomicInteger();
        var sent = ann.folders.list(ann.account).stream()
                .filter(folder -> folder.mailbox().equals("Sent"))
                .findFirst()
                .orElseThrow();
        watchers.listen(ann.account, List.of(inbox, sent), new Watchers.Listener() {
            @Override
            public void changed(Folder folder) {
                if (folder.equals(sent)) {
                    triesBeforeSent.set(tries.get());
                } else {
                    tries.incrementAndGet();
                    throw new BackendUnavailableException("no SELECT", Duration.ofSeconds(1));
                }
            }

            @Override
            public void hierarchyChanged() {}
        });
        ann.deliver("INBOX");
        // The pause after the fourth try is the first long one.
        await().atMost(Duration.ofSeconds(20)).untilAtomic(tries, equalTo(4));
        ann.deliver("Sent");
        await().atMost(Duration.ofSeconds(20)).untilAtomic(triesBeforeSent, equalTo(4));
        // What is heard of it anew is a reason not to wait any longer.
        long heardAt = System.nanoTime();
        ann.deliver("INBOX");
        await().atMost(Duration.ofSeconds(20)).untilAtomic(tries, equalTo(5));
        assertThat(Duration.ofNanos(System.nanoTime() - heardAt)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void manyEventsOfOneFolderAreNotAllWorkedOff() {
        listen("one");
        for (int i = 0; i < 500; i++) {
            ann.deliver("INBOX");
        }
        await().untilAsserted(() ->
                assertThat(ann.views.known(ann.account, inbox).present().size()).isEqualTo(500));
        assertThat(heard).hasSizeLessThanOrEqualTo(500).isNotEmpty();
    }
}
