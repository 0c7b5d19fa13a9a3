package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailQuery;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Mailbox.Role;
import org.airpost.backend.MessageData;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Section;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every mail account must do, whatever is behind it. Each test has a user of its own. */
public abstract class MailAccountContract {

    static final Instant DAY = Instant.parse("2026-03-10T10:20:30Z");

    @SuppressWarnings("NullAway.Init")
    MailAccount account;

    @SuppressWarnings("NullAway.Init")
    private MailAccount other;

    private final List<MailAccount> opened = new ArrayList<>();

    /** Makes a new user with an empty INBOX and gives its name. */
    protected abstract String newUser();

    /** A new session of a user. */
    protected abstract MailAccount open(String user);

    private String user = "";

    @BeforeEach
    void open() {
        user = newUser();
        account = session();
        other = session();
    }

    private MailAccount session() {
        var session = open(user);
        opened.add(session);
        return session;
    }

    @AfterEach
    void close() {
        opened.forEach(MailAccount::close);
    }

    protected MailAccount account() {
        return account;
    }

    protected MailAccount other() {
        return other;
    }

    static MessageSource mail(String id) {
        return MessageSource.of(("From: Anna <anna@example.org>\r\nTo: ben@example.org\r\nSubject: " + id
                        + "\r\nMessage-ID: <" + id + "@example.org>\r\nDate: Tue, 10 Mar 2026 12:00:00 +0000\r\n"
                        + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße von "
                        + id + ".\r\n")
                .getBytes(UTF_8));
    }

    protected static <T> T done(Outcome<T> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<T>) outcome).value();
    }

    protected static <T> Refusal refusal(Outcome<T> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused<T>) outcome).why();
    }

    protected static FolderView view(MailAccount account, String mailbox, FolderView known) {
        return ((Refreshed.Current) account.refresh(mailbox, known)).view();
    }

    protected static FolderView view(MailAccount account, String mailbox) {
        return view(account, mailbox, FolderView.UNKNOWN);
    }

    protected long append(MailAccount to, String mailbox, String id, String... flags) {
        return done(to.append(mailbox, mail(id), Set.of(flags), DAY));
    }

    private static long uid(Map<Long, Long> uids, long of) {
        return Objects.requireNonNull(uids.get(of), () -> "no new uid of " + of);
    }

    private String created(String name) {
        return done(account.create("", name));
    }

    @Test
    void theInboxIsListedWithItsRole() {
        var inbox = account.mailboxes().stream()
                .filter(mailbox -> mailbox.name().equals("INBOX"))
                .findFirst()
                .orElseThrow();
        assertThat(inbox.role()).contains(Role.INBOX);
        assertThat(inbox.selectable()).isTrue();
        assertThat(inbox.parent()).isEmpty();
    }

    @Test
    void aMailboxIsMadeBelowAnotherAndListedAfterIt() {
        String top = created("Projekte & Mehr");
        String below = done(account.create(top, "Grüne"));
        var names = account.mailboxes().stream().map(Mailbox::name).toList();
        assertThat(names).contains(top, below);
        assertThat(names.indexOf(below)).isGreaterThan(names.indexOf(top));
        var mailbox = account.mailboxes().stream()
                .filter(one -> one.name().equals(below))
                .findFirst()
                .orElseThrow();
        assertThat(mailbox.parent()).contains(top);
        assertThat(mailbox.displayName()).isEqualTo("Grüne");
    }

    @Test
    void aNameThatIsTakenIsRefused() {
        created("Twice");
        assertThat(refusal(account.create("", "Twice"))).isEqualTo(Refusal.EXISTS);
    }

    @Test
    void aRenamedMailboxKeepsItsMessages() {
        String old = created("Old");
        append(account, old, "m1");
        String renamed = done(account.rename(old, "", "New"));
        assertThat(view(account, renamed).present().size()).isEqualTo(1);
        assertThat(account.mailboxes())
                .extracting(Mailbox::name)
                .contains(renamed)
                .doesNotContain(old);
        assertThat(account.refresh(old, FolderView.UNKNOWN)).isInstanceOf(Refreshed.Gone.class);
    }

    @Test
    void aMailboxIsDeletedWithWhatIsBelowIt() {
        String top = created("Top");
        done(account.create(top, "Below"));
        append(account, top, "m1");
        view(account, top);
        assertThat(done(account.delete(top))).isEqualTo(top);
        assertThat(account.mailboxes()).extracting(Mailbox::name).noneMatch(name -> name.startsWith("Top"));
        assertThat(account.refresh(top, FolderView.UNKNOWN)).isInstanceOf(Refreshed.Gone.class);
        assertThat(refusal(account.delete(top))).isEqualTo(Refusal.NOT_FOUND);
    }

    @Test
    void anEmptyMailboxHasAnEmptyView() {
        var view = view(account, "INBOX");
        assertThat(view.present().isEmpty()).isTrue();
        assertThat(view.uidValidity()).isPositive();
        assertThat(view(account, "INBOX", view)).isSameAs(view);
    }

    @Test
    void anAppendedMessageIsThereWithItsFlags() {
        var empty = view(account, "INBOX");
        long uid = append(account, "INBOX", "m1", FolderView.SEEN, FolderView.FLAGGED);
        var view = view(account, "INBOX", empty);
        assertThat(view.present()).isEqualTo(UidSet.of(uid));
        assertThat(view.with(FolderView.SEEN)).isEqualTo(UidSet.of(uid));
        assertThat(view.with(FolderView.FLAGGED)).isEqualTo(UidSet.of(uid));
        assertThat(view.with(FolderView.ANSWERED).isEmpty()).isTrue();
        assertThat(view.uidNext()).isGreaterThan(uid);
    }

    @Test
    void aViewInWhichNothingChangedIsTheSameObject() {
        append(account, "INBOX", "m1");
        append(account, "INBOX", "m2", FolderView.SEEN);
        var view = view(account, "INBOX");
        assertThat(view(account, "INBOX", view)).isSameAs(view);
        assertThat(view(session(), "INBOX", view)).as("on a new connection").isSameAs(view);
    }

    @Test
    void anAppendToAMissingMailboxIsRefused() {
        assertThat(refusal(account.append("Nowhere", mail("m1"), Set.of(), DAY)))
                .isEqualTo(Refusal.NOT_FOUND);
    }

    @Test
    void whatAnotherClientDoesIsSeenWarmAndCold() {
        long one = append(other, "INBOX", "m1");
        long two = append(other, "INBOX", "m2", FolderView.SEEN);
        var before = view(account, "INBOX");
        long validity = before.uidValidity();
        long three = append(other, "INBOX", "m3");
        done(other.store("INBOX", validity, UidSet.of(one), Set.of(FolderView.FLAGGED), Set.of()));
        done(other.store("INBOX", validity, UidSet.of(two), Set.of(), Set.of(FolderView.SEEN)));
        var warm = view(account, "INBOX", before);
        assertThat(warm.present()).isEqualTo(UidSet.of(one, two, three));
        assertThat(warm.with(FolderView.FLAGGED)).isEqualTo(UidSet.of(one));
        assertThat(warm.with(FolderView.SEEN).isEmpty()).isTrue();
        done(other.expunge("INBOX", validity, UidSet.of(two)));
        assertThat(view(account, "INBOX", warm).present()).isEqualTo(UidSet.of(one, three));
        var cold = view(session(), "INBOX", before);
        assertThat(cold.present()).isEqualTo(UidSet.of(one, three));
        assertThat(cold.with(FolderView.FLAGGED)).isEqualTo(UidSet.of(one));
        assertThat(cold.with(FolderView.SEEN).isEmpty()).isTrue();
    }

    @Test
    void aViewKeepsUpWithAnythingThatHappens() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var warm = view(account, "INBOX");
        var stale = warm;
        long validity = warm.uidValidity();
        String box = created("Elsewhere");
        for (int round = 0; round < 40; round++) {
            var by = random.nextBoolean() ? account : other;
            var all = warm.present().ascending();
            var some =
                    UidSet.of(all.stream().filter(_ -> random.nextInt(3) == 0).toList());
            switch (all.size() < 3 ? 0 : random.nextInt(6)) {
                case 0 -> append(by, "INBOX", "r" + round, random.nextBoolean() ? FolderView.SEEN : FolderView.DRAFT);
                case 1 -> done(by.store("INBOX", validity, some, Set.of(FolderView.FLAGGED), Set.of(FolderView.SEEN)));
                case 2 -> done(by.store("INBOX", validity, some, Set.of(FolderView.SEEN), Set.of(FolderView.FLAGGED)));
                case 3 -> done(by.expunge("INBOX", validity, UidSet.of(all.get(random.nextInt(all.size())))));
                case 4 -> done(by.move("INBOX", validity, UidSet.of(all.getFirst()), box));
                default -> view(account, box); // the connection leaves INBOX
            }
            warm = view(account, "INBOX", warm);
            var truth = view(session(), "INBOX");
            assertThat(warm.present()).as("seed %d round %d", seed, round).isEqualTo(truth.present());
            assertThat(warm.flags()).as("seed %d round %d", seed, round).isEqualTo(truth.flags());
            if (round % 10 == 9) {
                var cold = view(session(), "INBOX", stale);
                assertThat(cold.present())
                        .as("cold, seed %d round %d", seed, round)
                        .isEqualTo(truth.present());
                assertThat(cold.flags())
                        .as("cold, seed %d round %d", seed, round)
                        .isEqualTo(truth.flags());
                stale = cold;
            }
        }
    }

    @Test
    void messagesAreDescribedInTheOrderAskedForWithoutThoseThatAreGone() {
        long one = append(account, "INBOX", "m1");
        long two = append(account, "INBOX", "m2", FolderView.SEEN);
        long validity = view(account, "INBOX").uidValidity();
        var described = account.describe("INBOX", validity, List.of(two, 4_000_000L, one));
        assertThat(described).extracting(MessageData::uid).containsExactly(two, one);
        var message = described.getFirst();
        assertThat(message.flags()).containsExactly(FolderView.SEEN);
        assertThat(message.internalDate()).isEqualTo(DAY);
        assertThat(message.size()).isEqualTo(mail("m2").size());
        assertThat(new String(message.header(), UTF_8))
                .contains("Subject: m2\r\n")
                .endsWith("\r\n\r\n");
        assertThat(message.structure().mediaType()).isEqualTo("text/plain");
        assertThat(message.structure().section()).isEqualTo("1");
        assertThat(message.structure().parameters()).containsEntry("charset", "utf-8");
    }

    private static final String NESTED = String.join(
            "\r\n",
            "From: a@example.org",
            "Subject: nested",
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=aa",
            "",
            "--aa",
            "Content-Type: multipart/alternative; boundary=bb",
            "",
            "--bb",
            "Content-Type: text/plain",
            "",
            "plain",
            "--bb",
            "Content-Type: text/html; charset=utf-8",
            "",
            "<p>html</p>",
            "--bb--",
            "--aa",
            "Content-Type: message/rfc822",
            "",
            "Subject: inner",
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=cc",
            "",
            "--cc",
            "Content-Type: text/plain",
            "",
            "inner text",
            "--cc",
            "Content-Type: application/pdf; name=\"a.pdf\"",
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename*=utf-8''%C3%BCber%20uns.pdf",
            "",
            "QUJD",
            "--cc--",
            "--aa",
            "Content-Type: message/rfc822",
            "",
            "Subject: single",
            "",
            "only text",
            "--aa",
            "Content-Type: image/png",
            "Content-ID: <pic@1>",
            "Content-Transfer-Encoding: base64",
            "",
            "UE5H",
            "--aa--",
            "");

    @Test
    void theStructureNumbersItsPartsSoThatTheyCanBeRead() {
        long uid = done(account.append("INBOX", MessageSource.of(NESTED.getBytes(UTF_8)), Set.of(), DAY));
        long validity = view(account, "INBOX").uidValidity();
        var top = account.describe("INBOX", validity, List.of(uid)).getFirst().structure();
        assertThat(top.section()).isEmpty();
        assertThat(top.mediaType()).isEqualTo("multipart/mixed");
        var html = top.children().getFirst().children().get(1);
        assertThat(html.section()).isEqualTo("1.2");
        assertThat(html.mediaType()).isEqualTo("text/html");
        var pdf = top.children().get(1).children().getFirst().children().get(1);
        assertThat(pdf.section()).isEqualTo("2.2");
        assertThat(pdf.fileName()).contains("über uns.pdf");
        assertThat(pdf.disposition()).contains("attachment");
        assertThat(pdf.encoding()).isEqualTo("base64");
        var single = top.children().get(2).children().getFirst();
        assertThat(single.section()).isEqualTo("3.1");
        var picture = top.children().get(3);
        assertThat(picture.contentId()).contains("pic@1");
        var wanted = Stream.of(html, pdf, single, picture)
                .map(part -> Section.whole(uid, part.section()))
                .toList();
        var read = account.read("INBOX", validity, wanted);
        assertThat(wanted.stream().map(section -> new String(read.get(section), UTF_8).strip()))
                .containsExactly("<p>html</p>", "QUJD", "only text", "UE5H");
    }

    /** Each server has its own way with these; what is shown of them is the same. */
    @Test
    void theWordsOfMessagesThatAreAgainstTheRulesAreFound() {
        for (var lines : List.of("""
                From: a@example.org
                Subject: s
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=OTHER

                --B
                Content-Type: text/plain

                The words.
                --B--
                """, """
                From: a@example.org
                Subject: s
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=b

                --b--
                --b
                Content-Type: text/plain

                The words.
                --b--
                """, """
                From: a@example.org
                this line is no field
                Subject: s
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8

                The words.
                """, """
                From: a@example.org
                Subject: s
                Content-Type: multipart/mixed; boundary=b

                --b
                Content-Type: text/plain

                The words.
                --b--
                """, """
                From: a@example.org
                Subject: s
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=b

                The words.
                And some more of them, so that they count.
                --b--
                """)) {
            var message = lines.replace("\n", "\r\n");
            var appended = account.append("INBOX", MessageSource.of(message.getBytes(UTF_8)), Set.of(), DAY);
            if (appended instanceof Outcome.Refused<Long>) {
                continue; // Cyrus takes no header that is none
            }
            long uid = done(appended);
            long validity = view(account, "INBOX").uidValidity();
            var part =
                    account.describe("INBOX", validity, List.of(uid)).getFirst().structure();
            while (part.isMultipart()) {
                part = part.children().getFirst();
            }
            var section = Section.whole(uid, part.section());
            var words = account.read("INBOX", validity, List.of(section)).get(section);
            assertThat(words == null ? "" : new String(words, UTF_8))
                    .as("%s of %s", part, message)
                    .startsWith("The words.");
        }
    }

    @Test
    void partsOfManyMessagesAreReadTogether() {
        long one = append(account, "INBOX", "m1");
        long two = append(account, "INBOX", "m2");
        long validity = view(account, "INBOX").uidValidity();
        var sections = List.of(
                Section.whole(one, "1"),
                Section.whole(two, "1"),
                new Section(two, "1", 0, 5),
                new Section(one, "1", 5, 4),
                Section.whole(two, "HEADER"),
                Section.whole(4_000_000, "1"),
                Section.whole(one, "1] BODY[HEADER"));
        var read = account.read("INBOX", validity, sections);
        assertThat(read).hasSize(5);
        assertThat(new String(read.get(sections.get(0)), UTF_8).strip()).isEqualTo("Grüße von m1.");
        assertThat(new String(read.get(sections.get(1)), UTF_8).strip()).isEqualTo("Grüße von m2.");
        assertThat(read.get(sections.get(2))).isEqualTo(java.util.Arrays.copyOf("Grüße".getBytes(UTF_8), 5));
        assertThat(read.get(sections.get(3)))
                .isEqualTo(java.util.Arrays.copyOfRange("Grüße von m1.".getBytes(UTF_8), 5, 9));
        assertThat(new String(read.get(sections.get(4)), UTF_8)).contains("Message-ID: <m2@example.org>");
    }

    @Test
    void aLargePartIsStreamedAsItIs() throws IOException {
        var body = new byte[700_001];
        new Random(7).nextBytes(body);
        var text = (new String(java.util.Base64.getMimeEncoder().encode(body), UTF_8) + "\r\n").getBytes(UTF_8);
        var message = new ByteArrayOutputStream();
        message.write(
                "Subject: large\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                        .getBytes(UTF_8));
        message.write(text);
        long uid = done(account.append("INBOX", MessageSource.of(message.toByteArray()), Set.of(), DAY));
        long validity = view(account, "INBOX").uidValidity();
        var out = new ByteArrayOutputStream();
        assertThat(account.read("INBOX", validity, Section.whole(uid, "1"), out))
                .isEqualTo(text.length);
        assertThat(out.toByteArray()).isEqualTo(text);
        out.reset();
        assertThat(account.read("INBOX", validity, Section.whole(uid, ""), out)).isEqualTo(message.size());
        assertThat(out.toByteArray()).isEqualTo(message.toByteArray());
        out.reset();
        assertThat(account.read("INBOX", validity, new Section(uid, "1", 1000, 300_000), out))
                .isEqualTo(300_000);
        assertThat(out.toByteArray()).isEqualTo(java.util.Arrays.copyOfRange(text, 1000, 301_000));
        out.reset();
        assertThat(account.read("INBOX", validity, Section.whole(4_000_000, "1"), out))
                .isEqualTo(-1);
        assertThat(out.size()).isZero();
    }

    @Test
    void storeTellsWhichMessagesAreNowSo() {
        long one = append(account, "INBOX", "m1");
        long two = append(account, "INBOX", "m2", FolderView.SEEN);
        var before = view(account, "INBOX");
        var stored = done(account.store(
                "INBOX", before.uidValidity(), UidSet.of(one, two, 4_000_000), Set.of("$Forwarded"), Set.of("\\Seen")));
        assertThat(stored).isEqualTo(UidSet.of(one, two));
        var after = view(account, "INBOX", before);
        assertThat(after.with(FolderView.FORWARDED)).isEqualTo(UidSet.of(one, two));
        assertThat(after.with(FolderView.SEEN).isEmpty()).isTrue();
    }

    /** Categories of phones are kept as keywords, and people write them like that. */
    @Test
    void aMessageWithABracketInAKeywordIsThere() {
        long one = append(account, "INBOX", "m1");
        long two = append(account, "INBOX", "m2");
        var before = view(account, "INBOX");
        var keyword = "x[Urgent";
        done(account.store("INBOX", before.uidValidity(), UidSet.of(one), Set.of(keyword), Set.of()));
        for (var known : List.of(before, FolderView.UNKNOWN)) {
            var after = view(account, "INBOX", known);
            assertThat(after.present()).isEqualTo(UidSet.of(one, two));
            assertThat(after.with(keyword)).isEqualTo(UidSet.of(one));
        }
    }

    @Test
    void aMovedMessageHasItsNewUidInTheTarget() {
        String box = created("Box");
        append(account, box, "filler");
        long one = append(account, "INBOX", "m1", FolderView.SEEN);
        long two = append(account, "INBOX", "m2");
        long three = append(account, "INBOX", "m3");
        var before = view(account, "INBOX");
        var moved = done(account.move("INBOX", before.uidValidity(), UidSet.of(one, three, 4_000_000), box));
        assertThat(moved.keySet()).containsExactlyInAnyOrder(one, three);
        assertThat(view(account, "INBOX", before).present()).isEqualTo(UidSet.of(two));
        var target = view(account, box);
        assertThat(target.present().size()).isEqualTo(3);
        assertThat(target.with(FolderView.SEEN).contains(uid(moved, one))).isTrue();
        assertThat(account.withMessageId(box, target.uidValidity(), "<m1@example.org>"))
                .isEqualTo(UidSet.of(uid(moved, one)));
        assertThat(account.withMessageId(box, target.uidValidity(), "<m3@example.org>"))
                .isEqualTo(UidSet.of(uid(moved, three)));
    }

    @Test
    void whatTwoDevicesMoveAtOnceIsThereOnce() throws Exception {
        String box = created("Box");
        long validity = view(account, "INBOX").uidValidity();
        var told = new ArrayList<Long>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 5; i++) {
                var one = UidSet.of(append(account, "INBOX", "m" + i));
                var first = threads.submit(() -> done(account.move("INBOX", validity, one, box)));
                var second = threads.submit(() -> done(account.move("INBOX", validity, one, box)));
                told.addAll(first.get(60, TimeUnit.SECONDS).values());
                told.addAll(second.get(60, TimeUnit.SECONDS).values());
            }
        }
        assertThat(told).hasSize(5);
        assertThat(view(account, box).present()).isEqualTo(UidSet.of(told));
        assertThat(view(account, "INBOX").present().isEmpty()).isTrue();
    }

    @Test
    void aMoveToAMissingMailboxIsRefusedAndMovesNothing() {
        long one = append(account, "INBOX", "m1");
        var before = view(account, "INBOX");
        assertThat(refusal(account.move("INBOX", before.uidValidity(), UidSet.of(one), "Nowhere")))
                .isEqualTo(Refusal.NOT_FOUND);
        assertThat(view(account, "INBOX", before).present()).isEqualTo(UidSet.of(one));
    }

    @Test
    void aCopyLeavesTheOriginal() {
        String box = created("Box");
        long one = append(account, "INBOX", "m1");
        var before = view(account, "INBOX");
        var copied = done(account.copy("INBOX", before.uidValidity(), UidSet.of(one), box));
        assertThat(view(account, box).present()).isEqualTo(UidSet.of(uid(copied, one)));
        assertThat(view(account, "INBOX", before).present()).isEqualTo(UidSet.of(one));
    }

    @Test
    void expungeTakesTheseMessagesAndNoOthersThatAreMarked() {
        long one = append(account, "INBOX", "m1");
        long two = append(account, "INBOX", "m2");
        long three = append(account, "INBOX", "m3");
        var before = view(account, "INBOX");
        long validity = before.uidValidity();
        done(other.store("INBOX", validity, UidSet.of(two), Set.of("\\Deleted"), Set.of()));
        assertThat(done(account.expunge("INBOX", validity, UidSet.of(one, 4_000_000))))
                .isEqualTo(UidSet.of(one));
        var after = view(account, "INBOX", before);
        assertThat(after.present()).isEqualTo(UidSet.of(two, three));
        assertThat(after.flags()).doesNotContainKey("\\Deleted");
    }

    @Test
    void messagesAreFoundByTheDayTheyCame() {
        long old = done(account.append("INBOX", mail("m1"), Set.of(), DAY.minus(Duration.ofDays(10))));
        long recent = done(account.append("INBOX", mail("m2"), Set.of(), DAY));
        long validity = view(account, "INBOX").uidValidity();
        var day = LocalDate.ofInstant(DAY, ZoneOffset.UTC);
        assertThat(account.receivedSince("INBOX", validity, day)).isEqualTo(UidSet.of(recent));
        assertThat(account.receivedSince("INBOX", validity, day.minusDays(10))).isEqualTo(UidSet.of(old, recent));
        assertThat(account.receivedSince("INBOX", validity, day.plusDays(2)).isEmpty())
                .isTrue();
        assertThat(account.withMessageId("INBOX", validity, "<none@example.org>")
                        .isEmpty())
                .isTrue();
    }

    @Test
    void someHeaderFieldsAreRead() {
        long one = append(account, "INBOX", "m1");
        long gone = append(account, "INBOX", "m2");
        long three = append(account, "INBOX", "m3");
        long validity = view(account, "INBOX").uidValidity();
        done(account.expunge("INBOX", validity, UidSet.of(gone)));
        var fields = account.fields(
                "INBOX", validity, List.of(one, gone, three), List.of("References", "Message-ID", "Subject"));
        assertThat(fields.keySet()).containsExactlyInAnyOrder(one, three);
        for (var entry : Map.of(one, "m1", three, "m3").entrySet()) {
            assertThat(new String(Objects.requireNonNull(fields.get(entry.getKey())), UTF_8).lines())
                    .contains("Subject: " + entry.getValue(), "Message-ID: <" + entry.getValue() + "@example.org>");
        }
        assertThatThrownBy(() -> account.fields("INBOX", validity + 1, List.of(one), List.of("Subject")))
                .isInstanceOf(BackendUnavailableException.class);
    }

    /** How the messages of a conversation are searched for. */
    @Test
    void messagesAreFoundByWhatTheyGoBackTo() {
        append(account, "INBOX", "boat");
        long[] uids = Stream.of(
                        "Message-ID: <first@example.org>",
                        "Message-ID: <second@example.org>\r\nIn-Reply-To: <first@example.org>",
                        "Message-ID: <third@example.org>\r\nReferences: <first@example.org>\r\n <second@example.org>",
                        "Message-ID: <other@example.org>\r\nReferences: <second@example.org>")
                .mapToLong(header -> done(account.append(
                        "INBOX",
                        MessageSource.of(("From: anna@example.org\r\nSubject: s\r\n" + header + "\r\n\r\nText\r\n")
                                .getBytes(UTF_8)),
                        Set.of(),
                        DAY)))
                .toArray();
        var like = new MailQuery.Or(List.of(
                new MailQuery.Header("Message-ID", "<first@example.org>"),
                new MailQuery.Header("References", "<first@example.org>"),
                new MailQuery.Header("In-Reply-To", "<first@example.org>")));
        for (var query : List.of(like, new MailQuery.And(List.of(new MailQuery.Flagged("\\Seen", false), like)))) {
            var searched = account.search(List.of("INBOX"), query, Duration.ofSeconds(20));
            assertThat(searched.unfinished()).isEmpty();
            assertThat(Objects.requireNonNull(searched.found().get("INBOX")).uids())
                    .isEqualTo(UidSet.of(uids[0], uids[1], uids[2]));
        }
    }

    @Test
    void anotherUidValidityIsNotWorkedWith() {
        long one = append(account, "INBOX", "m1");
        var view = view(account, "INBOX");
        long wrong = view.uidValidity() + 1;
        assertThatThrownBy(() -> account.store("INBOX", wrong, UidSet.of(one), Set.of("\\Seen"), Set.of()))
                .isInstanceOf(BackendUnavailableException.class);
        assertThatThrownBy(() -> account.expunge("INBOX", wrong, UidSet.of(one)))
                .isInstanceOf(BackendUnavailableException.class);
        assertThat(view(account, "INBOX", view)).isSameAs(view);
    }

    @Test
    void aViewWithAnotherUidValidityIsMadeAnew() {
        long one = append(account, "INBOX", "m1");
        var view = view(account, "INBOX");
        var foreign = new FolderView(
                view.uidValidity() + 1, 5000, view.highestModSeq(), UidSet.of(7, 8), Map.of("\\Seen", UidSet.of(7)));
        var fresh = view(session(), "INBOX", foreign);
        assertThat(fresh.uidValidity()).isEqualTo(view.uidValidity());
        assertThat(fresh.present()).isEqualTo(UidSet.of(one));
        assertThat(fresh.flags()).isEmpty();
    }

    @Test
    void aWatchTellsOfWhatHappensInAnyOfItsMailboxes() {
        String box = created("Box");
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (var watch = account.watch(Set.of("INBOX", box), heard::add)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> heard.containsAll(Set.of("INBOX", box)));
            heard.clear();
            long uid = append(other, "INBOX", "m1");
            await().atMost(Duration.ofSeconds(20)).until(() -> heard.contains("INBOX"));
            heard.clear();
            append(other, box, "m2");
            await().atMost(Duration.ofSeconds(20)).until(() -> heard.contains(box));
            heard.clear();
            long validity = view(other, "INBOX").uidValidity();
            done(other.store("INBOX", validity, UidSet.of(uid), Set.of(FolderView.SEEN), Set.of()));
            await().atMost(Duration.ofSeconds(20)).until(() -> heard.contains("INBOX"));
            watch.retarget(Set.of(box));
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                heard.clear();
                append(other, box, "m3");
                await().atMost(Duration.ofSeconds(5)).until(() -> heard.contains(box));
                return true;
            });
        }
    }

    private static MessageSource letter(String from, String subject, String text) {
        return MessageSource.of("""
                From: %s
                To: Ben <ben@example.org>
                Cc: carl@example.org
                Subject: %s
                Message-ID: <%d@example.org>
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                %s
                """.replace("\n", "\r\n")
                .formatted(from, subject, subject.hashCode(), text)
                .getBytes(UTF_8));
    }

    private UidSet found(String mailbox, MailQuery query) {
        var searched = account.search(List.of(mailbox), query, Duration.ofSeconds(20));
        assertThat(searched.unfinished()).isEmpty();
        var matches = searched.found().get(mailbox);
        return matches == null ? UidSet.EMPTY : matches.uids();
    }

    private static MailQuery text(MailQuery.Where where, String text) {
        return new MailQuery.Text(where, text);
    }

    @Test
    void mailIsFoundByWordsAndWhereTheyAre() {
        long plan = done(account.append(
                "INBOX", letter("Anna <anna@example.org>", "The plan", "Meet at the lake."), Set.of(), DAY));
        long lake = done(account.append(
                "INBOX", letter("Dora <dora@example.org>", "The lake", "A plan: none."), Set.of(FolderView.SEEN), DAY));

        assertThat(found("INBOX", text(MailQuery.Where.ANYWHERE, "PLAN"))).isEqualTo(UidSet.of(List.of(plan, lake)));
        assertThat(found("INBOX", text(MailQuery.Where.SUBJECT, "plan"))).isEqualTo(UidSet.of(plan));
        assertThat(found("INBOX", text(MailQuery.Where.BODY, "plan"))).isEqualTo(UidSet.of(lake));
        assertThat(found("INBOX", text(MailQuery.Where.FROM, "anna@example.org")))
                .isEqualTo(UidSet.of(plan));
        assertThat(found("INBOX", text(MailQuery.Where.TO, "ben@example.org")))
                .isEqualTo(UidSet.of(List.of(plan, lake)));
        assertThat(found("INBOX", text(MailQuery.Where.CC, "carl@example.org")))
                .isEqualTo(UidSet.of(List.of(plan, lake)));
        assertThat(found("INBOX", text(MailQuery.Where.ANYWHERE, "nowhere")).isEmpty())
                .isTrue();
        assertThat(found(
                        "INBOX",
                        new MailQuery.And(List.of(
                                text(MailQuery.Where.ANYWHERE, "plan"),
                                new MailQuery.Not(text(MailQuery.Where.FROM, "dora@example.org"))))))
                .isEqualTo(UidSet.of(plan));
        assertThat(found(
                        "INBOX",
                        new MailQuery.Or(List.of(
                                text(MailQuery.Where.SUBJECT, "nothing"),
                                text(MailQuery.Where.FROM, "dora@example.org"),
                                text(MailQuery.Where.FROM, "nobody@example.org")))))
                .isEqualTo(UidSet.of(lake));
        assertThat(found("INBOX", new MailQuery.Flagged(FolderView.SEEN, false)))
                .isEqualTo(UidSet.of(plan));
        assertThat(found("INBOX", new MailQuery.Size(1_000_000, false))).isEqualTo(UidSet.of(List.of(plan, lake)));
        assertThat(found("INBOX", new MailQuery.And(List.of()))).isEqualTo(UidSet.of(List.of(plan, lake)));
        assertThat(found("INBOX", new MailQuery.Or(List.of())).isEmpty()).isTrue();
    }

    @Test
    void mailIsFoundByWordsOfAnyLanguage() {
        long greeting = append(account, "INBOX", "m1");
        append(account, "INBOX", "m2");
        long other = done(account.append("INBOX", letter("a@example.org", "x", "Привет, мир"), Set.of(), DAY));

        assertThat(found("INBOX", text(MailQuery.Where.BODY, "Grüße von m1"))).isEqualTo(UidSet.of(greeting));
        assertThat(found("INBOX", text(MailQuery.Where.ANYWHERE, "Привет"))).isEqualTo(UidSet.of(other));
        assertThat(found("INBOX", text(MailQuery.Where.SUBJECT, "say \"hi\" \\ (all)"))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void mailIsFoundByDaysAndTellsWhenItCame() {
        long old = done(account.append("INBOX", mail("old"), Set.of(), DAY.minus(Duration.ofDays(30))));
        long young = append(account, "INBOX", "young");
        var day = LocalDate.ofInstant(DAY, ZoneOffset.UTC);

        assertThat(found("INBOX", new MailQuery.Since(day.minusDays(2)))).isEqualTo(UidSet.of(young));
        assertThat(found("INBOX", new MailQuery.Before(day.minusDays(2)))).isEqualTo(UidSet.of(old));
        long uidValidity = view(account, "INBOX").uidValidity();
        assertThat(account.received("INBOX", uidValidity, UidSet.of(List.of(old, young, young + 100))))
                .isEqualTo(Map.of(old, DAY.minus(Duration.ofDays(30)), young, DAY));
    }

    @Test
    void severalMailboxesAreSearchedAndOneThatIsGoneIsSaid() {
        var names = List.of(created("One"), created("Zwölf"), created("Three"));
        long one = append(account, names.get(0), "m1");
        long two = append(account, names.get(1), "m1");
        append(account, names.get(2), "m2");

        var query = text(MailQuery.Where.SUBJECT, "m1");
        var searched = account.search(
                List.of(names.get(0), names.get(1), names.get(2), "Nowhere"), query, Duration.ofSeconds(20));

        assertThat(searched.found().keySet()).containsExactlyInAnyOrder(names.get(0), names.get(1));
        assertThat(Objects.requireNonNull(searched.found().get(names.get(0))).uids())
                .isEqualTo(UidSet.of(one));
        var second = Objects.requireNonNull(searched.found().get(names.get(1)));
        assertThat(second.uids()).isEqualTo(UidSet.of(two));
        assertThat(second.uidValidity()).isEqualTo(view(account, names.get(1)).uidValidity());
        assertThat(searched.unfinished()).containsExactly("Nowhere");
        assertThat(account.search(names, query, Duration.ZERO).unfinished()).containsExactlyInAnyOrderElementsOf(names);
    }
}
