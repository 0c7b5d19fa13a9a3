package org.airpost.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.Accounts;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend;
import org.airpost.backend.RefusingMail;
import org.airpost.identity.SignIns.Outcome;
import org.airpost.store.TestClock;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignInsTest {

    private static final MasterUser MASTER = new MasterUser("{login}*master", "master secret");
    private static final Rules BY_MASTER = new Rules(true, Rules.Certificates.ACCEPTED, Optional.of(MASTER));
    private static final Rules BY_VAULT = new Rules(true, Rules.Certificates.ACCEPTED, Optional.empty());

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final AppPasswords passwords = new AppPasswords(store, clock, new SecureRandom());

    /** What the mail server knows, by the name that signs in, and what it was asked. */
    private final Map<String, String> known =
            new HashMap<>(Map.of("anna", "mail", "bob", "mail", "anna*master", "master secret"));

    private final List<Credentials> asked = new ArrayList<>();
    private final MailBackend mail = credentials -> {
        asked.add(credentials);
        return credentials.password().equals(known.get(credentials.name()))
                ? new MailBackend.SignIn.Accepted(new RefusingMail())
                : new MailBackend.SignIn.Refused("no");
    };
    private final Accounts accounts = new Accounts(mail, new Accounts.Settings("example.org", "{user}"), clock);

    private Vault vault() throws IOException {
        return Vault.open(store, directory.resolve("vault.key"), clock, new SecureRandom());
    }

    private DeviceCertificates certificates() throws IOException {
        return DeviceCertificates.open(store, directory, clock, new SecureRandom());
    }

    private SignIns signIns(Rules rules) throws IOException {
        return new SignIns(accounts, passwords, Optional.of(certificates()), Optional.of(vault()), _ -> rules, clock);
    }

    private DeviceCertificates.Enrolled enrolled(String user) throws IOException {
        return certificates().enrol(accounts.name(user).orElseThrow(), "phone", Optional.empty());
    }

    static X509Certificate certificate(DeviceCertificates.Enrolled enrolled)
            throws GeneralSecurityException, IOException {
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(new ByteArrayInputStream(enrolled.p12()), enrolled.password().toCharArray());
        return (X509Certificate) keys.getCertificate(keys.aliases().nextElement());
    }

    private static Outcome by(SignIns signIns, String user, String password, String device) {
        return signIns.signIn(Optional.of(new Credentials(user, password)), Optional.empty(), device);
    }

    private static Outcome by(SignIns signIns, X509Certificate certificate, String device) {
        return signIns.signIn(Optional.empty(), Optional.of(certificate), device);
    }

    private static Account accepted(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        return ((Outcome.Accepted) outcome).account();
    }

    private static void forbidden(Outcome outcome, String words) {
        assertThat(outcome).isInstanceOf(Outcome.Forbidden.class);
        assertThat(((Outcome.Forbidden) outcome).words()).contains(words);
    }

    // App passwords

    @Test
    void anAppPasswordReachesTheMailServerByTheMasterUser() throws IOException {
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        var account = accepted(by(signIns(BY_MASTER), "anna", secret, "D1"));
        assertThat(account.user()).isEqualTo("anna");
        assertThat(account.credentials().user()).isEqualTo("anna");
        assertThat(account.credentials().name()).isEqualTo("anna*master");
        assertThat(account.credentials().plain()).isEqualTo("\0anna*master\0master secret");
        assertThat(asked).noneMatch(credentials -> credentials.password().equals(secret));
    }

    @Test
    void aMasterUserWithoutAPlaceForTheLoginActsForTheUser() throws IOException {
        known.put("root", "master secret");
        var rules = new Rules(true, Rules.Certificates.OFF, Optional.of(new MasterUser("root", "master secret")));
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        var account = accepted(by(signIns(rules), "anna", secret, "D1"));
        assertThat(account.credentials().plain()).isEqualTo("anna\0root\0master secret");
    }

    @Test
    void aLoginThatLooksLikeAMasterUsersIsNotPassedOn() throws IOException {
        var secret = passwords.make("anna*bob", "phone", Optional.empty()).secret();
        forbidden(by(signIns(BY_MASTER), "anna*bob", secret, "D1"), "does not let");
        assertThat(asked).isEmpty();
    }

    @Test
    void aRevokedOneIsRefusedAtOnceAndWhatIsHeldHearsOfIt() throws IOException {
        var made = passwords.make("anna", "phone", Optional.empty());
        var signIns = signIns(BY_MASTER);
        var outcome = (Outcome.Accepted) by(signIns, "anna", made.secret(), "D1");
        assertThat(outcome.holds().getAsBoolean()).isTrue();
        passwords.revoke("anna", made.password().id());
        assertThat(outcome.holds().getAsBoolean()).isFalse();
        asked.clear();
        assertThat(by(signIns, "anna", made.secret(), "D1")).isEqualTo(new Outcome.Refused(""));
        assertThat(asked).as("nothing at the mail server").isEmpty();
    }

    @Test
    void itIsForOneDeviceAndTheProbeOfAndroidIsNone() throws IOException {
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        var signIns = signIns(BY_MASTER);
        accepted(by(signIns, "anna", secret, ""));
        accepted(by(signIns, "anna", secret, "validate"));
        accepted(by(signIns, "anna", secret, "D1"));
        accepted(by(signIns, "anna", secret, "D1"));
        assertThat(by(signIns, "anna", secret, "D2")).isEqualTo(new Outcome.Refused(""));
        assertThat(by(signIns, "anna", secret, "validate"))
                .as("no way around the binding")
                .isEqualTo(new Outcome.Refused(""));
    }

    @Test
    void guessesOfAppPasswordsAndMailPasswordsCountTogether() throws IOException {
        var signIns = signIns(BY_MASTER);
        var right = passwords.make("anna", "phone", Optional.empty());
        for (int i = 0; i < 5; i++) {
            assertThat(by(
                            signIns,
                            "anna",
                            passwords.make("bob", "x", Optional.empty()).secret(),
                            "D" + i))
                    .isInstanceOf(Outcome.Refused.class);
            assertThat(by(signIns, "anna", "guess" + i, "D" + i)).isInstanceOf(Outcome.Refused.class);
        }
        assertThat(by(signIns, "anna", "guess", "D9")).isInstanceOf(Outcome.Limited.class);
        assertThat(by(signIns, "anna", right.secret(), "D9")).isInstanceOf(Outcome.Limited.class);
        clock.advance(Duration.ofMinutes(16));
        accepted(by(signIns, "anna", right.secret(), "D9"));
        for (int i = 0; i < 10; i++) {
            by(signIns, "anna", "more guesses" + i, "stranger");
        }
        accepted(by(signIns, "anna", right.secret(), "D9"));
    }

    @Test
    void withoutMasterAndVaultThereAreNone() throws IOException {
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        var signIns = new SignIns(accounts, passwords, Optional.empty(), Optional.empty(), _ -> Rules.USUAL, clock);
        assertThat(signIns.way(accounts.name("anna").orElseThrow())).isEqualTo(SignIns.Way.NONE);
        known.put("anna", secret);
        accepted(by(signIns, "anna", secret, "D1"));
        assertThat(asked).as("it is a mail password as any other").hasSize(1);
    }

    @Test
    void aMasterUserThatIsRefusedIsNotTriedAgainAtOnce() throws IOException {
        known.remove("anna*master");
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        var signIns = signIns(BY_MASTER);
        forbidden(by(signIns, "anna", secret, "D1"), "does not let");
        forbidden(by(signIns, "anna", secret, "D1"), "does not let");
        assertThat(asked).hasSize(1);
        known.put("anna*master", "master secret");
        clock.advance(Duration.ofMinutes(6));
        accepted(by(signIns, "anna", secret, "D1"));
    }

    // The vault

    @Test
    void theVaultOpensTheMailboxAndSaysWhatItNeeds() throws IOException {
        var signIns = signIns(BY_VAULT);
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        forbidden(by(signIns, "anna", secret, "D1"), "needed once");
        vault().put("anna", "mail");
        assertThat(accepted(by(signIns, "anna", secret, "D1")).credentials().plain())
                .isEqualTo("\0anna\0mail");
    }

    @Test
    void aPasswordThatWasChangedIsAskedForAndNotTriedOnAndOn() throws IOException {
        var signIns = signIns(BY_VAULT);
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        vault().put("anna", "old");
        for (int i = 0; i < 3; i++) {
            forbidden(by(signIns, "anna", secret, "D1"), "enter the new one");
        }
        assertThat(asked).hasSize(1);
        assertThat(vault().entry("anna")).isInstanceOf(Vault.Entry.Refused.class);
        vault().put("anna", "mail");
        accepted(by(signIns, "anna", secret, "D1"));
        assertThat(vault().entry("anna")).isInstanceOf(Vault.Entry.Good.class);
    }

    @Test
    void aMailServerThatTakesItAfterAllPutsItRight() throws IOException {
        var signIns = signIns(BY_VAULT);
        var secret = passwords.make("anna", "phone", Optional.empty()).secret();
        known.remove("anna");
        vault().put("anna", "mail");
        forbidden(by(signIns, "anna", secret, "D1"), "enter the new one");
        known.put("anna", "mail");
        clock.advance(Duration.ofMinutes(6));
        accepted(by(signIns, "anna", secret, "D1"));
        assertThat(vault().entry("anna")).isInstanceOf(Vault.Entry.Good.class);
    }

    // The mail password

    @Test
    void theMailPasswordCanBeSwitchedOffAndIsNotEvenTried() throws IOException {
        var signIns = signIns(new Rules(false, Rules.Certificates.OFF, Optional.of(MASTER)));
        var right = by(signIns, "anna", "mail", "D1");
        assertThat(right).isInstanceOf(Outcome.Refused.class);
        assertThat(((Outcome.Refused) right).words()).contains("make an app password");
        assertThat(by(signIns, "nobody", "x", "D1")).as("whoever it is").isEqualTo(right);
        assertThat(asked).isEmpty();
    }

    // Certificates

    @Test
    void aCertificateAloneSignsItsUserIn() throws Exception {
        var signIns = signIns(BY_MASTER);
        known.put("anna@example.org*master", "master secret");
        var certificate = certificate(enrolled("Anna@Example.org"));
        var account = accepted(by(signIns, certificate, "D1"));
        assertThat(account.user()).isEqualTo("anna");
        forbidden(by(signIns, certificate, "D2"), "another user or device");
        assertThat(certificates().of("anna").getFirst().device()).contains("D1");
    }

    @Test
    void aRevokedOrEndedCertificateIsRefused() throws Exception {
        known.put("anna@example.org*master", "master secret");
        var signIns = signIns(BY_MASTER);
        var enrolled = enrolled("anna");
        var certificate = certificate(enrolled);
        var outcome = (Outcome.Accepted) by(signIns, certificate, "D1");
        assertThat(outcome.holds().getAsBoolean()).isTrue();
        assertThat(certificates().revoke("bob", enrolled.certificate().serial()))
                .isFalse();
        assertThat(outcome.holds().getAsBoolean()).isTrue();
        assertThat(certificates().revoke("anna", enrolled.certificate().serial()))
                .isTrue();
        assertThat(outcome.holds().getAsBoolean()).isFalse();
        forbidden(by(signIns, certificate, "D1"), "revoked");
        var other = certificate(enrolled("anna"));
        clock.advance(Duration.ofDays(400));
        forbidden(by(signIns, other, "D1"), "has ended");
    }

    @Test
    void aCertificateOfAnotherAuthorityIsNothing() throws Exception {
        var elsewhere = DeviceCertificates.open(
                new MemoryStore(clock), directory.resolve("elsewhere"), clock, new SecureRandom());
        var theirs = certificate(elsewhere.enrol(accounts.name("anna").orElseThrow(), "phone", Optional.empty()));
        forbidden(by(signIns(BY_MASTER), theirs, "D1"), "revoked");
    }

    @Test
    void whereItIsRequiredNobodyComesInWithoutOneAndBothMustBeRight() throws Exception {
        var signIns = signIns(new Rules(true, Rules.Certificates.REQUIRED, Optional.empty()));
        forbidden(by(signIns, "anna", "mail", "D1"), "certificate of this device is needed");
        var annas = Optional.of(certificate(enrolled("anna")));
        var bobs = Optional.of(certificate(enrolled("bob")));
        accepted(signIns.signIn(Optional.of(new Credentials("anna", "mail")), annas, "D1"));
        assertThat(signIns.signIn(Optional.of(new Credentials("anna", "wrong")), annas, "D1"))
                .isInstanceOf(Outcome.Refused.class);
        asked.clear();
        forbidden(signIns.signIn(Optional.of(new Credentials("anna", "mail")), bobs, "D1"), "another user");
        assertThat(asked).isEmpty();
    }

    @Test
    void whereTheyAreOffACertificateIsNothing() throws Exception {
        var signIns = signIns(new Rules(true, Rules.Certificates.OFF, Optional.of(MASTER)));
        var annas = certificate(enrolled("anna"));
        forbidden(by(signIns, annas, "D1"), "revoked");
        accepted(signIns.signIn(Optional.of(new Credentials("bob", "mail")), Optional.of(annas), "D1"));
    }
}
