package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvelopeTest {

    private static final Instant RECEIVED = Instant.parse("2026-11-20T08:30:00Z");

    private static Envelope of(String header) {
        var bytes = (header + "\n\n").replace("\n", "\r\n").getBytes(UTF_8);
        return Envelope.of(HeaderBlock.parse(bytes), "", RECEIVED);
    }

    private static String id(String header) {
        return HexFormat.of().formatHex(of(header).conversation().id());
    }

    private static String index(String header) {
        return HexFormat.of().formatHex(of(header).conversation().index());
    }

    @Test
    void allThatGoesBackToOneMessageIsOneConversation() {
        var first = id("Message-ID: <1@x>\nSubject: Lunch");
        assertThat(id("Message-ID: <2@x>\nIn-Reply-To: <1@x>\nSubject: Re: Lunch"))
                .isEqualTo(first);
        assertThat(id("Message-ID: <3@x>\nReferences: <1@x>\n <2@x>\nSubject: Something else"))
                .isEqualTo(first);
        assertThat(id("Message-ID: <4@x>\nSubject: Lunch")).isNotEqualTo(first);
    }

    @Test
    void messagesWithoutIdsGoTogetherByTheirSubjectAndNotByHavingNone() {
        assertThat(id("Subject: Report")).isEqualTo(id("Subject: AW: report"));
        assertThat(id("From: a@x\nDate: Thu, 19 Nov 2026 17:04:05 +0100"))
                .isNotEqualTo(id("From: b@x\nDate: Thu, 19 Nov 2026 17:04:05 +0100"));
    }

    @ParameterizedTest
    @CsvSource({
        "'Thu, 19 Nov 2026 17:04:05 +0100', 2026-11-19T16:04:05Z",
        "'Thu, 1 Jan 1970 00:00:00 +0000', 2026-11-20T08:30:00Z",
        "'Tue, 19 Nov 2097 17:04:05 +0100', 2026-11-20T08:30:00Z",
        "yesterday, 2026-11-20T08:30:00Z"
    })
    void aDateThatSaysNothingIsTheServers(String date, Instant sent) {
        var header = "Date: " + date.replace("\\", "");
        assertThat(index(header))
                .isEqualTo(HexFormat.of()
                        .formatHex(Conversation.of(HeaderBlock.parse(new byte[0]), "", sent)
                                .index()));
    }

    @Test
    void whatOutlookSaysOfTheThreadIsPassedOn() {
        var thread = HexFormat.of().parseHex("01" + "dd783f99d3" + "00112233445566778899aabbccddeeff" + "0102030405");
        assertThat(index("Thread-Index: " + Base64.getEncoder().encodeToString(thread)))
                .isEqualTo("dd783f99d30102030405");
        assertThat(index("Thread-Index: nonsense")).hasSize(10);
        assertThat(index("Thread-Index: " + new String(new byte[] {65, 65}, ISO_8859_1)))
                .hasSize(10);
    }

    @Test
    void whoeverHasAMailToNobodyGotABlindCopy() {
        assertThat(of("From: a@x\nSubject: x").receivedAsBcc()).isTrue();
        assertThat(of("From: a@x\nTo: undisclosed-recipients:;").receivedAsBcc())
                .isTrue();
        assertThat(of("From: a@x\nTo: b@x").receivedAsBcc()).isFalse();
        assertThat(of("From: a@x\nBcc: b@x").receivedAsBcc()).isFalse();
        assertThat(of("Subject: a draft").receivedAsBcc()).isFalse();
    }
}
