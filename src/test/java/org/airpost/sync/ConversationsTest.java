package org.airpost.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.UidSet;
import org.airpost.command.ConversationReader;
import org.airpost.eas.FilterType;
import org.airpost.eas.MailLimits;
import org.junit.jupiter.api.Test;

/** What is noted of conversations, and what comes of it in a window. */
class ConversationsTest {

    private static final Duration LONG = Duration.ofSeconds(10);
    private static final CollectionOptions THREE_DAYS =
            CollectionOptions.DEFAULT.with(FilterType.THREE_DAYS).withConversations(true);

    private final Fixtures ann = new Fixtures();
    private final Folder inbox = ann.inbox();
    private final ConversationReader reader = new ConversationReader();
    private Views views = views();

    /** How many headers were read. */
    private final List<Integer> read = new ArrayList<>();

    private Conversations conversations() {
        return new Conversations(ann.store, ann.clock, reader.fields(), reader::number);
    }

    private Views views() {
        return new Views(ann.store, ann.clock, conversations());
    }

    private long deliver(String conversation) {
        return ann.mail.deliver(
                "ann",
                "INBOX",
                "Subject: hi\r\nReferences: <%s@example.org>\r\n\r\nhi\r\n"
                        .formatted(conversation)
                        .getBytes(UTF_8),
                Set.of());
    }

    private void pass(Duration time) {
        ann.now = ann.now.plus(time);
    }

    private FolderView view() {
        return views.refresh(ann.account, inbox).orElseThrow();
    }

    private UidSet window() {
        return views.window(ann.account, inbox, view(), THREE_DAYS).uids().and(view().present());
    }

    @Test
    void theWholeConversationLeavesWhenItsNewestMessageIsOld() {
        long first = deliver("boat");
        deliver("house");
        pass(Duration.ofDays(5));
        long second = deliver("boat");
        assertThat(window()).isEqualTo(UidSet.of(first, second));
        pass(Duration.ofDays(2));
        assertThat(window()).isEqualTo(UidSet.of(first, second));
        pass(Duration.ofDays(3));
        assertThat(window()).isEqualTo(UidSet.EMPTY);
    }

    @Test
    void whatIsLeftOfAConversationStaysForTheDay() {
        long first = deliver("boat");
        pass(Duration.ofDays(5));
        long second = deliver("boat");
        assertThat(window()).isEqualTo(UidSet.of(first, second));
        ann.mail.expunge("ann", "INBOX", second);
        long other = deliver("house");
        assertThat(window()).isEqualTo(UidSet.of(first, other));
        pass(Duration.ofDays(1));
        assertThat(window()).isEqualTo(UidSet.of(other));
    }

    /** Each header is read once, by whoever asks and also after a restart. */
    @Test
    void aMessageIsReadOnce() {
        for (int i = 0; i < 30; i++) {
            deliver("c" + i % 3);
        }
        var counting = new Account(
                "ann", ann.account.credentials(), counting(ann.account.mail()), ann.account.addresses(), "Ann");
        var view = view();
        var all = conversations();
        assertThat(all.with(counting, inbox, view, UidSet.of(30), LONG).uids())
                .hasToString("{3,6,9,12,15,18,21,24,27,30}");
        assertThat(read).containsExactly(30);
        assertThat(conversations()
                        .with(counting, inbox, view, UidSet.of(1), LONG)
                        .uids()
                        .size())
                .isEqualTo(10);
        long more = deliver("c0");
        var later = view();
        assertThat(all.with(counting, inbox, later, UidSet.of(more), LONG)
                        .uids()
                        .size())
                .isEqualTo(11);
        assertThat(read).containsExactly(30, 1);
    }

    private MailAccount counting(MailAccount mail) {
        return new RefusingMail() {

            @Override
            public Map<Long, byte[]> fields(String mailbox, long uidValidity, List<Long> uids, List<String> names) {
                read.add(uids.size());
                return mail.fields(mailbox, uidValidity, uids, names);
            }
        };
    }

    @Test
    void whenTheTimeIsUpTheRestIsSaidToBeMissing() {
        long first = deliver("boat");
        long second = deliver("boat");
        var some = conversations().with(ann.account, inbox, view(), UidSet.of(second), Duration.ZERO);
        assertThat(some.whole()).isFalse();
        assertThat(some.uids()).isEqualTo(UidSet.of(second));
        var all = conversations().with(ann.account, inbox, view(), UidSet.of(second), LONG);
        assertThat(all).isEqualTo(new Conversations.Known(UidSet.of(first, second), true));
    }

    /** Several folders may be in one request, each with conversations that nobody has learnt yet. */
    @Test
    void noMoreThanHalfOfTheTimeThatIsLeftGoesIntoLearning() {
        for (int i = 0; i < 4_000; i++) {
            deliver("boat");
        }
        var slow = new RefusingMail() {

            @Override
            public Map<Long, byte[]> fields(String mailbox, long uidValidity, List<Long> uids, List<String> names) {
                pass(Duration.ofSeconds(1));
                return ann.account.mail().fields(mailbox, uidValidity, uids, names);
            }

            @Override
            public UidSet receivedSince(String mailbox, long uidValidity, LocalDate day) {
                return ann.account.mail().receivedSince(mailbox, uidValidity, day);
            }
        };
        var slowly = new Account("ann", ann.account.credentials(), slow, ann.account.addresses(), "Ann");
        var view = view();
        var begun = ann.now;
        for (int left : List.of(-1, 4)) {
            assertThat(views.window(slowly, inbox, view, THREE_DAYS, MailLimits.NONE, Duration.ofSeconds(left))
                            .whole())
                    .isFalse();
        }
        assertThat(ann.now).isEqualTo(begun.plusSeconds(3));
        assertThat(views.window(slowly, inbox, view, THREE_DAYS, MailLimits.NONE, Duration.ofSeconds(25))
                        .whole())
                .isTrue();
        assertThat(ann.now).isEqualTo(begun.plusSeconds(4));
    }

    @Test
    void aRenumberedMailboxHasOtherMessages() {
        long first = deliver("boat");
        long second = deliver("boat");
        var notes = conversations();
        assertThat(notes.with(ann.account, inbox, view(), UidSet.of(second), LONG)
                        .uids())
                .isEqualTo(UidSet.of(first, second));
        ann.mail.renumber("ann", "INBOX");
        var now = view();
        assertThat(notes.with(ann.account, inbox, now, now.present(), LONG).uids())
                .isEqualTo(now.present());
    }

    @Test
    void aServerThatIsAwayIsNoConversationWithoutMessages() {
        deliver("boat");
        pass(Duration.ofDays(5));
        deliver("boat");
        var view = view();
        ann.faulty.down = true;
        assertThatThrownBy(() -> views.window(ann.account, inbox, view, THREE_DAYS))
                .isInstanceOf(BackendUnavailableException.class);
    }

    // Always moved

    private AlwaysMoved always() {
        return new AlwaysMoved(ann.store, new Moves(ann.store, ann.clock), ann.folders, reader, ann.clock);
    }

    private byte[] id(String conversation) {
        return reader.read("References: <%s@example.org>\r\n\r\n"
                        .formatted(conversation)
                        .getBytes(UTF_8))
                .orElseThrow()
                .conversationId();
    }

    private Folder trash() {
        return ann.folders.list(ann.account).stream()
                .filter(folder -> folder.mailbox().equals("Trash"))
                .findFirst()
                .orElseThrow();
    }

    private UidSet inTrash() {
        return ann.mail.view("ann", "Trash").present();
    }

    @Test
    void whatComesLaterIsMovedBeforeItIsSeen() {
        var always = always();
        views.look(always);
        long old = deliver("boat");
        always.set(ann.account, id("boat"), trash(), view());
        pass(Duration.ofSeconds(1));
        deliver("boat");
        long other = deliver("house");
        assertThat(view().present()).isEqualTo(UidSet.of(old, other));
        assertThat(inTrash().size()).isEqualTo(1);
    }

    @Test
    void whatCouldNotBeMovedIsToldAndMovedAtTheNextLook() {
        var always = always();
        views.look(always);
        always.set(ann.account, id("boat"), trash(), view());
        pass(Duration.ofSeconds(1));
        long mail = deliver("boat");
        ann.faulty.at(3, FaultyMail.How.FAILS_BEFORE, () -> {});
        assertThat(view().present()).isEqualTo(UidSet.of(mail));
        assertThat(ann.faulty.settle()).isTrue();
        assertThat(inTrash()).isEqualTo(UidSet.EMPTY);
        assertThat(view().present()).isEqualTo(UidSet.EMPTY);
        assertThat(inTrash().size()).isEqualTo(1);
    }

    @Test
    void aMoveOfWhichNobodyHeardIsNoSecondMail() {
        var always = always();
        views.look(always);
        always.set(ann.account, id("boat"), trash(), view());
        pass(Duration.ofSeconds(1));
        deliver("boat");
        ann.faulty.at(4, FaultyMail.How.FAILS_AFTER, () -> {});
        view();
        assertThat(ann.faulty.settle()).isTrue();
        assertThat(view().present()).isEqualTo(UidSet.EMPTY);
        assertThat(inTrash().size()).isEqualTo(1);
    }

    @Test
    void whatWasThereBeforeAndIsMovedBackStays() {
        var always = always();
        views.look(always);
        deliver("boat");
        pass(Duration.ofSeconds(1));
        var before = view();
        always.set(ann.account, id("boat"), trash(), before);
        ann.account.mail().move("INBOX", before.uidValidity(), before.present(), "Trash");
        assertThat(view().present()).isEqualTo(UidSet.EMPTY);
        var there = ann.mail.view("ann", "Trash");
        ann.account.mail().move("Trash", there.uidValidity(), there.present(), "INBOX");
        assertThat(view().present().size()).isEqualTo(1);
    }

    @Test
    void theConversationsOfAUserHaveABound() {
        var always = always();
        views.look(always);
        for (int i = 0; i <= AlwaysMoved.MOST; i++) {
            always.set(ann.account, id("c" + i), trash(), view());
        }
        pass(Duration.ofSeconds(1));
        long first = deliver("c0");
        deliver("c" + AlwaysMoved.MOST);
        assertThat(view().present()).isEqualTo(UidSet.of(first));
    }

    @Test
    void aFolderThatIsGoneEndsIt() {
        var always = always();
        views.look(always);
        var target = ann.folders.list(ann.account).stream()
                .filter(folder -> folder.mailbox().equals("Junk"))
                .findFirst()
                .orElseThrow();
        always.set(ann.account, id("boat"), target, view());
        ann.account.mail().delete("Junk");
        ann.folders.list(ann.account);
        pass(Duration.ofSeconds(1));
        deliver("boat");
        assertThat(view().present().size()).isEqualTo(1);
    }
}
