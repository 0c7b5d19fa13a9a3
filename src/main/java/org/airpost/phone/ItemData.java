package org.airpost.phone;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.wbxml.Tag;

/**
 * What one ApplicationData or Properties carries; what it leaves out is empty here.
 *
 * @param properties plain children by tag, such as {@code Email.SUBJECT}; opaque ones as base64
 * @param meetingRequest plain children of MeetingRequest by tag
 */
public record ItemData(
        Map<Tag, String> properties,
        Optional<Body> body,
        Optional<Body> bodyPart,
        Optional<List<Attachment>> attachments,
        Optional<Flag> flag,
        Optional<List<String>> categories,
        Optional<Map<Tag, String>> meetingRequest) {

    public static final ItemData NOTHING = new ItemData(
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    public ItemData {
        properties = Map.copyOf(properties);
        attachments = attachments.map(List::copyOf);
        categories = categories.map(List::copyOf);
        meetingRequest = meetingRequest.map(Map::copyOf);
    }
}
