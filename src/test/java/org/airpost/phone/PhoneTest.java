package org.airpost.phone;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.ComposeMail;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.FolderHierarchy;
import org.airpost.wbxml.page.GetItemEstimate;
import org.airpost.wbxml.page.ItemOperations;
import org.airpost.wbxml.page.Move;
import org.airpost.wbxml.page.Ping;
import org.airpost.wbxml.page.Provision;
import org.airpost.wbxml.page.Settings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PhoneTest {

    private ScriptedServer server;
    private Phone phone;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer();
        phone = server.phone();
    }

    @AfterEach
    void stop() {
        phone.close();
        server.close();
    }

    private static Consumer<WbxmlWriter> policy(long key, boolean withData) {
        return out -> {
            out.start(Provision.PROVISION)
                    .text(Provision.STATUS, 1)
                    .start(Provision.POLICIES)
                    .start(Provision.POLICY);
            out.text(Provision.POLICY_TYPE, "MS-EAS-Provisioning-WBXML")
                    .text(Provision.STATUS, 1)
                    .text(Provision.POLICY_KEY, key);
            if (withData) {
                out.start(Provision.DATA)
                        .start(Provision.EAS_PROVISION_DOC)
                        .flag(Provision.DEVICE_PASSWORD_ENABLED, false)
                        .end()
                        .end();
            }
            out.end().end().end();
        };
    }

    private static void folder(WbxmlWriter out, String id, String parent, String name, int type) {
        out.start(FolderHierarchy.ADD)
                .text(FolderHierarchy.SERVER_ID, id)
                .text(FolderHierarchy.PARENT_ID, parent)
                .text(FolderHierarchy.DISPLAY_NAME, name)
                .text(FolderHierarchy.TYPE, type)
                .end();
    }

    private static Consumer<WbxmlWriter> folders(int count) {
        return out -> {
            out.start(FolderHierarchy.FOLDER_SYNC)
                    .text(FolderHierarchy.STATUS, 1)
                    .text(FolderHierarchy.SYNC_KEY, "1")
                    .start(FolderHierarchy.CHANGES)
                    .text(FolderHierarchy.COUNT, count);
            folder(out, "5", "0", "Inbox", 2);
            folder(out, "6", "5", "Überweisungen", 12);
            out.end().end();
        };
    }

    @Test
    void aPlainQueryNamesCommandUserAndDevice() {
        server.saysNothing();
        phone.sync("5", SyncRequest.PLAIN);
        var asked = server.last();
        assertThat(asked.method()).isEqualTo("POST");
        assertThat(asked.uri().toString())
                .isEqualTo("/Microsoft-Server-ActiveSync"
                        + "?Cmd=Sync&User=alice&DeviceId=0123456789ABCDEF&DeviceType=TestPhone");
        assertThat(asked.header("MS-ASProtocolVersion")).isEqualTo("16.1");
        assertThat(new String(
                        Base64.getDecoder().decode(asked.header("Authorization").substring("Basic ".length())), UTF_8))
                .isEqualTo("alice:päss");
        assertThat(asked.header("X-MS-PolicyKey")).isEmpty();
    }

    @Test
    void aBase64QueryHoldsVersionDeviceAndPolicyKey() throws Exception {
        server.saysNothing();
        try (var other = server.phone(ProtocolVersion.V14_1, QueryForm.BASE64)) {
            other.policyKey(Optional.of(0xFEDC_BA98L));
            other.sync("5", SyncRequest.PLAIN);
        }
        var query = ByteBuffer.wrap(
                        Base64.getDecoder().decode(server.last().uri().getQuery()))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(query.get() & 0xFF).isEqualTo(141);
        assertThat(query.get()).isZero();
        assertThat(query.getShort()).isEqualTo((short) 0x0409);
        assertThat(query.get()).isEqualTo((byte) 8);
        assertThat(query.getLong()).isEqualTo(0xEFCD_AB89_6745_2301L);
        assertThat(query.get()).isEqualTo((byte) 4);
        assertThat(query.getInt()).isEqualTo(0xFEDC_BA98);
        assertThat(query.get()).isEqualTo((byte) 9);
        var type = new byte[9];
        query.get(type);
        assertThat(new String(type, US_ASCII)).isEqualTo("TestPhone");
        assertThat(query.hasRemaining()).isFalse();
    }

    @Test
    void optionsGiveVersionsAndCommands() {
        server.says(
                200,
                Map.of("MS-ASProtocolVersions", "12.1,14.0, 14.1", "MS-ASProtocolCommands", "Sync,Ping"),
                new byte[0]);
        var offer = phone.options();
        assertThat(offer.versions()).containsExactly("12.1", "14.0", "14.1");
        assertThat(offer.commands()).containsExactly("Sync", "Ping");
    }

    @Test
    void provisionHasTwoPhasesAndKeepsTheFinalKey() {
        server.says(policy(7, true)).says(policy(4_000_000_000L, false)).says(folders(2));
        var result = phone.provision();
        assertThat(result.succeeded()).isTrue();
        assertThat(result.policy()).containsEntry(Provision.DEVICE_PASSWORD_ENABLED, "0");
        assertThat(server.last().header("X-MS-PolicyKey")).isEqualTo("7");
        phone.folderSync();
        assertThat(server.last().header("X-MS-PolicyKey")).isEqualTo("4000000000");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void aFinalKeyThatIsTheTemporaryOneIsAViolation() {
        server.says(policy(7, true)).says(policy(7, false));
        phone.provision();
        assertThat(phone.violations()).singleElement().returns("PV-01", Violation::rule);
    }

    @Test
    void aRemoteWipeIsReportedAndNotAcknowledged() {
        server.says(out -> out.start(Provision.PROVISION)
                .text(Provision.STATUS, 1)
                .empty(Provision.REMOTE_WIPE)
                .end());
        assertThat(phone.provision().wipe()).isTrue();
        assertThat(server.asked()).hasSize(1);
    }

    @Test
    void foldersAreAddedRenamedAndRemoved() {
        server.says(folders(2))
                .says(out -> out.start(FolderHierarchy.FOLDER_SYNC)
                        .text(FolderHierarchy.STATUS, 1)
                        .text(FolderHierarchy.SYNC_KEY, "2")
                        .start(FolderHierarchy.CHANGES)
                        .text(FolderHierarchy.COUNT, 1)
                        .start(FolderHierarchy.DELETE)
                        .text(FolderHierarchy.SERVER_ID, "6")
                        .end()
                        .end()
                        .end());
        phone.folderSync();
        assertThat(phone.hierarchy().ofType(FolderType.INBOX))
                .contains(new Folder("5", "0", "Inbox", FolderType.INBOX));
        assertThat(phone.hierarchy().named("überweisungen")).isPresent();
        assertThat(phone.folderSync().deleted()).containsExactly("6");
        assertThat(phone.hierarchy().folders()).hasSize(1);
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void aWrongCountIsAViolation() {
        server.says(folders(3));
        phone.folderSync();
        assertThat(phone.violations()).singleElement().returns("FH-01", Violation::rule);
    }

    @Test
    void aFolderCreatedHereIsInTheTable() {
        server.says(folders(2))
                .says(out -> out.start(FolderHierarchy.FOLDER_CREATE)
                        .text(FolderHierarchy.STATUS, 1)
                        .text(FolderHierarchy.SYNC_KEY, "2")
                        .text(FolderHierarchy.SERVER_ID, "9")
                        .end());
        phone.folderSync();
        assertThat(phone.folderCreate("0", "Reisen", FolderType.USER_MAIL).serverId())
                .contains("9");
        assertThat(phone.hierarchy().folder("9")).isPresent();
        assertThat(phone.hierarchy().key()).isEqualTo("2");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void aPingTellsTheFoldersThatChanged() {
        server.says(out -> out.start(Ping.PING)
                .text(Ping.STATUS, 2)
                .start(Ping.FOLDERS)
                .text(Ping.FOLDER, "5")
                .end()
                .end());
        var result = phone.ping(List.of("5"), Duration.ofSeconds(60));
        assertThat(result.changes()).isTrue();
        assertThat(result.folders()).containsExactly("5");
    }

    @Test
    void aMovedItemLeavesOneReplicaAndEntersTheOther() {
        server.says(SyncAnswers.key("1"))
                .says(SyncAnswers.collection("2", SyncAnswers.commands(SyncAnswers.add("5:1", "one"))));
        phone.syncAll("5", SyncRequest.PLAIN);
        phone.replica("6").apply(SyncRequest.PLAIN, "0", primed(), false);
        server.says(out -> out.start(Move.MOVE_ITEMS)
                .start(Move.RESPONSE)
                .text(Move.SRC_MSG_ID, "5:1")
                .text(Move.STATUS, 3)
                .text(Move.DST_MSG_ID, "6:4")
                .end()
                .end());
        var results = phone.moveItems(List.of("5:1"), "5", "6");
        assertThat(results).singleElement().matches(MoveResult::succeeded);
        assertThat(phone.replica("5").items()).isEmpty();
        assertThat(phone.replica("6").item("6:4").orElseThrow().subject()).isEqualTo("one");
        assertThat(phone.violations()).isEmpty();
    }

    private static SyncAnswer primed() {
        return new SyncAnswer(1, 1, Optional.of("1"), false, List.of(), List.of(), false, Optional.empty());
    }

    @Test
    void anEstimateIsReadWithItsStatus() {
        server.says(out -> out.start(GetItemEstimate.GET_ITEM_ESTIMATE)
                .start(GetItemEstimate.RESPONSE)
                .text(GetItemEstimate.STATUS, 1)
                .start(GetItemEstimate.COLLECTION)
                .text(GetItemEstimate.COLLECTION_ID, "5")
                .text(GetItemEstimate.ESTIMATE, 17)
                .end()
                .end()
                .end());
        assertThat(phone.getItemEstimate("5", Optional.empty())).isEqualTo(new Estimate(1, Optional.of(17)));
    }

    private static Consumer<WbxmlWriter> attachment(Consumer<WbxmlWriter> content) {
        return out -> {
            out.start(ItemOperations.ITEM_OPERATIONS)
                    .text(ItemOperations.STATUS, 1)
                    .start(ItemOperations.RESPONSE)
                    .start(ItemOperations.FETCH)
                    .text(ItemOperations.STATUS, 1)
                    .text(AirSyncBase.FILE_REFERENCE, "ref")
                    .start(ItemOperations.PROPERTIES)
                    .text(ItemOperations.RANGE, "2-5")
                    .text(ItemOperations.TOTAL, 9)
                    .text(AirSyncBase.CONTENT_TYPE, "application/pdf");
            content.accept(out);
            out.end().end().end().end();
        };
    }

    @Test
    void anAttachmentComesAsBase64() {
        server.says(attachment(out -> out.text(ItemOperations.DATA, "SGV5IQ==")));
        var fetched = phone.itemOperationsFetch("ref", Optional.of(new ByteRange(2, 5)), false);
        assertThat(fetched.data().orElseThrow()).asString().isEqualTo("Hey!");
        assertThat(fetched.range()).contains("2-5");
        assertThat(fetched.total()).contains(9L);
        assertThat(fetched.contentType()).contains("application/pdf");
    }

    @Test
    void anAttachmentComesAsAPart() {
        var document = Wire.document(attachment(out -> out.text(ItemOperations.PART, 1)));
        var body = ByteBuffer.allocate(4 + 16 + document.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        body.putInt(2)
                .putInt(20)
                .putInt(document.length)
                .putInt(20 + document.length)
                .putInt(4);
        body.put(document).put("Hey!".getBytes(US_ASCII));
        server.says(200, Map.of("Content-Type", Wire.MULTIPART), body.array());
        var fetched = phone.itemOperationsFetch("ref", Optional.empty(), true);
        assertThat(server.last().header("MS-ASAcceptMultiPart")).isEqualTo("T");
        assertThat(fetched.multiPart()).isTrue();
        assertThat(fetched.data().orElseThrow()).asString().isEqualTo("Hey!");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void anItemIsFetchedWithItsBodyAndAttachments() {
        server.says(out -> out.start(ItemOperations.ITEM_OPERATIONS)
                .text(ItemOperations.STATUS, 1)
                .start(ItemOperations.RESPONSE)
                .start(ItemOperations.FETCH)
                .text(ItemOperations.STATUS, 1)
                .text(AirSync.COLLECTION_ID, "5")
                .text(AirSync.SERVER_ID, "5:1")
                .start(ItemOperations.PROPERTIES)
                .text(Email.SUBJECT, "Grüße 🎉")
                .start(AirSyncBase.BODY)
                .text(AirSyncBase.TYPE, 1)
                .text(AirSyncBase.ESTIMATED_DATA_SIZE, 5)
                .text(AirSyncBase.DATA, "Hallo")
                .end()
                .start(AirSyncBase.ATTACHMENTS)
                .start(AirSyncBase.ATTACHMENT)
                .text(AirSyncBase.DISPLAY_NAME, "a.pdf")
                .text(AirSyncBase.FILE_REFERENCE, "ref")
                .text(AirSyncBase.METHOD, 1)
                .text(AirSyncBase.ESTIMATED_DATA_SIZE, 10)
                .end()
                .end()
                .end()
                .end()
                .end()
                .end());
        var item = phone.itemOperationsFetch("5", "5:1", BodyOptions.DEFAULT, false)
                .item();
        assertThat(item.properties()).containsEntry(Email.SUBJECT, "Grüße 🎉");
        assertThat(item.body().orElseThrow().text()).isEqualTo("Hallo");
        assertThat(item.attachments().orElseThrow())
                .singleElement()
                .returns("a.pdf", Attachment::displayName)
                .returns(10L, Attachment::size);
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void aMailIsSentAsADocument() {
        server.saysNothing();
        assertThat(phone.sendMail("c1", "Subject: x\r\n\r\ny".getBytes(US_ASCII), true))
                .isEqualTo(1);
        var in = server.last().document();
        in.root(ComposeMail.SEND_MAIL);
        assertThat(in.child()).isTrue();
        assertThat(in.text()).isEqualTo("c1");
        assertThat(in.child()).isTrue();
        assertThat(in.tag()).isEqualTo(ComposeMail.SAVE_IN_SENT_ITEMS);
        in.skip();
        assertThat(in.child()).isTrue();
        assertThat(ItemReader.allBytes(in)).asString().isEqualTo("Subject: x\r\n\r\ny");
        assertThat(in.child()).isFalse();
    }

    @Test
    void aReplyOfAnOldPhoneIsTheMessageItselfWithParametersInTheQuery() throws Exception {
        server.saysNothing();
        try (var old = server.phone(ProtocolVersion.V12_1, QueryForm.PLAIN)) {
            old.smartReply("c1", new byte[] {'x'}, true, new Source.ById("5", "5:1"), false);
        }
        assertThat(server.last().uri().getQuery()).endsWith("&CollectionId=5&ItemId=5:1&SaveInSent=T");
        assertThat(server.last().header("Content-Type")).isEqualTo("message/rfc822");
        assertThat(server.last().body()).containsExactly('x');
    }

    @Test
    void aRefusedMailGivesItsStatus() {
        server.says(out ->
                out.start(ComposeMail.SEND_MAIL).text(ComposeMail.STATUS, 119).end());
        assertThat(phone.sendMail("c1", new byte[0], false)).isEqualTo(119);
    }

    @Test
    void settingsTellWhoTheUserIs() {
        server.says(out -> out.start(Settings.SETTINGS)
                .text(Settings.STATUS, 1)
                .start(Settings.USER_INFORMATION)
                .text(Settings.STATUS, 1)
                .start(Settings.GET)
                .start(Settings.ACCOUNTS)
                .start(Settings.ACCOUNT)
                .text(Settings.USER_DISPLAY_NAME, "Alice")
                .start(Settings.EMAIL_ADDRESSES)
                .text(Settings.SMTP_ADDRESS, "alice@example.org")
                .text(Settings.PRIMARY_SMTP_ADDRESS, "alice@example.org")
                .end()
                .end()
                .end()
                .end()
                .end()
                .end());
        assertThat(phone.settingsUserInformation())
                .isEqualTo(new UserInformation(
                        1, List.of("alice@example.org"), Optional.of("alice@example.org"), Optional.of("Alice")));
    }

    @Test
    void anHttpErrorIsAnExceptionThatSaysWhatToDo() {
        server.says(401, Map.of(), new byte[0]);
        assertThatThrownBy(() -> phone.folderSync())
                .isInstanceOfSatisfying(
                        PhoneException.class, e -> assertThat(e.httpStatus()).isEqualTo(401))
                .hasMessageContaining("FolderSync")
                .hasMessageContaining("password");
    }

    @Test
    void anAnswerThatIsNoWbxmlIsAnException() {
        server.says(200, Map.of("Content-Type", Wire.WBXML), "<html>".getBytes(US_ASCII));
        assertThatThrownBy(() -> phone.folderSync())
                .isInstanceOf(PhoneException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void anotherContentTypeThanWbxmlIsAViolation() {
        server.says(200, Map.of("Content-Type", "text/html"), Wire.document(folders(2)));
        phone.folderSync();
        assertThat(phone.violations()).singleElement().returns("HT-01", Violation::rule);
    }
}
