package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.airpost.app.Gateway;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.config.Config;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlXml;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests with elements that their version does not have. At a version without it, an element changes nothing: the answer is
 * the one to the request without it. At a version with it, it is understood. (That answers hold no element of a later
 * version is looked at in every dialogue.) Source: MS-ASCMD, MS-ASAIRS, MS-ASEMAIL: "Protocol version … supports this
 * element".
 */
@Timeout(60)
class VersionsTest {

    /**
     * An element in a request.
     *
     * @param element that a version may lack
     * @param command and the document around it, with {@code {+}} where the element stands
     */
    record Case(String element, String command, String around, String xml) {

        @Override
        public String toString() {
            return element + " in " + command;
        }
    }

    private static final String SYNC = """
            <Sync xmlns="AirSync"><Collections><Collection><SyncKey>{key}</SyncKey><CollectionId>{inbox}</CollectionId>\
            <Options>{+}</Options></Collection></Collections></Sync>""";
    private static final String SYNC_TOP = """
            <Sync xmlns="AirSync">{+}<Collections><Collection><SyncKey>{key}</SyncKey><CollectionId>{inbox}</CollectionId>\
            </Collection></Collections></Sync>""";
    private static final String FETCH = """
            <ItemOperations xmlns="ItemOperations"><Fetch><Store>Mailbox</Store><CollectionId xmlns="AirSync">{inbox}</CollectionId>\
            <ServerId xmlns="AirSync">{inbox}:1</ServerId><Options>{+}</Options></Fetch></ItemOperations>""";
    private static final String CHANGE = """
            <Sync xmlns="AirSync"><Collections><Collection><SyncKey>{key}</SyncKey><CollectionId>{inbox}</CollectionId>\
            <GetChanges>0</GetChanges><Commands><Change><ServerId>{inbox}:1</ServerId><ApplicationData>\
            <Read xmlns="Email">0</Read>{+}</ApplicationData></Change></Commands></Collection></Collections></Sync>""";
    private static final String ESTIMATE = """
            <GetItemEstimate xmlns="GetItemEstimate"><Collections><Collection><SyncKey xmlns="AirSync">{key}</SyncKey>\
            <CollectionId>{inbox}</CollectionId>{+}</Collection></Collections></GetItemEstimate>""";
    private static final String SETTINGS = """
            <Settings xmlns="Settings"><DeviceInformation><Set><Model>Test</Model>{+}</Set></DeviceInformation></Settings>""";
    private static final String PROVISION = """
            <Provision xmlns="Provision">{+}<Policies><Policy><PolicyType>MS-EAS-Provisioning-WBXML</PolicyType></Policy>\
            </Policies></Provision>""";

    private static final Case[] CASES = {
        new Case(
                "AirSync:ConversationMode",
                "Sync",
                SYNC.replace("<Options>{+}", "{+}<Options>"),
                "<ConversationMode>0</ConversationMode>"),
        new Case("AirSync:MaxItems", "Sync", SYNC, "<MaxItems>5</MaxItems>"),
        new Case(
                "AirSync:ConversationMode",
                "GetItemEstimate",
                ESTIMATE,
                "<ConversationMode xmlns=\"AirSync\">0</ConversationMode>"),
        new Case(
                "AirSyncBase:BodyPartPreference",
                "Sync",
                SYNC,
                "<BodyPartPreference xmlns=\"AirSyncBase\"><Type>2</Type><TruncationSize>100</TruncationSize></BodyPartPreference>"),
        new Case(
                "AirSyncBase:BodyPartPreference",
                "ItemOperations",
                FETCH,
                "<BodyPartPreference xmlns=\"AirSyncBase\"><Type>2</Type><TruncationSize>100</TruncationSize></BodyPartPreference>"),
        new Case(
                "AirSyncBase:Preview",
                "Sync",
                SYNC.replace(
                        "{+}",
                        "<BodyPreference xmlns=\"AirSyncBase\"><Type>1</Type><TruncationSize>10</TruncationSize>{+}</BodyPreference>"),
                "<Preview>20</Preview>"),
        new Case("Email2:Send", "Sync", CHANGE, "<Send xmlns=\"Email2\"/>"),
        new Case("Email2:Bcc", "Sync", CHANGE, "<Bcc xmlns=\"Email2\">bob@example.org</Bcc>"),
        new Case("Email2:IsDraft", "Sync", CHANGE, "<IsDraft xmlns=\"Email2\">0</IsDraft>"),
        new Case(
                "Email:Categories",
                "Sync",
                CHANGE,
                "<Categories xmlns=\"Email\"><Category>Red</Category></Categories>"),
        new Case("Settings:MobileOperator", "Settings", SETTINGS, "<MobileOperator>None</MobileOperator>"),
        new Case("Settings:EnableOutboundSMS", "Settings", SETTINGS, "<EnableOutboundSMS>0</EnableOutboundSMS>"),
        new Case(
                "Provision:AccountOnlyRemoteWipe",
                "Provision",
                PROVISION,
                "<AccountOnlyRemoteWipe><Status>1</Status></AccountOnlyRemoteWipe>"),
        new Case(
                "ItemOperations:Move",
                "ItemOperations",
                """
                <ItemOperations xmlns="ItemOperations"><EmptyFolderContents><CollectionId xmlns="AirSync">{sent}</CollectionId>\
                </EmptyFolderContents>{+}</ItemOperations>""",
                "<Move><ConversationId>AAAA</ConversationId><DstFldId>{junk}</DstFldId></Move>"),
        new Case(
                "RightsManagement:RightsManagementSupport",
                "Sync",
                SYNC,
                "<RightsManagementSupport xmlns=\"RightsManagement\">1</RightsManagementSupport>"),
        new Case(
                "RightsManagement:RightsManagementSupport",
                "ItemOperations",
                FETCH,
                "<RightsManagementSupport xmlns=\"RightsManagement\">1</RightsManagementSupport>"),
        new Case("AirSync:HeartbeatInterval", "Sync", SYNC_TOP, "<HeartbeatInterval>60</HeartbeatInterval>")
    };

    private static MemoryMail mail;
    private static Gateway gateway;
    private static HttpClient client;
    private static final AtomicInteger DEVICES = new AtomicInteger();

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        mail = new MemoryMail(InstantSource.system()).user("alice", "secret");
        mail.deliver("alice", "INBOX", """
                From: bob@example.org
                To: alice@example.org
                Subject: Hello
                MIME-Version: 1.0
                Content-Type: text/html; charset=utf-8

                <p>Hello <b>Alice</b>, here is more than twenty letters of it.</p>
                """.getBytes(UTF_8), Set.of("\\Flagged"));
        gateway = Gateway.start(
                Config.load(
                        Optional.empty(),
                        Map.of(
                                "AIRPOST_HTTP_ADDRESS", "127.0.0.1",
                                "AIRPOST_HTTP_PORT", "0",
                                "AIRPOST_CONSOLE_ENABLED", "false",
                                "AIRPOST_HTTP_PLAIN", "true",
                                "AIRPOST_HTTP_GRACEFUL_STOP", "0 s",
                                "AIRPOST_STORE_KIND", "memory",
                                "AIRPOST_TLS_DIRECTORY", directory.toString(),
                                "AIRPOST_USERS_DOMAIN", "example.org")),
                mail,
                new MemorySubmission(mail));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        client.shutdownNow();
        gateway.close();
    }

    static Stream<Arguments> casesAtVersions() {
        return Stream.of(CASES)
                .flatMap(one -> Stream.of(ProtocolVersion.values()).map(version -> Arguments.of(one, version)));
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("casesAtVersions")
    void anElementThatAVersionLacksChangesNothing(Case one, ProtocolVersion version) throws Exception {
        var with = new Device(version).answer(one.command(), one.around().replace("{+}", one.xml()));
        if (ElementVersions.has(version, one.element())) {
            assertThat(with).doesNotStartWith("HTTP");
        } else {
            var without = new Device(version).answer(one.command(), one.around().replace("{+}", ""));
            assertThat(with).isEqualTo(without);
        }
    }

    /** Each version is told the elements of its own form of who the user is. Source: MS-ASCMD "UserInformation". */
    @ParameterizedTest
    @MethodSource("versions")
    void theUsersAddressesHaveTheFormOfTheVersion(ProtocolVersion version) throws Exception {
        var answer = new Device(version)
                .answer(
                        "Settings",
                        "<Settings xmlns=\"Settings\"><UserInformation><Get/></UserInformation></Settings>");
        boolean accounts = version.atLeast(ProtocolVersion.V14_1);
        assertThat(answer.contains("<Accounts>")).isEqualTo(accounts);
        assertThat(Pattern.compile("<Get>\\s*<EmailAddresses>").matcher(answer).find())
                .isEqualTo(!accounts);
    }

    static Stream<ProtocolVersion> versions() {
        return Stream.of(ProtocolVersion.values());
    }

    @Test
    void theTableHasEveryElementOfEveryPageWithItsVersions() {
        assertThat(ElementVersions.all()).hasSize(653);
        assertThat(ElementVersions.has(ProtocolVersion.V14_0, "AirSyncBase:BodyPart"))
                .isFalse();
        assertThat(ElementVersions.has(ProtocolVersion.V14_1, "AirSyncBase:BodyPart"))
                .isTrue();
    }

    @Test
    void anElementOfALaterVersionIsFoundInAnAnswer() {
        var document = WbxmlXml.fromXml("""
                <Sync xmlns="AirSync"><Collections><Collection><Class>Email</Class><SyncKey>1</SyncKey><Commands><Add>\
                <ApplicationData><IsDraft xmlns="Email2">1</IsDraft></ApplicationData></Add></Commands></Collection>\
                </Collections></Sync>""");
        assertThat(ElementVersions.foreign(document, ProtocolVersion.V12_1)).containsExactly("Email2:IsDraft");
        assertThat(ElementVersions.foreign(document, ProtocolVersion.V16_0))
                .containsExactly("AirSync:Collection/AirSync:Class");
    }

    /** A device of its own, with policy, folders and the Inbox primed. */
    private static final class Device {

        private final DialoguePhone phone;
        private final ProtocolVersion version;
        private final Map<String, String> known = new HashMap<>();

        Device(ProtocolVersion version) throws InterruptedException {
            this.version = version;
            this.phone = new DialoguePhone(
                    client, gateway.address(), "alice", "versions" + DEVICES.incrementAndGet(), version);
            var policy = """
                    <Provision xmlns="Provision"><Policies><Policy><PolicyType>MS-EAS-Provisioning-WBXML</PolicyType>%s</Policy>\
                    </Policies></Provision>""";
            var first = element("PolicyKey", exchange("Provision", policy.formatted("")));
            phone.policyKey(element(
                    "PolicyKey",
                    exchange(
                            "Provision",
                            policy.formatted("<PolicyKey>%s</PolicyKey><Status>1</Status>".formatted(first)))));
            var folders =
                    exchange("FolderSync", "<FolderSync xmlns=\"FolderHierarchy\"><SyncKey>0</SyncKey></FolderSync>");
            Pattern.compile("<Add>.*?</Add>", Pattern.DOTALL)
                    .matcher(folders)
                    .results()
                    .map(java.util.regex.MatchResult::group)
                    .forEach(add -> known.put(
                            element("DisplayName", add).toLowerCase(java.util.Locale.ROOT), element("ServerId", add)));
            known.put("key", element("SyncKey", exchange("Sync", """
                                    <Sync xmlns="AirSync"><Collections><Collection><SyncKey>0</SyncKey><CollectionId>%s\
                                    </CollectionId></Collection></Collections></Sync>""".formatted(known.get("inbox")))));
        }

        /** The answer, without what differs from one device to the next. */
        String answer(String command, String document) throws InterruptedException {
            var filled = document;
            for (var entry : known.entrySet()) {
                filled = filled.replace("{" + entry.getKey() + "}", entry.getValue());
            }
            phone.send(command, "", Map.of(), WbxmlXml.fromXml(filled));
            var answer = phone.answer();
            if (answer.statusCode() != 200) {
                return "HTTP " + answer.statusCode();
            }
            return printed(answer).replaceAll("<(SyncKey|PolicyKey)([^>]*)>[^<]*<", "<$1$2>…<");
        }

        private String exchange(String command, String document) throws InterruptedException {
            phone.send(command, "", Map.of(), WbxmlXml.fromXml(document));
            var answer = phone.answer();
            assertThat(answer.statusCode()).as(command).isEqualTo(200);
            return printed(answer);
        }

        private String printed(HttpResponse<byte[]> answer) {
            if (answer.body().length == 0) {
                return "(empty)";
            }
            assertThat(ElementVersions.foreign(answer.body(), version))
                    .as("elements that %s does not have", version.text())
                    .isEmpty();
            return WbxmlXml.toXml(answer.body());
        }

        private static String element(String name, String xml) {
            var found = Pattern.compile("<%s[^>]*>([^<]*)</%s>".formatted(name, name))
                    .matcher(xml);
            assertThat(found.find()).as("%s in %s", name, xml).isTrue();
            return found.group(1);
        }
    }
}
