package org.airpost.eas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.eas.RequestLines.Parsed;
import org.airpost.eas.RequestLines.Result;
import org.airpost.eas.RequestLines.UnknownCommand;
import org.airpost.eas.RequestLines.UnknownVersion;
import org.airpost.wbxml.MalformedRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestLinesTest {

    private static final Map<String, String> V141 =
            Map.of("ms-asprotocolversion", "14.1", "x-ms-policykey", "3812345678");
    private static final String DEVICE = "&DeviceId=v140Device&DeviceType=SmartPhone";

    /** The two forms that MS-ASHTTP "Request Line" gives as the same. */
    @Test
    void plainAndBase64OfTheSpecificationsExampleAreTheSame() {
        var plain = line(
                "Cmd=Sync&User=rmjones&DeviceId=v140Device&DeviceType=SmartPhone",
                Map.of("ms-asprotocolversion", "14.0"));
        var base64 = line("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l", Map.of());
        assertThat(base64).isEqualTo(withUser(plain, ""));
        assertThat(plain.user()).isEqualTo("rmjones");
        assertThat(plain.command()).isEqualTo(CommandName.SYNC);
        assertThat(plain.version()).isEqualTo(ProtocolVersion.V14_0);
        assertThat(plain.deviceId()).isEqualTo("v140Device");
        assertThat(plain.deviceType()).isEqualTo("SmartPhone");
        assertThat(plain.policyKey()).isEmpty();
    }

    @Test
    void aPlainQueryTakesVersionAndPolicyKeyFromTheHeaders() {
        var line = line("Cmd=Ping" + DEVICE, V141);
        assertThat(line.version()).isEqualTo(ProtocolVersion.V14_1);
        assertThat(line.policyKey()).contains(3_812_345_678L);
        assertThat(line("Cmd=Ping" + DEVICE, Map.of()).version()).isEqualTo(ProtocolVersion.V12_1);
        assertThat(line("Cmd=Ping" + DEVICE, Map.of("x-ms-policykey", "0")).policyKey())
                .contains(0L);
    }

    @Test
    void namesAreOfAnyCaseAndValuesArePercentEncodedUtf8() {
        var line = line(
                "cmd=smartreply&USER=EXAMPLE%5Cj%C3%BCrgen%2Bx+y&deviceid=abc&DEVICETYPE=i%20Phone"
                        + "&collectionid=5&ItemID=5%3A17&longid=L%26x&occurrence=2024-03-08T09:00:00.000Z&saveinsent=t",
                V141);
        assertThat(line.command()).isEqualTo(CommandName.SMART_REPLY);
        assertThat(line.user()).isEqualTo("EXAMPLE\\jürgen+x+y");
        assertThat(line.deviceType()).isEqualTo("i Phone");
        assertThat(line.saveInSent()).isTrue();
        assertThat(line.parameters())
                .containsOnly(
                        Map.entry(Parameter.COLLECTION_ID, "5"),
                        Map.entry(Parameter.ITEM_ID, "5:17"),
                        Map.entry(Parameter.LONG_ID, "L&x"),
                        Map.entry(Parameter.OCCURRENCE, "2024-03-08T09:00:00.000Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?Cmd=Sync&User=a&DeviceId=abc&DeviceType=x",
                "Cmd=Sync?User=a&DeviceId=abc&DeviceType=x",
                "User=a&DeviceId=abc&DeviceType=x?cmd=Sync",
                "Cmd=Sync&&User=a&DeviceId=abc&DeviceType=x&",
                "Cmd=Sync&User=a&DeviceId=abc&DeviceType=x&Cmd=Ping&Foo=%zz&Bar"
            })
    void oddQueriesOfRealPhonesAreRead(String query) {
        assertThat(line(query, V141)).isEqualTo(line("Cmd=Sync&User=a&DeviceId=abc&DeviceType=x", V141));
    }

    @Test
    void aQuestionMarkWithinAValueStays() {
        assertThat(line("Cmd=GetAttachment&AttachmentName=a?b=c" + DEVICE, V141).parameters())
                .containsEntry(Parameter.ATTACHMENT_NAME, "a?b=c");
    }

    @Test
    void theMultipartHeaderCounts() {
        assertThat(line("Cmd=ItemOperations" + DEVICE, Map.of("ms-asacceptmultipart", "T"))
                        .acceptMultiPart())
                .isTrue();
        assertThat(line("Cmd=ItemOperations" + DEVICE, Map.of("ms-asacceptmultipart", "F"))
                        .acceptMultiPart())
                .isFalse();
    }

    @Test
    void everyFieldOfABase64QueryIsRead() {
        var bytes = packed(161, 19, "0a1b2c3d4e5f60718293a4b5c6d7e8f9", 4_294_967_295L, "iPhone");
        parameter(bytes, 0, "a.pdf");
        parameter(bytes, 1, "5");
        parameter(bytes, 3, "5:17");
        parameter(bytes, 4, "L1");
        parameter(bytes, 5, "0");
        parameter(bytes, 6, "1");
        parameter(bytes, 7, "\u0003");
        parameter(bytes, 8, "jürgen");
        parameter(bytes, 99, "of a later version");
        var line = line(base64(bytes), V141);
        assertThat(line)
                .isEqualTo(new RequestLine(
                        CommandName.ITEM_OPERATIONS,
                        ProtocolVersion.V16_1,
                        "0A1B2C3D4E5F60718293A4B5C6D7E8F9",
                        "iPhone",
                        Optional.of(4_294_967_295L),
                        "jürgen",
                        Map.of(
                                Parameter.ATTACHMENT_NAME, "a.pdf",
                                Parameter.COLLECTION_ID, "5",
                                Parameter.ITEM_ID, "5:17",
                                Parameter.LONG_ID, "L1",
                                Parameter.PARENT_ID, "0",
                                Parameter.OCCURRENCE, "1"),
                        true,
                        true));
    }

    @Test
    void aDeviceIsTheSameInEitherForm() {
        var hex = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        var plain = line("Cmd=Sync&DeviceType=x&DeviceId=" + hex, V141);
        assertThat(line(base64(packed(141, 0, hex, -1, "x")), V141)).isEqualTo(plain);
    }

    @Test
    void thePolicyKeyOfTheHeaderCountsOnlyWhereTheQueryHasNone() {
        assertThat(line(base64(packed(141, 0, "ff", 7, "x")), V141).policyKey()).contains(7L);
        assertThat(line(base64(packed(141, 0, "ff", -1, "x")), V141).policyKey())
                .contains(3_812_345_678L);
    }

    @Test
    void base64IsReadHoweverItIsDressed() {
        // chosen so that the alphabet's last two characters and padding occur
        var bytes = packed(141, 0, "00fbefbeffffff", 7, "x");
        var padded = base64(bytes);
        assertThat(padded).contains("+").contains("/").endsWith("=");
        var line = line(padded, Map.of());
        var bare = padded.replace("=", "");
        assertThat(line(bare, Map.of())).isEqualTo(line);
        assertThat(line("?" + padded, Map.of())).isEqualTo(line);
        assertThat(line(bare.replace('+', '-').replace('/', '_'), Map.of())).isEqualTo(line);
        assertThat(line(padded.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D"), Map.of()))
                .isEqualTo(line);
        assertThat(line(padded.replace("+", "%20"), Map.of())).isEqualTo(line);
    }

    @Test
    void anUnknownCommandOrVersionIsSaid() {
        assertThat(RequestLines.parse("Cmd=Teleport" + DEVICE, V141)).isEqualTo(new UnknownCommand("Teleport"));
        assertThat(RequestLines.parse("Cmd=Sync" + DEVICE, Map.of("ms-asprotocolversion", "2.5")))
                .isEqualTo(new UnknownVersion("2.5"));
        assertThat(RequestLines.parse(base64(packed(141, 7, "ff", -1, "x")), Map.of()))
                .isEqualTo(new UnknownCommand("7"));
        assertThat(RequestLines.parse(base64(packed(120, 0, "ff", -1, "x")), V141))
                .isEqualTo(new UnknownVersion("12.0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                             | no Cmd in the query",
                "User=a&DeviceId=abc              | no Cmd in the query",
                "Cmd=&DeviceId=abc                | no Cmd in the query",
                "Cmd=Sync&User=a                  | no DeviceId in the query",
                "Cmd=Sync&DeviceId=a%20b          | DeviceId 'a b' is not 1 to 64",
                "Cmd=Sync&DeviceId=a%2&User=b     | deviceid 'a%2' has a % without",
                "jAAJBAp2MTQw                     | device id of 10 bytes at byte 5 of the base64 query, where 4 are left",
                "jAAJBAA                          | device id of 0 bytes",
                "jAAJ                             | locale of 2 bytes at byte 2 of the base64 query, where 1 are left",
                "jA                               | command code of 1 bytes",
                "jAAJBAH/AwAAAA==                 | policy key of 3 bytes",
                "jAAJBAH/AAF4AA==                 | length of parameter 0 of 1 bytes",
                "j!AJ                             | query 'j!AJ' is no base64",
            })
    void whatCannotBeReadIsMalformedAndNamesFieldAndValue(String query, String problem) {
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> RequestLines.parse(query, V141))
                .withMessageContaining(problem.replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "4294967296", "x", "99999999999999999999"})
    void aPolicyKeyThatIsNoneIsMalformed(String key) {
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> RequestLines.parse("Cmd=Sync" + DEVICE, Map.of("x-ms-policykey", key)))
                .withMessageContaining("X-MS-PolicyKey \"" + key + "\"");
    }

    @Test
    void randomQueriesAreReadOrMalformedAndNothingElse() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
        int parsed = 0;
        int refused = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes;
            if (random.nextBoolean()) {
                bytes = new byte[random.nextInt(60)];
                random.nextBytes(bytes);
            } else {
                var good = packed(141, random.nextInt(24), "0a1b2c3d4e5f6071", 7, "iPhone");
                parameter(good, random.nextInt(9), "5:1");
                bytes = good.toByteArray();
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(random.nextBoolean() ? 256 : 32);
            }
            var query = new StringBuilder(Base64.getEncoder().encodeToString(bytes));
            if (random.nextInt(4) == 0 && !query.isEmpty()) {
                query.setCharAt(random.nextInt(query.length()), (char) random.nextInt(' ', 0x100));
            }
            try {
                parsed += RequestLines.parse(query.toString(), V141) instanceof Parsed ? 1 : 0;
            } catch (MalformedRequestException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("query " + query, e);
            }
        }
        assertThat(parsed).isGreaterThan(5_000);
        assertThat(refused).isGreaterThan(5_000);
    }

    private static RequestLine line(String query, Map<String, String> headers) {
        Result result = RequestLines.parse(query, headers);
        assertThat(result).isInstanceOf(Parsed.class);
        return ((Parsed) result).line();
    }

    private static RequestLine withUser(RequestLine line, String user) {
        return new RequestLine(
                line.command(),
                line.version(),
                line.deviceId(),
                line.deviceType(),
                line.policyKey(),
                user,
                line.parameters(),
                line.saveInSent(),
                line.acceptMultiPart());
    }

    /** A query up to the device type; no policy key if it is negative. */
    private static ByteArrayOutputStream packed(
            int version, int command, String deviceIdHex, long policyKey, String deviceType) {
        var bytes = new ByteArrayOutputStream();
        bytes.write(version);
        bytes.write(command);
        bytes.write(0x09);
        bytes.write(0x04);
        counted(bytes, HexFormat.of().parseHex(deviceIdHex));
        if (policyKey < 0) {
            bytes.write(0);
        } else {
            bytes.write(4);
            for (int shift = 0; shift < 32; shift += 8) {
                bytes.write((int) (policyKey >>> shift));
            }
        }
        counted(bytes, deviceType.getBytes(StandardCharsets.UTF_8));
        return bytes;
    }

    private static void parameter(ByteArrayOutputStream bytes, int tag, String value) {
        bytes.write(tag);
        counted(bytes, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void counted(ByteArrayOutputStream bytes, byte[] value) {
        bytes.write(value.length);
        bytes.writeBytes(value);
    }

    private static String base64(ByteArrayOutputStream bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
