package org.airpost.eas;

import java.util.Map;
import java.util.Optional;

/**
 * What the query string and the headers of a POST say, plain or base64. Source: MS-ASHTTP "Request Line", "Request
 * Headers".
 *
 * @param command the command
 * @param version from the base64 query, else from MS-ASProtocolVersion; 12.1 if neither says
 * @param deviceId canonical form, see {@link DeviceKey}
 * @param deviceType such as {@code iPhone}
 * @param policyKey from the base64 query, else from X-MS-PolicyKey; empty if none was sent
 * @param user as the query says it, empty if it does not
 * @param parameters the command's own: AttachmentName, CollectionId, ItemId, LongId, ParentId, Occurrence
 * @param saveInSent the SaveInSent option of 12.1
 * @param acceptMultiPart MS-ASAcceptMultiPart
 */
public record RequestLine(
        CommandName command,
        ProtocolVersion version,
        String deviceId,
        String deviceType,
        Optional<Long> policyKey,
        String user,
        Map<Parameter, String> parameters,
        boolean saveInSent,
        boolean acceptMultiPart) {

    /** Command parameters with their tag in a base64 query. Source: MS-ASHTTP "Command Parameters". */
    public enum Parameter {
        ATTACHMENT_NAME(0, "AttachmentName"),
        COLLECTION_ID(1, "CollectionId"),
        ITEM_ID(3, "ItemId"),
        LONG_ID(4, "LongId"),
        PARENT_ID(5, "ParentId"),
        OCCURRENCE(6, "Occurrence");

        private final int tag;
        private final String text;

        Parameter(int tag, String text) {
            this.tag = tag;
            this.text = text;
        }

        public int tag() {
            return tag;
        }

        public String text() {
            return text;
        }
    }

    public RequestLine {
        parameters = Map.copyOf(parameters);
    }
}
