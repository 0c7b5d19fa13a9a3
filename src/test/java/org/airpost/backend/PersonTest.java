package org.airpost.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PersonTest {

    @Test
    void aNumberHasADigitAndNoLetter() {
        assertThat(List.of("0", "+49 (30) 12/34-5", "...7", "7 ")).allMatch(Person::isNumber);
        assertThat(List.of("", " ", "+-()", "49 x", "x49", "\u0661\u0662", "4\n9"))
                .noneMatch(Person::isNumber);
    }

    @Test
    void aMillionDigitsAreReadOnce() {
        assertThat(Person.isNumber("1".repeat(1_000_000))).isTrue();
        assertThat(Person.isNumber("1".repeat(1_000_000) + "x")).isFalse();
    }

    @Test
    void aNumberMatchesWhateverStandsBetweenItsDigits() {
        var ann = new Person(
                Person.Source.DIRECTORY,
                List.of("ann@example.org"),
                Map.of(Person.Field.PHONE, "+49 30 1234-5"),
                Optional.empty(),
                List.of());
        assertThat(ann.matches("49 (30) 12")).isTrue();
        assertThat(ann.matches("30")).isFalse();
    }
}
