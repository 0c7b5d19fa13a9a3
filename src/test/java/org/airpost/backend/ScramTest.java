package org.airpost.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ScramTest {

    private static final Credentials USER = new Credentials("user", "pencil");

    /** The examples of RFC 7677 §3 and RFC 5802 §5. */
    @Test
    void theExamplesOfTheSpecificationsAreAnsweredAsTheySay() {
        var sha256 = new Scram("SHA-256", USER, "rOprNGfwEbeRWgbNEkqO");
        assertThat(sha256.first()).isEqualTo("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assertThat(sha256.proof(
                        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))
                .contains("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assertThat(sha256.isGenuine("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))
                .isTrue();
        assertThat(sha256.isGenuine("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))
                .isFalse();

        var sha1 = new Scram("SHA-1", USER, "fyko+d2lbbFgONRv9qkxdawL");
        assertThat(sha1.proof("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"))
                .contains("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
        assertThat(sha1.isGenuine("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")).isTrue();
    }

    /** Source: RFC 5802 §7: the header comes back in the channel binding, in base64. */
    @Test
    void whomItActsForStandsInTheHeader() {
        var scram = new Scram("SHA-1", new Credentials("a,b", "pencil", "", "root", "a,b"), "fyko");
        assertThat(scram.first()).isEqualTo("n,a=a=2Cb,n=root,r=fyko");
        assertThat(scram.proof("r=fyko3rfc,s=QSXCR+Q6sek8bf92,i=1").orElseThrow())
                .startsWith("c=bixhPWE9MkNiLA==,r=fyko3rfc,");
    }

    @Test
    void aChallengeThatIsNotOneIsNotAnswered() {
        for (var challenge : new String[] {
            "",
            "r=other,s=QSXCR+Q6sek8bf92,i=4096",
            "r=abc,s=QSXCR+Q6sek8bf92,i=4096",
            "r=abcd,s=?,i=4096",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=0",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=9999999",
            "r=abcd,s=,i=1"
        }) {
            var scram = new Scram("SHA-256", USER, "abc");
            assertThat(scram.proof(challenge)).as(challenge).isEmpty();
            assertThat(scram.isGenuine("v=")).isFalse();
        }
    }

    @Test
    void aNameCannotEndItsField() {
        assertThat(new Scram("SHA-1", new Credentials("a,r=b=c", "x"), "n").first())
                .isEqualTo("n,,n=a=2Cr=3Db=3Dc,r=n");
    }
}
