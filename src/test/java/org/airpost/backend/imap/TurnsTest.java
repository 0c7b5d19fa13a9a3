package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.Outcome;
import org.airpost.backend.Security;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two devices of a user that move or delete out of one mailbox at the same moment, at a server that has no MOVE. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TurnsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<MailAccount> accounts = new CopyOnWriteArrayList<>();
    private HostileImap server = HostileImap.with("");
    private ImapBackend backend = backend(PATIENCE);

    private ImapBackend backend(Duration readTimeout) {
        var settings = ImapSettings.of("127.0.0.1", server.port(), Security.PLAIN)
                .withTimeouts(PATIENCE, readTimeout, PATIENCE);
        return new ImapBackend(settings, Clock.systemUTC());
    }

    private void server(String capabilities, Duration readTimeout) {
        server.close();
        server = HostileImap.with(capabilities);
        backend = backend(readTimeout);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        accounts.forEach(MailAccount::close);
        server.close();
    }

    /** Another sign-in of the same user, which sees the mailbox as it is now. */
    private MailAccount device() {
        var account = ((SignIn.Accepted) backend.signIn(new Credentials("anna", "secret"))).account();
        accounts.add(account);
        account.refresh("INBOX", FolderView.UNKNOWN);
        return account;
    }

    private long uidValidity(MailAccount account) {
        return ((Refreshed.Current) account.refresh("INBOX", FolderView.UNKNOWN))
                .view()
                .uidValidity();
    }

    private long seen(String command) {
        return server.commands().stream().filter(one -> one.matches(command)).count();
    }

    /** Holds the answer to the first such command until another device has come so far, or waits for its turn. */
    private void holdFirst(String command, Runnable held, BooleanSupplier other) {
        server.lie(command, 1, honest -> {
            held.run();
            await().atMost(PATIENCE)
                    .until(() -> other.getAsBoolean() || backend.turns().isWaitedFor("anna", "INBOX"));
            return honest;
        });
    }

    private <T> List<T> atOnce(CountDownLatch firstIsHeld, Callable<T> first, Callable<T> second) throws Exception {
        var one = threads.submit(first);
        assertThat(firstIsHeld.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        var other = threads.submit(second);
        return List.of(one.get(), other.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"UIDPLUS ESEARCH", "ENABLE CONDSTORE QRESYNC UIDPLUS", "UIDPLUS", ""})
    void oneMailThatTwoDevicesMoveAtOnceIsThereOnce(String capabilities) throws Exception {
        server(capabilities, PATIENCE);
        long uid = server.mailboxes().append("anna", "INBOX", "once");
        server.mailboxes().append("anna", "INBOX", "stays");
        var one = device();
        var other = device();
        long validity = uidValidity(one);
        var held = new CountDownLatch(1);
        holdFirst("UID COPY.*", held::countDown, () -> seen("UID COPY.*") > 1);

        var outcomes = atOnce(
                held,
                () -> one.move("INBOX", validity, UidSet.of(uid), "Trash"),
                () -> other.move("INBOX", validity, UidSet.of(uid), "Trash"));

        assertThat(server.mailboxes().messages("anna", "Trash")).hasSize(1);
        assertThat(server.mailboxes().messages("anna", "INBOX")).hasSize(1);
        assertThat(outcomes).containsExactly(Outcome.done(Map.of(uid, 1L)), Outcome.done(Map.of()));
    }

    @Test
    void oneMailThatTwoDevicesMoveToDifferentFoldersIsInOneOfThem() throws Exception {
        server("UIDPLUS", PATIENCE);
        long uid = server.mailboxes().append("anna", "INBOX", "once");
        var one = device();
        var other = device();
        long validity = uidValidity(one);
        var held = new CountDownLatch(1);
        holdFirst("UID COPY.*", held::countDown, () -> seen("UID COPY.*") > 1);

        atOnce(
                held,
                () -> one.move("INBOX", validity, UidSet.of(uid), "Trash"),
                () -> other.move("INBOX", validity, UidSet.of(uid), "Sent"));

        var there = new HashMap<>(server.mailboxes().messages("anna", "Trash"));
        there.putAll(server.mailboxes().messages("anna", "Sent"));
        assertThat(there).hasSize(1);
        assertThat(server.mailboxes().messages("anna", "Sent")).isEmpty();
    }

    /** Without UIDPLUS each takes the marks of others off for the moment in which it expunges. */
    @Test
    void whatTwoDevicesDeleteAtOnceIsGone() throws Exception {
        server("", PATIENCE);
        long first = server.mailboxes().append("anna", "INBOX", "first");
        long second = server.mailboxes().append("anna", "INBOX", "second");
        var one = device();
        var other = device();
        long validity = uidValidity(one);
        var held = new CountDownLatch(1);
        holdFirst("UID SEARCH DELETED", held::countDown, () -> seen("EXPUNGE") > 0);
        holdFirst("EXPUNGE", () -> {}, () -> seen("EXPUNGE") > 1);

        var outcomes = atOnce(
                held,
                () -> one.expunge("INBOX", validity, UidSet.of(first)),
                () -> other.expunge("INBOX", validity, UidSet.of(second)));

        assertThat(outcomes).containsExactly(Outcome.done(UidSet.of(first)), Outcome.done(UidSet.of(second)));
        assertThat(server.mailboxes().messages("anna", "INBOX")).isEmpty();
    }

    @Test
    void aTurnThatDoesNotComeIsAServerThatIsAway() throws Exception {
        server("UIDPLUS", Duration.ofMillis(500));
        long uid = server.mailboxes().append("anna", "INBOX", "once");
        var one = device();
        var turn = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        var holder = threads.submit(() -> backend.turns().within(PATIENCE, "anna", "INBOX", () -> {
            turn.countDown();
            await().atMost(PATIENCE).until(() -> end.getCount() == 0);
            return true;
        }));
        assertThat(turn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        long validity = uidValidity(one);

        assertThatThrownBy(() -> one.move("INBOX", validity, UidSet.of(uid), "Trash"))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("another move");

        assertThat(server.mailboxes().messages("anna", "INBOX")).hasSize(1);
        end.countDown();
        assertThat(holder.get()).isTrue();
        assertThat(one.move("INBOX", validity, UidSet.of(uid), "Trash")).isEqualTo(Outcome.done(Map.of(uid, 1L)));
    }
}
