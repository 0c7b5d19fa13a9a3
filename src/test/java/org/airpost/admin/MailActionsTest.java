package org.airpost.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.BrokenMessages.Broken;
import org.airpost.sync.Ledgers;
import org.junit.jupiter.api.Test;

final class MailActionsTest {

    private static final InstantSource CLOCK = InstantSource.system();
    private static final Actor ADMIN = new Actor("ada", Role.ADMIN, "test");
    private static final Actor AUDITOR = new Actor("aude", Role.AUDITOR, "test");

    private final MemoryStore store = new MemoryStore(CLOCK);
    private final Audit audit = new Audit(store, Audit.Settings.USUAL, CLOCK);
    private final BrokenMessages broken = new BrokenMessages(store, new Ledgers(store), CLOCK);
    private final List<String> done = new ArrayList<>();
    private final QueuedMails queue = new QueuedMails() {

        @Override
        public List<Line> list() {
            return List.of(new Line("0a1b", "anna", "2026-11-26T01:00:00Z", "2026-11-26T01:05:00Z", 2, 3, "451 later"));
        }

        @Override
        public boolean retry(String id) {
            return done.add("retry " + id);
        }

        @Override
        public boolean giveUp(String id) {
            return false; // it is tried at this moment
        }
    };
    private final MailActions actions = new MailActions(broken, one -> done.add("told " + one.id()), queue, audit);

    private List<String> audited() {
        return audit.page(ADMIN, Audit.Filter.ALL, Optional.empty(), 10) instanceof Result.Done<Audit.Page>(var page)
                ? page.entries().stream()
                        .map(entry -> "%s %s %s %s %s"
                                .formatted(
                                        entry.actor(),
                                        entry.action(),
                                        entry.subject().user(),
                                        entry.subject().thing(),
                                        entry.done()))
                        .toList()
                : List.of();
    }

    @Test
    void aBrokenMessageIsSentAnewOnceByWhoMay() {
        broken.note(new Broken("anna", "5", 7, 42, "INBOX", Instant.EPOCH, "a part is damaged"));
        assertThat(actions.broken(AUDITOR).map(List::size)).isEqualTo(new Result.Done<>(1));
        assertThat(actions.retry(AUDITOR, "anna/5:42").isDone()).isFalse();
        assertThat(actions.retry(ADMIN, "anna/5:42").isDone()).isTrue();
        assertThat(done).containsExactly("told anna/5:42");
        assertThat(actions.retry(ADMIN, "anna/5:42").isDone())
                .as("it is listed no more")
                .isFalse();
        assertThat(audited())
                .containsExactly(
                        "ada message.retry  anna/5:42 false",
                        "ada message.retry anna anna/5:42 true",
                        "aude message.retry anna anna/5:42 false");
    }

    @Test
    void aQueuedMailIsTriedOrGivenBackByWhoMay() {
        assertThat(actions.queue(AUDITOR).map(List::size)).isEqualTo(new Result.Done<>(1));
        assertThat(actions.retryQueued(AUDITOR, "0a1b").isDone()).isFalse();
        assertThat(done).isEmpty();
        assertThat(actions.retryQueued(ADMIN, "0a1b").isDone()).isTrue();
        assertThat(actions.retryQueued(ADMIN, "none").isDone()).isFalse();
        assertThat(actions.returnQueued(ADMIN, "0a1b"))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.why()).isEqualTo(Result.Why.CONFLICT));
        assertThat(done).containsExactly("retry 0a1b");
        assertThat(audited()).hasSize(4);
    }
}
