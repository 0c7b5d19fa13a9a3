package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchKeysTest {

    @ParameterizedTest
    @CsvSource({
        "2026-02-03, 3-Feb-2026",
        "9999-12-31, 31-Dec-9999",
        "+10000-01-01, 31-Dec-9999",
        "0001-01-01, 1-Jan-0001",
        "0000-12-31, 1-Jan-0001",
    })
    void aYearHasFourDigits(LocalDate day, String said) {
        assertThat(SearchKeys.day(day)).isEqualTo(said);
    }
}
