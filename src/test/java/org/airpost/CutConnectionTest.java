package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.airpost.backend.imap.HostileImap;
import org.airpost.eas.FolderType;
import org.airpost.phone.ClientCommand;
import org.airpost.phone.Flag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One session of a phone, repeated with the connection to the mail server cut at every k-th byte of either side, or silent
 * there. Wherever that is: 503 with Retry-After at worst, and once the server is honest again the phone has what it has.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CutConnectionTest {

    /** Sessions at the same time. */
    private static final int AT_ONCE = 4;

    private static final String BARE = "IDLE";

    /** Does harm at a place. */
    private interface Harm {
        void at(HostileImap imap, long place);
    }

    private static void session(HostileGateway there) throws Exception {
        var mail = there.imap.mailboxes();
        var phone = there.phone();
        there.patiently(phone::provision);
        there.catchUp();
        var inbox = there.inbox();
        var box = there.folder("Box");

        there.patiently(() -> phone.sync(
                inbox,
                HostileGateway.WINDOW
                        .withCommand(ClientCommand.read(inbox + ":1", true))
                        .withCommand(ClientCommand.flag(inbox + ":2", Flag.ACTIVE))));
        there.patiently(() -> phone.sync(inbox, HostileGateway.WINDOW.withCommand(ClientCommand.delete(inbox + ":3"))));
        var moved = there.patiently(() -> phone.moveItems(List.of(inbox + ":4"), inbox, box));
        assertThat(moved.getFirst().status()).as("MoveItems").isEqualTo(3);
        mail.append(HostileGateway.USER, "INBOX", "news");
        there.patiently(() -> phone.syncAll(inbox, HostileGateway.WINDOW));
        there.patiently(() -> phone.syncAll(box, HostileGateway.WINDOW));

        var ping = CompletableFuture.supplyAsync(
                () -> there.patiently(() -> phone.ping(List.of(inbox), Duration.ofSeconds(60))),
                Executors.newVirtualThreadPerTaskExecutor());
        mail.append(HostileGateway.USER, "INBOX", "more news");
        assertThat(ping.get(20, TimeUnit.SECONDS).status()).as("Ping").isEqualTo(2);
        there.patiently(() -> phone.syncAll(inbox, HostileGateway.WINDOW));

        var made = there.patiently(() -> phone.folderCreate("0", "New", FolderType.USER_MAIL));
        assertThat(made.status()).as("FolderCreate").isEqualTo(1);
        String id = made.serverId().orElseThrow();
        var renamed = there.patiently(() -> phone.folderUpdate(id, "0", "Newer"));
        assertThat(renamed.status()).as("FolderUpdate").isEqualTo(1);
        assertThat(there.patiently(() -> phone.folderDelete(id)).status())
                .as("FolderDelete")
                .isEqualTo(1);

        there.imap.honest();
        there.catchUp();
        assertThat(mail.names(HostileGateway.USER)).containsExactly("Box", "Drafts", "INBOX", "Sent", "Trash");
        assertThat(mail.messages(HostileGateway.USER, "INBOX").keySet())
                .as("INBOX")
                .containsExactly(1L, 2L, 5L, 6L, 7L);
        assertThat(mail.messages(HostileGateway.USER, "Box")).as("Box").hasSize(1);
        assertThat(mail.messages(HostileGateway.USER, "Trash")).as("Trash").hasSize(1);
        there.isWhole();
    }

    private static HostileImap imap(String capabilities) {
        var imap = HostileImap.with(capabilities);
        imap.mailboxes().create(HostileGateway.USER, "Box");
        for (int n = 1; n <= 5; n++) {
            imap.mailboxes().append(HostileGateway.USER, "INBOX", "mail " + n);
        }
        return imap;
    }

    private static void session(String capabilities, Harm harm, long place) throws Exception {
        var imap = imap(capabilities);
        try (var there = HostileGateway.start(imap)) {
            harm.at(imap, place);
            session(there);
        } catch (AssertionError | Exception e) {
            throw new AssertionError(
                    "harm at byte %d of %s:%n%s".formatted(place, capabilities, String.join("\n", imap.commands())), e);
        }
    }

    /** Sessions at places, several at the same time; the first failure. */
    private static void everywhere(String capabilities, Harm harm, long end, long step) throws Exception {
        assertThat(end).as("bytes of a whole session").isGreaterThan(1_000);
        var places = LongStream.iterate(1, place -> place <= end, place -> place + step)
                .boxed()
                .toList();
        var permits = new Semaphore(AT_ONCE);
        var running = new ArrayList<CompletableFuture<Void>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long place : places) {
                permits.acquire();
                running.add(CompletableFuture.runAsync(
                        () -> {
                            try {
                                session(capabilities, harm, place);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            } finally {
                                permits.release();
                            }
                        },
                        threads));
                for (var one : running) {
                    if (one.isCompletedExceptionally()) {
                        one.join();
                    }
                }
            }
        }
        running.forEach(CompletableFuture::join);
        System.out.printf("CutConnectionTest: %d sessions, each harmed at another of %d bytes%n", places.size(), end);
    }

    /** Bytes of a session without harm: of the server, of the client. */
    private static long[] length(String capabilities) throws Exception {
        var imap = imap(capabilities);
        try (var there = HostileGateway.start(imap)) {
            session(there);
            return new long[] {imap.sent(), imap.received()};
        }
    }

    @Test
    void theConnectionIsCutAtAnyByteOfTheServer() throws Exception {
        everywhere(HostileImap.ALL, HostileImap::cutOutputAfter, length(HostileImap.ALL)[0], 61);
    }

    @Test
    void theConnectionIsCutAtAnyByteOfTheClient() throws Exception {
        everywhere(HostileImap.ALL, HostileImap::cutInputAfter, length(HostileImap.ALL)[1], 41);
    }

    @Test
    void theConnectionToABareServerIsCutAtAnyByte() throws Exception {
        var length = length(BARE);
        everywhere(BARE, HostileImap::cutOutputAfter, length[0], 127);
        everywhere(BARE, HostileImap::cutInputAfter, length[1], 89);
    }

    @Test
    void theServerDiesAtAnyByteOfItsOutput() throws Exception {
        Harm harm = (imap, place) -> {
            imap.goDownAfterCut();
            imap.cutOutputAfter(place);
        };
        everywhere(HostileImap.ALL, harm, length(HostileImap.ALL)[0], 61);
        everywhere(BARE, harm, length(BARE)[0], 127);
    }

    @Test
    void theServerDiesAtAnyByteOfItsInput() throws Exception {
        Harm harm = (imap, place) -> {
            imap.goDownAfterCut();
            imap.cutInputAfter(place);
        };
        everywhere(HostileImap.ALL, harm, length(HostileImap.ALL)[1], 41);
        everywhere(BARE, harm, length(BARE)[1], 89);
    }

    @Test
    void theServerFallsSilentAtAnyByte() throws Exception {
        everywhere(
                HostileImap.ALL, (imap, place) -> imap.pauseOutputAfter(place, 1_500), length(HostileImap.ALL)[0], 499);
    }
}
