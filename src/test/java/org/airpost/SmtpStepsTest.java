package org.airpost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.airpost.app.Gateway;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Security;
import org.airpost.backend.Submission;
import org.airpost.backend.Trust;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.smtp.HostileSmtp;
import org.airpost.backend.smtp.HostileSmtp.Deed;
import org.airpost.backend.smtp.HostileSmtp.Step;
import org.airpost.backend.smtp.SmtpSettings;
import org.airpost.backend.smtp.SmtpSubmission;
import org.airpost.config.Config;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A mail on its way from a phone to an SMTP server that fails at each step of the dialogue, in each way: what the phone is
 * told, and that after its repeat the mail is delivered once and in Sent once.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SmtpStepsTest {

    private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID: (\\S+)");
    private static final int SENT = 1;
    private static final int LATER = 111;
    private static final int FAILED = 120;

    @TempDir
    private Path directory;

    /** What the phone may be told first. */
    private static Set<Integer> expected(Step step, Deed deed) {
        return switch (step) {
            case GREETING, STARTTLS -> Set.of(LATER);
            // Who does not know EHLO is greeted with HELO, and then nobody can sign in.
            case EHLO -> isReply(deed) ? Set.of(LATER, FAILED) : Set.of(LATER);
            // The other one gets it.
            case FIRST_RECIPIENT, LAST_RECIPIENT -> isReply(deed) ? Set.of(SENT) : Set.of(LATER);
            case AUTH, MAIL, DATA, MESSAGE, DOT -> deed == Deed.SAYS_NEVER ? Set.of(FAILED) : Set.of(LATER);
            case QUIT -> Set.of(SENT);
        };
    }

    private static boolean isReply(Deed deed) {
        return deed == Deed.SAYS_LATER || deed == Deed.SAYS_NEVER;
    }

    private static List<Deed> deeds(Step step) {
        var deeds = new ArrayList<>(List.of(Deed.CLOSES, Deed.IS_SILENT));
        if (step != Step.MESSAGE) {
            deeds.addAll(List.of(Deed.SAYS_LATER, Deed.SAYS_NEVER, Deed.SAYS_NONSENSE));
        }
        if (step == Step.DOT) {
            deeds.addAll(List.of(Deed.TAKES_IT_AND_CLOSES, Deed.TAKES_IT_AND_IS_SILENT));
        }
        return deeds;
    }

    /** Ann's mailbox, a gateway, and the server that it hands mail to. */
    private static final class Stage implements AutoCloseable {

        private final MemoryMail mail = new MemoryMail(InstantSource.system()).user("ann", "secret");
        private final HostileSmtp smtp;
        private final Gateway gateway;
        private final Phone phone;
        private volatile boolean hurried;
        private int mails;

        Stage(HostileSmtp smtp, Security security, ProtocolVersion version)
                throws IOException, GeneralSecurityException {
            this.smtp = smtp;
            var patient = submission(security, Duration.ofSeconds(20));
            var impatient = submission(security, Duration.ofMillis(500));
            var configured = new HashMap<String, String>();
            configured.put("AIRPOST_HTTP_PORT", "0");
            configured.put("AIRPOST_CONSOLE_ENABLED", "false");
            configured.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
            configured.put("AIRPOST_HTTP_PLAIN", "true");
            configured.put("AIRPOST_HTTP_GRACEFUL_STOP", "0 s");
            configured.put("AIRPOST_STORE_KIND", "memory");
            configured.put("AIRPOST_SMTP_SAVES_SENT", "no");
            configured.put("AIRPOST_USERS_DOMAIN", "example.org");
            this.gateway = Gateway.start(Config.load(Optional.empty(), configured), mail, new Submission() {
                @Override
                public Submitted submit(
                        Credentials credentials, String from, List<String> recipients, MessageSource message) {
                    throw new AssertionError("nobody is told of the last byte");
                }

                @Override
                public Submitted submit(
                        Credentials credentials,
                        String from,
                        List<String> recipients,
                        MessageSource message,
                        Runnable lastByte) {
                    return (hurried ? impatient : patient).submit(credentials, from, recipients, message, lastByte);
                }
            });
            this.phone = new Phone(
                    gateway.address(), "ann", "secret", version, "D1", "AirpostPhone", SSLContext.getDefault());
            phone.provision();
            phone.folderSync();
        }

        private SmtpSubmission submission(Security security, Duration patience) {
            return new SmtpSubmission(new SmtpSettings(
                    "127.0.0.1", smtp.port(), security, new Trust.Any(), true, "test.invalid", patience, patience));
        }

        /** The status that the phone is told; what 12.1 says by HTTP is the same in numbers of today. */
        private int send(String subject) {
            var mime = """
                    To: bob@example.org, carl@example.org
                    Date: Sun, 1 Mar 2026 12:00:00 +0000
                    Subject: %s

                    Hello
                    .
                    .and goodbye
                    """.formatted(subject).replace("\n", "\r\n").getBytes(US_ASCII);
            try {
                return phone.sendMail(subject, mime, true);
            } catch (PhoneException e) {
                return switch (e.httpStatus()) {
                    case 503 -> LATER;
                    case 500 -> FAILED;
                    default -> throw e;
                };
            }
        }

        private List<HostileSmtp.Taken> taken(String subject) {
            return smtp.taken().stream()
                    .filter(one -> one.message().contains("Subject: " + subject + "\r\n"))
                    .toList();
        }

        private long copies(String subject) {
            return headers("Sent").stream()
                    .filter(header -> header.contains("Subject: " + subject + "\r\n"))
                    .count();
        }

        private List<String> headers(String mailbox) {
            return mail.messages("ann", mailbox).stream()
                    .map(message -> new String(message.header(), UTF_8))
                    .toList();
        }

        void fails(Step step, Deed deed) {
            var subject = "";
            int first = 0;
            for (int tries = 0; tries == 0 || (step != Step.QUIT && smtp.forget()); tries++) {
                assertThat(tries).as("%s %s is not met", step, deed).isLessThan(5);
                subject = "m%d at %s %s".formatted(mails++, step, deed).replace('_', ' ');
                smtp.on(step, deed);
                hurried = deed == Deed.IS_SILENT || deed == Deed.TAKES_IT_AND_IS_SILENT;
                first = send(subject);
                hurried = false;
            }
            // Nobody waits for the server to hear QUIT.
            await().atMost(Duration.ofSeconds(20)).until(smtp::isDone);

            assertThat(first).as(subject).isIn(expected(step, deed));
            boolean isDoubled = deed == Deed.TAKES_IT_AND_CLOSES || deed == Deed.TAKES_IT_AND_IS_SILENT;
            assertThat(taken(subject)).as(subject).hasSize(first == SENT || isDoubled ? 1 : 0);
            assertThat(copies(subject)).as(subject).isEqualTo(first == SENT ? 1 : 0);
            assertThat(send(subject)).as("%s, again", subject).isEqualTo(SENT);
            assertThat(send(subject)).as("%s, once more", subject).isEqualTo(SENT);

            // The window that no protocol closes: the same Message-ID tells the two for one.
            assertThat(taken(subject)).as(subject).hasSize(isDoubled ? 2 : 1);
            var ids = new HashSet<String>();
            for (var one : taken(subject)) {
                var id = MESSAGE_ID.matcher(one.message());
                assertThat(id.find()).isTrue();
                ids.add(id.group(1));
                assertThat(one.message()).contains("\r\n.\r\n.and goodbye\r\n");
            }
            assertThat(ids).as(subject).hasSize(1);
            assertThat(copies(subject)).as(subject).isEqualTo(1);
            boolean isPartial = first == SENT && step != Step.QUIT;
            assertThat(taken(subject).getLast().recipients()).hasSize(isPartial ? 1 : 2);
        }

        @Override
        public void close() throws IOException {
            phone.close();
            gateway.close();
            smtp.close();
        }
    }

    private void failsAtEach(Stage stage, List<Step> steps) {
        for (var step : steps) {
            for (var deed : deeds(step)) {
                stage.fails(step, deed);
            }
        }
        assertThat(stage.phone.violations()).isEmpty();
    }

    private static final List<Step> IN_THE_CLEAR = List.of(
            Step.GREETING,
            Step.EHLO,
            Step.AUTH,
            Step.MAIL,
            Step.FIRST_RECIPIENT,
            Step.LAST_RECIPIENT,
            Step.DATA,
            Step.MESSAGE,
            Step.DOT,
            Step.QUIT);

    @Test
    void atEachStepTheMailIsDeliveredOnceAndKeptOnce() throws Exception {
        try (var stage = new Stage(HostileSmtp.start(), Security.PLAIN, ProtocolVersion.V16_1)) {
            failsAtEach(stage, IN_THE_CLEAR);
        }
    }

    @Test
    void andWithPipeliningAndTheOldestProtocol() throws Exception {
        try (var stage = new Stage(HostileSmtp.start("PIPELINING"), Security.PLAIN, ProtocolVersion.V12_1)) {
            failsAtEach(stage, IN_THE_CLEAR);
        }
    }

    @Test
    void andInChunks() throws Exception {
        try (var stage = new Stage(HostileSmtp.start("CHUNKING"), Security.PLAIN, ProtocolVersion.V16_1)) {
            failsAtEach(stage, IN_THE_CLEAR);
        }
    }

    @Test
    void andInChunksWithPipeliningAndTheOldestProtocol() throws Exception {
        try (var stage =
                new Stage(HostileSmtp.start("PIPELINING", "CHUNKING"), Security.PLAIN, ProtocolVersion.V12_1)) {
            failsAtEach(stage, List.of(Step.LAST_RECIPIENT, Step.DATA, Step.MESSAGE, Step.DOT));
        }
    }

    @Test
    void andWhenTlsIsToBegin() throws Exception {
        try (var stage = new Stage(HostileSmtp.startWithTls(directory), Security.STARTTLS, ProtocolVersion.V14_1)) {
            failsAtEach(stage, List.of(Step.STARTTLS, Step.EHLO, Step.AUTH));
        }
    }

    @Test
    void aRecipientThatIsRefusedIsNamedInTheInboxOnce() throws Exception {
        try (var stage = new Stage(HostileSmtp.start(), Security.PLAIN, ProtocolVersion.V16_1)) {
            stage.fails(Step.LAST_RECIPIENT, Deed.SAYS_NEVER);

            assertThat(stage.headers("INBOX")).hasSize(1);
            var all = stage.mail.bytes(
                    "ann",
                    "INBOX",
                    stage.mail.messages("ann", "INBOX").getFirst().uid());
            assertThat(new String(all.orElseThrow(), UTF_8))
                    .contains("carl@example.org")
                    .contains("550 5.3.0 never");
        }
    }

    @Test
    void ifAllRecipientsAreRefusedTheMailComesBackWhole() throws Exception {
        try (var stage = new Stage(HostileSmtp.start(), Security.PLAIN, ProtocolVersion.V16_1)) {
            for (int i = 0; i < 2; i++) {
                stage.smtp.on(Step.FIRST_RECIPIENT, Deed.SAYS_NEVER);
                stage.smtp.on(Step.LAST_RECIPIENT, Deed.SAYS_NEVER);
                assertThat(stage.send("nobody")).isEqualTo(SENT);
            }

            assertThat(stage.taken("nobody")).isEmpty();
            assertThat(stage.headers("Sent")).isEmpty();
            assertThat(stage.headers("INBOX")).hasSize(1);
            var all = stage.mail.bytes(
                    "ann",
                    "INBOX",
                    stage.mail.messages("ann", "INBOX").getFirst().uid());
            assertThat(new String(all.orElseThrow(), UTF_8))
                    .contains("bob@example.org")
                    .contains("carl@example.org")
                    .contains("and goodbye");
        }
    }

    @Test
    void aMailThatWasNeverTakenIsNowhere() throws Exception {
        try (var stage = new Stage(HostileSmtp.start(), Security.PLAIN, ProtocolVersion.V16_1)) {
            for (var step : List.of(Step.AUTH, Step.MAIL, Step.DATA, Step.DOT)) {
                stage.smtp.on(step, Deed.SAYS_NEVER);
                assertThat(stage.send("never at " + step)).isEqualTo(FAILED);
            }
            assertThat(stage.smtp.taken()).isEmpty();
            assertThat(stage.headers("Sent")).isEmpty();
        }
    }
}
