package org.airpost.backend.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.airpost.backend.Trust;
import org.airpost.backend.certificate.Pki.Authority;
import org.airpost.backend.certificate.Pki.Says;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CertificateCheckTest {

    private static final Instant DEADLINE = Pki.NOW.plusSeconds(25);

    private Pki pki;
    private Authority root;
    private CertificateCheck check;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        pki = new Pki();
        root = pki.make("Root").authority().own();
        check = new CertificateCheck(
                new Trust.Authorities(Pki.pem(directory, root)), Duration.ofSeconds(2), () -> Pki.NOW);
    }

    @AfterEach
    void stop() {
        pki.close();
    }

    private Verdict lenient(Authority certificate, Authority... chain) {
        return check.check(certificate.der(), ders(chain), false, DEADLINE);
    }

    private Verdict strict(Authority certificate, Authority... chain) {
        return check.check(certificate.der(), ders(chain), true, DEADLINE);
    }

    private static List<byte[]> ders(Authority... chain) {
        return Arrays.stream(chain).map(Authority::der).toList();
    }

    @Test
    void aChainUpToATrustedAuthorityIsGoodInAnyOrder() {
        var middle = pki.make("Middle").authority().by(root);
        var lower = pki.make("Lower").authority().by(middle);
        var ann = pki.make("Ann").by(lower);
        assertThat(lenient(ann, lower, middle)).isEqualTo(Verdict.GOOD);
        assertThat(lenient(ann, root, middle, lower)).as("with the root").isEqualTo(Verdict.GOOD);
        assertThat(lenient(pki.make("Bob").by(root))).as("without a chain").isEqualTo(Verdict.GOOD);
    }

    @Test
    void aChainThatLeadsNowhereIsUntrusted() {
        var middle = pki.make("Middle").authority().by(root);
        assertThat(lenient(pki.make("Ann").by(middle))).as("a link is missing").isEqualTo(Verdict.UNTRUSTED);
        assertThat(lenient(pki.make("Self").own())).isEqualTo(Verdict.UNTRUSTED);
        var other = pki.make("Other").authority().own();
        assertThat(lenient(pki.make("Ann").by(other), other)).isEqualTo(Verdict.UNTRUSTED);
    }

    @Test
    void aForgedSignatureIsFoundAtEachLevel() {
        assertThat(lenient(pki.make("Ann").forgedBy(root))).isEqualTo(Verdict.BAD_SIGNATURE);
        var middle = pki.make("Middle").authority().forgedBy(root);
        assertThat(lenient(pki.make("Ann").by(middle), middle)).isEqualTo(Verdict.BAD_SIGNATURE);
    }

    @Test
    void aWrongCertificateBesideTheRightOneDoesNoHarm() {
        var wrong = pki.make("Middle").authority().forgedBy(root);
        var middle = pki.make("Middle").authority().by(root);
        assertThat(lenient(pki.make("Ann").by(middle), wrong, middle)).isEqualTo(Verdict.GOOD);
    }

    @Test
    void datesAreThoseOfTheCertificateOrOfItsChain() {
        assertThat(lenient(pki.make("Ann").expired().by(root))).isEqualTo(Verdict.EXPIRED);
        assertThat(lenient(pki.make("Ann").notYet().by(root))).isEqualTo(Verdict.EXPIRED);
        var old = pki.make("Old").authority().expired().by(root);
        assertThat(lenient(pki.make("Ann").by(old), old)).isEqualTo(Verdict.CHAIN_EXPIRED);
    }

    @Test
    void whatIsNotForMailIsSaid() {
        assertThat(lenient(pki.make("Server")
                        .purpose(KeyPurposeId.id_kp_serverAuth)
                        .by(root)))
                .isEqualTo(Verdict.NOT_FOR_MAIL);
        assertThat(lenient(pki.make("Cipher").usage(KeyUsage.keyEncipherment).by(root)))
                .isEqualTo(Verdict.NOT_FOR_MAIL);
        assertThat(lenient(pki.make("Any")
                        .purpose(KeyPurposeId.anyExtendedKeyUsage)
                        .by(root)))
                .isEqualTo(Verdict.GOOD);
    }

    @Test
    void aPersonIsNoAuthorityAndAnAuthorityNeedsTheUsage() {
        var bob = pki.make("Bob").by(root);
        assertThat(lenient(pki.make("Ann").by(bob), bob)).isEqualTo(Verdict.NOT_AN_AUTHORITY);
        var useless =
                pki.make("Useless").authority().usage(KeyUsage.digitalSignature).by(root);
        assertThat(lenient(pki.make("Ann").by(useless), useless)).isEqualTo(Verdict.MISUSED);
    }

    @Test
    void whatCannotBeReadIsMalformed() {
        var junk = "no certificate".getBytes(StandardCharsets.US_ASCII);
        assertThat(check.check(junk, List.of(), false, DEADLINE)).isEqualTo(Verdict.MALFORMED);
        assertThat(check.check(new byte[0], List.of(), false, DEADLINE)).isEqualTo(Verdict.MALFORMED);
        assertThat(check.check(pki.make("Ann").by(root).der(), List.of(junk), false, DEADLINE))
                .isEqualTo(Verdict.BAD_CHAIN);
    }

    @Test
    void whatARevocationListNamesIsRevoked() {
        var middle = pki.make("Middle").authority().says(Says.CRL).by(root);
        var ann = pki.make("Ann").says(Says.CRL).by(middle);
        var bob = pki.make("Bob").says(Says.CRL).by(middle);
        pki.revoke(bob);
        assertThat(strict(ann, middle)).isEqualTo(Verdict.GOOD);
        assertThat(strict(bob, middle)).isEqualTo(Verdict.REVOKED);
        assertThat(lenient(bob, middle)).as("also if it need not be known").isEqualTo(Verdict.REVOKED);
        assertThat(pki.asked.get()).as("each list is fetched once").isEqualTo(2);
    }

    @Test
    void whatAResponderNamesIsRevoked() {
        var middle = pki.make("Middle").authority().says(Says.OCSP).by(root);
        var ann = pki.make("Ann").says(Says.OCSP).by(middle);
        assertThat(strict(ann, middle)).isEqualTo(Verdict.GOOD);
        pki.revoke(ann);
        assertThat(lenient(ann, middle)).isEqualTo(Verdict.REVOKED);
        pki.revoke(middle);
        assertThat(lenient(ann, middle)).isEqualTo(Verdict.CHAIN_REVOKED);
    }

    @Test
    void whatNobodySaysCountsOnlyIfItMustBeKnown() {
        var silent = pki.make("Ann").by(root);
        assertThat(strict(silent)).isEqualTo(Verdict.REVOCATION_UNKNOWN);
        assertThat(lenient(silent)).isEqualTo(Verdict.GOOD);
        var offline = pki.make("Bob").says(Says.NOBODY).by(root);
        assertThat(strict(offline)).isEqualTo(Verdict.REVOCATION_OFFLINE);
        assertThat(lenient(offline)).isEqualTo(Verdict.GOOD);
        var ignorant = pki.make("Ignorant").authority().says(Says.CRL).by(root);
        assertThat(strict(pki.make("Carl").says(Says.OCSP).by(ignorant), ignorant))
                .isEqualTo(Verdict.REVOCATION_UNKNOWN);
    }

    @Test
    void nobodyIsAskedForACertificateThatLeadsNowhere() {
        var foreign = pki.make("Foreign").authority().own();
        assertThat(strict(pki.make("Eve").says(Says.OCSP).by(foreign), foreign)).isEqualTo(Verdict.UNTRUSTED);
        assertThat(strict(pki.make("Eve").says(Says.CRL).forgedBy(root))).isEqualTo(Verdict.BAD_SIGNATURE);
        assertThat(pki.asked.get()).isZero();
    }

    @Test
    void nothingIsFetchedPastTheDeadline() {
        var ann = pki.make("Ann").says(Says.CRL).by(root);
        assertThat(check.check(ann.der(), List.of(), true, Pki.NOW)).isEqualTo(Verdict.REVOCATION_OFFLINE);
        assertThat(pki.asked.get()).isZero();
    }

    @Test
    void manyThatLookAlikeAreNoTroubleForLong() {
        var alike = new ArrayList<byte[]>();
        for (int i = 0; i < 20; i++) {
            alike.add(pki.make("Loop").authority().own().der());
        }
        var loop = pki.make("Loop").authority().own();
        assertThat(check.check(pki.make("Ann").by(loop).der(), alike, true, DEADLINE))
                .isEqualTo(Verdict.UNTRUSTED);
    }
}
