package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.imap.HostileImap;
import org.airpost.eas.BodyOptions;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A folder that is deleted on the server: each command says so at its place, and FolderSync then tells it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GoneFolderTest {

    private static final String USER = HostileGateway.USER;

    private HostileGateway there;
    private Phone phone;
    private String inbox;
    private String box;

    @BeforeEach
    void start() throws Exception {
        var imap = HostileImap.with(HostileImap.ALL);
        imap.mailboxes().create(USER, "Box");
        imap.mailboxes().append(USER, "INBOX", "mail");
        imap.mailboxes().append(USER, "Box", "boxed");
        there = HostileGateway.start(imap).settled();
        phone = there.phone();
        inbox = there.inbox();
        box = there.folder("Box");
    }

    @AfterEach
    void stop() {
        there.close();
    }

    private void delete() {
        there.imap.mailboxes().delete(USER, "Box");
        there.imap.endAll();
    }

    /** FolderSync tells it, and all else is as it was. */
    private void isToldAndNothingElseLost() {
        phone.forgetViolations();
        var changes = phone.folderSync();
        assertThat(changes.succeeded()).isTrue();
        assertThat(phone.hierarchy().named("Box")).isEmpty();
        there.catchUp();
        there.isWhole();
    }

    @Test
    void syncAnswersThatFolderSyncIsNeededForThatFolderAlone() {
        delete();
        var key = phone.replica(box).key();
        var answer = phone.sync(box, HostileGateway.WINDOW);
        assertThat(answer.status()).isEqualTo(12);
        assertThat(answer.syncKey()).contains(key);
        assertThat(phone.sync(inbox, HostileGateway.WINDOW).succeeded()).isTrue();
        isToldAndNothingElseLost();
    }

    @Test
    void pingAnswersStatus7() {
        delete();
        assertThat(phone.ping(List.of(inbox, box), Duration.ofSeconds(60)).status())
                .isEqualTo(7);
        isToldAndNothingElseLost();
    }

    @Test
    void aPingThatWaitsIsAnsweredStatus7() throws Exception {
        var ping = CompletableFuture.supplyAsync(
                () -> phone.ping(List.of(inbox, box), Duration.ofSeconds(60)),
                Executors.newVirtualThreadPerTaskExecutor());
        await().atMost(Duration.ofSeconds(10)).until(() -> there.gateway().waiting() == 1);
        there.imap.mailboxes().delete(USER, "Box");
        assertThat(ping.get(20, TimeUnit.SECONDS).status()).isEqualTo(7);
        isToldAndNothingElseLost();
    }

    @Test
    void getItemEstimateAnswersStatus2() {
        delete();
        assertThat(phone.getItemEstimate(box, Optional.empty()).status()).isEqualTo(2);
        isToldAndNothingElseLost();
    }

    @Test
    void moveItemsAnswersForItsSourceOrItsTarget() {
        delete();
        assertThat(phone.moveItems(List.of(box + ":1"), box, inbox).getFirst().status())
                .isEqualTo(1);
        assertThat(phone.moveItems(List.of(inbox + ":1"), inbox, box).getFirst().status())
                .isEqualTo(2);
        isToldAndNothingElseLost();
    }

    @Test
    void itemOperationsAnswersThatThereIsNoSuchItem() {
        delete();
        assertThat(phone.itemOperationsFetch(box, box + ":1", BodyOptions.DEFAULT, false)
                        .status())
                .isEqualTo(6);
        assertThat(phone.itemOperationsFetch(box + ":1:0", Optional.empty(), false)
                        .status())
                .isIn(6, 15);
        assertThat(phone.emptyFolderContents(box, false)).isNotEqualTo(1);
        isToldAndNothingElseLost();
    }

    @Test
    void aFolderThatTheServerDeniesOnceIsNotGone() {
        var key = phone.replica(box).key();
        there.imap.lie("SELECT \"Box\".*", 1, _ -> "%T NO [NONEXISTENT] no such mailbox\r\n");
        there.imap.endAll();
        try {
            // Asked or not: a watch may just have told that nothing is new.
            assertThat(phone.sync(box, HostileGateway.WINDOW).status()).isEqualTo(1);
        } catch (PhoneException e) {
            HostileGateway.isUnavailable(e);
        }
        there.imap.lie("LIST.*", 1, honest -> honest.replaceAll("\\* LIST[^\r\n]*Box\"\r\n", ""));
        assertThat(phone.folderSync().succeeded()).isTrue();
        assertThat(there.folder("Box")).isEqualTo(box);
        assertThat(phone.replica(box).key()).isEqualTo(key);
        there.catchUp();
        there.isWhole();
    }
}
