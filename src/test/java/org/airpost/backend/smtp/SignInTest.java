package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Security;
import org.airpost.backend.Submission.Submitted;
import org.airpost.backend.Trust;
import org.airpost.backend.imap.Dovecot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SignInTest {

    private static final Credentials ANNA = new Credentials("anna", "secret");
    private static final MessageSource MAIL = MessageSource.of("Subject: x\r\n\r\nhello\r\n".getBytes(UTF_8));

    private static Submitted submit(int port, Security security, Trust trust, Credentials who) {
        return new SmtpSubmission(new SmtpSettings("127.0.0.1", port, security, trust))
                .submit(who, "anna@example.org", List.of("anna@example.org"), MAIL);
    }

    @Test
    void postfixTakesEachMechanismThatDovecotOffers() {
        Dovecot.assumeInstalled();
        Postfix.assumeInstalled();
        for (var mechanism : List.of("scram-sha-256", "scram-sha-1", "login")) {
            try (var dovecot = Dovecot.startWithMechanisms(mechanism).addUser("anna", "secret");
                    var postfix = Postfix.start(dovecot, List.of("anna"))) {
                var trust = new Trust.Authorities(postfix.certificate());
                assertThat(submit(postfix.port(), Security.STARTTLS, trust, ANNA))
                        .as("%s: %s", mechanism, postfix.log())
                        .isEqualTo(new Submitted.Taken(List.of()));
                assertThat(submit(postfix.port(), Security.STARTTLS, trust, new Credentials("anna", "wrong")))
                        .as(mechanism)
                        .isInstanceOf(Submitted.Rejected.class);
            }
        }
    }

    @Test
    void aMasterUserOfDovecotSendsForItsUser() {
        Dovecot.assumeInstalled();
        Postfix.assumeInstalled();
        try (var dovecot = Dovecot.startWithMaster("master").addUser("anna", "secret");
                var postfix = Postfix.start(dovecot, List.of("anna"))) {
            var trust = new Trust.Authorities(postfix.certificate());
            var master = new Credentials("anna", "master", "", "anna*root", "");
            assertThat(submit(postfix.port(), Security.STARTTLS, trust, master))
                    .as("%s", postfix.log())
                    .isEqualTo(new Submitted.Taken(List.of()));
            var wrong = new Credentials("anna", "wrong", "", "anna*root", "");
            assertThat(submit(postfix.port(), Security.STARTTLS, trust, wrong)).isInstanceOf(Submitted.Rejected.class);
        }
    }

    @Test
    void whoActsForAnotherSaysSoOrDoesNotSignIn() {
        var master = new Credentials("anna", "master", "", "root", "anna");
        var said = new ArrayList<String>();
        var signIn = new SignIn(
                line -> {
                    said.add(line);
                    return Reply.ofText("235 ok");
                },
                master);
        assertThat(signIn.run("LOGIN PLAIN XOAUTH2", true).isGood()).isTrue();
        assertThat(said).hasSize(1);
        assertThat(new String(Base64.getDecoder().decode(said.getFirst().substring("AUTH PLAIN ".length())), UTF_8))
                .isEqualTo("anna\0root\0master");
        said.clear();
        assertThat(signIn.run("LOGIN XOAUTH2", true).code()).isEqualTo(504);
        assertThat(said).isEmpty();
    }

    @Test
    void inTheClearThePasswordComesLast() {
        var said = new ArrayList<String>();
        var signIn = new SignIn(
                line -> {
                    said.add(line.replaceFirst("(AUTH [A-Z0-9-]+) .*", "$1"));
                    return Reply.ofText(line.startsWith("AUTH PLAIN") ? "235 ok" : "535 5.7.8 no");
                },
                ANNA);
        assertThat(signIn.run("PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256", false).isGood())
                .isTrue();
        assertThat(said).containsExactly("AUTH SCRAM-SHA-256", "AUTH SCRAM-SHA-1", "AUTH PLAIN");
        said.clear();
        signIn.run("plain login scram-sha-1", true);
        assertThat(said).containsExactly("AUTH PLAIN");
    }

    @Test
    void aServerThatDoesNotKnowThePasswordIsNotBelieved() {
        var signIn = new SignIn(
                line -> {
                    if (line.startsWith("AUTH ")) {
                        var nonce = new String(Base64.getDecoder().decode(line.split(" ", 3)[2]), UTF_8)
                                .replaceFirst(".*r=", "");
                        return challenge("r=" + nonce + "more,s=QSXCR+Q6sek8bf92,i=4096");
                    }
                    return line.equals("*") ? Reply.ofText("501 aborted") : challenge("v=AAAA");
                },
                ANNA);
        assertThat(signIn.run("SCRAM-SHA-256", true).code()).isEqualTo(535);
    }

    private static Reply challenge(String text) {
        return Reply.ofText("334 " + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
    }

    @Test
    void whereOnlyTokensAreTakenWhatThePhoneSentIsOne() throws IOException {
        for (var mechanism : List.of("XOAUTH2", "OAUTHBEARER")) {
            try (var server = new ScriptedSmtp(Map.of("EHLO", "250-test\r\n250 AUTH " + mechanism))) {
                assertThat(submit(server.port(), Security.PLAIN, new Trust.Platform(), ANNA))
                        .isEqualTo(new Submitted.Taken(List.of()));
                var sent = server.commands().stream()
                        .filter(c -> c.startsWith("AUTH"))
                        .findFirst()
                        .orElseThrow();
                assertThat(sent).startsWith("AUTH " + mechanism + " ");
                assertThat(new String(Base64.getDecoder().decode(sent.split(" ", 3)[2]), UTF_8))
                        .contains("auth=Bearer secret\u0001\u0001");
            }
        }
    }
}
