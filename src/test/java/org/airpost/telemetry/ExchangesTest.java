package org.airpost.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.http.Observer.Asked;
import org.airpost.http.Observer.Body;
import org.airpost.http.Observer.Told;
import org.airpost.wbxml.WbxmlXml;
import org.junit.jupiter.api.Test;

class ExchangesTest {

    private static final Instant NOW = Instant.parse("2026-11-26T07:00:00Z");

    private static Asked asked(String id, String user, String device, int bytes) {
        return new Asked(
                id,
                NOW,
                "192.0.2.1",
                user,
                Optional.of(new RequestLine(
                        CommandName.SYNC,
                        ProtocolVersion.V16_1,
                        device,
                        "iPhone",
                        Optional.empty(),
                        user,
                        Map.of(),
                        false,
                        false)),
                "Apple-iPhone",
                new Body(new byte[bytes], bytes, "application/vnd.ms-sync.wbxml"));
    }

    static Exchange exchange(String id, String device, int bytes) {
        return Exchange.answered(
                asked(id, "anna", device, bytes),
                new Told(200, "", new Body(new byte[0], 0, ""), 0, Duration.ofMillis(3), Duration.ZERO));
    }

    @Test
    void onlyTheLastOnesOfADeviceAreKept() {
        var exchanges = new Exchanges(new Exchanges.Settings(3, 100, 1 << 20));
        for (int i = 1; i <= 5; i++) {
            exchanges.ended(exchange("id" + i, "D1", 10));
        }
        assertThat(exchanges.of(new DeviceKey("anna", "D1")).stream().map(Exchange::id))
                .containsExactly("id5", "id4", "id3");
    }

    @Test
    void theBytesOfAllDevicesTogetherAreBounded() {
        var exchanges = new Exchanges(new Exchanges.Settings(10, 1 << 20, 100_000));
        for (int i = 0; i < 1_000; i++) {
            exchanges.ended(exchange("id" + i, "D" + i, 10_000));
        }
        assertThat(exchanges.latest().size()).isBetween(1, 10);
        assertThat(exchanges.latest().stream().mapToInt(Exchange::weight).sum()).isLessThanOrEqualTo(100_000);
    }

    @Test
    void aCutDocumentIsShownAsFarAsItGoes() {
        var whole = WbxmlXml.fromXml(
                "<Sync xmlns=\"AirSync\"><Status>3</Status><Collections><Collection><SyncKey>17</SyncKey></Collection>"
                        + "</Collections></Sync>");
        var cut = java.util.Arrays.copyOf(whole, whole.length - 6);
        var text = Documents.xml(new Body(cut, whole.length, "application/vnd.ms-sync.wbxml"));
        assertThat(text).contains("<Status>3</Status>").endsWith("of %d bytes -->\n".formatted(whole.length));
        assertThat(AnswerStatus.of(CommandName.SYNC, new Body(cut, whole.length, "")))
                .hasValueSatisfying(status -> assertThat(status.code()).isEqualTo(3));
    }

    @Test
    void whatIsNoDocumentIsNotPrinted() {
        assertThat(Documents.xml(new Body("Subject: hidden".getBytes(java.nio.charset.StandardCharsets.UTF_8), 15, "")))
                .doesNotContain("hidden");
        assertThat(Documents.xml(new Body(new byte[0], 500, "message/rfc822")))
                .isEqualTo("<!-- 500 bytes of message/rfc822, not kept -->\n");
        assertThat(Documents.xml(new Body(new byte[0], 0, ""))).isEmpty();
    }

    @Test
    void theFirstStatusThatIsNoSuccessCounts() {
        assertThat(status(CommandName.SYNC, """
                        <Sync xmlns="AirSync"><Collections>
                        <Collection><SyncKey>2</SyncKey><CollectionId>5</CollectionId><Status>1</Status></Collection>
                        <Collection><SyncKey>0</SyncKey><CollectionId>6</CollectionId><Status>3</Status></Collection>
                        </Collections></Sync>""")).isEqualTo("3 the sync key is not known: start over");
        assertThat(status(CommandName.PING, "<Ping xmlns=\"Ping\"><Status>2</Status></Ping>"))
                .isEqualTo("2 there are changes");
        assertThat(status(CommandName.PROVISION, """
                        <Provision xmlns="Provision"><Status>1</Status><Policies><Policy><PolicyType>x</PolicyType>
                        <Status>5</Status></Policy></Policies></Provision>""")).isEqualTo("5 the policy key is wrong");
        assertThat(status(CommandName.MOVE_ITEMS, """
                        <MoveItems xmlns="Move"><Response><SrcMsgId>5:1</SrcMsgId><Status>3</Status></Response>
                        <Response><SrcMsgId>5:2</SrcMsgId><Status>1</Status></Response></MoveItems>""")).isEqualTo("1 the source folder or item is not there");
        assertThat(status(CommandName.SYNC, "<Sync xmlns=\"AirSync\"><Status>142</Status></Sync>"))
                .isEqualTo("142 the device has no policy yet");
    }

    private static String status(CommandName command, String xml) {
        var bytes = WbxmlXml.fromXml(xml);
        return AnswerStatus.of(command, new Body(bytes, bytes.length, ""))
                .map(status -> status.code() + " " + status.words())
                .orElse("none");
    }
}
