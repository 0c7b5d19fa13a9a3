package org.airpost.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.Directory;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Mailbox;
import org.airpost.backend.MessageData;
import org.airpost.backend.Person;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.store.memory.MemoryStore;
import org.airpost.sync.Folders;
import org.airpost.sync.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SeenPeopleTest {

    private static final String USER = "ann@example.org";

    private final InstantSource clock = () -> Instant.parse("2026-03-01T12:00:00Z");
    private final MemoryMail mail = new MemoryMail(clock).user(USER, "secret");
    private final MemoryStore store = new MemoryStore(clock);
    private final SeenPeople people = new SeenPeople(new Folders(store, new Views(store, clock)));
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private final AtomicInteger largestBatch = new AtomicInteger();
    private final AtomicInteger described = new AtomicInteger();

    /** Ann's mail, which waits before it describes a message. */
    private final class WatchedMail extends RefusingMail {
        private final MailAccount real;

        WatchedMail(MailAccount real) {
            this.real = real;
        }

        @Override
        public List<Mailbox> mailboxes() {
            return real.mailboxes();
        }

        @Override
        public Refreshed refresh(String mailbox, FolderView known) {
            return real.refresh(mailbox, known);
        }

        @Override
        public List<MessageData> describe(String mailbox, long uidValidity, List<Long> uids) {
            described.addAndGet(uids.size());
            largestBatch.accumulateAndGet(uids.size(), Math::max);
            begun.countDown();
            try {
                assertThat(mayGoOn.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return real.describe(mailbox, uidValidity, uids);
        }
    }

    private Account account() {
        if (!(mail.signIn(new Credentials(USER, "secret")) instanceof SignIn.Accepted(var account))) {
            throw new AssertionError("the memory server refuses Ann");
        }
        return new Account(USER, new Credentials(USER, "secret"), new WatchedMail(account), List.of(USER), "Ann");
    }

    private void from(String sender) {
        mail.deliver(USER, "INBOX", "From: %s\n\ntext\n".formatted(sender).getBytes(US_ASCII), Set.of());
    }

    private static List<Person> persons(Directory.Found found) {
        assertThat(found).isInstanceOf(Directory.Found.Persons.class);
        return ((Directory.Found.Persons) found).persons();
    }

    @Test
    void headersAreReadInSmallBatchesAndLongNamesAreCut() {
        for (int i = 0; i < 45; i++) {
            from("Zoe %d <zoe%d@example.org>".formatted(i, i));
        }
        from("Z" + "o".repeat(900) + " <long@example.org>");
        mayGoOn.countDown();
        assertThat(persons(people.find(account(), new Directory.Query("zoe", 100))))
                .hasSize(45);
        assertThat(persons(people.find(account(), new Directory.Query("long@", 1)))
                        .getFirst()
                        .displayName())
                .hasSize(200);
        assertThat(described).hasValue(46);
        assertThat(largestBatch).hasValueLessThanOrEqualTo(20);
    }

    @Test
    void twoRequestsOfAUserLookOnce() throws Exception {
        from("Zoe <zoe@example.org>");
        var account = account();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var query = new Directory.Query("zoe", 5);
            var first = threads.submit(() -> people.find(account, query));
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
            var second = threads.submit(() -> people.find(account, query));
            mayGoOn.countDown();
            assertThat(persons(first.get())).hasSize(1);
            assertThat(persons(second.get())).hasSize(1);
        }
        assertThat(described).hasValue(1);
    }

    @Test
    void afterALookThatFailedTheNextOneLooksAnew() {
        from("Zoe <zoe@example.org>");
        mayGoOn.countDown();
        var account = account();
        mail.down(true);
        assertThatThrownBy(() -> people.find(account, new Directory.Query("zoe", 5)))
                .isInstanceOf(BackendUnavailableException.class);
        mail.down(false);
        assertThat(persons(people.find(account, new Directory.Query("zoe", 5)))).hasSize(1);
    }
}
