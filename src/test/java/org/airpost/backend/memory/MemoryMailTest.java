package org.airpost.backend.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Mailbox;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Section;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.Test;

final class MemoryMailTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final byte[] MAIL = "Message-ID: <1@example.org>\nSubject: s\n\nhello\n".getBytes(UTF_8);

    private final MemoryMail server =
            new MemoryMail(InstantSource.fixed(NOW)).user("anna", "pw").user("ben", "pw");
    private final MailAccount anna = account("anna");

    private MailAccount account(String user) {
        return ((SignIn.Accepted) server.signIn(new Credentials(user, "pw"))).account();
    }

    private FolderView view(String mailbox) {
        return ((Refreshed.Current) anna.refresh(mailbox, FolderView.UNKNOWN)).view();
    }

    private static <T> T done(Outcome<T> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<T>) outcome).value();
    }

    private static Refusal refused(Outcome<?> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused<?>) outcome).why();
    }

    @Test
    void aDeliveredMessageIsSeenDescribedAndRead() throws IOException {
        long uid = server.deliver("anna", "inbox", MAIL, Set.of("\\Seen", "Work"));
        var view = view("INBOX");
        assertThat(view.present()).isEqualTo(UidSet.of(uid));
        assertThat(view.with("work")).isEqualTo(UidSet.of(uid));
        assertThat(view.uidNext()).isEqualTo(uid + 1);
        var data = anna.describe("INBOX", view.uidValidity(), List.of(99L, uid)).getFirst();
        assertThat(new String(data.header(), UTF_8)).endsWith("Subject: s\r\n\r\n");
        assertThat(data.internalDate()).isEqualTo(NOW);
        assertThat(anna.withMessageId("INBOX", view.uidValidity(), "<1@example.org>"))
                .isEqualTo(UidSet.of(uid));
        assertThat(anna.withMessageId("INBOX", view.uidValidity(), "<1@example"))
                .isEqualTo(UidSet.EMPTY);
        assertThat(anna.receivedSince("INBOX", view.uidValidity(), LocalDate.of(2026, 11, 24)))
                .isEqualTo(UidSet.of(uid));
        assertThat(anna.receivedSince("INBOX", view.uidValidity(), LocalDate.of(2026, 11, 25)))
                .isEqualTo(UidSet.EMPTY);
        var out = new ByteArrayOutputStream();
        assertThat(anna.read("INBOX", view.uidValidity(), new Section(uid, "1", 1, 3), out))
                .isEqualTo(3);
        assertThat(out.toString(UTF_8)).isEqualTo("ell");
        assertThat(anna.read("INBOX", view.uidValidity(), Section.whole(uid, "7"), out))
                .isEqualTo(-1);
    }

    @Test
    void aRefreshWithoutChangesGivesTheSameObject() {
        server.deliver("anna", "INBOX", MAIL, Set.of());
        var view = view("INBOX");
        assertThat(anna.refresh("INBOX", view)).isEqualTo(new Refreshed.Current(view));
        assertThat(((Refreshed.Current) anna.refresh("INBOX", view)).view()).isSameAs(view);
        server.setFlags("anna", "INBOX", 1, Set.of("\\Flagged"));
        assertThat(view("INBOX").highestModSeq()).isGreaterThan(view.highestModSeq());
        assertThat(anna.refresh("nowhere", view)).isInstanceOf(Refreshed.Gone.class);
    }

    @Test
    void flagsMovesAndDeletesSayWhatWasDone() {
        long one = server.deliver("anna", "INBOX", MAIL, Set.of());
        long two = server.deliver("anna", "INBOX", MAIL, Set.of("\\Deleted"));
        long validity = view("INBOX").uidValidity();
        assertThat(done(anna.store("INBOX", validity, UidSet.of(one, 77), Set.of("\\Seen"), Set.of())))
                .isEqualTo(UidSet.of(one));
        assertThat(view("INBOX").flags()).containsOnlyKeys("\\Seen");
        assertThat(done(anna.move("INBOX", validity, UidSet.of(one, 77), "Trash")))
                .isEqualTo(Map.of(one, 1L));
        assertThat(view("Trash").with(FolderView.SEEN)).isEqualTo(UidSet.of(1));
        assertThat(done(anna.copy("INBOX", validity, UidSet.of(two), "Trash"))).isEqualTo(Map.of(two, 2L));
        assertThat(done(anna.expunge("INBOX", validity, UidSet.of(two, 78)))).isEqualTo(UidSet.of(two));
        assertThat(view("INBOX").present()).isEqualTo(UidSet.EMPTY);
        assertThat(refused(anna.move("INBOX", validity, UidSet.of(one), "nowhere")))
                .isEqualTo(Refusal.NOT_FOUND);
        var source = MessageSource.of(MAIL);
        assertThat(done(anna.append("Sent", source, Set.of("\\Seen"), NOW))).isEqualTo(1L);
    }

    @Test
    void anotherUidValidityEndsAnOperation() {
        server.deliver("anna", "INBOX", MAIL, Set.of());
        long validity = view("INBOX").uidValidity();
        server.renumber("anna", "INBOX");
        assertThatThrownBy(() -> anna.expunge("INBOX", validity, UidSet.of(1)))
                .isInstanceOf(BackendUnavailableException.class);
        assertThat(view("INBOX").present()).isEqualTo(UidSet.of(1));
        assertThat(view("INBOX").uidValidity()).isNotEqualTo(validity);
    }

    @Test
    void mailboxesAreMadeRenamedAndDeletedWithThoseBelow() {
        assertThat(done(anna.create("", "Work"))).isEqualTo("Work");
        assertThat(done(anna.create("Work", "2026"))).isEqualTo("Work/2026");
        assertThat(refused(anna.create("", "Work"))).isEqualTo(Refusal.EXISTS);
        assertThat(refused(anna.create("Nowhere", "x"))).isEqualTo(Refusal.NOT_FOUND);
        assertThat(done(anna.rename("Work", "", "Done"))).isEqualTo("Done");
        assertThat(refused(anna.rename("Done", "Done/2026", "x"))).isEqualTo(Refusal.OTHER);
        assertThat(refused(anna.delete("INBOX"))).isEqualTo(Refusal.NO_PERMISSION);
        assertThat(anna.mailboxes()).extracting(Mailbox::name).contains("Done", "Done/2026");
        assertThat(done(anna.delete("Done"))).isEqualTo("Done");
        assertThat(anna.mailboxes())
                .extracting(Mailbox::name)
                .containsExactly("INBOX", "Drafts", "Junk", "Sent", "Trash");
    }

    @Test
    void aWatchTellsOfItsMailboxesAtOnce() {
        var seen = new CopyOnWriteArrayList<String>();
        try (var watch = anna.watch(Set.of("inbox"), seen::add)) {
            server.deliver("anna", "INBOX", MAIL, Set.of());
            server.deliver("anna", "Junk", MAIL, Set.of());
            server.deliver("ben", "INBOX", MAIL, Set.of());
            watch.retarget(Set.of("Junk"));
            server.deliver("anna", "Junk", MAIL, Set.of());
            server.deliver("anna", "INBOX", MAIL, Set.of());
            done(anna.create("", "New"));
        }
        server.deliver("anna", "Junk", MAIL, Set.of());
        assertThat(seen).containsExactly("", "INBOX", "Junk", "");
    }

    @Test
    void aServerThatIsAwayDoesNothing() {
        server.down(true);
        assertThatThrownBy(anna::mailboxes).isInstanceOf(BackendUnavailableException.class);
        server.down(false);
        server.failNext(1);
        assertThatThrownBy(() -> anna.append("INBOX", MessageSource.of(MAIL), Set.of(), NOW))
                .isInstanceOf(BackendUnavailableException.class);
        assertThat(view("INBOX").present()).isEqualTo(UidSet.EMPTY);
    }

    @Test
    void whatIsSubmittedComesToLocalUsers() {
        var submission = new MemorySubmission(server);
        submission.refuse("carl@example.org");
        var result = submission.submit(
                new Credentials("anna", "pw"),
                "anna@example.org",
                List.of("ben@example.org", "carl@example.org"),
                MessageSource.of(MAIL));
        assertThat(((Submitted.Taken) result).refused()).hasSize(1);
        assertThat(server.messages("ben", "INBOX")).hasSize(1);
        assertThat(submission.sent().getFirst().recipients()).containsExactly("ben@example.org");
        submission.next(new Submitted.Deferred("421 later"));
        assertThat(submission.submit(new Credentials("anna", "pw"), "anna@x", List.of("ben@x"), MessageSource.of(MAIL)))
                .isInstanceOf(Submitted.Deferred.class);
        assertThat(server.messages("ben", "INBOX")).hasSize(1);
    }
}
