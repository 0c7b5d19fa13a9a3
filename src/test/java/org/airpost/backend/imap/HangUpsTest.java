package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MessageData;
import org.airpost.backend.Section;
import org.airpost.backend.Security;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that ends the connection when it is asked for a certain message, or whatever it is asked for. */
@Timeout(60)
class HangUpsTest {

    private static final String[] THREE = {"* 3 FETCH (UID 8)", "* 2 FETCH (UID 7)", "* 1 FETCH (UID 6)", "%T OK"};
    private static final String ONE = "BODY.PEEK\\[1\\]";
    private static final String DESCRIBED =
            "* 2 FETCH (UID 7 INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE 900 FLAGS () BODY[HEADER]<0> {14}\r\n"
                    + "Subject: x\r\n\r\n BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"UTF-8\") NIL NIL \"7BIT\" 886 9))";

    private static final List<Section> PARTS =
            Stream.of(6L, 7L, 8L).map(uid -> Section.whole(uid, "1")).toList();

    private final ScriptedImap server = ScriptedImap.with("IMAP4rev1")
            .on("SELECT.*", "* 3 EXISTS", "* OK [UIDVALIDITY 1] .", "* OK [UIDNEXT 9] .", "%T OK [READ-WRITE] selected")
            .on("UID FETCH 6 \\(UID INTERNALDATE FLAGS\\)", "* 1 FETCH (UID 6 FLAGS ())", "%T OK")
            .on(
                    "UID FETCH 7 \\(UID INTERNALDATE FLAGS\\)",
                    "* 2 FETCH (UID 7 INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" FLAGS (\\Seen))",
                    "%T OK");

    private @Nullable MailAccount account;

    private MailAccount account() {
        var backend = new ImapBackend(ImapSettings.of("127.0.0.1", server.port(), Security.PLAIN), Clock.systemUTC());
        var signedIn = ((SignIn.Accepted) backend.signIn(new Credentials("anna", "secret"))).account();
        account = signedIn;
        return signedIn;
    }

    @AfterEach
    void stop() {
        if (account != null) {
            account.close();
        }
        server.close();
    }

    private ScriptedImap givingOthers() {
        return server.on("FETCH 3,2,1 \\(UID\\)", THREE)
                .on("UID FETCH 8 .*BODYSTRUCTURE.*", DESCRIBED.replace("UID 7", "UID 8"), "%T OK")
                .on("UID FETCH 6 .*" + ONE + ".*", "* 1 FETCH (UID 6 BODY[1] {3}", "six)", "%T OK")
                .on("UID FETCH 8 .*" + ONE + ".*", "* 3 FETCH (UID 8 BODY[1] {5}", "eight)", "%T OK")
                .on(
                        "UID FETCH 8 \\(UID BODY.PEEK\\[TEXT\\].*",
                        "* 3 FETCH (UID 8 BODY[TEXT]<0> {5}",
                        "eight)",
                        "%T OK");
    }

    private long asked(String pattern) {
        return server.commands().stream().filter(line -> line.matches(pattern)).count();
    }

    @Test
    void ofAMessageThatEndsTheConnectionNothingIsToldAndForAWhileNothingAsked() {
        givingOthers()
                .on("UID FETCH [67].*[78] .*" + ONE + ".*", "* 1 FETCH (UID 6 BODY[1] {3}", "si" + ScriptedImap.DROP)
                .on("UID FETCH 7 .*" + ONE + ".*", "* 2 FETCH (UID 7 BODY[1] {900}", "sev" + ScriptedImap.DROP);
        var mail = account();

        var read = mail.read("INBOX", 1, PARTS);

        assertThat(read).containsOnlyKeys(PARTS.get(0), PARTS.get(2));
        assertThat(read.get(PARTS.get(2))).asString(US_ASCII).isEqualTo("eight");
        long before = asked("UID FETCH 7 .*" + ONE + ".*");
        assertThat(mail.read("INBOX", 1, List.of(PARTS.get(1)))).isEmpty();
        assertThat(asked("UID FETCH 7 .*" + ONE + ".*")).isEqualTo(before);
    }

    @Test
    void aServerThatHangsUpAtEachMessageIsDown() {
        server.on("UID FETCH .*BODY.*", ScriptedImap.DROP)
                .on("UID FETCH 8 \\(UID INTERNALDATE FLAGS\\)", "* 3 FETCH (UID 8 FLAGS ())", "%T OK")
                .on("FETCH 3,2,1 \\(UID\\)", THREE);
        var mail = account();

        assertThatThrownBy(() -> mail.read("INBOX", 1, PARTS)).isInstanceOf(BackendUnavailableException.class);
        assertThatThrownBy(() -> mail.read("INBOX", 1, List.of(PARTS.get(1))))
                .isInstanceOf(BackendUnavailableException.class);
    }

    /** That it gives parts of messages proves nothing where it is asked what they are. */
    @Test
    void aServerThatHangsUpAtEachDescriptionIsDown() {
        givingOthers()
                .instead("UID FETCH 8 .*BODYSTRUCTURE.*", ScriptedImap.DROP)
                .on("UID FETCH .*BODYSTRUCTURE.*", ScriptedImap.DROP)
                .on("UID FETCH .*HEADER.FIELDS.*", ScriptedImap.DROP);
        var mail = account();

        assertThatThrownBy(() -> mail.describe("INBOX", 1, List.of(7L)))
                .isInstanceOf(BackendUnavailableException.class);
        assertThatThrownBy(() -> mail.describe("INBOX", 1, List.of(7L), 100))
                .isInstanceOf(BackendUnavailableException.class);
        assertThatThrownBy(() -> mail.fields("INBOX", 1, List.of(7L), List.of("TO")))
                .isInstanceOf(BackendUnavailableException.class);
    }

    @Test
    void aServerThatRefusesToSayAnythingOfAMessageDoesNotSayThatItIsGone() {
        for (var refusal : List.of("NO [SERVERBUG] no", "NO [UNAVAILABLE] later", "BAD what")) {
            givingOthers()
                    .instead("UID FETCH 7 \\(UID INTERNALDATE FLAGS\\)", "%T " + refusal)
                    .instead("UID FETCH 7 \\(UID FLAGS\\)", "%T " + refusal)
                    .instead("UID FETCH 7 .*BODYSTRUCTURE.*", ScriptedImap.DROP);

            assertThatThrownBy(() -> account().describe("INBOX", 1, List.of(7L)))
                    .as(refusal)
                    .isInstanceOf(BackendUnavailableException.class);
        }
    }

    @Test
    void aMessageOfWhichTheSessionHasNotHeardIsNotGone() {
        givingOthers()
                .instead("UID FETCH 7 \\(UID INTERNALDATE FLAGS\\)", "%T OK")
                .on("UID FETCH 7 \\(UID INTERNALDATE FLAGS\\)", "* 2 FETCH (UID 7 FLAGS (\\Seen))", "%T OK")
                .on("UID SEARCH.*", "* SEARCH 7", "%T OK")
                .on("UID FETCH 7 .*BODYSTRUCTURE.*", ScriptedImap.DROP);

        assertThat(account().describe("INBOX", 1, List.of(7L)))
                .singleElement()
                .satisfies(message -> assertThat(message.flags()).containsExactly("\\Seen"));
    }

    @Test
    void ofAMessageOnlyThePartsAreGivenUpThatEndTheConnection() {
        var text = Section.whole(7, "1");
        var file = Section.whole(7, "2");
        givingOthers()
                .on("UID FETCH 7 .*BODY.PEEK\\[2\\].*", "* 2 FETCH (UID 7 BODY[2] {900}", "fi" + ScriptedImap.DROP)
                .on("UID FETCH 7 .*" + ONE + ".*", "* 2 FETCH (UID 7 BODY[1] {5}", "seven)", "%T OK");
        var mail = account();

        assertThat(mail.read("INBOX", 1, List.of(text, file))).containsOnlyKeys(text);
        assertThat(mail.read("INBOX", 1, List.of(file))).isEmpty();
        assertThat(mail.read("INBOX", 1, List.of(text))).containsOnlyKeys(text);
    }

    @Test
    void theOnlyGoodMessageOfThreeIsWitnessEnough() {
        server.on("UID FETCH [67] .*BODY.*", ScriptedImap.DROP).on("UID FETCH [67]:[78] .*BODY.*", ScriptedImap.DROP);
        givingOthers();

        assertThat(account().read("INBOX", 1, PARTS.subList(0, 2))).isEmpty();
    }

    /** Of more than can be found in one call some are found, and known to the next. */
    @Test
    void manyDamagedMessagesAreFoundInSeveralCalls() {
        int damaged = 20;
        var uids = LongStream.rangeClosed(101, 100 + damaged).boxed().toList();
        server.on("UID FETCH 100 .*BODYSTRUCTURE.*", DESCRIBED.replace("UID 7", "UID 100"), "%T OK")
                .on("UID FETCH .*BODYSTRUCTURE.*", ScriptedImap.DROP)
                .on("FETCH 3,2,1 \\(UID\\)", "* 1 FETCH (UID 100)", "%T OK");
        uids.forEach(uid -> server.on(
                "UID FETCH %d \\(UID INTERNALDATE FLAGS\\)".formatted(uid),
                "* 2 FETCH (UID %d FLAGS ())".formatted(uid),
                "%T OK"));
        var mail = account();

        assertThatThrownBy(() -> mail.describe("INBOX", 1, uids)).isInstanceOf(BackendUnavailableException.class);
        long asked = asked("UID FETCH .*BODYSTRUCTURE.*");
        assertThat(asked).isLessThan(120);
        var described = await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(BackendUnavailableException.class)
                .until(() -> mail.describe("INBOX", 1, uids), all -> all.size() == damaged);
        assertThat(described).noneMatch(MessageData::readable);
    }

    @Test
    void aServerThatHangsUpFourTimesAndThenGivesTheMessageHasItTold() {
        givingOthers();
        for (int n = 0; n < 4; n++) {
            server.on("UID FETCH 7 .*" + ONE + ".*", ScriptedImap.DROP);
        }
        server.on("UID FETCH 7 .*" + ONE + ".*", "* 2 FETCH (UID 7 BODY[1] {5}", "seven)", "%T OK");
        var mail = account();

        assertThat(mail.read("INBOX", 1, List.of(PARTS.get(1))).get(PARTS.get(1)))
                .asString(US_ASCII)
                .isEqualTo("seven");
    }

    @Test
    void aMessageThatIsGoneMeanwhileIsNotGivenUp() {
        givingOthers()
                .instead("UID FETCH 7 \\(UID INTERNALDATE FLAGS\\)", "%T OK")
                .on("UID SEARCH.*", "* SEARCH", "%T OK")
                .on("UID FETCH 7 .*BODYSTRUCTURE.*", ScriptedImap.DROP);

        assertThat(account().describe("INBOX", 1, List.of(7L))).isEmpty();
    }

    @Test
    void ofAMessageWhoseDescriptionEndsTheConnectionDateAndFlagsAreTold() {
        givingOthers().on("UID FETCH 7 .*BODYSTRUCTURE.*", ScriptedImap.DROP);

        assertThat(account().describe("INBOX", 1, List.of(7L), 100))
                .singleElement()
                .satisfies(message -> {
                    assertThat(message.readable()).isFalse();
                    assertThat(message.flags()).containsExactly("\\Seen");
                    assertThat(message.internalDate()).isEqualTo("2026-03-10T10:20:30Z");
                });
    }

    @Test
    void aMessageWhoseStartEndsTheConnectionIsDescribedWithoutIt() {
        givingOthers()
                .on("UID FETCH 7 .*BODYSTRUCTURE BODY.PEEK\\[TEXT\\].*", ScriptedImap.DROP)
                .on("UID FETCH 7 .*BODYSTRUCTURE\\)", DESCRIBED, "%T OK");

        assertThat(account().describe("INBOX", 1, List.of(7L), 100))
                .singleElement()
                .matches(MessageData::readable)
                .extracting(message -> message.structure().size())
                .isEqualTo(886L);
    }
}
