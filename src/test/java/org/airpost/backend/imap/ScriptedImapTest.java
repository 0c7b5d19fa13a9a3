package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.FolderView;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailAccount.Refreshed;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MailQuery;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Mailbox.Role;
import org.airpost.backend.MessageData;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Outcome.Refusal;
import org.airpost.backend.Section;
import org.airpost.backend.Security;
import org.airpost.backend.Trust;
import org.airpost.backend.UidSet;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What servers do in the field and no good server does on demand. */
class ScriptedImapTest {

    private static final String QRESYNC = "ENABLE CONDSTORE QRESYNC UIDPLUS MOVE";

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private ScriptedImap server = ScriptedImap.with("");

    private MailAccount account() {
        return ((SignIn.Accepted) signIn()).account();
    }

    private SignIn signIn() {
        return signIn(new Credentials("u", "p"));
    }

    private SignIn signIn(Credentials credentials) {
        return signIn(credentials, Security.PLAIN);
    }

    private SignIn signIn(Credentials credentials, Security security) {
        var settings = ImapSettings.of("127.0.0.1", server.port(), security)
                .withTrust(new Trust.Any())
                .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(3))
                .withWatch(Duration.ofMillis(100), Duration.ofSeconds(2));
        return new ImapBackend(settings, Clock.systemUTC()).signIn(credentials);
    }

    private ScriptedImap server(String capabilities) {
        server.close();
        server = ScriptedImap.with(capabilities);
        return server;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static FolderView view(Refreshed refreshed) {
        return ((Refreshed.Current) refreshed).view();
    }

    private static String[] selected(int exists, long validity, long next, String modSeq) {
        return new String[] {
            "* " + exists + " EXISTS",
            "* OK [UIDVALIDITY " + validity + "]",
            "* OK [UIDNEXT " + next + "]",
            "* OK [PERMANENTFLAGS (\\Seen \\Deleted)]",
            "* OK [" + modSeq + "]",
            "%T OK [READ-WRITE] done"
        };
    }

    private static String[] listing(int... uids) {
        var lines = new String[uids.length + 1];
        for (int i = 0; i < uids.length; i++) {
            lines[i] = "* %d FETCH (UID %d FLAGS (\\Seen))".formatted(i + 1, uids[i]);
        }
        lines[uids.length] = "%T OK";
        return lines;
    }

    private static FolderView known(long modSeq, long... uids) {
        var set = UidSet.of(uids);
        return new FolderView(1, set.greatest() + 1, modSeq, set, Map.of("\\Seen", set));
    }

    @Test
    void aModSeqOf63BitsIsKept() {
        server(QRESYNC)
                .on("SELECT.*", selected(1, 1, 8, "HIGHESTMODSEQ 9223372036854775807"))
                .on("UID FETCH 1:.*", listing(7));
        assertThat(view(account().refresh("INBOX", FolderView.UNKNOWN)).highestModSeq())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatVanishedIsGoneAndWhatChangedIsChanged() {
        server(QRESYNC)
                .on(
                        "SELECT.*QRESYNC \\(1 50\\).*",
                        "* 2 EXISTS",
                        "* OK [UIDVALIDITY 1]",
                        "* OK [UIDNEXT 9]",
                        "* OK [HIGHESTMODSEQ 60]",
                        "* VANISHED (EARLIER) 2:3,5",
                        "* 1 FETCH (UID 1 FLAGS () MODSEQ (55))",
                        "* 2 FETCH (UID 8 FLAGS (\\Seen) MODSEQ (60))",
                        "%T OK");
        var view = view(account().refresh("INBOX", known(50, 1, 2, 3)));
        assertThat(view.present()).isEqualTo(UidSet.of(1, 8));
        assertThat(view.with("\\Seen")).isEqualTo(UidSet.of(8));
        assertThat(view.highestModSeq()).isEqualTo(60);
        assertThat(server.commands()).noneMatch(command -> command.startsWith("UID FETCH"));
    }

    @Test
    void vanishedForEverythingAlthoughMessagesExistIsNotBelieved() {
        server(QRESYNC)
                .on(
                        "SELECT.*",
                        "* 3 EXISTS",
                        "* OK [UIDVALIDITY 1]",
                        "* OK [UIDNEXT 4]",
                        "* OK [HIGHESTMODSEQ 60]",
                        "* VANISHED (EARLIER) 1:4294967295",
                        "%T OK")
                .on("UID FETCH 1:.*", listing(1, 2, 3));
        assertThat(view(account().refresh("INBOX", known(50, 1, 2, 3))).present())
                .isEqualTo(UidSet.of(1, 2, 3));
    }

    @Test
    void aModSeqBelowOursMeansAFullListing() {
        server(QRESYNC).on("SELECT.*", selected(2, 1, 4, "HIGHESTMODSEQ 10")).on("UID FETCH 1:.*", listing(1, 3));
        var view = view(account().refresh("INBOX", known(50, 1, 2, 3)));
        assertThat(view.present()).isEqualTo(UidSet.of(1, 3));
        assertThat(view.highestModSeq()).isEqualTo(10);
    }

    @Test
    void aUidNextBelowOursMeansAFullListing() {
        server(QRESYNC).on("SELECT.*", selected(3, 1, 3, "HIGHESTMODSEQ 60")).on("UID FETCH 1:.*", listing(1, 2, 9));
        assertThat(view(account().refresh("INBOX", known(50, 1, 2, 3))).present())
                .isEqualTo(UidSet.of(1, 2, 9));
    }

    @Test
    void anotherUidValidityStartsOver() {
        server(QRESYNC).on("SELECT.*", selected(1, 2, 8, "HIGHESTMODSEQ 60")).on("UID FETCH 1:.*", listing(7));
        var view = view(account().refresh("INBOX", known(50, 1, 2, 3)));
        assertThat(view.uidValidity()).isEqualTo(2);
        assertThat(view.present()).isEqualTo(UidSet.of(7));
    }

    @Test
    void aMailboxWithoutModSeqIsListed() {
        server(QRESYNC).on("SELECT.*", selected(1, 1, 8, "NOMODSEQ")).on("UID FETCH 1:.*", listing(7));
        var view = view(account().refresh("INBOX", known(50, 1, 2, 3)));
        assertThat(view.present()).isEqualTo(UidSet.of(7));
        assertThat(view.highestModSeq()).isZero();
    }

    @Test
    void aMessageToldOfTwiceCountsOnce() {
        server("")
                .on("SELECT.*", selected(2, 1, 8, "NOMODSEQ"))
                .on(
                        "UID FETCH 1:.*",
                        "* 1 FETCH (UID 6 FLAGS ())",
                        "* 2 FETCH (UID 7 FLAGS ())",
                        "* 1 FETCH (UID 6 FLAGS (\\Seen))",
                        "%T OK");
        var view = view(account().refresh("INBOX", FolderView.UNKNOWN));
        assertThat(view.present()).isEqualTo(UidSet.of(6, 7));
        assertThat(view.with("\\Seen")).isEqualTo(UidSet.of(6));
    }

    @Test
    void existsThatShrinksWithoutExpungeMeansAFullListing() {
        server("")
                .on("SELECT.*", selected(3, 1, 9, "NOMODSEQ"))
                .on("UID FETCH 1:.*", listing(6, 7, 8))
                .on("UID FETCH 1:.*", listing(6, 8))
                .instead("NOOP", "* 2 EXISTS", "%T OK");
        var account = account();
        var first = view(account.refresh("INBOX", FolderView.UNKNOWN));
        assertThat(view(account.refresh("INBOX", first)).present()).isEqualTo(UidSet.of(6, 8));
    }

    @Test
    void anExpungeTakesTheMessageAtItsPlace() {
        server("").on("SELECT.*", selected(3, 1, 9, "NOMODSEQ")).on("UID FETCH 1:.*", listing(6, 7, 8));
        var account = account();
        var first = view(account.refresh("INBOX", FolderView.UNKNOWN));
        assertThat(view(account.refresh("INBOX", first))).isSameAs(first);
        server.instead("NOOP", "* 2 EXPUNGE", "* 2 FETCH (FLAGS (\\Flagged))", "%T OK");
        var second = view(account.refresh("INBOX", first));
        assertThat(second.present()).isEqualTo(UidSet.of(6, 8));
        assertThat(second.with("\\Flagged")).isEqualTo(UidSet.of(8));
        assertThat(server.commands().stream().filter(command -> command.startsWith("UID FETCH")))
                .hasSize(1);
    }

    @Test
    void aWarmRefreshCostsOneRoundTrip() {
        server("").on("SELECT.*", selected(3, 1, 9, "NOMODSEQ")).on("UID FETCH 1:.*", listing(6, 7, 8));
        var account = account();
        var view = view(account.refresh("INBOX", FolderView.UNKNOWN));
        int before = server.commands().size();
        assertThat(view(account.refresh("INBOX", view))).isSameAs(view);
        assertThat(server.commands().subList(before, server.commands().size()))
                .containsExactly("NOOP", "STATUS \"INBOX\" (UIDVALIDITY)");
    }

    @Test
    void aConnectionThatBreaksInTheMiddleOfAListingIsReplaced() {
        server("")
                .on("SELECT.*", selected(3, 1, 9, "NOMODSEQ"))
                .on("UID FETCH 1:.*", "* 1 FETCH (UID 6 FLAGS ())", "* 2 FETCH (UID 7 FL" + ScriptedImap.DROP)
                .on("UID FETCH 1:.*", listing(6, 7, 8));
        assertThat(view(account().refresh("INBOX", FolderView.UNKNOWN)).present())
                .isEqualTo(UidSet.of(6, 7, 8));
    }

    @Test
    void aServerThatBreaksAgainIsUnavailableAndNotAnEmptyMailbox() {
        server("")
                .on("SELECT.*", selected(3, 1, 9, "NOMODSEQ"))
                .on("UID FETCH 1:.*", "* 1 FETCH (UID 6 FLAGS ())", "* BYE going down" + ScriptedImap.DROP);
        var account = account();
        assertThatThrownBy(() -> account.refresh("INBOX", FolderView.UNKNOWN))
                .isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void aServerThatFallsSilentIsUnavailableInBoundedTime() {
        server("").on("SELECT.*", "* 3 EXISTS");
        var account = account();
        long began = System.nanoTime();
        assertThatThrownBy(() -> account.refresh("INBOX", FolderView.UNKNOWN))
                .isInstanceOf(BackendUnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aLiteralLargerThanAnythingIsNotMadeRoomFor() {
        server("").on("SELECT.*", "* 1 FETCH (UID 1 BODY[] {2000000000}", "x");
        var account = account();
        assertThatThrownBy(() -> account.refresh("INBOX", FolderView.UNKNOWN))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("literal");
    }

    @Test
    void aGreetingThatIsNoneIsUnavailable() {
        for (String greeting : List.of("HTTP/1.1 400 Bad Request\r\n\r\n", "* BYE too busy\r\n", "\r\n", "{5}\r\n")) {
            server.close();
            server = ScriptedImap.greeting(greeting);
            assertThatThrownBy(this::signIn).as(greeting).isInstanceOf(BackendUnavailableException.class);
        }
    }

    /** Source: RFC 9051 §6.2.1, §7.1.4; CVE-2011-0411. */
    @Test
    void noPasswordIsSaidWhereStartTlsDoesNotComeAbout() {
        for (var answer : List.of("%T BAD what", "%T NO not now", "%T OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN")) {
            server("").on("STARTTLS", answer);
            assertThatThrownBy(() -> signIn(new Credentials("u", "p"), Security.STARTTLS))
                    .as(answer)
                    .isInstanceOf(BackendUnavailableException.class);
            assertThat(server.commands()).isNotEmpty().containsOnly("STARTTLS");
        }
        server.close();
        server = ScriptedImap.greeting("* PREAUTH come in\r\n");
        assertThatThrownBy(() -> signIn(new Credentials("u", "p"), Security.STARTTLS))
                .isInstanceOf(BackendUnavailableException.class);
        assertThat(server.commands()).isEmpty();
    }

    @Test
    void aServerThatSaysNothingIsUnavailableInBoundedTimeHoweverItIsReached() {
        server.close();
        server = ScriptedImap.greeting("");
        for (var security : Security.values()) {
            long began = System.nanoTime();
            assertThatThrownBy(() -> signIn(new Credentials("u", "p"), security))
                    .as("%s", security)
                    .isInstanceOf(BackendUnavailableException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE);
        }
    }

    @Test
    void aRefusedLoginIsToldFromAServerInTrouble() {
        server.close();
        server = ScriptedImap.greeting("* OK [CAPABILITY IMAP4rev1] hi\r\n")
                .on("LOGIN.*", "%T NO [AUTHENTICATIONFAILED] wrong")
                .on("LOGIN.*", "%T NO [UNAVAILABLE] the directory is down")
                .on("LOGIN.*", "* BYE shutting down" + ScriptedImap.DROP);
        assertThat(signIn()).isInstanceOf(SignIn.Refused.class);
        assertThatThrownBy(this::signIn).isInstanceOf(BackendUnavailableException.class);
        assertThatThrownBy(this::signIn).isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void whoActsForAnotherNeverSignsInAsHimself() {
        server.close();
        server = ScriptedImap.greeting("* OK [CAPABILITY IMAP4rev1] hi\r\n").on("LOGIN.*", "%T OK in");
        var master = new Credentials("anna", "master", "", "root", "anna");
        assertThatThrownBy(() -> signIn(master))
                .isInstanceOf(BackendUnavailableException.class)
                .hasMessageContaining("AUTH=PLAIN");
        server.close();
        server = ScriptedImap.greeting("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n")
                .on("AUTHENTICATE PLAIN YW5uYQByb290AG1hc3Rlcg==", "%T OK in")
                .on("CAPABILITY", "* CAPABILITY IMAP4rev1", "%T OK");
        assertThat(signIn(master)).isInstanceOf(SignIn.Accepted.class);
    }

    @Test
    void aSelectThatFailsIsGoneOnlyIfTheListSaysSo() {
        server("")
                .on("SELECT.*", "%T NO cannot open it now")
                .on("LIST.*", "* LIST () \"/\" INBOX", "* LIST () \"/\" There", "%T OK");
        var account = account();
        assertThat(account.refresh("Away", FolderView.UNKNOWN)).isInstanceOf(Refreshed.Gone.class);
        assertThatThrownBy(() -> account.refresh("There", FolderView.UNKNOWN))
                .isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void namesAreListedWhateverTheyLookLike() {
        server("")
                .on(
                        "LIST.*",
                        "* LIST (\\HasChildren) \".\" inbox",
                        "* LIST () \".\" INBOX.Gesendet",
                        "* LIST () \".\" \"INBOX.Entw&APw-rfe\"",
                        "* LIST () \".\" INBOX.broken&name",
                        "* LIST () \".\" {9}\r\nINBOX.a b",
                        "* LIST () \".\" INBOX.Up.Below",
                        "* LIST (\\Noselect) \".\" INBOX.Empty",
                        "* LIST () NIL flat",
                        "%T OK")
                .on("SELECT \"INBOX.broken&name\"", selected(0, 1, 1, "NOMODSEQ"));
        var account = account();
        var mailboxes = account.mailboxes();
        assertThat(mailboxes).extracting(Mailbox::name).startsWith("INBOX").contains("INBOX.broken&name", "INBOX.a b");
        assertThat(role(mailboxes, Role.SENT)).isEqualTo("INBOX.Gesendet");
        assertThat(role(mailboxes, Role.DRAFTS)).isEqualTo("INBOX.Entwürfe");
        var above = mailboxes.stream()
                .filter(mailbox -> mailbox.name().equals("INBOX.Up"))
                .findFirst()
                .orElseThrow();
        assertThat(above.selectable()).isFalse();
        assertThat(view(account.refresh("INBOX.broken&name", FolderView.UNKNOWN))
                        .uidValidity())
                .isEqualTo(1);
    }

    private static String role(List<Mailbox> mailboxes, Role role) {
        return mailboxes.stream()
                .filter(mailbox -> mailbox.role().filter(role::equals).isPresent())
                .map(Mailbox::name)
                .findFirst()
                .orElse("");
    }

    @Test
    void oneBrokenMessageDoesNotHideTheOthers() {
        String rest =
                "INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE 10 FLAGS () BODY[HEADER]<0> {4}\r\n\r\n\r\n";
        String source = "Subject: x\r\nContent-Type: text/html\r\n\r\n<p>";
        server("")
                .on("SELECT.*", selected(3, 1, 9, "NOMODSEQ"))
                .on(
                        "UID FETCH 6:8 .*",
                        "* 1 FETCH (UID 6 " + rest + " BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 1))",
                        "* 2 FETCH (UID 7 " + rest + " BODYSTRUCTURE (\"TEXT\" ())",
                        "%T NO [SERVERBUG] cannot read them all")
                .on("UID FETCH 8 .*BODYSTRUCTURE.*", "%T NO [SERVERBUG] no")
                .on(
                        "UID FETCH 7 .*BODY.PEEK\\[\\].*",
                        "* 2 FETCH (UID 7 INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE 40 FLAGS () BODY[]<0> {"
                                + source.length() + "}",
                        source + ")",
                        "%T OK")
                .on("UID FETCH 8 .*BODY.*", "%T NO [SERVERBUG] no")
                .on("UID FETCH 8 \\(UID FLAGS\\)", "* 3 FETCH (UID 8 FLAGS (\\Seen))", "%T OK");
        var described = account().describe("INBOX", 1, List.of(6L, 7L, 8L));
        assertThat(described).hasSize(3);
        assertThat(described.get(0).structure().mediaType()).isEqualTo("text/plain");
        assertThat(described.get(1).structure().mediaType()).isEqualTo("text/html");
        assertThat(new String(described.get(1).header(), UTF_8))
                .startsWith("Subject: x")
                .endsWith("\r\n\r\n");
        assertThat(described.get(2).flags()).containsExactly("\\Seen");
    }

    private static final String PLAIN =
            " BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"UTF-8\") NIL NIL \"7BIT\" 5 1)";

    private static String described(long uid, String text) {
        return "* %d FETCH (UID %d INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE 19 FLAGS () BODY[HEADER]<0> {14}\r\n"
                        .formatted(uid - 5, uid)
                + "Subject: x\r\n\r\n" + PLAIN + text + ")";
    }

    private List<MessageData> startingWithFive(String text) {
        server("").on("SELECT.*", selected(1, 1, 9, "NOMODSEQ")).on("UID FETCH 6 .*", described(6, text), "%T OK");
        return account().describe("INBOX", 1, List.of(6L), 5);
    }

    @Test
    void aServerThatSaysNothingOfTheStartOfAMessageDescribesIt() {
        for (var text : List.of("", " BODY[TEXT]<0> NIL", " BODY[TEXT] NIL", " BODY[TEXT]<5> {5}\r\nwords")) {
            assertThat(startingWithFive(text)).as(text).singleElement().satisfies(message -> {
                assertThat(message.readable()).isTrue();
                assertThat(message.structure().size()).isEqualTo(5);
                assertThat(message.start()).isEmpty();
            });
            assertThat(server.commands())
                    .as("asked once")
                    .filteredOn(one -> one.startsWith("UID FETCH"))
                    .hasSize(1);
        }
    }

    @Test
    void ofTheStartOfAMessageNoMoreIsKeptThanWasAskedFor() {
        for (var text : List.of(
                " BODY[TEXT]<0> {5}\r\nwords", " BODY[TEXT] \"words\"", " BODY[TEXT]<0> {14}\r\nwords and more")) {
            assertThat(startingWithFive(text))
                    .as(text)
                    .singleElement()
                    .satisfies(message ->
                            assertThat(message.start()).asString(UTF_8).isEqualTo("words"));
        }
    }

    @Test
    void aServerThatRefusesTheStartOfMessagesIsAskedOnceAgainWithoutIt() {
        for (var refusal : List.of("%T NO [SERVERBUG] no", "%T BAD what is that")) {
            server("")
                    .on("SELECT.*", selected(3, 1, 9, "NOMODSEQ"))
                    .on("UID FETCH .*BODY.PEEK\\[TEXT\\].*", described(6, " BODY[TEXT]<0> {5}\r\nwords"), refusal)
                    .on("UID FETCH 7:8 .*BODYSTRUCTURE\\)", described(7, ""), described(8, ""), "%T OK");
            assertThat(account().describe("INBOX", 1, List.of(6L, 7L, 8L), 5))
                    .allMatch(MessageData::readable)
                    .extracting(MessageData::uid)
                    .containsExactly(6L, 7L, 8L);
            assertThat(server.commands())
                    .as(refusal)
                    .filteredOn(one -> one.startsWith("UID FETCH"))
                    .hasSize(2);
        }
    }

    @Test
    void aMessageWhoseStartIsLeftOutWithItsDescriptionIsDescribedAsBefore() {
        server("")
                .on("SELECT.*", selected(2, 1, 9, "NOMODSEQ"))
                .on("UID SEARCH.*", "* SEARCH 7", "%T OK")
                .on("UID FETCH .*BODY.PEEK\\[TEXT\\].*", described(6, " BODY[TEXT]<0> {5}\r\nwords"), "%T OK")
                .on("UID FETCH 7 .*BODYSTRUCTURE\\)", described(7, ""), "%T OK")
                .on("UID FETCH 7 .*BODY.PEEK\\[\\].*", "%T NO [SERVERBUG] no");
        assertThat(account().describe("INBOX", 1, List.of(6L, 7L), 5))
                .allMatch(MessageData::readable)
                .extracting(message -> message.structure().size())
                .containsExactly(5L, 5L);
    }

    /** What has a size without measure is asked for as any other part. */
    @Test
    void sizesWithoutMeasureStopNoFolder() {
        for (var size : List.of("9223372036854775807", "9223372036854775790", "9223372036854774800")) {
            String content = "--b\r\n\r\nwords\r\n--b--";
            server("")
                    .on("SELECT.*", selected(1, 1, 9, "NOMODSEQ"))
                    .on(
                            "UID FETCH 6 .*BODYSTRUCTURE.*",
                            "* 1 FETCH (UID 6 INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE " + size
                                    + " FLAGS () BODY[HEADER]<0> {14}",
                            "Subject: x\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"UTF-8\") NIL NIL \"7BIT\" "
                                    + size + " 1)(\"TEXT\" \"CALENDAR\" NIL NIL NIL \"7BIT\" " + size
                                    + " 1) \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL) BODY[TEXT]<0> {"
                                    + content.length() + "}",
                            content + ")",
                            "%T OK")
                    .on("UID FETCH 6 .*", "* 1 FETCH (UID 6 BODY[1]<0> {5}", "words BODY[2]<0> {5}", "words)", "%T OK");
            var place = new MailConverter.Place("u", account(), "INBOX", 1, "5");
            for (var type : List.of(BodyType.PLAIN_TEXT, BodyType.MIME)) {
                var options = new BodyOptions(
                        List.of(new BodyPreference(type, Optional.of(500L), false, 0)),
                        Optional.empty(),
                        2,
                        Optional.empty());
                assertThat(new MailConverter(MailConverter.Settings.DEFAULT)
                                .items(place, List.of(6L), options, ProtocolVersion.V16_1))
                        .as("%s, %s", size, type)
                        .hasSize(1);
            }
        }
    }

    @Test
    void aStructureThatHoldsNothingIsNotBelieved() {
        String header = "Subject: x\r\nContent-Type: multipart/mixed; boundary=OTHER\r\n\r\n";
        String source = header + "--B\r\nContent-Type: text/html\r\n\r\n<p>words</p>\r\n--B--\r\n";
        server("")
                .on("SELECT.*", selected(1, 1, 9, "NOMODSEQ"))
                .on(
                        "UID FETCH 6 .*BODYSTRUCTURE.*",
                        "* 1 FETCH (UID 6 INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE " + source.length()
                                + " FLAGS () BODY[HEADER]<0> {" + header.length() + "}",
                        header + " BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0) \"MIXED\"))",
                        "%T OK")
                .on(
                        "UID FETCH 6 \\(UID BODY.PEEK\\[\\]<0.8388608>\\)",
                        "* 1 FETCH (UID 6 BODY[]<0> {" + source.length() + "}",
                        source + ")",
                        "%T OK")
                .on(
                        "UID FETCH 6 \\(UID BODY.PEEK\\[\\]<" + source.indexOf("<p>") + ".12>\\)",
                        "* 1 FETCH (UID 6 BODY[]<" + source.indexOf("<p>") + "> {12}",
                        "<p>words</p>)",
                        "%T OK");
        var described = account().describe("INBOX", 1, List.of(6L)).getFirst();
        var html = described.structure().children().getFirst();
        assertThat(html.mediaType()).isEqualTo("text/html");
        var section = Section.whole(6, html.section());
        assertThat(account().read("INBOX", 1, List.of(section)).get(section))
                .asString(UTF_8)
                .isEqualTo("<p>words</p>");
    }

    @Test
    void anOddPartIsToldByItsOwnHeader() {
        String header = "Subject: x\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n";
        String part =
                "Content-Type: application/pdf; name=my annual report.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n";
        server("")
                .on("SELECT.*", selected(1, 1, 9, "NOMODSEQ"))
                .on(
                        "UID FETCH 6 .*BODYSTRUCTURE.*",
                        "* 1 FETCH (UID 6 INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE 900 FLAGS () BODY[HEADER]<0> {"
                                + header.length() + "}",
                        header
                                + " BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 9 1)(\"APPLICATION\" \"PDF\" (\"NAME\" \"my\")"
                                + " NIL NIL \"BASE64\" 500) \"MIXED\"))",
                        "%T OK")
                .on(
                        "UID FETCH 6 \\(UID BODY.PEEK\\[2.MIME\\]<0.8192>\\)",
                        "* 1 FETCH (UID 6 BODY[2.MIME]<0> {" + part.length() + "}",
                        part + ")",
                        "%T OK");
        var file = account()
                .describe("INBOX", 1, List.of(6L))
                .getFirst()
                .structure()
                .children()
                .getLast();
        assertThat(file.fileName()).contains("my annual report.pdf");
        assertThat(file.section()).isEqualTo("2");
        assertThat(file.size()).isEqualTo(500);
    }

    @Test
    void aKeywordThatTheServerDoesNotKeepIsRefused() {
        server("").on("SELECT.*", selected(3, 1, 9, "NOMODSEQ"));
        var stored = account().store("INBOX", 1, UidSet.of(6), Set.of("$Forwarded"), Set.of());
        assertThat(stored).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void refusalsAreToldApart() {
        server("UIDPLUS")
                .on("STATUS.*", "* STATUS Box (UIDNEXT 5 UIDVALIDITY 3)", "%T OK")
                .on("APPEND.*", "%T NO [OVERQUOTA] full")
                .on("CREATE.*", "%T NO [ALREADYEXISTS] there")
                .on("CREATE.*", "%T NO [NOPERM] not you")
                .on("LIST.*", "* LIST () \"/\" INBOX", "%T OK");
        var account = account();
        assertThat(account.append("Box", MessageSource.of(new byte[] {'x'}), Set.of(), Instant.EPOCH))
                .isEqualTo(Outcome.refused(Refusal.OVER_QUOTA, "[OVERQUOTA] full"));
        assertThat(((Outcome.Refused<String>) account.create("", "a")).why()).isEqualTo(Refusal.EXISTS);
        assertThat(((Outcome.Refused<String>) account.create("", "a")).why()).isEqualTo(Refusal.NO_PERMISSION);
    }

    @Test
    void aMoveThatBrokeAfterItWasDoneIsNotDoneAgain() {
        String identity = " RFC822.SIZE 10 BODY[HEADER.FIELDS (MESSAGE-ID)] {21}\r\nMessage-ID: <a@b>\r\n\r\n)";
        server("UIDPLUS MOVE")
                .on("SELECT \"INBOX\".*", selected(1, 1, 9, "NOMODSEQ"))
                .on("SELECT \"Box\".*", selected(1, 3, 6, "NOMODSEQ"))
                .on("STATUS.*", "* STATUS Box (UIDNEXT 5 UIDVALIDITY 3)", "%T OK")
                .on("UID FETCH 8 .*", "* 1 FETCH (UID 8" + identity, "%T OK")
                .on("UID MOVE.*", "* BYE crash" + ScriptedImap.DROP)
                .on("UID FETCH 5:.*", "* 1 FETCH (UID 5" + identity, "%T OK")
                .on("UID SEARCH.*", "* SEARCH", "%T OK");
        var moved = account().move("INBOX", 1, UidSet.of(8), "Box");
        assertThat(moved).isEqualTo(Outcome.done(Map.of(8L, 5L)));
        assertThat(server.commands().stream().filter(command -> command.startsWith("UID MOVE")))
                .hasSize(1);
    }

    @Test
    void aMoveHearsOfWhatIsGoneBeforeItLooks() {
        server("UIDPLUS")
                .on("SELECT.*", selected(1, 1, 9, "NOMODSEQ"))
                .on("STATUS.*", "* STATUS Box (UIDNEXT 5 UIDVALIDITY 3)", "%T OK")
                .on("UID FETCH 8 .*", "%T OK")
                .on("UID SEARCH.*", "* SEARCH", "%T OK");
        assertThat(account().move("INBOX", 1, UidSet.of(8), "Box")).isEqualTo(Outcome.done(Map.of()));
        assertThat(server.commands())
                .containsSequence("NOOP", "UID FETCH 8 (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])", "NOOP")
                .noneMatch(command -> command.startsWith("UID COPY"));
    }

    private static String messageId(int uid, String header) {
        return "* 1 FETCH (UID %d BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s)".formatted(uid, header.length(), header);
    }

    @Test
    void onlyWhatIsSeenToCarryAMessageIdCarriesIt() {
        server("")
                .on("SELECT.*", selected(4, 1, 9, "NOMODSEQ"))
                .on("UID SEARCH HEADER Message-ID .*", "* SEARCH 5 6 7 8", "%T OK")
                .on(
                        "UID FETCH 5:8 .*",
                        messageId(5, "Message-Id:\r\n <A@B>\r\n\r\n"),
                        messageId(6, "Message-ID: <b@a>\r\n\r\n"),
                        messageId(7, "\r\n"),
                        "%T OK")
                .on("UID FETCH 5:8 .*", "%T NO [SERVERBUG] cannot read them");
        var account = account();
        assertThat(account.withMessageId("INBOX", 1, "<a@b>")).isEqualTo(UidSet.of(5));
        assertThatThrownBy(() -> account.withMessageId("INBOX", 1, "<a@b>"))
                .isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void ofVeryManyThatAreSaidToCarryAMessageIdTheOldOnesAreNotBelieved() {
        server("ESEARCH")
                .on("SELECT.*", selected(900, 1, 901, "NOMODSEQ"))
                .on("UID SEARCH.*", "* ESEARCH (TAG \"%T\") UID ALL 1:900", "%T OK")
                .on("UID FETCH 401:900 .*", messageId(900, "Message-ID: <a@b>\r\n\r\n"), "%T OK");
        assertThat(account().withMessageId("INBOX", 1, "<a@b>")).isEqualTo(UidSet.of(900));
    }

    /** The second of two sessions, which has not heard of message 8 before it is asked whether there is news. */
    private MailAccount behind(String... answer) {
        server("UIDPLUS")
                .on("SELECT.*", selected(1, 1, 9, "NOMODSEQ"))
                .on("UID FETCH 8 .*", "%T OK passed over")
                .on("UID FETCH 8 .*", answer)
                .on("UID STORE 8 .*", "%T OK")
                .on("UID EXPUNGE 8", "%T OK")
                .on("UID SEARCH UID 8", "* SEARCH 8", "%T OK");
        return account();
    }

    @Test
    void aMessageThatTheSessionHasNotHeardOfIsReadAllTheSame() {
        var part = new Section(8, "1", 0, 3);
        var read = behind("* 2 FETCH (UID 8 BODY[1]<0> {3}\r\nabc)", "%T OK").read("INBOX", 1, List.of(part));
        assertThat(read.get(part)).asString(UTF_8).isEqualTo("abc");
    }

    @Test
    void aMessageThatTheSessionHasNotHeardOfIsMarkedAllTheSame() {
        var account = behind("* 2 FETCH (UID 8 FLAGS (\\Seen))", "%T OK");
        assertThat(account.store("INBOX", 1, UidSet.of(8), Set.of("\\Seen"), Set.of()))
                .isEqualTo(Outcome.done(UidSet.of(8)));
        assertThat(server.commands().stream().filter(command -> command.startsWith("UID STORE")))
                .hasSize(2);
    }

    @Test
    void aMessageThatTheSessionHasNotHeardOfIsExpungedAllTheSame() {
        var account = behind("* 2 FETCH (UID 8 FLAGS ())", "%T OK");
        assertThat(account.expunge("INBOX", 1, UidSet.of(8))).isEqualTo(Outcome.done(UidSet.of(8)));
        assertThat(server.commands().stream().filter(command -> command.startsWith("UID EXPUNGE")))
                .hasSize(2);
    }

    @Test
    void aWatchComesBackAfterItsConnectionWasLostAndTellsOfAll() {
        server("IDLE")
                .on("EXAMINE.*", selected(3, 1, 9, "NOMODSEQ"))
                .on("LIST.*", "* LIST () \"/\" INBOX", "%T OK")
                .on("STATUS.*", "* STATUS Box (MESSAGES 1 UIDNEXT 5 UIDVALIDITY 3 UNSEEN 0)", "%T OK")
                .on("IDLE", "+ idling", "* 4 EXISTS", "* BYE going down" + ScriptedImap.DROP)
                .on("IDLE", "+ idling");
        var heard = new ConcurrentLinkedQueue<String>();
        try (var _ = account().watch(Set.of("INBOX", "Box"), heard::add)) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> heard.stream().filter("Box"::equals).count() >= 2);
        }
        assertThat(heard.stream().filter("INBOX"::equals).count()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void aWatchThatComesBackTellsThatTheListOfMailboxesIsAnotherOne() {
        for (String capabilities : List.of("IDLE", "IDLE NOTIFY ENABLE CONDSTORE QRESYNC")) {
            server(capabilities)
                    .on("EXAMINE.*", selected(3, 1, 9, "HIGHESTMODSEQ 5"))
                    .on("NOTIFY.*", "%T OK")
                    .on("LIST.*", "* LIST () \"/\" INBOX", "* LIST () \"/\" Old", "%T OK")
                    .on("IDLE", "+ idling");
            var heard = new ConcurrentLinkedQueue<String>();
            try (var _ = account().watch(Set.of("INBOX"), heard::add)) {
                await().atMost(PATIENCE).until(() -> server.commands().contains("IDLE"));
                assertThat(heard).as(capabilities).containsExactly("", "INBOX");
                server.instead("LIST.*", "* LIST () \"/\" INBOX", "* LIST () \"/\" New", "%T OK");
                server.dropAll();
                await().atMost(PATIENCE)
                        .until(() -> heard.stream().filter(""::equals).count() == 2);
                await().atMost(PATIENCE)
                        .until(() -> heard.stream().filter("INBOX"::equals).count() == 2);
            }
        }
    }

    /** On a phone it looks like any folder, and below it is what others share. */
    @Test
    void theNameThatHoldsTheMailboxesOfOthersIsNotDeleted() {
        server("NAMESPACE")
                .on("NAMESPACE", "* NAMESPACE ((\"\" \"/\")) ((\"user/\" \"/\")) ((\"shared/all/\" \"/\"))", "%T OK")
                .on(
                        "LIST.*",
                        "* LIST () \"/\" INBOX",
                        "* LIST (\\Noselect) \"/\" user",
                        "* LIST () \"/\" user/bob",
                        "* LIST (\\Noselect) \"/\" shared",
                        "* LIST () \"/\" shared/all/Plans",
                        "* LIST () \"/\" use",
                        "%T OK")
                .on("DELETE.*", "%T OK")
                .on("UNSUBSCRIBE.*", "%T OK");
        var account = account();
        for (var name : List.of("user", "shared")) {
            // Not for want of a right, which might come: it never can be (FolderDelete 3, not 6).
            assertThat(((Outcome.Refused<String>) account.delete(name)).why()).isEqualTo(Refusal.HOLDS_HIDDEN);
        }
        assertThat(server.commands()).noneMatch(command -> command.startsWith("DELETE"));
        assertThat(account.delete("use").isDone()).isTrue();
    }

    private static final MailQuery PLAN = new MailQuery.Text(MailQuery.Where.BODY, "plan");

    private static UidSet uids(MailAccount.Searched searched, String mailbox) {
        return searched.found().containsKey(mailbox)
                ? java.util.Objects.requireNonNull(searched.found().get(mailbox))
                        .uids()
                : UidSet.EMPTY;
    }

    @Test
    void allMailboxesAreSearchedWithOneCommandWhereTheServerCan() {
        server("MULTISEARCH ESEARCH")
                .on(
                        "ESEARCH IN \\(mailboxes \\(\"INBOX\" \"Z&APY-lf\" \"Sent\"\\)\\) RETURN \\(ALL\\) BODY plan",
                        "* ESEARCH (TAG \"%T\" MAILBOX \"INBOX\" UIDVALIDITY 7) UID ALL 3:4",
                        "* ESEARCH (TAG \"%T\" MAILBOX \"Z&APY-lf\" UIDVALIDITY 8) UID ALL 9",
                        "* ESEARCH (TAG \"%T\" MAILBOX \"Other\" UIDVALIDITY 9) UID ALL 1",
                        "%T OK");
        var searched = account().search(List.of("INBOX", "Zölf", "Sent"), PLAN, Duration.ofSeconds(2));
        assertThat(searched.unfinished()).isEmpty();
        assertThat(searched.found().keySet()).containsExactlyInAnyOrder("INBOX", "Zölf");
        assertThat(uids(searched, "INBOX")).isEqualTo(UidSet.of(3, 4));
        assertThat(uids(searched, "Zölf")).isEqualTo(UidSet.of(9));
        assertThat(server.commands()).noneMatch(command -> command.startsWith("SELECT"));
    }

    @Test
    void aServerThatCannotSearchAllAtOnceAfterAllIsAskedForOneAfterTheOther() {
        server("MULTISEARCH")
                .on("ESEARCH.*", "%T BAD what")
                .on("SELECT.*", selected(2, 1, 9, "UIDNEXT 9"))
                .on("UID SEARCH BODY plan", "* SEARCH 2", "%T OK");
        var searched = account().search(List.of("INBOX", "Sent"), PLAN, Duration.ofSeconds(2));
        assertThat(searched.unfinished()).isEmpty();
        assertThat(uids(searched, "Sent")).isEqualTo(UidSet.of(2));
    }

    @Test
    void aServerThatTakesNoOtherCharsetIsAskedForTheAsciiPartOfAWord() {
        server("")
                .on("SELECT.*", selected(2, 1, 9, "UIDNEXT 9"))
                .on("UID SEARCH CHARSET UTF-8 .*", "%T NO [BADCHARSET (US-ASCII)] only that")
                .on("UID SEARCH SUBJECT \"von Anna\"", "* SEARCH 5", "%T OK");
        var query = new MailQuery.Text(MailQuery.Where.SUBJECT, "Café von Anna");
        assertThat(uids(account().search(List.of("INBOX"), query, Duration.ofSeconds(2)), "INBOX"))
                .isEqualTo(UidSet.of(5));
    }

    @Test
    void withoutAnIndexTheNewestAreSearchedFirstAndTheRestIsSaidWhenTheTimeIsUp() {
        server("ESEARCH")
                .on("SELECT.*", selected(50_000, 1, 90_000, "UIDNEXT 90000"))
                .on("UID SEARCH RETURN \\(ALL\\) 49001:50000 BODY plan", "* ESEARCH (TAG \"x\") UID ALL 80000", "%T OK")
                .on("UID SEARCH.*", "* OK still looking");
        var begun = Instant.now();
        var searched = account().search(List.of("INBOX", "Sent"), PLAN, Duration.ofSeconds(1));
        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(3));
        assertThat(uids(searched, "INBOX")).isEqualTo(UidSet.of(80_000));
        assertThat(searched.unfinished()).containsExactlyInAnyOrder("INBOX", "Sent");
    }

    @Test
    void anIndexIsAskedForAllAndTheServerForTheNewestThatItMayNotHave() {
        server("ESEARCH SEARCH=FUZZY")
                .on("SELECT.*", selected(50_000, 1, 90_000, "UIDNEXT 90000"))
                .on("UID SEARCH RETURN \\(ALL\\) FUZZY BODY plan", "* ESEARCH (TAG \"x\") UID ALL 3,7", "%T OK")
                .on(
                        "UID SEARCH RETURN \\(ALL\\) 49001:50000 BODY plan",
                        "* ESEARCH (TAG \"x\") UID ALL 80000",
                        "%T OK");
        var searched = account().search(List.of("INBOX"), PLAN, Duration.ofSeconds(2));
        assertThat(searched.unfinished()).isEmpty();
        assertThat(uids(searched, "INBOX")).isEqualTo(UidSet.of(3, 7, 80_000));
    }

    @Test
    void aServerThatIsGoneFindsNotNothing() {
        server("").on("SELECT.*", ScriptedImap.DROP);
        var account = account();
        assertThatThrownBy(() -> account.search(List.of("INBOX", "Sent"), PLAN, Duration.ofSeconds(2)))
                .isInstanceOf(BackendUnavailableException.class);
    }

    /** A bracket is a letter like any other in a keyword; a category of a phone may have one. Source: RFC 9051 "atom". */
    @Test
    void aKeywordWithABracketHidesNoMessage() {
        server("")
                .on("SELECT.*", selected(3, 1, 9, "NOMODSEQ"))
                .on(
                        "UID FETCH 1:.*",
                        "* 1 FETCH (FLAGS (a[b \\Seen) UID 6)",
                        "* 2 FETCH (UID 7 FLAGS ($[Urgent))",
                        "* 3 FETCH (UID 8 FLAGS ())",
                        "%T OK");
        var view = view(account().refresh("INBOX", FolderView.UNKNOWN));
        assertThat(view.present()).isEqualTo(UidSet.of(6, 7, 8));
        assertThat(view.with("a[b")).isEqualTo(UidSet.of(6));
        assertThat(view.with("\\Seen")).isEqualTo(UidSet.of(6));
        assertThat(view.with("$[Urgent")).isEqualTo(UidSet.of(7));
    }

    @Test
    void aKeywordWithABracketDoesNotEndTheFlagsThatTheServerKeeps() {
        server("")
                .on(
                        "SELECT.*",
                        "* 1 EXISTS",
                        "* OK [UIDVALIDITY 1]",
                        "* OK [UIDNEXT 9]",
                        "* OK [PERMANENTFLAGS (\\Seen a]b \\*)] these [flags]",
                        "%T OK")
                .on("UID STORE.*", "%T OK")
                .on("UID FETCH.*", "* 1 FETCH (UID 6 FLAGS (Work))", "%T OK");
        assertThat(account().store("INBOX", 1, UidSet.of(6), Set.of("Work"), Set.of()))
                .isEqualTo(Outcome.done(UidSet.of(6)));
    }

    @Test
    void veryManyKeywordsHideNoFlagThatPhonesShow() {
        var lines = new String[602];
        for (int i = 0; i < 600; i++) {
            lines[i] = "* %d FETCH (UID %d FLAGS (word%d))".formatted(i + 1, i + 1, i);
        }
        lines[600] = "* 601 FETCH (UID 601 FLAGS (\\Seen \\Flagged $Forwarded))";
        lines[601] = "%T OK";
        server("").on("SELECT.*", selected(601, 1, 602, "NOMODSEQ")).on("UID FETCH 1:.*", lines);
        assertThat(view(account().refresh("INBOX", FolderView.UNKNOWN)).flagsOf(601))
                .containsExactlyInAnyOrder("\\Seen", "\\Flagged", "$Forwarded");
    }

    /** What comes before CLOSED is about the mailbox that was selected before. Source: RFC 7162 §3.2.11. */
    @Test
    void whatIsSaidOfTheMailboxBeforeIsNotTakenForTheNextOne() {
        server(QRESYNC)
                .on("SELECT \"A\".*", selected(3, 5, 4, "HIGHESTMODSEQ 9"))
                .on("UID FETCH 1:.*", listing(1, 2, 3))
                .on(
                        "SELECT \"B\".*QRESYNC.*",
                        "* 2 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (70))",
                        "* VANISHED 3",
                        "* OK [CLOSED] the other one",
                        "* 3 EXISTS",
                        "* OK [UIDVALIDITY 1]",
                        "* OK [UIDNEXT 4]",
                        "* OK [HIGHESTMODSEQ 60]",
                        "* 1 FETCH (UID 1 FLAGS () MODSEQ (60))",
                        "%T OK");
        var account = account();
        account.refresh("A", FolderView.UNKNOWN);
        var view = view(account.refresh("B", known(50, 1, 2, 3)));
        assertThat(view.present()).isEqualTo(UidSet.of(1, 2, 3));
        assertThat(view.with("\\Flagged")).isEqualTo(UidSet.EMPTY);
        assertThat(view.with("\\Seen")).isEqualTo(UidSet.of(2, 3));
        assertThat(view.highestModSeq()).isEqualTo(60);
    }

    /** As Dovecot says it when another connection has put another mailbox in its place. */
    @Test
    void aMailboxOfWhichTheServerWarnsIsLookedAtAfresh() {
        server("")
                .on("SELECT.*", selected(1, 5, 2, "NOMODSEQ"))
                .on("UID FETCH 1:.*", listing(1))
                .instead("NOOP", "* NO Internal error occurred.", "%T OK NOOP completed")
                .on("STATUS.*", "* STATUS Box (UIDVALIDITY 5)", "%T OK [CLIENTBUG] Status on selected mailbox")
                .on("SELECT.*", selected(2, 7, 3, "NOMODSEQ"))
                .on("UID FETCH 1:.*", listing(1, 2));
        var account = account();
        var before = view(account.refresh("Box", FolderView.UNKNOWN));
        var after = view(account.refresh("Box", before));
        assertThat(after.uidValidity()).isNotEqualTo(before.uidValidity());
        assertThat(server.commands())
                .filteredOn(command -> command.startsWith("SELECT"))
                .hasSize(2);
    }

    /** INBOX is always there (RFC 9051 §5.1): a server that lists nothing has lost its storage, and no folder is gone. */
    @Test
    void aServerThatListsNothingAtAllIsInTroubleAndNoFolderIsGone() {
        server("").on("SELECT.*", "%T NO Mailbox does not exist").on("LIST.*", "%T OK nothing here");
        var account = account();
        assertThatThrownBy(() -> account.refresh("Plans", known(0, 1, 2)))
                .isInstanceOf(BackendUnavailableException.class);
        assertThatThrownBy(account::mailboxes).isInstanceOf(BackendUnavailableException.class);
    }

    private static final int CHUNK = 256 << 10;

    private ScriptedImap withALargePart() {
        return server("")
                .on("SELECT.*", selected(2, 1, 9, "NOMODSEQ"))
                .on(
                        "UID FETCH 6 \\(UID BODY.PEEK\\[2\\]<0." + CHUNK + ">\\)",
                        "* 1 FETCH (UID 6 BODY[2]<0> {" + CHUNK + "}\r\n" + "x".repeat(CHUNK) + ")",
                        "%T OK")
                .on("FETCH .*HEADER.*", "* 2 FETCH (UID 8 BODY[HEADER]<0> {2}\r\n\r\n)", "%T OK");
    }

    private long readLargePart() throws IOException {
        return account().read("INBOX", 1, Section.whole(6, "2"), OutputStream.nullOutputStream());
    }

    @Test
    void aPartOfWhichTheServerRefusesTheRestIsNotWhole() throws IOException {
        withALargePart().on("UID FETCH 6 .*", "%T NO [SERVERBUG] cannot read on");
        assertThat(readLargePart()).isEqualTo(-1);
    }

    @Test
    void aPartOfAMessageThatIsExpungedWhileItIsReadIsNotWhole() throws IOException {
        withALargePart().on("UID FETCH 6 .*", "%T OK").on("UID SEARCH.*", "* SEARCH", "%T OK");
        assertThat(readLargePart()).isEqualTo(-1);
    }

    @Test
    void nilPastTheEndOfAPartEndsIt() throws Exception {
        withALargePart()
                .on(
                        "UID FETCH 6 \\(UID BODY.PEEK\\[2\\]<" + (CHUNK - 1) + ".2>\\)",
                        "* 1 FETCH (UID 6 BODY[2]<" + (CHUNK - 1) + "> {1}\r\nx)",
                        "%T OK")
                .on("UID FETCH 6 .*", "* 1 FETCH (UID 6 BODY[2]<" + CHUNK + "> NIL)", "%T OK");
        assertThat(readLargePart()).isEqualTo(CHUNK);
    }

    /** Source: RFC 2177 lets a server end IDLE at any time; one that does so each time at once is not asked without a pause. */
    @Test
    void aServerThatEndsIdleAtOnceIsNotAskedWithoutAPause() {
        server("IDLE")
                .on("EXAMINE.*", selected(3, 1, 9, "NOMODSEQ"))
                .on("LIST.*", "* LIST () \"/\" INBOX", "%T OK")
                .on("IDLE", "+ idling", "%T OK enough");
        try (var _ = account().watch(Set.of("INBOX"), _ -> {})) {
            long began = System.nanoTime();
            await().pollInterval(Duration.ofMillis(1)).atMost(PATIENCE).until(() -> idles() >= 11);
            // 100 ms is the shortest time between two looks.
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(900));
        }
    }

    private long idles() {
        return server.commands().stream().filter("IDLE"::equals).count();
    }

    @Test
    void aMailboxThatCannotBeOpenedForAMomentIsWatchedAfterThat() {
        server("IDLE")
                .on("EXAMINE.*", "%T NO [INUSE] not now")
                .on("EXAMINE.*", "%T NO [INUSE] not now")
                .on("EXAMINE.*", selected(3, 1, 9, "NOMODSEQ"))
                .on("STATUS.*", "* STATUS INBOX (MESSAGES 1 UIDNEXT 5 UIDVALIDITY 3 UNSEEN 0)", "%T OK")
                .on("LIST.*", "* LIST () \"/\" INBOX", "%T OK")
                .on("IDLE", "+ idling");
        var heard = new ConcurrentLinkedQueue<String>();
        try (var _ = account().watch(Set.of("INBOX"), heard::add)) {
            await().atMost(PATIENCE).until(() -> idles() > 0);
        }
        assertThat(heard.stream().filter("INBOX"::equals).count()).isLessThanOrEqualTo(3);
    }

    private static final Duration LONG = Duration.ofMinutes(20);

    private MailAccount account(InstantSource clock, Duration idleRenewal) {
        var settings = ImapSettings.of("127.0.0.1", server.port(), Security.PLAIN)
                .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(3))
                .withWatch(Duration.ofMillis(100), idleRenewal);
        return ((SignIn.Accepted) new ImapBackend(settings, clock).signIn(new Credentials("u", "p"))).account();
    }

    /** Others' changes with lower numbers may still be to come, until the server was asked for them. Source: RFC 7162 §6. */
    @Test
    void theModSeqOfOneChangeSaysNothingOfTheOthersBefore() {
        var now = new AtomicReference<>(Instant.EPOCH);
        server(QRESYNC)
                .on("SELECT.*QRESYNC.*", selected(2, 1, 3, "HIGHESTMODSEQ 60"))
                .on("SELECT.*", selected(2, 1, 3, "HIGHESTMODSEQ 60"))
                .on("UID FETCH 1:.*", listing(1, 2))
                .on("UID STORE.*", "* 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged) MODSEQ (100))", "%T OK")
                .on("UID FETCH 1 .*", "* 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged))", "%T OK");
        var account = account(now::get, LONG);
        var view = view(account.refresh("INBOX", FolderView.UNKNOWN));
        account.store("INBOX", 1, UidSet.of(1), Set.of("\\Seen"), Set.of());
        now.set(Instant.EPOCH.plus(Duration.ofHours(1)));
        account.refresh("INBOX", view);
        assertThat(server.commands()).endsWith("SELECT \"INBOX\" (QRESYNC (1 60))");
    }

    @Test
    void aServerThatNeverEndsIdleIsLeftThoughItSaysOtherThings() {
        server("IDLE")
                .on("EXAMINE.*", selected(3, 1, 9, "NOMODSEQ"))
                .on("LIST.*", "* LIST () \"/\" INBOX", "%T OK")
                .on("STATUS.*", "* STATUS Box (MESSAGES 1 UIDNEXT 5 UIDVALIDITY 3 UNSEEN 0)", "%T OK")
                .on("IDLE", "+ idling")
                .on("DONE", "* OK still here");
        var heard = new ConcurrentLinkedQueue<String>();
        try (var watch = account(Clock.systemUTC(), LONG).watch(Set.of("INBOX"), heard::add)) {
            await().atMost(PATIENCE).until(() -> idles() > 0);
            watch.retarget(Set.of("INBOX", "Box"));
            await().atMost(PATIENCE).until(() -> heard.contains("Box"));
        }
    }

    private static final MailQuery LEMON = new MailQuery.Text(MailQuery.Where.SUBJECT, "lemon");

    @Test
    void aServerWhoseEverySearchFailsHasNotFoundNothing() {
        server("").on("SELECT.*", selected(5, 1, 9, "NOMODSEQ")).on("UID SEARCH.*", "%T NO [SERVERBUG] no index");
        var account = account();
        assertThatThrownBy(() -> account.search(List.of("INBOX"), LEMON, Duration.ofSeconds(20)))
                .isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void aMailboxThatRefusesASearchKeepsNobodyFromSearchingTheNext() {
        server("")
                .on("SELECT \"A\"", selected(5, 1, 9, "NOMODSEQ"))
                .on("SELECT \"B\"", selected(5, 2, 9, "NOMODSEQ"))
                .on("UID SEARCH.*", "%T NO not here")
                .on("UID SEARCH.*", "* SEARCH 6 8", "%T OK");
        var searched = account().search(List.of("A", "B"), LEMON, Duration.ofSeconds(20));
        assertThat(searched.unfinished()).containsExactly("A");
        assertThat(searched.found()).containsOnlyKeys("B");
    }
}
