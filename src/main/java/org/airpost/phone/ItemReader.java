package org.airpost.phone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;
import org.airpost.wbxml.page.ItemOperations;

/** Reads what an item carries, and checks what the specification says of its form. Source: MS-ASEMAIL, MS-ASAIRS. */
final class ItemReader {

    private final Violations violations;
    private final String place;
    private final Map<Tag, String> properties = new HashMap<>();
    private Optional<Body> body = Optional.empty();
    private Optional<Body> bodyPart = Optional.empty();
    private Optional<List<Attachment>> attachments = Optional.empty();
    private Optional<Flag> flag = Optional.empty();
    private Optional<List<String>> categories = Optional.empty();
    private Optional<Map<Tag, String>> meetingRequest = Optional.empty();

    ItemReader(Violations violations, String place) {
        this.violations = violations;
        this.place = place;
    }

    /** Reads the children of the element that the cursor stands in, ApplicationData for example, and steps out of it. */
    static ItemData read(WbxmlReader in, Violations violations, String place) {
        var reader = new ItemReader(violations, place);
        while (in.child()) {
            reader.child(in);
        }
        return reader.data();
    }

    ItemData data() {
        return new ItemData(properties, body, bodyPart, attachments, flag, categories, meetingRequest);
    }

    /** Reads the child that the cursor stands in, and steps out of it. */
    void child(WbxmlReader in) {
        var tag = in.tag();
        switch (tag) {
            case AirSyncBase.BODY -> body = Optional.of(body(in, "Body"));
            case AirSyncBase.BODY_PART -> bodyPart = Optional.of(body(in, "BodyPart"));
            case AirSyncBase.ATTACHMENTS -> attachments = Optional.of(attachments(in));
            case Email.FLAG -> flag = Optional.of(flag(in));
            case Email.CATEGORIES -> categories = Optional.of(categories(in));
            case Email.MEETING_REQUEST -> meetingRequest = Optional.of(leaves(in));
            case Email2.CONVERSATION_ID, Email2.CONVERSATION_INDEX ->
                properties.put(tag, Base64.getEncoder().encodeToString(allBytes(in)));
            case Email _, Email2 _ -> properties.put(tag, in.text());
            case AirSyncBase.NATIVE_BODY_TYPE, AirSyncBase.CONTENT_TYPE -> properties.put(tag, in.text());
            default -> in.skip();
        }
    }

    private Body body(WbxmlReader in, String name) {
        int status = 1;
        int type = 0;
        boolean truncated = false;
        Optional<Long> size = Optional.empty();
        Optional<byte[]> data = Optional.empty();
        Optional<String> preview = Optional.empty();
        Optional<Integer> part = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case AirSyncBase.STATUS -> status = (int) in.number(0, Integer.MAX_VALUE);
                case AirSyncBase.TYPE -> type = (int) in.number(0, 255);
                case AirSyncBase.ESTIMATED_DATA_SIZE -> size = Optional.of(in.number(0, 0xFFFF_FFFFL));
                case AirSyncBase.TRUNCATED -> truncated = in.flag();
                case AirSyncBase.DATA -> data = Optional.of(allBytes(in));
                case AirSyncBase.PREVIEW -> preview = Optional.of(in.text());
                case ItemOperations.PART -> part = Optional.of((int) in.number(0, Integer.MAX_VALUE));
                default -> in.skip();
            }
        }
        violations.check(type >= 1 && type <= 4, "BD-02", place, "%s of Type %d".formatted(name, type));
        violations.check(
                !truncated || size.isPresent(), "BD-09", place, name + " is truncated without EstimatedDataSize");
        return new Body(status, type, size, truncated, data, preview, part);
    }

    private List<Attachment> attachments(WbxmlReader in) {
        var list = new ArrayList<Attachment>();
        while (in.child()) {
            if (in.tag() == AirSyncBase.ATTACHMENT) {
                list.add(attachment(in));
            } else {
                in.skip();
            }
        }
        violations.check(!list.isEmpty(), "BD-18", place, "an empty Attachments container");
        return list;
    }

    private Attachment attachment(WbxmlReader in) {
        var displayName = "";
        var fileReference = "";
        int method = 0;
        long size = -1;
        boolean inline = false;
        Optional<String> contentId = Optional.empty();
        Optional<String> contentType = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case AirSyncBase.DISPLAY_NAME -> displayName = in.text();
                case AirSyncBase.FILE_REFERENCE -> fileReference = in.text();
                case AirSyncBase.METHOD -> method = (int) in.number(0, 255);
                case AirSyncBase.ESTIMATED_DATA_SIZE -> size = in.number(0, 0xFFFF_FFFFL);
                case AirSyncBase.CONTENT_ID -> contentId = Optional.of(in.text());
                case AirSyncBase.CONTENT_TYPE -> contentType = Optional.of(in.text());
                case AirSyncBase.IS_INLINE -> inline = in.flag();
                default -> in.skip();
            }
        }
        violations.check(
                !fileReference.isEmpty() && method > 0 && size >= 0,
                "BD-18",
                place,
                "an Attachment lacks FileReference, Method or EstimatedDataSize");
        violations.check(
                contentId.filter(id -> id.startsWith("<")).isEmpty(), "BD-20", place, "ContentId in angle brackets");
        return new Attachment(displayName, fileReference, method, Math.max(size, 0), contentId, contentType, inline);
    }

    private static Flag flag(WbxmlReader in) {
        int status = 0;
        var type = "";
        while (in.child()) {
            switch (in.tag()) {
                case Email.STATUS -> status = (int) in.number(0, 2);
                case Email.FLAG_TYPE -> type = in.text();
                default -> in.skip();
            }
        }
        return new Flag(status, type);
    }

    private static List<String> categories(WbxmlReader in) {
        var list = new ArrayList<String>();
        while (in.child()) {
            list.add(in.text());
        }
        return list;
    }

    /** The plain children of an element; those that hold others are passed over. */
    private static Map<Tag, String> leaves(WbxmlReader in) {
        var map = new HashMap<Tag, String>();
        while (in.child()) {
            switch (in.tag()) {
                case Email.RECURRENCES -> in.skip();
                case Email _, Email2 _ -> {
                    var tag = in.tag();
                    map.put(tag, in.text());
                }
                default -> in.skip();
            }
        }
        return map;
    }

    /** The content of the present element; steps out of it. */
    static byte[] allBytes(WbxmlReader in) {
        try (var bytes = in.bytes()) {
            return bytes.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
