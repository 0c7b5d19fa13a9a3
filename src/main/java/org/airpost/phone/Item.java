package org.airpost.phone;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/** An item of a replica: all that the server has told about it so far. */
public record Item(
        String serverId,
        Map<Tag, String> properties,
        Optional<Body> body,
        Optional<Body> bodyPart,
        List<Attachment> attachments,
        Flag flag,
        List<String> categories,
        Map<Tag, String> meetingRequest) {

    public Item {
        properties = Map.copyOf(properties);
        attachments = List.copyOf(attachments);
        categories = List.copyOf(categories);
        meetingRequest = Map.copyOf(meetingRequest);
    }

    static Item of(String serverId, ItemData data) {
        return new Item(
                serverId,
                data.properties(),
                data.body(),
                data.bodyPart(),
                data.attachments().orElse(List.of()),
                data.flag().orElse(Flag.NONE),
                data.categories().orElse(List.of()),
                data.meetingRequest().orElse(Map.of()));
    }

    /** This item with what a Change says; what the Change leaves out stays. */
    Item with(ItemData change) {
        var merged = new HashMap<>(properties);
        merged.putAll(change.properties());
        return new Item(
                serverId,
                merged,
                change.body().or(() -> body),
                change.bodyPart().or(() -> bodyPart),
                change.attachments().orElse(attachments),
                change.flag().orElse(flag),
                change.categories().orElse(categories),
                change.meetingRequest().orElse(meetingRequest));
    }

    Item withServerId(String id) {
        return new Item(id, properties, body, bodyPart, attachments, flag, categories, meetingRequest);
    }

    /** The text of a plain child, empty if the server never sent it. */
    public String text(Tag tag) {
        return properties.getOrDefault(tag, "");
    }

    public String subject() {
        return text(Email.SUBJECT);
    }

    public String from() {
        return text(Email.FROM);
    }

    public String to() {
        return text(Email.TO);
    }

    public boolean read() {
        return text(Email.READ).equals("1");
    }

    /** 0 none, 1 reply, 2 reply to all, 3 forward. */
    public String lastVerbExecuted() {
        return text(Email2.LAST_VERB_EXECUTED);
    }

    /** Empty if missing or no date. */
    public Optional<Instant> dateReceived() {
        try {
            return Optional.of(Instant.parse(text(Email.DATE_RECEIVED)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
