package org.airpost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.airpost.admin.AdminSocket;
import org.airpost.backend.Security;
import org.airpost.backend.imap.HostileImap;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.phone.ClientCommand;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What mail servers do in the field, and worse, as a phone sees it: never an empty mailbox, never a lost one. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HostileServerTest {

    private static final String USER = HostileGateway.USER;

    @TempDir
    private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (var one : open.reversed()) {
            one.close();
        }
    }

    private static HostileImap imap(String capabilities) {
        var imap = HostileImap.with(capabilities);
        imap.mailboxes().create(USER, "Box");
        for (int n = 1; n <= 5; n++) {
            imap.mailboxes().append(USER, "INBOX", "mail " + n);
        }
        imap.mailboxes().append(USER, "Box", "boxed");
        return imap;
    }

    private HostileGateway settled() throws Exception {
        return settled(HostileImap.ALL);
    }

    private HostileGateway settled(String capabilities) throws Exception {
        var there = HostileGateway.start(imap(capabilities));
        open.add(there);
        return there.settled();
    }

    private static void isUnavailable(ThrowingCallable request) {
        assertThatThrownBy(request).isInstanceOfSatisfying(PhoneException.class, HostileGateway::isUnavailable);
    }

    private static void sync(HostileGateway there) {
        assertThat(there.phone().syncAll(there.inbox(), HostileGateway.WINDOW).succeeded())
                .isTrue();
    }

    /** The mailbox is told as it is, although the server answers these commands like this. */
    private void isToldAsItIs(HostileGateway there, String command, UnaryOperator<String> lie) {
        there.imap.lie(command, lie);
        there.imap.endAll();
        there.imap.mailboxes().append(USER, "INBOX", "another");
        there.imap.mailboxes().flag(USER, "INBOX", 2, "\\Seen", true);
        there.imap.mailboxes().expunge(USER, "INBOX", 4);
        there.catchUp();
        there.isWhole();
    }

    @Test
    void anotherUidValidityStartsThatFolderOverAndNoOther() throws Exception {
        var there = settled();
        var phone = there.phone();
        var box = there.folder("Box");
        there.imap.endAll();
        there.imap.mailboxes().renumber(USER, "INBOX");
        startsOver(there);
        assertThat(phone.syncAll(box, HostileGateway.WINDOW).succeeded()).isTrue();
        there.catchUp();
        there.isWhole();
    }

    private static void startsOver(HostileGateway there) {
        var phone = there.phone();
        assertThat(phone.sync(there.inbox(), HostileGateway.WINDOW).status()).isEqualTo(3);
        phone.forgetViolations();
        phone.replica(there.inbox()).startOver();
    }

    @Test
    void anotherUidValidityInTheMiddleOfASessionStartsThatFolderOver() throws Exception {
        var there = settled("ENABLE CONDSTORE UIDPLUS");
        sync(there);
        there.imap.lie("NOOP", 1, honest -> {
            there.imap.mailboxes().renumber(USER, "INBOX");
            return "* OK [UIDVALIDITY 9] restored\r\n" + honest;
        });
        startsOver(there);
        there.catchUp();
        there.isWhole();
    }

    @Test
    void countersThatGoBackLoseNothing() throws Exception {
        for (String capabilities : List.of(HostileImap.ALL, "ENABLE CONDSTORE UIDPLUS", "UIDPLUS")) {
            var there = settled(capabilities);
            there.imap.endAll();
            there.imap.mailboxes().forgetLast(USER, "INBOX", 2);
            there.catchUp();
            there.isWhole();
            there.imap.mailboxes().append(USER, "INBOX", "with the number of another");
            there.catchUp();
            there.isWhole();
        }
    }

    @Test
    void aModSeqOf63BitsIsNoTrouble() throws Exception {
        var there = settled();
        there.imap.mailboxes().modSeq(USER, "INBOX", Long.MAX_VALUE - 100);
        for (int n = 0; n < 3; n++) {
            there.imap.endAll();
            there.imap.mailboxes().append(USER, "INBOX", "late " + n);
            there.imap.mailboxes().flag(USER, "INBOX", n + 1, "\\Flagged", true);
            there.catchUp();
            there.isWhole();
        }
    }

    @Test
    void vanishedForEverythingIsNotBelieved() throws Exception {
        var there = settled();
        there.imap.lie("NOOP", honest -> "* VANISHED 1:4294967295\r\n" + honest);
        sync(there);
        there.isWhole();
        isToldAsItIs(there, "SELECT.*", honest -> "* VANISHED (EARLIER) 1:4294967295\r\n" + honest);
    }

    @Test
    void noMessagesAtAllIsNotBelievedAtOnce() throws Exception {
        for (String capabilities : List.of(HostileImap.ALL, "UIDPLUS")) {
            var there = settled(capabilities);
            there.imap.lie("NOOP", honest -> "* 0 EXISTS\r\n" + honest);
            there.patiently(() -> there.phone().sync(there.inbox(), HostileGateway.WINDOW));
            there.isWhole();
            there.imap.honest();
            there.imap.lie("SELECT.*", honest -> honest.replaceAll("\\* \\d+ EXISTS", "* 0 EXISTS"));
            there.imap.endAll();
            isUnavailable(() -> there.phone().sync(there.inbox(), HostileGateway.WINDOW));
            there.isWhole();
            there.imap.honest();
            there.catchUp();
            there.isWhole();
        }
    }

    @Test
    void aMailboxThatIsEmptiedIsEmpty() throws Exception {
        for (String capabilities : List.of(HostileImap.ALL, "UIDPLUS")) {
            var there = settled(capabilities);
            for (long uid = 1; uid <= 5; uid++) {
                there.imap.mailboxes().expunge(USER, "INBOX", uid);
            }
            sync(there);
            assertThat(there.phone().replica(there.inbox()).all()).isEmpty();
            there.isWhole();
        }
    }

    @Test
    void condstoreWithoutModSeqIsRead() throws Exception {
        var there = settled();
        isToldAsItIs(there, "SELECT.*", honest -> honest.replaceAll("\\[HIGHESTMODSEQ \\d+]", "[NOMODSEQ]"));
    }

    @Test
    void aMessageThatIsToldTwiceIsThereOnce() throws Exception {
        var there = settled("UIDPLUS");
        isToldAsItIs(there, "UID FETCH.*", HostileServerTest::twice);
    }

    private static String twice(String honest) {
        int last = honest.lastIndexOf("\r\n", honest.length() - 3) + 2;
        return last < 2 ? honest : honest.substring(0, last) + honest;
    }

    @Test
    void existsThatShrinksWithoutExpungeIsLookedInto() throws Exception {
        var there = settled("UIDPLUS");
        there.imap.lie("NOOP", honest -> honest.replaceAll("\\* \\d+ EXPUNGE\r\n", "") + "* 3 EXISTS\r\n");
        there.imap.lie("NOOP", honest -> "* 3 EXISTS\r\n" + honest.replaceAll("\\* \\d+ EXPUNGE\r\n", ""));
        there.imap.mailboxes().expunge(USER, "INBOX", 2);
        there.imap.mailboxes().expunge(USER, "INBOX", 3);
        there.catchUp();
        there.catchUp();
        there.isWhole();
    }

    @Test
    void aFolderRenamedUnderUsKeepsItsIdAndItsItems() throws Exception {
        for (String capabilities : List.of(HostileImap.ALL + " OBJECTID LIST-STATUS", HostileImap.ALL, "UIDPLUS")) {
            var there = settled(capabilities);
            var id = there.folder("Box");
            there.imap.mailboxes().rename(USER, "Box", "Crate");
            there.catchUp();
            assertThat(there.folder("Crate")).isEqualTo(id);
            assertThat(there.phone().hierarchy().named("Box")).isEmpty();
            there.isWhole();
        }
    }

    @Test
    void inboxIsInboxHoweverItIsWritten() throws Exception {
        for (String name : List.of("inbox", "Inbox", "iNBOX")) {
            var imap = imap(HostileImap.ALL);
            imap.lie("LIST.*", honest -> honest.replace("INBOX", name));
            var there = HostileGateway.start(imap);
            open.add(there);
            there.settled();
            assertThat(there.phone().hierarchy().folders().stream().filter(folder -> folder.type() == FolderType.INBOX))
                    .hasSize(1);
            there.isWhole();
        }
    }

    @Test
    void namesThatOnlyHoldOthersAreShownAndStayEmpty() throws Exception {
        var imap = imap(HostileImap.ALL);
        imap.mailboxes().create(USER, "Up", "\\Noselect");
        imap.mailboxes().create(USER, "Up/Down");
        imap.mailboxes().append(USER, "Up/Down", "deep");
        var there = HostileGateway.start(imap);
        open.add(there);
        there.settled();
        var up = there.folder("Up");
        assertThat(there.phone().syncAll(up, HostileGateway.WINDOW).succeeded()).isTrue();
        assertThat(there.phone().replica(up).all()).isEmpty();
        assertThat(there.phone().replica(there.folder("Down")).all()).hasSize(1);
        assertThat(there.phone().violations()).isEmpty();
    }

    /** A mailbox is deleted that has others below it, so that its name stays. */
    @Test
    void aFolderThatOnlyHoldsOthersNowIsTakenFromThePhoneWithItsMails() throws Exception {
        var imap = imap(HostileImap.ALL.replace("OBJECTID", "")); // such a name has no MAILBOXID
        imap.mailboxes().create(USER, "Up");
        for (int n = 1; n <= 3; n++) {
            imap.mailboxes().append(USER, "Up", "up " + n);
        }
        var there = HostileGateway.start(imap);
        open.add(there);
        there.settled();
        var up = there.folder("Up");
        var phone = there.phone();
        assertThat(phone.replica(up).all()).hasSize(3);

        imap.mailboxes().create(USER, "Up/Down");
        imap.mailboxes().create(USER, "Up", "\\Noselect");
        phone.folderSync();
        assertThat(phone.hierarchy().folders()).noneMatch(folder -> folder.id().equals(up));
        var holder = phone.hierarchy().named("Up").orElseThrow();
        assertThat(holder.type()).isEqualTo(FolderType.GENERIC);
        assertThat(phone.hierarchy().named("Down").orElseThrow().parentId()).isEqualTo(holder.id());

        // It can be synced, and whatever a phone does there is answered.
        assertThat(phone.syncAll(holder.id(), HostileGateway.WINDOW).succeeded())
                .isTrue();
        var answer = phone.sync(
                holder.id(),
                HostileGateway.WINDOW
                        .withCommand(ClientCommand.read(holder.id() + ":1", true))
                        .withCommand(ClientCommand.fetch(holder.id() + ":3")));
        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.responses())
                .hasSize(2)
                .allSatisfy(response -> assertThat(response.status()).isEqualTo(8));
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void namesThatAreNoUtf7AreFoldersAllTheSame() throws Exception {
        var imap = imap(HostileImap.ALL);
        var names = List.of("broken&name", "&&&", "&AP8", "a&-&b", "&Jjo", "K\u00c3\u00a4se");
        for (var name : names) {
            imap.mailboxes().create(USER, name);
            imap.mailboxes().append(USER, name, "inside");
        }
        var there = HostileGateway.start(imap);
        open.add(there);
        there.settled();
        var replicas = there.phone().hierarchy().folders().stream()
                .filter(folder -> folder.type() == FolderType.USER_MAIL)
                .map(folder -> there.phone().replica(folder.id()).all().size())
                .toList();
        assertThat(replicas).hasSize(names.size() + 1).containsOnly(1);
        assertThat(there.phone().violations()).isEmpty();
    }

    /** Lies about any command. */
    private static Map<String, UnaryOperator<String>> lies() {
        var lies = new LinkedHashMap<String, UnaryOperator<String>>();
        for (String code : List.of("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG")) {
            lies.put("NO [" + code + "]", _ -> "%T NO [" + code + "] not now\r\n");
        }
        lies.put("NO", _ -> "%T NO sorry\r\n");
        lies.put("BAD", _ -> "%T BAD what?\r\n");
        lies.put("BYE", _ -> "* BYE [UNAVAILABLE] going down\r\n" + HostileImap.DROP);
        lies.put("half and BYE", honest -> half(honest) + "\r\n* BYE going down\r\n" + HostileImap.DROP);
        lies.put("half", honest -> half(honest) + HostileImap.DROP);
        lies.put("ALERT", honest -> "* OK [ALERT] the disk is nearly full\r\n" + honest);
        lies.put("a negative literal", honest -> literals(honest, _ -> -5));
        lies.put("a short literal", honest -> literals(honest, size -> Math.max(0, size - 7)));
        lies.put("a long literal", honest -> literals(honest, size -> size + 9));
        lies.put("a literal larger than anything", honest -> literals(honest, _ -> 99_999_999_999L));
        lies.put("a literal of nothing", _ -> "* 1 FETCH (UID 1 BODY[1] {17}\r\n%T OK\r\n" + HostileImap.DROP);
        lies.put("lines without end", _ -> HostileImap.ENDLESS + "* 1 FETCH (FLAGS (\\Seen))\r\n");
        lies.put("a line without end", _ -> HostileImap.ENDLESS + "* OK and so on ");
        lies.put("a drip", honest -> HostileImap.DRIP + honest.repeat(10));
        lies.put("silence", honest -> half(honest) + HostileImap.SILENCE);
        lies.put("garbage", honest -> "\u0001\u00ff)(}{*\r\n* \r\n*\r\n\r\n* 0 \r\n" + honest);
        lies.put("other tags", honest -> "XX OK done\r\n* 99999999999999999999 EXISTS\r\n" + honest);
        lies.put("go on", honest -> "+ go on\r\n" + honest);
        lies.put("all twice", HostileServerTest::twice);
        return lies;
    }

    private static String half(String text) {
        return text.substring(0, text.length() / 2);
    }

    private static String literals(String text, java.util.function.LongUnaryOperator size) {
        return Pattern.compile("\\{(\\d+)}")
                .matcher(text)
                .replaceAll(found -> "{" + size.applyAsLong(Long.parseLong(found.group(1))) + "}");
    }

    /** A phone goes about its day; what does not work is 503. */
    private static void aDay(HostileGateway there) {
        var phone = there.phone();
        var inbox = there.inbox();
        there.imap.mailboxes().append(USER, "INBOX", "fresh");
        tried(phone::folderSync);
        tried(() -> phone.sync(inbox, HostileGateway.WINDOW));
        tried(() -> phone.sync(inbox, HostileGateway.WINDOW.withCommand(ClientCommand.read(inbox + ":1", true))));
        tried(() -> phone.getItemEstimate(inbox, Optional.empty()));
        tried(() -> phone.moveItems(List.of(inbox + ":2"), inbox, there.folder("Box")));
        tried(() -> phone.sync(inbox, HostileGateway.WINDOW.withCommand(ClientCommand.delete(inbox + ":3"))));
    }

    private static void tried(Runnable request) {
        long began = System.nanoTime();
        try {
            request.run();
        } catch (PhoneException e) {
            HostileGateway.isUnavailable(e);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void whateverTheServerAnswersNoMailboxIsLost() throws Exception {
        var commands = List.of(
                "GREETING",
                "LOGIN.*",
                "LIST.*",
                "SELECT.*",
                "NOOP",
                "STATUS.*",
                "UID FETCH .*FLAGS\\).*",
                "(UID )?FETCH .*BODY.*",
                "UID STORE.*",
                "UID (COPY|MOVE).*");
        var permits = new Semaphore(16);
        var running = new ArrayList<CompletableFuture<Void>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var lie : lies().entrySet()) {
                for (String command : commands) {
                    if (lie.getKey().equals("NO") && command.equals("LOGIN.*")) {
                        continue; // so say old servers that the password is wrong: 401
                    }
                    permits.acquire();
                    running.add(CompletableFuture.runAsync(
                            () -> {
                                try {
                                    comesToNoHarm(command, lie.getKey(), lie.getValue());
                                } finally {
                                    permits.release();
                                }
                            },
                            threads));
                }
            }
        }
        var failures = new ArrayList<String>();
        for (var one : running) {
            try {
                one.join();
            } catch (java.util.concurrent.CompletionException e) {
                failures.add(String.valueOf(e.getCause()));
            }
        }
        assertThat(failures).isEmpty();
    }

    private static void comesToNoHarm(String command, String what, UnaryOperator<String> lie) {
        var imap = imap(HostileImap.ALL);
        try (var there = HostileGateway.start(imap)) {
            there.settled();
            if (command.equals("LOGIN.*") || command.equals("GREETING")) {
                imap.endAll();
            }
            imap.lie(command, lie);
            aDay(there);
            imap.honest();
            there.catchUp();
            there.catchUp();
            there.isWhole();
        } catch (AssertionError | Exception e) {
            throw new IllegalStateException(
                    "%s to %s: %s%n%s".formatted(what, command, e, String.join("\n", imap.commands())), e);
        }
    }

    @Test
    void aLoginThatIsRefusedForAWhileIs503AndAWrongPasswordIs401() throws Exception {
        var imap = imap(HostileImap.ALL);
        var there = HostileGateway.start(imap);
        open.add(there);
        for (String answer : List.of(
                "%T NO [UNAVAILABLE] the directory is down\r\n",
                "%T NO [INUSE] another session\r\n",
                "%T NO [LIMIT] too many connections\r\n",
                "%T NO [SERVERBUG] oops\r\n",
                "%T NO Temporary authentication failure\r\n",
                "%T BAD what?\r\n",
                "* BYE too many connections\r\n" + HostileImap.DROP)) {
            imap.lie("LOGIN.*", 1, _ -> answer);
            isUnavailable(there.phone()::provision);
        }
        imap.lie("LOGIN.*", 1, _ -> "%T NO [AUTHENTICATIONFAILED] wrong\r\n");
        assertThatThrownBy(there.phone()::provision)
                .isInstanceOfSatisfying(
                        PhoneException.class, e -> assertThat(e.httpStatus()).isEqualTo(401));
        there.settled();
        there.isWhole();
    }

    @Test
    void aMessageThatTheServerCannotReadStopsNoOther() throws Exception {
        for (var lie : List.<UnaryOperator<String>>of(
                _ -> "%T NO [SERVERBUG] cannot read it\r\n",
                _ -> "%T NO sorry\r\n",
                _ -> "* 7 FETCH (UID 7 BODY[HEADER] {-3}\r\n%T OK\r\n",
                _ -> "%T OK but nothing\r\n")) {
            var there = settled();
            for (int n = 6; n <= 8; n++) {
                there.imap.mailboxes().append(USER, "INBOX", "mail " + n);
            }
            there.imap.lie("UID FETCH (6:8|6:7|7|7:8) .*BODY.*", lie);
            var answer = there.phone().syncAll(there.inbox(), HostileGateway.WINDOW);
            assertThat(answer.succeeded()).isTrue();
            var replica = there.phone().replica(there.inbox());
            assertThat(replica.item(there.inbox() + ":6").orElseThrow().subject())
                    .isEqualTo("mail 6");
            assertThat(replica.item(there.inbox() + ":8").orElseThrow().subject())
                    .isEqualTo("mail 8");
            var broken = replica.item(there.inbox() + ":7").orElseThrow();
            assertThat(broken.body().orElseThrow().text())
                    .contains("cannot be shown", "the mail server cannot read it");
            assertThat(there.phone().violations()).isEmpty();
        }
    }

    /** What is read when it is written, since it is large, holds up the folder no more than the others. */
    @Test
    void aLargeMessageThatTheServerReadsInPartStopsNoOther() throws Exception {
        for (var type : List.of(BodyType.PLAIN_TEXT, BodyType.MIME)) {
            var there = settled();
            var large = "Subject: large\r\n\r\n" + "A line of a text that is long.\r\n".repeat(60_000);
            there.imap.mailboxes().append(USER, "INBOX", large.getBytes(US_ASCII));
            there.imap.mailboxes().append(USER, "INBOX", "mail 7");
            there.imap.lie("UID FETCH 6 .*<[1-9].*", _ -> "%T NO [SERVERBUG] cannot read on\r\n");
            var whole = SyncRequest.PLAIN.withBody(type, Integer.MAX_VALUE);
            assertThat(there.phone().syncAll(there.inbox(), whole).succeeded()).isTrue();
            var replica = there.phone().replica(there.inbox());
            assertThat(replica.item(there.inbox() + ":7").orElseThrow().subject())
                    .isEqualTo("mail 7");
            var broken = replica.item(there.inbox() + ":6").orElseThrow();
            assertThat(broken.subject()).isEqualTo("large");
            assertThat(broken.body().orElseThrow().text()).contains("the mail server cannot read it");
            var original = broken.attachments().getFirst().fileReference();
            assertThat(there.phone()
                            .itemOperationsFetch(original, Optional.empty(), false)
                            .status())
                    .isEqualTo(ItemOperationsStatus.INVALID_ATTACHMENT.code());
            assertThat(there.phone().violations()).isEmpty();
        }
    }

    @Test
    void aBrokenMessageIsListedAndComesWholeWhenAskedFor() throws Exception {
        var imap = imap(HostileImap.ALL);
        var store = directory.resolve("s.db");
        var there = HostileGateway.start(
                imap, Security.PLAIN, Map.of("AIRPOST_STORE_KIND", "mapdb", "AIRPOST_STORE_PATH", store.toString()));
        open.add(there);
        // What comes with the description would do: this server has nothing to say there.
        imap.lie(
                "UID FETCH .*BODY.PEEK\\[TEXT].*",
                honest -> honest.replaceAll("\\{\\d+}\r\nText of mail \\d\r\n", "NIL"));
        imap.lie("UID FETCH 4 .*BODY.PEEK\\[1].*", _ -> "%T NO [SERVERBUG] oops\r\n");
        imap.lie("UID FETCH 1:5 .*BODY.PEEK\\[1].*", _ -> "%T NO [SERVERBUG] oops\r\n");
        there.settled();
        there.isWhole();
        var id = there.inbox() + ":4";
        var item = there.phone().replica(there.inbox()).item(id).orElseThrow();
        assertThat(item.subject()).isEqualTo("mail 4");
        assertThat(item.body().orElseThrow().text()).contains("the mail server cannot read it");
        var reference = item.attachments().getFirst().fileReference();
        var original = there.phone().itemOperationsFetch(reference, Optional.empty(), false);
        assertThat(new String(original.data().orElseThrow(), UTF_8)).contains("Subject: mail 4", "Text of mail 4");

        var socket = AdminSocket.beside(store);
        assertThat(AdminSocket.ask(socket, List.of("broken")).lines())
                .singleElement()
                .asString()
                .startsWith("anna/" + id + "\tanna\tINBOX\t4\t")
                .endsWith("\tthe mail server cannot read it");

        imap.honest();
        var ping = CompletableFuture.supplyAsync(
                () -> there.phone().ping(List.of(there.inbox()), Duration.ofSeconds(60)),
                Executors.newVirtualThreadPerTaskExecutor());
        await().atMost(Duration.ofSeconds(10)).until(() -> there.gateway().waiting() == 1);
        assertThat(AdminSocket.ask(socket, List.of("retry", "anna/" + id)).done())
                .isTrue();
        assertThat(ping.get(20, TimeUnit.SECONDS).changes()).isTrue();
        there.catchUp();
        there.isWhole();
        assertThat(there.phone()
                        .replica(there.inbox())
                        .item(id)
                        .orElseThrow()
                        .body()
                        .orElseThrow()
                        .text())
                .contains("Text of mail 4");
        assertThat(AdminSocket.ask(socket, List.of("broken")).lines()).isEmpty();
        there.catchUp();
        assertThat(there.phone().sync(there.inbox(), HostileGateway.WINDOW).empty())
                .isTrue();
    }

    @Test
    void credentialsThatAreRefusedLaterAreNotTriedAgainAndAgain() throws Exception {
        var there = settled();
        var ping = CompletableFuture.supplyAsync(
                () -> there.phone().ping(List.of(there.inbox()), Duration.ofSeconds(60)),
                Executors.newVirtualThreadPerTaskExecutor());
        await().atMost(Duration.ofSeconds(10)).until(() -> there.imap.commands().contains("IDLE"));
        int before = there.imap.commands().size();
        there.imap.lie("LOGIN", _ -> "%T NO [AUTHENTICATIONFAILED] changed\r\n");
        there.imap.lie("LOGIN.*", _ -> "%T NO [AUTHENTICATIONFAILED] changed\r\n");
        there.imap.endAll();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> !there.imap.commandsFrom(before, "LOGIN").isEmpty());
        // The watch has been refused once; the next request of the phone asks once more, and the user.
        assertThatThrownBy(() -> there.phone().sync(there.inbox(), HostileGateway.WINDOW))
                .isInstanceOfSatisfying(
                        PhoneException.class, e -> assertThat(e.httpStatus()).isEqualTo(401));
        assertThat(there.imap.commandsFrom(before, "LOGIN")).hasSizeLessThanOrEqualTo(2);
        there.imap.honest();
        there.catchUp();
        there.isWhole();
        ping.cancel(true);
    }

    @Test
    void aPingOutlivesAServerThatIsDownForAWhile() throws Exception {
        var there = settled();
        var ping = CompletableFuture.supplyAsync(
                () -> there.phone().ping(List.of(there.inbox()), Duration.ofSeconds(60)),
                Executors.newVirtualThreadPerTaskExecutor());
        await().atMost(Duration.ofSeconds(10)).until(() -> there.imap.commands().contains("IDLE"));
        there.imap.goDown();
        there.imap.mailboxes().append(USER, "INBOX", "while it was down");
        there.imap.comeUp();
        assertThat(ping.get(30, TimeUnit.SECONDS).changes()).isTrue();
        there.catchUp();
        there.isWhole();
    }
}
