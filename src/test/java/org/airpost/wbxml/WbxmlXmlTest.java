package org.airpost.wbxml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WbxmlXmlTest {

    @Test
    void theDefaultNamespaceIsWrittenWhereThePageChanges() {
        var xml = """
                <Sync xmlns="AirSync">
                  <Collections>
                    <Collection>
                      <SyncKey>0</SyncKey>
                      <Options>
                        <FilterType>3</FilterType>
                        <BodyPreference xmlns="AirSyncBase">
                          <Type>1</Type>
                          <AllOrNone/>
                        </BodyPreference>
                        <BodyPartPreference xmlns="AirSyncBase"/>
                        <Conflict>1</Conflict>
                      </Options>
                    </Collection>
                  </Collections>
                </Sync>
                """;
        assertThat(WbxmlXml.toXml(WbxmlXml.fromXml(xml))).isEqualTo(xml);
    }

    @Test
    void xmlBecomesTheBytesOfTheSpecification() {
        var bytes = WbxmlXml.fromXml("<FolderSync xmlns='FolderHierarchy'><SyncKey>0</SyncKey></FolderSync>");
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("03016a00000756520330000101");
    }

    @Test
    void opaqueDataIsReadableTextOrBase64() {
        var xml = """
                <SendMail xmlns="ComposeMail">
                  <Mime opaque="text">From: a@b&#13;
                Grüße &lt;&amp;&gt;</Mime>
                  <Mime opaque="base64">/wAB</Mime>
                </SendMail>
                """;
        var bytes = WbxmlXml.fromXml(xml);
        assertThat(WbxmlXml.toXml(bytes)).isEqualTo(xml);
        assertThat(HexFormat.of().formatHex(bytes)).contains("c303ff0001");
    }

    @Test
    void prefixesAndCommentsAndWhitespaceAreForPeople() {
        var plain = "<Sync xmlns='AirSync'><Body xmlns='AirSyncBase'><Data>x</Data></Body></Sync>";
        var written = """
                <?xml version="1.0" encoding="utf-8"?>
                <!-- a phone asks -->
                <Sync xmlns="AirSync" xmlns:airsyncbase="AirSyncBase">
                    <airsyncbase:Body>
                        <airsyncbase:Data><![CDATA[x]]></airsyncbase:Data>
                    </airsyncbase:Body>
                </Sync>
                """;
        assertThat(WbxmlXml.fromXml(written)).isEqualTo(WbxmlXml.fromXml(plain));
    }

    @Test
    void unknownTagsComeBackAsTheyWere() {
        var bytes = HexFormat.of().parseHex("03016a00457f0361000100c8450362000101");
        var xml = WbxmlXml.toXml(bytes);
        assertThat(xml).contains("<Unknown-00-3F xmlns=\"Page0\">a</Unknown-00-3F>");
        assertThat(xml).contains("<Unknown-C8-05 xmlns=\"Page200\">b</Unknown-C8-05>");
        assertThat(WbxmlXml.fromXml(xml)).isEqualTo(bytes);
    }

    @Test
    void noBytesAreNoXml() {
        assertThat(WbxmlXml.toXml(new byte[0])).isEmpty();
        assertThat(WbxmlXml.toRedactedXml(new byte[0])).isEmpty();
    }

    @Test
    void aLogShowsKeysAndStatusesAndOfAPersonsWordsTheirLength() {
        var redacted = WbxmlXml.toRedactedXml(WbxmlXml.fromXml("""
                <Sync xmlns="AirSync"><Collections><Collection>
                  <SyncKey>41</SyncKey>
                  <Commands><Add><ServerId>5:17</ServerId><ApplicationData>
                    <To xmlns="Email">boss@example.com</To>
                    <Subject xmlns="Email">Grüße</Subject>
                    <Read xmlns="Email">1</Read>
                    <Body xmlns="AirSyncBase"><Type>1</Type><Data>secret words</Data></Body>
                    <Unknown-02-3E>new</Unknown-02-3E>
                  </ApplicationData></Add></Commands>
                </Collection></Collections></Sync>
                """));
        assertThat(redacted)
                .contains("<SyncKey>41</SyncKey>", "<ServerId>5:17</ServerId>", "<Type>1</Type>", ">1</Read>")
                .contains("<Subject xmlns=\"Email\" bytes=\"7\"/>", "<Data bytes=\"12\"/>", "bytes=\"16\"/>")
                .doesNotContain("boss", "secret", "Gr", "new");
    }

    @Test
    void aLogNeverShowsAPassword() {
        var redacted = WbxmlXml.toRedactedXml(
                WbxmlXml.fromXml(
                        "<Settings xmlns='Settings'><DevicePassword><Set><Password>hunter2</Password></Set></DevicePassword></Settings>"));
        assertThat(redacted).contains("<Password bytes=\"7\"/>").doesNotContain("hunter2");
    }

    @ParameterizedTest
    @MethodSource("org.airpost.wbxml.Seeds#all")
    void everyRealisticDocumentComesBackByteForByte(byte[] document) {
        var xml = WbxmlXml.toXml(document);
        assertThat(WbxmlXml.fromXml(xml)).isEqualTo(document);
        assertThat(WbxmlXml.toXml(WbxmlXml.fromXml(xml))).isEqualTo(xml);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "<Sync/>                                            | line 1: no tag Sync in namespace ; there is one in AirSync",
                "<Sync xmlns='AirSync'><Nope/></Sync>               | no tag Nope in namespace AirSync",
                "<Sync xmlns='AirSync'>x<Add/></Sync>               | text x between elements",
                "<Sync xmlns='AirSync'><Add/>x</Sync>               | text x between elements",
                "<Sync xmlns='AirSync' opaque='hex'>x</Sync>        | opaque=hex, expected text or base64",
                "<Sync xmlns='AirSync' opaque='base64'>?</Sync>     | content of Sync is no base64",
                "<Sync xmlns='AirSync'>                             | XML: ",
                "<!DOCTYPE Sync><Sync xmlns='AirSync'/>             | a document type is not read",
            })
    void wrongXmlIsMalformedAndSaysWhere(String xml, String problem) {
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> WbxmlXml.fromXml(xml))
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).replace("\"", ""))
                        .contains(problem));
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void entitiesOfADocumentTypeAreNeverResolved() {
        var xml = """
                <!DOCTYPE Sync [<!ENTITY file SYSTEM "file:///etc/passwd">]>
                <Sync xmlns="AirSync">&file;</Sync>
                """;
        assertThatExceptionOfType(MalformedRequestException.class).isThrownBy(() -> WbxmlXml.fromXml(xml));
    }
}
