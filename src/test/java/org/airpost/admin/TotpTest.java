package org.airpost.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TotpTest {

    private static final byte[] SECRET = "12345678901234567890".getBytes(US_ASCII);

    /** Source: RFC 6238 appendix B, the last six of its eight digits. */
    @ParameterizedTest
    @CsvSource({"59,287082", "1111111109,081804", "1111111111,050471", "1234567890,005924", "2000000000,279037"})
    void codesAreThoseOfTheRfc(long second, String code) {
        assertThat(Totp.code(SECRET, Instant.ofEpochSecond(second))).isEqualTo(code);
    }

    @Test
    void aCodeIsAcceptedAStepBeforeAndAfterItsTimeAndOnce() {
        var now = Instant.ofEpochSecond(1_111_111_111);
        var code = Totp.code(SECRET, now);
        for (long around : new long[] {-30, 0, 30}) {
            assertThat(Totp.accepted(SECRET, code, now.plusSeconds(around), 0)).hasValue(1_111_111_111L / 30);
        }
        assertThat(Totp.accepted(SECRET, code, now.plusSeconds(60), 0)).isEmpty();
        assertThat(Totp.accepted(SECRET, code, now, 1_111_111_111L / 30)).isEmpty();
        assertThat(Totp.accepted(SECRET, code.substring(0, 3) + " " + code.substring(3), now, 0))
                .isPresent();
        assertThat(Totp.accepted(SECRET, "", now, 0)).isEmpty();
    }

    /** Source: RFC 4648 §10. */
    @Test
    void aSecretIsWrittenInBase32() {
        assertThat(Totp.base32("foobar".getBytes(US_ASCII))).isEqualTo("MZXW6YTBOI");
        assertThat(Totp.base32(SECRET)).isEqualTo("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assertThat(Totp.uri("a b", SECRET)).startsWith("otpauth://totp/Airpost:a%20b?secret=GEZ");
    }
}
