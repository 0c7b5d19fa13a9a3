package org.airpost.wbxml;

import java.util.Set;

/**
 * Which contents a log may show: those of the protocol, never those of a person. A tag that is not listed here, a new one
 * above all, is not shown.
 */
final class Redaction {

    /** Pages all of whose contents are keys, ids, statuses, options and policies. */
    private static final Set<String> PAGES = Set.of("AirSync", "Move", "GetItemEstimate", "Ping", "Provision");

    /** Contents of that kind on the other pages. */
    private static final Set<String> NAMES = Set.of(
            "AllOrNone",
            "BusyStatus",
            "Class",
            "ClientId",
            "CollectionId",
            "ContentType",
            "Count",
            "DateReceived",
            "DeepTraversal",
            "DeletesAsMoves",
            "DtStamp",
            "EstimatedDataSize",
            "FilterType",
            "FileReference",
            "FolderId",
            "Importance",
            "InstanceId",
            "InstanceType",
            "InternetCPID",
            "IsDraft",
            "IsInline",
            "ItemId",
            "LongId",
            "MeetingMessageType",
            "MessageClass",
            "Method",
            "NativeBodyType",
            "ParentId",
            "Part",
            "Range",
            "Read",
            "RequestId",
            "ResponseRequested",
            "SaveInSentItems",
            "ServerId",
            "Status",
            "Store",
            "SyncKey",
            "Total",
            "Truncated",
            "TruncationSize",
            "Type",
            "UserResponse",
            "WindowSize");

    private Redaction() {}

    static boolean shows(Tag tag) {
        return PAGES.contains(tag.namespace()) || NAMES.contains(tag.tagName());
    }
}
