package org.airpost.eas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EasDateTest {

    private static final Instant TIME = Instant.parse("2000-12-25T08:35:07Z");

    @Test
    void bothFormatsAreWrittenAsTheSpecificationHasThem() {
        assertThat(EasDate.separated(TIME)).isEqualTo("2000-12-25T08:35:07.000Z");
        assertThat(EasDate.compact(TIME)).isEqualTo("20001225T083507Z");
    }

    @Test
    void aFractionOfASecondIsNotWritten() {
        assertThat(EasDate.separated(TIME.plusMillis(999))).isEqualTo("2000-12-25T08:35:07.000Z");
        assertThat(EasDate.compact(TIME.plusMillis(999))).isEqualTo("20001225T083507Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2000-12-25T08:35:07.000Z",
                "2000-12-25T08:35:07Z",
                "20001225T083507Z",
                "20001225T083507.000Z",
                " 20001225T083507Z\n",
                "2000-12-25T08:35:07.0Z"
            })
    void eitherFormatIsReadWithOrWithoutMilliseconds(String text) {
        assertThat(EasDate.parse(text)).contains(TIME);
        assertThat(EasDate.parse(text, ZoneId.of("Asia/Tokyo"))).contains(TIME);
    }

    @Test
    void millisecondsAreRead() {
        assertThat(EasDate.parse("2000-12-25T08:35:07.25Z")).contains(TIME.plusMillis(250));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "T",
                "2000-12-25",
                "2000-12-25T08:35:07",
                "20001225T083507",
                "2000-12-25T08:35:07.Z",
                "2000-12-25T08:35:07.0000000000Z",
                "2000-02-30T08:35:07Z",
                "20001325T083507Z",
                "20001225T243507Z",
                "2000-12-25T08:35:60Z",
                "2000-12-25 08:35:07Z",
                "2000-12-25T08:35:07+00:00",
                "2000-12-25T08:3５:07Z",
                "20001225T0835Z",
                "-001-12-25T08:35:07Z",
                "2000-12-25T08:35:-7Z",
                "0000-01-01T00:00:00Z",
                "yyyy-MM-ddTHH:mm:ssZ",
                "2000-12-25T08:35:07.000ZZ"
            })
    void whatIsNoTimeIsEmpty(String text) {
        assertThat(EasDate.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2024-07-01T09:00:00.000, Europe/Berlin, 2024-07-01T07:00:00Z",
        "20240101T090000, Europe/Berlin, 2024-01-01T08:00:00Z",
        "2024-07-01T09:00:00.000Z, Europe/Berlin, 2024-07-01T09:00:00Z"
    })
    void aTimeWithoutZIsOfTheGivenZone(String text, String zone, Instant time) {
        assertThat(EasDate.parse(text, ZoneId.of(zone))).contains(time);
    }

    @Test
    void yearsThatCannotBeWrittenBecomeTheNearestThatCan() {
        assertThat(EasDate.separated(Instant.MAX)).isEqualTo("9999-12-31T23:59:59.000Z");
        assertThat(EasDate.compact(Instant.MIN)).isEqualTo("00010101T000000Z");
    }

    @Test
    void whatIsWrittenIsReadAgainInAnyLocale() {
        var before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            var random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
            for (int i = 0; i < 10_000; i++) {
                var time = Instant.ofEpochSecond(random.nextLong(-62_135_596_800L, 253_402_300_800L));
                assertThat(EasDate.parse(EasDate.separated(time))).contains(time);
                assertThat(EasDate.parse(EasDate.compact(time))).contains(time);
            }
        } finally {
            Locale.setDefault(before);
        }
    }
}
