package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.airpost.eas.CommonStatus.MAIL_SUBMISSION_FAILED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MessageData;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Submission;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.UidSet;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.command.Outbox.SavesSent;
import org.airpost.convert.Composer;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.eas.Spool;
import org.airpost.eas.StatusException;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.ComposeMail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutboxTest {

    private static final String MAIL = "To: ben@example.org\nSubject: s\n\nhello\n";
    private static final Answer EMPTY = new Answer.Empty();

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock();
    private final Random random = new Random(1);
    private final MemoryMail server = new MemoryMail(clock).user("anna", "pw").user("ben", "pw");
    private final MemorySubmission submission = new MemorySubmission(server);
    private final TestStore store = new TestStore(clock);
    private final Account anna = account();

    /** Comes after each look for a mail by its Message-ID that was answered. */
    private volatile Runnable afterLook = () -> {};

    private Outbox outbox = outbox(submission, SavesSent.NO);

    private Account account() {
        var credentials = new Credentials("anna", "pw");
        var mail = ((SignIn.Accepted) server.signIn(credentials)).account();
        return new Account("anna", credentials, watched(mail), List.of("anna@example.org"), "Anna");
    }

    private MailAccount watched(MailAccount mail) {
        return (MailAccount) Proxy.newProxyInstance(
                MailAccount.class.getClassLoader(), new Class<?>[] {MailAccount.class}, (_, method, arguments) -> {
                    try {
                        var result = method.invoke(mail, arguments);
                        if (method.getName().equals("withMessageId")) {
                            afterLook.run();
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Outbox outbox(Submission to, SavesSent savesSent) {
        return outbox(to, new Outbox.Settings(savesSent, 100_000));
    }

    private Outbox outbox(Submission to, Outbox.Settings settings) {
        return new Outbox(new Composer(clock, random, 100_000), to, new Places(), store, clock, settings);
    }

    /** Folder 1 is the Inbox. */
    private final class Places implements MailPlaces {

        @Override
        public Optional<Place> find(Account account, DeviceKey device, String folderId) {
            return folderId.equals("1") ? Optional.of(place("INBOX")) : Optional.empty();
        }

        @Override
        public Optional<Place> sent(Account account) {
            return Optional.of(place("Sent"));
        }

        @Override
        public Optional<Place> inbox(Account account) {
            return Optional.of(place("INBOX"));
        }

        private Place place(String mailbox) {
            return new Place(mailbox, server.view("anna", mailbox).uidValidity());
        }
    }

    private static Request request(Account account, RequestLine line, String type, byte[] body) {
        var spool = new Spool(1 << 20, 1 << 20);
        try (var out = spool.out()) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Request("r1", line, account, type, spool, "test", Instant.parse("2026-11-24T12:00:25Z"));
    }

    private static RequestLine line(ProtocolVersion version, Map<Parameter, String> parameters, boolean saveInSent) {
        return new RequestLine(
                CommandName.SEND_MAIL,
                version,
                "dev1",
                "phone",
                Optional.empty(),
                "anna",
                parameters,
                saveInSent,
                false);
    }

    private Request document(ComposeMail root, String clientId, String mime, Consumer<WbxmlWriter> more) {
        var bytes = new java.io.ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(root).text(ComposeMail.CLIENT_ID, clientId);
            more.accept(out);
            out.opaque(ComposeMail.MIME, mime.getBytes(UTF_8)).end();
        }
        return request(
                anna,
                line(ProtocolVersion.V14_1, Map.of(), false),
                "application/vnd.ms-sync.wbxml",
                bytes.toByteArray());
    }

    private Answer send(String clientId, String mime) {
        return new SendMail(outbox)
                .run(document(ComposeMail.SEND_MAIL, clientId, mime, out -> out.empty(ComposeMail.SAVE_IN_SENT_ITEMS)));
    }

    private Answer plain(String mime, Map<Parameter, String> parameters) {
        return new SendMail(outbox)
                .run(request(
                        anna, line(ProtocolVersion.V12_1, parameters, true), "message/rfc822", mime.getBytes(UTF_8)));
    }

    private static long status(Answer answer) throws IOException {
        assertThat(answer).isInstanceOf(Answer.Document.class);
        var in = new WbxmlReader(((Answer.Document) answer).body().open(), WbxmlLimits.REQUEST);
        assertThat(in.root()).isTrue();
        assertThat(in.child()).isTrue();
        assertThat(in.tag()).isEqualTo(ComposeMail.STATUS);
        return in.number(0, 999);
    }

    private static Consumer<WbxmlWriter> source(String folder, String item) {
        return out -> out.start(ComposeMail.SOURCE)
                .text(ComposeMail.FOLDER_ID, folder)
                .text(ComposeMail.ITEM_ID, item)
                .end();
    }

    private List<MessageData> sentFolder() {
        return server.messages("anna", "Sent");
    }

    @Test
    void aMailIsSentOnceHoweverOftenItIsAskedFor() {
        for (int i = 0; i < 3; i++) {
            assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        }
        assertThat(submission.sent()).hasSize(1);
        assertThat(sentFolder()).hasSize(1);
        assertThat(sentFolder().getFirst().flags()).containsExactly("\\Seen");
        assertThat(server.messages("ben", "INBOX")).hasSize(1);
        assertThat(send("c2", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(2);
    }

    @Test
    void aBccIsInTheCopyAlone() {
        assertThat(send("c1", "Bcc: ben@example.org\nSubject: s\n\nx\n")).isEqualTo(EMPTY);
        assertThat(new String(submission.sent().getFirst().message(), UTF_8)).doesNotContain("Bcc");
        assertThat(new String(sentFolder().getFirst().header(), UTF_8)).contains("Bcc: ben@example.org");
    }

    @Test
    void withoutSaveInSentItemsThereIsNoCopy() {
        var request = document(ComposeMail.SEND_MAIL, "c1", MAIL, out -> {});
        assertThat(new SendMail(outbox).run(request)).isEqualTo(EMPTY);
        assertThat(sentFolder()).isEmpty();
    }

    @Test
    void aServerThatSavesItselfGetsNoSecondCopy() {
        outbox = outbox(
                (credentials, from, recipients, message) -> {
                    try (var in = message.open()) {
                        server.deliver("anna", "Sent", in.readAllBytes(), Set.of("\\Seen"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return new Submitted.Taken(List.of());
                },
                SavesSent.AUTO);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(sentFolder()).hasSize(1);
    }

    @Test
    void whatTheServerSaysBecomesAStatusAndTheMailMayBeTriedAgain() throws IOException {
        submission.next(new Submitted.Deferred("451 later"));
        assertThat(status(send("c1", MAIL))).isEqualTo(111);
        submission.next(new Submitted.Rejected(Refusal.OTHER, "554 no"));
        assertThat(status(send("c1", MAIL))).isEqualTo(120);
        submission.next(new Submitted.Rejected(Refusal.TOO_LARGE, "552 no"));
        assertThat(status(send("c1", MAIL))).isEqualTo(122);
        assertThat(submission.sent()).isEmpty();
        assertThat(sentFolder()).isEmpty();
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void theMessageIdStaysTheSameOverAllTries() {
        submission.next(new Submitted.Unknown("gone"));
        send("c1", MAIL);
        assertThat(submission.sent()).hasSize(1);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(2);
        assertThat(submission.sent())
                .extracting(s -> new String(s.message(), UTF_8).replaceAll("(?s).*(Message-ID: \\S+).*", "$1"))
                .containsOnly("Message-ID: " + id(sentFolder().getFirst()));
    }

    private static String id(MessageData message) {
        return new String(message.header(), UTF_8).replaceAll("(?s).*Message-ID: (\\S+).*", "$1");
    }

    @Test
    void anUncertainMailThatIsInSentIsNotSentAgain() {
        submission.next(new Submitted.Unknown("gone"));
        send("c1", MAIL);
        server.deliver("anna", "Sent", submission.sent().getFirst().message(), Set.of());
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aMailLeftByACrashBeforeItsEndIsSent() {
        store.failFrom = Optional.of(1); // "received" is written, and no more: the end of the mail is not sent
        assertThatThrownBy(() -> send("c1", MAIL)).isInstanceOf(StoreException.class);
        assertThat(submission.sent()).isEmpty();
        store.failFrom = Optional.empty();
        outbox = outbox(submission, SavesSent.NO);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aStoreThatFailsAfterTheSendingDoesNotFailIt() {
        store.failFrom = Optional.of(2); // "received" and "uncertain" are written
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(sentFolder()).hasSize(1);
        store.failFrom = Optional.empty();
        clock.pass(Duration.ofSeconds(61));
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aCopyThatFailsIsTriedOnceMore() {
        outbox = outbox(failingAfterwards(1), SavesSent.NO);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(sentFolder()).hasSize(1);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aServersOwnCopyGetsTimeToComeAlsoIfTheMailboxIsAwayForAMoment() {
        outbox = outbox(
                (credentials, from, recipients, message) -> {
                    var result = submission.submit(credentials, from, recipients, message);
                    var looks = new AtomicInteger();
                    afterLook = () -> {
                        if (looks.incrementAndGet() == 1) {
                            keepCopy(submission.sent().getLast());
                        }
                    };
                    server.failNext(1);
                    return result;
                },
                SavesSent.AUTO);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(sentFolder()).hasSize(1);
    }

    /** A server whose copy comes later than it is waited for: at first there are two. */
    @Test
    void thatAServersOwnCopyWasSlowIsSeenAtTheNextMail() throws IOException {
        var isSlow = new AtomicBoolean(true);
        outbox = outbox(
                (credentials, from, recipients, message) -> {
                    var result = submission.submit(credentials, from, recipients, message);
                    if (!isSlow.get()) {
                        keepCopy(submission.sent().getLast());
                    }
                    return result;
                },
                SavesSent.AUTO);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        keepCopy(submission.sent().getLast());
        var first = sentFolder();
        assertThat(first).hasSize(2);

        isSlow.set(false);
        assertThat(send("c2", MAIL)).isEqualTo(EMPTY);
        assertThat(sentFolder())
                .extracting(MessageData::uid)
                .hasSize(2)
                .contains(first.getLast().uid())
                .doesNotContain(first.getFirst().uid());
    }

    private void keepCopy(MemorySubmission.Sent sent) {
        server.deliver("anna", "Sent", sent.message(), Set.of("\\Seen"));
    }

    @Test
    void aCopyThatCannotBeKeptIsKeptByTheRepeatAndTheMailIsNotSentAgain() throws IOException {
        outbox = outbox(failingAfterwards(10), SavesSent.NO);
        assertThat(status(send("c1", MAIL))).isEqualTo(111);
        assertThat(sentFolder()).isEmpty();
        server.failNext(0);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(sentFolder()).hasSize(1);
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(sentFolder()).hasSize(1);
        assertThat(submission.sent()).hasSize(1);
    }

    /** Once it has taken a message, so many calls to the mailbox fail. */
    private Submission failingAfterwards(int calls) {
        return (credentials, from, recipients, message) -> {
            var result = submission.submit(credentials, from, recipients, message);
            server.failNext(calls);
            return result;
        };
    }

    @Test
    void repeatsAtTheSameTimeWaitForTheFirst() throws Exception {
        var entered = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        outbox = outbox(
                (credentials, from, recipients, message) -> {
                    entered.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return submission.submit(credentials, from, recipients, message);
                },
                SavesSent.NO);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> send("c1", MAIL));
            entered.await();
            var second = threads.submit(() -> send("c1", MAIL));
            go.countDown();
            assertThat(first.get()).isEqualTo(EMPTY);
            assertThat(second.get()).isEqualTo(EMPTY);
        }
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aReplyMarksItsOriginalAndAForwardToo() {
        long uid = server.deliver("anna", "INBOX", "Message-ID: <o@x>\nSubject: o\n\nold\n".getBytes(UTF_8), Set.of());
        var reply = document(ComposeMail.SMART_REPLY, "c1", MAIL, source("1", "1:" + uid));
        assertThat(new SmartReply(outbox).run(reply)).isEqualTo(EMPTY);
        assertThat(server.view("anna", "INBOX").with(FolderView.ANSWERED)).isEqualTo(UidSet.of(uid));
        assertThat(new String(submission.sent().getFirst().message(), UTF_8))
                .contains("In-Reply-To: <o@x>", "hello", "old");
        var forward = document(
                ComposeMail.SMART_FORWARD,
                "c2",
                MAIL,
                source("1", "1:" + uid).andThen(out -> out.empty(ComposeMail.REPLACE_MIME)));
        assertThat(new SmartForward(outbox).run(forward)).isEqualTo(EMPTY);
        assertThat(server.view("anna", "INBOX").with(FolderView.FORWARDED)).isEqualTo(UidSet.of(uid));
        assertThat(new String(submission.sent().get(1).message(), UTF_8)).doesNotContain("old");
    }

    @Test
    void anOriginalThatIsGoneIsStatus150AndThePhoneMaySendItWhole() throws IOException {
        for (var item : List.of("1:77", "2:1", "nonsense", "1:99999999999")) {
            var reply = document(ComposeMail.SMART_REPLY, "c1", MAIL, source("1", item));
            assertThat(status(new SmartReply(outbox).run(reply))).as(item).isEqualTo(150);
        }
        assertThat(submission.sent()).isEmpty();
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
    }

    @Test
    void whatIsWrongWithARequestHasItsStatus() throws IOException {
        assertThat(status(send("c1", "Subject: nobody\n\nx"))).isEqualTo(119);
        assertThat(status(send("c2", "no header at all"))).isEqualTo(107);
        assertThat(status(send("c3", MAIL + "x".repeat(200_000)))).isEqualTo(122);
        assertThat(status(send("", MAIL))).isEqualTo(103);
        var other = document(ComposeMail.SEND_MAIL, "c4", MAIL, o -> o.text(ComposeMail.ACCOUNT_ID, "other"));
        assertThat(status(new SendMail(outbox).run(other))).isEqualTo(166);
        var instance = document(
                ComposeMail.SMART_FORWARD,
                "c5",
                MAIL,
                o -> o.start(ComposeMail.SOURCE)
                        .text(ComposeMail.INSTANCE_ID, "2010-03-20T22:40:00.000Z")
                        .end());
        assertThat(status(new SmartForward(outbox).run(instance))).isEqualTo(146);
        assertThat(submission.sent()).isEmpty();
        assertThat(sentFolder()).isEmpty();
    }

    @Test
    void refusedRecipientsAreToldInTheInbox() {
        submission.refuse("carl@example.org");
        assertThat(send("c1", "To: ben@example.org, carl@example.org\n\nx\n")).isEqualTo(EMPTY);
        var told = server.messages("anna", "INBOX");
        assertThat(told).hasSize(1);
        assertThat(new String(
                        server.bytes("anna", "INBOX", told.getFirst().uid()).orElseThrow(), UTF_8))
                .contains("From: Mail delivery <postmaster@example.org>", "carl@example.org", "550 5.1.1");
    }

    @Test
    void theOldFormIsSentOnceAndAnsweredByHttp() {
        assertThat(plain("Date: Tue, 24 Nov 2026 12:00:00 +0000\n" + MAIL, Map.of()))
                .isEqualTo(EMPTY);
        clock.pass(Duration.ofDays(1));
        assertThat(plain("Date: Tue, 24 Nov 2026 12:00:00 +0000\n" + MAIL, Map.of()))
                .isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
        assertThat(sentFolder()).hasSize(1);
        submission.next(new Submitted.Deferred("451"));
        assertThat(plain("X: 1\n" + MAIL, Map.of())).isInstanceOfSatisfying(Answer.Http.class, a -> {
            assertThat(a.status()).isEqualTo(503);
            assertThat(a.headers()).containsKey("Retry-After");
        });
        assertThat(plain("Subject: nobody\n\nx", Map.of())).isEqualTo(Answer.http(500));
        assertThat(plain(MAIL + "x".repeat(200_000), Map.of())).isEqualTo(Answer.http(507));
    }

    @Test
    void aBackendThatIsAwayIsSaidAndNothingIsSent() {
        long uid = server.deliver("anna", "INBOX", "Subject: o\n\nold\n".getBytes(UTF_8), Set.of());
        var reply = document(ComposeMail.SMART_REPLY, "c1", MAIL, source("1", "1:" + uid));
        server.failNext(1);
        assertThatThrownBy(() -> new SmartReply(outbox).run(reply)).isInstanceOf(BackendUnavailableException.class);
        assertThat(submission.sent()).isEmpty();
        assertThat(new SmartReply(outbox).run(reply)).isEqualTo(EMPTY);
    }

    // What is known, and when

    @Test
    void aPhoneIsAnsweredInTimeAndItsRepeatGetsTheResult() throws Exception {
        var go = new CountDownLatch(1);
        outbox = outbox(
                (credentials, from, recipients, message) -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return submission.submit(credentials, from, recipients, message);
                },
                SavesSent.NO);
        clock.pass(Duration.ofSeconds(24)); // the deadline is near
        assertThat(status(send("c1", MAIL))).isEqualTo(111);
        go.countDown();
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        outbox.close();
        assertThat(submission.sent()).hasSize(1);
        assertThat(sentFolder()).hasSize(1);
    }

    @Test
    void aProcessThatEndsAtAnyWriteNeitherLosesNorDoublesAMail() {
        for (int written = 0; written < 5; written++) {
            int before = submission.sent().size();
            var id = "crash" + written;
            store.failFrom = Optional.of(store.writes.get() + written);
            try {
                send(id, MAIL);
            } catch (StoreException e) {
                assertThat(submission.sent()).as("before the end %d", written).hasSize(before);
            }
            store.failFrom = Optional.empty();
            outbox = outbox(submission, SavesSent.NO);
            assertThat(send(id, MAIL)).as("after %d writes", written).isEqualTo(EMPTY);
            assertThat(submission.sent()).as("after %d writes", written).hasSize(before + 1);
            assertThat(sentFolder()).as("after %d writes", written).hasSize(before + 1);
        }
    }

    @Test
    void thatAMailMayHaveBeenTakenIsNotForgottenWhenTheServerIsAway() throws IOException {
        submission.next(new Submitted.Unknown("gone"));
        assertThat(status(send("c1", MAIL))).isEqualTo(111);
        submission.next(new Submitted.Deferred("451 later"));
        assertThat(status(send("c1", MAIL))).isEqualTo(111);
        server.deliver("anna", "Sent", submission.sent().getFirst().message(), Set.of());
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aServersOwnCopyGetsTimeToCome() throws IOException {
        outbox = outbox(submission, SavesSent.AUTO);
        submission.next(new Submitted.Unknown("gone"));
        assertThat(status(send("c1", MAIL))).isEqualTo(111);
        assertThat(status(send("c1", MAIL))).as("too early to say").isEqualTo(111);
        assertThat(submission.sent()).hasSize(1);
        clock.pass(Duration.ofSeconds(11));
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(2);
    }

    @Test
    void whoWritesToHimselfIsAskedWhetherItCame() throws IOException {
        submission.next(new Submitted.Unknown("gone"));
        var mail = "To: anna@example.org\nSubject: s\n\nto me\n";
        assertThat(status(send("c1", mail))).isEqualTo(111);
        assertThat(send("c1", mail)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
        assertThat(sentFolder()).hasSize(1);
    }

    @Test
    void aReplyThatTakesLongerThanALooseMailIsRememberedIsNoReasonToSendItTwice() {
        for (boolean lost : List.of(false, true)) {
            int before = submission.sent().size();
            outbox = outbox(
                    (credentials, from, recipients, message) -> {
                        clock.pass(Duration.ofMinutes(11));
                        if (lost) {
                            submission.next(new Submitted.Unknown("gone"));
                        }
                        return submission.submit(credentials, from, recipients, message);
                    },
                    SavesSent.NO);
            var mail = "X: " + before + "\n" + MAIL;
            var first = plain(mail, Map.of());
            if (lost) {
                assertThat(first)
                        .isInstanceOfSatisfying(
                                Answer.Http.class, a -> assertThat(a.status()).isEqualTo(503));
                server.deliver("anna", "Sent", submission.sent().getLast().message(), Set.of());
            } else {
                assertThat(first).isEqualTo(EMPTY);
            }
            assertThat(plain(mail, Map.of())).isEqualTo(EMPTY);
            assertThat(submission.sent()).hasSize(before + 1);
            assertThat(sentFolder()).hasSize(before + 1);
        }
    }

    // Bounces

    @Test
    void aMailThatAllRecipientsAreRefusedForComesBackWhole() {
        submission.refuse("carl@example.org");
        submission.refuse("dora@example.org");
        var mail = "To: carl@example.org\nBcc: dora@example.org\nSubject: =?utf-8?Q?gr=C3=BCn?=\n\nthe text\n";
        for (int i = 0; i < 2; i++) {
            assertThat(send("c1", mail)).isEqualTo(EMPTY);
        }
        assertThat(submission.sent()).isEmpty();
        assertThat(sentFolder()).isEmpty();
        var told = server.messages("anna", "INBOX");
        assertThat(told).hasSize(1);
        assertThat(inbox(told.getFirst().uid()))
                .contains("Subject: Not delivered", "multipart/report; report-type=delivery-status")
                .contains("Final-Recipient: rfc822; carl@example.org", "Final-Recipient: rfc822; dora@example.org")
                .contains("Status: 5.1.1", "Subject: grün")
                .contains("Content-Type: message/rfc822", "Bcc: dora@example.org", "the text");
    }

    private String inbox(long uid) {
        return new String(server.bytes("anna", "INBOX", uid).orElseThrow(), UTF_8);
    }

    @Test
    void aMailThatCannotComeBackStaysOnThePhone() throws IOException {
        outbox = outbox(
                (credentials, from, recipients, message) -> {
                    server.failNext(1);
                    return new Submitted.NoRecipient(
                            List.of(new Submission.RefusedRecipient("ben@example.org", "550 no")));
                },
                SavesSent.NO);
        assertThat(status(send("c1", MAIL))).isEqualTo(120);
    }

    @Test
    void whyAMailIsRefusedIsToldOnceAndNotForItsSize() throws IOException {
        for (int i = 0; i < 2; i++) {
            submission.next(new Submitted.Rejected(Refusal.OTHER, "554 5.7.1 spam"));
            assertThat(status(send("c1", MAIL))).isEqualTo(120);
        }
        submission.next(new Submitted.Rejected(Refusal.TOO_LARGE, "552 5.3.4 no"));
        assertThat(status(send("c2", MAIL))).isEqualTo(122);
        var told = server.messages("anna", "INBOX");
        assertThat(told).hasSize(1);
        assertThat(inbox(told.getFirst().uid())).contains("Subject: Not sent", "554 5.7.1 spam", "still on your phone");
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
    }

    // Drafts

    private Request draftRequest() {
        return request(
                anna, line(ProtocolVersion.V16_1, Map.of(), false), "application/vnd.ms-sync.wbxml", new byte[0]);
    }

    private void sendDraft(Outbox to) {
        try (var message = new Spool(1 << 20, 1 << 20)) {
            message.out().write(MAIL.getBytes(UTF_8));
            to.sendDraft(draftRequest(), "draft 1", message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDraftThatIsSentJustAfterItsTimeIsSent() {
        var go = new CountDownLatch(1);
        outbox = outbox(waitingFor(go), SavesSent.NO);
        // Its state is read when it was too late to wait on, and now it gets done.
        var slow = outbox;
        store.beforeGet = () -> {
            if (!Thread.currentThread().isVirtual()) {
                store.beforeGet = () -> {};
                go.countDown();
                slow.close();
            }
        };
        clock.pass(Duration.ofSeconds(24)); // the deadline is near
        sendDraft(slow);
        assertThat(submission.sent()).hasSize(1);
        assertThat(slow.hasSent(draftRequest(), "draft 1")).isTrue();
    }

    @Test
    void aDraftThatIsStillBeingSentIsAskedForAgain() {
        var go = new CountDownLatch(1);
        outbox = outbox(waitingFor(go), SavesSent.NO);
        var slow = outbox;
        clock.pass(Duration.ofSeconds(24));
        try {
            assertThatThrownBy(() -> sendDraft(slow)).isInstanceOf(BackendUnavailableException.class);
        } finally {
            go.countDown();
        }
        sendDraft(slow);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aDraftThatIsRefusedAfterALostReplyIsSaidToBeRefused() {
        submission.next(new Submitted.Unknown("gone"));
        assertThatThrownBy(() -> sendDraft(outbox)).isInstanceOf(BackendUnavailableException.class);
        submission.next(new Submitted.Rejected(Refusal.OTHER, "554 5.7.1 spam"));
        // Not 503: all that the phone syncs would wait for a mail that is never taken.
        assertThatThrownBy(() -> sendDraft(outbox))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.status()).isEqualTo(MAIL_SUBMISSION_FAILED));
        // That it may have been taken is not forgotten.
        server.deliver("anna", "Sent", submission.sent().getFirst().message(), Set.of());
        sendDraft(outbox);
        assertThat(submission.sent()).hasSize(1);
    }

    private Submission waitingFor(CountDownLatch go) {
        return (credentials, from, recipients, message) -> {
            try {
                assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return submission.submit(credentials, from, recipients, message);
        };
    }

    // The queue

    private MailQueue queueing(Duration lifetime) {
        return queueing(submission, lifetime);
    }

    private MailQueue queueing(Submission to, Duration lifetime) {
        outbox = outbox(
                to,
                new Outbox.Settings(
                        SavesSent.NO, 100_000, Optional.of(new Outbox.Queue(directory.resolve("q"), lifetime))));
        return outbox.queue().orElseThrow();
    }

    private void work(MailQueue queue) {
        queue.work(user -> user.equals("anna") ? Optional.of(anna) : Optional.empty());
        await().atMost(Duration.ofSeconds(20)).until(() -> queue.underWay() == 0);
    }

    private long files() throws IOException {
        try (var files = Files.list(directory.resolve("q"))) {
            return files.count();
        }
    }

    @Test
    void aQueuedMailIsDeliveredOnceWhenItsUserIsThere() throws IOException {
        var queue = queueing(Duration.ofDays(2));
        submission.next(new Submitted.Deferred("no connection"));
        var mail = "To: ben@example.org\nBcc: dora@example.org\nSubject: s\n\nhello\n";
        assertThat(send("c1", mail)).isEqualTo(EMPTY);
        assertThat(send("c1", mail)).as("repeated").isEqualTo(EMPTY);
        assertThat(queue.list()).hasSize(1);
        assertThat(Files.getPosixFilePermissions(directory.resolve("q"))).hasSize(3);
        work(queue);
        assertThat(submission.sent()).as("not yet due").isEmpty();

        clock.pass(Duration.ofMinutes(2));
        queue = queueing(Duration.ofDays(2)); // another process
        queue.work(_ -> Optional.empty());
        assertThat(submission.sent()).as("nobody there").isEmpty();
        submission.next(new Submitted.Deferred("451 still not"));
        work(queue);
        assertThat(queue.list()).singleElement().satisfies(q -> {
            assertThat(q.tries()).isEqualTo(1);
            assertThat(q.words()).isEqualTo("451 still not");
        });

        clock.pass(Duration.ofMinutes(2));
        work(queue);
        assertThat(queue.list()).isEmpty();
        assertThat(files()).isZero();
        assertThat(submission.sent()).singleElement().satisfies(sent -> {
            assertThat(sent.recipients()).containsExactly("ben@example.org", "dora@example.org");
            assertThat(new String(sent.message(), UTF_8)).doesNotContain("Bcc").contains("hello");
        });
        assertThat(sentFolder()).hasSize(1);
        assertThat(new String(sentFolder().getFirst().header(), UTF_8)).contains("Bcc: dora@example.org");
        assertThat(send("c1", mail)).isEqualTo(EMPTY);
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aQueuedMailWhoseReplyWasLostIsLookedForFirst() {
        var queue = queueing(Duration.ofDays(2));
        submission.next(new Submitted.Deferred("no connection"));
        assertThat(send("c1", MAIL)).isEqualTo(EMPTY);
        clock.pass(Duration.ofMinutes(2));
        submission.next(new Submitted.Unknown("lost"));
        work(queue);
        assertThat(submission.sent()).hasSize(1);
        server.deliver("anna", "Sent", submission.sent().getFirst().message(), Set.of());
        clock.pass(Duration.ofMinutes(2));
        work(queue);
        assertThat(queue.list()).isEmpty();
        assertThat(submission.sent()).hasSize(1);
        assertThat(sentFolder()).hasSize(1);
    }

    @Test
    void aQueuedMailComesBackInTheEndOrWhenTheAdministratorSaysSo() throws IOException {
        var queue = queueing(Duration.ofMinutes(10));
        for (var id : List.of("c1", "c2")) {
            submission.next(new Submitted.Deferred("no connection"));
            assertThat(send(id, MAIL)).isEqualTo(EMPTY);
        }
        queue.giveUp(queue.list().getFirst());
        work(queue);
        assertThat(queue.list()).hasSize(1);
        assertThat(server.messages("anna", "INBOX")).hasSize(1);

        clock.pass(Duration.ofMinutes(11));
        submission.next(new Submitted.Deferred("451 the last try"));
        work(queue);
        clock.pass(Duration.ofMinutes(11));
        work(queue);
        assertThat(queue.list()).isEmpty();
        assertThat(files()).isZero();
        assertThat(submission.sent()).isEmpty();
        assertThat(server.messages("anna", "INBOX")).hasSize(2);
        assertThat(inbox(2)).contains("ben@example.org", "451 the last try", "hello");
    }

    private long defer(String id) throws IOException {
        submission.next(new Submitted.Deferred("no connection"));
        var answer = send(id, MAIL);
        return answer.equals(EMPTY) ? 0L : status(answer);
    }

    @Test
    void aUserHasAShareOfTheQueueAndTheRestStaysOnThePhone() throws IOException {
        long size = mailBytes();
        for (var settings : List.of(
                new Outbox.Queue(directory.resolve("m"), Duration.ofDays(2), 2, 100 * size, 100 * size),
                new Outbox.Queue(directory.resolve("u"), Duration.ofDays(2), 100, 5 * size / 2, 100 * size),
                new Outbox.Queue(directory.resolve("b"), Duration.ofDays(2), 100, 100 * size, 5 * size / 2))) {
            outbox = outbox(submission, new Outbox.Settings(SavesSent.NO, 100_000, Optional.of(settings)));
            var queue = outbox.queue().orElseThrow();
            var name = settings.directory().getFileName();
            assertThat(defer(name + "1")).isZero();
            assertThat(defer(name + "2")).isZero();
            assertThat(defer(name + "3")).as("%s", settings).isEqualTo(111);
            assertThat(queue.list()).hasSize(2);
            clock.pass(Duration.ofMinutes(2));
            work(queue);
            assertThat(queue.list()).isEmpty();
            assertThat(send(name + "3", MAIL)).as("sent by the phone").isEqualTo(EMPTY);
        }
    }

    private long mailBytes() throws IOException {
        var queue = queueing(Duration.ofDays(2));
        assertThat(defer("size")).isZero();
        long size = queue.list().getFirst().bytes();
        clock.pass(Duration.ofMinutes(2));
        work(queue);
        assertThat(queue.list()).isEmpty();
        return size;
    }

    @Test
    void aQueuedMailWhoseUserDoesNotComeIsRemovedAfterTwiceItsLifetime() throws IOException {
        var queue = queueing(Duration.ofDays(2));
        assertThat(defer("c1")).isZero();
        assertThat(defer("c2")).isZero();
        clock.pass(Duration.ofDays(3));
        queue.giveUp(queue.list().getFirst());
        clock.pass(Duration.ofHours(23));
        queue.work(_ -> Optional.empty());
        assertThat(queue.list()).hasSize(2);
        clock.pass(Duration.ofHours(2));
        queue.work(_ -> Optional.empty());
        assertThat(queue.list()).as("what was given up has its time, too").hasSize(1);
        assertThat(files()).isEqualTo(1);
        clock.pass(Duration.ofDays(4));
        queue.work(_ -> Optional.empty());
        assertThat(queue.list()).isEmpty();
        assertThat(files()).isZero();
    }

    @Test
    void aFileWithoutARecordIsSweptWhenItIsOld() throws IOException {
        var queue = queueing(Duration.ofDays(2));
        assertThat(defer("c1")).isZero();
        var lost = Files.writeString(directory.resolve("q").resolve("0123456789ab.eml"), "lost");
        var kept = directory.resolve("q").resolve(queue.list().getFirst().id() + ".eml");
        for (var file : List.of(lost, kept)) {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant().minusSeconds(60)));
        }
        queue.work(_ -> Optional.empty());
        assertThat(lost).as("its record may come").exists();
        clock.pass(Duration.ofHours(2));
        queueing(Duration.ofDays(2)).work(_ -> Optional.empty());
        assertThat(lost).doesNotExist();
        assertThat(kept).exists();
    }

    /** A queue that holds one mail, which is due; it is submitted there. */
    private MailQueue queued(Submission to, boolean save) {
        queueing(Duration.ofDays(2));
        submission.next(new Submitted.Deferred("no connection"));
        var request = document(ComposeMail.SEND_MAIL, "c1", MAIL, out -> {
            if (save) {
                out.empty(ComposeMail.SAVE_IN_SENT_ITEMS);
            }
        });
        assertThat(new SendMail(outbox).run(request)).isEqualTo(EMPTY);
        clock.pass(Duration.ofMinutes(2));
        return queueing(to, Duration.ofDays(2));
    }

    @Test
    void aQueuedMailThatTheServerHasTakenIsNotSentAgainAfterACrash() throws IOException {
        var queue = queued(submission, false);
        store.failFrom = Optional.of(store.writes.get() + 2); // that its end is sent, and that it is taken
        work(queue);
        assertThat(submission.sent()).hasSize(1);
        store.failFrom = Optional.empty();
        queue = queueing(Duration.ofDays(2));
        assertThat(queue.list()).hasSize(1);
        work(queue);
        assertThat(queue.list()).isEmpty();
        assertThat(files()).isZero();
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void theCopyOfAQueuedMailIsTriedAgainForADay() throws IOException {
        var queue = queued(failingAfterwards(1), true);
        work(queue);
        assertThat(submission.sent()).hasSize(1);
        assertThat(sentFolder()).isEmpty();
        assertThat(queue.list())
                .singleElement()
                .satisfies(q -> assertThat(q.handedOver()).isPresent());
        server.failNext(1);
        clock.pass(Duration.ofMinutes(2));
        work(queue);
        assertThat(queue.list()).hasSize(1);
        clock.pass(Duration.ofMinutes(10));
        work(queue);
        assertThat(sentFolder()).hasSize(1);
        assertThat(queue.list()).isEmpty();
        assertThat(files()).isZero();
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aQueuedMailWhoseCopyCannotBeKeptForADayLeavesTheQueue() throws IOException {
        var queue = queued(failingAfterwards(1), true);
        work(queue);
        clock.pass(Duration.ofHours(25));
        server.failNext(1);
        work(queue);
        assertThat(queue.list()).isEmpty();
        assertThat(files()).isZero();
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void whoIsRefusedIsToldWhenTheMailboxIsThereAgain() {
        var refused = List.of(new Submission.RefusedRecipient("ben@example.org", "550 5.1.1 = & no"));
        var queue = queued(
                (_, _, _, _) -> {
                    server.failNext(1);
                    return new Submitted.Taken(refused);
                },
                false);
        work(queue);
        assertThat(queue.list())
                .singleElement()
                .satisfies(q ->
                        assertThat(q.handedOver().orElseThrow().unreached()).isEqualTo(refused));
        assertThat(server.messages("anna", "INBOX")).isEmpty();
        clock.pass(Duration.ofMinutes(2));
        work(queue);
        assertThat(queue.list()).isEmpty();
        assertThat(server.messages("anna", "INBOX"))
                .singleElement()
                .satisfies(m -> assertThat(inbox(m.uid())).contains("550 5.1.1 = & no"));
    }

    @Test
    void aQueuedMailUnderWayIsLeftAloneAndWhatAnotherProcessWroteOfItDoesNotKeepIt() throws IOException {
        var answers = new ArrayList<Boolean>();
        var under = new AtomicReference<Optional<MailQueue>>(Optional.empty());
        var queue = queued(
                (credentials, from, recipients, message) -> {
                    var mine = Objects.requireNonNull(under.get()).orElseThrow();
                    var one = mine.list().getFirst();
                    answers.add(mine.retry(one));
                    answers.add(mine.giveUp(one));
                    var other = queueing(Duration.ofDays(2));
                    answers.add(other.retry(one));
                    return submission.submit(credentials, from, recipients, message);
                },
                true);
        under.set(Optional.of(queue));
        work(queue);
        assertThat(answers).containsExactly(false, false, true);
        assertThat(queue.list()).isEmpty();
        assertThat(files()).isZero();
        assertThat(submission.sent()).hasSize(1);
    }

    @Test
    void aProcessThatEndsWhileAMailGoesIntoTheQueueNeitherLosesNorDoublesIt() throws IOException {
        for (boolean repeatedFirst : List.of(true, false)) {
            for (int written = 0; written <= 4; written++) {
                var what = "after %d writes, repeated first: %s".formatted(written, repeatedFirst);
                var id = "queued" + repeatedFirst + written;
                var mail = "Message-ID: <%s@phone>\n%s".formatted(id, MAIL);
                int before = submission.sent().size();
                queueing(new Away(), Duration.ofDays(2));
                store.failFrom = Optional.of(store.writes.get() + written);
                try {
                    send(id, mail);
                } catch (StoreException e) {
                    assertThat(written).as("fails outright").isZero();
                }
                store.failFrom = Optional.empty();
                var queue = queueing(Duration.ofDays(2)); // another process
                if (repeatedFirst) {
                    assertThat(send(id, mail)).as(what).isEqualTo(EMPTY);
                }
                clock.pass(Duration.ofMinutes(2));
                work(queue);
                assertThat(send(id, mail)).as(what).isEqualTo(EMPTY);
                assertThat(queue.list()).as(what).isEmpty();
                assertThat(submission.sent()).as(what).hasSize(before + 1);
                assertThat(sentFolder()).as(what).hasSize(before + 1);
                assertThat(Files.exists(directory.resolve("q")) ? files() : 0)
                        .as(what)
                        .isZero();
            }
        }
    }

    @Test
    void theSameTextAgainIsAMailOfItsOwnWhileTheFirstIsQueued() {
        var queue = queueing(new Away(), Duration.ofDays(2));
        for (int i = 1; i <= 2; i++) {
            assertThat(plain(MAIL, Map.of())).isEqualTo(EMPTY);
            assertThat(plain(MAIL, Map.of())).as("repeated").isEqualTo(EMPTY);
            assertThat(queue.list()).hasSize(i);
            clock.pass(Duration.ofMinutes(11));
        }
        queue = queueing(Duration.ofDays(2));
        work(queue);
        assertThat(submission.sent()).hasSize(2);
        assertThat(queue.list()).isEmpty();
    }

    /** A server that cannot be reached. */
    private static final class Away implements Submission {

        @Override
        public Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message) {
            return new Submitted.Deferred("no connection");
        }

        @Override
        public Submitted submit(
                Credentials credentials,
                String from,
                List<String> recipients,
                MessageSource message,
                Runnable lastByte) {
            return submit(credentials, from, recipients, message);
        }
    }

    private static final class TestClock extends Clock {

        private volatile Instant now = Instant.parse("2026-11-24T12:00:00Z");

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    /** A store in memory whose writes fail from one number on. */
    private static final class TestStore implements Store {

        private final Clock clock;
        private final Map<String, Versioned> values = new ConcurrentSkipListMap<>();
        private final Map<String, Instant> expiries = new ConcurrentHashMap<>();
        private final AtomicLong versions = new AtomicLong();
        private volatile Runnable beforeGet = () -> {};
        private volatile Optional<Integer> failFrom = Optional.empty();
        private final AtomicInteger writes = new AtomicInteger();

        TestStore(Clock clock) {
            this.clock = clock;
        }

        @Override
        public Optional<Versioned> get(String key) {
            beforeGet.run();
            boolean over = !expiries.getOrDefault(key, Instant.MAX).isAfter(clock.instant());
            return over ? Optional.empty() : Optional.ofNullable(values.get(key));
        }

        @Override
        public OptionalLong put(String key, byte[] value, long expected, Optional<Instant> expiry) {
            if (failFrom.isPresent() && writes.get() >= failFrom.get()) {
                throw new StoreException("put " + key);
            }
            writes.incrementAndGet();
            if (get(key).map(Versioned::version).orElse(ABSENT) != expected) {
                return OptionalLong.empty();
            }
            long version = versions.incrementAndGet();
            values.put(key, new Versioned(value, version));
            expiries.put(key, expiry.orElse(Instant.MAX));
            return OptionalLong.of(version);
        }

        @Override
        public boolean delete(String key, long expected) {
            if (failFrom.isPresent() && writes.get() >= failFrom.get()) {
                throw new StoreException("delete " + key);
            }
            if (get(key).map(Versioned::version).orElse(expected) != expected) {
                return false;
            }
            values.remove(key);
            return true;
        }

        @Override
        public List<Entry> scan(String prefix, String after, int limit) {
            var found = new ArrayList<Entry>();
            new TreeMap<>(values).forEach((k, v) -> {
                if (k.startsWith(prefix) && k.compareTo(after) > 0 && found.size() < limit) {
                    found.add(new Entry(k, v));
                }
            });
            return found;
        }

        @Override
        public void close() {
            values.clear();
        }
    }
}
