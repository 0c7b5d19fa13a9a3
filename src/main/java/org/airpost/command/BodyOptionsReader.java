package org.airpost.command;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;

/**
 * Collects what the children of an Options element ask about bodies; Sync, ItemOperations and Search share it. Source:
 * MS-ASCMD "Options (Sync)", "Options (ItemOperations)"; MS-ASAIRS "BodyPreference", "BodyPartPreference".
 *
 * <pre>{@code
 * var bodies = new BodyOptionsReader();
 * while (in.child()) {
 *     if (!bodies.take(in)) {
 *         switch (in.tag()) { ... }
 *     }
 * }
 * use(bodies.options());
 * }</pre>
 */
public final class BodyOptionsReader {

    private static final long MOST_BYTES = 0xFFFF_FFFFL;

    private final Map<BodyType, BodyPreference> preferences = new LinkedHashMap<>();
    private final Map<BodyType, BodyPreference> parts = new EnumMap<>(BodyType.class);
    private int mimeSupport;
    private Optional<Integer> mimeTruncation = Optional.empty();

    /** Reads the present element and is true if it is about bodies; else leaves the cursor where it is. */
    public boolean take(WbxmlReader in) {
        return switch (in.tag()) {
            case AirSyncBase.BODY_PREFERENCE -> {
                put(preferences, readPreference(in));
                yield true;
            }
            case AirSyncBase.BODY_PART_PREFERENCE -> {
                put(parts, readPreference(in));
                yield true;
            }
            case AirSync.MIME_SUPPORT -> {
                mimeSupport = (int) in.number(0, 2);
                yield true;
            }
            case AirSync.MIME_TRUNCATION -> {
                mimeTruncation = Optional.of((int) in.number(0, 8));
                yield true;
            }
            // They cut the Body of 2.5, which is not the Body of AirSyncBase. Source: MS-ASCMD_R7354.
            case AirSync.TRUNCATION, AirSync.RTF_TRUNCATION -> {
                in.skip();
                yield true;
            }
            default -> false;
        };
    }

    /**
     * What was asked so far. A body part of another type than HTML is a {@link StatusException} 164, thrown here and not
     * while reading, so that the document can be read to its end. Source: MS-ASCMD "Common Status Codes" 164.
     */
    public BodyOptions options() {
        if (parts.keySet().stream().anyMatch(type -> type != BodyType.HTML)) {
            throw new StatusException(
                    CommonStatus.BODY_PART_PREFERENCE_TYPE_NOT_SUPPORTED, "body part " + parts.keySet());
        }
        return new BodyOptions(
                List.copyOf(preferences.values()),
                Optional.ofNullable(parts.get(BodyType.HTML)),
                mimeSupport,
                mimeTruncation);
    }

    /** One for each type; of two, the last (sync-rules SC-32), in the place of the last. */
    private static void put(Map<BodyType, BodyPreference> into, BodyPreference preference) {
        into.remove(preference.type());
        into.put(preference.type(), preference);
    }

    private static BodyPreference readPreference(WbxmlReader in) {
        Optional<BodyType> type = Optional.empty();
        Optional<Long> truncationSize = Optional.empty();
        boolean allOrNone = false;
        int preview = 0;
        while (in.child()) {
            switch (in.tag()) {
                case AirSyncBase.TYPE -> type = BodyType.ofCode(in.number(1, 4));
                case AirSyncBase.TRUNCATION_SIZE -> truncationSize = Optional.of(in.number(0, MOST_BYTES));
                case AirSyncBase.ALL_OR_NONE -> allOrNone = in.flag();
                case AirSyncBase.PREVIEW -> preview = (int) in.number(0, 255);
                default -> in.skip();
            }
        }
        return new BodyPreference(
                type.orElseThrow(() -> in.malformed("a body preference without Type")),
                truncationSize,
                allOrNone,
                preview);
    }
}
