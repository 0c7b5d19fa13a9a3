package org.airpost.phone;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.CommandName;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.ItemOperations;

/** ItemOperations: Fetch of an item or an attachment, and EmptyFolderContents. Source: MS-ASCMD "ItemOperations". */
final class FetchDialogue {

    private final Wire wire;
    private final Violations violations;

    FetchDialogue(Wire wire, Violations violations) {
        this.wire = wire;
        this.violations = violations;
    }

    Fetched item(String collectionId, String serverId, BodyOptions options, boolean multiPart) {
        return fetch(multiPart, out -> {
            out.text(AirSync.COLLECTION_ID, collectionId).text(AirSync.SERVER_ID, serverId);
            if (!options.equals(BodyOptions.DEFAULT)) {
                out.start(ItemOperations.OPTIONS);
                OptionsWriter.write(out, options);
                out.end();
            }
        });
    }

    Fetched attachment(String fileReference, Optional<ByteRange> range, boolean multiPart) {
        return fetch(multiPart, out -> {
            out.text(AirSyncBase.FILE_REFERENCE, fileReference);
            range.ifPresent(bytes -> out.start(ItemOperations.OPTIONS)
                    .text(ItemOperations.RANGE, bytes.toString())
                    .end());
        });
    }

    int emptyFolder(String collectionId, boolean subfolders) {
        var reply = wire.post(Wire.Post.of(CommandName.ITEM_OPERATIONS, Wire.document(out -> {
            out.start(ItemOperations.ITEM_OPERATIONS)
                    .start(ItemOperations.EMPTY_FOLDER_CONTENTS)
                    .text(AirSync.COLLECTION_ID, collectionId);
            if (subfolders) {
                out.start(ItemOperations.OPTIONS)
                        .empty(ItemOperations.DELETE_SUB_FOLDERS)
                        .end();
            }
            out.end().end();
        })));
        var reading = new Reading();
        Wire.read(CommandName.ITEM_OPERATIONS, reply.body(), reading::answer);
        return reading.status();
    }

    private Fetched fetch(boolean multiPart, Consumer<WbxmlWriter> what) {
        var post = Wire.Post.of(CommandName.ITEM_OPERATIONS, Wire.document(out -> {
            out.start(ItemOperations.ITEM_OPERATIONS)
                    .start(ItemOperations.FETCH)
                    .text(ItemOperations.STORE, "Mailbox");
            what.accept(out);
            out.end().end();
        }));
        var reply = wire.post(multiPart ? post.multiPart() : post);
        boolean inParts = reply.contentType().equals(Wire.MULTIPART);
        violations.check(!inParts || multiPart, "IO-11", "ItemOperations", "a multipart answer that nobody asked for");
        var parts = inParts ? MultiPartReader.parts(reply.body()) : List.of(reply.body());
        var reading = new Reading();
        Wire.read(CommandName.ITEM_OPERATIONS, parts.getFirst(), reading::answer);
        return reading.result(parts, inParts);
    }

    /** An answer while it is read. */
    private final class Reading {

        private int topStatus;
        private int fetchStatus;
        private Optional<byte[]> data = Optional.empty();
        private Optional<Integer> part = Optional.empty();
        private Optional<String> range = Optional.empty();
        private Optional<Long> total = Optional.empty();
        private final ItemReader item = new ItemReader(violations, "ItemOperations");

        int status() {
            return topStatus > 1 || fetchStatus == 0 ? topStatus : fetchStatus;
        }

        Fetched result(List<byte[]> parts, boolean inParts) {
            var properties = item.data();
            var bytes = part.map(number -> part(parts, number)).or(() -> data);
            var body = properties
                    .body()
                    .map(b -> b.part()
                            .map(number -> b.withData(part(parts, number)))
                            .orElse(b));
            return new Fetched(
                    status(),
                    new ItemData(
                            properties.properties(),
                            body,
                            properties.bodyPart(),
                            properties.attachments(),
                            properties.flag(),
                            properties.categories(),
                            properties.meetingRequest()),
                    bytes,
                    Optional.ofNullable(properties.properties().get(AirSyncBase.CONTENT_TYPE)),
                    range,
                    total,
                    inParts);
        }

        private static byte[] part(List<byte[]> parts, int number) {
            if (number < 1 || number >= parts.size()) {
                throw new PhoneException(
                        200, "the answer to ItemOperations names part %d of %d".formatted(number, parts.size()));
            }
            return parts.get(number);
        }

        void answer(WbxmlReader in) {
            in.root(ItemOperations.ITEM_OPERATIONS);
            while (in.child()) {
                switch (in.tag()) {
                    case ItemOperations.STATUS -> topStatus = (int) in.number(0, 10_000);
                    case ItemOperations.RESPONSE -> {
                        while (in.child()) {
                            operation(in);
                        }
                    }
                    default -> in.skip();
                }
            }
        }

        private void operation(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case ItemOperations.STATUS -> fetchStatus = (int) in.number(0, 10_000);
                    case ItemOperations.PROPERTIES -> {
                        while (in.child()) {
                            property(in);
                        }
                    }
                    default -> in.skip();
                }
            }
        }

        private void property(WbxmlReader in) {
            switch (in.tag()) {
                case ItemOperations.RANGE -> range = Optional.of(in.text());
                case ItemOperations.TOTAL -> total = Optional.of(in.number(0, Long.MAX_VALUE));
                case ItemOperations.PART -> part = Optional.of((int) in.number(0, Integer.MAX_VALUE));
                case ItemOperations.DATA -> data = Optional.of(base64(in));
                default -> item.child(in);
            }
        }

        private static byte[] base64(WbxmlReader in) {
            try (var bytes = in.bytes();
                    var decoded = Base64.getMimeDecoder().wrap(bytes)) {
                return decoded.readAllBytes();
            } catch (IOException e) {
                throw new PhoneException("Data of an attachment is no base64", e);
            }
        }
    }
}
