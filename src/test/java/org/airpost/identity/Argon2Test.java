package org.airpost.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class Argon2Test {

    private final Argon2 argon2 = new Argon2(new SecureRandom());

    @Test
    void aHashFitsItsPasswordAndNoOther() {
        var hash = argon2.of("correct horse battery");
        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(argon2.fits(hash, "correct horse battery")).isTrue();
        assertThat(argon2.fits(hash, "correct horse batterx")).isFalse();
        assertThat(argon2.of("correct horse battery"))
                .as("each has its own salt")
                .isNotEqualTo(hash);
        assertThat(argon2.fitsNobody("")).isFalse();
    }

    @Test
    void aPasswordThatIsTooLongFitsNoHash() {
        var longest = "p".repeat(Argon2.LONGEST);
        var hash = argon2.of(longest);
        assertThat(argon2.fits(hash, longest)).isTrue();
        assertThat(argon2.fits(hash, longest + "q")).isFalse();
    }

    /** What is stored is read whatever it cost. Source: the test vectors of the reference implementation (test.c). */
    @Test
    void theReferenceGivesTheSameHashes() {
        assertThat(HexFormat.of()
                        .formatHex(argon2.hash("password", "somesalt".getBytes(UTF_8), new Argon2.Cost(256, 2, 1))))
                .isEqualTo("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
        var stored = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assertThat(argon2.fits(stored, "password")).isTrue();
        assertThat(argon2.fits(stored, "passwore")).isFalse();
    }

    @Test
    void whatIsNoHashIsRefused() {
        assertThatThrownBy(() -> argon2.fits("password", "password")).isInstanceOf(IllegalArgumentException.class);
    }
}
