package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.airpost.backend.Account;
import org.airpost.backend.FolderView;
import org.airpost.backend.Mailbox;
import org.airpost.backend.Outcome;
import org.airpost.backend.UidSet;
import org.airpost.convert.FileReference;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folder;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.DocumentLibrary;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.ItemOperations;
import org.airpost.wbxml.page.Search;
import org.junit.jupiter.api.Test;

class ItemOperationsCommandTest {

    private static final byte[] PICTURE = "0123456789".getBytes(StandardCharsets.US_ASCII);

    private final FakeMail mail = new FakeMail();
    private final FakeItems items = new FakeItems();
    private final ItemOperationsCommand command =
            new ItemOperationsCommand(items, (_, _, _) -> ItemOperationsStatus.NOT_FOUND);

    @Test
    void anItemIsFetchedByCollectionAndServerId() {
        assertThat(responses(run(out ->
                        fetch(out, o -> o.text(AirSync.COLLECTION_ID, "5").text(AirSync.SERVER_ID, "5:7")))))
                .isEqualTo(
                        "<Fetch><Status>1</Status><CollectionId>5</CollectionId><ServerId>5:7</ServerId>"
                                + "<Class>Email</Class><Properties><Subject>7 [\\Flagged, \\Seen]</Subject></Properties></Fetch>");
    }

    @Test
    void anItemIsFetchedByLongIdAlone() {
        assertThat(responses(run(out -> fetch(out, o -> o.text(Search.LONG_ID, "5:7")))))
                .startsWith("<Fetch><Status>1</Status><LongId>5:7</LongId><Class>Email</Class><Properties>");
    }

    @Test
    void whatIsNotThereIsStatus6() {
        for (var id : List.of("5:8", "9:7", "6:7", "nonsense", "")) {
            assertThat(responses(run(out ->
                            fetch(out, o -> o.text(AirSync.COLLECTION_ID, "5").text(AirSync.SERVER_ID, id)))))
                    .as(id)
                    .startsWith("<Fetch><Status>6</Status><CollectionId>5</CollectionId>")
                    .doesNotContain("Properties");
        }
    }

    @Test
    void theOptionsReachTheConverterAndAWrongOneFailsItsFetchAlone() {
        var text = responses(run(out -> {
            fetch(
                    out,
                    o -> o.text(Search.LONG_ID, "5:7")
                            .start(ItemOperations.OPTIONS)
                            .start(ItemOperations.SCHEMA)
                            .empty(Email.SUBJECT)
                            .end()
                            .text(ItemOperations.PASSWORD, "p")
                            .text(AirSync.MIME_SUPPORT, 2)
                            .end());
            fetch(
                    out,
                    o -> o.text(Search.LONG_ID, "5:7")
                            .start(ItemOperations.OPTIONS)
                            .start(AirSyncBase.BODY_PART_PREFERENCE)
                            .text(AirSyncBase.TYPE, 1)
                            .end()
                            .end());
        }));

        assertThat(items.asked)
                .hasSize(1)
                .first()
                .extracting(BodyOptions::mimeSupport)
                .isEqualTo(2);
        assertThat(text).contains("<Fetch><Status>1</Status>").contains("<Fetch><Status>164</Status>");
    }

    @Test
    void anAttachmentComesAsBase64() {
        assertThat(responses(run(out -> attachment(out, "5:7:2", ""))))
                .isEqualTo("<Fetch><Status>1</Status><FileReference>5:7:2</FileReference><Properties>"
                        + "<ContentType>image/png</ContentType><Data>"
                        + Base64.getEncoder().encodeToString(PICTURE) + "</Data></Properties></Fetch>");
    }

    @Test
    void aRangeIsWhatWasSentAndTotalTheWhole() {
        assertThat(responses(run(out -> {
                    attachment(out, "5:7:2", "2-4");
                    attachment(out, "5:7:2", "8-99");
                })))
                .contains("<Properties><Range>2-4</Range><Total>10</Total><ContentType>image/png</ContentType><Data>"
                        + Base64.getEncoder().encodeToString("234".getBytes(StandardCharsets.US_ASCII)) + "</Data>")
                .contains("<Properties><Range>8-9</Range><Total>10</Total><ContentType>image/png</ContentType><Data>"
                        + Base64.getEncoder().encodeToString("89".getBytes(StandardCharsets.US_ASCII)) + "</Data>");
    }

    @Test
    void aRangeThatIsNoneIsStatus8() {
        for (var range : List.of("10-12", "4-2", "x", "-1-4", "3-")) {
            assertThat(responses(run(out -> attachment(out, "5:7:2", range))))
                    .as(range)
                    .isEqualTo("<Fetch><Status>8</Status><FileReference>5:7:2</FileReference></Fetch>");
        }
    }

    @Test
    void anAttachmentThatIsNotThereIsStatus15AndAnEmptyOne10() {
        for (var reference : List.of("5:7:9", "5:8:2", "9:7:2", "../etc/passwd")) {
            assertThat(responses(run(out -> attachment(out, reference, ""))))
                    .as(reference)
                    .startsWith("<Fetch><Status>15</Status>");
        }
        assertThat(responses(run(out -> attachment(out, "5:7:3", "")))).startsWith("<Fetch><Status>10</Status>");
    }

    @Test
    void inAMultipartAnswerAttachmentsArePartsWithRawBytes() {
        var answer = command.run(request(true, out -> {
            attachment(out, "5:7:2", "");
            attachment(out, "5:7:9", "");
            attachment(out, "5:7:2", "0-3");
            fetch(out, o -> o.text(Search.LONG_ID, "5:7"));
        }));

        assertThat(answer).isInstanceOf(Answer.MultiPart.class);
        var parts = ((Answer.MultiPart) answer)
                .parts().stream()
                        .map(spool -> new String(Documents.all(spool), StandardCharsets.US_ASCII))
                        .toList();
        assertThat(parts).containsExactly("0123456789", "0123");
        assertThat(responses(answer))
                .contains("<ContentType>image/png</ContentType><Part>1</Part></Properties>")
                .contains("<Status>15</Status>")
                .contains("<Total>10</Total><ContentType>image/png</ContentType><Part>2</Part></Properties>")
                .contains("<Subject>")
                .doesNotContain("<Data>");
    }

    @Test
    void withoutAttachmentsTheAnswerIsAnOrdinaryOne() {
        assertThat(command.run(request(true, out -> fetch(out, o -> o.text(Search.LONG_ID, "5:7")))))
                .isInstanceOf(Answer.Document.class);
    }

    @Test
    void anotherStoreIsStatus9() {
        assertThat(responses(run(out -> out.start(ItemOperations.FETCH)
                        .text(ItemOperations.STORE, "DocumentLibrary")
                        .text(DocumentLibrary.LINK_ID, "\\\\server\\share")
                        .end())))
                .isEqualTo("<Fetch><Status>9</Status><LinkId>\\\\server\\share</LinkId></Fetch>");
    }

    @Test
    void aFetchOfNothingIsStatus2() {
        assertThat(responses(run(out -> fetch(out, o -> {})))).isEqualTo("<Fetch><Status>2</Status></Fetch>");
    }

    @Test
    void emptyFolderContentsDeletesTheItemsAndLeavesSubfolders() {
        mail.add("", "Trash");
        mail.add("Trash", "Old");

        assertThat(responses(run(out -> emptyFolder(out, "5", false))))
                .isEqualTo(
                        "<EmptyFolderContents><Status>1</Status><CollectionId>5</CollectionId></EmptyFolderContents>");
        assertThat(mail.done).containsExactly("expunge Trash 3 7,9");
    }

    @Test
    void deleteSubFoldersDeletesThoseBelowToo() {
        mail.add("", "Trash");
        mail.add("Trash", "Old");
        mail.add("Trash/Old", "Older");
        mail.add("", "Trashcan");

        assertThat(responses(run(out -> emptyFolder(out, "5", true)))).contains("<Status>1</Status>");
        assertThat(mail.done).containsExactly("expunge Trash 3 7,9", "delete Trash/Old");
    }

    @Test
    void aSpecialFolderBelowStaysWithWhatItLiesIn() {
        mail.add("", "Trash");
        mail.add("Trash", "Old");
        mail.add("Trash", "Mail");
        mail.add("Trash/Mail", "Sent", Optional.of(Mailbox.Role.SENT));

        assertThat(responses(run(out -> emptyFolder(out, "5", true)))).contains("<Status>17</Status>");
        assertThat(mail.done).containsExactly("expunge Trash 3 7,9", "delete Trash/Old");
    }

    @Test
    void emptyFolderContentsSaysHonestlyWhatFailed() {
        mail.refuses = Optional.of(Outcome.Refusal.NO_PERMISSION);

        assertThat(responses(run(out -> emptyFolder(out, "5", true)))).contains("<Status>16</Status>");
        assertThat(responses(run(out -> emptyFolder(out, "9", false)))).contains("<Status>6</Status>");
    }

    @Test
    void aSubfolderThatStaysIsAPartOfSuccess() {
        mail.add("", "Bin");
        mail.add("Bin", "Kept");
        mail.refuses = Optional.of(Outcome.Refusal.OTHER);

        assertThat(responses(run(out -> emptyFolder(out, "6", true)))).contains("<Status>17</Status>");
    }

    @Test
    void aConversationIsMovedWithMoveAlwaysAlone() {
        assertThat(responses(run(out -> {
                    out.start(ItemOperations.MOVE)
                            .opaque(ItemOperations.CONVERSATION_ID, new byte[] {1, (byte) 0xFF})
                            .text(ItemOperations.DST_FLD_ID, "5")
                            .start(ItemOperations.OPTIONS)
                            .empty(ItemOperations.MOVE_ALWAYS)
                            .end()
                            .end();
                    out.start(ItemOperations.MOVE)
                            .opaque(ItemOperations.CONVERSATION_ID, new byte[] {2})
                            .text(ItemOperations.DST_FLD_ID, "5")
                            .end();
                })))
                .isEqualTo("<Move><Status>6</Status><ConversationId>#01ff</ConversationId></Move>"
                        + "<Move><Status>155</Status><ConversationId>#02</ConversationId></Move>");
    }

    @Test
    void tooManyOperationsAreStatus11() {
        assertThatThrownBy(() -> run(out -> {
                    for (int i = 0; i < 201; i++) {
                        emptyFolder(out, "5", false);
                    }
                }))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.status().code()).isEqualTo(11));
        assertThat(mail.done).isEmpty();
    }

    @Test
    void aLargeAttachmentIsCutOffBeforeItFillsTheDisk() throws IOException {
        MailConverter.Attachment endless = new MailConverter.Attachment() {

            @Override
            public String contentType() {
                return "video/mp4";
            }

            @Override
            public String name() {
                return "film.mp4";
            }

            @Override
            public long approximateBytes() {
                return 1_000_000;
            }

            @Override
            public java.time.Instant received() {
                return java.time.Instant.EPOCH;
            }

            @Override
            public long write(OutputStream out, long first, long last) throws IOException {
                for (int i = 0; i < 1000; i++) {
                    out.write(new byte[1000]);
                }
                return 1_000_000;
            }
        };

        assertThat(AttachmentSpool.read(endless, AttachmentSpool.Range.ALL, true, 4000))
                .isInstanceOfSatisfying(
                        AttachmentSpool.Result.Failed.class,
                        failed -> assertThat(failed.status().code()).isEqualTo(11));
    }

    @Test
    void anAttachmentThatCannotBeSpooledIsStatus12() {
        MailConverter.Attachment broken = new MailConverter.Attachment() {

            @Override
            public String contentType() {
                return "video/mp4";
            }

            @Override
            public String name() {
                return "film.mp4";
            }

            @Override
            public long approximateBytes() {
                return 1;
            }

            @Override
            public Instant received() {
                return Instant.EPOCH;
            }

            @Override
            public long write(OutputStream out, long first, long last) throws IOException {
                throw new IOException("no space left on the device");
            }
        };

        assertThat(AttachmentSpool.read(broken, AttachmentSpool.Range.ALL, true, 4000))
                .isEqualTo(new AttachmentSpool.Result.Failed(ItemOperationsStatus.IO_FAILURE));
    }

    private Answer run(Consumer<WbxmlWriter> operations) {
        return command.run(request(false, operations));
    }

    private Request request(boolean multiPart, Consumer<WbxmlWriter> operations) {
        var requests =
                Requests.of(CommandName.ITEM_OPERATIONS, ProtocolVersion.V14_1).withMail(mail);
        return (multiPart ? requests.acceptingMultiPart() : requests).body(out -> {
            out.start(ItemOperations.ITEM_OPERATIONS);
            operations.accept(out);
            out.end();
        });
    }

    private static String responses(Answer answer) {
        var text = Documents.text(answer);
        var head = "<ItemOperations><Status>1</Status><Response>";
        var tail = "</Response></ItemOperations>";
        assertThat(text).startsWith(head).endsWith(tail);
        return text.substring(head.length(), text.length() - tail.length());
    }

    private static void fetch(WbxmlWriter out, Consumer<WbxmlWriter> content) {
        out.start(ItemOperations.FETCH).text(ItemOperations.STORE, "mailbox");
        content.accept(out);
        out.end();
    }

    private static void attachment(WbxmlWriter out, String reference, String range) {
        fetch(out, o -> {
            o.text(AirSyncBase.FILE_REFERENCE, reference);
            if (!range.isEmpty()) {
                o.start(ItemOperations.OPTIONS)
                        .text(ItemOperations.RANGE, range)
                        .end();
            }
        });
    }

    private static void emptyFolder(WbxmlWriter out, String collectionId, boolean deleteSubFolders) {
        out.start(ItemOperations.EMPTY_FOLDER_CONTENTS).text(AirSync.COLLECTION_ID, collectionId);
        if (deleteSubFolders) {
            out.start(ItemOperations.OPTIONS)
                    .empty(ItemOperations.DELETE_SUB_FOLDERS)
                    .end();
        }
        out.end();
    }

    /** Folder 5 "Trash" with messages 7 and 9, message 7 with attachments 2 and 3 (empty); folder 6 "Bin", empty. */
    private static final class FakeItems implements MailItems {

        private final List<BodyOptions> asked = new ArrayList<>();

        @Override
        public void removed(Account account, DeviceKey device, Folder folder, UidSet uids) {
            // Nobody waits here.
        }

        @Override
        public Optional<Located> locate(Account account, DeviceKey device, String collectionId) {
            return switch (collectionId) {
                case "5" ->
                    Optional.of(new Located(
                            new Folder("5", "0", "Trash", FolderType.DELETED_ITEMS, "Trash", true),
                            new FolderView(
                                    3,
                                    10,
                                    0,
                                    UidSet.of(7, 9),
                                    Map.of(
                                            "\\Seen",
                                            UidSet.of(7, 9),
                                            "\\Flagged",
                                            UidSet.of(7),
                                            "Work",
                                            UidSet.of(9)))));
                case "6" ->
                    Optional.of(new Located(
                            new Folder("6", "0", "Bin", FolderType.USER_MAIL, "Bin", true),
                            new FolderView(3, 10, 0, UidSet.EMPTY, Map.of())));
                default -> Optional.empty();
            };
        }

        @Override
        public Optional<MailConverter.Item> item(
                MailConverter.Place place, long uid, BodyOptions options, ProtocolVersion version, MailLimits limits) {
            asked.add(options);
            if (uid != 7) {
                return Optional.empty();
            }
            return Optional.of(new MailConverter.Item() {

                @Override
                public java.time.Instant received() {
                    return java.time.Instant.EPOCH;
                }

                @Override
                public java.util.Set<String> flags() {
                    return java.util.Set.of();
                }

                @Override
                public void writeFound(WbxmlWriter out, java.util.Set<String> flags) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long uid() {
                    return uid;
                }

                @Override
                public boolean isPlaceholder() {
                    return false;
                }

                @Override
                public long approximateBytes() {
                    return 0;
                }

                @Override
                public void write(WbxmlWriter out, Set<String> flags) {
                    out.text(Email.SUBJECT, uid + " " + new TreeSet<>(flags));
                }

                @Override
                public void write(WbxmlWriter out, Set<String> flags, MailConverter.Parts parts) {
                    write(out, flags);
                }
            });
        }

        @Override
        public Optional<MailConverter.Attachment> attachment(
                DeviceKey device, MailConverter.Place place, FileReference reference, MailLimits limits) {
            if (reference.uid() != 7) {
                return Optional.empty();
            }
            return switch (reference.section()) {
                case "2" -> Optional.of(new Bytes(PICTURE));
                case "3" -> Optional.of(new Bytes(new byte[0]));
                default -> Optional.empty();
            };
        }
    }

    private static final class Bytes implements MailConverter.Attachment {

        private final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public String contentType() {
            return "image/png";
        }

        @Override
        public String name() {
            return "picture.png";
        }

        @Override
        public long approximateBytes() {
            return bytes.length;
        }

        @Override
        public java.time.Instant received() {
            return java.time.Instant.EPOCH;
        }

        @Override
        public long write(OutputStream out, long first, long last) throws IOException {
            if (first < bytes.length) {
                out.write(bytes, (int) first, (int) (Math.min(last, bytes.length - 1) - first + 1));
            }
            return bytes.length;
        }
    }
}
