package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.List;
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

    private static final String ONE = "BODY.PEEK\\[1\\]";
    private static final List<Section> PARTS =
            Stream.of(6L, 7L, 8L).map(uid -> Section.whole(uid, "1")).toList();

    private final ScriptedImap server = ScriptedImap.with("IMAP4rev1")
            .on("SELECT.*", "* 3 EXISTS", "* OK [UIDVALIDITY 1] .", "* OK [UIDNEXT 9] .", "%T OK [READ-WRITE] selected")
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
        return server.on("UID FETCH 6 .*" + ONE + ".*", "* 1 FETCH (UID 6 BODY[1] {3}", "six)", "%T OK")
                .on("UID FETCH 8 .*" + ONE + ".*", "* 3 FETCH (UID 8 BODY[1] {5}", "eight)", "%T OK")
                .on("FETCH 3 .*TEXT.*", "* 3 FETCH (UID 8 BODY[TEXT]<0> {5}", "eight)", "%T OK");
    }

    private long asked(String pattern) {
        return server.commands().stream().filter(line -> line.matches(pattern)).count();
    }

    @Test
    void ofAMessageThatEndsTheConnectionNothingIsToldAndForAMinuteNothingAsked() {
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
        server.on("UID FETCH .*" + ONE + ".*", ScriptedImap.DROP)
                .on("UID FETCH [68] \\(UID INTERNALDATE FLAGS\\)", "* 1 FETCH (UID 6 FLAGS ())", "%T OK")
                .on("FETCH .*TEXT.*", ScriptedImap.DROP);
        var mail = account();

        assertThatThrownBy(() -> mail.read("INBOX", 1, PARTS)).isInstanceOf(BackendUnavailableException.class);
        assertThatThrownBy(() -> mail.read("INBOX", 1, List.of(PARTS.get(1))))
                .isInstanceOf(BackendUnavailableException.class);
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
                .on(
                        "UID FETCH 7 .*BODYSTRUCTURE\\)",
                        "* 2 FETCH (UID 7 INTERNALDATE \"10-Mar-2026 10:20:30 +0000\" RFC822.SIZE 900 FLAGS ()"
                                + " BODY[HEADER]<0> {14}",
                        "Subject: x\r\n\r\n BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"UTF-8\") NIL NIL \"7BIT\" 886 9))",
                        "%T OK");

        assertThat(account().describe("INBOX", 1, List.of(7L), 100))
                .singleElement()
                .matches(MessageData::readable)
                .extracting(message -> message.structure().size())
                .isEqualTo(886L);
    }
}
