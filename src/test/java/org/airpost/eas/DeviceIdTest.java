package org.airpost.eas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.random.RandomGeneratorFactory;
import org.airpost.wbxml.MalformedRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceIdTest {

    @ParameterizedTest
    @CsvSource({
        "v140Device, v140Device",
        "validate, validate",
        "ApplF2LXK1ABCDEF, ApplF2LXK1ABCDEF",
        "android1512345678901, android1512345678901",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9, 0A1B2C3D4E5F60718293A4B5C6D7E8F9",
        "abc, abc"
    })
    void textStaysAndHexadecimalIsUpperCase(String sent, String canonical) {
        assertThat(DeviceId.canonical(sent)).isEqualTo(canonical);
        assertThat(DeviceId.canonical(sent.getBytes(StandardCharsets.US_ASCII))).isEqualTo(canonical);
        assertThat(new DeviceKey("anna", canonical).deviceId()).isEqualTo(canonical);
    }

    @Test
    void aGuidIsTheSameDeviceAsBytesAndAsTextOfEitherCase() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
        for (int i = 0; i < 1_000; i++) {
            var guid = new byte[16];
            random.nextBytes(guid);
            var text = HexFormat.of().formatHex(guid);
            assertThat(DeviceId.canonical(guid))
                    .isEqualTo(DeviceId.canonical(text))
                    .isEqualTo(DeviceId.canonical(text.toUpperCase(Locale.ROOT)))
                    .isEqualTo(DeviceId.canonical(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a/b",
                "../x",
                "ä",
                "a,b",
                "12345678901234567890123456789012345678901234567890123456789012345"
            })
    void whatNoKeyHasAPlaceForIsMalformed(String sent) {
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> DeviceId.canonical(sent))
                .withMessageContaining("DeviceId \"" + sent + "\"");
    }

    @Test
    void moreRawBytesThanAKeyHoldsAreMalformed() {
        assertThat(DeviceId.canonical(new byte[32])).hasSize(64);
        assertThatExceptionOfType(MalformedRequestException.class).isThrownBy(() -> DeviceId.canonical(new byte[33]));
    }
}
